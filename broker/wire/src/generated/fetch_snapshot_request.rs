// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `FetchSnapshotRequest`, versions 0 to 1.

use crate::codec::*;

/// `FetchSnapshotRequest`, versions 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct FetchSnapshotRequest {
    /// The clusterId if known, this is used to validate metadata fetches prior to broker registration.
    pub cluster_id: Option<Str>,
    /// The broker ID of the follower.
    pub replica_id: i32,
    /// The maximum bytes to fetch from all of the snapshots.
    pub max_bytes: i32,
    /// The topics to fetch.
    pub topics: Vec<TopicSnapshot>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for FetchSnapshotRequest {
    fn default() -> FetchSnapshotRequest {
        FetchSnapshotRequest {
            cluster_id: None,
            replica_id: -1,
            max_bytes: 0x7fffffff,
            topics: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl FetchSnapshotRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<FetchSnapshotRequest> {
        let flexible = true;
        let mut it = FetchSnapshotRequest::default();
        it.replica_id = reader.i32()?;
        it.max_bytes = reader.i32()?;
        it.topics = reader.array(flexible, 3, |reader| TopicSnapshot::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 => it.cluster_id = reader.nullable_string(flexible)?,
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
        writer.i32(self.replica_id);
        writer.i32(self.max_bytes);
        writer.array(Some(&self.topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            let mut tagged = TaggedFields::default();
            if self.cluster_id.is_some() {
                tagged.add(0, |writer| {
                    writer.string(self.cluster_id.as_deref(), true)?;
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`FetchSnapshotRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct TopicSnapshot {
    /// The name of the topic to fetch.
    pub name: Str,
    /// The partitions to fetch.
    pub partitions: Vec<PartitionSnapshot>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TopicSnapshot {
    fn default() -> TopicSnapshot {
        TopicSnapshot {
            name: Str::new(),
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TopicSnapshot {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TopicSnapshot> {
        let flexible = true;
        let mut it = TopicSnapshot::default();
        it.name = reader.string(flexible)?;
        it.partitions = reader.array(flexible, 30, |reader| {
            PartitionSnapshot::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.name), flexible)?;
        writer.array(Some(&self.partitions), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`FetchSnapshotRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionSnapshot {
    /// The partition index.
    pub partition: i32,
    /// The current leader epoch of the partition, -1 for unknown leader epoch.
    pub current_leader_epoch: i32,
    /// The snapshot endOffset and epoch to fetch.
    pub snapshot_id: SnapshotId,
    /// The byte position within the snapshot to start fetching from.
    pub position: i64,
    /// The directory id of the follower fetching.
    pub replica_directory_id: [u8; 16],
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for PartitionSnapshot {
    fn default() -> PartitionSnapshot {
        PartitionSnapshot {
            partition: 0,
            current_leader_epoch: 0,
            snapshot_id: SnapshotId::default(),
            position: 0,
            replica_directory_id: [0; 16],
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl PartitionSnapshot {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<PartitionSnapshot> {
        let flexible = true;
        let mut it = PartitionSnapshot::default();
        it.partition = reader.i32()?;
        it.current_leader_epoch = reader.i32()?;
        it.snapshot_id = SnapshotId::read(reader, version)?;
        it.position = reader.i64()?;
        if flexible {
            let unknown = reader.tagged_fields(|tag, reader| {
                match tag {
                    0 if version >= 1 => it.replica_directory_id = reader.uuid()?,
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
        writer.i32(self.partition);
        writer.i32(self.current_leader_epoch);
        self.snapshot_id.write(writer, version)?;
        writer.i64(self.position);
        if flexible {
            let mut tagged = TaggedFields::default();
            if version >= 1 && self.replica_directory_id != [0; 16] {
                tagged.add(0, |writer| {
                    writer.uuid(self.replica_directory_id);
                    Ok(())
                })?;
            }
            writer.tagged_fields(tagged, &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`FetchSnapshotRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotId {
    /// The end offset of the snapshot.
    pub end_offset: i64,
    /// The epoch of the snapshot.
    pub epoch: i32,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for SnapshotId {
    fn default() -> SnapshotId {
        SnapshotId {
            end_offset: 0,
            epoch: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl SnapshotId {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<SnapshotId> {
        let flexible = true;
        let mut it = SnapshotId::default();
        it.end_offset = reader.i64()?;
        it.epoch = reader.i32()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i64(self.end_offset);
        writer.i32(self.epoch);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for FetchSnapshotRequest {
    const NAME: &'static str = "FetchSnapshotRequest";
    const API_KEY: Option<i16> = Some(59);
    const VERSIONS: Versions = Versions { from: 0, to: 1 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        FetchSnapshotRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
