// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `DescribeClusterResponse`, versions 0 to 2.

use crate::codec::*;

/// `DescribeClusterResponse`, versions 0 to 2.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeClusterResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The top-level error code, or 0 if there was no error.
    pub error_code: i16,
    /// The top-level error message, or null if there was no error.
    pub error_message: Option<Str>,
    /// The endpoint type that was described. 1=brokers, 2=controllers.
    pub endpoint_type: i8,
    /// The cluster ID that responding broker belongs to.
    pub cluster_id: Str,
    /// The ID of the controller. When handled by a controller, returns the current voter leader ID. When handled by a broker, returns a random alive broker ID as a fallback.
    pub controller_id: i32,
    /// Each broker in the response.
    pub brokers: Vec<DescribeClusterBroker>,
    /// 32-bit bitfield to represent authorized operations for this cluster.
    pub cluster_authorized_operations: i32,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DescribeClusterResponse {
    fn default() -> DescribeClusterResponse {
        DescribeClusterResponse {
            throttle_time_ms: 0,
            error_code: 0,
            error_message: None,
            endpoint_type: 1,
            cluster_id: Str::new(),
            controller_id: -1,
            brokers: Vec::new(),
            cluster_authorized_operations: -2147483648,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DescribeClusterResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DescribeClusterResponse> {
        let flexible = true;
        let mut it = DescribeClusterResponse::default();
        it.throttle_time_ms = reader.i32()?;
        it.error_code = reader.i16()?;
        it.error_message = reader.nullable_string(flexible)?;
        if version >= 1 {
            it.endpoint_type = reader.i8()?;
        }
        it.cluster_id = reader.string(flexible)?;
        it.controller_id = reader.i32()?;
        it.brokers = reader.array(flexible, 11, |reader| {
            DescribeClusterBroker::read(reader, version)
        })?;
        it.cluster_authorized_operations = reader.i32()?;
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
                name: "DescribeClusterResponse",
                field: "endpoint_type",
                version,
            });
        }
        writer.i32(self.throttle_time_ms);
        writer.i16(self.error_code);
        writer.string(self.error_message.as_deref(), flexible)?;
        if version >= 1 {
            writer.i8(self.endpoint_type);
        }
        writer.string(Some(&self.cluster_id), flexible)?;
        writer.i32(self.controller_id);
        writer.array(Some(&self.brokers), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.i32(self.cluster_authorized_operations);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`DescribeClusterResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeClusterBroker {
    /// The broker ID.
    pub broker_id: i32,
    /// The broker hostname.
    pub host: Str,
    /// The broker port.
    pub port: i32,
    /// The rack of the broker, or null if it has not been assigned to a rack.
    pub rack: Option<Str>,
    /// Whether the broker is fenced
    pub is_fenced: bool,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DescribeClusterBroker {
    fn default() -> DescribeClusterBroker {
        DescribeClusterBroker {
            broker_id: 0,
            host: Str::new(),
            port: 0,
            rack: None,
            is_fenced: false,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DescribeClusterBroker {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DescribeClusterBroker> {
        let flexible = true;
        let mut it = DescribeClusterBroker::default();
        it.broker_id = reader.i32()?;
        it.host = reader.string(flexible)?;
        it.port = reader.i32()?;
        it.rack = reader.nullable_string(flexible)?;
        if version >= 2 {
            it.is_fenced = reader.bool()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        if !(version >= 2) && self.is_fenced {
            return Err(EncodeError::Field {
                name: "DescribeClusterBroker",
                field: "is_fenced",
                version,
            });
        }
        writer.i32(self.broker_id);
        writer.string(Some(&self.host), flexible)?;
        writer.i32(self.port);
        writer.string(self.rack.as_deref(), flexible)?;
        if version >= 2 {
            writer.bool(self.is_fenced);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for DescribeClusterResponse {
    const NAME: &'static str = "DescribeClusterResponse";
    const API_KEY: Option<i16> = Some(60);
    const VERSIONS: Versions = Versions { from: 0, to: 2 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        DescribeClusterResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
