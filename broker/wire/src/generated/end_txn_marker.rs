// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `EndTxnMarker`, version 0.

use crate::codec::*;

/// `EndTxnMarker`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct EndTxnMarker {
    /// The coordinator epoch when appending the record
    pub coordinator_epoch: i32,
}

impl Default for EndTxnMarker {
    fn default() -> EndTxnMarker {
        EndTxnMarker {
            coordinator_epoch: 0,
        }
    }
}

impl EndTxnMarker {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<EndTxnMarker> {
        let flexible = false;
        let mut it = EndTxnMarker::default();
        it.coordinator_epoch = reader.i32()?;
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = false;
        writer.i32(self.coordinator_epoch);
        Ok(())
    }
}

impl Message for EndTxnMarker {
    const NAME: &'static str = "EndTxnMarker";
    const API_KEY: Option<i16> = None;
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = None;

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        EndTxnMarker::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
