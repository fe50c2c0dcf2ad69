//! The quorum's words as Kafka's messages, and the other way round.
//!
//! In: what `broker-raft` sends and answers; what other replicas sent and answered. Out: the same in
//! the other's form. Never here: a decision, bytes, or the records of a fetch.
//!
//! There is one topic and one partition; a message about anything else is refused.

mod requests;
mod responses;

use broker_wire::Str;

pub(crate) use requests::{Asked, Refused, from_wire, is_about_metadata, to_wire};
pub(crate) use responses::{
    Answer, FetchFields, SnapshotFields, answer_from_wire, answer_to_wire, fetch_to_wire,
    snapshot_to_wire,
};

/// Name of the metadata log's topic.
pub(crate) const TOPIC: &str = "__cluster_metadata";
/// Its only partition.
pub(crate) const PARTITION: i32 = 0;

/// An address as it stands in several messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NodeAddress {
    pub id: i32,
    pub host: Str,
    pub port: u16,
}

/// Builds a message's list of endpoints, whatever its struct is called.
macro_rules! endpoints {
    ($kind:path, $endpoints:expr) => {
        $endpoints
            .iter()
            .map(|it| {
                let mut endpoint = <$kind>::default();
                endpoint.name = it.name.as_str().into();
                endpoint.host = it.host.as_str().into();
                endpoint.port = it.port;
                endpoint
            })
            .collect()
    };
}
pub(crate) use endpoints;

/// Reads a message's list of endpoints, whatever its struct is called.
macro_rules! endpoints_of {
    ($list:expr) => {
        $list
            .iter()
            .map(|it| Endpoint {
                name: it.name.to_string(),
                host: it.host.to_string(),
                port: it.port,
            })
            .collect::<Vec<Endpoint>>()
    };
}
pub(crate) use endpoints_of;

#[cfg(test)]
mod tests;
