// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `AlterClientQuotasRequest`, versions 0 to 1.

use crate::codec::*;

/// `AlterClientQuotasRequest`, versions 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterClientQuotasRequest {
    /// The quota configuration entries to alter.
    pub entries: Vec<EntryData>,
    /// Whether the alteration should be validated, but not performed.
    pub validate_only: bool,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AlterClientQuotasRequest {
    fn default() -> AlterClientQuotasRequest {
        AlterClientQuotasRequest {
            entries: Vec::new(),
            validate_only: false,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AlterClientQuotasRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<AlterClientQuotasRequest> {
        let flexible = version >= 1;
        let mut it = AlterClientQuotasRequest::default();
        it.entries = reader.array(flexible, 3, |reader| EntryData::read(reader, version))?;
        it.validate_only = reader.bool()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 1;
        writer.array(Some(&self.entries), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.bool(self.validate_only);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`AlterClientQuotasRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct EntryData {
    /// The quota entity to alter.
    pub entity: Vec<EntityData>,
    /// An individual quota configuration entry to alter.
    pub ops: Vec<OpData>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for EntryData {
    fn default() -> EntryData {
        EntryData {
            entity: Vec::new(),
            ops: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl EntryData {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<EntryData> {
        let flexible = version >= 1;
        let mut it = EntryData::default();
        it.entity = reader.array(flexible, 3, |reader| EntityData::read(reader, version))?;
        it.ops = reader.array(flexible, 11, |reader| OpData::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 1;
        writer.array(Some(&self.entity), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.array(Some(&self.ops), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`AlterClientQuotasRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct EntityData {
    /// The entity type.
    pub entity_type: Str,
    /// The name of the entity, or null if the default.
    pub entity_name: Option<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for EntityData {
    fn default() -> EntityData {
        EntityData {
            entity_type: Str::new(),
            entity_name: Some(Str::new()),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl EntityData {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<EntityData> {
        let flexible = version >= 1;
        let mut it = EntityData::default();
        it.entity_type = reader.string(flexible)?;
        it.entity_name = reader.nullable_string(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 1;
        writer.string(Some(&self.entity_type), flexible)?;
        writer.string(self.entity_name.as_deref(), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`AlterClientQuotasRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct OpData {
    /// The quota configuration key.
    pub key: Str,
    /// The value to set, otherwise ignored if the value is to be removed.
    pub value: f64,
    /// Whether the quota configuration value should be removed, otherwise set.
    pub remove: bool,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for OpData {
    fn default() -> OpData {
        OpData {
            key: Str::new(),
            value: 0.0,
            remove: false,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl OpData {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<OpData> {
        let flexible = version >= 1;
        let mut it = OpData::default();
        it.key = reader.string(flexible)?;
        it.value = reader.f64()?;
        it.remove = reader.bool()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 1;
        writer.string(Some(&self.key), flexible)?;
        writer.f64(self.value);
        writer.bool(self.remove);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for AlterClientQuotasRequest {
    const NAME: &'static str = "AlterClientQuotasRequest";
    const API_KEY: Option<i16> = Some(49);
    const VERSIONS: Versions = Versions { from: 0, to: 1 };
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        AlterClientQuotasRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
