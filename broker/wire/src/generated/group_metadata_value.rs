// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `GroupMetadataValue`, versions 0 to 4.

use crate::codec::*;

/// `GroupMetadataValue`, versions 0 to 4.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupMetadataValue {
    /// The protocol type.
    pub protocol_type: Str,
    /// The generation id.
    pub generation: i32,
    /// The protocol name.
    pub protocol: Option<Str>,
    /// The leader id.
    pub leader: Option<Str>,
    /// The timestamp of the last state change.
    pub current_state_timestamp: i64,
    /// The group members.
    pub members: Vec<MemberMetadata>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for GroupMetadataValue {
    fn default() -> GroupMetadataValue {
        GroupMetadataValue {
            protocol_type: Str::new(),
            generation: 0,
            protocol: Some(Str::new()),
            leader: Some(Str::new()),
            current_state_timestamp: -1,
            members: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl GroupMetadataValue {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<GroupMetadataValue> {
        let flexible = version >= 4;
        let mut it = GroupMetadataValue::default();
        it.protocol_type = reader.string(flexible)?;
        it.generation = reader.i32()?;
        it.protocol = reader.nullable_string(flexible)?;
        it.leader = reader.nullable_string(flexible)?;
        if version >= 2 {
            it.current_state_timestamp = reader.i64()?;
        }
        it.members = reader.array(flexible, 15, |reader| MemberMetadata::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 4;
        writer.string(Some(&self.protocol_type), flexible)?;
        writer.i32(self.generation);
        writer.string(self.protocol.as_deref(), flexible)?;
        writer.string(self.leader.as_deref(), flexible)?;
        if version >= 2 {
            writer.i64(self.current_state_timestamp);
        }
        writer.array(Some(&self.members), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`GroupMetadataValue`].
#[derive(Clone, Debug, PartialEq)]
pub struct MemberMetadata {
    /// The member id.
    pub member_id: Str,
    /// The group instance id.
    pub group_instance_id: Option<Str>,
    /// The client id.
    pub client_id: Str,
    /// The client host.
    pub client_host: Str,
    /// The rebalance timeout.
    pub rebalance_timeout: i32,
    /// The session timeout.
    pub session_timeout: i32,
    /// The subscription.
    pub subscription: Bytes,
    /// The assignment.
    pub assignment: Bytes,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for MemberMetadata {
    fn default() -> MemberMetadata {
        MemberMetadata {
            member_id: Str::new(),
            group_instance_id: None,
            client_id: Str::new(),
            client_host: Str::new(),
            rebalance_timeout: -1,
            session_timeout: 0,
            subscription: Bytes::new(),
            assignment: Bytes::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl MemberMetadata {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<MemberMetadata> {
        let flexible = version >= 4;
        let mut it = MemberMetadata::default();
        it.member_id = reader.string(flexible)?;
        if version >= 3 {
            it.group_instance_id = reader.nullable_string(flexible)?;
        }
        it.client_id = reader.string(flexible)?;
        it.client_host = reader.string(flexible)?;
        if version >= 1 {
            it.rebalance_timeout = reader.i32()?;
        }
        it.session_timeout = reader.i32()?;
        it.subscription = reader.bytes(flexible)?;
        it.assignment = reader.bytes(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 4;
        writer.string(Some(&self.member_id), flexible)?;
        if version >= 3 {
            writer.string(self.group_instance_id.as_deref(), flexible)?;
        }
        writer.string(Some(&self.client_id), flexible)?;
        writer.string(Some(&self.client_host), flexible)?;
        if version >= 1 {
            writer.i32(self.rebalance_timeout);
        }
        writer.i32(self.session_timeout);
        writer.bytes(Some(&self.subscription), flexible)?;
        writer.bytes(Some(&self.assignment), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for GroupMetadataValue {
    const NAME: &'static str = "GroupMetadataValue";
    const API_KEY: Option<i16> = Some(2);
    const VERSIONS: Versions = Versions { from: 0, to: 4 };
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        GroupMetadataValue::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
