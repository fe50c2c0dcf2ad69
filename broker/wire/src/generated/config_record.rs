// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ConfigRecord`, version 0.

use crate::codec::*;

/// `ConfigRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigRecord {
    /// The type of resource this configuration applies to.
    pub resource_type: i8,
    /// The name of the resource this configuration applies to.
    pub resource_name: Str,
    /// The name of the configuration key.
    pub name: Str,
    /// The value of the configuration, or null if the it should be deleted.
    pub value: Option<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ConfigRecord {
    fn default() -> ConfigRecord {
        ConfigRecord {
            resource_type: 0,
            resource_name: Str::new(),
            name: Str::new(),
            value: Some(Str::new()),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ConfigRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ConfigRecord> {
        let flexible = true;
        let mut it = ConfigRecord::default();
        it.resource_type = reader.i8()?;
        it.resource_name = reader.string(flexible)?;
        it.name = reader.string(flexible)?;
        it.value = reader.nullable_string(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i8(self.resource_type);
        writer.string(Some(&self.resource_name), flexible)?;
        writer.string(Some(&self.name), flexible)?;
        writer.string(self.value.as_deref(), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ConfigRecord {
    const NAME: &'static str = "ConfigRecord";
    const API_KEY: Option<i16> = Some(4);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ConfigRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
