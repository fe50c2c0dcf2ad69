// Written by `cargo xtask generate` from Apache Kafka's descriptors (see NOTICE). Do not edit.
//! `GetTelemetrySubscriptionsResponse`, version 0.

use crate::codec::*;

/// `GetTelemetrySubscriptionsResponse`, version 0.
#[derive(Clone, Debug, PartialEq)]
pub struct GetTelemetrySubscriptionsResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation, or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// Assigned client instance id if ClientInstanceId was 0 in the request, else 0.
    pub client_instance_id: [u8; 16],
    /// Unique identifier for the current subscription set for this client instance.
    pub subscription_id: i32,
    /// Compression types that broker accepts for the PushTelemetryRequest.
    pub accepted_compression_types: Vec<i8>,
    /// Configured push interval, which is the lowest configured interval in the current subscription set.
    pub push_interval_ms: i32,
    /// The maximum bytes of binary data the broker accepts in PushTelemetryRequest.
    pub telemetry_max_bytes: i32,
    /// Flag to indicate monotonic/counter metrics are to be emitted as deltas or cumulative values.
    pub delta_temporality: bool,
    /// Requested metrics prefix string match. Empty array: No metrics subscribed, Array\[0] empty string: All metrics subscribed.
    pub requested_metrics: Vec<Str>,
    /// Tagged fields of newer versions, kept as they came.
    pub unknown_tagged_fields: Vec<RawTaggedField>,
}

impl Default for GetTelemetrySubscriptionsResponse {
    fn default() -> GetTelemetrySubscriptionsResponse {
        GetTelemetrySubscriptionsResponse {
            throttle_time_ms: 0,
            error_code: 0,
            client_instance_id: [0; 16],
            subscription_id: 0,
            accepted_compression_types: Vec::new(),
            push_interval_ms: 0,
            telemetry_max_bytes: 0,
            delta_temporality: false,
            requested_metrics: Vec::new(),
            unknown_tagged_fields: Vec::new(),
        }
    }
}

impl GetTelemetrySubscriptionsResponse {
    pub(crate) fn read(
        reader: &mut Reader,
        version: i16,
    ) -> Decoded<GetTelemetrySubscriptionsResponse> {
        let flexible = true;
        let mut it = GetTelemetrySubscriptionsResponse::default();
        it.throttle_time_ms = reader.i32()?;
        it.error_code = reader.i16()?;
        it.client_instance_id = reader.uuid()?;
        it.subscription_id = reader.i32()?;
        it.accepted_compression_types = reader.array(flexible, 1, |reader| reader.i8())?;
        it.push_interval_ms = reader.i32()?;
        it.telemetry_max_bytes = reader.i32()?;
        it.delta_temporality = reader.bool()?;
        it.requested_metrics = reader.array(flexible, 1, |reader| reader.string(flexible))?;
        if flexible {
            let unknown = reader.tagged_fields(|_, _| Ok(false))?;
            it.unknown_tagged_fields = unknown;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, writer: &mut Writer, version: i16) -> Encoded {
        let flexible = true;
        writer.i32(self.throttle_time_ms);
        writer.i16(self.error_code);
        writer.uuid(self.client_instance_id);
        writer.i32(self.subscription_id);
        writer.array(
            Some(&self.accepted_compression_types),
            flexible,
            |writer, it| {
                writer.i8(*it);
                Ok(())
            },
        )?;
        writer.i32(self.push_interval_ms);
        writer.i32(self.telemetry_max_bytes);
        writer.bool(self.delta_temporality);
        writer.array(Some(&self.requested_metrics), flexible, |writer, it| {
            writer.string(Some(it), flexible)
        })?;
        if flexible {
            writer.tagged_fields(TaggedFields::default(), &self.unknown_tagged_fields)?;
        }
        Ok(())
    }
}

impl Message for GetTelemetrySubscriptionsResponse {
    const NAME: &'static str = "GetTelemetrySubscriptionsResponse";
    const API_KEY: Option<i16> = Some(71);
    const VERSIONS: Versions = Versions { from: 0, to: 0 };
    const FLEXIBLE_FROM: Option<i16> = Some(0);

    fn read_fields(reader: &mut Reader, version: i16) -> Decoded<Self> {
        GetTelemetrySubscriptionsResponse::read(reader, version)
    }

    fn write_fields(&self, writer: &mut Writer, version: i16) -> Encoded {
        self.write(writer, version)
    }
}
