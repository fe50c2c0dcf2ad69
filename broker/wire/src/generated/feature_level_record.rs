// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `FeatureLevelRecord`, version 0.

use crate::codec::*;

/// `FeatureLevelRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureLevelRecord {
    /// The feature name.
    pub name: Str,
    /// The current finalized feature level of this feature for the cluster, a value of 0 means feature not supported.
    pub feature_level: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for FeatureLevelRecord {
    fn default() -> FeatureLevelRecord {
        FeatureLevelRecord {
            name: Str::new(),
            feature_level: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl FeatureLevelRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<FeatureLevelRecord> {
        let flexible = true;
        let mut it = FeatureLevelRecord::default();
        it.name = reader.string(flexible)?;
        it.feature_level = reader.i16()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.name), flexible)?;
        writer.i16(self.feature_level);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for FeatureLevelRecord {
    const NAME: &'static str = "FeatureLevelRecord";
    const API_KEY: Option<i16> = Some(12);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        FeatureLevelRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
