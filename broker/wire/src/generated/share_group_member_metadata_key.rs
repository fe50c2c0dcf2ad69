// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ShareGroupMemberMetadataKey`, version 0.

use crate::codec::*;

/// `ShareGroupMemberMetadataKey`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareGroupMemberMetadataKey {
    /// The group id.
    pub group_id: Str,
    /// The member id.
    pub member_id: Str,
}

impl Default for ShareGroupMemberMetadataKey {
    fn default() -> ShareGroupMemberMetadataKey {
        ShareGroupMemberMetadataKey {
            group_id: Str::new(),
            member_id: Str::new(),
        }
    }
}

impl ShareGroupMemberMetadataKey {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ShareGroupMemberMetadataKey> {
        let flexible = false;
        let mut it = ShareGroupMemberMetadataKey::default();
        it.group_id = reader.string(flexible)?;
        it.member_id = reader.string(flexible)?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.string(Some(&self.group_id), flexible)?;
        writer.string(Some(&self.member_id), flexible)?;
        Ok(())
    }
}

impl Message for ShareGroupMemberMetadataKey {
    const NAME: &'static str = "ShareGroupMemberMetadataKey";
    const API_KEY: Option<i16> = Some(10);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = None;

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ShareGroupMemberMetadataKey::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
