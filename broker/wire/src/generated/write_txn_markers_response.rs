// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `WriteTxnMarkersResponse`, versions 1 to 2.

use crate::codec::*;

/// `WriteTxnMarkersResponse`, versions 1 to 2.
#[derive(Clone, Debug, PartialEq)]
pub struct WriteTxnMarkersResponse {
    /// The results for writing makers.
    pub markers: Vec<WritableTxnMarkerResult>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for WriteTxnMarkersResponse {
    fn default() -> WriteTxnMarkersResponse {
        WriteTxnMarkersResponse {
            markers: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl WriteTxnMarkersResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<WriteTxnMarkersResponse> {
        let flexible = true;
        let mut it = WriteTxnMarkersResponse::default();
        it.markers = reader.array(flexible, 10, |reader| {
            WritableTxnMarkerResult::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.array(Some(&self.markers), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`WriteTxnMarkersResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct WritableTxnMarkerResult {
    /// The current producer ID in use by the transactional ID.
    pub producer_id: i64,
    /// The results by topic.
    pub topics: Vec<WritableTxnMarkerTopicResult>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for WritableTxnMarkerResult {
    fn default() -> WritableTxnMarkerResult {
        WritableTxnMarkerResult {
            producer_id: 0,
            topics: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl WritableTxnMarkerResult {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<WritableTxnMarkerResult> {
        let flexible = true;
        let mut it = WritableTxnMarkerResult::default();
        it.producer_id = reader.i64()?;
        it.topics = reader.array(flexible, 3, |reader| {
            WritableTxnMarkerTopicResult::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i64(self.producer_id);
        writer.array(Some(&self.topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`WriteTxnMarkersResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct WritableTxnMarkerTopicResult {
    /// The topic name.
    pub name: Str,
    /// The results by partition.
    pub partitions: Vec<WritableTxnMarkerPartitionResult>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for WritableTxnMarkerTopicResult {
    fn default() -> WritableTxnMarkerTopicResult {
        WritableTxnMarkerTopicResult {
            name: Str::new(),
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl WritableTxnMarkerTopicResult {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<WritableTxnMarkerTopicResult> {
        let flexible = true;
        let mut it = WritableTxnMarkerTopicResult::default();
        it.name = reader.string(flexible)?;
        it.partitions = reader.array(flexible, 7, |reader| {
            WritableTxnMarkerPartitionResult::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.name), flexible)?;
        writer.array(Some(&self.partitions), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`WriteTxnMarkersResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct WritableTxnMarkerPartitionResult {
    /// The partition index.
    pub partition_index: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for WritableTxnMarkerPartitionResult {
    fn default() -> WritableTxnMarkerPartitionResult {
        WritableTxnMarkerPartitionResult {
            partition_index: 0,
            error_code: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl WritableTxnMarkerPartitionResult {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<WritableTxnMarkerPartitionResult> {
        let flexible = true;
        let mut it = WritableTxnMarkerPartitionResult::default();
        it.partition_index = reader.i32()?;
        it.error_code = reader.i16()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.partition_index);
        writer.i16(self.error_code);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for WriteTxnMarkersResponse {
    const NAME: &'static str = "WriteTxnMarkersResponse";
    const API_KEY: Option<i16> = Some(27);
    const VERSIONS: Versions = Versions { from: 1, to: 2 };
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        WriteTxnMarkersResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
