// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `DescribeGroupsResponse`, versions 0 to 6.

use crate::codec::*;

/// `DescribeGroupsResponse`, versions 0 to 6.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeGroupsResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// Each described group.
    pub groups: Vec<DescribedGroup>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DescribeGroupsResponse {
    fn default() -> DescribeGroupsResponse {
        DescribeGroupsResponse {
            throttle_time_ms: 0,
            groups: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DescribeGroupsResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DescribeGroupsResponse> {
        let flexible = version >= 5;
        let mut it = DescribeGroupsResponse::default();
        if version >= 1 {
            it.throttle_time_ms = reader.i32()?;
        }
        it.groups = reader.array(flexible, 12, |reader| DescribedGroup::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 5;
        if version >= 1 {
            writer.i32(self.throttle_time_ms);
        }
        writer.array(Some(&self.groups), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`DescribeGroupsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribedGroup {
    /// The describe error, or 0 if there was no error.
    pub error_code: i16,
    /// The describe error message, or null if there was no error.
    pub error_message: Option<Str>,
    /// The group ID string.
    pub group_id: Str,
    /// The group state string, or the empty string.
    pub group_state: Str,
    /// The group protocol type, or the empty string.
    pub protocol_type: Str,
    /// The group protocol data, or the empty string.
    pub protocol_data: Str,
    /// The group members.
    pub members: Vec<DescribedGroupMember>,
    /// 32-bit bitfield to represent authorized operations for this group.
    pub authorized_operations: i32,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DescribedGroup {
    fn default() -> DescribedGroup {
        DescribedGroup {
            error_code: 0,
            error_message: None,
            group_id: Str::new(),
            group_state: Str::new(),
            protocol_type: Str::new(),
            protocol_data: Str::new(),
            members: Vec::new(),
            authorized_operations: -2147483648,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DescribedGroup {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DescribedGroup> {
        let flexible = version >= 5;
        let mut it = DescribedGroup::default();
        it.error_code = reader.i16()?;
        if version >= 6 {
            it.error_message = reader.nullable_string(flexible)?;
        }
        it.group_id = reader.string(flexible)?;
        it.group_state = reader.string(flexible)?;
        it.protocol_type = reader.string(flexible)?;
        it.protocol_data = reader.string(flexible)?;
        it.members = reader.array(flexible, 7, |reader| {
            DescribedGroupMember::read(reader, version)
        })?;
        if version >= 3 {
            it.authorized_operations = reader.i32()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 5;
        if !(version >= 6) && self.error_message.is_some() {
            return Err(EncodeError::Field {
                name: "DescribedGroup",
                field: "error_message",
                version,
            });
        }
        if !(version >= 3) && self.authorized_operations != -2147483648 {
            return Err(EncodeError::Field {
                name: "DescribedGroup",
                field: "authorized_operations",
                version,
            });
        }
        writer.i16(self.error_code);
        if version >= 6 {
            writer.string(self.error_message.as_deref(), flexible)?;
        }
        writer.string(Some(&self.group_id), flexible)?;
        writer.string(Some(&self.group_state), flexible)?;
        writer.string(Some(&self.protocol_type), flexible)?;
        writer.string(Some(&self.protocol_data), flexible)?;
        writer.array(Some(&self.members), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if version >= 3 {
            writer.i32(self.authorized_operations);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`DescribeGroupsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribedGroupMember {
    /// The member id.
    pub member_id: Str,
    /// The unique identifier of the consumer instance provided by end user.
    pub group_instance_id: Option<Str>,
    /// The client ID used in the member's latest join group request.
    pub client_id: Str,
    /// The client host.
    pub client_host: Str,
    /// The metadata corresponding to the current group protocol in use.
    pub member_metadata: Bytes,
    /// The current assignment provided by the group leader.
    pub member_assignment: Bytes,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DescribedGroupMember {
    fn default() -> DescribedGroupMember {
        DescribedGroupMember {
            member_id: Str::new(),
            group_instance_id: None,
            client_id: Str::new(),
            client_host: Str::new(),
            member_metadata: Bytes::new(),
            member_assignment: Bytes::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DescribedGroupMember {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DescribedGroupMember> {
        let flexible = version >= 5;
        let mut it = DescribedGroupMember::default();
        it.member_id = reader.string(flexible)?;
        if version >= 4 {
            it.group_instance_id = reader.nullable_string(flexible)?;
        }
        it.client_id = reader.string(flexible)?;
        it.client_host = reader.string(flexible)?;
        it.member_metadata = reader.bytes(flexible)?;
        it.member_assignment = reader.bytes(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 5;
        writer.string(Some(&self.member_id), flexible)?;
        if version >= 4 {
            writer.string(self.group_instance_id.as_deref(), flexible)?;
        }
        writer.string(Some(&self.client_id), flexible)?;
        writer.string(Some(&self.client_host), flexible)?;
        writer.bytes(Some(&self.member_metadata), flexible)?;
        writer.bytes(Some(&self.member_assignment), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for DescribeGroupsResponse {
    const NAME: &'static str = "DescribeGroupsResponse";
    const API_KEY: Option<i16> = Some(15);
    const VERSIONS: Versions = Versions { from: 0, to: 6 };
    const FLEXIBLE_FROM: Option<i16> = Some(5);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        DescribeGroupsResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
