//! One classic group: its members, its state, and the rules that hold between them.
//!
//! In: members that join, sync, leave or fall silent; a generation's assignment. Out: answers and
//! appends, put into the [`Turn`].
//! Never here: finding the group, request validation that needs no group, or bytes.
//!
//! ```text
//!              a member joins               all rejoined, or time is up
//!   Empty ───────────────────► Preparing ───────────────────────────► Completing
//!     ▲                        Rebalance ◄──────────────────────────  Rebalance
//!     │  nobody is left │        ▲  ▲      a member joins or leaves      │
//!     └─────────────────┘        │  │                                    │ the leader's
//!                                │  │ a member joins, leaves, is silent  │ assignment is
//!   Dead: its tombstone          │  └──────── Stable ◄───────────────────┘ committed
//!   is being written (from Empty)
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use broker_types::{ErrorCode, Monotonic, Timestamp};
use broker_wire::Str;
use broker_wire::messages::group_metadata_value::{GroupMetadataValue, MemberMetadata};
use bytes::Bytes;

use crate::action::AppendToken;
use crate::offsets::GroupOffsets;
use crate::record::owned;

mod member;
mod protocol;
mod rebalance;
mod static_member;
mod sync;
mod timers;

pub(crate) use member::{Member, Protocol, Waiting};
pub(crate) use rebalance::{nullable_protocol, respond_join_error};
pub(crate) use static_member::StaticReplacement;
pub(crate) use sync::respond_sync_error;

/// Protocol type of Java's, librdkafka's and other consumers. Only their metadata may be read.
const CONSUMER_PROTOCOL_TYPE: &str = "consumer";

/// Where a group is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupState {
    /// No members. Offsets may remain.
    Empty,
    /// Members are expected to join again.
    PreparingRebalance,
    /// The generation has its members and waits for the leader's assignment.
    CompletingRebalance,
    /// The generation has its assignment.
    Stable,
    /// The group is being deleted.
    Dead,
}

impl GroupState {
    /// Kafka's name, as ListGroups and DescribeGroups show it.
    pub fn name(self) -> &'static str {
        match self {
            GroupState::Empty => "Empty",
            GroupState::PreparingRebalance => "PreparingRebalance",
            GroupState::CompletingRebalance => "CompletingRebalance",
            GroupState::Stable => "Stable",
            GroupState::Dead => "Dead",
        }
    }

    fn may_become(self, next: GroupState) -> bool {
        use GroupState::{CompletingRebalance, Dead, Empty, PreparingRebalance, Stable};
        match next {
            PreparingRebalance => matches!(self, Empty | CompletingRebalance | Stable),
            CompletingRebalance => self == PreparingRebalance,
            Stable => self == CompletingRebalance,
            Empty => self == PreparingRebalance,
            // A deletion may yet fail, so that it is no step of this table.
            Dead => false,
        }
    }
}

/// When the join phase of a rebalance ends, if not all members are there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum JoinTimer {
    /// The group was empty: wait a little for more members, longer while more come.
    Initial {
        at: Monotonic,
        delay: Duration,
        remaining: Duration,
    },
    /// Members that have not rejoined by then are dropped.
    Rebalance { at: Monotonic },
}

impl JoinTimer {
    fn at(self) -> Monotonic {
        match self {
            JoinTimer::Initial { at, .. } | JoinTimer::Rebalance { at } => at,
        }
    }
}

/// A group of the classic protocol.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) id: Str,
    state: GroupState,
    previous_state: GroupState,
    /// When the group came into its state; `None` when an old record did not say.
    state_since: Option<Timestamp>,
    /// 0 until the first rebalance.
    generation: i32,
    protocol_type: Option<Str>,
    protocol_name: Option<Str>,
    leader: Option<Str>,
    members: BTreeMap<Str, Member>,
    /// Member id by group instance id.
    /// Invariant: exactly the members that have an instance id.
    static_members: BTreeMap<Str, Str>,
    /// Ids given out with MEMBER_ID_REQUIRED, until when they may be used.
    pending_join: BTreeMap<Str, Monotonic>,
    /// Members of the generation that have not sent SyncGroup.
    pending_sync: BTreeSet<Str>,
    /// How many members support a protocol.
    supported_protocols: BTreeMap<Str, usize>,
    /// Invariant: the number of members that wait for a JoinGroup answer.
    n_awaiting_join: usize,
    /// Invariant: the sum over all members.
    metadata_bytes: usize,
    new_member_added: bool,
    /// `None` when the members' metadata cannot be read as a consumer's.
    subscribed_topics: Option<BTreeSet<Str>>,
    join_timer: Option<JoinTimer>,
    sync_deadline: Option<Monotonic>,
    /// The append that carries this generation's assignment.
    assignment_write: Option<AppendToken>,
    /// Whether the log has, or may come to have, a record of this group.
    has_record: bool,
    pub(crate) offsets: GroupOffsets,
    /// Not later than the first moment at which time alone changes something.
    pub(crate) wake_at: Monotonic,
    /// `wake_at` as the coordinator's index has it.
    pub(crate) indexed_at: Monotonic,
}

impl Group {
    /// A group that nobody has joined yet.
    pub(crate) fn new(id: Str, state_since: Option<Timestamp>) -> Group {
        Group {
            id,
            state: GroupState::Empty,
            previous_state: GroupState::Dead,
            state_since,
            generation: 0,
            protocol_type: None,
            protocol_name: None,
            leader: None,
            members: BTreeMap::new(),
            static_members: BTreeMap::new(),
            pending_join: BTreeMap::new(),
            pending_sync: BTreeSet::new(),
            supported_protocols: BTreeMap::new(),
            n_awaiting_join: 0,
            metadata_bytes: 0,
            new_member_added: false,
            subscribed_topics: None,
            join_timer: None,
            sync_deadline: None,
            assignment_write: None,
            has_record: false,
            offsets: GroupOffsets::default(),
            wake_at: Monotonic::NEVER,
            indexed_at: Monotonic::NEVER,
        }
    }

    /// Takes over what a record says. Offsets stay as they are.
    pub(crate) fn load(&mut self, value: &GroupMetadataValue) {
        let offsets = std::mem::take(&mut self.offsets);
        let state_since = (value.current_state_timestamp != -1)
            .then_some(Timestamp::from_millis(value.current_state_timestamp));
        *self = Group::new(self.id.clone(), state_since);
        self.offsets = offsets;
        self.has_record = true;
        self.generation = value.generation;
        self.protocol_type = (!value.protocol_type.is_empty()).then(|| owned(&value.protocol_type));
        self.protocol_name = value.protocol.as_deref().map(owned);
        for member in &value.members {
            let protocol = self.protocol_name.clone().unwrap_or_default();
            self.insert_member(Member::loaded(member, protocol));
        }
        let leader = value
            .leader
            .as_deref()
            .filter(|it| self.has_member(it))
            .map(owned);
        // A group with members has a leader among them, whatever was written.
        self.leader = leader.or_else(|| self.members.keys().next().cloned());
        if !self.members.is_empty() {
            self.state = GroupState::Stable;
        }
        self.subscribed_topics = self.read_subscribed_topics();
    }

    /// Forgets the record: what is left is what offsets alone make of a group.
    pub(crate) fn unload_record(&mut self) {
        let offsets = std::mem::take(&mut self.offsets);
        *self = Group::new(self.id.clone(), None);
        self.offsets = offsets;
    }

    /// Whether the log says nothing about the group.
    pub(crate) fn is_unwritten(&self) -> bool {
        !self.has_record && self.offsets.is_empty()
    }

    /// Whether nothing holds the group: no record, no offset, no member, nobody about to join.
    pub(crate) fn is_unused(&self) -> bool {
        self.is_unwritten() && self.state == GroupState::Empty && self.pending_join.is_empty()
    }

    pub(crate) fn state(&self) -> GroupState {
        self.state
    }

    pub(crate) fn generation(&self) -> i32 {
        self.generation
    }

    pub(crate) fn protocol_type(&self) -> Option<&Str> {
        self.protocol_type.as_ref()
    }

    pub(crate) fn protocol_name(&self) -> Option<&Str> {
        self.protocol_name.as_ref()
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    pub(crate) fn n_members(&self) -> usize {
        self.members.len()
    }

    pub(crate) fn has_member(&self, member_id: &str) -> bool {
        self.members.contains_key(member_id)
    }

    pub(crate) fn is_pending_join(&self, member_id: &str) -> bool {
        self.pending_join.contains_key(member_id)
    }

    pub(crate) fn has_pending_join(&self) -> bool {
        !self.pending_join.is_empty()
    }

    pub(crate) fn static_member_id(&self, instance_id: &str) -> Option<&Str> {
        self.static_members.get(instance_id)
    }

    pub(crate) fn is_leader(&self, member_id: &str) -> bool {
        self.leader.as_deref() == Some(member_id)
    }

    pub(crate) fn is_awaiting_join(&self, member_id: &str) -> bool {
        self.members
            .get(member_id)
            .is_some_and(|it| it.join.is_some())
    }

    pub(crate) fn n_awaiting_join(&self) -> usize {
        self.n_awaiting_join
    }

    /// Whether a member's protocols are what it said before.
    pub(crate) fn member_says(&self, member_id: &str, protocols: &[Protocol]) -> bool {
        self.members
            .get(member_id)
            .is_some_and(|it| it.protocols == protocols)
    }

    /// Checks that a request comes from a member, and from the latest holder of its instance id.
    ///
    /// # Errors
    /// UNKNOWN_MEMBER_ID or FENCED_INSTANCE_ID.
    pub(crate) fn check_member(
        &self,
        member_id: &str,
        instance_id: Option<&str>,
    ) -> Result<(), ErrorCode> {
        if let Some(instance_id) = instance_id {
            match self.static_members.get(instance_id) {
                None => return Err(ErrorCode::UnknownMemberId),
                Some(holder) if *holder != member_id => return Err(ErrorCode::FencedInstanceId),
                Some(_) => {}
            }
        }
        if self.has_member(member_id) {
            Ok(())
        } else {
            Err(ErrorCode::UnknownMemberId)
        }
    }

    fn become_state(&mut self, next: GroupState, wall: Timestamp) {
        assert!(
            self.state.may_become(next),
            "group {} cannot go from {:?} to {next:?}",
            self.id,
            self.state
        );
        self.previous_state = self.state;
        self.state = next;
        self.state_since = Some(wall);
    }

    /// The group is about to be deleted: its tombstone has been handed to the log.
    pub(crate) fn become_dead(&mut self) {
        assert_eq!(self.state, GroupState::Empty, "group {}", self.id);
        self.state = GroupState::Dead;
    }

    /// The tombstone did not reach the log after all. Nothing has changed meanwhile: offsets age
    /// as before.
    pub(crate) fn revive(&mut self) {
        assert_eq!(self.state, GroupState::Dead, "group {}", self.id);
        self.state = GroupState::Empty;
    }

    /// Since when offsets that are not in use age: `None` when none of them do now.
    /// `Some(None)` means: each since its own commit.
    pub(crate) fn offsets_age_since(&self) -> Option<Option<Timestamp>> {
        if self.protocol_type.is_none() {
            return Some(None);
        }
        #[allow(
            clippy::wildcard_enum_match_arm,
            reason = "in every other state offsets are in use"
        )]
        match self.state {
            GroupState::Empty => Some(self.state_since),
            GroupState::Stable if self.is_consumer() && self.subscribed_topics.is_some() => {
                Some(None)
            }
            _ => None,
        }
    }

    /// Whether a member may be consuming the topic. What cannot be known counts as yes.
    pub(crate) fn is_subscribed_to(&self, topic: &str) -> bool {
        match &self.subscribed_topics {
            Some(topics) => topics.contains(topic),
            None => self.is_consumer(),
        }
    }

    pub(crate) fn is_consumer(&self) -> bool {
        self.protocol_type.as_deref() == Some(CONSUMER_PROTOCOL_TYPE)
    }

    /// The group's record, with the assignment that `assignment_of` gives each member.
    fn metadata_value(&self, assignment_of: impl Fn(&Member) -> Bytes) -> GroupMetadataValue {
        let protocol_name = self.protocol_name.clone();
        let member = |it: &Member| MemberMetadata {
            member_id: it.id.clone(),
            group_instance_id: it.instance_id.clone(),
            client_id: it.client_id.clone(),
            client_host: it.client_host.clone(),
            rebalance_timeout: it.rebalance_timeout_ms,
            session_timeout: it.session_timeout_ms,
            subscription: it.metadata(protocol_name.as_deref().unwrap_or_default()),
            assignment: assignment_of(it),
            ..MemberMetadata::default()
        };
        GroupMetadataValue {
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            generation: self.generation,
            protocol: self.protocol_name.clone(),
            leader: self.leader.clone(),
            current_state_timestamp: self.state_since.map_or(-1, Timestamp::as_millis),
            members: self.members.values().map(member).collect(),
            ..GroupMetadataValue::default()
        }
    }

    /// Asserts what must hold between events.
    pub(crate) fn assert_invariants(&self) {
        let awaiting = self.members.values().filter(|it| it.join.is_some()).count();
        assert_eq!(awaiting, self.n_awaiting_join, "group {}", self.id);
        let bytes: usize = self.members.values().map(Member::metadata_bytes).sum();
        assert_eq!(bytes, self.metadata_bytes, "group {}", self.id);
        let statics: BTreeMap<Str, Str> = self
            .members
            .values()
            .filter_map(|it| Some((it.instance_id.clone()?, it.id.clone())))
            .collect();
        assert_eq!(statics, self.static_members, "group {}", self.id);
        let is_memberless = matches!(self.state, GroupState::Empty | GroupState::Dead);
        assert!(
            !is_memberless || self.members.is_empty(),
            "group {}",
            self.id
        );
        assert!(
            self.pending_sync.iter().all(|it| self.has_member(it)),
            "group {}",
            self.id
        );
        let is_stable = matches!(
            self.state,
            GroupState::CompletingRebalance | GroupState::Stable
        );
        assert!(
            !is_stable || self.leader.as_ref().is_some_and(|it| self.has_member(it)),
            "group {} has no leader among its members",
            self.id
        );
    }
}
