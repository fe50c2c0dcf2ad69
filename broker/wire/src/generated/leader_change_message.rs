// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `LeaderChangeMessage`, versions 0 to 1.

use crate::codec::*;

/// `LeaderChangeMessage`, versions 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct LeaderChangeMessage {
    /// The version of the leader change message.
    pub version: i16,
    /// The ID of the newly elected leader.
    pub leader_id: i32,
    /// The set of voters in the quorum for this epoch.
    pub voters: Vec<Voter>,
    /// The voters who voted for the leader at the time of election.
    pub granting_voters: Vec<Voter>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for LeaderChangeMessage {
    fn default() -> LeaderChangeMessage {
        LeaderChangeMessage {
            version: 0,
            leader_id: 0,
            voters: Vec::new(),
            granting_voters: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl LeaderChangeMessage {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<LeaderChangeMessage> {
        let flexible = true;
        let mut it = LeaderChangeMessage::default();
        it.version = reader.i16()?;
        it.leader_id = reader.i32()?;
        it.voters = reader.array(flexible, 5, |reader| Voter::read(reader, version))?;
        it.granting_voters = reader.array(flexible, 5, |reader| Voter::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i16(self.version);
        writer.i32(self.leader_id);
        writer.array(Some(&self.voters), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        writer.array(Some(&self.granting_voters), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`LeaderChangeMessage`].
#[derive(Clone, Debug, PartialEq)]
pub struct Voter {
    /// The ID of the voter.
    pub voter_id: i32,
    /// The directory id of the voter.
    pub voter_directory_id: [u8; 16],
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for Voter {
    fn default() -> Voter {
        Voter {
            voter_id: 0,
            voter_directory_id: [0; 16],
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl Voter {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<Voter> {
        let flexible = true;
        let mut it = Voter::default();
        it.voter_id = reader.i32()?;
        if version >= 1 {
            it.voter_directory_id = reader.uuid()?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        if !(version >= 1) && self.voter_directory_id != [0; 16] {
            return Err(EncodeError::Field {
                name: "Voter",
                field: "voter_directory_id",
                version,
            });
        }
        writer.i32(self.voter_id);
        if version >= 1 {
            writer.uuid(self.voter_directory_id);
        }
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for LeaderChangeMessage {
    const NAME: &'static str = "LeaderChangeMessage";
    const API_KEY: Option<i16> = None;
    const VERSIONS: Versions = Versions { from: 0, to: 1 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        LeaderChangeMessage::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
