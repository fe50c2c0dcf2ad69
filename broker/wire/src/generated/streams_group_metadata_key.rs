// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `StreamsGroupMetadataKey`, version 0.

use crate::codec::*;

/// `StreamsGroupMetadataKey`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamsGroupMetadataKey {
    /// The group ID.
    pub group_id: Str,
}

impl Default for StreamsGroupMetadataKey {
    fn default() -> StreamsGroupMetadataKey {
        StreamsGroupMetadataKey {
            group_id: Str::new(),
        }
    }
}

impl StreamsGroupMetadataKey {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<StreamsGroupMetadataKey> {
        let flexible = false;
        let mut it = StreamsGroupMetadataKey::default();
        it.group_id = reader.string(flexible)?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.string(Some(&self.group_id), flexible)?;
        Ok(())
    }
}

impl Message for StreamsGroupMetadataKey {
    const NAME: &'static str = "StreamsGroupMetadataKey";
    const API_KEY: Option<i16> = Some(17);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = None;

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        StreamsGroupMetadataKey::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
