// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `JoinGroupRequest`, versions 0 to 9.

use crate::codec::*;

/// `JoinGroupRequest`, versions 0 to 9.
#[derive(Clone, Debug, PartialEq)]
pub struct JoinGroupRequest {
    /// The group identifier.
    pub group_id: Str,
    /// The coordinator considers the consumer dead if it receives no heartbeat after this timeout in milliseconds.
    pub session_timeout_ms: i32,
    /// The maximum time in milliseconds that the coordinator will wait for each member to rejoin when rebalancing the group.
    pub rebalance_timeout_ms: i32,
    /// The member id assigned by the group coordinator.
    pub member_id: Str,
    /// The unique identifier of the consumer instance provided by end user.
    pub group_instance_id: Option<Str>,
    /// The unique name the for class of protocols implemented by the group we want to join.
    pub protocol_type: Str,
    /// The list of protocols that the member supports.
    pub protocols: Vec<JoinGroupRequestProtocol>,
    /// The reason why the member (re-)joins the group.
    pub reason: Option<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for JoinGroupRequest {
    fn default() -> JoinGroupRequest {
        JoinGroupRequest {
            group_id: Str::new(),
            session_timeout_ms: 0,
            rebalance_timeout_ms: -1,
            member_id: Str::new(),
            group_instance_id: None,
            protocol_type: Str::new(),
            protocols: Vec::new(),
            reason: None,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl JoinGroupRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<JoinGroupRequest> {
        let flexible = version >= 6;
        let mut it = JoinGroupRequest::default();
        it.group_id = reader.string(flexible)?;
        it.session_timeout_ms = reader.i32()?;
        if version >= 1 {
            it.rebalance_timeout_ms = reader.i32()?;
        }
        it.member_id = reader.string(flexible)?;
        if version >= 5 {
            it.group_instance_id = reader.nullable_string(flexible)?;
        }
        it.protocol_type = reader.string(flexible)?;
        it.protocols = reader.array(flexible, 3, |reader| {
            JoinGroupRequestProtocol::read(reader, version)
        })?;
        if version >= 8 {
            it.reason = reader.nullable_string(flexible)?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 6;
        if !(version >= 5) && self.group_instance_id.is_some() {
            return Err(EncodeError::Field {
                name: "JoinGroupRequest",
                field: "group_instance_id",
                version,
            });
        }
        writer.string(Some(&self.group_id), flexible)?;
        writer.i32(self.session_timeout_ms);
        if version >= 1 {
            writer.i32(self.rebalance_timeout_ms);
        }
        writer.string(Some(&self.member_id), flexible)?;
        if version >= 5 {
            writer.string(self.group_instance_id.as_deref(), flexible)?;
        }
        writer.string(Some(&self.protocol_type), flexible)?;
        writer.array(Some(&self.protocols), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if version >= 8 {
            writer.string(self.reason.as_deref(), flexible)?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`JoinGroupRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct JoinGroupRequestProtocol {
    /// The protocol name.
    pub name: Str,
    /// The protocol metadata.
    pub metadata: Bytes,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for JoinGroupRequestProtocol {
    fn default() -> JoinGroupRequestProtocol {
        JoinGroupRequestProtocol {
            name: Str::new(),
            metadata: Bytes::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl JoinGroupRequestProtocol {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<JoinGroupRequestProtocol> {
        let flexible = version >= 6;
        let mut it = JoinGroupRequestProtocol::default();
        it.name = reader.string(flexible)?;
        it.metadata = reader.bytes(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 6;
        writer.string(Some(&self.name), flexible)?;
        writer.bytes(Some(&self.metadata), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for JoinGroupRequest {
    const NAME: &'static str = "JoinGroupRequest";
    const API_KEY: Option<i16> = Some(11);
    const VERSIONS: Versions = Versions { from: 0, to: 9 };
    const FLEXIBLE_FROM: Option<i16> = Some(6);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        JoinGroupRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
