// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `DeleteTopicsRequest`, versions 1 to 6.

use crate::codec::*;

/// `DeleteTopicsRequest`, versions 1 to 6.
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteTopicsRequest {
    /// The name or topic ID of the topic.
    pub topics: Vec<DeleteTopicState>,
    /// The names of the topics to delete.
    pub topic_names: Vec<Str>,
    /// The length of time in milliseconds to wait for the deletions to complete.
    pub timeout_ms: i32,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DeleteTopicsRequest {
    fn default() -> DeleteTopicsRequest {
        DeleteTopicsRequest {
            topics: Vec::new(),
            topic_names: Vec::new(),
            timeout_ms: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DeleteTopicsRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DeleteTopicsRequest> {
        let flexible = version >= 4;
        let mut it = DeleteTopicsRequest::default();
        if version >= 6 {
            it.topics = reader.array(flexible, 1, |reader| {
                DeleteTopicState::read(reader, version)
            })?;
        }
        if version <= 5 {
            it.topic_names = reader.array(flexible, 1, |reader| reader.string(flexible))?;
        }
        it.timeout_ms = reader.i32()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 4;
        if !(version >= 6) && !self.topics.is_empty() {
            return Err(EncodeError::Field {
                name: "DeleteTopicsRequest",
                field: "topics",
                version,
            });
        }
        if version >= 6 {
            writer.array(Some(&self.topics), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if version <= 5 {
            writer.array(Some(&self.topic_names), flexible, |writer, it| {
                writer.string(Some(it), flexible)
            })?;
        }
        writer.i32(self.timeout_ms);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`DeleteTopicsRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteTopicState {
    /// The topic name.
    pub name: Option<Str>,
    /// The unique topic ID.
    pub topic_id: [u8; 16],
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DeleteTopicState {
    fn default() -> DeleteTopicState {
        DeleteTopicState {
            name: None,
            topic_id: [0; 16],
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DeleteTopicState {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DeleteTopicState> {
        let flexible = version >= 4;
        let mut it = DeleteTopicState::default();
        if version >= 6 {
            it.name = reader.nullable_string(flexible)?;
        }
        if version >= 6 {
            it.topic_id = reader.uuid()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 4;
        if !(version >= 6) && self.name.is_some() {
            return Err(EncodeError::Field {
                name: "DeleteTopicState",
                field: "name",
                version,
            });
        }
        if !(version >= 6) && self.topic_id != [0; 16] {
            return Err(EncodeError::Field {
                name: "DeleteTopicState",
                field: "topic_id",
                version,
            });
        }
        if version >= 6 {
            writer.string(self.name.as_deref(), flexible)?;
        }
        if version >= 6 {
            writer.uuid(self.topic_id);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for DeleteTopicsRequest {
    const NAME: &'static str = "DeleteTopicsRequest";
    const API_KEY: Option<i16> = Some(20);
    const VERSIONS: Versions = Versions { from: 1, to: 6 };
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        DeleteTopicsRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
