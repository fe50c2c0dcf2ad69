// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ConsumerGroupCurrentMemberAssignmentValue`, version 0.

use crate::codec::*;

/// `ConsumerGroupCurrentMemberAssignmentValue`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerGroupCurrentMemberAssignmentValue {
    /// The current member epoch that is expected from the member in the heartbeat request.
    pub member_epoch: i32,
    /// If the last epoch bump is lost before reaching the member, the member will retry with the previous epoch.
    pub previous_member_epoch: i32,
    /// The member state. See MemberState for the possible values.
    pub state: i8,
    /// The partitions assigned to (or owned by) this member.
    pub assigned_partitions: Vec<TopicPartitions>,
    /// The partitions that must be revoked by this member.
    pub partitions_pending_revocation: Vec<TopicPartitions>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ConsumerGroupCurrentMemberAssignmentValue {
    fn default() -> ConsumerGroupCurrentMemberAssignmentValue {
        ConsumerGroupCurrentMemberAssignmentValue {
            member_epoch: 0,
            previous_member_epoch: 0,
            state: 0,
            assigned_partitions: Vec::new(),
            partitions_pending_revocation: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ConsumerGroupCurrentMemberAssignmentValue {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<ConsumerGroupCurrentMemberAssignmentValue> {
        let flexible = true;
        let mut it = ConsumerGroupCurrentMemberAssignmentValue::default();
        it.member_epoch = reader.i32()?;
        it.previous_member_epoch = reader.i32()?;
        it.state = reader.i8()?;
        it.assigned_partitions = reader.array(flexible, 18, |reader| {
            TopicPartitions::read(reader, version)
        })?;
        it.partitions_pending_revocation = reader.array(flexible, 18, |reader| {
            TopicPartitions::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.member_epoch);
        writer.i32(self.previous_member_epoch);
        writer.i8(self.state);
        writer.array(Some(&self.assigned_partitions), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.array(
            Some(&self.partitions_pending_revocation),
            flexible,
            |writer, it| it.write(writer, version),
        )?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ConsumerGroupCurrentMemberAssignmentValue`].
#[derive(Clone, Debug, PartialEq)]
pub struct TopicPartitions {
    /// The topic Id.
    pub topic_id: [u8; 16],
    /// The partition Ids.
    pub partitions: Vec<i32>,
    /// The epoch at which the partition was assigned to the member. Used to fence zombie commits requests. Of the same length as Partitions.
    pub assignment_epochs: Option<Vec<i32>>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TopicPartitions {
    fn default() -> TopicPartitions {
        TopicPartitions {
            topic_id: [0; 16],
            partitions: Vec::new(),
            assignment_epochs: Some(Vec::new()),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TopicPartitions {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TopicPartitions> {
        let flexible = true;
        let mut it = TopicPartitions::default();
        it.topic_id = reader.uuid()?;
        it.partitions = reader.array(flexible, 4, |reader| reader.i32())?;
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 => {
                        it.assignment_epochs =
                            reader.nullable_array(flexible, 4, |reader| reader.i32())?
                    }
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
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
            let mut tagged = TaggedFields::default();
            if self
                .assignment_epochs
                .as_ref()
                .is_none_or(|it| !it.is_empty())
            {
                tagged.add(0, |writer| {
                    writer.array(self.assignment_epochs.as_deref(), true, |writer, it| {
                        writer.i32(*it);
                        Ok(())
                    })?;
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ConsumerGroupCurrentMemberAssignmentValue {
    const NAME: &'static str = "ConsumerGroupCurrentMemberAssignmentValue";
    const API_KEY: Option<i16> = Some(8);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ConsumerGroupCurrentMemberAssignmentValue::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
