// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `DescribeClientQuotasRequest`, versions 0 to 1.

use crate::codec::*;

/// `DescribeClientQuotasRequest`, versions 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeClientQuotasRequest {
    /// Filter components to apply to quota entities.
    pub components: Vec<ComponentData>,
    /// Whether the match is strict, i.e. should exclude entities with unspecified entity types.
    pub strict: bool,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DescribeClientQuotasRequest {
    fn default() -> DescribeClientQuotasRequest {
        DescribeClientQuotasRequest {
            components: Vec::new(),
            strict: false,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DescribeClientQuotasRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DescribeClientQuotasRequest> {
        let flexible = version >= 1;
        let mut it = DescribeClientQuotasRequest::default();
        it.components = reader.array(flexible, 4, |reader| ComponentData::read(reader, version))?;
        it.strict = reader.bool()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 1;
        writer.array(Some(&self.components), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.bool(self.strict);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`DescribeClientQuotasRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct ComponentData {
    /// The entity type that the filter component applies to.
    pub entity_type: Str,
    /// How to match the entity {0 = exact name, 1 = default name, 2 = any specified name}.
    pub match_type: i8,
    /// The string to match against, or null if unused for the match type.
    pub r#match: Option<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ComponentData {
    fn default() -> ComponentData {
        ComponentData {
            entity_type: Str::new(),
            match_type: 0,
            r#match: Some(Str::new()),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ComponentData {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ComponentData> {
        let flexible = version >= 1;
        let mut it = ComponentData::default();
        it.entity_type = reader.string(flexible)?;
        it.match_type = reader.i8()?;
        it.r#match = reader.nullable_string(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 1;
        writer.string(Some(&self.entity_type), flexible)?;
        writer.i8(self.match_type);
        writer.string(self.r#match.as_deref(), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for DescribeClientQuotasRequest {
    const NAME: &'static str = "DescribeClientQuotasRequest";
    const API_KEY: Option<i16> = Some(48);
    const VERSIONS: Versions = Versions { from: 0, to: 1 };
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        DescribeClientQuotasRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
