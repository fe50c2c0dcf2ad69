// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `TopicRecord`, version 0.

use crate::codec::*;

/// `TopicRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicRecord {
    /// The topic name.
    pub name: Str,
    /// The unique ID of this topic.
    pub topic_id: [u8; 16],
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TopicRecord {
    fn default() -> TopicRecord {
        TopicRecord {
            name: Str::new(),
            topic_id: [0; 16],
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TopicRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TopicRecord> {
        let flexible = true;
        let mut it = TopicRecord::default();
        it.name = reader.string(flexible)?;
        it.topic_id = reader.uuid()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.name), flexible)?;
        writer.uuid(self.topic_id);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for TopicRecord {
    const NAME: &'static str = "TopicRecord";
    const API_KEY: Option<i16> = Some(2);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        TopicRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
