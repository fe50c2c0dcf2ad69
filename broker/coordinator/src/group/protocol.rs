//! Which protocol a group uses, and what its consumers subscribe to.
//!
//! In: the members' protocols. Out: the choice, and topics where the metadata is a consumer's.
//! Never here: when to choose.

use std::collections::{BTreeMap, BTreeSet};

use broker_wire::messages::consumer_protocol_subscription::ConsumerProtocolSubscription;
use broker_wire::{Message, Reader, Str};
use bytes::Bytes;

use super::{Group, GroupState, Protocol};
use crate::record::owned;

impl Group {
    /// Whether a member with these protocols could be part of the group.
    pub(crate) fn supports(&self, protocol_type: &str, protocols: &[Protocol]) -> bool {
        if self.state == GroupState::Empty {
            return !protocol_type.is_empty() && !protocols.is_empty();
        }
        self.protocol_type.as_deref() == Some(protocol_type)
            && protocols
                .iter()
                .any(|it| self.n_supporters(&it.name) == self.members.len())
    }

    fn n_supporters(&self, protocol: &str) -> usize {
        self.supported_protocols.get(protocol).copied().unwrap_or(0)
    }

    /// The protocol that most members prefer, of those that all support. Of several with as many
    /// votes it is the first by name.
    ///
    /// `None` when there is none in common, which the checks at joining rule out, or no member.
    pub(super) fn selected_protocol(&self) -> Option<Str> {
        let mut votes: BTreeMap<&Str, usize> = BTreeMap::new();
        for member in self.members.values() {
            let choice = member
                .protocols
                .iter()
                .find(|it| self.n_supporters(&it.name) == self.members.len())?;
            *votes.entry(&choice.name).or_default() += 1;
        }
        let most = votes.values().max()?;
        votes
            .iter()
            .find(|(_, count)| *count == most)
            .map(|(name, _)| (*name).clone())
    }

    pub(super) fn count_protocols(&mut self, protocols: &[Protocol]) {
        for protocol in protocols {
            *self
                .supported_protocols
                .entry(protocol.name.clone())
                .or_default() += 1;
        }
        self.metadata_bytes += Protocol::bytes(protocols);
    }

    pub(super) fn discount_protocols(&mut self, protocols: &[Protocol]) {
        for protocol in protocols {
            if let Some(count) = self.supported_protocols.get_mut(&protocol.name) {
                *count -= 1;
                if *count == 0 {
                    self.supported_protocols.remove(&protocol.name);
                }
            }
        }
        self.metadata_bytes -= Protocol::bytes(protocols);
    }

    /// Whether taking in `protocols`, in place of what the member said before, or with
    /// `name_bytes` more if it is new, stays within `bytes_max`.
    pub(crate) fn has_room_for(
        &self,
        member_id: &str,
        protocols: &[Protocol],
        name_bytes: usize,
        bytes_max: usize,
    ) -> bool {
        let others = match self.members.get(member_id) {
            Some(member) => self.metadata_bytes - Protocol::bytes(&member.protocols),
            None => self.metadata_bytes + name_bytes,
        };
        others + Protocol::bytes(protocols) <= bytes_max
    }

    /// The topics that consumers subscribe to. `None` when this cannot be known: the members are
    /// no consumers, or one's metadata does not read as a subscription.
    pub(super) fn read_subscribed_topics(&self) -> Option<BTreeSet<Str>> {
        if !self.is_consumer() {
            return None;
        }
        if self.members.is_empty() {
            return Some(BTreeSet::new());
        }
        let protocol = self.protocol_name.as_deref()?;
        let mut topics = BTreeSet::new();
        for member in self.members.values() {
            topics.extend(subscription_topics(member.metadata(protocol))?);
        }
        Some(topics)
    }
}

/// The topics of a consumer's subscription. Every version begins with the fields of version 0, so
/// that versions still to come can be read.
fn subscription_topics(metadata: Bytes) -> Option<Vec<Str>> {
    let mut reader = Reader::new(metadata);
    let version = reader.i16().ok()?;
    if version < 0 {
        return None;
    }
    let subscription = ConsumerProtocolSubscription::read_from(&mut reader, 0).ok()?;
    Some(subscription.topics.iter().map(|it| owned(it)).collect())
}
