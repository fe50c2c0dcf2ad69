// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `LeaveGroupResponse`, versions 0 to 5.

use crate::codec::*;

/// `LeaveGroupResponse`, versions 0 to 5.
#[derive(Clone, Debug, PartialEq)]
pub struct LeaveGroupResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// List of leaving member responses.
    pub members: Vec<MemberResponse>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for LeaveGroupResponse {
    fn default() -> LeaveGroupResponse {
        LeaveGroupResponse {
            throttle_time_ms: 0,
            error_code: 0,
            members: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl LeaveGroupResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<LeaveGroupResponse> {
        let flexible = version >= 4;
        let mut it = LeaveGroupResponse::default();
        if version >= 1 {
            it.throttle_time_ms = reader.i32()?;
        }
        it.error_code = reader.i16()?;
        if version >= 3 {
            it.members =
                reader.array(flexible, 1, |reader| MemberResponse::read(reader, version))?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 4;
        if !(version >= 3) && !self.members.is_empty() {
            return Err(EncodeError::Field {
                name: "LeaveGroupResponse",
                field: "members",
                version,
            });
        }
        if version >= 1 {
            writer.i32(self.throttle_time_ms);
        }
        writer.i16(self.error_code);
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

/// Part of [`LeaveGroupResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct MemberResponse {
    /// The member ID to remove from the group.
    pub member_id: Str,
    /// The group instance ID to remove from the group.
    pub group_instance_id: Option<Str>,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for MemberResponse {
    fn default() -> MemberResponse {
        MemberResponse {
            member_id: Str::new(),
            group_instance_id: Some(Str::new()),
            error_code: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl MemberResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<MemberResponse> {
        let flexible = version >= 4;
        let mut it = MemberResponse::default();
        if version >= 3 {
            it.member_id = reader.string(flexible)?;
        }
        if version >= 3 {
            it.group_instance_id = reader.nullable_string(flexible)?;
        }
        if version >= 3 {
            it.error_code = reader.i16()?;
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
                name: "MemberResponse",
                field: "member_id",
                version,
            });
        }
        if !(version >= 3) && self.group_instance_id.as_deref() != Some("") {
            return Err(EncodeError::Field {
                name: "MemberResponse",
                field: "group_instance_id",
                version,
            });
        }
        if !(version >= 3) && self.error_code != 0 {
            return Err(EncodeError::Field {
                name: "MemberResponse",
                field: "error_code",
                version,
            });
        }
        if version >= 3 {
            writer.string(Some(&self.member_id), flexible)?;
        }
        if version >= 3 {
            writer.string(self.group_instance_id.as_deref(), flexible)?;
        }
        if version >= 3 {
            writer.i16(self.error_code);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for LeaveGroupResponse {
    const NAME: &'static str = "LeaveGroupResponse";
    const API_KEY: Option<i16> = Some(13);
    const VERSIONS: Versions = Versions { from: 0, to: 5 };
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        LeaveGroupResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
