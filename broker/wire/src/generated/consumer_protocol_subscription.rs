// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ConsumerProtocolSubscription`, versions 0 to 3.

use crate::codec::*;

/// `ConsumerProtocolSubscription`, versions 0 to 3.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerProtocolSubscription {
    /// The topics that the member wants to consume.
    pub topics: Vec<Str>,
    /// User data that will be passed back to the consumer.
    pub user_data: Option<Bytes>,
    /// The partitions that the member owns.
    pub owned_partitions: Vec<TopicPartition>,
    /// The generation id of the member.
    pub generation_id: i32,
    /// The rack id of the member.
    pub rack_id: Option<Str>,
}

impl Default for ConsumerProtocolSubscription {
    fn default() -> ConsumerProtocolSubscription {
        ConsumerProtocolSubscription {
            topics: Vec::new(),
            user_data: None,
            owned_partitions: Vec::new(),
            generation_id: -1,
            rack_id: None,
        }
    }
}

impl ConsumerProtocolSubscription {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ConsumerProtocolSubscription> {
        let flexible = false;
        let mut it = ConsumerProtocolSubscription::default();
        it.topics = reader.array(flexible, 2, |reader| reader.string(flexible))?;
        it.user_data = reader.nullable_bytes(flexible)?;
        if version >= 1 {
            it.owned_partitions =
                reader.array(flexible, 1, |reader| TopicPartition::read(reader, version))?;
        }
        if version >= 2 {
            it.generation_id = reader.i32()?;
        }
        if version >= 3 {
            it.rack_id = reader.nullable_string(flexible)?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.array(Some(&self.topics), flexible, |writer, it| {
            writer.string(Some(it), flexible)
        })?;
        writer.bytes(self.user_data.as_deref(), flexible)?;
        if version >= 1 {
            writer.array(Some(&self.owned_partitions), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if version >= 2 {
            writer.i32(self.generation_id);
        }
        if version >= 3 {
            writer.string(self.rack_id.as_deref(), flexible)?;
        }
        Ok(())
    }
}

/// Part of [`ConsumerProtocolSubscription`].
#[derive(Clone, Debug, PartialEq)]
pub struct TopicPartition {
    /// The topic name.
    pub topic: Str,
    /// The partition ids.
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
        if version >= 1 {
            it.topic = reader.string(flexible)?;
        }
        if version >= 1 {
            it.partitions = reader.array(flexible, 4, |reader| reader.i32())?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        if !(version >= 1) && !self.topic.is_empty() {
            return Err(EncodeError::Field {
                name: "TopicPartition",
                field: "topic",
                version,
            });
        }
        if !(version >= 1) && !self.partitions.is_empty() {
            return Err(EncodeError::Field {
                name: "TopicPartition",
                field: "partitions",
                version,
            });
        }
        if version >= 1 {
            writer.string(Some(&self.topic), flexible)?;
        }
        if version >= 1 {
            writer.array(Some(&self.partitions), flexible, |writer, it| {
                writer.i32(*it);
                Ok(())
            })?;
        }
        Ok(())
    }
}

impl Message for ConsumerProtocolSubscription {
    const NAME: &'static str = "ConsumerProtocolSubscription";
    const API_KEY: Option<i16> = None;
    const VERSIONS: Versions = Versions { from: 0, to: 3 };
    const FLEXIBLE_FROM: Option<i16> = None;

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ConsumerProtocolSubscription::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
