// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `StopGrantRecord`, version 0.

use crate::codec::*;

/// `StopGrantRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct StopGrantRecord {
    /// The broker that may be stopped.
    pub broker_id: i32,
    /// The registration that the grant is for.
    pub broker_epoch: i64,
    /// False when the grant is over.
    pub held: bool,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for StopGrantRecord {
    fn default() -> StopGrantRecord {
        StopGrantRecord {
            broker_id: 0,
            broker_epoch: 0,
            held: false,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl StopGrantRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<StopGrantRecord> {
        let flexible = true;
        let mut it = StopGrantRecord::default();
        it.broker_id = reader.i32()?;
        it.broker_epoch = reader.i64()?;
        it.held = reader.bool()?;
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
        writer.bool(self.held);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for StopGrantRecord {
    const NAME: &'static str = "StopGrantRecord";
    const API_KEY: Option<i16> = Some(10000);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        StopGrantRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
