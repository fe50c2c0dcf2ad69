// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `DescribeProducersRequest`, version 0.

use crate::codec::*;

/// `DescribeProducersRequest`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeProducersRequest {
    /// The topics to list producers for.
    pub topics: Vec<TopicRequest>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for DescribeProducersRequest {
    fn default() -> DescribeProducersRequest {
        DescribeProducersRequest {
            topics: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl DescribeProducersRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<DescribeProducersRequest> {
        let flexible = true;
        let mut it = DescribeProducersRequest::default();
        it.topics = reader.array(flexible, 3, |reader| TopicRequest::read(reader, version))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.array(Some(&self.topics), flexible, |writer, it| {
            it.write(writer, version)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

/// Part of [`DescribeProducersRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct TopicRequest {
    /// The topic name.
    pub name: Str,
    /// The indexes of the partitions to list producers for.
    pub partition_indexes: Vec<i32>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for TopicRequest {
    fn default() -> TopicRequest {
        TopicRequest {
            name: Str::new(),
            partition_indexes: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl TopicRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<TopicRequest> {
        let flexible = true;
        let mut it = TopicRequest::default();
        it.name = reader.string(flexible)?;
        it.partition_indexes = reader.array(flexible, 4, |reader| reader.i32())?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.string(Some(&self.name), flexible)?;
        writer.array(Some(&self.partition_indexes), flexible, |writer, it| {
            writer.i32(*it);
            Ok(())
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for DescribeProducersRequest {
    const NAME: &'static str = "DescribeProducersRequest";
    const API_KEY: Option<i16> = Some(61);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        DescribeProducersRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
