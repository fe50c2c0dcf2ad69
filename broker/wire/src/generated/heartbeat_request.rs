// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `HeartbeatRequest`, versions 0 to 4.

use crate::codec::*;

/// `HeartbeatRequest`, versions 0 to 4.
#[derive(Clone, Debug, PartialEq)]
pub struct HeartbeatRequest {
    /// The group id.
    pub group_id: Str,
    /// The generation of the group.
    pub generation_id: i32,
    /// The member ID.
    pub member_id: Str,
    /// The unique identifier of the consumer instance provided by end user.
    pub group_instance_id: Option<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for HeartbeatRequest {
    fn default() -> HeartbeatRequest {
        HeartbeatRequest {
            group_id: Str::new(),
            generation_id: 0,
            member_id: Str::new(),
            group_instance_id: None,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl HeartbeatRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<HeartbeatRequest> {
        let flexible = version >= 4;
        let mut it = HeartbeatRequest::default();
        it.group_id = reader.string(flexible)?;
        it.generation_id = reader.i32()?;
        it.member_id = reader.string(flexible)?;
        if version >= 3 {
            it.group_instance_id = reader.nullable_string(flexible)?;
        }
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
                name: "HeartbeatRequest",
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
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for HeartbeatRequest {
    const NAME: &'static str = "HeartbeatRequest";
    const API_KEY: Option<i16> = Some(12);
    const VERSIONS: Versions = Versions { from: 0, to: 4 };
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        HeartbeatRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
