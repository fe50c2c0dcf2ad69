// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `AlterPartitionRequest`, versions 2 to 3.

use crate::codec::*;

/// `AlterPartitionRequest`, versions 2 to 3.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterPartitionRequest {
    /// The ID of the requesting broker.
    pub broker_id: i32,
    /// The epoch of the requesting broker.
    pub broker_epoch: i64,
    /// The topics to alter ISRs for.
    pub topics: Vec<TopicData>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AlterPartitionRequest {
    fn default() -> AlterPartitionRequest {
        AlterPartitionRequest {
            broker_id: 0,
            broker_epoch: -1,
            topics: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AlterPartitionRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<AlterPartitionRequest> {
        let flexible = true;
        let mut it = AlterPartitionRequest::default();
        it.broker_id = reader.i32()?;
        it.broker_epoch = reader.i64()?;
        it.topics = reader.array(flexible, 18, |reader| TopicData::read(reader, version))?;
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
        writer.array(Some(&self.topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`AlterPartitionRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct TopicData {
    /// The ID of the topic to alter ISRs for.
    pub topic_id: [u8; 16],
    /// The partitions to alter ISRs for.
    pub partitions: Vec<PartitionData>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TopicData {
    fn default() -> TopicData {
        TopicData {
            topic_id: [0; 16],
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TopicData {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TopicData> {
        let flexible = true;
        let mut it = TopicData::default();
        it.topic_id = reader.uuid()?;
        it.partitions =
            reader.array(flexible, 15, |reader| PartitionData::read(reader, version))?;
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
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`AlterPartitionRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionData {
    /// The partition index.
    pub partition_index: i32,
    /// The leader epoch of this partition.
    pub leader_epoch: i32,
    /// The ISR for this partition. Deprecated since version 3.
    pub new_isr: Vec<i32>,
    /// The ISR for this partition.
    pub new_isr_with_epochs: Vec<BrokerState>,
    /// 1 if the partition is recovering from an unclean leader election; 0 otherwise.
    pub leader_recovery_state: i8,
    /// The expected epoch of the partition which is being updated.
    pub partition_epoch: i32,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for PartitionData {
    fn default() -> PartitionData {
        PartitionData {
            partition_index: 0,
            leader_epoch: 0,
            new_isr: Vec::new(),
            new_isr_with_epochs: Vec::new(),
            leader_recovery_state: 0,
            partition_epoch: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl PartitionData {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<PartitionData> {
        let flexible = true;
        let mut it = PartitionData::default();
        it.partition_index = reader.i32()?;
        it.leader_epoch = reader.i32()?;
        if version <= 2 {
            it.new_isr = reader.array(flexible, 4, |reader| reader.i32())?;
        }
        if version >= 3 {
            it.new_isr_with_epochs =
                reader.array(flexible, 1, |reader| BrokerState::read(reader, version))?;
        }
        it.leader_recovery_state = reader.i8()?;
        it.partition_epoch = reader.i32()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        if !(version <= 2) && !self.new_isr.is_empty() {
            return Err(EncodeError::Field {
                name: "PartitionData",
                field: "new_isr",
                version,
            });
        }
        if !(version >= 3) && !self.new_isr_with_epochs.is_empty() {
            return Err(EncodeError::Field {
                name: "PartitionData",
                field: "new_isr_with_epochs",
                version,
            });
        }
        writer.i32(self.partition_index);
        writer.i32(self.leader_epoch);
        if version <= 2 {
            writer.array(Some(&self.new_isr), flexible, |writer, it| {
                writer.i32(*it);
                Ok(())
            })?;
        }
        if version >= 3 {
            writer.array(Some(&self.new_isr_with_epochs), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        writer.i8(self.leader_recovery_state);
        writer.i32(self.partition_epoch);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`AlterPartitionRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerState {
    /// The ID of the broker.
    pub broker_id: i32,
    /// The epoch of the broker. It will be -1 if the epoch check is not supported.
    pub broker_epoch: i64,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for BrokerState {
    fn default() -> BrokerState {
        BrokerState {
            broker_id: 0,
            broker_epoch: -1,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl BrokerState {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<BrokerState> {
        let flexible = true;
        let mut it = BrokerState::default();
        if version >= 3 {
            it.broker_id = reader.i32()?;
        }
        if version >= 3 {
            it.broker_epoch = reader.i64()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        if !(version >= 3) && self.broker_id != 0 {
            return Err(EncodeError::Field {
                name: "BrokerState",
                field: "broker_id",
                version,
            });
        }
        if !(version >= 3) && self.broker_epoch != -1 {
            return Err(EncodeError::Field {
                name: "BrokerState",
                field: "broker_epoch",
                version,
            });
        }
        if version >= 3 {
            writer.i32(self.broker_id);
        }
        if version >= 3 {
            writer.i64(self.broker_epoch);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for AlterPartitionRequest {
    const NAME: &'static str = "AlterPartitionRequest";
    const API_KEY: Option<i16> = Some(56);
    const VERSIONS: Versions = Versions { from: 2, to: 3 };
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        AlterPartitionRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
