// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `StreamsGroupTopologyValue`, version 0.

use crate::codec::*;

/// `StreamsGroupTopologyValue`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamsGroupTopologyValue {
    /// The epoch of the topology.
    pub epoch: i32,
    /// The sub-topologies of the streams application.
    pub subtopologies: Vec<Subtopology>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for StreamsGroupTopologyValue {
    fn default() -> StreamsGroupTopologyValue {
        StreamsGroupTopologyValue {
            epoch: 0,
            subtopologies: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl StreamsGroupTopologyValue {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<StreamsGroupTopologyValue> {
        let flexible = true;
        let mut it = StreamsGroupTopologyValue::default();
        it.epoch = reader.i32()?;
        it.subtopologies =
            reader.array(flexible, 8, |reader| Subtopology::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.epoch);
        writer.array(Some(&self.subtopologies), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`StreamsGroupTopologyValue`].
#[derive(Clone, Debug, PartialEq)]
pub struct Subtopology {
    /// String to uniquely identify the subtopology.
    pub subtopology_id: Str,
    /// The topics the topology reads from.
    pub source_topics: Vec<Str>,
    /// Regular expressions identifying topics the subtopology reads from.
    pub source_topic_regex: Vec<Str>,
    /// The set of state changelog topics associated with this subtopology.
    pub state_changelog_topics: Vec<TopicInfo>,
    /// The repartition topics the subtopology writes to.
    pub repartition_sink_topics: Vec<Str>,
    /// The set of source topics that are internally created repartition topics.
    pub repartition_source_topics: Vec<TopicInfo>,
    /// A subset of source topics that must be copartitioned.
    pub copartition_groups: Vec<CopartitionGroup>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for Subtopology {
    fn default() -> Subtopology {
        Subtopology {
            subtopology_id: Str::new(),
            source_topics: Vec::new(),
            source_topic_regex: Vec::new(),
            state_changelog_topics: Vec::new(),
            repartition_sink_topics: Vec::new(),
            repartition_source_topics: Vec::new(),
            copartition_groups: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl Subtopology {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<Subtopology> {
        let flexible = true;
        let mut it = Subtopology::default();
        it.subtopology_id = reader.string(flexible)?;
        it.source_topics = reader.array(flexible, 1, |reader| reader.string(flexible))?;
        it.source_topic_regex = reader.array(flexible, 1, |reader| reader.string(flexible))?;
        it.state_changelog_topics =
            reader.array(flexible, 9, |reader| TopicInfo::read(reader, version))?;
        it.repartition_sink_topics = reader.array(flexible, 1, |reader| reader.string(flexible))?;
        it.repartition_source_topics =
            reader.array(flexible, 9, |reader| TopicInfo::read(reader, version))?;
        it.copartition_groups = reader.array(flexible, 4, |reader| {
            CopartitionGroup::read(reader, version)
        })?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.subtopology_id), flexible)?;
        writer.array(Some(&self.source_topics), flexible, |writer, it| {
            writer.string(Some(it), flexible)
        })?;
        writer.array(Some(&self.source_topic_regex), flexible, |writer, it| {
            writer.string(Some(it), flexible)
        })?;
        writer.array(
            Some(&self.state_changelog_topics),
            flexible,
            |writer, it| it.write(writer, version),
        )?;
        writer.array(
            Some(&self.repartition_sink_topics),
            flexible,
            |writer, it| writer.string(Some(it), flexible),
        )?;
        writer.array(
            Some(&self.repartition_source_topics),
            flexible,
            |writer, it| it.write(writer, version),
        )?;
        writer.array(Some(&self.copartition_groups), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`StreamsGroupTopologyValue`].
#[derive(Clone, Debug, PartialEq)]
pub struct CopartitionGroup {
    /// The topics the topology reads from. Index into the array on the subtopology level.
    pub source_topics: Vec<i16>,
    /// Regular expressions identifying topics the subtopology reads from. Index into the array on the subtopology level.
    pub source_topic_regex: Vec<i16>,
    /// The set of source topics that are internally created repartition topics. Index into the array on the subtopology level.
    pub repartition_source_topics: Vec<i16>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for CopartitionGroup {
    fn default() -> CopartitionGroup {
        CopartitionGroup {
            source_topics: Vec::new(),
            source_topic_regex: Vec::new(),
            repartition_source_topics: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl CopartitionGroup {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<CopartitionGroup> {
        let flexible = true;
        let mut it = CopartitionGroup::default();
        it.source_topics = reader.array(flexible, 2, |reader| reader.i16())?;
        it.source_topic_regex = reader.array(flexible, 2, |reader| reader.i16())?;
        it.repartition_source_topics = reader.array(flexible, 2, |reader| reader.i16())?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.array(Some(&self.source_topics), flexible, |writer, it| {
            writer.i16(*it);
            Ok(())
        })?;
        writer.array(Some(&self.source_topic_regex), flexible, |writer, it| {
            writer.i16(*it);
            Ok(())
        })?;
        writer.array(
            Some(&self.repartition_source_topics),
            flexible,
            |writer, it| {
                writer.i16(*it);
                Ok(())
            },
        )?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`StreamsGroupTopologyValue`].
#[derive(Clone, Debug, PartialEq)]
pub struct TopicConfig {
    /// The key of the topic-level configuration.
    pub key: Str,
    /// The value of the topic-level configuration.
    pub value: Str,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TopicConfig {
    fn default() -> TopicConfig {
        TopicConfig {
            key: Str::new(),
            value: Str::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TopicConfig {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TopicConfig> {
        let flexible = true;
        let mut it = TopicConfig::default();
        it.key = reader.string(flexible)?;
        it.value = reader.string(flexible)?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.key), flexible)?;
        writer.string(Some(&self.value), flexible)?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`StreamsGroupTopologyValue`].
#[derive(Clone, Debug, PartialEq)]
pub struct TopicInfo {
    /// The name of the topic.
    pub name: Str,
    /// The number of partitions in the topic. Can be 0 if no specific number of partitions is enforced. Always 0 for changelog topics.
    pub partitions: i32,
    /// The replication factor of the topic. Can be 0 if the default replication factor should be used.
    pub replication_factor: i16,
    /// Topic-level configurations as key-value pairs.
    pub topic_configs: Vec<TopicConfig>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TopicInfo {
    fn default() -> TopicInfo {
        TopicInfo {
            name: Str::new(),
            partitions: 0,
            replication_factor: 0,
            topic_configs: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TopicInfo {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TopicInfo> {
        let flexible = true;
        let mut it = TopicInfo::default();
        it.name = reader.string(flexible)?;
        it.partitions = reader.i32()?;
        it.replication_factor = reader.i16()?;
        it.topic_configs =
            reader.array(flexible, 3, |reader| TopicConfig::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.name), flexible)?;
        writer.i32(self.partitions);
        writer.i16(self.replication_factor);
        writer.array(Some(&self.topic_configs), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for StreamsGroupTopologyValue {
    const NAME: &'static str = "StreamsGroupTopologyValue";
    const API_KEY: Option<i16> = Some(23);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        StreamsGroupTopologyValue::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
