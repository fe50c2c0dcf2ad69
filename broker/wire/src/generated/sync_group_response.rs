// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `SyncGroupResponse`, versions 0 to 5.

use crate::codec::*;

/// `SyncGroupResponse`, versions 0 to 5.
#[derive(Clone, Debug, PartialEq)]
pub struct SyncGroupResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// The group protocol type.
    pub protocol_type: Option<Str>,
    /// The group protocol name.
    pub protocol_name: Option<Str>,
    /// The member assignment.
    pub assignment: Bytes,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for SyncGroupResponse {
    fn default() -> SyncGroupResponse {
        SyncGroupResponse {
            throttle_time_ms: 0,
            error_code: 0,
            protocol_type: None,
            protocol_name: None,
            assignment: Bytes::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl SyncGroupResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<SyncGroupResponse> {
        let flexible = version >= 4;
        let mut it = SyncGroupResponse::default();
        if version >= 1 {
            it.throttle_time_ms = reader.i32()?;
        }
        it.error_code = reader.i16()?;
        if version >= 5 {
            it.protocol_type = reader.nullable_string(flexible)?;
        }
        if version >= 5 {
            it.protocol_name = reader.nullable_string(flexible)?;
        }
        it.assignment = reader.bytes(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 4;
        if version >= 1 {
            writer.i32(self.throttle_time_ms);
        }
        writer.i16(self.error_code);
        if version >= 5 {
            writer.string(self.protocol_type.as_deref(), flexible)?;
        }
        if version >= 5 {
            writer.string(self.protocol_name.as_deref(), flexible)?;
        }
        writer.bytes(Some(&self.assignment), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for SyncGroupResponse {
    const NAME: &'static str = "SyncGroupResponse";
    const API_KEY: Option<i16> = Some(14);
    const VERSIONS: Versions = Versions { from: 0, to: 5 };
    const FLEXIBLE_FROM: Option<i16> = Some(4);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        SyncGroupResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
