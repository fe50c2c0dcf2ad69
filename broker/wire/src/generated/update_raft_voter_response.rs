// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `UpdateRaftVoterResponse`, version 0.

use crate::codec::*;

/// `UpdateRaftVoterResponse`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateRaftVoterResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// Details of the current Raft cluster leader.
    pub current_leader: CurrentLeader,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for UpdateRaftVoterResponse {
    fn default() -> UpdateRaftVoterResponse {
        UpdateRaftVoterResponse {
            throttle_time_ms: 0,
            error_code: 0,
            current_leader: CurrentLeader::default(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl UpdateRaftVoterResponse {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<UpdateRaftVoterResponse> {
        let flexible = true;
        let mut it = UpdateRaftVoterResponse::default();
        it.throttle_time_ms = reader.i32()?;
        it.error_code = reader.i16()?;
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 => it.current_leader = CurrentLeader::read(reader, version)?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.throttle_time_ms);
        writer.i16(self.error_code);
        if flexible {
            let mut tagged = TaggedFields::default();
            if self.current_leader != CurrentLeader::default() {
                tagged.add(0, |writer| {
                    self.current_leader.write(writer, version)?;
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`UpdateRaftVoterResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct CurrentLeader {
    /// The replica id of the current leader or -1 if the leader is unknown.
    pub leader_id: i32,
    /// The latest known leader epoch.
    pub leader_epoch: i32,
    /// The node's hostname.
    pub host: Str,
    /// The node's port.
    pub port: i32,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for CurrentLeader {
    fn default() -> CurrentLeader {
        CurrentLeader {
            leader_id: -1,
            leader_epoch: -1,
            host: Str::new(),
            port: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl CurrentLeader {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<CurrentLeader> {
        let flexible = true;
        let mut it = CurrentLeader::default();
        it.leader_id = reader.i32()?;
        it.leader_epoch = reader.i32()?;
        it.host = reader.string(flexible)?;
        it.port = reader.i32()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.leader_id);
        writer.i32(self.leader_epoch);
        writer.string(Some(&self.host), flexible)?;
        writer.i32(self.port);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for UpdateRaftVoterResponse {
    const NAME: &'static str = "UpdateRaftVoterResponse";
    const API_KEY: Option<i16> = Some(82);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        UpdateRaftVoterResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
