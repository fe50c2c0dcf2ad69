// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `UpdateFeaturesRequest`, versions 0 to 2.

use crate::codec::*;

/// `UpdateFeaturesRequest`, versions 0 to 2.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateFeaturesRequest {
    /// How long to wait in milliseconds before timing out the request.
    pub timeout_ms: i32,
    /// The list of updates to finalized features.
    pub feature_updates: Vec<FeatureUpdateKey>,
    /// True if we should validate the request, but not perform the upgrade or downgrade.
    pub validate_only: bool,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for UpdateFeaturesRequest {
    fn default() -> UpdateFeaturesRequest {
        UpdateFeaturesRequest {
            timeout_ms: 60000,
            feature_updates: Vec::new(),
            validate_only: false,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl UpdateFeaturesRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<UpdateFeaturesRequest> {
        let flexible = true;
        let mut it = UpdateFeaturesRequest::default();
        it.timeout_ms = reader.i32()?;
        it.feature_updates = reader.array(flexible, 5, |reader| {
            FeatureUpdateKey::read(reader, version)
        })?;
        if version >= 1 {
            it.validate_only = reader.bool()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        if !(version >= 1) && self.validate_only {
            return Err(EncodeError::Field {
                name: "UpdateFeaturesRequest",
                field: "validate_only",
                version,
            });
        }
        writer.i32(self.timeout_ms);
        writer.array(Some(&self.feature_updates), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if version >= 1 {
            writer.bool(self.validate_only);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`UpdateFeaturesRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureUpdateKey {
    /// The name of the finalized feature to be updated.
    pub feature: Str,
    /// The new maximum version level for the finalized feature. A value >= 1 is valid. A value \< 1, is special, and can be used to request the deletion of the finalized feature.
    pub max_version_level: i16,
    /// DEPRECATED in version 1 (see DowngradeType). When set to true, the finalized feature version level is allowed to be downgraded/deleted. The downgrade request will fail if the new maximum version level is a value that's not lower than the existing maximum finalized version level.
    pub allow_downgrade: bool,
    /// Determine which type of upgrade will be performed: 1 will perform an upgrade only (default), 2 is safe downgrades only (lossless), 3 is unsafe downgrades (lossy).
    pub upgrade_type: i8,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for FeatureUpdateKey {
    fn default() -> FeatureUpdateKey {
        FeatureUpdateKey {
            feature: Str::new(),
            max_version_level: 0,
            allow_downgrade: false,
            upgrade_type: 1,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl FeatureUpdateKey {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<FeatureUpdateKey> {
        let flexible = true;
        let mut it = FeatureUpdateKey::default();
        it.feature = reader.string(flexible)?;
        it.max_version_level = reader.i16()?;
        if version <= 0 {
            it.allow_downgrade = reader.bool()?;
        }
        if version >= 1 {
            it.upgrade_type = reader.i8()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        if !(version <= 0) && self.allow_downgrade {
            return Err(EncodeError::Field {
                name: "FeatureUpdateKey",
                field: "allow_downgrade",
                version,
            });
        }
        if !(version >= 1) && self.upgrade_type != 1 {
            return Err(EncodeError::Field {
                name: "FeatureUpdateKey",
                field: "upgrade_type",
                version,
            });
        }
        writer.string(Some(&self.feature), flexible)?;
        writer.i16(self.max_version_level);
        if version <= 0 {
            writer.bool(self.allow_downgrade);
        }
        if version >= 1 {
            writer.i8(self.upgrade_type);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for UpdateFeaturesRequest {
    const NAME: &'static str = "UpdateFeaturesRequest";
    const API_KEY: Option<i16> = Some(57);
    const VERSIONS: Versions = Versions { from: 0, to: 2 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        UpdateFeaturesRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
