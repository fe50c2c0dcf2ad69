// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ShareGroupTargetAssignmentMemberKey`, version 0.

use crate::codec::*;

/// `ShareGroupTargetAssignmentMemberKey`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareGroupTargetAssignmentMemberKey {
    /// The group id.
    pub group_id: Str,
    /// The member id.
    pub member_id: Str,
}

impl Default for ShareGroupTargetAssignmentMemberKey {
    fn default() -> ShareGroupTargetAssignmentMemberKey {
        ShareGroupTargetAssignmentMemberKey {
            group_id: Str::new(),
            member_id: Str::new(),
        }
    }
}

impl ShareGroupTargetAssignmentMemberKey {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<ShareGroupTargetAssignmentMemberKey> {
        let flexible = false;
        let mut it = ShareGroupTargetAssignmentMemberKey::default();
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

impl Message for ShareGroupTargetAssignmentMemberKey {
    const NAME: &'static str = "ShareGroupTargetAssignmentMemberKey";
    const API_KEY: Option<i16> = Some(13);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = None;

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ShareGroupTargetAssignmentMemberKey::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
