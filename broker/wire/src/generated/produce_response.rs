// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ProduceResponse`, versions 3 to 13.

use crate::codec::*;

/// `ProduceResponse`, versions 3 to 13.
#[derive(Clone, Debug, PartialEq)]
pub struct ProduceResponse {
    /// Each produce response.
    pub responses: Vec<TopicProduceResponse>,
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// Endpoints for all current-leaders enumerated in PartitionProduceResponses, with errors NOT_LEADER_OR_FOLLOWER.
    pub node_endpoints: Vec<NodeEndpoint>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ProduceResponse {
    fn default() -> ProduceResponse {
        ProduceResponse {
            responses: Vec::new(),
            throttle_time_ms: 0,
            node_endpoints: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ProduceResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ProduceResponse> {
        let flexible = version >= 9;
        let mut it = ProduceResponse::default();
        it.responses = reader.array(flexible, 3, |reader| {
            TopicProduceResponse::read(reader, version)
        })?;
        it.throttle_time_ms = reader.i32()?;
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 if version >= 10 => {
                        it.node_endpoints = reader
                            .array(flexible, 1, |reader| NodeEndpoint::read(reader, version))?
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
        let flexible = version >= 9;
        if !(version >= 10) && !self.node_endpoints.is_empty() {
            return Err(EncodeError::Field {
                name: "ProduceResponse",
                field: "node_endpoints",
                version,
            });
        }
        writer.array(Some(&self.responses), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.i32(self.throttle_time_ms);
        if flexible {
            let mut tagged = TaggedFields::default();
            if version >= 10 && !self.node_endpoints.is_empty() {
                tagged.add(0, |writer| {
                    writer.array(Some(&self.node_endpoints), true, |writer, it| {
                        it.write(writer, version)
                    })?;
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ProduceResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct TopicProduceResponse {
    /// The topic name.
    pub name: Str,
    /// The unique topic ID
    pub topic_id: [u8; 16],
    /// Each partition that we produced to within the topic.
    pub partition_responses: Vec<PartitionProduceResponse>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TopicProduceResponse {
    fn default() -> TopicProduceResponse {
        TopicProduceResponse {
            name: Str::new(),
            topic_id: [0; 16],
            partition_responses: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TopicProduceResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TopicProduceResponse> {
        let flexible = version >= 9;
        let mut it = TopicProduceResponse::default();
        if version <= 12 {
            it.name = reader.string(flexible)?;
        }
        if version >= 13 {
            it.topic_id = reader.uuid()?;
        }
        it.partition_responses = reader.array(flexible, 22, |reader| {
            PartitionProduceResponse::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 9;
        if version <= 12 {
            writer.string(Some(&self.name), flexible)?;
        }
        if version >= 13 {
            writer.uuid(self.topic_id);
        }
        writer.array(Some(&self.partition_responses), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ProduceResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionProduceResponse {
    /// The partition index.
    pub index: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// The base offset.
    pub base_offset: i64,
    /// The timestamp returned by broker after appending the messages. If CreateTime is used for the topic, the timestamp will be -1.  If LogAppendTime is used for the topic, the timestamp will be the broker local time when the messages are appended.
    pub log_append_time_ms: i64,
    /// The log start offset.
    pub log_start_offset: i64,
    /// The batch indices of records that caused the batch to be dropped.
    pub record_errors: Vec<BatchIndexAndErrorMessage>,
    /// The global error message summarizing the common root cause of the records that caused the batch to be dropped.
    pub error_message: Option<Str>,
    /// The leader broker that the producer should use for future requests.
    pub current_leader: LeaderIdAndEpoch,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for PartitionProduceResponse {
    fn default() -> PartitionProduceResponse {
        PartitionProduceResponse {
            index: 0,
            error_code: 0,
            base_offset: 0,
            log_append_time_ms: -1,
            log_start_offset: -1,
            record_errors: Vec::new(),
            error_message: None,
            current_leader: LeaderIdAndEpoch::default(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl PartitionProduceResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<PartitionProduceResponse> {
        let flexible = version >= 9;
        let mut it = PartitionProduceResponse::default();
        it.index = reader.i32()?;
        it.error_code = reader.i16()?;
        it.base_offset = reader.i64()?;
        it.log_append_time_ms = reader.i64()?;
        if version >= 5 {
            it.log_start_offset = reader.i64()?;
        }
        if version >= 8 {
            it.record_errors = reader.array(flexible, 1, |reader| {
                BatchIndexAndErrorMessage::read(reader, version)
            })?;
        }
        if version >= 8 {
            it.error_message = reader.nullable_string(flexible)?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 if version >= 10 => {
                        it.current_leader = LeaderIdAndEpoch::read(reader, version)?
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
        let flexible = version >= 9;
        if !(version >= 10) && self.current_leader != LeaderIdAndEpoch::default() {
            return Err(EncodeError::Field {
                name: "PartitionProduceResponse",
                field: "current_leader",
                version,
            });
        }
        writer.i32(self.index);
        writer.i16(self.error_code);
        writer.i64(self.base_offset);
        writer.i64(self.log_append_time_ms);
        if version >= 5 {
            writer.i64(self.log_start_offset);
        }
        if version >= 8 {
            writer.array(Some(&self.record_errors), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if version >= 8 {
            writer.string(self.error_message.as_deref(), flexible)?;
        }
        if flexible {
            let mut tagged = TaggedFields::default();
            if version >= 10 && self.current_leader != LeaderIdAndEpoch::default() {
                tagged.add(0, |writer| {
                    self.current_leader.write(writer, version)?;
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ProduceResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct BatchIndexAndErrorMessage {
    /// The batch index of the record that caused the batch to be dropped.
    pub batch_index: i32,
    /// The error message of the record that caused the batch to be dropped.
    pub batch_index_error_message: Option<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for BatchIndexAndErrorMessage {
    fn default() -> BatchIndexAndErrorMessage {
        BatchIndexAndErrorMessage {
            batch_index: 0,
            batch_index_error_message: None,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl BatchIndexAndErrorMessage {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<BatchIndexAndErrorMessage> {
        let flexible = version >= 9;
        let mut it = BatchIndexAndErrorMessage::default();
        if version >= 8 {
            it.batch_index = reader.i32()?;
        }
        if version >= 8 {
            it.batch_index_error_message = reader.nullable_string(flexible)?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 9;
        if !(version >= 8) && self.batch_index != 0 {
            return Err(EncodeError::Field {
                name: "BatchIndexAndErrorMessage",
                field: "batch_index",
                version,
            });
        }
        if !(version >= 8) && self.batch_index_error_message.is_some() {
            return Err(EncodeError::Field {
                name: "BatchIndexAndErrorMessage",
                field: "batch_index_error_message",
                version,
            });
        }
        if version >= 8 {
            writer.i32(self.batch_index);
        }
        if version >= 8 {
            writer.string(self.batch_index_error_message.as_deref(), flexible)?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ProduceResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct LeaderIdAndEpoch {
    /// The ID of the current leader or -1 if the leader is unknown.
    pub leader_id: i32,
    /// The latest known leader epoch.
    pub leader_epoch: i32,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for LeaderIdAndEpoch {
    fn default() -> LeaderIdAndEpoch {
        LeaderIdAndEpoch {
            leader_id: -1,
            leader_epoch: -1,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl LeaderIdAndEpoch {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<LeaderIdAndEpoch> {
        let flexible = version >= 9;
        let mut it = LeaderIdAndEpoch::default();
        if version >= 10 {
            it.leader_id = reader.i32()?;
        }
        if version >= 10 {
            it.leader_epoch = reader.i32()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 9;
        if !(version >= 10) && self.leader_id != -1 {
            return Err(EncodeError::Field {
                name: "LeaderIdAndEpoch",
                field: "leader_id",
                version,
            });
        }
        if !(version >= 10) && self.leader_epoch != -1 {
            return Err(EncodeError::Field {
                name: "LeaderIdAndEpoch",
                field: "leader_epoch",
                version,
            });
        }
        if version >= 10 {
            writer.i32(self.leader_id);
        }
        if version >= 10 {
            writer.i32(self.leader_epoch);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ProduceResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct NodeEndpoint {
    /// The ID of the associated node.
    pub node_id: i32,
    /// The node's hostname.
    pub host: Str,
    /// The node's port.
    pub port: i32,
    /// The rack of the node, or null if it has not been assigned to a rack.
    pub rack: Option<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for NodeEndpoint {
    fn default() -> NodeEndpoint {
        NodeEndpoint {
            node_id: 0,
            host: Str::new(),
            port: 0,
            rack: None,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl NodeEndpoint {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<NodeEndpoint> {
        let flexible = version >= 9;
        let mut it = NodeEndpoint::default();
        if version >= 10 {
            it.node_id = reader.i32()?;
        }
        if version >= 10 {
            it.host = reader.string(flexible)?;
        }
        if version >= 10 {
            it.port = reader.i32()?;
        }
        if version >= 10 {
            it.rack = reader.nullable_string(flexible)?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 9;
        if !(version >= 10) && self.node_id != 0 {
            return Err(EncodeError::Field {
                name: "NodeEndpoint",
                field: "node_id",
                version,
            });
        }
        if !(version >= 10) && !self.host.is_empty() {
            return Err(EncodeError::Field {
                name: "NodeEndpoint",
                field: "host",
                version,
            });
        }
        if !(version >= 10) && self.port != 0 {
            return Err(EncodeError::Field {
                name: "NodeEndpoint",
                field: "port",
                version,
            });
        }
        if !(version >= 10) && self.rack.is_some() {
            return Err(EncodeError::Field {
                name: "NodeEndpoint",
                field: "rack",
                version,
            });
        }
        if version >= 10 {
            writer.i32(self.node_id);
        }
        if version >= 10 {
            writer.string(Some(&self.host), flexible)?;
        }
        if version >= 10 {
            writer.i32(self.port);
        }
        if version >= 10 {
            writer.string(self.rack.as_deref(), flexible)?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ProduceResponse {
    const NAME: &'static str = "ProduceResponse";
    const API_KEY: Option<i16> = Some(0);
    const VERSIONS: Versions = Versions { from: 3, to: 13 };
    const FLEXIBLE_FROM: Option<i16> = Some(9);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ProduceResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
