// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `QuorumStateData`, versions 0 to 1.

use crate::codec::*;

/// `QuorumStateData`, versions 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct QuorumStateData {
    /// The cluster id.
    pub cluster_id: Str,
    /// The leader id.
    pub leader_id: i32,
    /// The leader epoch.
    pub leader_epoch: i32,
    /// The voted id.
    pub voted_id: i32,
    /// The voted directory id.
    pub voted_directory_id: [u8; 16],
    /// The applied offset.
    pub applied_offset: i64,
    /// The current voters.
    pub current_voters: Option<Vec<Voter>>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for QuorumStateData {
    fn default() -> QuorumStateData {
        QuorumStateData {
            cluster_id: Str::new(),
            leader_id: -1,
            leader_epoch: -1,
            voted_id: -1,
            voted_directory_id: [0; 16],
            applied_offset: 0,
            current_voters: Some(Vec::new()),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl QuorumStateData {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<QuorumStateData> {
        let flexible = true;
        let mut it = QuorumStateData::default();
        if version <= 0 {
            it.cluster_id = reader.string(flexible)?;
        }
        it.leader_id = reader.i32()?;
        it.leader_epoch = reader.i32()?;
        it.voted_id = reader.i32()?;
        if version >= 1 {
            it.voted_directory_id = reader.uuid()?;
        }
        if version <= 0 {
            it.applied_offset = reader.i64()?;
        }
        if version <= 0 {
            it.current_voters =
                reader.nullable_array(flexible, 1, |reader| Voter::read(reader, version))?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        if !(version <= 0) && !self.cluster_id.is_empty() {
            return Err(EncodeError::Field {
                name: "QuorumStateData",
                field: "cluster_id",
                version,
            });
        }
        if !(version >= 1) && self.voted_directory_id != [0; 16] {
            return Err(EncodeError::Field {
                name: "QuorumStateData",
                field: "voted_directory_id",
                version,
            });
        }
        if !(version <= 0) && self.applied_offset != 0 {
            return Err(EncodeError::Field {
                name: "QuorumStateData",
                field: "applied_offset",
                version,
            });
        }
        if !(version <= 0) && self.current_voters.as_ref().is_none_or(|it| !it.is_empty()) {
            return Err(EncodeError::Field {
                name: "QuorumStateData",
                field: "current_voters",
                version,
            });
        }
        if version <= 0 {
            writer.string(Some(&self.cluster_id), flexible)?;
        }
        writer.i32(self.leader_id);
        writer.i32(self.leader_epoch);
        writer.i32(self.voted_id);
        if version >= 1 {
            writer.uuid(self.voted_directory_id);
        }
        if version <= 0 {
            writer.i64(self.applied_offset);
        }
        if version <= 0 {
            writer.array(self.current_voters.as_deref(), flexible, |writer, it| {
                it.write(writer, version)
            })?;
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`QuorumStateData`].
#[derive(Clone, Debug, PartialEq)]
pub struct Voter {
    /// The voter id.
    pub voter_id: i32,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for Voter {
    fn default() -> Voter {
        Voter {
            voter_id: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl Voter {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<Voter> {
        let flexible = true;
        let mut it = Voter::default();
        if version <= 0 {
            it.voter_id = reader.i32()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        if !(version <= 0) && self.voter_id != 0 {
            return Err(EncodeError::Field {
                name: "Voter",
                field: "voter_id",
                version,
            });
        }
        if version <= 0 {
            writer.i32(self.voter_id);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for QuorumStateData {
    const NAME: &'static str = "QuorumStateData";
    const API_KEY: Option<i16> = None;
    const VERSIONS: Versions = Versions { from: 0, to: 1 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        QuorumStateData::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
