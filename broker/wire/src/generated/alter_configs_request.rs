// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `AlterConfigsRequest`, versions 0 to 2.

use crate::codec::*;

/// `AlterConfigsRequest`, versions 0 to 2.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterConfigsRequest {
    /// The updates for each resource.
    pub resources: Vec<AlterConfigsResource>,
    /// True if we should validate the request, but not change the configurations.
    pub validate_only: bool,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AlterConfigsRequest {
    fn default() -> AlterConfigsRequest {
        AlterConfigsRequest {
            resources: Vec::new(),
            validate_only: false,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AlterConfigsRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<AlterConfigsRequest> {
        let flexible = version >= 2;
        let mut it = AlterConfigsRequest::default();
        it.resources = reader.array(flexible, 4, |reader| {
            AlterConfigsResource::read(reader, version)
        })?;
        it.validate_only = reader.bool()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        writer.array(Some(&self.resources), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.bool(self.validate_only);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`AlterConfigsRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct AlterConfigsResource {
    /// The resource type.
    pub resource_type: i8,
    /// The resource name.
    pub resource_name: Str,
    /// The configurations.
    pub configs: Vec<AlterableConfig>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AlterConfigsResource {
    fn default() -> AlterConfigsResource {
        AlterConfigsResource {
            resource_type: 0,
            resource_name: Str::new(),
            configs: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AlterConfigsResource {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<AlterConfigsResource> {
        let flexible = version >= 2;
        let mut it = AlterConfigsResource::default();
        it.resource_type = reader.i8()?;
        it.resource_name = reader.string(flexible)?;
        it.configs = reader.array(flexible, 3, |reader| AlterableConfig::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        writer.i8(self.resource_type);
        writer.string(Some(&self.resource_name), flexible)?;
        writer.array(Some(&self.configs), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`AlterConfigsRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct AlterableConfig {
    /// The configuration key name.
    pub name: Str,
    /// The value to set for the configuration key.
    pub value: Option<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AlterableConfig {
    fn default() -> AlterableConfig {
        AlterableConfig {
            name: Str::new(),
            value: Some(Str::new()),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AlterableConfig {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<AlterableConfig> {
        let flexible = version >= 2;
        let mut it = AlterableConfig::default();
        it.name = reader.string(flexible)?;
        it.value = reader.nullable_string(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        writer.string(Some(&self.name), flexible)?;
        writer.string(self.value.as_deref(), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for AlterConfigsRequest {
    const NAME: &'static str = "AlterConfigsRequest";
    const API_KEY: Option<i16> = Some(33);
    const VERSIONS: Versions = Versions { from: 0, to: 2 };
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        AlterConfigsRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
