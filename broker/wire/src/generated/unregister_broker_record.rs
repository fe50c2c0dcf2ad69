// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `UnregisterBrokerRecord`, version 0.

use crate::codec::*;

/// `UnregisterBrokerRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct UnregisterBrokerRecord {
    /// The broker id.
    pub broker_id: i32,
    /// The broker epoch.
    pub broker_epoch: i64,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for UnregisterBrokerRecord {
    fn default() -> UnregisterBrokerRecord {
        UnregisterBrokerRecord {
            broker_id: 0,
            broker_epoch: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl UnregisterBrokerRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<UnregisterBrokerRecord> {
        let flexible = true;
        let mut it = UnregisterBrokerRecord::default();
        it.broker_id = reader.i32()?;
        it.broker_epoch = reader.i64()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.broker_id);
        writer.i64(self.broker_epoch);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for UnregisterBrokerRecord {
    const NAME: &'static str = "UnregisterBrokerRecord";
    const API_KEY: Option<i16> = Some(1);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        UnregisterBrokerRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
