// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `GetTelemetrySubscriptionsRequest`, version 0.

use crate::codec::*;

/// `GetTelemetrySubscriptionsRequest`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct GetTelemetrySubscriptionsRequest {
    /// Unique id for this client instance, must be set to 0 on the first request.
    pub client_instance_id: [u8; 16],
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for GetTelemetrySubscriptionsRequest {
    fn default() -> GetTelemetrySubscriptionsRequest {
        GetTelemetrySubscriptionsRequest {
            client_instance_id: [0; 16],
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl GetTelemetrySubscriptionsRequest {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<GetTelemetrySubscriptionsRequest> {
        let flexible = true;
        let mut it = GetTelemetrySubscriptionsRequest::default();
        it.client_instance_id = reader.uuid()?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.uuid(self.client_instance_id);
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for GetTelemetrySubscriptionsRequest {
    const NAME: &'static str = "GetTelemetrySubscriptionsRequest";
    const API_KEY: Option<i16> = Some(71);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        GetTelemetrySubscriptionsRequest::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
