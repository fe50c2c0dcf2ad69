// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ConsumerGroupMemberMetadataValue`, version 0.

use crate::codec::*;

/// `ConsumerGroupMemberMetadataValue`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerGroupMemberMetadataValue {
    /// The (optional) instance id.
    pub instance_id: Option<Str>,
    /// The (optional) rack id.
    pub rack_id: Option<Str>,
    /// The client id.
    pub client_id: Str,
    /// The client host.
    pub client_host: Str,
    /// The list of subscribed topic names.
    pub subscribed_topic_names: Vec<Str>,
    /// The subscribed topic regular expression.
    pub subscribed_topic_regex: Option<Str>,
    /// The rebalance timeout.
    pub rebalance_timeout_ms: i32,
    /// The server assignor to use; or null if not used.
    pub server_assignor: Option<Str>,
    /// The classic member metadata which includes the supported protocols of the consumer if it uses the classic protocol. The metadata is null if the consumer uses the consumer protocol.
    pub classic_member_metadata: Option<ClassicMemberMetadata>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ConsumerGroupMemberMetadataValue {
    fn default() -> ConsumerGroupMemberMetadataValue {
        ConsumerGroupMemberMetadataValue {
            instance_id: Some(Str::new()),
            rack_id: Some(Str::new()),
            client_id: Str::new(),
            client_host: Str::new(),
            subscribed_topic_names: Vec::new(),
            subscribed_topic_regex: Some(Str::new()),
            rebalance_timeout_ms: -1,
            server_assignor: Some(Str::new()),
            classic_member_metadata: Some(ClassicMemberMetadata::default()),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ConsumerGroupMemberMetadataValue {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<ConsumerGroupMemberMetadataValue> {
        let flexible = true;
        let mut it = ConsumerGroupMemberMetadataValue::default();
        it.instance_id = reader.nullable_string(flexible)?;
        it.rack_id = reader.nullable_string(flexible)?;
        it.client_id = reader.string(flexible)?;
        it.client_host = reader.string(flexible)?;
        it.subscribed_topic_names = reader.array(flexible, 1, |reader| reader.string(flexible))?;
        it.subscribed_topic_regex = reader.nullable_string(flexible)?;
        it.rebalance_timeout_ms = reader.i32()?;
        it.server_assignor = reader.nullable_string(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 => {
                        it.classic_member_metadata = reader.nullable_tagged_struct(|reader| {
                            ClassicMemberMetadata::read(reader, version)
                        })?
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
        writer.string(self.instance_id.as_deref(), flexible)?;
        writer.string(self.rack_id.as_deref(), flexible)?;
        writer.string(Some(&self.client_id), flexible)?;
        writer.string(Some(&self.client_host), flexible)?;
        writer.array(
            Some(&self.subscribed_topic_names),
            flexible,
            |writer, it| writer.string(Some(it), flexible),
        )?;
        writer.string(self.subscribed_topic_regex.as_deref(), flexible)?;
        writer.i32(self.rebalance_timeout_ms);
        writer.string(self.server_assignor.as_deref(), flexible)?;
        if flexible {
            let mut tagged = TaggedFields::default();
            if self.classic_member_metadata != Some(ClassicMemberMetadata::default()) {
                tagged.add(0, |writer| {
                    writer.nullable_tagged_struct(
                        self.classic_member_metadata.as_ref(),
                        |writer, it| it.write(writer, version),
                    )?;
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ConsumerGroupMemberMetadataValue`].
#[derive(Clone, Debug, PartialEq)]
pub struct ClassicMemberMetadata {
    /// The session timeout if the consumer uses the classic protocol.
    pub session_timeout_ms: i32,
    /// The list of protocols that the member supports if the consumer uses the classic protocol.
    pub supported_protocols: Vec<ClassicProtocol>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ClassicMemberMetadata {
    fn default() -> ClassicMemberMetadata {
        ClassicMemberMetadata {
            session_timeout_ms: 0,
            supported_protocols: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ClassicMemberMetadata {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ClassicMemberMetadata> {
        let flexible = true;
        let mut it = ClassicMemberMetadata::default();
        it.session_timeout_ms = reader.i32()?;
        it.supported_protocols =
            reader.array(flexible, 3, |reader| ClassicProtocol::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.session_timeout_ms);
        writer.array(Some(&self.supported_protocols), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ConsumerGroupMemberMetadataValue`].
#[derive(Clone, Debug, PartialEq)]
pub struct ClassicProtocol {
    /// The protocol name.
    pub name: Str,
    /// The protocol metadata.
    pub metadata: Bytes,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ClassicProtocol {
    fn default() -> ClassicProtocol {
        ClassicProtocol {
            name: Str::new(),
            metadata: Bytes::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ClassicProtocol {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ClassicProtocol> {
        let flexible = true;
        let mut it = ClassicProtocol::default();
        it.name = reader.string(flexible)?;
        it.metadata = reader.bytes(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.name), flexible)?;
        writer.bytes(Some(&self.metadata), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ConsumerGroupMemberMetadataValue {
    const NAME: &'static str = "ConsumerGroupMemberMetadataValue";
    const API_KEY: Option<i16> = Some(5);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ConsumerGroupMemberMetadataValue::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
