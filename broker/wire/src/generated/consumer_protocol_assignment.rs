// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ConsumerProtocolAssignment`, versions 0 to 3.

use crate::codec::*;

/// `ConsumerProtocolAssignment`, versions 0 to 3.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerProtocolAssignment {
    /// The list of topics and partitions assigned to this consumer.
    pub assigned_partitions: Vec<TopicPartition>,
    /// User data.
    pub user_data: Option<Bytes>,
}

impl Default for ConsumerProtocolAssignment {
    fn default() -> ConsumerProtocolAssignment {
        ConsumerProtocolAssignment {
            assigned_partitions: Vec::new(),
            user_data: None,
        }
    }
}

impl ConsumerProtocolAssignment {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ConsumerProtocolAssignment> {
        let flexible = false;
        let mut it = ConsumerProtocolAssignment::default();
        it.assigned_partitions =
            reader.array(flexible, 6, |reader| TopicPartition::read(reader, version))?;
        it.user_data = reader.nullable_bytes(flexible)?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.array(Some(&self.assigned_partitions), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.bytes(self.user_data.as_deref(), flexible)?;
        Ok(())
    }
}

/// Part of [`ConsumerProtocolAssignment`].
#[derive(Clone, Debug, PartialEq)]
pub struct TopicPartition {
    /// The topic name.
    pub topic: Str,
    /// The list of partitions assigned to this consumer.
    pub partitions: Vec<i32>,
}

impl Default for TopicPartition {
    fn default() -> TopicPartition {
        TopicPartition {
            topic: Str::new(),
            partitions: Vec::new(),
        }
    }
}

impl TopicPartition {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TopicPartition> {
        let flexible = false;
        let mut it = TopicPartition::default();
        it.topic = reader.string(flexible)?;
        it.partitions = reader.array(flexible, 4, |reader| reader.i32())?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.string(Some(&self.topic), flexible)?;
        writer.array(Some(&self.partitions), flexible, |writer, it| {
            writer.i32(*it);
            Ok(())
        })?;
        Ok(())
    }
}

impl Message for ConsumerProtocolAssignment {
    const NAME: &'static str = "ConsumerProtocolAssignment";
    const API_KEY: Option<i16> = None;
    const VERSIONS: Versions = Versions { from: 0, to: 3 };
    const FLEXIBLE_FROM: Option<i16> = None;

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ConsumerProtocolAssignment::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
