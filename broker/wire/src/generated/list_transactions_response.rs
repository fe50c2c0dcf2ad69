// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ListTransactionsResponse`, versions 0 to 2.

use crate::codec::*;

/// `ListTransactionsResponse`, versions 0 to 2.
#[derive(Clone, Debug, PartialEq)]
pub struct ListTransactionsResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// Set of state filters provided in the request which were unknown to the transaction coordinator.
    pub unknown_state_filters: Vec<Str>,
    /// The current state of the transaction for the transactional id.
    pub transaction_states: Vec<TransactionState>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ListTransactionsResponse {
    fn default() -> ListTransactionsResponse {
        ListTransactionsResponse {
            throttle_time_ms: 0,
            error_code: 0,
            unknown_state_filters: Vec::new(),
            transaction_states: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ListTransactionsResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ListTransactionsResponse> {
        let flexible = true;
        let mut it = ListTransactionsResponse::default();
        it.throttle_time_ms = reader.i32()?;
        it.error_code = reader.i16()?;
        it.unknown_state_filters = reader.array(flexible, 1, |reader| reader.string(flexible))?;
        it.transaction_states = reader.array(flexible, 11, |reader| {
            TransactionState::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.throttle_time_ms);
        writer.i16(self.error_code);
        writer.array(Some(&self.unknown_state_filters), flexible, |writer, it| {
            writer.string(Some(it), flexible)
        })?;
        writer.array(Some(&self.transaction_states), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ListTransactionsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct TransactionState {
    /// The transactional id.
    pub transactional_id: Str,
    /// The producer id.
    pub producer_id: i64,
    /// The current transaction state of the producer.
    pub transaction_state: Str,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TransactionState {
    fn default() -> TransactionState {
        TransactionState {
            transactional_id: Str::new(),
            producer_id: 0,
            transaction_state: Str::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TransactionState {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TransactionState> {
        let flexible = true;
        let mut it = TransactionState::default();
        it.transactional_id = reader.string(flexible)?;
        it.producer_id = reader.i64()?;
        it.transaction_state = reader.string(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.transactional_id), flexible)?;
        writer.i64(self.producer_id);
        writer.string(Some(&self.transaction_state), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ListTransactionsResponse {
    const NAME: &'static str = "ListTransactionsResponse";
    const API_KEY: Option<i16> = Some(66);
    const VERSIONS: Versions = Versions { from: 0, to: 2 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ListTransactionsResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
