// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `RegisterBrokerRecord`, versions 0 to 4.

use crate::codec::*;

/// `RegisterBrokerRecord`, versions 0 to 4.
#[derive(Clone, Debug, PartialEq)]
pub struct RegisterBrokerRecord {
    /// The broker id.
    pub broker_id: i32,
    /// True if the broker is a ZK broker in migration mode. Otherwise, false
    pub is_migrating_zk_broker: bool,
    /// The incarnation ID of the broker process
    pub incarnation_id: [u8; 16],
    /// The broker epoch assigned by the controller.
    pub broker_epoch: i64,
    /// The endpoints that can be used to communicate with this broker.
    pub end_points: Vec<BrokerEndpoint>,
    /// The features on this broker
    pub features: Vec<BrokerFeature>,
    /// The broker rack.
    pub rack: Option<Str>,
    /// True if the broker is fenced.
    pub fenced: bool,
    /// True if the broker is in controlled shutdown.
    pub in_controlled_shutdown: bool,
    /// Log directories configured in this broker which are available.
    pub log_dirs: Vec<[u8; 16]>,
    /// Log directories that are cordoned. This is initially null before the broker starts sending the value via its heartbeats.
    pub cordoned_log_dirs: Option<Vec<[u8; 16]>>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for RegisterBrokerRecord {
    fn default() -> RegisterBrokerRecord {
        RegisterBrokerRecord {
            broker_id: 0,
            is_migrating_zk_broker: false,
            incarnation_id: [0; 16],
            broker_epoch: 0,
            end_points: Vec::new(),
            features: Vec::new(),
            rack: Some(Str::new()),
            fenced: true,
            in_controlled_shutdown: false,
            log_dirs: Vec::new(),
            cordoned_log_dirs: None,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl RegisterBrokerRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<RegisterBrokerRecord> {
        let flexible = true;
        let mut it = RegisterBrokerRecord::default();
        it.broker_id = reader.i32()?;
        if version >= 2 {
            it.is_migrating_zk_broker = reader.bool()?;
        }
        it.incarnation_id = reader.uuid()?;
        it.broker_epoch = reader.i64()?;
        it.end_points =
            reader.array(flexible, 7, |reader| BrokerEndpoint::read(reader, version))?;
        it.features = reader.array(flexible, 6, |reader| BrokerFeature::read(reader, version))?;
        it.rack = reader.nullable_string(flexible)?;
        it.fenced = reader.bool()?;
        if version >= 1 {
            it.in_controlled_shutdown = reader.bool()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 if version >= 3 => {
                        it.log_dirs = reader.array(flexible, 16, |reader| reader.uuid())?
                    }
                    1 if version >= 4 => {
                        it.cordoned_log_dirs =
                            reader.nullable_array(flexible, 16, |reader| reader.uuid())?
                    }
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        if !(version >= 2) && self.is_migrating_zk_broker {
            return Err(EncodeError::Field {
                name: "RegisterBrokerRecord",
                field: "is_migrating_zk_broker",
                version,
            });
        }
        if !(version >= 1) && self.in_controlled_shutdown {
            return Err(EncodeError::Field {
                name: "RegisterBrokerRecord",
                field: "in_controlled_shutdown",
                version,
            });
        }
        if !(version >= 3) && !self.log_dirs.is_empty() {
            return Err(EncodeError::Field {
                name: "RegisterBrokerRecord",
                field: "log_dirs",
                version,
            });
        }
        if !(version >= 4) && self.cordoned_log_dirs.is_some() {
            return Err(EncodeError::Field {
                name: "RegisterBrokerRecord",
                field: "cordoned_log_dirs",
                version,
            });
        }
        writer.i32(self.broker_id);
        if version >= 2 {
            writer.bool(self.is_migrating_zk_broker);
        }
        writer.uuid(self.incarnation_id);
        writer.i64(self.broker_epoch);
        writer.array(Some(&self.end_points), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.array(Some(&self.features), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.string(self.rack.as_deref(), flexible)?;
        writer.bool(self.fenced);
        if version >= 1 {
            writer.bool(self.in_controlled_shutdown);
        }
        if flexible {
            let mut tagged = TaggedFields::default();
            if version >= 3 && !self.log_dirs.is_empty() {
                tagged.add(0, |writer| {
                    writer.array(Some(&self.log_dirs), true, |writer, it| {
                        writer.uuid(*it);
                        Ok(())
                    })?;
                    Ok(())
                })?;
            }
            if version >= 4 && self.cordoned_log_dirs.is_some() {
                tagged.add(1, |writer| {
                    writer.array(self.cordoned_log_dirs.as_deref(), true, |writer, it| {
                        writer.uuid(*it);
                        Ok(())
                    })?;
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`RegisterBrokerRecord`].
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerEndpoint {
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

impl Default for BrokerEndpoint {
    fn default() -> BrokerEndpoint {
        BrokerEndpoint {
            name: Str::new(),
            host: Str::new(),
            port: 0,
            security_protocol: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl BrokerEndpoint {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<BrokerEndpoint> {
        let flexible = true;
        let mut it = BrokerEndpoint::default();
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

/// Part of [`RegisterBrokerRecord`].
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerFeature {
    /// The feature name.
    pub name: Str,
    /// The minimum supported feature level.
    pub min_supported_version: i16,
    /// The maximum supported feature level.
    pub max_supported_version: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for BrokerFeature {
    fn default() -> BrokerFeature {
        BrokerFeature {
            name: Str::new(),
            min_supported_version: 0,
            max_supported_version: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl BrokerFeature {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<BrokerFeature> {
        let flexible = true;
        let mut it = BrokerFeature::default();
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

impl Message for RegisterBrokerRecord {
    const NAME: &'static str = "RegisterBrokerRecord";
    const API_KEY: Option<i16> = Some(0);
    const VERSIONS: Versions = Versions { from: 0, to: 4 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        RegisterBrokerRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
