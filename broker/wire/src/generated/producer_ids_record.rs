// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ProducerIdsRecord`, version 0.

use crate::codec::*;

/// `ProducerIdsRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ProducerIdsRecord {
    /// The ID of the requesting broker
    pub broker_id: i32,
    /// The epoch of the requesting broker
    pub broker_epoch: i64,
    /// The next producerId that will be assigned (i.e. the first producerId in the next assigned block)
    pub next_producer_id: i64,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ProducerIdsRecord {
    fn default() -> ProducerIdsRecord {
        ProducerIdsRecord {
            broker_id: 0,
            broker_epoch: -1,
            next_producer_id: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ProducerIdsRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ProducerIdsRecord> {
        let flexible = true;
        let mut it = ProducerIdsRecord::default();
        it.broker_id = reader.i32()?;
        it.broker_epoch = reader.i64()?;
        it.next_producer_id = reader.i64()?;
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
        writer.i64(self.next_producer_id);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ProducerIdsRecord {
    const NAME: &'static str = "ProducerIdsRecord";
    const API_KEY: Option<i16> = Some(15);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ProducerIdsRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
