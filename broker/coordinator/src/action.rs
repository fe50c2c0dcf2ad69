//! The words between a coordinator and its driver: who asks, what must be done.
//!
//! In: a request's surroundings. Out: appends and answers, as values.
//! Never here: doing any of it.

use broker_types::{ErrorCode, Monotonic, Timestamp};
use broker_wire::messages::delete_groups_response::DeletableGroupResult;
use broker_wire::messages::join_group_response::JoinGroupResponse;
use broker_wire::messages::leave_group_response::LeaveGroupResponse;
use broker_wire::messages::offset_commit_response::OffsetCommitResponse;
use broker_wire::messages::offset_delete_response::OffsetDeleteResponse;
use broker_wire::messages::sync_group_response::SyncGroupResponse;
use bytes::Bytes;

/// The driver's name for a request that waits for its answer. Each is answered exactly once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestToken(pub u64);

/// The coordinator's name for an append. Tokens grow with every [`Action::Append`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppendToken(pub(crate) u64);

/// The time as both clocks read it: sessions run on the monotonic one, records carry the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    pub monotonic: Monotonic,
    pub wall: Timestamp,
}

/// What surrounds a request that may have to wait.
#[derive(Clone, Copy, Debug)]
pub struct RequestContext<'a> {
    pub token: RequestToken,
    pub api_version: i16,
    /// The request header's client id.
    pub client_id: &'a str,
    /// Where the client is, as tools show it. Kafka writes `/` before the address.
    pub client_host: &'a str,
    /// Fresh random bits, from which a member id is made when one is needed.
    pub random: u128,
}

/// A record of `__consumer_offsets`. No value means a tombstone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRecord {
    pub key: Bytes,
    pub value: Option<Bytes>,
}

/// What the driver must do, in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Append the records to the partition as one batch, with the durability of acks=all, then
    /// report `handle_appended`, or `handle_append_failed` when none of them was appended.
    /// Appends must reach the log in the order of their tokens.
    Append {
        token: AppendToken,
        records: Vec<GroupRecord>,
    },
    /// Answer a request.
    Respond {
        token: RequestToken,
        response: Response,
    },
}

/// An answer. DeleteGroups is answered group by group, for its groups may live in several
/// partitions.
#[derive(Clone, Debug, PartialEq)]
pub enum Response {
    JoinGroup(JoinGroupResponse),
    SyncGroup(SyncGroupResponse),
    LeaveGroup(LeaveGroupResponse),
    OffsetCommit(OffsetCommitResponse),
    OffsetDelete(OffsetDeleteResponse),
    DeleteGroup(DeletableGroupResult),
}

impl Response {
    /// The same answer once its records could not be committed. Parts that had failed already
    /// keep their own error.
    pub(crate) fn failed(self, append_error: ErrorCode) -> Response {
        let error = response_error(append_error).to_wire();
        match self {
            Response::JoinGroup(response) => Response::JoinGroup(JoinGroupResponse {
                error_code: error,
                member_id: response.member_id,
                protocol_name: response.protocol_name.map(|_| Default::default()),
                ..JoinGroupResponse::default()
            }),
            Response::SyncGroup(_) => Response::SyncGroup(SyncGroupResponse {
                error_code: error,
                ..SyncGroupResponse::default()
            }),
            Response::LeaveGroup(_) => Response::LeaveGroup(LeaveGroupResponse {
                error_code: error,
                ..LeaveGroupResponse::default()
            }),
            Response::OffsetCommit(mut response) => {
                let error = offset_commit_error(append_error).to_wire();
                for partition in response.topics.iter_mut().flat_map(|it| &mut it.partitions) {
                    if partition.error_code == 0 {
                        partition.error_code = error;
                    }
                }
                Response::OffsetCommit(response)
            }
            Response::OffsetDelete(_) => Response::OffsetDelete(OffsetDeleteResponse {
                error_code: error,
                ..OffsetDeleteResponse::default()
            }),
            Response::DeleteGroup(result) => Response::DeleteGroup(DeletableGroupResult {
                error_code: error,
                ..result
            }),
        }
    }
}

/// What a failed append means to who waits for a group's change: try again, here or elsewhere.
pub(crate) fn response_error(append_error: ErrorCode) -> ErrorCode {
    #[allow(
        clippy::wildcard_enum_match_arm,
        reason = "every other error is told as it is, new ones too"
    )]
    match append_error {
        ErrorCode::UnknownTopicOrPartition
        | ErrorCode::NotEnoughReplicas
        | ErrorCode::NotEnoughReplicasAfterAppend
        | ErrorCode::RequestTimedOut => ErrorCode::CoordinatorNotAvailable,
        ErrorCode::NotLeaderOrFollower | ErrorCode::KafkaStorageError => ErrorCode::NotCoordinator,
        ErrorCode::MessageTooLarge
        | ErrorCode::RecordListTooLarge
        | ErrorCode::InvalidFetchSize => ErrorCode::UnknownServerError,
        other => other,
    }
}

/// As [`response_error`], for offsets: a batch that is too large is the commit's own fault.
fn offset_commit_error(append_error: ErrorCode) -> ErrorCode {
    let error = response_error(append_error);
    if error == ErrorCode::UnknownServerError {
        ErrorCode::InvalidCommitOffsetSize
    } else {
        error
    }
}
