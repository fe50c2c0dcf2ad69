// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `StreamsGroupDescribeResponse`, version 0.

use crate::codec::*;

/// `StreamsGroupDescribeResponse`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamsGroupDescribeResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// Each described group.
    pub groups: Vec<DescribedGroup>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for StreamsGroupDescribeResponse {
    fn default() -> StreamsGroupDescribeResponse {
        StreamsGroupDescribeResponse {
            throttle_time_ms: 0,
            groups: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl StreamsGroupDescribeResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<StreamsGroupDescribeResponse> {
        let flexible = true;
        let mut it = StreamsGroupDescribeResponse::default();
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

/// Part of [`StreamsGroupDescribeResponse`].
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
    /// The topology metadata currently initialized for the streams application. Can be null in case of a describe error.
    pub topology: Option<Topology>,
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
            topology: None,
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
        it.topology = reader.nullable_struct(|reader| Topology::read(reader, version))?;
        it.members = reader.array(flexible, 28, |reader| Member::read(reader, version))?;
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
        writer.nullable_struct(self.topology.as_ref(), |writer, it| {
            it.write(writer, version)
        })?;
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

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct Topology {
    /// The epoch of the currently initialized topology for this group.
    pub epoch: i32,
    /// The subtopologies of the streams application. This contains the configured subtopologies, where the number of partitions are set and any regular expressions are resolved to actual topics. Null if the group is uninitialized, source topics are missing or incorrectly partitioned.
    pub subtopologies: Option<Vec<Subtopology>>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for Topology {
    fn default() -> Topology {
        Topology {
            epoch: 0,
            subtopologies: None,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl Topology {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<Topology> {
        let flexible = true;
        let mut it = Topology::default();
        it.epoch = reader.i32()?;
        it.subtopologies =
            reader.nullable_array(flexible, 6, |reader| Subtopology::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.epoch);
        writer.array(self.subtopologies.as_deref(), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct Subtopology {
    /// String to uniquely identify the subtopology.
    pub subtopology_id: Str,
    /// The topics the subtopology reads from.
    pub source_topics: Vec<Str>,
    /// The repartition topics the subtopology writes to.
    pub repartition_sink_topics: Vec<Str>,
    /// The set of state changelog topics associated with this subtopology. Created automatically.
    pub state_changelog_topics: Vec<TopicInfo>,
    /// The set of source topics that are internally created repartition topics. Created automatically.
    pub repartition_source_topics: Vec<TopicInfo>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for Subtopology {
    fn default() -> Subtopology {
        Subtopology {
            subtopology_id: Str::new(),
            source_topics: Vec::new(),
            repartition_sink_topics: Vec::new(),
            state_changelog_topics: Vec::new(),
            repartition_source_topics: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl Subtopology {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<Subtopology> {
        let flexible = true;
        let mut it = Subtopology::default();
        it.subtopology_id = reader.string(flexible)?;
        it.source_topics = reader.array(flexible, 1, |reader| reader.string(flexible))?;
        it.repartition_sink_topics = reader.array(flexible, 1, |reader| reader.string(flexible))?;
        it.state_changelog_topics =
            reader.array(flexible, 9, |reader| TopicInfo::read(reader, version))?;
        it.repartition_source_topics =
            reader.array(flexible, 9, |reader| TopicInfo::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.subtopology_id), flexible)?;
        writer.array(Some(&self.source_topics), flexible, |writer, it| {
            writer.string(Some(it), flexible)
        })?;
        writer.array(
            Some(&self.repartition_sink_topics),
            flexible,
            |writer, it| writer.string(Some(it), flexible),
        )?;
        writer.array(
            Some(&self.state_changelog_topics),
            flexible,
            |writer, it| it.write(writer, version),
        )?;
        writer.array(
            Some(&self.repartition_source_topics),
            flexible,
            |writer, it| it.write(writer, version),
        )?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The member ID.
    pub member_id: Str,
    /// The member epoch.
    pub member_epoch: i32,
    /// The member instance ID for static membership.
    pub instance_id: Option<Str>,
    /// The rack ID.
    pub rack_id: Option<Str>,
    /// The client ID.
    pub client_id: Str,
    /// The client host.
    pub client_host: Str,
    /// The epoch of the topology on the client.
    pub topology_epoch: i32,
    /// Identity of the streams instance that may have multiple clients.
    pub process_id: Str,
    /// User-defined endpoint for Interactive Queries. Null if not defined for this client.
    pub user_endpoint: Option<Endpoint>,
    /// Used for rack-aware assignment algorithm.
    pub client_tags: Vec<KeyValue>,
    /// Cumulative changelog offsets for tasks.
    pub task_offsets: Vec<TaskOffset>,
    /// Cumulative changelog end offsets for tasks.
    pub task_end_offsets: Vec<TaskOffset>,
    /// The current assignment.
    pub assignment: Assignment,
    /// The target assignment.
    pub target_assignment: Assignment,
    /// True for classic members that have not been upgraded yet.
    pub is_classic: bool,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for Member {
    fn default() -> Member {
        Member {
            member_id: Str::new(),
            member_epoch: 0,
            instance_id: None,
            rack_id: None,
            client_id: Str::new(),
            client_host: Str::new(),
            topology_epoch: 0,
            process_id: Str::new(),
            user_endpoint: None,
            client_tags: Vec::new(),
            task_offsets: Vec::new(),
            task_end_offsets: Vec::new(),
            assignment: Assignment::default(),
            target_assignment: Assignment::default(),
            is_classic: false,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl Member {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<Member> {
        let flexible = true;
        let mut it = Member::default();
        it.member_id = reader.string(flexible)?;
        it.member_epoch = reader.i32()?;
        it.instance_id = reader.nullable_string(flexible)?;
        it.rack_id = reader.nullable_string(flexible)?;
        it.client_id = reader.string(flexible)?;
        it.client_host = reader.string(flexible)?;
        it.topology_epoch = reader.i32()?;
        it.process_id = reader.string(flexible)?;
        it.user_endpoint = reader.nullable_struct(|reader| Endpoint::read(reader, version))?;
        it.client_tags = reader.array(flexible, 3, |reader| KeyValue::read(reader, version))?;
        it.task_offsets = reader.array(flexible, 14, |reader| TaskOffset::read(reader, version))?;
        it.task_end_offsets =
            reader.array(flexible, 14, |reader| TaskOffset::read(reader, version))?;
        it.assignment = Assignment::read(reader, version)?;
        it.target_assignment = Assignment::read(reader, version)?;
        it.is_classic = reader.bool()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.member_id), flexible)?;
        writer.i32(self.member_epoch);
        writer.string(self.instance_id.as_deref(), flexible)?;
        writer.string(self.rack_id.as_deref(), flexible)?;
        writer.string(Some(&self.client_id), flexible)?;
        writer.string(Some(&self.client_host), flexible)?;
        writer.i32(self.topology_epoch);
        writer.string(Some(&self.process_id), flexible)?;
        writer.nullable_struct(self.user_endpoint.as_ref(), |writer, it| {
            it.write(writer, version)
        })?;
        writer.array(Some(&self.client_tags), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.array(Some(&self.task_offsets), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.array(Some(&self.task_end_offsets), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        self.assignment.write(writer, version)?;
        self.target_assignment.write(writer, version)?;
        writer.bool(self.is_classic);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    /// host of the endpoint
    pub host: Str,
    /// port of the endpoint
    pub port: u16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for Endpoint {
    fn default() -> Endpoint {
        Endpoint {
            host: Str::new(),
            port: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl Endpoint {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<Endpoint> {
        let flexible = true;
        let mut it = Endpoint::default();
        it.host = reader.string(flexible)?;
        it.port = reader.u16()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.host), flexible)?;
        writer.u16(self.port);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct TaskOffset {
    /// The subtopology identifier.
    pub subtopology_id: Str,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TaskOffset {
    fn default() -> TaskOffset {
        TaskOffset {
            subtopology_id: Str::new(),
            partition: 0,
            offset: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TaskOffset {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TaskOffset> {
        let flexible = true;
        let mut it = TaskOffset::default();
        it.subtopology_id = reader.string(flexible)?;
        it.partition = reader.i32()?;
        it.offset = reader.i64()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.subtopology_id), flexible)?;
        writer.i32(self.partition);
        writer.i64(self.offset);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// Active tasks for this client.
    pub active_tasks: Vec<TaskIds>,
    /// Standby tasks for this client.
    pub standby_tasks: Vec<TaskIds>,
    /// Warm-up tasks for this client.
    pub warmup_tasks: Vec<TaskIds>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for Assignment {
    fn default() -> Assignment {
        Assignment {
            active_tasks: Vec::new(),
            standby_tasks: Vec::new(),
            warmup_tasks: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl Assignment {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<Assignment> {
        let flexible = true;
        let mut it = Assignment::default();
        it.active_tasks = reader.array(flexible, 3, |reader| TaskIds::read(reader, version))?;
        it.standby_tasks = reader.array(flexible, 3, |reader| TaskIds::read(reader, version))?;
        it.warmup_tasks = reader.array(flexible, 3, |reader| TaskIds::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.array(Some(&self.active_tasks), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.array(Some(&self.standby_tasks), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.array(Some(&self.warmup_tasks), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct TaskIds {
    /// The subtopology identifier.
    pub subtopology_id: Str,
    /// The partitions of the input topics processed by this member.
    pub partitions: Vec<i32>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TaskIds {
    fn default() -> TaskIds {
        TaskIds {
            subtopology_id: Str::new(),
            partitions: Vec::new(),
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
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
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
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct KeyValue {
    /// key of the config
    pub key: Str,
    /// value of the config
    pub value: Str,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for KeyValue {
    fn default() -> KeyValue {
        KeyValue {
            key: Str::new(),
            value: Str::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl KeyValue {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<KeyValue> {
        let flexible = true;
        let mut it = KeyValue::default();
        it.key = reader.string(flexible)?;
        it.value = reader.string(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.key), flexible)?;
        writer.string(Some(&self.value), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct TopicInfo {
    /// The name of the topic.
    pub name: Str,
    /// The number of partitions in the topic. Can be 0 if no specific number of partitions is enforced. Always 0 for changelog topics.
    pub partitions: i32,
    /// The replication factor of the topic. Can be 0 if the default replication factor should be used.
    pub replication_factor: i16,
    /// Topic-level configurations as key-value pairs.
    pub topic_configs: Vec<KeyValue>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TopicInfo {
    fn default() -> TopicInfo {
        TopicInfo {
            name: Str::new(),
            partitions: 0,
            replication_factor: 0,
            topic_configs: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TopicInfo {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TopicInfo> {
        let flexible = true;
        let mut it = TopicInfo::default();
        it.name = reader.string(flexible)?;
        it.partitions = reader.i32()?;
        it.replication_factor = reader.i16()?;
        it.topic_configs = reader.array(flexible, 3, |reader| KeyValue::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.name), flexible)?;
        writer.i32(self.partitions);
        writer.i16(self.replication_factor);
        writer.array(Some(&self.topic_configs), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for StreamsGroupDescribeResponse {
    const NAME: &'static str = "StreamsGroupDescribeResponse";
    const API_KEY: Option<i16> = Some(89);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        StreamsGroupDescribeResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
