// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `StreamsGroupTargetAssignmentMetadataKey`, version 0.

use crate::codec::*;

/// `StreamsGroupTargetAssignmentMetadataKey`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamsGroupTargetAssignmentMetadataKey {
    /// The group ID.
    pub group_id: Str,
}

impl Default for StreamsGroupTargetAssignmentMetadataKey {
    fn default() -> StreamsGroupTargetAssignmentMetadataKey {
        StreamsGroupTargetAssignmentMetadataKey {
            group_id: Str::new(),
        }
    }
}

impl StreamsGroupTargetAssignmentMetadataKey {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<StreamsGroupTargetAssignmentMetadataKey> {
        let flexible = false;
        let mut it = StreamsGroupTargetAssignmentMetadataKey::default();
        it.group_id = reader.string(flexible)?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.string(Some(&self.group_id), flexible)?;
        Ok(())
    }
}

impl Message for StreamsGroupTargetAssignmentMetadataKey {
    const NAME: &'static str = "StreamsGroupTargetAssignmentMetadataKey";
    const API_KEY: Option<i16> = Some(20);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = None;

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        StreamsGroupTargetAssignmentMetadataKey::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
