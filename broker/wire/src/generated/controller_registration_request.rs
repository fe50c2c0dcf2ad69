// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ControllerRegistrationRequest`, version 0.

use crate::codec::*;

/// `ControllerRegistrationRequest`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ControllerRegistrationRequest {
    /// The ID of the controller to register.
    pub controller_id: i32,
    /// The controller incarnation ID, which is unique to each process run.
    pub incarnation_id: [u8; 16],
    /// Set if the required configurations for ZK migration are present.
    pub zk_migration_ready: bool,
    /// The listeners of this controller.
    pub listeners: Vec<Listener>,
    /// The features on this controller.
    pub features: Vec<Feature>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ControllerRegistrationRequest {
    fn default() -> ControllerRegistrationRequest {
        ControllerRegistrationRequest {
            controller_id: 0,
            incarnation_id: [0; 16],
            zk_migration_ready: false,
            listeners: Vec::new(),
            features: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ControllerRegistrationRequest {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<ControllerRegistrationRequest> {
        let flexible = true;
        let mut it = ControllerRegistrationRequest::default();
        it.controller_id = reader.i32()?;
        it.incarnation_id = reader.uuid()?;
        it.zk_migration_ready = reader.bool()?;
        it.listeners = reader.array(flexible, 7, |reader| Listener::read(reader, version))?;
        it.features = reader.array(flexible, 6, |reader| Feature::read(reader, version))?;
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
        writer.array(Some(&self.listeners), flexible, |writer, it| {
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

/// Part of [`ControllerRegistrationRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct Listener {
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

impl Default for Listener {
    fn default() -> Listener {
        Listener {
            name: Str::new(),
            host: Str::new(),
            port: 0,
            security_protocol: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl Listener {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<Listener> {
        let flexible = true;
        let mut it = Listener::default();
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

/// Part of [`ControllerRegistrationRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// The feature name.
    pub name: Str,
    /// The minimum supported feature level.
    pub min_supported_version: i16,
    /// The maximum supported feature level.
    pub max_supported_version: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for Feature {
    fn default() -> Feature {
        Feature {
            name: Str::new(),
            min_supported_version: 0,
            max_supported_version: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl Feature {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<Feature> {
        let flexible = true;
        let mut it = Feature::default();
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

impl Message for ControllerRegistrationRequest {
    const NAME: &'static str = "ControllerRegistrationRequest";
    const API_KEY: Option<i16> = Some(70);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ControllerRegistrationRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
