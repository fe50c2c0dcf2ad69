// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `SyncGroupRequest`, versions 0 to 5.

use crate::codec::*;

/// `SyncGroupRequest`, versions 0 to 5.
#[derive(Clone, Debug, PartialEq)]
pub struct SyncGroupRequest {
    /// The unique group identifier.
    pub group_id: Str,
    /// The generation of the group.
    pub generation_id: i32,
    /// The member ID assigned by the group.
    pub member_id: Str,
    /// The unique identifier of the consumer instance provided by end user.
    pub group_instance_id: Option<Str>,
    /// The group protocol type.
    pub protocol_type: Option<Str>,
    /// The group protocol name.
    pub protocol_name: Option<Str>,
    /// Each assignment.
    pub assignments: Vec<SyncGroupRequestAssignment>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for SyncGroupRequest {
    fn default() -> SyncGroupRequest {
        SyncGroupRequest {
            group_id: Str::new(),
            generation_id: 0,
            member_id: Str::new(),
            group_instance_id: None,
            protocol_type: None,
            protocol_name: None,
            assignments: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl SyncGroupRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<SyncGroupRequest> {
        let flexible = version >= 4;
        let mut it = SyncGroupRequest::default();
        it.group_id = reader.string(flexible)?;
        it.generation_id = reader.i32()?;
        it.member_id = reader.string(flexible)?;
        if version >= 3 {
            it.group_instance_id = reader.nullable_string(flexible)?;
        }
        if version >= 5 {
            it.protocol_type = reader.nullable_string(flexible)?;
        }
        if version >= 5 {
            it.protocol_name = reader.nullable_string(flexible)?;
        }
        it.assignments = reader.array(flexible, 3, |reader| {
            SyncGroupRequestAssignment::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 4;
        if !(version >= 3) && self.group_instance_id.is_some() {
            return Err(EncodeError::Field {
                name: "SyncGroupRequest",
                field: "group_instance_id",
                version,
            });
        }
        writer.string(Some(&self.group_id), flexible)?;
        writer.i32(self.generation_id);
        writer.string(Some(&self.member_id), flexible)?;
        if version >= 3 {
            writer.string(self.group_instance_id.as_deref(), flexible)?;
        }
        if version >= 5 {
            writer.string(self.protocol_type.as_deref(), flexible)?;
        }
        if version >= 5 {
            writer.string(self.protocol_name.as_deref(), flexible)?;
        }
        writer.array(Some(&self.assignments), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`SyncGroupRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct SyncGroupRequestAssignment {
    /// The ID of the member to assign.
    pub member_id: Str,
    /// The member assignment.
    pub assignment: Bytes,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for SyncGroupRequestAssignment {
    fn default() -> SyncGroupRequestAssignment {
        SyncGroupRequestAssignment {
            member_id: Str::new(),
            assignment: Bytes::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl SyncGroupRequestAssignment {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<SyncGroupRequestAssignment> {
        let flexible = version >= 4;
        let mut it = SyncGroupRequestAssignment::default();
        it.member_id = reader.string(flexible)?;
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
        writer.bytes(Some(&self.assignment), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for SyncGroupRequest {
    const NAME: &'static str = "SyncGroupRequest";
    const API_KEY: Option<i16> = Some(14);
    const VERSIONS: Versions = Versions { from: 0, to: 5 };
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        SyncGroupRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
