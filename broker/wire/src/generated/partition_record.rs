// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `PartitionRecord`, versions 0 to 2.

use crate::codec::*;

/// `PartitionRecord`, versions 0 to 2.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionRecord {
    /// The partition id.
    pub partition_id: i32,
    /// The unique ID of this topic.
    pub topic_id: [u8; 16],
    /// The replicas of this partition, sorted by preferred order.
    pub replicas: Vec<i32>,
    /// The in-sync replicas of this partition
    pub isr: Vec<i32>,
    /// The replicas that we are in the process of removing.
    pub removing_replicas: Vec<i32>,
    /// The replicas that we are in the process of adding.
    pub adding_replicas: Vec<i32>,
    /// The lead replica, or -1 if there is no leader.
    pub leader: i32,
    /// 1 if the partition is recovering from an unclean leader election; 0 otherwise.
    pub leader_recovery_state: i8,
    /// The epoch of the partition leader.
    pub leader_epoch: i32,
    /// An epoch that gets incremented each time we change anything in the partition.
    pub partition_epoch: i32,
    /// The log directory hosting each replica, sorted in the same exact order as the Replicas field.
    pub directories: Vec<[u8; 16]>,
    /// The eligible leader replicas of this partition.
    pub eligible_leader_replicas: Option<Vec<i32>>,
    /// The last known eligible leader replicas of this partition.
    pub last_known_elr: Option<Vec<i32>>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for PartitionRecord {
    fn default() -> PartitionRecord {
        PartitionRecord {
            partition_id: -1,
            topic_id: [0; 16],
            replicas: Vec::new(),
            isr: Vec::new(),
            removing_replicas: Vec::new(),
            adding_replicas: Vec::new(),
            leader: -1,
            leader_recovery_state: 0,
            leader_epoch: -1,
            partition_epoch: -1,
            directories: Vec::new(),
            eligible_leader_replicas: None,
            last_known_elr: None,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl PartitionRecord {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<PartitionRecord> {
        let flexible = true;
        let mut it = PartitionRecord::default();
        it.partition_id = reader.i32()?;
        it.topic_id = reader.uuid()?;
        it.replicas = reader.array(flexible, 4, |reader| reader.i32())?;
        it.isr = reader.array(flexible, 4, |reader| reader.i32())?;
        it.removing_replicas = reader.array(flexible, 4, |reader| reader.i32())?;
        it.adding_replicas = reader.array(flexible, 4, |reader| reader.i32())?;
        it.leader = reader.i32()?;
        it.leader_epoch = reader.i32()?;
        it.partition_epoch = reader.i32()?;
        if version >= 1 {
            it.directories = reader.array(flexible, 16, |reader| reader.uuid())?;
        }
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 => it.leader_recovery_state = reader.i8()?,
                    1 if version >= 2 => {
                        it.eligible_leader_replicas =
                            reader.nullable_array(flexible, 4, |reader| reader.i32())?
                    }
                    2 if version >= 2 => {
                        it.last_known_elr =
                            reader.nullable_array(flexible, 4, |reader| reader.i32())?
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
        if !(version >= 1) && !self.directories.is_empty() {
            return Err(EncodeError::Field {
                name: "PartitionRecord",
                field: "directories",
                version,
            });
        }
        if !(version >= 2) && self.eligible_leader_replicas.is_some() {
            return Err(EncodeError::Field {
                name: "PartitionRecord",
                field: "eligible_leader_replicas",
                version,
            });
        }
        if !(version >= 2) && self.last_known_elr.is_some() {
            return Err(EncodeError::Field {
                name: "PartitionRecord",
                field: "last_known_elr",
                version,
            });
        }
        writer.i32(self.partition_id);
        writer.uuid(self.topic_id);
        writer.array(Some(&self.replicas), flexible, |writer, it| {
            writer.i32(*it);
            Ok(())
        })?;
        writer.array(Some(&self.isr), flexible, |writer, it| {
            writer.i32(*it);
            Ok(())
        })?;
        writer.array(Some(&self.removing_replicas), flexible, |writer, it| {
            writer.i32(*it);
            Ok(())
        })?;
        writer.array(Some(&self.adding_replicas), flexible, |writer, it| {
            writer.i32(*it);
            Ok(())
        })?;
        writer.i32(self.leader);
        writer.i32(self.leader_epoch);
        writer.i32(self.partition_epoch);
        if version >= 1 {
            writer.array(Some(&self.directories), flexible, |writer, it| {
                writer.uuid(*it);
                Ok(())
            })?;
        }
        if flexible {
            let mut tagged = TaggedFields::default();
            if self.leader_recovery_state != 0 {
                tagged.add(0, |writer| {
                    writer.i8(self.leader_recovery_state);
                    Ok(())
                })?;
            }
            if version >= 2 && self.eligible_leader_replicas.is_some() {
                tagged.add(1, |writer| {
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
                tagged.add(2, |writer| {
                    writer.array(self.last_known_elr.as_deref(), true, |writer, it| {
                        writer.i32(*it);
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

impl Message for PartitionRecord {
    const NAME: &'static str = "PartitionRecord";
    const API_KEY: Option<i16> = Some(3);
    const VERSIONS: Versions = Versions { from: 0, to: 2 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        PartitionRecord::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
