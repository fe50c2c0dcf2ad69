//! The control service between the operator and the brokers: generated client and server.
//!
//! In: `proto/tidemill/control/v1/control.proto`, where every call and field is explained.
//! Out: [`control_client::ControlClient`], [`control_server::ControlServer`] and their messages.
//! Never here: what a call means (`broker-node` answers, `operator-controller` asks), or sockets.

#![allow(
    clippy::allow_attributes_without_reason,
    clippy::derive_partial_eq_without_eq,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    unreachable_pub,
    missing_docs,
    reason = "the code is generated"
)]

tonic::include_proto!("tidemill.control.v1");

/// The port of the control listener.
pub const CONTROL_PORT: u16 = 9090;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_has_the_name_that_clients_of_other_languages_use() {
        assert_eq!(control_server::SERVICE_NAME, "tidemill.control.v1.Control");
    }

    #[test]
    fn what_an_older_peer_does_not_send_is_absent_rather_than_zero() {
        let answer: DescribeResponse = prost::Message::decode([].as_slice()).unwrap();
        assert_eq!(answer.formatting(), Formatting::Unspecified);
        assert_eq!(answer.broker_epoch, None);
        let node_zero = quorum::Replica {
            node_id: 0,
            behind_ms: Some(0),
            ..Default::default()
        };
        let bytes = prost::Message::encode_to_vec(&node_zero);
        let read: quorum::Replica = prost::Message::decode(&*bytes).unwrap();
        assert_eq!(read, node_zero);
    }
}
