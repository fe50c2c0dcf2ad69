// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `BrokerHeartbeatRequest`, versions 0 to 2.

use crate::codec::*;

/// `BrokerHeartbeatRequest`, versions 0 to 2.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerHeartbeatRequest {
    /// The broker ID.
    pub broker_id: i32,
    /// The broker epoch.
    pub broker_epoch: i64,
    /// The highest metadata offset which the broker has reached.
    pub current_metadata_offset: i64,
    /// True if the broker wants to be fenced, false otherwise.
    pub want_fence: bool,
    /// True if the broker wants to be shut down, false otherwise.
    pub want_shut_down: bool,
    /// Log directories that failed and went offline.
    pub offline_log_dirs: Vec<[u8; 16]>,
    /// List of log directories that are cordoned. This is null before the broker reaches the RECOVERY state.
    pub cordoned_log_dirs: Option<Vec<[u8; 16]>>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for BrokerHeartbeatRequest {
    fn default() -> BrokerHeartbeatRequest {
        BrokerHeartbeatRequest {
            broker_id: 0,
            broker_epoch: -1,
            current_metadata_offset: 0,
            want_fence: false,
            want_shut_down: false,
            offline_log_dirs: Vec::new(),
            cordoned_log_dirs: None,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl BrokerHeartbeatRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<BrokerHeartbeatRequest> {
        let flexible = true;
        let mut it = BrokerHeartbeatRequest::default();
        it.broker_id = reader.i32()?;
        it.broker_epoch = reader.i64()?;
        it.current_metadata_offset = reader.i64()?;
        it.want_fence = reader.bool()?;
        it.want_shut_down = reader.bool()?;
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 if version >= 1 => {
                        it.offline_log_dirs = reader.array(flexible, 16, |reader| reader.uuid())?
                    }
                    1 if version >= 2 => {
                        it.cordoned_log_dirs =
                            reader.nullable_array(flexible, 16, |reader| reader.uuid())?
                    }
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
        if !(version >= 1) && !self.offline_log_dirs.is_empty() {
            return Err(EncodeError::Field {
                name: "BrokerHeartbeatRequest",
                field: "offline_log_dirs",
                version,
            });
        }
        if !(version >= 2) && self.cordoned_log_dirs.is_some() {
            return Err(EncodeError::Field {
                name: "BrokerHeartbeatRequest",
                field: "cordoned_log_dirs",
                version,
            });
        }
        writer.i32(self.broker_id);
        writer.i64(self.broker_epoch);
        writer.i64(self.current_metadata_offset);
        writer.bool(self.want_fence);
        writer.bool(self.want_shut_down);
        if flexible {
            let mut tagged = TaggedFields::default();
            if version >= 1 && !self.offline_log_dirs.is_empty() {
                tagged.add(0, |writer| {
                    writer.array(Some(&self.offline_log_dirs), true, |writer, it| {
                        writer.uuid(*it);
                        Ok(())
                    })?;
                    Ok(())
                })?;
            }
            if version >= 2 && self.cordoned_log_dirs.is_some() {
                tagged.add(1, |writer| {
                    writer.array(self.cordoned_log_dirs.as_deref(), true, |writer, it| {
                        writer.uuid(*it);
                        Ok(())
                    })?;
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for BrokerHeartbeatRequest {
    const NAME: &'static str = "BrokerHeartbeatRequest";
    const API_KEY: Option<i16> = Some(63);
    const VERSIONS: Versions = Versions { from: 0, to: 2 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        BrokerHeartbeatRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
