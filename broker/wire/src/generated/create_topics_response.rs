// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `CreateTopicsResponse`, versions 2 to 7.

use crate::codec::*;

/// `CreateTopicsResponse`, versions 2 to 7.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateTopicsResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// Results for each topic we tried to create.
    pub topics: Vec<CreatableTopicResult>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for CreateTopicsResponse {
    fn default() -> CreateTopicsResponse {
        CreateTopicsResponse {
            throttle_time_ms: 0,
            topics: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl CreateTopicsResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<CreateTopicsResponse> {
        let flexible = version >= 5;
        let mut it = CreateTopicsResponse::default();
        it.throttle_time_ms = reader.i32()?;
        it.topics = reader.array(flexible, 6, |reader| {
            CreatableTopicResult::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 5;
        writer.i32(self.throttle_time_ms);
        writer.array(Some(&self.topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`CreateTopicsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct CreatableTopicResult {
    /// The topic name.
    pub name: Str,
    /// The unique topic ID.
    pub topic_id: [u8; 16],
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// The error message, or null if there was no error.
    pub error_message: Option<Str>,
    /// Optional topic config error returned if configs are not returned in the response.
    pub topic_config_error_code: i16,
    /// Number of partitions of the topic.
    pub num_partitions: i32,
    /// Replication factor of the topic.
    pub replication_factor: i16,
    /// Configuration of the topic.
    pub configs: Option<Vec<CreatableTopicConfigs>>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for CreatableTopicResult {
    fn default() -> CreatableTopicResult {
        CreatableTopicResult {
            name: Str::new(),
            topic_id: [0; 16],
            error_code: 0,
            error_message: Some(Str::new()),
            topic_config_error_code: 0,
            num_partitions: -1,
            replication_factor: -1,
            configs: Some(Vec::new()),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl CreatableTopicResult {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<CreatableTopicResult> {
        let flexible = version >= 5;
        let mut it = CreatableTopicResult::default();
        it.name = reader.string(flexible)?;
        if version >= 7 {
            it.topic_id = reader.uuid()?;
        }
        it.error_code = reader.i16()?;
        it.error_message = reader.nullable_string(flexible)?;
        if version >= 5 {
            it.num_partitions = reader.i32()?;
        }
        if version >= 5 {
            it.replication_factor = reader.i16()?;
        }
        if version >= 5 {
            it.configs = reader.nullable_array(flexible, 1, |reader| {
                CreatableTopicConfigs::read(reader, version)
            })?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 if version >= 5 => it.topic_config_error_code = reader.i16()?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 5;
        writer.string(Some(&self.name), flexible)?;
        if version >= 7 {
            writer.uuid(self.topic_id);
        }
        writer.i16(self.error_code);
        writer.string(self.error_message.as_deref(), flexible)?;
        if version >= 5 {
            writer.i32(self.num_partitions);
        }
        if version >= 5 {
            writer.i16(self.replication_factor);
        }
        if version >= 5 {
            writer.array(self.configs.as_deref(), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if flexible {
            let mut tagged = TaggedFields::default();
            if self.topic_config_error_code != 0 {
                tagged.add(0, |writer| {
                    writer.i16(self.topic_config_error_code);
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`CreateTopicsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct CreatableTopicConfigs {
    /// The configuration name.
    pub name: Str,
    /// The configuration value.
    pub value: Option<Str>,
    /// True if the configuration is read-only.
    pub read_only: bool,
    /// The configuration source.
    pub config_source: i8,
    /// True if this configuration is sensitive.
    pub is_sensitive: bool,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for CreatableTopicConfigs {
    fn default() -> CreatableTopicConfigs {
        CreatableTopicConfigs {
            name: Str::new(),
            value: Some(Str::new()),
            read_only: false,
            config_source: -1,
            is_sensitive: false,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl CreatableTopicConfigs {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<CreatableTopicConfigs> {
        let flexible = version >= 5;
        let mut it = CreatableTopicConfigs::default();
        if version >= 5 {
            it.name = reader.string(flexible)?;
        }
        if version >= 5 {
            it.value = reader.nullable_string(flexible)?;
        }
        if version >= 5 {
            it.read_only = reader.bool()?;
        }
        if version >= 5 {
            it.config_source = reader.i8()?;
        }
        if version >= 5 {
            it.is_sensitive = reader.bool()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 5;
        if !(version >= 5) && !self.name.is_empty() {
            return Err(EncodeError::Field {
                name: "CreatableTopicConfigs",
                field: "name",
                version,
            });
        }
        if !(version >= 5) && self.value.as_deref() != Some("") {
            return Err(EncodeError::Field {
                name: "CreatableTopicConfigs",
                field: "value",
                version,
            });
        }
        if !(version >= 5) && self.read_only {
            return Err(EncodeError::Field {
                name: "CreatableTopicConfigs",
                field: "read_only",
                version,
            });
        }
        if !(version >= 5) && self.is_sensitive {
            return Err(EncodeError::Field {
                name: "CreatableTopicConfigs",
                field: "is_sensitive",
                version,
            });
        }
        if version >= 5 {
            writer.string(Some(&self.name), flexible)?;
        }
        if version >= 5 {
            writer.string(self.value.as_deref(), flexible)?;
        }
        if version >= 5 {
            writer.bool(self.read_only);
        }
        if version >= 5 {
            writer.i8(self.config_source);
        }
        if version >= 5 {
            writer.bool(self.is_sensitive);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for CreateTopicsResponse {
    const NAME: &'static str = "CreateTopicsResponse";
    const API_KEY: Option<i16> = Some(19);
    const VERSIONS: Versions = Versions { from: 2, to: 7 };
    const FLEXIBLE_FROM: Option<i16> = Some(5);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        CreateTopicsResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
