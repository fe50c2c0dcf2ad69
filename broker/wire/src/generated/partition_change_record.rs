// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `PartitionChangeRecord`, versions 0 to 2.

use crate::codec::*;

/// `PartitionChangeRecord`, versions 0 to 2.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionChangeRecord {
    /// The partition id.
    pub partition_id: i32,
    /// The unique ID of this topic.
    pub topic_id: [u8; 16],
    /// null if the ISR didn't change; the new in-sync replicas otherwise.
    pub isr: Option<Vec<i32>>,
    /// -1 if there is now no leader; -2 if the leader didn't change; the new leader otherwise.
    pub leader: i32,
    /// null if the replicas didn't change; the new replicas otherwise.
    pub replicas: Option<Vec<i32>>,
    /// null if the removing replicas didn't change; the new removing replicas otherwise.
    pub removing_replicas: Option<Vec<i32>>,
    /// null if the adding replicas didn't change; the new adding replicas otherwise.
    pub adding_replicas: Option<Vec<i32>>,
    /// -1 if it didn't change; 0 if the leader was elected from the ISR or recovered from an unclean election; 1 if the leader that was elected using unclean leader election and it is still recovering.
    pub leader_recovery_state: i8,
    /// null if the log dirs didn't change; the new log directory for each replica otherwise.
    pub directories: Option<Vec<[u8; 16]>>,
    /// null if the ELR didn't change; the new eligible leader replicas otherwise.
    pub eligible_leader_replicas: Option<Vec<i32>>,
    /// null if the LastKnownElr didn't change; the last known eligible leader replicas otherwise.
    pub last_known_elr: Option<Vec<i32>>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for PartitionChangeRecord {
    fn default() -> PartitionChangeRecord {
        PartitionChangeRecord {
            partition_id: -1,
            topic_id: [0; 16],
            isr: None,
            leader: -2,
            replicas: None,
            removing_replicas: None,
            adding_replicas: None,
            leader_recovery_state: -1,
            directories: None,
            eligible_leader_replicas: None,
            last_known_elr: None,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl PartitionChangeRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<PartitionChangeRecord> {
        let flexible = true;
        let mut it = PartitionChangeRecord::default();
        it.partition_id = reader.i32()?;
        it.topic_id = reader.uuid()?;
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 => it.isr = reader.nullable_array(flexible, 4, |reader| reader.i32())?,
                    1 => it.leader = reader.i32()?,
                    2 => it.replicas = reader.nullable_array(flexible, 4, |reader| reader.i32())?,
                    3 => {
                        it.removing_replicas =
                            reader.nullable_array(flexible, 4, |reader| reader.i32())?
                    }
                    4 => {
                        it.adding_replicas =
                            reader.nullable_array(flexible, 4, |reader| reader.i32())?
                    }
                    5 => it.leader_recovery_state = reader.i8()?,
                    6 if version >= 2 => {
                        it.eligible_leader_replicas =
                            reader.nullable_array(flexible, 4, |reader| reader.i32())?
                    }
                    7 if version >= 2 => {
                        it.last_known_elr =
                            reader.nullable_array(flexible, 4, |reader| reader.i32())?
                    }
                    8 if version >= 1 => {
                        it.directories =
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
        if !(version >= 1) && self.directories.is_some() {
            return Err(EncodeError::Field {
                name: "PartitionChangeRecord",
                field: "directories",
                version,
            });
        }
        if !(version >= 2) && self.eligible_leader_replicas.is_some() {
            return Err(EncodeError::Field {
                name: "PartitionChangeRecord",
                field: "eligible_leader_replicas",
                version,
            });
        }
        if !(version >= 2) && self.last_known_elr.is_some() {
            return Err(EncodeError::Field {
                name: "PartitionChangeRecord",
                field: "last_known_elr",
                version,
            });
        }
        writer.i32(self.partition_id);
        writer.uuid(self.topic_id);
        if flexible {
            let mut tagged = TaggedFields::default();
            if self.isr.is_some() {
                tagged.add(0, |writer| {
                    writer.array(self.isr.as_deref(), true, |writer, it| {
                        writer.i32(*it);
                        Ok(())
                    })?;
                    Ok(())
                })?;
            }
            if self.leader != -2 {
                tagged.add(1, |writer| {
                    writer.i32(self.leader);
                    Ok(())
                })?;
            }
            if self.replicas.is_some() {
                tagged.add(2, |writer| {
                    writer.array(self.replicas.as_deref(), true, |writer, it| {
                        writer.i32(*it);
                        Ok(())
                    })?;
                    Ok(())
                })?;
            }
            if self.removing_replicas.is_some() {
                tagged.add(3, |writer| {
                    writer.array(self.removing_replicas.as_deref(), true, |writer, it| {
                        writer.i32(*it);
                        Ok(())
                    })?;
                    Ok(())
                })?;
            }
            if self.adding_replicas.is_some() {
                tagged.add(4, |writer| {
                    writer.array(self.adding_replicas.as_deref(), true, |writer, it| {
                        writer.i32(*it);
                        Ok(())
                    })?;
                    Ok(())
                })?;
            }
            if self.leader_recovery_state != -1 {
                tagged.add(5, |writer| {
                    writer.i8(self.leader_recovery_state);
                    Ok(())
                })?;
            }
            if version >= 2 && self.eligible_leader_replicas.is_some() {
                tagged.add(6, |writer| {
                    writer.array(
                        self.eligible_leader_replicas.as_deref(),
                        true,
                        |writer, it| {
                            writer.i32(*it);
                            Ok(())
                        },
                    )?;
                    Ok(())
                })?;
            }
            if version >= 2 && self.last_known_elr.is_some() {
                tagged.add(7, |writer| {
                    writer.array(self.last_known_elr.as_deref(), true, |writer, it| {
                        writer.i32(*it);
                        Ok(())
                    })?;
                    Ok(())
                })?;
            }
            if version >= 1 && self.directories.is_some() {
                tagged.add(8, |writer| {
                    writer.array(self.directories.as_deref(), true, |writer, it| {
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

impl Message for PartitionChangeRecord {
    const NAME: &'static str = "PartitionChangeRecord";
    const API_KEY: Option<i16> = Some(5);
    const VERSIONS: Versions = Versions { from: 0, to: 2 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        PartitionChangeRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
