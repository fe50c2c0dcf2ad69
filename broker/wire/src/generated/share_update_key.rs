// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ShareUpdateKey`, version 0.

use crate::codec::*;

/// `ShareUpdateKey`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareUpdateKey {
    /// The group id.
    pub group_id: Str,
    /// The topic id.
    pub topic_id: [u8; 16],
    /// The partition index.
    pub partition: i32,
}

impl Default for ShareUpdateKey {
    fn default() -> ShareUpdateKey {
        ShareUpdateKey {
            group_id: Str::new(),
            topic_id: [0; 16],
            partition: 0,
        }
    }
}

impl ShareUpdateKey {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ShareUpdateKey> {
        let flexible = false;
        let mut it = ShareUpdateKey::default();
        it.group_id = reader.string(flexible)?;
        it.topic_id = reader.uuid()?;
        it.partition = reader.i32()?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.string(Some(&self.group_id), flexible)?;
        writer.uuid(self.topic_id);
        writer.i32(self.partition);
        Ok(())
    }
}

impl Message for ShareUpdateKey {
    const NAME: &'static str = "ShareUpdateKey";
    const API_KEY: Option<i16> = Some(1);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = None;

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ShareUpdateKey::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
