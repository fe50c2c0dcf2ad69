// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `StreamsGroupCurrentMemberAssignmentValue`, version 0.

use crate::codec::*;

/// `StreamsGroupCurrentMemberAssignmentValue`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamsGroupCurrentMemberAssignmentValue {
    /// The current member epoch that is expected from the member in the heartbeat request.
    pub member_epoch: i32,
    /// If the last epoch bump is lost before reaching the member, the member will retry with the previous epoch.
    pub previous_member_epoch: i32,
    /// The member state. See StreamsGroupMember.MemberState for the possible values.
    pub state: i8,
    /// Currently assigned active tasks for this streams client.
    pub active_tasks: Vec<TaskIds>,
    /// Currently assigned standby tasks for this streams client.
    pub standby_tasks: Vec<TaskIds>,
    /// Currently assigned warm-up tasks for this streams client.
    pub warmup_tasks: Vec<TaskIds>,
    /// The active tasks that must be revoked by this member.
    pub active_tasks_pending_revocation: Vec<TaskIds>,
    /// The standby tasks that must be revoked by this member.
    pub standby_tasks_pending_revocation: Vec<TaskIds>,
    /// The warmup tasks that must be revoked by this member.
    pub warmup_tasks_pending_revocation: Vec<TaskIds>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for StreamsGroupCurrentMemberAssignmentValue {
    fn default() -> StreamsGroupCurrentMemberAssignmentValue {
        StreamsGroupCurrentMemberAssignmentValue {
            member_epoch: 0,
            previous_member_epoch: 0,
            state: 0,
            active_tasks: Vec::new(),
            standby_tasks: Vec::new(),
            warmup_tasks: Vec::new(),
            active_tasks_pending_revocation: Vec::new(),
            standby_tasks_pending_revocation: Vec::new(),
            warmup_tasks_pending_revocation: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl StreamsGroupCurrentMemberAssignmentValue {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<StreamsGroupCurrentMemberAssignmentValue> {
        let flexible = true;
        let mut it = StreamsGroupCurrentMemberAssignmentValue::default();
        it.member_epoch = reader.i32()?;
        it.previous_member_epoch = reader.i32()?;
        it.state = reader.i8()?;
        it.active_tasks = reader.array(flexible, 3, |reader| TaskIds::read(reader, version))?;
        it.standby_tasks = reader.array(flexible, 3, |reader| TaskIds::read(reader, version))?;
        it.warmup_tasks = reader.array(flexible, 3, |reader| TaskIds::read(reader, version))?;
        it.active_tasks_pending_revocation =
            reader.array(flexible, 3, |reader| TaskIds::read(reader, version))?;
        it.standby_tasks_pending_revocation =
            reader.array(flexible, 3, |reader| TaskIds::read(reader, version))?;
        it.warmup_tasks_pending_revocation =
            reader.array(flexible, 3, |reader| TaskIds::read(reader, version))?;
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
        writer.array(Some(&self.active_tasks), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.array(Some(&self.standby_tasks), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.array(Some(&self.warmup_tasks), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.array(
            Some(&self.active_tasks_pending_revocation),
            flexible,
            |writer, it| it.write(writer, version),
        )?;
        writer.array(
            Some(&self.standby_tasks_pending_revocation),
            flexible,
            |writer, it| it.write(writer, version),
        )?;
        writer.array(
            Some(&self.warmup_tasks_pending_revocation),
            flexible,
            |writer, it| it.write(writer, version),
        )?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`StreamsGroupCurrentMemberAssignmentValue`].
#[derive(Clone, Debug, PartialEq)]
pub struct TaskIds {
    /// The subtopology ID.
    pub subtopology_id: Str,
    /// The partitions of the input topics processed by this member.
    pub partitions: Vec<i32>,
    /// The epoch at which the partition was assigned to the member. Used to fence zombie commits requests. Of the same length as Partitions. Only defined for active tasks.
    pub assignment_epochs: Option<Vec<i32>>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TaskIds {
    fn default() -> TaskIds {
        TaskIds {
            subtopology_id: Str::new(),
            partitions: Vec::new(),
            assignment_epochs: Some(Vec::new()),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TaskIds {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TaskIds> {
        let flexible = true;
        let mut it = TaskIds::default();
        it.subtopology_id = reader.string(flexible)?;
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
        writer.string(Some(&self.subtopology_id), flexible)?;
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

impl Message for StreamsGroupCurrentMemberAssignmentValue {
    const NAME: &'static str = "StreamsGroupCurrentMemberAssignmentValue";
    const API_KEY: Option<i16> = Some(22);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        StreamsGroupCurrentMemberAssignmentValue::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
