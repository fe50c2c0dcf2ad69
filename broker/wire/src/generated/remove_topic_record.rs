// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `RemoveTopicRecord`, version 0.

use crate::codec::*;

/// `RemoveTopicRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoveTopicRecord {
    /// The topic to remove. All associated partitions will be removed as well.
    pub topic_id: [u8; 16],
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for RemoveTopicRecord {
    fn default() -> RemoveTopicRecord {
        RemoveTopicRecord {
            topic_id: [0; 16],
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl RemoveTopicRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<RemoveTopicRecord> {
        let flexible = true;
        let mut it = RemoveTopicRecord::default();
        it.topic_id = reader.uuid()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.uuid(self.topic_id);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for RemoveTopicRecord {
    const NAME: &'static str = "RemoveTopicRecord";
    const API_KEY: Option<i16> = Some(9);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        RemoveTopicRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
