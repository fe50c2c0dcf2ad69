// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `UnregisterBrokerRequest`, version 0.

use crate::codec::*;

/// `UnregisterBrokerRequest`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct UnregisterBrokerRequest {
    /// The broker ID to unregister.
    pub broker_id: i32,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for UnregisterBrokerRequest {
    fn default() -> UnregisterBrokerRequest {
        UnregisterBrokerRequest {
            broker_id: 0,
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl UnregisterBrokerRequest {
    pub(crate) fn read(reader: &mut Reader, version: i16) -> Decoded<UnregisterBrokerRequest> {
        let flexible = true;
        let mut it = UnregisterBrokerRequest::default();
        it.broker_id = reader.i32()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.broker_id);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for UnregisterBrokerRequest {
    const NAME: &'static str = "UnregisterBrokerRequest";
    const API_KEY: Option<i16> = Some(64);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        UnregisterBrokerRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
