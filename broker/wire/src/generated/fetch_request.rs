// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `FetchRequest`, versions 4 to 18.

use crate::codec::*;

/// `FetchRequest`, versions 4 to 18.
#[derive(Clone, Debug, PartialEq)]
pub struct FetchRequest {
    /// The clusterId if known. This is used to validate metadata fetches prior to broker registration.
    pub cluster_id: Option<Str>,
    /// The broker ID of the follower, of -1 if this request is from a consumer.
    pub replica_id: i32,
    /// The state of the replica in the follower.
    pub replica_state: ReplicaState,
    /// The maximum time in milliseconds to wait for the response.
    pub max_wait_ms: i32,
    /// The minimum bytes to accumulate in the response.
    pub min_bytes: i32,
    /// The maximum bytes to fetch.  See KIP-74 for cases where this limit may not be honored.
    pub max_bytes: i32,
    /// This setting controls the visibility of transactional records. Using READ_UNCOMMITTED (isolation_level = 0) makes all records visible. With READ_COMMITTED (isolation_level = 1), non-transactional and COMMITTED transactional records are visible. To be more concrete, READ_COMMITTED returns all data from offsets smaller than the current LSO (last stable offset), and enables the inclusion of the list of aborted transactions in the result, which allows consumers to discard ABORTED transactional records.
    pub isolation_level: i8,
    /// The fetch session ID.
    pub session_id: i32,
    /// The fetch session epoch, which is used for ordering requests in a session.
    pub session_epoch: i32,
    /// The topics to fetch.
    pub topics: Vec<FetchTopic>,
    /// In an incremental fetch request, the partitions to remove.
    pub forgotten_topics_data: Vec<ForgottenTopic>,
    /// Rack ID of the consumer making this request.
    pub rack_id: Str,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for FetchRequest {
    fn default() -> FetchRequest {
        FetchRequest {
            cluster_id: None,
            replica_id: -1,
            replica_state: ReplicaState::default(),
            max_wait_ms: 0,
            min_bytes: 0,
            max_bytes: 0x7fffffff,
            isolation_level: 0,
            session_id: 0,
            session_epoch: -1,
            topics: Vec::new(),
            forgotten_topics_data: Vec::new(),
            rack_id: Str::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl FetchRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<FetchRequest> {
        let flexible = version >= 12;
        let mut it = FetchRequest::default();
        if version <= 14 {
            it.replica_id = reader.i32()?;
        }
        it.max_wait_ms = reader.i32()?;
        it.min_bytes = reader.i32()?;
        it.max_bytes = reader.i32()?;
        it.isolation_level = reader.i8()?;
        if version >= 7 {
            it.session_id = reader.i32()?;
        }
        if version >= 7 {
            it.session_epoch = reader.i32()?;
        }
        it.topics = reader.array(flexible, 3, |reader| FetchTopic::read(reader, version))?;
        if version >= 7 {
            it.forgotten_topics_data =
                reader.array(flexible, 1, |reader| ForgottenTopic::read(reader, version))?;
        }
        if version >= 11 {
            it.rack_id = reader.string(flexible)?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 if version >= 12 => it.cluster_id = reader.nullable_string(flexible)?,
                    1 if version >= 15 => it.replica_state = ReplicaState::read(reader, version)?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 12;
        if !(version <= 14) && self.replica_id != -1 {
            return Err(EncodeError::Field {
                name: "FetchRequest",
                field: "replica_id",
                version,
            });
        }
        if !(version >= 15) && self.replica_state != ReplicaState::default() {
            return Err(EncodeError::Field {
                name: "FetchRequest",
                field: "replica_state",
                version,
            });
        }
        if !(version >= 7) && !self.forgotten_topics_data.is_empty() {
            return Err(EncodeError::Field {
                name: "FetchRequest",
                field: "forgotten_topics_data",
                version,
            });
        }
        if version <= 14 {
            writer.i32(self.replica_id);
        }
        writer.i32(self.max_wait_ms);
        writer.i32(self.min_bytes);
        writer.i32(self.max_bytes);
        writer.i8(self.isolation_level);
        if version >= 7 {
            writer.i32(self.session_id);
        }
        if version >= 7 {
            writer.i32(self.session_epoch);
        }
        writer.array(Some(&self.topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if version >= 7 {
            writer.array(Some(&self.forgotten_topics_data), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if version >= 11 {
            writer.string(Some(&self.rack_id), flexible)?;
        }
        if flexible {
            let mut tagged = TaggedFields::default();
            if self.cluster_id.is_some() {
                tagged.add(0, |writer| {
                    writer.string(self.cluster_id.as_deref(), true)?;
                    Ok(())
                })?;
            }
            if version >= 15 && self.replica_state != ReplicaState::default() {
                tagged.add(1, |writer| {
                    self.replica_state.write(writer, version)?;
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`FetchRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct ReplicaState {
    /// The replica ID of the follower, or -1 if this request is from a consumer.
    pub replica_id: i32,
    /// The epoch of this follower, or -1 if not available.
    pub replica_epoch: i64,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ReplicaState {
    fn default() -> ReplicaState {
        ReplicaState {
            replica_id: -1,
            replica_epoch: -1,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ReplicaState {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ReplicaState> {
        let flexible = version >= 12;
        let mut it = ReplicaState::default();
        if version >= 15 {
            it.replica_id = reader.i32()?;
        }
        if version >= 15 {
            it.replica_epoch = reader.i64()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 12;
        if !(version >= 15) && self.replica_id != -1 {
            return Err(EncodeError::Field {
                name: "ReplicaState",
                field: "replica_id",
                version,
            });
        }
        if !(version >= 15) && self.replica_epoch != -1 {
            return Err(EncodeError::Field {
                name: "ReplicaState",
                field: "replica_epoch",
                version,
            });
        }
        if version >= 15 {
            writer.i32(self.replica_id);
        }
        if version >= 15 {
            writer.i64(self.replica_epoch);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`FetchRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct FetchTopic {
    /// The name of the topic to fetch.
    pub topic: Str,
    /// The unique topic ID.
    pub topic_id: [u8; 16],
    /// The partitions to fetch.
    pub partitions: Vec<FetchPartition>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for FetchTopic {
    fn default() -> FetchTopic {
        FetchTopic {
            topic: Str::new(),
            topic_id: [0; 16],
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl FetchTopic {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<FetchTopic> {
        let flexible = version >= 12;
        let mut it = FetchTopic::default();
        if version <= 12 {
            it.topic = reader.string(flexible)?;
        }
        if version >= 13 {
            it.topic_id = reader.uuid()?;
        }
        it.partitions =
            reader.array(flexible, 16, |reader| FetchPartition::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 12;
        if version <= 12 {
            writer.string(Some(&self.topic), flexible)?;
        }
        if version >= 13 {
            writer.uuid(self.topic_id);
        }
        writer.array(Some(&self.partitions), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`FetchRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct FetchPartition {
    /// The partition index.
    pub partition: i32,
    /// The current leader epoch of the partition.
    pub current_leader_epoch: i32,
    /// The message offset.
    pub fetch_offset: i64,
    /// The epoch of the last fetched record or -1 if there is none.
    pub last_fetched_epoch: i32,
    /// The earliest available offset of the follower replica.  The field is only used when the request is sent by the follower.
    pub log_start_offset: i64,
    /// The maximum bytes to fetch from this partition.  See KIP-74 for cases where this limit may not be honored.
    pub partition_max_bytes: i32,
    /// The directory id of the follower fetching.
    pub replica_directory_id: [u8; 16],
    /// The high-watermark known by the replica. -1 if the high-watermark is not known and 9223372036854775807 if the feature is not supported.
    pub high_watermark: i64,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for FetchPartition {
    fn default() -> FetchPartition {
        FetchPartition {
            partition: 0,
            current_leader_epoch: -1,
            fetch_offset: 0,
            last_fetched_epoch: -1,
            log_start_offset: -1,
            partition_max_bytes: 0,
            replica_directory_id: [0; 16],
            high_watermark: 9223372036854775807,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl FetchPartition {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<FetchPartition> {
        let flexible = version >= 12;
        let mut it = FetchPartition::default();
        it.partition = reader.i32()?;
        if version >= 9 {
            it.current_leader_epoch = reader.i32()?;
        }
        it.fetch_offset = reader.i64()?;
        if version >= 12 {
            it.last_fetched_epoch = reader.i32()?;
        }
        if version >= 5 {
            it.log_start_offset = reader.i64()?;
        }
        it.partition_max_bytes = reader.i32()?;
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 if version >= 17 => it.replica_directory_id = reader.uuid()?,
                    1 if version >= 18 => it.high_watermark = reader.i64()?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 12;
        if !(version >= 12) && self.last_fetched_epoch != -1 {
            return Err(EncodeError::Field {
                name: "FetchPartition",
                field: "last_fetched_epoch",
                version,
            });
        }
        writer.i32(self.partition);
        if version >= 9 {
            writer.i32(self.current_leader_epoch);
        }
        writer.i64(self.fetch_offset);
        if version >= 12 {
            writer.i32(self.last_fetched_epoch);
        }
        if version >= 5 {
            writer.i64(self.log_start_offset);
        }
        writer.i32(self.partition_max_bytes);
        if flexible {
            let mut tagged = TaggedFields::default();
            if version >= 17 && self.replica_directory_id != [0; 16] {
                tagged.add(0, |writer| {
                    writer.uuid(self.replica_directory_id);
                    Ok(())
                })?;
            }
            if version >= 18 && self.high_watermark != 9223372036854775807 {
                tagged.add(1, |writer| {
                    writer.i64(self.high_watermark);
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`FetchRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct ForgottenTopic {
    /// The topic name.
    pub topic: Str,
    /// The unique topic ID.
    pub topic_id: [u8; 16],
    /// The partitions indexes to forget.
    pub partitions: Vec<i32>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ForgottenTopic {
    fn default() -> ForgottenTopic {
        ForgottenTopic {
            topic: Str::new(),
            topic_id: [0; 16],
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ForgottenTopic {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ForgottenTopic> {
        let flexible = version >= 12;
        let mut it = ForgottenTopic::default();
        if (7..=12).contains(&version) {
            it.topic = reader.string(flexible)?;
        }
        if version >= 13 {
            it.topic_id = reader.uuid()?;
        }
        if version >= 7 {
            it.partitions = reader.array(flexible, 4, |reader| reader.i32())?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 12;
        if !(version >= 7) && !self.partitions.is_empty() {
            return Err(EncodeError::Field {
                name: "ForgottenTopic",
                field: "partitions",
                version,
            });
        }
        if (7..=12).contains(&version) {
            writer.string(Some(&self.topic), flexible)?;
        }
        if version >= 13 {
            writer.uuid(self.topic_id);
        }
        if version >= 7 {
            writer.array(Some(&self.partitions), flexible, |writer, it| {
                writer.i32(*it);
                Ok(())
            })?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for FetchRequest {
    const NAME: &'static str = "FetchRequest";
    const API_KEY: Option<i16> = Some(1);
    const VERSIONS: Versions = Versions { from: 4, to: 18 };
    const FLEXIBLE_FROM: Option<i16> = Some(12);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        FetchRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
