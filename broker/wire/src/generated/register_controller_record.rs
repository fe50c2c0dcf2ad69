// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `RegisterControllerRecord`, version 0.

use crate::codec::*;

/// `RegisterControllerRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct RegisterControllerRecord {
    /// The controller id.
    pub controller_id: i32,
    /// The incarnation ID of the controller process
    pub incarnation_id: [u8; 16],
    /// Set if the required configurations for ZK migration are present.
    pub zk_migration_ready: bool,
    /// The endpoints that can be used to communicate with this controller.
    pub end_points: Vec<ControllerEndpoint>,
    /// The features on this controller
    pub features: Vec<ControllerFeature>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for RegisterControllerRecord {
    fn default() -> RegisterControllerRecord {
        RegisterControllerRecord {
            controller_id: 0,
            incarnation_id: [0; 16],
            zk_migration_ready: false,
            end_points: Vec::new(),
            features: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl RegisterControllerRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<RegisterControllerRecord> {
        let flexible = true;
        let mut it = RegisterControllerRecord::default();
        it.controller_id = reader.i32()?;
        it.incarnation_id = reader.uuid()?;
        it.zk_migration_ready = reader.bool()?;
        it.end_points = reader.array(flexible, 7, |reader| {
            ControllerEndpoint::read(reader, version)
        })?;
        it.features = reader.array(flexible, 6, |reader| {
            ControllerFeature::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.controller_id);
        writer.uuid(self.incarnation_id);
        writer.bool(self.zk_migration_ready);
        writer.array(Some(&self.end_points), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.array(Some(&self.features), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`RegisterControllerRecord`].
#[derive(Clone, Debug, PartialEq)]
pub struct ControllerEndpoint {
    /// The name of the endpoint.
    pub name: Str,
    /// The hostname.
    pub host: Str,
    /// The port.
    pub port: u16,
    /// The security protocol.
    pub security_protocol: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ControllerEndpoint {
    fn default() -> ControllerEndpoint {
        ControllerEndpoint {
            name: Str::new(),
            host: Str::new(),
            port: 0,
            security_protocol: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ControllerEndpoint {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ControllerEndpoint> {
        let flexible = true;
        let mut it = ControllerEndpoint::default();
        it.name = reader.string(flexible)?;
        it.host = reader.string(flexible)?;
        it.port = reader.u16()?;
        it.security_protocol = reader.i16()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.name), flexible)?;
        writer.string(Some(&self.host), flexible)?;
        writer.u16(self.port);
        writer.i16(self.security_protocol);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`RegisterControllerRecord`].
#[derive(Clone, Debug, PartialEq)]
pub struct ControllerFeature {
    /// The feature name.
    pub name: Str,
    /// The minimum supported feature level.
    pub min_supported_version: i16,
    /// The maximum supported feature level.
    pub max_supported_version: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ControllerFeature {
    fn default() -> ControllerFeature {
        ControllerFeature {
            name: Str::new(),
            min_supported_version: 0,
            max_supported_version: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ControllerFeature {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ControllerFeature> {
        let flexible = true;
        let mut it = ControllerFeature::default();
        it.name = reader.string(flexible)?;
        it.min_supported_version = reader.i16()?;
        it.max_supported_version = reader.i16()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.name), flexible)?;
        writer.i16(self.min_supported_version);
        writer.i16(self.max_supported_version);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for RegisterControllerRecord {
    const NAME: &'static str = "RegisterControllerRecord";
    const API_KEY: Option<i16> = Some(27);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        RegisterControllerRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
