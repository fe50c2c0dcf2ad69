// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `DeleteShareGroupOffsetsRequest`, version 0.

use crate::codec::*;

/// `DeleteShareGroupOffsetsRequest`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteShareGroupOffsetsRequest {
    /// The group identifier.
    pub group_id: Str,
    /// The topics to delete offsets for.
    pub topics: Vec<DeleteShareGroupOffsetsRequestTopic>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DeleteShareGroupOffsetsRequest {
    fn default() -> DeleteShareGroupOffsetsRequest {
        DeleteShareGroupOffsetsRequest {
            group_id: Str::new(),
            topics: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DeleteShareGroupOffsetsRequest {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<DeleteShareGroupOffsetsRequest> {
        let flexible = true;
        let mut it = DeleteShareGroupOffsetsRequest::default();
        it.group_id = reader.string(flexible)?;
        it.topics = reader.array(flexible, 2, |reader| {
            DeleteShareGroupOffsetsRequestTopic::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.group_id), flexible)?;
        writer.array(Some(&self.topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`DeleteShareGroupOffsetsRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteShareGroupOffsetsRequestTopic {
    /// The topic name.
    pub topic_name: Str,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DeleteShareGroupOffsetsRequestTopic {
    fn default() -> DeleteShareGroupOffsetsRequestTopic {
        DeleteShareGroupOffsetsRequestTopic {
            topic_name: Str::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DeleteShareGroupOffsetsRequestTopic {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<DeleteShareGroupOffsetsRequestTopic> {
        let flexible = true;
        let mut it = DeleteShareGroupOffsetsRequestTopic::default();
        it.topic_name = reader.string(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.topic_name), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for DeleteShareGroupOffsetsRequest {
    const NAME: &'static str = "DeleteShareGroupOffsetsRequest";
    const API_KEY: Option<i16> = Some(92);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        DeleteShareGroupOffsetsRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
