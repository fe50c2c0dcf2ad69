// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `DescribeConfigsRequest`, versions 1 to 4.

use crate::codec::*;

/// `DescribeConfigsRequest`, versions 1 to 4.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeConfigsRequest {
    /// The resources whose configurations we want to describe.
    pub resources: Vec<DescribeConfigsResource>,
    /// True if we should include all synonyms.
    pub include_synonyms: bool,
    /// True if we should include configuration documentation.
    pub include_documentation: bool,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DescribeConfigsRequest {
    fn default() -> DescribeConfigsRequest {
        DescribeConfigsRequest {
            resources: Vec::new(),
            include_synonyms: false,
            include_documentation: false,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DescribeConfigsRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DescribeConfigsRequest> {
        let flexible = version >= 4;
        let mut it = DescribeConfigsRequest::default();
        it.resources = reader.array(flexible, 4, |reader| {
            DescribeConfigsResource::read(reader, version)
        })?;
        it.include_synonyms = reader.bool()?;
        if version >= 3 {
            it.include_documentation = reader.bool()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 4;
        if !(version >= 3) && self.include_documentation {
            return Err(EncodeError::Field {
                name: "DescribeConfigsRequest",
                field: "include_documentation",
                version,
            });
        }
        writer.array(Some(&self.resources), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.bool(self.include_synonyms);
        if version >= 3 {
            writer.bool(self.include_documentation);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`DescribeConfigsRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeConfigsResource {
    /// The resource type.
    pub resource_type: i8,
    /// The resource name.
    pub resource_name: Str,
    /// The configuration keys to list, or null to list all configuration keys.
    pub configuration_keys: Option<Vec<Str>>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DescribeConfigsResource {
    fn default() -> DescribeConfigsResource {
        DescribeConfigsResource {
            resource_type: 0,
            resource_name: Str::new(),
            configuration_keys: Some(Vec::new()),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DescribeConfigsResource {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DescribeConfigsResource> {
        let flexible = version >= 4;
        let mut it = DescribeConfigsResource::default();
        it.resource_type = reader.i8()?;
        it.resource_name = reader.string(flexible)?;
        it.configuration_keys =
            reader.nullable_array(flexible, 1, |reader| reader.string(flexible))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 4;
        writer.i8(self.resource_type);
        writer.string(Some(&self.resource_name), flexible)?;
        writer.array(
            self.configuration_keys.as_deref(),
            flexible,
            |writer, it| writer.string(Some(it), flexible),
        )?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for DescribeConfigsRequest {
    const NAME: &'static str = "DescribeConfigsRequest";
    const API_KEY: Option<i16> = Some(32);
    const VERSIONS: Versions = Versions { from: 1, to: 4 };
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        DescribeConfigsRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
