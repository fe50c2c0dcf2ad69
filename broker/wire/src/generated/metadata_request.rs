// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `MetadataRequest`, versions 0 to 13.

use crate::codec::*;

/// `MetadataRequest`, versions 0 to 13.
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataRequest {
    /// The topics to fetch metadata for.
    pub topics: Option<Vec<MetadataRequestTopic>>,
    /// If this is true, the broker may auto-create topics that we requested which do not already exist, if it is configured to do so.
    pub allow_auto_topic_creation: bool,
    /// Whether to include cluster authorized operations.
    pub include_cluster_authorized_operations: bool,
    /// Whether to include topic authorized operations.
    pub include_topic_authorized_operations: bool,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for MetadataRequest {
    fn default() -> MetadataRequest {
        MetadataRequest {
            topics: Some(Vec::new()),
            allow_auto_topic_creation: true,
            include_cluster_authorized_operations: false,
            include_topic_authorized_operations: false,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl MetadataRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<MetadataRequest> {
        let flexible = version >= 9;
        let mut it = MetadataRequest::default();
        it.topics = if version >= 1 {
            reader.nullable_array(flexible, 2, |reader| {
                MetadataRequestTopic::read(reader, version)
            })?
        } else {
            Some(reader.array(flexible, 2, |reader| {
                MetadataRequestTopic::read(reader, version)
            })?)
        };
        if version >= 4 {
            it.allow_auto_topic_creation = reader.bool()?;
        }
        if (8..=10).contains(&version) {
            it.include_cluster_authorized_operations = reader.bool()?;
        }
        if version >= 8 {
            it.include_topic_authorized_operations = reader.bool()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 9;
        if !(version >= 1) && self.topics.is_none() {
            return Err(EncodeError::Null {
                name: "MetadataRequest",
                field: "topics",
                version,
            });
        }
        if !(version >= 4) && !self.allow_auto_topic_creation {
            return Err(EncodeError::Field {
                name: "MetadataRequest",
                field: "allow_auto_topic_creation",
                version,
            });
        }
        if !((8..=10).contains(&version)) && self.include_cluster_authorized_operations {
            return Err(EncodeError::Field {
                name: "MetadataRequest",
                field: "include_cluster_authorized_operations",
                version,
            });
        }
        if !(version >= 8) && self.include_topic_authorized_operations {
            return Err(EncodeError::Field {
                name: "MetadataRequest",
                field: "include_topic_authorized_operations",
                version,
            });
        }
        writer.array(self.topics.as_deref(), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if version >= 4 {
            writer.bool(self.allow_auto_topic_creation);
        }
        if (8..=10).contains(&version) {
            writer.bool(self.include_cluster_authorized_operations);
        }
        if version >= 8 {
            writer.bool(self.include_topic_authorized_operations);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`MetadataRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataRequestTopic {
    /// The topic id.
    pub topic_id: [u8; 16],
    /// The topic name.
    pub name: Option<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for MetadataRequestTopic {
    fn default() -> MetadataRequestTopic {
        MetadataRequestTopic {
            topic_id: [0; 16],
            name: Some(Str::new()),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl MetadataRequestTopic {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<MetadataRequestTopic> {
        let flexible = version >= 9;
        let mut it = MetadataRequestTopic::default();
        if version >= 10 {
            it.topic_id = reader.uuid()?;
        }
        it.name = if version >= 10 {
            reader.nullable_string(flexible)?
        } else {
            Some(reader.string(flexible)?)
        };
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 9;
        if !(version >= 10) && self.name.is_none() {
            return Err(EncodeError::Null {
                name: "MetadataRequestTopic",
                field: "name",
                version,
            });
        }
        if version >= 10 {
            writer.uuid(self.topic_id);
        }
        writer.string(self.name.as_deref(), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for MetadataRequest {
    const NAME: &'static str = "MetadataRequest";
    const API_KEY: Option<i16> = Some(3);
    const VERSIONS: Versions = Versions { from: 0, to: 13 };
    const FLEXIBLE_FROM: Option<i16> = Some(9);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        MetadataRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
