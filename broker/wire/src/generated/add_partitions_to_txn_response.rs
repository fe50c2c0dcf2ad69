// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `AddPartitionsToTxnResponse`, versions 0 to 5.

use crate::codec::*;

/// `AddPartitionsToTxnResponse`, versions 0 to 5.
#[derive(Clone, Debug, PartialEq)]
pub struct AddPartitionsToTxnResponse {
    /// Duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The response top level error code.
    pub error_code: i16,
    /// Results categorized by transactional ID.
    pub results_by_transaction: Vec<AddPartitionsToTxnResult>,
    /// The results for each topic.
    pub results_by_topic_v3_and_below: Vec<AddPartitionsToTxnTopicResult>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AddPartitionsToTxnResponse {
    fn default() -> AddPartitionsToTxnResponse {
        AddPartitionsToTxnResponse {
            throttle_time_ms: 0,
            error_code: 0,
            results_by_transaction: Vec::new(),
            results_by_topic_v3_and_below: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AddPartitionsToTxnResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<AddPartitionsToTxnResponse> {
        let flexible = version >= 3;
        let mut it = AddPartitionsToTxnResponse::default();
        it.throttle_time_ms = reader.i32()?;
        if version >= 4 {
            it.error_code = reader.i16()?;
        }
        if version >= 4 {
            it.results_by_transaction = reader.array(flexible, 1, |reader| {
                AddPartitionsToTxnResult::read(reader, version)
            })?;
        }
        if version <= 3 {
            it.results_by_topic_v3_and_below = reader.array(flexible, 3, |reader| {
                AddPartitionsToTxnTopicResult::read(reader, version)
            })?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 3;
        if !(version >= 4) && !self.results_by_transaction.is_empty() {
            return Err(EncodeError::Field {
                name: "AddPartitionsToTxnResponse",
                field: "results_by_transaction",
                version,
            });
        }
        if !(version <= 3) && !self.results_by_topic_v3_and_below.is_empty() {
            return Err(EncodeError::Field {
                name: "AddPartitionsToTxnResponse",
                field: "results_by_topic_v3_and_below",
                version,
            });
        }
        writer.i32(self.throttle_time_ms);
        if version >= 4 {
            writer.i16(self.error_code);
        }
        if version >= 4 {
            writer.array(
                Some(&self.results_by_transaction),
                flexible,
                |writer, it| it.write(writer, version),
            )?;
        }
        if version <= 3 {
            writer.array(
                Some(&self.results_by_topic_v3_and_below),
                flexible,
                |writer, it| it.write(writer, version),
            )?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`AddPartitionsToTxnResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct AddPartitionsToTxnResult {
    /// The transactional id corresponding to the transaction.
    pub transactional_id: Str,
    /// The results for each topic.
    pub topic_results: Vec<AddPartitionsToTxnTopicResult>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AddPartitionsToTxnResult {
    fn default() -> AddPartitionsToTxnResult {
        AddPartitionsToTxnResult {
            transactional_id: Str::new(),
            topic_results: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AddPartitionsToTxnResult {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<AddPartitionsToTxnResult> {
        let flexible = version >= 3;
        let mut it = AddPartitionsToTxnResult::default();
        if version >= 4 {
            it.transactional_id = reader.string(flexible)?;
        }
        if version >= 4 {
            it.topic_results = reader.array(flexible, 3, |reader| {
                AddPartitionsToTxnTopicResult::read(reader, version)
            })?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 3;
        if !(version >= 4) && !self.transactional_id.is_empty() {
            return Err(EncodeError::Field {
                name: "AddPartitionsToTxnResult",
                field: "transactional_id",
                version,
            });
        }
        if !(version >= 4) && !self.topic_results.is_empty() {
            return Err(EncodeError::Field {
                name: "AddPartitionsToTxnResult",
                field: "topic_results",
                version,
            });
        }
        if version >= 4 {
            writer.string(Some(&self.transactional_id), flexible)?;
        }
        if version >= 4 {
            writer.array(Some(&self.topic_results), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`AddPartitionsToTxnResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct AddPartitionsToTxnTopicResult {
    /// The topic name.
    pub name: Str,
    /// The results for each partition.
    pub results_by_partition: Vec<AddPartitionsToTxnPartitionResult>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AddPartitionsToTxnTopicResult {
    fn default() -> AddPartitionsToTxnTopicResult {
        AddPartitionsToTxnTopicResult {
            name: Str::new(),
            results_by_partition: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AddPartitionsToTxnTopicResult {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<AddPartitionsToTxnTopicResult> {
        let flexible = version >= 3;
        let mut it = AddPartitionsToTxnTopicResult::default();
        it.name = reader.string(flexible)?;
        it.results_by_partition = reader.array(flexible, 6, |reader| {
            AddPartitionsToTxnPartitionResult::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 3;
        writer.string(Some(&self.name), flexible)?;
        writer.array(Some(&self.results_by_partition), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`AddPartitionsToTxnResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct AddPartitionsToTxnPartitionResult {
    /// The partition indexes.
    pub partition_index: i32,
    /// The response error code.
    pub partition_error_code: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AddPartitionsToTxnPartitionResult {
    fn default() -> AddPartitionsToTxnPartitionResult {
        AddPartitionsToTxnPartitionResult {
            partition_index: 0,
            partition_error_code: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AddPartitionsToTxnPartitionResult {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<AddPartitionsToTxnPartitionResult> {
        let flexible = version >= 3;
        let mut it = AddPartitionsToTxnPartitionResult::default();
        it.partition_index = reader.i32()?;
        it.partition_error_code = reader.i16()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 3;
        writer.i32(self.partition_index);
        writer.i16(self.partition_error_code);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for AddPartitionsToTxnResponse {
    const NAME: &'static str = "AddPartitionsToTxnResponse";
    const API_KEY: Option<i16> = Some(24);
    const VERSIONS: Versions = Versions { from: 0, to: 5 };
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        AddPartitionsToTxnResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
