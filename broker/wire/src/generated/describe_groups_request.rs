// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `DescribeGroupsRequest`, versions 0 to 6.

use crate::codec::*;

/// `DescribeGroupsRequest`, versions 0 to 6.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeGroupsRequest {
    /// The names of the groups to describe.
    pub groups: Vec<Str>,
    /// Whether to include authorized operations.
    pub include_authorized_operations: bool,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DescribeGroupsRequest {
    fn default() -> DescribeGroupsRequest {
        DescribeGroupsRequest {
            groups: Vec::new(),
            include_authorized_operations: false,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DescribeGroupsRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DescribeGroupsRequest> {
        let flexible = version >= 5;
        let mut it = DescribeGroupsRequest::default();
        it.groups = reader.array(flexible, 1, |reader| reader.string(flexible))?;
        if version >= 3 {
            it.include_authorized_operations = reader.bool()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 5;
        if !(version >= 3) && self.include_authorized_operations {
            return Err(EncodeError::Field {
                name: "DescribeGroupsRequest",
                field: "include_authorized_operations",
                version,
            });
        }
        writer.array(Some(&self.groups), flexible, |writer, it| {
            writer.string(Some(it), flexible)
        })?;
        if version >= 3 {
            writer.bool(self.include_authorized_operations);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for DescribeGroupsRequest {
    const NAME: &'static str = "DescribeGroupsRequest";
    const API_KEY: Option<i16> = Some(15);
    const VERSIONS: Versions = Versions { from: 0, to: 6 };
    const FLEXIBLE_FROM: Option<i16> = Some(5);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        DescribeGroupsRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
