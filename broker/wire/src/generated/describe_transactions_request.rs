// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `DescribeTransactionsRequest`, version 0.

use crate::codec::*;

/// `DescribeTransactionsRequest`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeTransactionsRequest {
    /// Array of transactionalIds to include in describe results. If empty, then no results will be returned.
    pub transactional_ids: Vec<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DescribeTransactionsRequest {
    fn default() -> DescribeTransactionsRequest {
        DescribeTransactionsRequest {
            transactional_ids: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DescribeTransactionsRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DescribeTransactionsRequest> {
        let flexible = true;
        let mut it = DescribeTransactionsRequest::default();
        it.transactional_ids = reader.array(flexible, 1, |reader| reader.string(flexible))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.array(Some(&self.transactional_ids), flexible, |writer, it| {
            writer.string(Some(it), flexible)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for DescribeTransactionsRequest {
    const NAME: &'static str = "DescribeTransactionsRequest";
    const API_KEY: Option<i16> = Some(65);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        DescribeTransactionsRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
