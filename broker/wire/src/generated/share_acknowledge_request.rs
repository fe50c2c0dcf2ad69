// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ShareAcknowledgeRequest`, versions 1 to 2.

use crate::codec::*;

/// `ShareAcknowledgeRequest`, versions 1 to 2.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareAcknowledgeRequest {
    /// The group identifier.
    pub group_id: Option<Str>,
    /// The member ID.
    pub member_id: Option<Str>,
    /// The current share session epoch: 0 to open a share session; -1 to close it; otherwise increments for consecutive requests.
    pub share_session_epoch: i32,
    /// Whether Renew type acknowledgements present in AcknowledgementBatches.
    pub is_renew_ack: bool,
    /// The topics containing records to acknowledge.
    pub topics: Vec<AcknowledgeTopic>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ShareAcknowledgeRequest {
    fn default() -> ShareAcknowledgeRequest {
        ShareAcknowledgeRequest {
            group_id: None,
            member_id: Some(Str::new()),
            share_session_epoch: 0,
            is_renew_ack: false,
            topics: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ShareAcknowledgeRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ShareAcknowledgeRequest> {
        let flexible = true;
        let mut it = ShareAcknowledgeRequest::default();
        it.group_id = reader.nullable_string(flexible)?;
        it.member_id = reader.nullable_string(flexible)?;
        it.share_session_epoch = reader.i32()?;
        if version >= 2 {
            it.is_renew_ack = reader.bool()?;
        }
        it.topics = reader.array(flexible, 18, |reader| {
            AcknowledgeTopic::read(reader, version)
        })?;
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
                name: "ShareAcknowledgeRequest",
                field: "is_renew_ack",
                version,
            });
        }
        writer.string(self.group_id.as_deref(), flexible)?;
        writer.string(self.member_id.as_deref(), flexible)?;
        writer.i32(self.share_session_epoch);
        if version >= 2 {
            writer.bool(self.is_renew_ack);
        }
        writer.array(Some(&self.topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ShareAcknowledgeRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct AcknowledgeTopic {
    /// The unique topic ID.
    pub topic_id: [u8; 16],
    /// The partitions containing records to acknowledge.
    pub partitions: Vec<AcknowledgePartition>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AcknowledgeTopic {
    fn default() -> AcknowledgeTopic {
        AcknowledgeTopic {
            topic_id: [0; 16],
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AcknowledgeTopic {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<AcknowledgeTopic> {
        let flexible = true;
        let mut it = AcknowledgeTopic::default();
        it.topic_id = reader.uuid()?;
        it.partitions = reader.array(flexible, 6, |reader| {
            AcknowledgePartition::read(reader, version)
        })?;
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

/// Part of [`ShareAcknowledgeRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct AcknowledgePartition {
    /// The partition index.
    pub partition_index: i32,
    /// Record batches to acknowledge.
    pub acknowledgement_batches: Vec<AcknowledgementBatch>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AcknowledgePartition {
    fn default() -> AcknowledgePartition {
        AcknowledgePartition {
            partition_index: 0,
            acknowledgement_batches: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AcknowledgePartition {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<AcknowledgePartition> {
        let flexible = true;
        let mut it = AcknowledgePartition::default();
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

/// Part of [`ShareAcknowledgeRequest`].
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

impl Message for ShareAcknowledgeRequest {
    const NAME: &'static str = "ShareAcknowledgeRequest";
    const API_KEY: Option<i16> = Some(79);
    const VERSIONS: Versions = Versions { from: 1, to: 2 };
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ShareAcknowledgeRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
