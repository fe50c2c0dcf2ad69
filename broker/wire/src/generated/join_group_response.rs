// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `JoinGroupResponse`, versions 0 to 9.

use crate::codec::*;

/// `JoinGroupResponse`, versions 0 to 9.
#[derive(Clone, Debug, PartialEq)]
pub struct JoinGroupResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// The generation ID of the group.
    pub generation_id: i32,
    /// The group protocol name.
    pub protocol_type: Option<Str>,
    /// The group protocol selected by the coordinator.
    pub protocol_name: Option<Str>,
    /// The leader of the group.
    pub leader: Str,
    /// True if the leader must skip running the assignment.
    pub skip_assignment: bool,
    /// The member ID assigned by the group coordinator.
    pub member_id: Str,
    /// The group members.
    pub members: Vec<JoinGroupResponseMember>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for JoinGroupResponse {
    fn default() -> JoinGroupResponse {
        JoinGroupResponse {
            throttle_time_ms: 0,
            error_code: 0,
            generation_id: -1,
            protocol_type: None,
            protocol_name: Some(Str::new()),
            leader: Str::new(),
            skip_assignment: false,
            member_id: Str::new(),
            members: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl JoinGroupResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<JoinGroupResponse> {
        let flexible = version >= 6;
        let mut it = JoinGroupResponse::default();
        if version >= 2 {
            it.throttle_time_ms = reader.i32()?;
        }
        it.error_code = reader.i16()?;
        it.generation_id = reader.i32()?;
        if version >= 7 {
            it.protocol_type = reader.nullable_string(flexible)?;
        }
        it.protocol_name = if version >= 7 {
            reader.nullable_string(flexible)?
        } else {
            Some(reader.string(flexible)?)
        };
        it.leader = reader.string(flexible)?;
        if version >= 9 {
            it.skip_assignment = reader.bool()?;
        }
        it.member_id = reader.string(flexible)?;
        it.members = reader.array(flexible, 4, |reader| {
            JoinGroupResponseMember::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 6;
        if !(version >= 7) && self.protocol_name.is_none() {
            return Err(EncodeError::Null {
                name: "JoinGroupResponse",
                field: "protocol_name",
                version,
            });
        }
        if !(version >= 9) && self.skip_assignment {
            return Err(EncodeError::Field {
                name: "JoinGroupResponse",
                field: "skip_assignment",
                version,
            });
        }
        if version >= 2 {
            writer.i32(self.throttle_time_ms);
        }
        writer.i16(self.error_code);
        writer.i32(self.generation_id);
        if version >= 7 {
            writer.string(self.protocol_type.as_deref(), flexible)?;
        }
        writer.string(self.protocol_name.as_deref(), flexible)?;
        writer.string(Some(&self.leader), flexible)?;
        if version >= 9 {
            writer.bool(self.skip_assignment);
        }
        writer.string(Some(&self.member_id), flexible)?;
        writer.array(Some(&self.members), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`JoinGroupResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct JoinGroupResponseMember {
    /// The group member ID.
    pub member_id: Str,
    /// The unique identifier of the consumer instance provided by end user.
    pub group_instance_id: Option<Str>,
    /// The group member metadata.
    pub metadata: Bytes,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for JoinGroupResponseMember {
    fn default() -> JoinGroupResponseMember {
        JoinGroupResponseMember {
            member_id: Str::new(),
            group_instance_id: None,
            metadata: Bytes::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl JoinGroupResponseMember {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<JoinGroupResponseMember> {
        let flexible = version >= 6;
        let mut it = JoinGroupResponseMember::default();
        it.member_id = reader.string(flexible)?;
        if version >= 5 {
            it.group_instance_id = reader.nullable_string(flexible)?;
        }
        it.metadata = reader.bytes(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 6;
        writer.string(Some(&self.member_id), flexible)?;
        if version >= 5 {
            writer.string(self.group_instance_id.as_deref(), flexible)?;
        }
        writer.bytes(Some(&self.metadata), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for JoinGroupResponse {
    const NAME: &'static str = "JoinGroupResponse";
    const API_KEY: Option<i16> = Some(11);
    const VERSIONS: Versions = Versions { from: 0, to: 9 };
    const FLEXIBLE_FROM: Option<i16> = Some(6);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        JoinGroupResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
