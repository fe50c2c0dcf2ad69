// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `AccessControlEntryRecord`, version 0.

use crate::codec::*;

/// `AccessControlEntryRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct AccessControlEntryRecord {
    /// The unique ID of this ACL.
    pub id: [u8; 16],
    /// The resource type.
    pub resource_type: i8,
    /// The resource name.
    pub resource_name: Str,
    /// The resource name pattern type.
    pub pattern_type: i8,
    /// The principal name.
    pub principal: Str,
    /// The host name.
    pub host: Str,
    /// The AclOperation.
    pub operation: i8,
    /// The AclPermissionType.
    pub permission_type: i8,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AccessControlEntryRecord {
    fn default() -> AccessControlEntryRecord {
        AccessControlEntryRecord {
            id: [0; 16],
            resource_type: 0,
            resource_name: Str::new(),
            pattern_type: 0,
            principal: Str::new(),
            host: Str::new(),
            operation: 0,
            permission_type: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AccessControlEntryRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<AccessControlEntryRecord> {
        let flexible = true;
        let mut it = AccessControlEntryRecord::default();
        it.id = reader.uuid()?;
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
        let flexible = true;
        writer.uuid(self.id);
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

impl Message for AccessControlEntryRecord {
    const NAME: &'static str = "AccessControlEntryRecord";
    const API_KEY: Option<i16> = Some(18);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        AccessControlEntryRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
