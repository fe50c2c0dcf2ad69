// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ElectLeadersRequest`, versions 0 to 2.

use crate::codec::*;

/// `ElectLeadersRequest`, versions 0 to 2.
#[derive(Clone, Debug, PartialEq)]
pub struct ElectLeadersRequest {
    /// Type of elections to conduct for the partition. A value of '0' elects the preferred replica. A value of '1' elects the first live replica if there are no in-sync replica.
    pub election_type: i8,
    /// The topic partitions to elect leaders.
    pub topic_partitions: Option<Vec<TopicPartitions>>,
    /// The time in ms to wait for the election to complete.
    pub timeout_ms: i32,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ElectLeadersRequest {
    fn default() -> ElectLeadersRequest {
        ElectLeadersRequest {
            election_type: 0,
            topic_partitions: Some(Vec::new()),
            timeout_ms: 60000,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ElectLeadersRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ElectLeadersRequest> {
        let flexible = version >= 2;
        let mut it = ElectLeadersRequest::default();
        if version >= 1 {
            it.election_type = reader.i8()?;
        }
        it.topic_partitions =
            reader.nullable_array(flexible, 3, |reader| TopicPartitions::read(reader, version))?;
        it.timeout_ms = reader.i32()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        if !(version >= 1) && self.election_type != 0 {
            return Err(EncodeError::Field {
                name: "ElectLeadersRequest",
                field: "election_type",
                version,
            });
        }
        if version >= 1 {
            writer.i8(self.election_type);
        }
        writer.array(self.topic_partitions.as_deref(), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.i32(self.timeout_ms);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ElectLeadersRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct TopicPartitions {
    /// The name of a topic.
    pub topic: Str,
    /// The partitions of this topic whose leader should be elected.
    pub partitions: Vec<i32>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TopicPartitions {
    fn default() -> TopicPartitions {
        TopicPartitions {
            topic: Str::new(),
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TopicPartitions {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TopicPartitions> {
        let flexible = version >= 2;
        let mut it = TopicPartitions::default();
        it.topic = reader.string(flexible)?;
        it.partitions = reader.array(flexible, 4, |reader| reader.i32())?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        writer.string(Some(&self.topic), flexible)?;
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

impl Message for ElectLeadersRequest {
    const NAME: &'static str = "ElectLeadersRequest";
    const API_KEY: Option<i16> = Some(43);
    const VERSIONS: Versions = Versions { from: 0, to: 2 };
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ElectLeadersRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
