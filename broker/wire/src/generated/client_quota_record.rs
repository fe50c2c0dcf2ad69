// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ClientQuotaRecord`, version 0.

use crate::codec::*;

/// `ClientQuotaRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientQuotaRecord {
    /// The quota entity to alter.
    pub entity: Vec<EntityData>,
    /// The quota configuration key.
    pub key: Str,
    /// The value to set, otherwise ignored if the value is to be removed.
    pub value: f64,
    /// Whether the quota configuration value should be removed, otherwise set.
    pub remove: bool,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ClientQuotaRecord {
    fn default() -> ClientQuotaRecord {
        ClientQuotaRecord {
            entity: Vec::new(),
            key: Str::new(),
            value: 0.0,
            remove: false,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ClientQuotaRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ClientQuotaRecord> {
        let flexible = true;
        let mut it = ClientQuotaRecord::default();
        it.entity = reader.array(flexible, 3, |reader| EntityData::read(reader, version))?;
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
        let flexible = true;
        writer.array(Some(&self.entity), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.string(Some(&self.key), flexible)?;
        writer.f64(self.value);
        writer.bool(self.remove);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ClientQuotaRecord`].
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
        let flexible = true;
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
        let flexible = true;
        writer.string(Some(&self.entity_type), flexible)?;
        writer.string(self.entity_name.as_deref(), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ClientQuotaRecord {
    const NAME: &'static str = "ClientQuotaRecord";
    const API_KEY: Option<i16> = Some(14);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ClientQuotaRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
