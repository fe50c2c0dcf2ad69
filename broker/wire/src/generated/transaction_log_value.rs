// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `TransactionLogValue`, versions 0 to 1.

use crate::codec::*;

/// `TransactionLogValue`, versions 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct TransactionLogValue {
    /// Producer id in use by the transactional id.
    pub producer_id: i64,
    /// Producer id used by the last committed transaction.
    pub previous_producer_id: i64,
    /// Latest producer ID sent to the producer for the given transactional id.
    pub next_producer_id: i64,
    /// Epoch associated with the producer id.
    pub producer_epoch: i16,
    /// Producer epoch associated with the NextProducerId
    pub next_producer_epoch: i16,
    /// Transaction timeout in milliseconds.
    pub transaction_timeout_ms: i32,
    /// TransactionState the transaction is in.
    pub transaction_status: i8,
    /// Partitions involved in the transaction.
    pub transaction_partitions: Option<Vec<PartitionsSchema>>,
    /// Time the transaction was last updated.
    pub transaction_last_update_timestamp_ms: i64,
    /// Time the transaction was started.
    pub transaction_start_timestamp_ms: i64,
    /// The transaction version used by the client.
    pub client_transaction_version: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TransactionLogValue {
    fn default() -> TransactionLogValue {
        TransactionLogValue {
            producer_id: 0,
            previous_producer_id: -1,
            next_producer_id: -1,
            producer_epoch: 0,
            next_producer_epoch: -1,
            transaction_timeout_ms: 0,
            transaction_status: 0,
            transaction_partitions: Some(Vec::new()),
            transaction_last_update_timestamp_ms: 0,
            transaction_start_timestamp_ms: 0,
            client_transaction_version: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TransactionLogValue {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TransactionLogValue> {
        let flexible = version >= 1;
        let mut it = TransactionLogValue::default();
        it.producer_id = reader.i64()?;
        it.producer_epoch = reader.i16()?;
        it.transaction_timeout_ms = reader.i32()?;
        it.transaction_status = reader.i8()?;
        it.transaction_partitions = reader.nullable_array(flexible, 3, |reader| {
            PartitionsSchema::read(reader, version)
        })?;
        it.transaction_last_update_timestamp_ms = reader.i64()?;
        it.transaction_start_timestamp_ms = reader.i64()?;
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 if version >= 1 => it.previous_producer_id = reader.i64()?,
                    1 if version >= 1 => it.next_producer_id = reader.i64()?,
                    2 if version >= 1 => it.client_transaction_version = reader.i16()?,
                    3 if version >= 1 => it.next_producer_epoch = reader.i16()?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 1;
        if !(version >= 1) && self.previous_producer_id != -1 {
            return Err(EncodeError::Field {
                name: "TransactionLogValue",
                field: "previous_producer_id",
                version,
            });
        }
        if !(version >= 1) && self.next_producer_id != -1 {
            return Err(EncodeError::Field {
                name: "TransactionLogValue",
                field: "next_producer_id",
                version,
            });
        }
        if !(version >= 1) && self.next_producer_epoch != -1 {
            return Err(EncodeError::Field {
                name: "TransactionLogValue",
                field: "next_producer_epoch",
                version,
            });
        }
        if !(version >= 1) && self.client_transaction_version != 0 {
            return Err(EncodeError::Field {
                name: "TransactionLogValue",
                field: "client_transaction_version",
                version,
            });
        }
        writer.i64(self.producer_id);
        writer.i16(self.producer_epoch);
        writer.i32(self.transaction_timeout_ms);
        writer.i8(self.transaction_status);
        writer.array(
            self.transaction_partitions.as_deref(),
            flexible,
            |writer, it| it.write(writer, version),
        )?;
        writer.i64(self.transaction_last_update_timestamp_ms);
        writer.i64(self.transaction_start_timestamp_ms);
        if flexible {
            let mut tagged = TaggedFields::default();
            if self.previous_producer_id != -1 {
                tagged.add(0, |writer| {
                    writer.i64(self.previous_producer_id);
                    Ok(())
                })?;
            }
            if self.next_producer_id != -1 {
                tagged.add(1, |writer| {
                    writer.i64(self.next_producer_id);
                    Ok(())
                })?;
            }
            if self.client_transaction_version != 0 {
                tagged.add(2, |writer| {
                    writer.i16(self.client_transaction_version);
                    Ok(())
                })?;
            }
            if self.next_producer_epoch != -1 {
                tagged.add(3, |writer| {
                    writer.i16(self.next_producer_epoch);
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`TransactionLogValue`].
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionsSchema {
    /// Topic involved in the transaction.
    pub topic: Str,
    /// Partition ids involved in the transaction.
    pub partition_ids: Vec<i32>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for PartitionsSchema {
    fn default() -> PartitionsSchema {
        PartitionsSchema {
            topic: Str::new(),
            partition_ids: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl PartitionsSchema {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<PartitionsSchema> {
        let flexible = version >= 1;
        let mut it = PartitionsSchema::default();
        it.topic = reader.string(flexible)?;
        it.partition_ids = reader.array(flexible, 4, |reader| reader.i32())?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 1;
        writer.string(Some(&self.topic), flexible)?;
        writer.array(Some(&self.partition_ids), flexible, |writer, it| {
            writer.i32(*it);
            Ok(())
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for TransactionLogValue {
    const NAME: &'static str = "TransactionLogValue";
    const API_KEY: Option<i16> = Some(0);
    const VERSIONS: Versions = Versions { from: 0, to: 1 };
    const FLEXIBLE_FROM: Option<i16> = Some(1);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        TransactionLogValue::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
