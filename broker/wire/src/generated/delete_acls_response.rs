// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `DeleteAclsResponse`, versions 1 to 3.

use crate::codec::*;

/// `DeleteAclsResponse`, versions 1 to 3.
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteAclsResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The results for each filter.
    pub filter_results: Vec<DeleteAclsFilterResult>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DeleteAclsResponse {
    fn default() -> DeleteAclsResponse {
        DeleteAclsResponse {
            throttle_time_ms: 0,
            filter_results: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DeleteAclsResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DeleteAclsResponse> {
        let flexible = version >= 2;
        let mut it = DeleteAclsResponse::default();
        it.throttle_time_ms = reader.i32()?;
        it.filter_results = reader.array(flexible, 5, |reader| {
            DeleteAclsFilterResult::read(reader, version)
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
        writer.array(Some(&self.filter_results), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`DeleteAclsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteAclsFilterResult {
    /// The error code, or 0 if the filter succeeded.
    pub error_code: i16,
    /// The error message, or null if the filter succeeded.
    pub error_message: Option<Str>,
    /// The ACLs which matched this filter.
    pub matching_acls: Vec<DeleteAclsMatchingAcl>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DeleteAclsFilterResult {
    fn default() -> DeleteAclsFilterResult {
        DeleteAclsFilterResult {
            error_code: 0,
            error_message: Some(Str::new()),
            matching_acls: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DeleteAclsFilterResult {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DeleteAclsFilterResult> {
        let flexible = version >= 2;
        let mut it = DeleteAclsFilterResult::default();
        it.error_code = reader.i16()?;
        it.error_message = reader.nullable_string(flexible)?;
        it.matching_acls = reader.array(flexible, 11, |reader| {
            DeleteAclsMatchingAcl::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        writer.i16(self.error_code);
        writer.string(self.error_message.as_deref(), flexible)?;
        writer.array(Some(&self.matching_acls), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`DeleteAclsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteAclsMatchingAcl {
    /// The deletion error code, or 0 if the deletion succeeded.
    pub error_code: i16,
    /// The deletion error message, or null if the deletion succeeded.
    pub error_message: Option<Str>,
    /// The ACL resource type.
    pub resource_type: i8,
    /// The ACL resource name.
    pub resource_name: Str,
    /// The ACL resource pattern type.
    pub pattern_type: i8,
    /// The ACL principal.
    pub principal: Str,
    /// The ACL host.
    pub host: Str,
    /// The ACL operation.
    pub operation: i8,
    /// The ACL permission type.
    pub permission_type: i8,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DeleteAclsMatchingAcl {
    fn default() -> DeleteAclsMatchingAcl {
        DeleteAclsMatchingAcl {
            error_code: 0,
            error_message: Some(Str::new()),
            resource_type: 0,
            resource_name: Str::new(),
            pattern_type: 3,
            principal: Str::new(),
            host: Str::new(),
            operation: 0,
            permission_type: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DeleteAclsMatchingAcl {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DeleteAclsMatchingAcl> {
        let flexible = version >= 2;
        let mut it = DeleteAclsMatchingAcl::default();
        it.error_code = reader.i16()?;
        it.error_message = reader.nullable_string(flexible)?;
        it.resource_type = reader.i8()?;
        it.resource_name = reader.string(flexible)?;
        it.pattern_type = reader.i8()?;
        it.principal = reader.string(flexible)?;
        it.host = reader.string(flexible)?;
        it.operation = reader.i8()?;
        it.permission_type = reader.i8()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        writer.i16(self.error_code);
        writer.string(self.error_message.as_deref(), flexible)?;
        writer.i8(self.resource_type);
        writer.string(Some(&self.resource_name), flexible)?;
        writer.i8(self.pattern_type);
        writer.string(Some(&self.principal), flexible)?;
        writer.string(Some(&self.host), flexible)?;
        writer.i8(self.operation);
        writer.i8(self.permission_type);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for DeleteAclsResponse {
    const NAME: &'static str = "DeleteAclsResponse";
    const API_KEY: Option<i16> = Some(31);
    const VERSIONS: Versions = Versions { from: 1, to: 3 };
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        DeleteAclsResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
