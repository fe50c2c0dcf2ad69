// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ConsumerGroupRegularExpressionKey`, version 0.

use crate::codec::*;

/// `ConsumerGroupRegularExpressionKey`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerGroupRegularExpressionKey {
    /// The group id.
    pub group_id: Str,
    /// The regular expression.
    pub regular_expression: Str,
}

impl Default for ConsumerGroupRegularExpressionKey {
    fn default() -> ConsumerGroupRegularExpressionKey {
        ConsumerGroupRegularExpressionKey {
            group_id: Str::new(),
            regular_expression: Str::new(),
        }
    }
}

impl ConsumerGroupRegularExpressionKey {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<ConsumerGroupRegularExpressionKey> {
        let flexible = false;
        let mut it = ConsumerGroupRegularExpressionKey::default();
        it.group_id = reader.string(flexible)?;
        it.regular_expression = reader.string(flexible)?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.string(Some(&self.group_id), flexible)?;
        writer.string(Some(&self.regular_expression), flexible)?;
        Ok(())
    }
}

impl Message for ConsumerGroupRegularExpressionKey {
    const NAME: &'static str = "ConsumerGroupRegularExpressionKey";
    const API_KEY: Option<i16> = Some(16);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = None;

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ConsumerGroupRegularExpressionKey::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
