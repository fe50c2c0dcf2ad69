// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `FindCoordinatorResponse`, versions 0 to 6.

use crate::codec::*;

/// `FindCoordinatorResponse`, versions 0 to 6.
#[derive(Clone, Debug, PartialEq)]
pub struct FindCoordinatorResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// The error message, or null if there was no error.
    pub error_message: Option<Str>,
    /// The node id.
    pub node_id: i32,
    /// The host name.
    pub host: Str,
    /// The port.
    pub port: i32,
    /// Each coordinator result in the response.
    pub coordinators: Vec<Coordinator>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for FindCoordinatorResponse {
    fn default() -> FindCoordinatorResponse {
        FindCoordinatorResponse {
            throttle_time_ms: 0,
            error_code: 0,
            error_message: Some(Str::new()),
            node_id: 0,
            host: Str::new(),
            port: 0,
            coordinators: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl FindCoordinatorResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<FindCoordinatorResponse> {
        let flexible = version >= 3;
        let mut it = FindCoordinatorResponse::default();
        if version >= 1 {
            it.throttle_time_ms = reader.i32()?;
        }
        if version <= 3 {
            it.error_code = reader.i16()?;
        }
        if (1..=3).contains(&version) {
            it.error_message = reader.nullable_string(flexible)?;
        }
        if version <= 3 {
            it.node_id = reader.i32()?;
        }
        if version <= 3 {
            it.host = reader.string(flexible)?;
        }
        if version <= 3 {
            it.port = reader.i32()?;
        }
        if version >= 4 {
            it.coordinators =
                reader.array(flexible, 1, |reader| Coordinator::read(reader, version))?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 3;
        if !(version <= 3) && self.error_code != 0 {
            return Err(EncodeError::Field {
                name: "FindCoordinatorResponse",
                field: "error_code",
                version,
            });
        }
        if !(version <= 3) && self.node_id != 0 {
            return Err(EncodeError::Field {
                name: "FindCoordinatorResponse",
                field: "node_id",
                version,
            });
        }
        if !(version <= 3) && !self.host.is_empty() {
            return Err(EncodeError::Field {
                name: "FindCoordinatorResponse",
                field: "host",
                version,
            });
        }
        if !(version <= 3) && self.port != 0 {
            return Err(EncodeError::Field {
                name: "FindCoordinatorResponse",
                field: "port",
                version,
            });
        }
        if !(version >= 4) && !self.coordinators.is_empty() {
            return Err(EncodeError::Field {
                name: "FindCoordinatorResponse",
                field: "coordinators",
                version,
            });
        }
        if version >= 1 {
            writer.i32(self.throttle_time_ms);
        }
        if version <= 3 {
            writer.i16(self.error_code);
        }
        if (1..=3).contains(&version) {
            writer.string(self.error_message.as_deref(), flexible)?;
        }
        if version <= 3 {
            writer.i32(self.node_id);
        }
        if version <= 3 {
            writer.string(Some(&self.host), flexible)?;
        }
        if version <= 3 {
            writer.i32(self.port);
        }
        if version >= 4 {
            writer.array(Some(&self.coordinators), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`FindCoordinatorResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct Coordinator {
    /// The coordinator key.
    pub key: Str,
    /// The node id.
    pub node_id: i32,
    /// The host name.
    pub host: Str,
    /// The port.
    pub port: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// The error message, or null if there was no error.
    pub error_message: Option<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for Coordinator {
    fn default() -> Coordinator {
        Coordinator {
            key: Str::new(),
            node_id: 0,
            host: Str::new(),
            port: 0,
            error_code: 0,
            error_message: Some(Str::new()),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl Coordinator {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<Coordinator> {
        let flexible = version >= 3;
        let mut it = Coordinator::default();
        if version >= 4 {
            it.key = reader.string(flexible)?;
        }
        if version >= 4 {
            it.node_id = reader.i32()?;
        }
        if version >= 4 {
            it.host = reader.string(flexible)?;
        }
        if version >= 4 {
            it.port = reader.i32()?;
        }
        if version >= 4 {
            it.error_code = reader.i16()?;
        }
        if version >= 4 {
            it.error_message = reader.nullable_string(flexible)?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 3;
        if !(version >= 4) && !self.key.is_empty() {
            return Err(EncodeError::Field {
                name: "Coordinator",
                field: "key",
                version,
            });
        }
        if !(version >= 4) && self.node_id != 0 {
            return Err(EncodeError::Field {
                name: "Coordinator",
                field: "node_id",
                version,
            });
        }
        if !(version >= 4) && !self.host.is_empty() {
            return Err(EncodeError::Field {
                name: "Coordinator",
                field: "host",
                version,
            });
        }
        if !(version >= 4) && self.port != 0 {
            return Err(EncodeError::Field {
                name: "Coordinator",
                field: "port",
                version,
            });
        }
        if !(version >= 4) && self.error_code != 0 {
            return Err(EncodeError::Field {
                name: "Coordinator",
                field: "error_code",
                version,
            });
        }
        if version >= 4 {
            writer.string(Some(&self.key), flexible)?;
        }
        if version >= 4 {
            writer.i32(self.node_id);
        }
        if version >= 4 {
            writer.string(Some(&self.host), flexible)?;
        }
        if version >= 4 {
            writer.i32(self.port);
        }
        if version >= 4 {
            writer.i16(self.error_code);
        }
        if version >= 4 {
            writer.string(self.error_message.as_deref(), flexible)?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for FindCoordinatorResponse {
    const NAME: &'static str = "FindCoordinatorResponse";
    const API_KEY: Option<i16> = Some(10);
    const VERSIONS: Versions = Versions { from: 0, to: 6 };
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        FindCoordinatorResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
