// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `ControlRecordTypeSchema`, version 0.

use crate::codec::*;

/// `ControlRecordTypeSchema`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct ControlRecordTypeSchema {
    /// The type of the control record, such as commit or abort
    pub r#type: i16,
}

impl Default for ControlRecordTypeSchema {
    fn default() -> ControlRecordTypeSchema {
        ControlRecordTypeSchema { r#type: 0 }
    }
}

impl ControlRecordTypeSchema {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<ControlRecordTypeSchema> {
        let flexible = false;
        let mut it = ControlRecordTypeSchema::default();
        it.r#type = reader.i16()?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.i16(self.r#type);
        Ok(())
    }
}

impl Message for ControlRecordTypeSchema {
    const NAME: &'static str = "ControlRecordTypeSchema";
    const API_KEY: Option<i16> = None;
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = None;

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        ControlRecordTypeSchema::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
