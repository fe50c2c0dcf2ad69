// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `StreamsGroupMemberMetadataValue`, version 0.

use crate::codec::*;

/// `StreamsGroupMemberMetadataValue`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamsGroupMemberMetadataValue {
    /// The (optional) instance ID for static membership.
    pub instance_id: Option<Str>,
    /// The (optional) rack ID.
    pub rack_id: Option<Str>,
    /// The client ID.
    pub client_id: Str,
    /// The client host.
    pub client_host: Str,
    /// The rebalance timeout.
    pub rebalance_timeout_ms: i32,
    /// The epoch of the topology.
    pub topology_epoch: i32,
    /// Identity of the streams instance that may have multiple consumers.
    pub process_id: Str,
    /// User-defined endpoint for running interactive queries on this instance.
    pub user_endpoint: Option<Endpoint>,
    /// Used for rack-aware assignment algorithm.
    pub client_tags: Vec<KeyValue>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for StreamsGroupMemberMetadataValue {
    fn default() -> StreamsGroupMemberMetadataValue {
        StreamsGroupMemberMetadataValue {
            instance_id: Some(Str::new()),
            rack_id: Some(Str::new()),
            client_id: Str::new(),
            client_host: Str::new(),
            rebalance_timeout_ms: -1,
            topology_epoch: 0,
            process_id: Str::new(),
            user_endpoint: None,
            client_tags: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl StreamsGroupMemberMetadataValue {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<StreamsGroupMemberMetadataValue> {
        let flexible = true;
        let mut it = StreamsGroupMemberMetadataValue::default();
        it.instance_id = reader.nullable_string(flexible)?;
        it.rack_id = reader.nullable_string(flexible)?;
        it.client_id = reader.string(flexible)?;
        it.client_host = reader.string(flexible)?;
        it.rebalance_timeout_ms = reader.i32()?;
        it.topology_epoch = reader.i32()?;
        it.process_id = reader.string(flexible)?;
        it.user_endpoint = reader.nullable_struct(|reader| Endpoint::read(reader, version))?;
        it.client_tags = reader.array(flexible, 3, |reader| KeyValue::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(self.instance_id.as_deref(), flexible)?;
        writer.string(self.rack_id.as_deref(), flexible)?;
        writer.string(Some(&self.client_id), flexible)?;
        writer.string(Some(&self.client_host), flexible)?;
        writer.i32(self.rebalance_timeout_ms);
        writer.i32(self.topology_epoch);
        writer.string(Some(&self.process_id), flexible)?;
        writer.nullable_struct(self.user_endpoint.as_ref(), |writer, it| {
            it.write(writer, version)
        })?;
        writer.array(Some(&self.client_tags), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`StreamsGroupMemberMetadataValue`].
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    /// The host of the endpoint.
    pub host: Str,
    /// The port of the endpoint.
    pub port: u16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for Endpoint {
    fn default() -> Endpoint {
        Endpoint {
            host: Str::new(),
            port: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl Endpoint {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<Endpoint> {
        let flexible = true;
        let mut it = Endpoint::default();
        it.host = reader.string(flexible)?;
        it.port = reader.u16()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.host), flexible)?;
        writer.u16(self.port);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`StreamsGroupMemberMetadataValue`].
#[derive(Clone, Debug, PartialEq)]
pub struct KeyValue {
    /// The key of the config.
    pub key: Str,
    /// the value of the config.
    pub value: Str,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for KeyValue {
    fn default() -> KeyValue {
        KeyValue {
            key: Str::new(),
            value: Str::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl KeyValue {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<KeyValue> {
        let flexible = true;
        let mut it = KeyValue::default();
        it.key = reader.string(flexible)?;
        it.value = reader.string(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.key), flexible)?;
        writer.string(Some(&self.value), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for StreamsGroupMemberMetadataValue {
    const NAME: &'static str = "StreamsGroupMemberMetadataValue";
    const API_KEY: Option<i16> = Some(19);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        StreamsGroupMemberMetadataValue::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
