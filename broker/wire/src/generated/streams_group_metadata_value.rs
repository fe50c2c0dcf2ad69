// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `StreamsGroupMetadataValue`, version 0.

use crate::codec::*;

/// `StreamsGroupMetadataValue`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamsGroupMetadataValue {
    /// The group epoch.
    pub epoch: i32,
    /// The hash of all topics in the group.
    pub metadata_hash: i64,
    /// The topology epoch whose topics are validated to be present in a valid configuration in the metadata.
    pub validated_topology_epoch: i32,
    /// The last used configuration parameters as key-value pairs.
    pub last_assignment_configs: Option<Vec<LastAssignmentConfig>>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for StreamsGroupMetadataValue {
    fn default() -> StreamsGroupMetadataValue {
        StreamsGroupMetadataValue {
            epoch: 0,
            metadata_hash: 0,
            validated_topology_epoch: -1,
            last_assignment_configs: Some(Vec::new()),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl StreamsGroupMetadataValue {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<StreamsGroupMetadataValue> {
        let flexible = true;
        let mut it = StreamsGroupMetadataValue::default();
        it.epoch = reader.i32()?;
        it.metadata_hash = reader.i64()?;
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 => it.validated_topology_epoch = reader.i32()?,
                    1 => {
                        it.last_assignment_configs =
                            reader.nullable_array(flexible, 3, |reader| {
                                LastAssignmentConfig::read(reader, version)
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
        writer.i32(self.epoch);
        writer.i64(self.metadata_hash);
        if flexible {
            let mut tagged = TaggedFields::default();
            if self.validated_topology_epoch != -1 {
                tagged.add(0, |writer| {
                    writer.i32(self.validated_topology_epoch);
                    Ok(())
                })?;
            }
            if self
                .last_assignment_configs
                .as_ref()
                .is_none_or(|it| !it.is_empty())
            {
                tagged.add(1, |writer| {
                    writer.array(
                        self.last_assignment_configs.as_deref(),
                        true,
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

/// Part of [`StreamsGroupMetadataValue`].
#[derive(Clone, Debug, PartialEq)]
pub struct LastAssignmentConfig {
    /// Key of the config.
    pub key: Str,
    /// Value of the config.
    pub value: Str,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for LastAssignmentConfig {
    fn default() -> LastAssignmentConfig {
        LastAssignmentConfig {
            key: Str::new(),
            value: Str::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl LastAssignmentConfig {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<LastAssignmentConfig> {
        let flexible = true;
        let mut it = LastAssignmentConfig::default();
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

impl Message for StreamsGroupMetadataValue {
    const NAME: &'static str = "StreamsGroupMetadataValue";
    const API_KEY: Option<i16> = Some(17);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        StreamsGroupMetadataValue::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
