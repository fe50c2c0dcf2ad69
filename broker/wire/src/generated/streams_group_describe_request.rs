// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `StreamsGroupDescribeRequest`, version 0.

use crate::codec::*;

/// `StreamsGroupDescribeRequest`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamsGroupDescribeRequest {
    /// The ids of the groups to describe
    pub group_ids: Vec<Str>,
    /// Whether to include authorized operations.
    pub include_authorized_operations: bool,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for StreamsGroupDescribeRequest {
    fn default() -> StreamsGroupDescribeRequest {
        StreamsGroupDescribeRequest {
            group_ids: Vec::new(),
            include_authorized_operations: false,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl StreamsGroupDescribeRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<StreamsGroupDescribeRequest> {
        let flexible = true;
        let mut it = StreamsGroupDescribeRequest::default();
        it.group_ids = reader.array(flexible, 1, |reader| reader.string(flexible))?;
        it.include_authorized_operations = reader.bool()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.array(Some(&self.group_ids), flexible, |writer, it| {
            writer.string(Some(it), flexible)
        })?;
        writer.bool(self.include_authorized_operations);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for StreamsGroupDescribeRequest {
    const NAME: &'static str = "StreamsGroupDescribeRequest";
    const API_KEY: Option<i16> = Some(89);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        StreamsGroupDescribeRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
