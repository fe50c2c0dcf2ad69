// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `AddPartitionsToTxnRequest`, versions 0 to 5.

use crate::codec::*;

/// `AddPartitionsToTxnRequest`, versions 0 to 5.
#[derive(Clone, Debug, PartialEq)]
pub struct AddPartitionsToTxnRequest {
    /// List of transactions to add partitions to.
    pub transactions: Vec<AddPartitionsToTxnTransaction>,
    /// The transactional id corresponding to the transaction.
    pub v3_and_below_transactional_id: Str,
    /// Current producer id in use by the transactional id.
    pub v3_and_below_producer_id: i64,
    /// Current epoch associated with the producer id.
    pub v3_and_below_producer_epoch: i16,
    /// The partitions to add to the transaction.
    pub v3_and_below_topics: Vec<AddPartitionsToTxnTopic>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AddPartitionsToTxnRequest {
    fn default() -> AddPartitionsToTxnRequest {
        AddPartitionsToTxnRequest {
            transactions: Vec::new(),
            v3_and_below_transactional_id: Str::new(),
            v3_and_below_producer_id: 0,
            v3_and_below_producer_epoch: 0,
            v3_and_below_topics: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AddPartitionsToTxnRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<AddPartitionsToTxnRequest> {
        let flexible = version >= 3;
        let mut it = AddPartitionsToTxnRequest::default();
        if version >= 4 {
            it.transactions = reader.array(flexible, 1, |reader| {
                AddPartitionsToTxnTransaction::read(reader, version)
            })?;
        }
        if version <= 3 {
            it.v3_and_below_transactional_id = reader.string(flexible)?;
        }
        if version <= 3 {
            it.v3_and_below_producer_id = reader.i64()?;
        }
        if version <= 3 {
            it.v3_and_below_producer_epoch = reader.i16()?;
        }
        if version <= 3 {
            it.v3_and_below_topics = reader.array(flexible, 3, |reader| {
                AddPartitionsToTxnTopic::read(reader, version)
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
        if !(version >= 4) && !self.transactions.is_empty() {
            return Err(EncodeError::Field {
                name: "AddPartitionsToTxnRequest",
                field: "transactions",
                version,
            });
        }
        if !(version <= 3) && !self.v3_and_below_transactional_id.is_empty() {
            return Err(EncodeError::Field {
                name: "AddPartitionsToTxnRequest",
                field: "v3_and_below_transactional_id",
                version,
            });
        }
        if !(version <= 3) && self.v3_and_below_producer_id != 0 {
            return Err(EncodeError::Field {
                name: "AddPartitionsToTxnRequest",
                field: "v3_and_below_producer_id",
                version,
            });
        }
        if !(version <= 3) && self.v3_and_below_producer_epoch != 0 {
            return Err(EncodeError::Field {
                name: "AddPartitionsToTxnRequest",
                field: "v3_and_below_producer_epoch",
                version,
            });
        }
        if !(version <= 3) && !self.v3_and_below_topics.is_empty() {
            return Err(EncodeError::Field {
                name: "AddPartitionsToTxnRequest",
                field: "v3_and_below_topics",
                version,
            });
        }
        if version >= 4 {
            writer.array(Some(&self.transactions), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if version <= 3 {
            writer.string(Some(&self.v3_and_below_transactional_id), flexible)?;
        }
        if version <= 3 {
            writer.i64(self.v3_and_below_producer_id);
        }
        if version <= 3 {
            writer.i16(self.v3_and_below_producer_epoch);
        }
        if version <= 3 {
            writer.array(Some(&self.v3_and_below_topics), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`AddPartitionsToTxnRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct AddPartitionsToTxnTransaction {
    /// The transactional id corresponding to the transaction.
    pub transactional_id: Str,
    /// Current producer id in use by the transactional id.
    pub producer_id: i64,
    /// Current epoch associated with the producer id.
    pub producer_epoch: i16,
    /// Boolean to signify if we want to check if the partition is in the transaction rather than add it.
    pub verify_only: bool,
    /// The partitions to add to the transaction.
    pub topics: Vec<AddPartitionsToTxnTopic>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AddPartitionsToTxnTransaction {
    fn default() -> AddPartitionsToTxnTransaction {
        AddPartitionsToTxnTransaction {
            transactional_id: Str::new(),
            producer_id: 0,
            producer_epoch: 0,
            verify_only: false,
            topics: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AddPartitionsToTxnTransaction {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<AddPartitionsToTxnTransaction> {
        let flexible = version >= 3;
        let mut it = AddPartitionsToTxnTransaction::default();
        if version >= 4 {
            it.transactional_id = reader.string(flexible)?;
        }
        if version >= 4 {
            it.producer_id = reader.i64()?;
        }
        if version >= 4 {
            it.producer_epoch = reader.i16()?;
        }
        if version >= 4 {
            it.verify_only = reader.bool()?;
        }
        if version >= 4 {
            it.topics = reader.array(flexible, 3, |reader| {
                AddPartitionsToTxnTopic::read(reader, version)
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
                name: "AddPartitionsToTxnTransaction",
                field: "transactional_id",
                version,
            });
        }
        if !(version >= 4) && self.producer_id != 0 {
            return Err(EncodeError::Field {
                name: "AddPartitionsToTxnTransaction",
                field: "producer_id",
                version,
            });
        }
        if !(version >= 4) && self.producer_epoch != 0 {
            return Err(EncodeError::Field {
                name: "AddPartitionsToTxnTransaction",
                field: "producer_epoch",
                version,
            });
        }
        if !(version >= 4) && self.verify_only {
            return Err(EncodeError::Field {
                name: "AddPartitionsToTxnTransaction",
                field: "verify_only",
                version,
            });
        }
        if !(version >= 4) && !self.topics.is_empty() {
            return Err(EncodeError::Field {
                name: "AddPartitionsToTxnTransaction",
                field: "topics",
                version,
            });
        }
        if version >= 4 {
            writer.string(Some(&self.transactional_id), flexible)?;
        }
        if version >= 4 {
            writer.i64(self.producer_id);
        }
        if version >= 4 {
            writer.i16(self.producer_epoch);
        }
        if version >= 4 {
            writer.bool(self.verify_only);
        }
        if version >= 4 {
            writer.array(Some(&self.topics), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`AddPartitionsToTxnRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct AddPartitionsToTxnTopic {
    /// The name of the topic.
    pub name: Str,
    /// The partition indexes to add to the transaction.
    pub partitions: Vec<i32>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AddPartitionsToTxnTopic {
    fn default() -> AddPartitionsToTxnTopic {
        AddPartitionsToTxnTopic {
            name: Str::new(),
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AddPartitionsToTxnTopic {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<AddPartitionsToTxnTopic> {
        let flexible = version >= 3;
        let mut it = AddPartitionsToTxnTopic::default();
        it.name = reader.string(flexible)?;
        it.partitions = reader.array(flexible, 4, |reader| reader.i32())?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 3;
        writer.string(Some(&self.name), flexible)?;
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

impl Message for AddPartitionsToTxnRequest {
    const NAME: &'static str = "AddPartitionsToTxnRequest";
    const API_KEY: Option<i16> = Some(24);
    const VERSIONS: Versions = Versions { from: 0, to: 5 };
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        AddPartitionsToTxnRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
