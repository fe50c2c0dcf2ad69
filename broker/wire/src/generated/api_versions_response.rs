// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ApiVersionsResponse`, versions 0 to 4.

use crate::codec::*;

/// `ApiVersionsResponse`, versions 0 to 4.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiVersionsResponse {
    /// The top-level error code.
    pub error_code: i16,
    /// The APIs supported by the broker.
    pub api_keys: Vec<ApiVersion>,
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// Features supported by the broker. Note: in v0-v3, features with MinSupportedVersion = 0 are omitted.
    pub supported_features: Vec<SupportedFeatureKey>,
    /// The monotonically increasing epoch for the finalized features information. Valid values are >= 0. A value of -1 is special and represents unknown epoch.
    pub finalized_features_epoch: i64,
    /// List of cluster-wide finalized features. The information is valid only if FinalizedFeaturesEpoch >= 0.
    pub finalized_features: Vec<FinalizedFeatureKey>,
    /// Set by a KRaft controller if the required configurations for ZK migration are present.
    pub zk_migration_ready: bool,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ApiVersionsResponse {
    fn default() -> ApiVersionsResponse {
        ApiVersionsResponse {
            error_code: 0,
            api_keys: Vec::new(),
            throttle_time_ms: 0,
            supported_features: Vec::new(),
            finalized_features_epoch: -1,
            finalized_features: Vec::new(),
            zk_migration_ready: false,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ApiVersionsResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ApiVersionsResponse> {
        let flexible = version >= 3;
        let mut it = ApiVersionsResponse::default();
        it.error_code = reader.i16()?;
        it.api_keys = reader.array(flexible, 6, |reader| ApiVersion::read(reader, version))?;
        if version >= 1 {
            it.throttle_time_ms = reader.i32()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 if version >= 3 => {
                        it.supported_features = reader.array(flexible, 1, |reader| {
                            SupportedFeatureKey::read(reader, version)
                        })?
                    }
                    1 if version >= 3 => it.finalized_features_epoch = reader.i64()?,
                    2 if version >= 3 => {
                        it.finalized_features = reader.array(flexible, 1, |reader| {
                            FinalizedFeatureKey::read(reader, version)
                        })?
                    }
                    3 if version >= 3 => it.zk_migration_ready = reader.bool()?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 3;
        writer.i16(self.error_code);
        writer.array(Some(&self.api_keys), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if version >= 1 {
            writer.i32(self.throttle_time_ms);
        }
        if flexible {
            let mut tagged = TaggedFields::default();
            if !self.supported_features.is_empty() {
                tagged.add(0, |writer| {
                    writer.array(Some(&self.supported_features), true, |writer, it| {
                        it.write(writer, version)
                    })?;
                    Ok(())
                })?;
            }
            if self.finalized_features_epoch != -1 {
                tagged.add(1, |writer| {
                    writer.i64(self.finalized_features_epoch);
                    Ok(())
                })?;
            }
            if !self.finalized_features.is_empty() {
                tagged.add(2, |writer| {
                    writer.array(Some(&self.finalized_features), true, |writer, it| {
                        it.write(writer, version)
                    })?;
                    Ok(())
                })?;
            }
            if self.zk_migration_ready {
                tagged.add(3, |writer| {
                    writer.bool(self.zk_migration_ready);
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ApiVersionsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct ApiVersion {
    /// The API index.
    pub api_key: i16,
    /// The minimum supported version, inclusive.
    pub min_version: i16,
    /// The maximum supported version, inclusive.
    pub max_version: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ApiVersion {
    fn default() -> ApiVersion {
        ApiVersion {
            api_key: 0,
            min_version: 0,
            max_version: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ApiVersion {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ApiVersion> {
        let flexible = version >= 3;
        let mut it = ApiVersion::default();
        it.api_key = reader.i16()?;
        it.min_version = reader.i16()?;
        it.max_version = reader.i16()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 3;
        writer.i16(self.api_key);
        writer.i16(self.min_version);
        writer.i16(self.max_version);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ApiVersionsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct SupportedFeatureKey {
    /// The name of the feature.
    pub name: Str,
    /// The minimum supported version for the feature.
    pub min_version: i16,
    /// The maximum supported version for the feature.
    pub max_version: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for SupportedFeatureKey {
    fn default() -> SupportedFeatureKey {
        SupportedFeatureKey {
            name: Str::new(),
            min_version: 0,
            max_version: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl SupportedFeatureKey {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<SupportedFeatureKey> {
        let flexible = version >= 3;
        let mut it = SupportedFeatureKey::default();
        if version >= 3 {
            it.name = reader.string(flexible)?;
        }
        if version >= 3 {
            it.min_version = reader.i16()?;
        }
        if version >= 3 {
            it.max_version = reader.i16()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 3;
        if !(version >= 3) && !self.name.is_empty() {
            return Err(EncodeError::Field {
                name: "SupportedFeatureKey",
                field: "name",
                version,
            });
        }
        if !(version >= 3) && self.min_version != 0 {
            return Err(EncodeError::Field {
                name: "SupportedFeatureKey",
                field: "min_version",
                version,
            });
        }
        if !(version >= 3) && self.max_version != 0 {
            return Err(EncodeError::Field {
                name: "SupportedFeatureKey",
                field: "max_version",
                version,
            });
        }
        if version >= 3 {
            writer.string(Some(&self.name), flexible)?;
        }
        if version >= 3 {
            writer.i16(self.min_version);
        }
        if version >= 3 {
            writer.i16(self.max_version);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`ApiVersionsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct FinalizedFeatureKey {
    /// The name of the feature.
    pub name: Str,
    /// The cluster-wide finalized max version level for the feature.
    pub max_version_level: i16,
    /// The cluster-wide finalized min version level for the feature.
    pub min_version_level: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for FinalizedFeatureKey {
    fn default() -> FinalizedFeatureKey {
        FinalizedFeatureKey {
            name: Str::new(),
            max_version_level: 0,
            min_version_level: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl FinalizedFeatureKey {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<FinalizedFeatureKey> {
        let flexible = version >= 3;
        let mut it = FinalizedFeatureKey::default();
        if version >= 3 {
            it.name = reader.string(flexible)?;
        }
        if version >= 3 {
            it.max_version_level = reader.i16()?;
        }
        if version >= 3 {
            it.min_version_level = reader.i16()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 3;
        if !(version >= 3) && !self.name.is_empty() {
            return Err(EncodeError::Field {
                name: "FinalizedFeatureKey",
                field: "name",
                version,
            });
        }
        if !(version >= 3) && self.max_version_level != 0 {
            return Err(EncodeError::Field {
                name: "FinalizedFeatureKey",
                field: "max_version_level",
                version,
            });
        }
        if !(version >= 3) && self.min_version_level != 0 {
            return Err(EncodeError::Field {
                name: "FinalizedFeatureKey",
                field: "min_version_level",
                version,
            });
        }
        if version >= 3 {
            writer.string(Some(&self.name), flexible)?;
        }
        if version >= 3 {
            writer.i16(self.max_version_level);
        }
        if version >= 3 {
            writer.i16(self.min_version_level);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ApiVersionsResponse {
    const NAME: &'static str = "ApiVersionsResponse";
    const API_KEY: Option<i16> = Some(18);
    const VERSIONS: Versions = Versions { from: 0, to: 4 };
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ApiVersionsResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
