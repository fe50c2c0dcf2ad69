// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ConsumerGroupRegularExpressionValue`, version 0.

use crate::codec::*;

/// `ConsumerGroupRegularExpressionValue`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerGroupRegularExpressionValue {
    pub topics: Vec<Str>,
    pub version: i64,
    pub timestamp: i64,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for ConsumerGroupRegularExpressionValue {
    fn default() -> ConsumerGroupRegularExpressionValue {
        ConsumerGroupRegularExpressionValue {
            topics: Vec::new(),
            version: 0,
            timestamp: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl ConsumerGroupRegularExpressionValue {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<ConsumerGroupRegularExpressionValue> {
        let flexible = true;
        let mut it = ConsumerGroupRegularExpressionValue::default();
        it.topics = reader.array(flexible, 1, |reader| reader.string(flexible))?;
        it.version = reader.i64()?;
        it.timestamp = reader.i64()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.array(Some(&self.topics), flexible, |writer, it| {
            writer.string(Some(it), flexible)
        })?;
        writer.i64(self.version);
        writer.i64(self.timestamp);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for ConsumerGroupRegularExpressionValue {
    const NAME: &'static str = "ConsumerGroupRegularExpressionValue";
    const API_KEY: Option<i16> = Some(16);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ConsumerGroupRegularExpressionValue::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
