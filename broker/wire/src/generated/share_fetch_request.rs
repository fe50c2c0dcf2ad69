// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ShareFetchRequest`, versions 1 to 2.

use crate::codec::*;

/// `ShareFetchRequest`, versions 1 to 2.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareFetchRequest {
    /// The group identifier.
    pub group_id: Option<Str>,
    /// The member ID.
    pub member_id: Option<Str>,
    /// The current share session epoch: 0 to open a share session; -1 to close it; otherwise increments for consecutive requests.
    pub share_session_epoch: i32,
    /// The maximum time in milliseconds to wait for the response.
    pub max_wait_ms: i32,
    /// The minimum bytes to accumulate in the response.
    pub min_bytes: i32,
    /// The maximum bytes to fetch. See KIP-74 for cases where this limit may not be honored.
    pub max_bytes: i32,
    /// The maximum number of records to fetch. This limit can be exceeded for alignment of batch boundaries.
    pub max_records: i32,
    /// The optimal number of records for batches of acquired records and acknowledgements.
    pub batch_size: i32,
    /// The acquire mode to control the fetch behavior - 0:batch-optimized,1:record-limit.
    pub share_acquire_mode: i8,
    /// Whether Renew type acknowledgements present in AcknowledgementBatches.
    pub is_renew_ack: bool,
    /// The topics to fetch.
    pub topics: Vec<FetchTopic>,
    /// The partitions to remove from this share session.
    pub forgotten_topics_data: Vec<ForgottenTopic>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ShareFetchRequest {
    fn default() -> ShareFetchRequest {
        ShareFetchRequest {
            group_id: None,
            member_id: Some(Str::new()),
            share_session_epoch: 0,
            max_wait_ms: 0,
            min_bytes: 0,
            max_bytes: 0x7fffffff,
            max_records: 0,
            batch_size: 0,
            share_acquire_mode: 0,
            is_renew_ack: false,
            topics: Vec::new(),
            forgotten_topics_data: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ShareFetchRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ShareFetchRequest> {
        let flexible = true;
        let mut it = ShareFetchRequest::default();
        it.group_id = reader.nullable_string(flexible)?;
        it.member_id = reader.nullable_string(flexible)?;
        it.share_session_epoch = reader.i32()?;
        it.max_wait_ms = reader.i32()?;
        it.min_bytes = reader.i32()?;
        it.max_bytes = reader.i32()?;
        it.max_records = reader.i32()?;
        it.batch_size = reader.i32()?;
        if version >= 2 {
            it.share_acquire_mode = reader.i8()?;
        }
        if version >= 2 {
            it.is_renew_ack = reader.bool()?;
        }
        it.topics = reader.array(flexible, 18, |reader| FetchTopic::read(reader, version))?;
        it.forgotten_topics_data =
            reader.array(flexible, 18, |reader| ForgottenTopic::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        if !(version >= 2) && self.is_renew_ack {
            return Err(EncodeError::Field {
                name: "ShareFetchRequest",
                field: "is_renew_ack",
                version,
            });
        }
        writer.string(self.group_id.as_deref(), flexible)?;
        writer.string(self.member_id.as_deref(), flexible)?;
        writer.i32(self.share_session_epoch);
        writer.i32(self.max_wait_ms);
        writer.i32(self.min_bytes);
        writer.i32(self.max_bytes);
        writer.i32(self.max_records);
        writer.i32(self.batch_size);
        if version >= 2 {
            writer.i8(self.share_acquire_mode);
        }
        if version >= 2 {
            writer.bool(self.is_renew_ack);
        }
        writer.array(Some(&self.topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.array(Some(&self.forgotten_topics_data), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ShareFetchRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct FetchTopic {
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
            topic_id: [0; 16],
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl FetchTopic {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<FetchTopic> {
        let flexible = true;
        let mut it = FetchTopic::default();
        it.topic_id = reader.uuid()?;
        it.partitions =
            reader.array(flexible, 6, |reader| FetchPartition::read(reader, version))?;
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

/// Part of [`ShareFetchRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct FetchPartition {
    /// The partition index.
    pub partition_index: i32,
    /// The maximum bytes to fetch from this partition. 0 when only acknowledgement with no fetching is required. See KIP-74 for cases where this limit may not be honored.
    pub partition_max_bytes: i32,
    /// Record batches to acknowledge.
    pub acknowledgement_batches: Vec<AcknowledgementBatch>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for FetchPartition {
    fn default() -> FetchPartition {
        FetchPartition {
            partition_index: 0,
            partition_max_bytes: 0,
            acknowledgement_batches: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl FetchPartition {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<FetchPartition> {
        let flexible = true;
        let mut it = FetchPartition::default();
        it.partition_index = reader.i32()?;
        it.acknowledgement_batches = reader.array(flexible, 18, |reader| {
            AcknowledgementBatch::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        if !(false) && self.partition_max_bytes != 0 {
            return Err(EncodeError::Field {
                name: "FetchPartition",
                field: "partition_max_bytes",
                version,
            });
        }
        writer.i32(self.partition_index);
        writer.array(
            Some(&self.acknowledgement_batches),
            flexible,
            |writer, it| it.write(writer, version),
        )?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ShareFetchRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct AcknowledgementBatch {
    /// First offset of batch of records to acknowledge.
    pub first_offset: i64,
    /// Last offset (inclusive) of batch of records to acknowledge.
    pub last_offset: i64,
    /// Array of acknowledge types - 0:Gap,1:Accept,2:Release,3:Reject,4:Renew.
    pub acknowledge_types: Vec<i8>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AcknowledgementBatch {
    fn default() -> AcknowledgementBatch {
        AcknowledgementBatch {
            first_offset: 0,
            last_offset: 0,
            acknowledge_types: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AcknowledgementBatch {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<AcknowledgementBatch> {
        let flexible = true;
        let mut it = AcknowledgementBatch::default();
        it.first_offset = reader.i64()?;
        it.last_offset = reader.i64()?;
        it.acknowledge_types = reader.array(flexible, 1, |reader| reader.i8())?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i64(self.first_offset);
        writer.i64(self.last_offset);
        writer.array(Some(&self.acknowledge_types), flexible, |writer, it| {
            writer.i8(*it);
            Ok(())
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ShareFetchRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct ForgottenTopic {
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
            topic_id: [0; 16],
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ForgottenTopic {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ForgottenTopic> {
        let flexible = true;
        let mut it = ForgottenTopic::default();
        it.topic_id = reader.uuid()?;
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

impl Message for ShareFetchRequest {
    const NAME: &'static str = "ShareFetchRequest";
    const API_KEY: Option<i16> = Some(78);
    const VERSIONS: Versions = Versions { from: 1, to: 2 };
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ShareFetchRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
