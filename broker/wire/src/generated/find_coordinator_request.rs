// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `FindCoordinatorRequest`, versions 0 to 6.

use crate::codec::*;

/// `FindCoordinatorRequest`, versions 0 to 6.
#[derive(Clone, Debug, PartialEq)]
pub struct FindCoordinatorRequest {
    /// The coordinator key.
    pub key: Str,
    /// The coordinator key type. (group, transaction, share).
    pub key_type: i8,
    /// The coordinator keys.
    pub coordinator_keys: Vec<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for FindCoordinatorRequest {
    fn default() -> FindCoordinatorRequest {
        FindCoordinatorRequest {
            key: Str::new(),
            key_type: 0,
            coordinator_keys: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl FindCoordinatorRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<FindCoordinatorRequest> {
        let flexible = version >= 3;
        let mut it = FindCoordinatorRequest::default();
        if version <= 3 {
            it.key = reader.string(flexible)?;
        }
        if version >= 1 {
            it.key_type = reader.i8()?;
        }
        if version >= 4 {
            it.coordinator_keys = reader.array(flexible, 1, |reader| reader.string(flexible))?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 3;
        if !(version <= 3) && !self.key.is_empty() {
            return Err(EncodeError::Field {
                name: "FindCoordinatorRequest",
                field: "key",
                version,
            });
        }
        if !(version >= 1) && self.key_type != 0 {
            return Err(EncodeError::Field {
                name: "FindCoordinatorRequest",
                field: "key_type",
                version,
            });
        }
        if !(version >= 4) && !self.coordinator_keys.is_empty() {
            return Err(EncodeError::Field {
                name: "FindCoordinatorRequest",
                field: "coordinator_keys",
                version,
            });
        }
        if version <= 3 {
            writer.string(Some(&self.key), flexible)?;
        }
        if version >= 1 {
            writer.i8(self.key_type);
        }
        if version >= 4 {
            writer.array(Some(&self.coordinator_keys), flexible, |writer, it| {
                writer.string(Some(it), flexible)
            })?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for FindCoordinatorRequest {
    const NAME: &'static str = "FindCoordinatorRequest";
    const API_KEY: Option<i16> = Some(10);
    const VERSIONS: Versions = Versions { from: 0, to: 6 };
    const FLEXIBLE_FROM: Option<i16> = Some(3);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        FindCoordinatorRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
