// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `AlterReplicaLogDirsRequest`, versions 1 to 2.

use crate::codec::*;

/// `AlterReplicaLogDirsRequest`, versions 1 to 2.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterReplicaLogDirsRequest {
    /// The alterations to make for each directory.
    pub dirs: Vec<AlterReplicaLogDir>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AlterReplicaLogDirsRequest {
    fn default() -> AlterReplicaLogDirsRequest {
        AlterReplicaLogDirsRequest {
            dirs: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AlterReplicaLogDirsRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<AlterReplicaLogDirsRequest> {
        let flexible = version >= 2;
        let mut it = AlterReplicaLogDirsRequest::default();
        it.dirs = reader.array(flexible, 3, |reader| {
            AlterReplicaLogDir::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        writer.array(Some(&self.dirs), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`AlterReplicaLogDirsRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct AlterReplicaLogDir {
    /// The absolute directory path.
    pub path: Str,
    /// The topics to add to the directory.
    pub topics: Vec<AlterReplicaLogDirTopic>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AlterReplicaLogDir {
    fn default() -> AlterReplicaLogDir {
        AlterReplicaLogDir {
            path: Str::new(),
            topics: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AlterReplicaLogDir {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<AlterReplicaLogDir> {
        let flexible = version >= 2;
        let mut it = AlterReplicaLogDir::default();
        it.path = reader.string(flexible)?;
        it.topics = reader.array(flexible, 3, |reader| {
            AlterReplicaLogDirTopic::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        writer.string(Some(&self.path), flexible)?;
        writer.array(Some(&self.topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`AlterReplicaLogDirsRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct AlterReplicaLogDirTopic {
    /// The topic name.
    pub name: Str,
    /// The partition indexes.
    pub partitions: Vec<i32>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for AlterReplicaLogDirTopic {
    fn default() -> AlterReplicaLogDirTopic {
        AlterReplicaLogDirTopic {
            name: Str::new(),
            partitions: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl AlterReplicaLogDirTopic {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<AlterReplicaLogDirTopic> {
        let flexible = version >= 2;
        let mut it = AlterReplicaLogDirTopic::default();
        it.name = reader.string(flexible)?;
        it.partitions = reader.array(flexible, 4, |reader| reader.i32())?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = version >= 2;
        writer.string(Some(&self.name), flexible)?;
        writer.array(Some(&self.partitions), flexible, |writer, it| {
            writer.i32(*it);
            Ok(())
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for AlterReplicaLogDirsRequest {
    const NAME: &'static str = "AlterReplicaLogDirsRequest";
    const API_KEY: Option<i16> = Some(34);
    const VERSIONS: Versions = Versions { from: 1, to: 2 };
    const FLEXIBLE_FROM: Option<i16> = Some(2);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        AlterReplicaLogDirsRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
