// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ListGroupsResponse`, versions 0 to 5.

use crate::codec::*;

/// `ListGroupsResponse`, versions 0 to 5.
#[derive(Clone, Debug, PartialEq)]
pub struct ListGroupsResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// Each group in the response.
    pub groups: Vec<ListedGroup>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ListGroupsResponse {
    fn default() -> ListGroupsResponse {
        ListGroupsResponse {
            throttle_time_ms: 0,
            error_code: 0,
            groups: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ListGroupsResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ListGroupsResponse> {
        let flexible = version >= 3;
        let mut it = ListGroupsResponse::default();
        if version >= 1 {
            it.throttle_time_ms = reader.i32()?;
        }
        it.error_code = reader.i16()?;
        it.groups = reader.array(flexible, 3, |reader| ListedGroup::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 3;
        if version >= 1 {
            writer.i32(self.throttle_time_ms);
        }
        writer.i16(self.error_code);
        writer.array(Some(&self.groups), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ListGroupsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct ListedGroup {
    /// The group ID.
    pub group_id: Str,
    /// The group protocol type.
    pub protocol_type: Str,
    /// The group state name.
    pub group_state: Str,
    /// The group type name.
    pub group_type: Str,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ListedGroup {
    fn default() -> ListedGroup {
        ListedGroup {
            group_id: Str::new(),
            protocol_type: Str::new(),
            group_state: Str::new(),
            group_type: Str::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ListedGroup {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ListedGroup> {
        let flexible = version >= 3;
        let mut it = ListedGroup::default();
        it.group_id = reader.string(flexible)?;
        it.protocol_type = reader.string(flexible)?;
        if version >= 4 {
            it.group_state = reader.string(flexible)?;
        }
        if version >= 5 {
            it.group_type = reader.string(flexible)?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 3;
        writer.string(Some(&self.group_id), flexible)?;
        writer.string(Some(&self.protocol_type), flexible)?;
        if version >= 4 {
            writer.string(Some(&self.group_state), flexible)?;
        }
        if version >= 5 {
            writer.string(Some(&self.group_type), flexible)?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ListGroupsResponse {
    const NAME: &'static str = "ListGroupsResponse";
    const API_KEY: Option<i16> = Some(16);
    const VERSIONS: Versions = Versions { from: 0, to: 5 };
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ListGroupsResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
