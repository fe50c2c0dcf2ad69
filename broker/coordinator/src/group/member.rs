//! A member of a group.
//!
//! In: what JoinGroup says about a client. Out: what the group's other rules ask.
//! Never here: rules between members.

use broker_types::Monotonic;
use broker_wire::Str;
use broker_wire::messages::group_metadata_value::MemberMetadata;
use broker_wire::messages::join_group_request::JoinGroupRequestProtocol;
use bytes::Bytes;
use std::collections::BTreeSet;

use crate::action::RequestToken;
use crate::record::owned;

/// A request that waits for the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) token: RequestToken,
    pub(crate) api_version: i16,
}

/// A way of assigning that a member supports, with what it wants to tell the leader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Protocol {
    pub(crate) name: Str,
    pub(crate) metadata: Bytes,
}

impl Protocol {
    /// A member's protocols in its order of preference; of two with one name the first counts.
    /// They are copied, so that the request's frame does not stay in memory.
    pub(crate) fn list(requested: &[JoinGroupRequestProtocol]) -> Vec<Protocol> {
        let mut names = BTreeSet::new();
        requested
            .iter()
            .filter(|it| names.insert(it.name.clone()))
            .map(|it| Protocol {
                name: owned(&it.name),
                metadata: Bytes::copy_from_slice(&it.metadata),
            })
            .collect()
    }

    pub(crate) fn bytes(protocols: &[Protocol]) -> usize {
        protocols
            .iter()
            .map(|it| it.name.len() + it.metadata.len())
            .sum()
    }
}

/// A member, as the group knows it.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) id: Str,
    pub(crate) instance_id: Option<Str>,
    pub(crate) client_id: Str,
    pub(crate) client_host: Str,
    pub(crate) rebalance_timeout_ms: i32,
    pub(crate) session_timeout_ms: i32,
    pub(crate) protocols: Vec<Protocol>,
    pub(crate) assignment: Bytes,
    /// Has never been in a generation. Such a member may not know its id yet, and cannot
    /// heartbeat.
    pub(crate) is_new: bool,
    pub(crate) join: Option<Waiting>,
    pub(crate) sync: Option<Waiting>,
    /// When the member counts as gone. `NEVER` while it waits for the group.
    pub(crate) session_deadline: Monotonic,
}

impl Member {
    pub(crate) fn loaded(value: &MemberMetadata, protocol: Str) -> Member {
        Member {
            id: owned(&value.member_id),
            instance_id: value.group_instance_id.as_deref().map(owned),
            client_id: owned(&value.client_id),
            client_host: owned(&value.client_host),
            // Records before version 1 have no rebalance timeout.
            rebalance_timeout_ms: if value.rebalance_timeout == -1 {
                value.session_timeout
            } else {
                value.rebalance_timeout
            },
            session_timeout_ms: value.session_timeout,
            protocols: vec![Protocol {
                name: protocol,
                metadata: Bytes::copy_from_slice(&value.subscription),
            }],
            assignment: Bytes::copy_from_slice(&value.assignment),
            is_new: false,
            join: None,
            sync: None,
            session_deadline: Monotonic::NEVER,
        }
    }

    /// What the member says under a protocol; nothing when it does not support it.
    pub(crate) fn metadata(&self, protocol: &str) -> Bytes {
        self.protocols
            .iter()
            .find(|it| it.name == protocol)
            .map_or_else(Bytes::new, |it| it.metadata.clone())
    }

    pub(crate) fn metadata_bytes(&self) -> usize {
        Protocol::bytes(&self.protocols) + self.name_bytes()
    }

    /// Bytes of what the member is called, which its client chooses as it does the metadata.
    pub(crate) fn name_bytes(&self) -> usize {
        let instance_id = self.instance_id.as_ref().map_or(0, |it| it.len());
        self.id.len() + instance_id + self.client_id.len() + self.client_host.len()
    }

    /// Whether silence is to be expected, for the group owes the member an answer.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.is_new && (self.join.is_some() || self.sync.is_some())
    }
}
