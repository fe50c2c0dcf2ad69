// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ReassignmentRecord`, version 0.

use crate::codec::*;

/// `ReassignmentRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ReassignmentRecord {
    /// The name that whoever began it gave it.
    pub reassignment_id: Str,
    /// Bytes per second that a broker may send its adding replicas, and as many that a broker may receive for them. -1: no limit.
    pub throttle: i64,
    /// The partitions that are being reassigned.
    pub topics: Vec<ReassignedTopic>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ReassignmentRecord {
    fn default() -> ReassignmentRecord {
        ReassignmentRecord {
            reassignment_id: Str::new(),
            throttle: -1,
            topics: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ReassignmentRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ReassignmentRecord> {
        let flexible = true;
        let mut it = ReassignmentRecord::default();
        it.reassignment_id = reader.string(flexible)?;
        it.throttle = reader.i64()?;
        it.topics = reader.array(flexible, 18, |reader| {
            ReassignedTopic::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.reassignment_id), flexible)?;
        writer.i64(self.throttle);
        writer.array(Some(&self.topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ReassignmentRecord`].
#[derive(Clone, Debug, PartialEq)]
pub struct ReassignedTopic {
    /// The topic.
    pub topic_id: [u8; 16],
    /// Indexes of its partitions.
    pub partitions: Vec<i32>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ReassignedTopic {
    fn default() -> ReassignedTopic {
        ReassignedTopic {
            topic_id: [0; 16],
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ReassignedTopic {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ReassignedTopic> {
        let flexible = true;
        let mut it = ReassignedTopic::default();
        it.topic_id = reader.uuid()?;
        it.partitions = reader.array(flexible, 4, |reader| reader.i32())?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.uuid(self.topic_id);
        writer.array(Some(&self.partitions), flexible, |writer, it| {
            writer.i32(*it);
            Ok(())
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ReassignmentRecord {
    const NAME: &'static str = "ReassignmentRecord";
    const API_KEY: Option<i16> = Some(10001);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ReassignmentRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
