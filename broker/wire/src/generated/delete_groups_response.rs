// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `DeleteGroupsResponse`, versions 0 to 2.

use crate::codec::*;

/// `DeleteGroupsResponse`, versions 0 to 2.
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteGroupsResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The deletion results.
    pub results: Vec<DeletableGroupResult>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DeleteGroupsResponse {
    fn default() -> DeleteGroupsResponse {
        DeleteGroupsResponse {
            throttle_time_ms: 0,
            results: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DeleteGroupsResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DeleteGroupsResponse> {
        let flexible = version >= 2;
        let mut it = DeleteGroupsResponse::default();
        it.throttle_time_ms = reader.i32()?;
        it.results = reader.array(flexible, 4, |reader| {
            DeletableGroupResult::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        writer.i32(self.throttle_time_ms);
        writer.array(Some(&self.results), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`DeleteGroupsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DeletableGroupResult {
    /// The group id.
    pub group_id: Str,
    /// The deletion error, or 0 if the deletion succeeded.
    pub error_code: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DeletableGroupResult {
    fn default() -> DeletableGroupResult {
        DeletableGroupResult {
            group_id: Str::new(),
            error_code: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DeletableGroupResult {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DeletableGroupResult> {
        let flexible = version >= 2;
        let mut it = DeletableGroupResult::default();
        it.group_id = reader.string(flexible)?;
        it.error_code = reader.i16()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        writer.string(Some(&self.group_id), flexible)?;
        writer.i16(self.error_code);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for DeleteGroupsResponse {
    const NAME: &'static str = "DeleteGroupsResponse";
    const API_KEY: Option<i16> = Some(42);
    const VERSIONS: Versions = Versions { from: 0, to: 2 };
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        DeleteGroupsResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
