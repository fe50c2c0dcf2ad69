// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `BrokerRegistrationRequest`, versions 0 to 4.

use crate::codec::*;

/// `BrokerRegistrationRequest`, versions 0 to 4.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerRegistrationRequest {
    /// The broker ID.
    pub broker_id: i32,
    /// The cluster id of the broker process.
    pub cluster_id: Str,
    /// The incarnation id of the broker process.
    pub incarnation_id: [u8; 16],
    /// The listeners of this broker.
    pub listeners: Vec<Listener>,
    /// The features on this broker. Note: in v0-v3, features with MinSupportedVersion = 0 are omitted.
    pub features: Vec<Feature>,
    /// The rack which this broker is in.
    pub rack: Option<Str>,
    /// If the required configurations for ZK migration are present, this value is set to true.
    pub is_migrating_zk_broker: bool,
    /// Log directories configured in this broker which are available.
    pub log_dirs: Vec<[u8; 16]>,
    /// The epoch before a clean shutdown.
    pub previous_broker_epoch: i64,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for BrokerRegistrationRequest {
    fn default() -> BrokerRegistrationRequest {
        BrokerRegistrationRequest {
            broker_id: 0,
            cluster_id: Str::new(),
            incarnation_id: [0; 16],
            listeners: Vec::new(),
            features: Vec::new(),
            rack: Some(Str::new()),
            is_migrating_zk_broker: false,
            log_dirs: Vec::new(),
            previous_broker_epoch: -1,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl BrokerRegistrationRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<BrokerRegistrationRequest> {
        let flexible = true;
        let mut it = BrokerRegistrationRequest::default();
        it.broker_id = reader.i32()?;
        it.cluster_id = reader.string(flexible)?;
        it.incarnation_id = reader.uuid()?;
        it.listeners = reader.array(flexible, 7, |reader| Listener::read(reader, version))?;
        it.features = reader.array(flexible, 6, |reader| Feature::read(reader, version))?;
        it.rack = reader.nullable_string(flexible)?;
        if version >= 1 {
            it.is_migrating_zk_broker = reader.bool()?;
        }
        if version >= 2 {
            it.log_dirs = reader.array(flexible, 16, |reader| reader.uuid())?;
        }
        if version >= 3 {
            it.previous_broker_epoch = reader.i64()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        if !(version >= 1) && self.is_migrating_zk_broker {
            return Err(EncodeError::Field {
                name: "BrokerRegistrationRequest",
                field: "is_migrating_zk_broker",
                version,
            });
        }
        writer.i32(self.broker_id);
        writer.string(Some(&self.cluster_id), flexible)?;
        writer.uuid(self.incarnation_id);
        writer.array(Some(&self.listeners), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.array(Some(&self.features), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.string(self.rack.as_deref(), flexible)?;
        if version >= 1 {
            writer.bool(self.is_migrating_zk_broker);
        }
        if version >= 2 {
            writer.array(Some(&self.log_dirs), flexible, |writer, it| {
                writer.uuid(*it);
                Ok(())
            })?;
        }
        if version >= 3 {
            writer.i64(self.previous_broker_epoch);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`BrokerRegistrationRequest`].
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

/// Part of [`BrokerRegistrationRequest`].
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

impl Message for BrokerRegistrationRequest {
    const NAME: &'static str = "BrokerRegistrationRequest";
    const API_KEY: Option<i16> = Some(62);
    const VERSIONS: Versions = Versions { from: 0, to: 4 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        BrokerRegistrationRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
