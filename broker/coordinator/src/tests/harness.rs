//! A world for tests: a clock that stands still until told, a log that commits when told.
//!
//! In: what a test lets clients do. Out: the answers they got.
//! Never here: expectations.

use std::collections::BTreeMap;
use std::time::Duration;

use broker_types::{ErrorCode, Monotonic, Offset, Timestamp};
use broker_wire::messages::heartbeat_request::HeartbeatRequest;
use broker_wire::messages::join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol};
use broker_wire::messages::join_group_response::JoinGroupResponse;
use broker_wire::messages::leave_group_request::{LeaveGroupRequest, MemberIdentity};
use broker_wire::messages::leave_group_response::LeaveGroupResponse;
use broker_wire::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use broker_wire::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use broker_wire::messages::sync_group_request::{SyncGroupRequest, SyncGroupRequestAssignment};
use broker_wire::messages::sync_group_response::SyncGroupResponse;
use bytes::Bytes;

use crate::{
    Action, AppendToken, Config, GroupCoordinator, GroupRecord, Now, RequestContext, RequestToken,
    Response,
};

pub(crate) const GROUP: &str = "group";
/// The wall clock at time zero.
pub(crate) const EPOCH_MS: i64 = 1_700_000_000_000;

/// What a client says when it joins.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) version: i16,
    pub(crate) group: String,
    pub(crate) member_id: String,
    pub(crate) instance_id: Option<String>,
    pub(crate) protocol_type: String,
    pub(crate) protocols: Vec<(String, Bytes)>,
    pub(crate) session_timeout_ms: i32,
    pub(crate) rebalance_timeout_ms: i32,
}

impl Default for Client {
    fn default() -> Client {
        Client {
            version: 9,
            group: GROUP.to_owned(),
            member_id: String::new(),
            instance_id: None,
            protocol_type: "consumer".to_owned(),
            protocols: vec![("range".to_owned(), subscription(&["topic"]))],
            session_timeout_ms: 10_000,
            rebalance_timeout_ms: 60_000,
        }
    }
}

impl Client {
    pub(crate) fn with_id(member_id: &str) -> Client {
        Client {
            member_id: member_id.to_owned(),
            ..Client::default()
        }
    }

    pub(crate) fn with_instance(instance_id: &str) -> Client {
        Client {
            instance_id: Some(instance_id.to_owned()),
            ..Client::default()
        }
    }

    pub(crate) fn request(&self) -> JoinGroupRequest {
        let protocols = self
            .protocols
            .iter()
            .map(|(name, metadata)| JoinGroupRequestProtocol {
                name: name.as_str().into(),
                metadata: metadata.clone(),
                ..JoinGroupRequestProtocol::default()
            });
        JoinGroupRequest {
            group_id: self.group.as_str().into(),
            session_timeout_ms: self.session_timeout_ms,
            rebalance_timeout_ms: self.rebalance_timeout_ms,
            member_id: self.member_id.as_str().into(),
            group_instance_id: self.instance_id.as_deref().map(Into::into),
            protocol_type: self.protocol_type.as_str().into(),
            protocols: protocols.collect(),
            ..JoinGroupRequest::default()
        }
    }
}

/// A consumer's subscription in version 0, as a client encodes it.
pub(crate) fn subscription(topics: &[&str]) -> Bytes {
    let mut bytes = vec![0, 0];
    bytes.extend_from_slice(&i32::try_from(topics.len()).unwrap().to_be_bytes());
    for topic in topics {
        bytes.extend_from_slice(&i16::try_from(topic.len()).unwrap().to_be_bytes());
        bytes.extend_from_slice(topic.as_bytes());
    }
    bytes.extend_from_slice(&(-1_i32).to_be_bytes());
    bytes.into()
}

/// One coordinator, its log and its clock.
pub(crate) struct World {
    pub(crate) coordinator: GroupCoordinator,
    pub(crate) config: Config,
    pub(crate) now: Now,
    /// All records that were appended, committed or not.
    pub(crate) log: Vec<GroupRecord>,
    /// Appends that the log has not been given yet.
    pub(crate) appends: Vec<(AppendToken, Vec<GroupRecord>)>,
    /// Whether appends are committed as soon as they are asked for.
    pub(crate) commits: bool,
    pub(crate) answers: BTreeMap<RequestToken, Response>,
    next_token: u64,
}

impl World {
    pub(crate) fn new() -> World {
        World::with(Config::default())
    }

    pub(crate) fn with(config: Config) -> World {
        World::loaded(config, Vec::new(), World::at(0))
    }

    fn at(ms: u64) -> Now {
        Now {
            monotonic: Monotonic::from_micros(ms * 1000),
            wall: Timestamp::from_millis(EPOCH_MS + i64::try_from(ms).unwrap()),
        }
    }

    /// A coordinator that has loaded `log`.
    pub(crate) fn loaded(config: Config, log: Vec<GroupRecord>, now: Now) -> World {
        let mut world = World {
            coordinator: GroupCoordinator::new(config.clone()),
            config,
            now,
            log: Vec::new(),
            appends: Vec::new(),
            commits: true,
            answers: BTreeMap::new(),
            next_token: 1,
        };
        for record in &log {
            world
                .coordinator
                .load(&record.key, record.value.as_deref())
                .unwrap();
        }
        world.log = log;
        let high_watermark = world.end();
        world.act(|coordinator, now, actions| {
            coordinator.finish_load(now, high_watermark, actions);
        });
        world
    }

    /// The coordinator that takes over: it finds the log and nothing else.
    pub(crate) fn successor(&self) -> World {
        World::loaded(self.config.clone(), self.log.clone(), self.now)
    }

    fn end(&self) -> Offset {
        Offset::new(u64::try_from(self.log.len()).unwrap())
    }

    pub(crate) fn act<R>(
        &mut self,
        act: impl FnOnce(&mut GroupCoordinator, Now, &mut Vec<Action>) -> R,
    ) -> R {
        let mut actions = Vec::new();
        let result = act(&mut self.coordinator, self.now, &mut actions);
        for action in actions {
            match action {
                Action::Append { token, records } => self.appends.push((token, records)),
                Action::Respond { token, response } => {
                    let twice = self.answers.insert(token, response);
                    assert!(twice.is_none(), "{token:?} was answered twice");
                }
            }
        }
        if self.commits {
            self.commit();
        }
        self.coordinator.assert_invariants();
        result
    }

    /// Appends and commits all that is asked for.
    pub(crate) fn commit(&mut self) {
        while !self.appends.is_empty() {
            let (token, records) = self.appends.remove(0);
            self.log.extend(records);
            let end = self.end();
            self.act(|coordinator, now, actions| {
                coordinator.handle_appended(now, token, end, actions);
                coordinator.handle_committed(now, end, actions);
            });
        }
    }

    /// Refuses the oldest append that is asked for.
    pub(crate) fn fail(&mut self, error: ErrorCode) {
        let (token, _) = self.appends.remove(0);
        self.act(|coordinator, now, actions| {
            coordinator.handle_append_failed(now, token, error, actions);
        });
    }

    /// Lets time pass, with every alarm on the way.
    pub(crate) fn pass(&mut self, ms: u64) {
        let end = self.now.monotonic + Duration::from_millis(ms);
        loop {
            let next = self
                .coordinator
                .next_deadline()
                .min(end)
                .max(self.now.monotonic);
            self.set_time(next);
            self.act(GroupCoordinator::tick);
            if self.now.monotonic >= end {
                break;
            }
            assert!(
                self.coordinator.next_deadline() > self.now.monotonic,
                "a tick leaves nothing due"
            );
        }
    }

    fn set_time(&mut self, monotonic: Monotonic) {
        let passed = monotonic.since(self.now.monotonic).as_micros();
        let passed_ms = i64::try_from(passed / 1000).unwrap();
        self.now = Now {
            monotonic,
            wall: self.now.wall.plus_millis(passed_ms),
        };
    }

    pub(crate) fn token(&mut self) -> RequestToken {
        self.next_token += 1;
        RequestToken(self.next_token)
    }

    /// Sends a request that may wait.
    pub(crate) fn send(
        &mut self,
        version: i16,
        send: impl FnOnce(&mut GroupCoordinator, Now, &RequestContext, &mut Vec<Action>),
    ) -> RequestToken {
        let token = self.token();
        self.act(|coordinator, now, actions| {
            let context = RequestContext {
                token,
                api_version: version,
                client_id: "client",
                client_host: "/127.0.0.1",
                random: u128::from(token.0),
            };
            send(coordinator, now, &context, actions);
        });
        token
    }

    pub(crate) fn join(&mut self, client: &Client) -> RequestToken {
        let request = client.request();
        self.send(client.version, |it, now, context, actions| {
            it.handle_join_group(now, context, &request, actions);
        })
    }

    /// Joins and joins again under the id that was given, as a client of version 4 and later does.
    pub(crate) fn join_twice(&mut self, client: &Client) -> (String, RequestToken) {
        let first = self.join(client);
        let response = self.joined(first);
        assert_eq!(response.error_code, ErrorCode::MemberIdRequired.to_wire());
        let member_id = response.member_id.to_string();
        let token = self.join(&Client {
            member_id: member_id.clone(),
            ..client.clone()
        });
        (member_id, token)
    }

    pub(crate) fn sync(
        &mut self,
        member_id: &str,
        generation: i32,
        assignments: &[(&str, &'static [u8])],
    ) -> RequestToken {
        let request = sync_request(member_id, generation, assignments);
        self.send(5, |it, now, context, actions| {
            it.handle_sync_group(now, context, &request, actions);
        })
    }

    pub(crate) fn heartbeat(&mut self, member_id: &str, generation: i32) -> ErrorCode {
        let request = HeartbeatRequest {
            group_id: GROUP.into(),
            member_id: member_id.into(),
            generation_id: generation,
            ..HeartbeatRequest::default()
        };
        let response = self.coordinator.handle_heartbeat(self.now, &request);
        ErrorCode::from_wire(response.error_code).unwrap()
    }

    pub(crate) fn leave(&mut self, version: i16, members: &[(&str, Option<&str>)]) -> RequestToken {
        let identities = members
            .iter()
            .map(|(member_id, instance_id)| MemberIdentity {
                member_id: (*member_id).into(),
                group_instance_id: instance_id.map(Into::into),
                ..MemberIdentity::default()
            });
        let request = LeaveGroupRequest {
            group_id: GROUP.into(),
            member_id: members.first().map(|it| it.0.into()).unwrap_or_default(),
            members: identities.collect(),
            ..LeaveGroupRequest::default()
        };
        self.send(version, |it, now, context, actions| {
            it.handle_leave_group(now, context, &request, actions);
        })
    }

    pub(crate) fn commit_offset(
        &mut self,
        version: i16,
        member_id: &str,
        generation: i32,
        offset: i64,
    ) -> RequestToken {
        let request = commit_request(member_id, generation, "topic", offset);
        self.send(version, |it, now, context, actions| {
            it.handle_offset_commit(now, context, &request, actions);
        })
    }

    /// The committed offset of partition 0; -1 when there is none.
    pub(crate) fn offset_of(&self, group: &str, topic: &str) -> i64 {
        let request = OffsetFetchRequestGroup {
            group_id: group.into(),
            topics: Some(vec![OffsetFetchRequestTopics {
                name: topic.into(),
                partition_indexes: vec![0],
                ..OffsetFetchRequestTopics::default()
            }]),
            ..OffsetFetchRequestGroup::default()
        };
        let response = self.coordinator.fetch_offsets(&request);
        assert_eq!(response.error_code, 0);
        response.topics[0].partitions[0].committed_offset
    }

    pub(crate) fn is_answered(&self, token: RequestToken) -> bool {
        self.answers.contains_key(&token)
    }

    pub(crate) fn joined(&self, token: RequestToken) -> &JoinGroupResponse {
        match self.answers.get(&token) {
            Some(Response::JoinGroup(response)) => response,
            other => panic!("JoinGroup {token:?} got {other:?}"),
        }
    }

    pub(crate) fn synced(&self, token: RequestToken) -> &SyncGroupResponse {
        match self.answers.get(&token) {
            Some(Response::SyncGroup(response)) => response,
            other => panic!("SyncGroup {token:?} got {other:?}"),
        }
    }

    pub(crate) fn left(&self, token: RequestToken) -> &LeaveGroupResponse {
        match self.answers.get(&token) {
            Some(Response::LeaveGroup(response)) => response,
            other => panic!("LeaveGroup {token:?} got {other:?}"),
        }
    }

    /// The error of whatever answer the request got; of an OffsetCommit its first partition's.
    pub(crate) fn error(&self, token: RequestToken) -> ErrorCode {
        let code = match self.answers.get(&token) {
            Some(Response::JoinGroup(it)) => it.error_code,
            Some(Response::SyncGroup(it)) => it.error_code,
            Some(Response::LeaveGroup(it)) => it.error_code,
            Some(Response::OffsetCommit(it)) => it.topics[0].partitions[0].error_code,
            Some(Response::OffsetDelete(it)) => it.error_code,
            Some(Response::DeleteGroup(it)) => it.error_code,
            None => panic!("{token:?} still waits"),
        };
        ErrorCode::from_wire(code).unwrap()
    }

    /// The group's state as ListGroups shows it.
    pub(crate) fn state(&self) -> String {
        let groups = self.coordinator.list_groups(&Default::default()).unwrap();
        let group = groups.iter().find(|it| it.group_id == GROUP);
        group.map_or("none".to_owned(), |it| it.group_state.to_string())
    }

    /// A stable group of one member of version 0 to 3, which needs no second JoinGroup.
    pub(crate) fn stable(client: &Client) -> (World, String) {
        let mut world = World::new();
        let join = world.join(client);
        let (member_id, join) = if world.is_answered(join) {
            let member_id = world.joined(join).member_id.to_string();
            let again = Client {
                member_id: member_id.clone(),
                ..client.clone()
            };
            (member_id, world.join(&again))
        } else {
            (String::new(), join)
        };
        world.pass(3000);
        let joined = world.joined(join).clone();
        assert_eq!(joined.error_code, 0);
        assert!(member_id.is_empty() || joined.member_id == member_id);
        let member_id = joined.member_id.to_string();
        let sync = world.sync(&member_id, joined.generation_id, &[(&member_id, b"all")]);
        assert_eq!(world.error(sync), ErrorCode::None);
        assert_eq!(world.state(), "Stable");
        (world, member_id)
    }
}

pub(crate) fn sync_request(
    member_id: &str,
    generation: i32,
    assignments: &[(&str, &'static [u8])],
) -> SyncGroupRequest {
    let assignments = assignments
        .iter()
        .map(|(member_id, bytes)| SyncGroupRequestAssignment {
            member_id: (*member_id).into(),
            assignment: Bytes::from_static(bytes),
            ..SyncGroupRequestAssignment::default()
        });
    SyncGroupRequest {
        group_id: GROUP.into(),
        generation_id: generation,
        member_id: member_id.into(),
        protocol_type: Some("consumer".into()),
        protocol_name: Some("range".into()),
        assignments: assignments.collect(),
        ..SyncGroupRequest::default()
    }
}

pub(crate) fn commit_request(
    member_id: &str,
    generation: i32,
    topic: &str,
    offset: i64,
) -> OffsetCommitRequest {
    OffsetCommitRequest {
        group_id: GROUP.into(),
        generation_id_or_member_epoch: generation,
        member_id: member_id.into(),
        topics: vec![OffsetCommitRequestTopic {
            name: topic.into(),
            partitions: vec![OffsetCommitRequestPartition {
                partition_index: 0,
                committed_offset: offset,
                ..OffsetCommitRequestPartition::default()
            }],
            ..OffsetCommitRequestTopic::default()
        }],
        ..OffsetCommitRequest::default()
    }
}
