// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ListTransactionsRequest`, versions 0 to 2.

use crate::codec::*;

/// `ListTransactionsRequest`, versions 0 to 2.
#[derive(Clone, Debug, PartialEq)]
pub struct ListTransactionsRequest {
    /// The transaction states to filter by: if empty, all transactions are returned; if non-empty, then only transactions matching one of the filtered states will be returned.
    pub state_filters: Vec<Str>,
    /// The producerIds to filter by: if empty, all transactions will be returned; if non-empty, only transactions which match one of the filtered producerIds will be returned.
    pub producer_id_filters: Vec<i64>,
    /// Duration (in millis) to filter by: if \< 0, all transactions will be returned; otherwise, only transactions running longer than this duration will be returned.
    pub duration_filter: i64,
    /// The transactional ID regular expression pattern to filter by: if it is empty or null, all transactions are returned; Otherwise then only the transactions matching the given regular expression will be returned.
    pub transactional_id_pattern: Option<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ListTransactionsRequest {
    fn default() -> ListTransactionsRequest {
        ListTransactionsRequest {
            state_filters: Vec::new(),
            producer_id_filters: Vec::new(),
            duration_filter: -1,
            transactional_id_pattern: None,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ListTransactionsRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ListTransactionsRequest> {
        let flexible = true;
        let mut it = ListTransactionsRequest::default();
        it.state_filters = reader.array(flexible, 1, |reader| reader.string(flexible))?;
        it.producer_id_filters = reader.array(flexible, 8, |reader| reader.i64())?;
        if version >= 1 {
            it.duration_filter = reader.i64()?;
        }
        if version >= 2 {
            it.transactional_id_pattern = reader.nullable_string(flexible)?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        if !(version >= 1) && self.duration_filter != -1 {
            return Err(EncodeError::Field {
                name: "ListTransactionsRequest",
                field: "duration_filter",
                version,
            });
        }
        if !(version >= 2) && self.transactional_id_pattern.is_some() {
            return Err(EncodeError::Field {
                name: "ListTransactionsRequest",
                field: "transactional_id_pattern",
                version,
            });
        }
        writer.array(Some(&self.state_filters), flexible, |writer, it| {
            writer.string(Some(it), flexible)
        })?;
        writer.array(Some(&self.producer_id_filters), flexible, |writer, it| {
            writer.i64(*it);
            Ok(())
        })?;
        if version >= 1 {
            writer.i64(self.duration_filter);
        }
        if version >= 2 {
            writer.string(self.transactional_id_pattern.as_deref(), flexible)?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ListTransactionsRequest {
    const NAME: &'static str = "ListTransactionsRequest";
    const API_KEY: Option<i16> = Some(66);
    const VERSIONS: Versions = Versions { from: 0, to: 2 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ListTransactionsRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
