// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `DeleteAclsRequest`, versions 1 to 3.

use crate::codec::*;

/// `DeleteAclsRequest`, versions 1 to 3.
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteAclsRequest {
    /// The filters to use when deleting ACLs.
    pub filters: Vec<DeleteAclsFilter>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DeleteAclsRequest {
    fn default() -> DeleteAclsRequest {
        DeleteAclsRequest {
            filters: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DeleteAclsRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DeleteAclsRequest> {
        let flexible = version >= 2;
        let mut it = DeleteAclsRequest::default();
        it.filters = reader.array(flexible, 8, |reader| {
            DeleteAclsFilter::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        writer.array(Some(&self.filters), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`DeleteAclsRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteAclsFilter {
    /// The resource type.
    pub resource_type_filter: i8,
    /// The resource name, or null to match any resource name.
    pub resource_name_filter: Option<Str>,
    /// The pattern type.
    pub pattern_type_filter: i8,
    /// The principal filter, or null to accept all principals.
    pub principal_filter: Option<Str>,
    /// The host filter, or null to accept all hosts.
    pub host_filter: Option<Str>,
    /// The ACL operation.
    pub operation: i8,
    /// The permission type.
    pub permission_type: i8,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DeleteAclsFilter {
    fn default() -> DeleteAclsFilter {
        DeleteAclsFilter {
            resource_type_filter: 0,
            resource_name_filter: Some(Str::new()),
            pattern_type_filter: 3,
            principal_filter: Some(Str::new()),
            host_filter: Some(Str::new()),
            operation: 0,
            permission_type: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DeleteAclsFilter {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DeleteAclsFilter> {
        let flexible = version >= 2;
        let mut it = DeleteAclsFilter::default();
        it.resource_type_filter = reader.i8()?;
        it.resource_name_filter = reader.nullable_string(flexible)?;
        it.pattern_type_filter = reader.i8()?;
        it.principal_filter = reader.nullable_string(flexible)?;
        it.host_filter = reader.nullable_string(flexible)?;
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
        writer.i8(self.resource_type_filter);
        writer.string(self.resource_name_filter.as_deref(), flexible)?;
        writer.i8(self.pattern_type_filter);
        writer.string(self.principal_filter.as_deref(), flexible)?;
        writer.string(self.host_filter.as_deref(), flexible)?;
        writer.i8(self.operation);
        writer.i8(self.permission_type);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for DeleteAclsRequest {
    const NAME: &'static str = "DeleteAclsRequest";
    const API_KEY: Option<i16> = Some(31);
    const VERSIONS: Versions = Versions { from: 1, to: 3 };
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        DeleteAclsRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
