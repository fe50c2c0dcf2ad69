// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `DescribeClusterRequest`, versions 0 to 2.

use crate::codec::*;

/// `DescribeClusterRequest`, versions 0 to 2.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeClusterRequest {
    /// Whether to include cluster authorized operations.
    pub include_cluster_authorized_operations: bool,
    /// The endpoint type to describe. 1=brokers, 2=controllers.
    pub endpoint_type: i8,
    /// Whether to include fenced brokers when listing brokers.
    pub include_fenced_brokers: bool,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DescribeClusterRequest {
    fn default() -> DescribeClusterRequest {
        DescribeClusterRequest {
            include_cluster_authorized_operations: false,
            endpoint_type: 1,
            include_fenced_brokers: false,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DescribeClusterRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DescribeClusterRequest> {
        let flexible = true;
        let mut it = DescribeClusterRequest::default();
        it.include_cluster_authorized_operations = reader.bool()?;
        if version >= 1 {
            it.endpoint_type = reader.i8()?;
        }
        if version >= 2 {
            it.include_fenced_brokers = reader.bool()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        if !(version >= 1) && self.endpoint_type != 1 {
            return Err(EncodeError::Field {
                name: "DescribeClusterRequest",
                field: "endpoint_type",
                version,
            });
        }
        if !(version >= 2) && self.include_fenced_brokers {
            return Err(EncodeError::Field {
                name: "DescribeClusterRequest",
                field: "include_fenced_brokers",
                version,
            });
        }
        writer.bool(self.include_cluster_authorized_operations);
        if version >= 1 {
            writer.i8(self.endpoint_type);
        }
        if version >= 2 {
            writer.bool(self.include_fenced_brokers);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for DescribeClusterRequest {
    const NAME: &'static str = "DescribeClusterRequest";
    const API_KEY: Option<i16> = Some(60);
    const VERSIONS: Versions = Versions { from: 0, to: 2 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        DescribeClusterRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
