// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `VotersRecord`, version 0.

use crate::codec::*;

/// `VotersRecord`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct VotersRecord {
    /// The version of the voters record.
    pub version: i16,
    /// The set of voters in the quorum for this epoch.
    pub voters: Vec<Voter>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for VotersRecord {
    fn default() -> VotersRecord {
        VotersRecord {
            version: 0,
            voters: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl VotersRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<VotersRecord> {
        let flexible = true;
        let mut it = VotersRecord::default();
        it.version = reader.i16()?;
        it.voters = reader.array(flexible, 27, |reader| Voter::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i16(self.version);
        writer.array(Some(&self.voters), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`VotersRecord`].
#[derive(Clone, Debug, PartialEq)]
pub struct Voter {
    /// The replica id of the voter in the topic partition.
    pub voter_id: i32,
    /// The directory id of the voter in the topic partition.
    pub voter_directory_id: [u8; 16],
    /// The endpoint that can be used to communicate with the voter.
    pub endpoints: Vec<Endpoint>,
    /// The range of versions of the protocol that the replica supports.
    pub k_raft_version_feature: KRaftVersionFeature,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for Voter {
    fn default() -> Voter {
        Voter {
            voter_id: 0,
            voter_directory_id: [0; 16],
            endpoints: Vec::new(),
            k_raft_version_feature: KRaftVersionFeature::default(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl Voter {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<Voter> {
        let flexible = true;
        let mut it = Voter::default();
        it.voter_id = reader.i32()?;
        it.voter_directory_id = reader.uuid()?;
        it.endpoints = reader.array(flexible, 5, |reader| Endpoint::read(reader, version))?;
        it.k_raft_version_feature = KRaftVersionFeature::read(reader, version)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.voter_id);
        writer.uuid(self.voter_directory_id);
        writer.array(Some(&self.endpoints), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        self.k_raft_version_feature.write(writer, version)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`VotersRecord`].
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    /// The name of the endpoint.
    pub name: Str,
    /// The hostname.
    pub host: Str,
    /// The port.
    pub port: u16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for Endpoint {
    fn default() -> Endpoint {
        Endpoint {
            name: Str::new(),
            host: Str::new(),
            port: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl Endpoint {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<Endpoint> {
        let flexible = true;
        let mut it = Endpoint::default();
        it.name = reader.string(flexible)?;
        it.host = reader.string(flexible)?;
        it.port = reader.u16()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.name), flexible)?;
        writer.string(Some(&self.host), flexible)?;
        writer.u16(self.port);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`VotersRecord`].
#[derive(Clone, Debug, PartialEq)]
pub struct KRaftVersionFeature {
    /// The minimum supported KRaft protocol version.
    pub min_supported_version: i16,
    /// The maximum supported KRaft protocol version.
    pub max_supported_version: i16,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for KRaftVersionFeature {
    fn default() -> KRaftVersionFeature {
        KRaftVersionFeature {
            min_supported_version: 0,
            max_supported_version: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl KRaftVersionFeature {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<KRaftVersionFeature> {
        let flexible = true;
        let mut it = KRaftVersionFeature::default();
        it.min_supported_version = reader.i16()?;
        it.max_supported_version = reader.i16()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i16(self.min_supported_version);
        writer.i16(self.max_supported_version);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for VotersRecord {
    const NAME: &'static str = "VotersRecord";
    const API_KEY: Option<i16> = None;
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        VotersRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
