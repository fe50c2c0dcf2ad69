// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ConsumerGroupDescribeResponse`, versions 0 to 1.

use crate::codec::*;

/// `ConsumerGroupDescribeResponse`, versions 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerGroupDescribeResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// Each described group.
    pub groups: Vec<DescribedGroup>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ConsumerGroupDescribeResponse {
    fn default() -> ConsumerGroupDescribeResponse {
        ConsumerGroupDescribeResponse {
            throttle_time_ms: 0,
            groups: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ConsumerGroupDescribeResponse {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<ConsumerGroupDescribeResponse> {
        let flexible = true;
        let mut it = ConsumerGroupDescribeResponse::default();
        it.throttle_time_ms = reader.i32()?;
        it.groups = reader.array(flexible, 20, |reader| DescribedGroup::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.throttle_time_ms);
        writer.array(Some(&self.groups), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ConsumerGroupDescribeResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribedGroup {
    /// The describe error, or 0 if there was no error.
    pub error_code: i16,
    /// The top-level error message, or null if there was no error.
    pub error_message: Option<Str>,
    /// The group ID string.
    pub group_id: Str,
    /// The group state string, or the empty string.
    pub group_state: Str,
    /// The group epoch.
    pub group_epoch: i32,
    /// The assignment epoch.
    pub assignment_epoch: i32,
    /// The selected assignor.
    pub assignor_name: Str,
    /// The members.
    pub members: Vec<Member>,
    /// 32-bit bitfield to represent authorized operations for this group.
    pub authorized_operations: i32,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DescribedGroup {
    fn default() -> DescribedGroup {
        DescribedGroup {
            error_code: 0,
            error_message: None,
            group_id: Str::new(),
            group_state: Str::new(),
            group_epoch: 0,
            assignment_epoch: 0,
            assignor_name: Str::new(),
            members: Vec::new(),
            authorized_operations: -2147483648,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DescribedGroup {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DescribedGroup> {
        let flexible = true;
        let mut it = DescribedGroup::default();
        it.error_code = reader.i16()?;
        it.error_message = reader.nullable_string(flexible)?;
        it.group_id = reader.string(flexible)?;
        it.group_state = reader.string(flexible)?;
        it.group_epoch = reader.i32()?;
        it.assignment_epoch = reader.i32()?;
        it.assignor_name = reader.string(flexible)?;
        it.members = reader.array(flexible, 16, |reader| Member::read(reader, version))?;
        it.authorized_operations = reader.i32()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i16(self.error_code);
        writer.string(self.error_message.as_deref(), flexible)?;
        writer.string(Some(&self.group_id), flexible)?;
        writer.string(Some(&self.group_state), flexible)?;
        writer.i32(self.group_epoch);
        writer.i32(self.assignment_epoch);
        writer.string(Some(&self.assignor_name), flexible)?;
        writer.array(Some(&self.members), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.i32(self.authorized_operations);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ConsumerGroupDescribeResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The member ID.
    pub member_id: Str,
    /// The member instance ID.
    pub instance_id: Option<Str>,
    /// The member rack ID.
    pub rack_id: Option<Str>,
    /// The current member epoch.
    pub member_epoch: i32,
    /// The client ID.
    pub client_id: Str,
    /// The client host.
    pub client_host: Str,
    /// The subscribed topic names.
    pub subscribed_topic_names: Vec<Str>,
    /// the subscribed topic regex otherwise or null of not provided.
    pub subscribed_topic_regex: Option<Str>,
    /// The current assignment.
    pub assignment: Assignment,
    /// The target assignment.
    pub target_assignment: Assignment,
    /// -1 for unknown. 0 for classic member. +1 for consumer member.
    pub member_type: i8,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for Member {
    fn default() -> Member {
        Member {
            member_id: Str::new(),
            instance_id: None,
            rack_id: None,
            member_epoch: 0,
            client_id: Str::new(),
            client_host: Str::new(),
            subscribed_topic_names: Vec::new(),
            subscribed_topic_regex: None,
            assignment: Assignment::default(),
            target_assignment: Assignment::default(),
            member_type: -1,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl Member {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<Member> {
        let flexible = true;
        let mut it = Member::default();
        it.member_id = reader.string(flexible)?;
        it.instance_id = reader.nullable_string(flexible)?;
        it.rack_id = reader.nullable_string(flexible)?;
        it.member_epoch = reader.i32()?;
        it.client_id = reader.string(flexible)?;
        it.client_host = reader.string(flexible)?;
        it.subscribed_topic_names = reader.array(flexible, 1, |reader| reader.string(flexible))?;
        it.subscribed_topic_regex = reader.nullable_string(flexible)?;
        it.assignment = Assignment::read(reader, version)?;
        it.target_assignment = Assignment::read(reader, version)?;
        if version >= 1 {
            it.member_type = reader.i8()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.member_id), flexible)?;
        writer.string(self.instance_id.as_deref(), flexible)?;
        writer.string(self.rack_id.as_deref(), flexible)?;
        writer.i32(self.member_epoch);
        writer.string(Some(&self.client_id), flexible)?;
        writer.string(Some(&self.client_host), flexible)?;
        writer.array(
            Some(&self.subscribed_topic_names),
            flexible,
            |writer, it| writer.string(Some(it), flexible),
        )?;
        writer.string(self.subscribed_topic_regex.as_deref(), flexible)?;
        self.assignment.write(writer, version)?;
        self.target_assignment.write(writer, version)?;
        if version >= 1 {
            writer.i8(self.member_type);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ConsumerGroupDescribeResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct TopicPartitions {
    /// The topic ID.
    pub topic_id: [u8; 16],
    /// The topic name.
    pub topic_name: Str,
    /// The partitions.
    pub partitions: Vec<i32>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TopicPartitions {
    fn default() -> TopicPartitions {
        TopicPartitions {
            topic_id: [0; 16],
            topic_name: Str::new(),
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TopicPartitions {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TopicPartitions> {
        let flexible = true;
        let mut it = TopicPartitions::default();
        it.topic_id = reader.uuid()?;
        it.topic_name = reader.string(flexible)?;
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
        writer.string(Some(&self.topic_name), flexible)?;
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

/// Part of [`ConsumerGroupDescribeResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// The assigned topic-partitions to the member.
    pub topic_partitions: Vec<TopicPartitions>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for Assignment {
    fn default() -> Assignment {
        Assignment {
            topic_partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl Assignment {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<Assignment> {
        let flexible = true;
        let mut it = Assignment::default();
        it.topic_partitions = reader.array(flexible, 19, |reader| {
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
        writer.array(Some(&self.topic_partitions), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ConsumerGroupDescribeResponse {
    const NAME: &'static str = "ConsumerGroupDescribeResponse";
    const API_KEY: Option<i16> = Some(69);
    const VERSIONS: Versions = Versions { from: 0, to: 1 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ConsumerGroupDescribeResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
