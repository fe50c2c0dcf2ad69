// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `LeaveGroupRequest`, versions 0 to 5.

use crate::codec::*;

/// `LeaveGroupRequest`, versions 0 to 5.
#[derive(Clone, Debug, PartialEq)]
pub struct LeaveGroupRequest {
    /// The ID of the group to leave.
    pub group_id: Str,
    /// The member ID to remove from the group.
    pub member_id: Str,
    /// List of leaving member identities.
    pub members: Vec<MemberIdentity>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for LeaveGroupRequest {
    fn default() -> LeaveGroupRequest {
        LeaveGroupRequest {
            group_id: Str::new(),
            member_id: Str::new(),
            members: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl LeaveGroupRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<LeaveGroupRequest> {
        let flexible = version >= 4;
        let mut it = LeaveGroupRequest::default();
        it.group_id = reader.string(flexible)?;
        if version <= 2 {
            it.member_id = reader.string(flexible)?;
        }
        if version >= 3 {
            it.members =
                reader.array(flexible, 1, |reader| MemberIdentity::read(reader, version))?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 4;
        if !(version <= 2) && !self.member_id.is_empty() {
            return Err(EncodeError::Field {
                name: "LeaveGroupRequest",
                field: "member_id",
                version,
            });
        }
        if !(version >= 3) && !self.members.is_empty() {
            return Err(EncodeError::Field {
                name: "LeaveGroupRequest",
                field: "members",
                version,
            });
        }
        writer.string(Some(&self.group_id), flexible)?;
        if version <= 2 {
            writer.string(Some(&self.member_id), flexible)?;
        }
        if version >= 3 {
            writer.array(Some(&self.members), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`LeaveGroupRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct MemberIdentity {
    /// The member ID to remove from the group.
    pub member_id: Str,
    /// The group instance ID to remove from the group.
    pub group_instance_id: Option<Str>,
    /// The reason why the member left the group.
    pub reason: Option<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for MemberIdentity {
    fn default() -> MemberIdentity {
        MemberIdentity {
            member_id: Str::new(),
            group_instance_id: None,
            reason: None,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl MemberIdentity {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<MemberIdentity> {
        let flexible = version >= 4;
        let mut it = MemberIdentity::default();
        if version >= 3 {
            it.member_id = reader.string(flexible)?;
        }
        if version >= 3 {
            it.group_instance_id = reader.nullable_string(flexible)?;
        }
        if version >= 5 {
            it.reason = reader.nullable_string(flexible)?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 4;
        if !(version >= 3) && !self.member_id.is_empty() {
            return Err(EncodeError::Field {
                name: "MemberIdentity",
                field: "member_id",
                version,
            });
        }
        if !(version >= 3) && self.group_instance_id.is_some() {
            return Err(EncodeError::Field {
                name: "MemberIdentity",
                field: "group_instance_id",
                version,
            });
        }
        if version >= 3 {
            writer.string(Some(&self.member_id), flexible)?;
        }
        if version >= 3 {
            writer.string(self.group_instance_id.as_deref(), flexible)?;
        }
        if version >= 5 {
            writer.string(self.reason.as_deref(), flexible)?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for LeaveGroupRequest {
    const NAME: &'static str = "LeaveGroupRequest";
    const API_KEY: Option<i16> = Some(13);
    const VERSIONS: Versions = Versions { from: 0, to: 5 };
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        LeaveGroupRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
