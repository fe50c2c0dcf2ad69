// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ProduceRequest`, versions 3 to 13.

use crate::codec::*;

/// `ProduceRequest`, versions 3 to 13.
#[derive(Clone, Debug, PartialEq)]
pub struct ProduceRequest {
    /// The transactional ID, or null if the producer is not transactional.
    pub transactional_id: Option<Str>,
    /// The number of acknowledgments the producer requires the leader to have received before considering a request complete. Allowed values: 0 for no acknowledgments, 1 for only the leader and -1 for the full ISR.
    pub acks: i16,
    /// The timeout to await a response in milliseconds.
    pub timeout_ms: i32,
    /// Each topic to produce to.
    pub topic_data: Vec<TopicProduceData>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ProduceRequest {
    fn default() -> ProduceRequest {
        ProduceRequest {
            transactional_id: None,
            acks: 0,
            timeout_ms: 0,
            topic_data: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ProduceRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ProduceRequest> {
        let flexible = version >= 9;
        let mut it = ProduceRequest::default();
        it.transactional_id = reader.nullable_string(flexible)?;
        it.acks = reader.i16()?;
        it.timeout_ms = reader.i32()?;
        it.topic_data = reader.array(flexible, 3, |reader| {
            TopicProduceData::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 9;
        writer.string(self.transactional_id.as_deref(), flexible)?;
        writer.i16(self.acks);
        writer.i32(self.timeout_ms);
        writer.array(Some(&self.topic_data), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ProduceRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct TopicProduceData {
    /// The topic name.
    pub name: Str,
    /// The unique topic ID
    pub topic_id: [u8; 16],
    /// Each partition to produce to.
    pub partition_data: Vec<PartitionProduceData>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TopicProduceData {
    fn default() -> TopicProduceData {
        TopicProduceData {
            name: Str::new(),
            topic_id: [0; 16],
            partition_data: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TopicProduceData {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TopicProduceData> {
        let flexible = version >= 9;
        let mut it = TopicProduceData::default();
        if version <= 12 {
            it.name = reader.string(flexible)?;
        }
        if version >= 13 {
            it.topic_id = reader.uuid()?;
        }
        it.partition_data = reader.array(flexible, 6, |reader| {
            PartitionProduceData::read(reader, version)
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
        writer.array(Some(&self.partition_data), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ProduceRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionProduceData {
    /// The partition index.
    pub index: i32,
    /// The record data to be produced.
    pub records: Option<Records>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for PartitionProduceData {
    fn default() -> PartitionProduceData {
        PartitionProduceData {
            index: 0,
            records: Some(Records::default()),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl PartitionProduceData {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<PartitionProduceData> {
        let flexible = version >= 9;
        let mut it = PartitionProduceData::default();
        it.index = reader.i32()?;
        it.records = reader.nullable_records(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 9;
        writer.i32(self.index);
        writer.records(self.records.as_ref(), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ProduceRequest {
    const NAME: &'static str = "ProduceRequest";
    const API_KEY: Option<i16> = Some(0);
    const VERSIONS: Versions = Versions { from: 3, to: 13 };
    const FLEXIBLE_FROM: Option<i16> = Some(9);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ProduceRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
