//! Bootstrap: an empty broker is given its identity.
//!
//! In: a request. Out: a directory that belongs to a cluster, or what contradicts it. Never here: who
//! decides which brokers make a cluster.

use broker_log::data_dir::MetaProperties;
use broker_node::quorum::{FirstVoter, format};
use broker_node::world::Peer;
use broker_rpc as rpc;
use broker_rpc::bootstrap_response as outcome;
use broker_types::{BrokerId, Durability};
use tonic::Status;

use super::Service;

/// Forms the directory, or finds it formed.
pub(super) fn bootstrap(
    service: &Service,
    request: &rpc::BootstrapRequest,
) -> Result<rpc::BootstrapResponse, Status> {
    let outcome = match service.form(request) {
        Ok(was_already) => outcome::Outcome::Formatted(outcome::Formatted { was_already }),
        Err(Refused::Conflict { field, found }) => outcome::Outcome::Conflict(outcome::Conflict {
            field: field.to_owned(),
            found,
        }),
        Err(Refused::Failed(status)) => return Err(status),
    };
    Ok(rpc::BootstrapResponse {
        outcome: Some(outcome),
    })
}

/// A request that contradicts what is on the disk, or cannot be carried out.
enum Refused {
    Conflict { field: &'static str, found: String },
    Failed(Status),
}

impl Refused {
    fn conflict(field: &'static str, found: impl ToString) -> Refused {
        Refused::Conflict {
            field,
            found: found.to_string(),
        }
    }

    fn failed(error: &dyn std::error::Error) -> Refused {
        Refused::Failed(Status::internal(error.to_string()))
    }
}

impl Service {
    fn read(&self, request: &rpc::BootstrapRequest) -> Result<Vec<FirstVoter>, Refused> {
        if BrokerId::from_wire(request.node_id) != Some(self.broker_id) {
            return Err(Refused::conflict("node_id", self.broker_id));
        }
        if request.directory_id.parse() != Ok(self.directory_id) {
            return Err(Refused::conflict("directory_id", self.directory_id));
        }
        let invalid = |text: &str| Refused::Failed(Status::invalid_argument(text));
        if request.cluster_id.is_empty() || request.voters.is_empty() {
            return Err(invalid("a cluster has an id and at least one voter"));
        }
        let voters: Option<Vec<FirstVoter>> = request.voters.iter().map(voter).collect();
        voters.ok_or_else(|| invalid("a voter has a node id, a directory id, a host and a port"))
    }

    /// Whether the directory was the cluster's before.
    fn form(&self, request: &rpc::BootstrapRequest) -> Result<bool, Refused> {
        let voters = self.read(request)?;
        let wanted = MetaProperties {
            cluster_id: Some(request.cluster_id.clone()),
            node_id: self.broker_id,
            directory_id: self.directory_id,
            durability: match request.durability() {
                rpc::Durability::Unspecified | rpc::Durability::Fsync => Durability::Fsync,
                rpc::Durability::PageCache => Durability::PageCache,
            },
        };
        let before = self
            .data_dir
            .meta_properties()
            .map_err(|it| Refused::failed(&it))?;
        if before.as_ref() == Some(&wanted) {
            // The call before this one may have failed after the file had its name.
            if self.cluster_id.borrow().is_none() {
                self.data_dir
                    .write_meta_properties(&wanted)
                    .map_err(|it| Refused::failed(&it))?;
                self.cluster_id.send_replace(wanted.cluster_id);
            }
            return Ok(true);
        }
        if let Some(MetaProperties {
            cluster_id: Some(other),
            durability,
            ..
        }) = before
        {
            return Err(if Some(&other) == wanted.cluster_id.as_ref() {
                Refused::conflict("durability", durability)
            } else {
                Refused::conflict("cluster_id", other)
            });
        }
        // The voters first: a directory that names its cluster has them.
        if voters.iter().any(|it| it.directory_id == self.directory_id) {
            let now = broker_types::Timestamp::default();
            format(self.data_dir.dir(), &voters, now).map_err(|it| Refused::failed(&it))?;
        }
        self.data_dir
            .write_meta_properties(&wanted)
            .map_err(|it| Refused::failed(&it))?;
        self.cluster_id.send_replace(wanted.cluster_id);
        Ok(false)
    }
}

fn voter(voter: &rpc::bootstrap_request::Voter) -> Option<FirstVoter> {
    Some(FirstVoter {
        id: BrokerId::from_wire(voter.node_id)?,
        directory_id: voter.directory_id.parse().ok()?,
        peer: Peer {
            host: voter.host.clone(),
            port: u16::try_from(voter.port).ok()?,
        },
    })
}
