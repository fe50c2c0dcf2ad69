//! Many clients, two groups, one seed: what holds whatever happens.
//!
//! In: a seed. Out: nothing, or a panic that names the seed.
//! Never here: exact answers; `coordinator/tests` has those.
//!
//! After every event: the coordinator's own invariants; every request answered at most once; in a
//! generation no partition is given to two members; generations grow; a fetched offset is one that
//! is committed in the log. At every failover: the log gives the same persistent state that the
//! coordinator shows. At the end: every request answered exactly once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use broker_types::{ErrorCode, Offset};
use broker_wire::messages::describe_groups_response::DescribedGroup;
use broker_wire::messages::join_group_request::JoinGroupRequestProtocol;
use broker_wire::messages::offset_fetch_request::OffsetFetchRequestGroup;
use broker_wire::messages::sync_group_request::SyncGroupRequestAssignment;
use bytes::Bytes;

use crate::tests::harness::{Client, EPOCH_MS, commit_request, subscription, sync_request};
use crate::{
    Action, AppendToken, Config, GroupCoordinator, GroupRecord, Now, RequestContext, RequestToken,
    Response,
};

const SEEDS: u64 = 40;
const STEPS: u32 = 2000;
const N_CLIENTS: usize = 8;
const N_PARTITIONS: usize = 6;
const GROUPS: [&str; 2] = ["group-a", "group-b"];

/// SplitMix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ (it >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn index(&mut self, end: usize) -> usize {
        usize::try_from(self.below(u64::try_from(end).unwrap())).unwrap()
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// What a client believes of itself.
#[derive(Clone, Debug, Default)]
struct SimulatedClient {
    group: &'static str,
    version: i16,
    instance_id: Option<String>,
    member_id: String,
    generation: i32,
    /// The members of the generation, while it leads.
    members: Vec<String>,
    must_sync: bool,
    has_assignment: bool,
    waiting: Option<RequestToken>,
}

/// What has happened, so that a run which tests nothing is noticed.
#[derive(Debug, Default)]
struct Counts {
    generations: u64,
    assignments: u64,
    commits: u64,
    failovers: u64,
    failed_appends: u64,
    static_rejoins: u64,
    deletions: u64,
    expiries: u64,
}

struct Simulation {
    seed: u64,
    random: Random,
    config: Config,
    coordinator: GroupCoordinator,
    now: Now,
    log: Vec<GroupRecord>,
    /// Records below it are committed.
    committed: usize,
    appends: Vec<(AppendToken, Vec<GroupRecord>)>,
    clients: Vec<SimulatedClient>,
    /// Client of every request that was sent.
    sent: BTreeMap<RequestToken, usize>,
    answered: BTreeSet<RequestToken>,
    next_token: u64,
    /// Who owns a partition in a generation, as far as members were told, and by whose hand.
    owners: BTreeMap<(&'static str, u64, i32, u8), String>,
    generations: BTreeMap<&'static str, i32>,
    /// How often a group has been deleted, or not been there.
    lives: BTreeMap<&'static str, u64>,
    counts: Counts,
}

impl Simulation {
    fn new(seed: u64) -> Simulation {
        let config = Config {
            group_initial_rebalance_delay: Duration::from_millis(500),
            offsets_retention: Duration::from_secs(600),
            offsets_retention_check_interval: Duration::from_secs(120),
            group_max_size: 6,
            ..Config::default()
        };
        let mut random = Random(seed);
        let clients = (0..N_CLIENTS)
            .map(|index| SimulatedClient {
                group: GROUPS[index % GROUPS.len()],
                version: [0, 3, 4, 8, 9][random.index(5)],
                // Some share an instance id and fence each other.
                instance_id: (index >= 5).then(|| format!("i-{}", index / 7)),
                ..SimulatedClient::default()
            })
            .collect();
        let mut simulation = Simulation {
            seed,
            random,
            coordinator: GroupCoordinator::new(config.clone()),
            config,
            now: Now {
                monotonic: broker_types::Monotonic::ZERO,
                wall: broker_types::Timestamp::from_millis(EPOCH_MS),
            },
            log: Vec::new(),
            committed: 0,
            appends: Vec::new(),
            clients,
            sent: BTreeMap::new(),
            answered: BTreeSet::new(),
            next_token: 0,
            owners: BTreeMap::new(),
            generations: BTreeMap::new(),
            lives: BTreeMap::new(),
            counts: Counts::default(),
        };
        for client in &mut simulation.clients {
            // Static members came with version 5.
            if client.instance_id.is_some() {
                client.version = client.version.max(5);
            }
        }
        simulation.act(|it, now, actions| it.finish_load(now, Offset::ZERO, actions));
        simulation
    }

    fn act<R>(&mut self, act: impl FnOnce(&mut GroupCoordinator, Now, &mut Vec<Action>) -> R) -> R {
        let mut actions = Vec::new();
        let result = act(&mut self.coordinator, self.now, &mut actions);
        for action in actions {
            match action {
                Action::Append { token, records } => self.appends.push((token, records)),
                Action::Respond { token, response } => self.receive(token, &response),
            }
        }
        self.coordinator.assert_invariants();
        self.note_deleted_groups();
        result
    }

    fn receive(&mut self, token: RequestToken, response: &Response) {
        let seed = self.seed;
        assert!(
            self.answered.insert(token),
            "answered {token:?} twice (seed {seed})"
        );
        let Some(&index) = self.sent.get(&token) else {
            panic!("{token:?} (seed {seed})")
        };
        if self.clients[index].waiting == Some(token) {
            self.clients[index].waiting = None;
        }
        match response {
            Response::JoinGroup(response) => self.joined(index, response),
            Response::SyncGroup(response) => self.synced(index, response),
            Response::DeleteGroup(response) if response.error_code == 0 => {
                self.counts.deletions += 1;
            }
            Response::OffsetCommit(response) => {
                let code = response.topics[0].partitions[0].error_code;
                self.counts.commits += u64::from(code == 0);
                self.note_error(index, code);
            }
            Response::LeaveGroup(_) | Response::OffsetDelete(_) | Response::DeleteGroup(_) => {}
        }
    }

    fn joined(
        &mut self,
        index: usize,
        response: &broker_wire::messages::join_group_response::JoinGroupResponse,
    ) {
        let client = &mut self.clients[index];
        if response.error_code == ErrorCode::MemberIdRequired.to_wire() {
            client.member_id = response.member_id.to_string();
            return;
        }
        if response.error_code != 0 {
            self.note_error(index, response.error_code);
            return;
        }
        client.member_id = response.member_id.to_string();
        let is_restart =
            client.instance_id.is_some() && response.generation_id == client.generation;
        self.counts.static_rejoins += u64::from(is_restart);
        client.generation = response.generation_id;
        client.members = response
            .members
            .iter()
            .map(|it| it.member_id.to_string())
            .collect();
        client.must_sync = true;
        client.has_assignment = false;
        if response.skip_assignment {
            // The assignment of before still stands; nothing new is brought.
            client.members.clear();
        }
        let newest = self.generations.entry(client.group).or_default();
        assert!(
            response.generation_id >= *newest,
            "generation {} after {newest} (seed {})",
            response.generation_id,
            self.seed
        );
        self.counts.generations += u64::from(response.generation_id > *newest);
        *newest = response.generation_id;
    }

    fn synced(
        &mut self,
        index: usize,
        response: &broker_wire::messages::sync_group_response::SyncGroupResponse,
    ) {
        if response.error_code != 0 {
            self.note_error(index, response.error_code);
            return;
        }
        let seed = self.seed;
        let client = &mut self.clients[index];
        client.must_sync = false;
        client.has_assignment = true;
        self.counts.assignments += 1;
        let life = self.lives.get(client.group).copied().unwrap_or(0);
        // A static member keeps its partitions under a new id.
        let owner = client
            .instance_id
            .clone()
            .unwrap_or_else(|| client.member_id.clone());
        for partition in &response.assignment {
            let key = (client.group, life, client.generation, *partition);
            let first = self.owners.entry(key).or_insert_with(|| owner.clone());
            assert_eq!(*first, owner, "{key:?} has two owners (seed {seed})");
        }
    }

    /// What a client does about an error.
    fn note_error(&mut self, index: usize, code: i16) {
        let client = &mut self.clients[index];
        match ErrorCode::from_wire(code) {
            Some(
                ErrorCode::UnknownMemberId
                | ErrorCode::FencedInstanceId
                | ErrorCode::IllegalGeneration
                | ErrorCode::GroupMaxSizeReached,
            ) => {
                client.member_id.clear();
                client.must_sync = false;
                client.has_assignment = false;
            }
            Some(ErrorCode::RebalanceInProgress) => {
                client.must_sync = false;
                client.has_assignment = false;
            }
            _ => {}
        }
    }

    fn step(&mut self) {
        match self.random.below(200) {
            0..=119 => self.client_acts(),
            120..=144 => self.log_appends(),
            145..=169 => self.log_commits(),
            170..=171 => self.append_fails(),
            172 => self.fails_over(),
            173..=175 => self.admin_acts(),
            _ => self.time_passes(),
        }
        if self.random.one_in(10) {
            self.check_offsets();
        }
    }

    fn send(
        &mut self,
        index: usize,
        version: i16,
        waits: bool,
        send: impl FnOnce(&mut GroupCoordinator, Now, &RequestContext, &mut Vec<Action>),
    ) {
        self.next_token += 1;
        let token = RequestToken(self.next_token);
        self.sent.insert(token, index);
        if waits {
            self.clients[index].waiting = Some(token);
        }
        let random = u128::from(self.random.next());
        self.act(|it, now, actions| {
            let context = RequestContext {
                token,
                api_version: version,
                client_id: "client",
                client_host: "/127.0.0.1",
                random,
            };
            send(it, now, &context, actions);
        });
    }

    fn client_acts(&mut self) {
        let index = self.random.index(N_CLIENTS);
        let restarts = self.random.one_in(30);
        let client = &mut self.clients[index];
        if restarts {
            // A process that died knows nothing any more; its answer goes nowhere.
            client.member_id.clear();
            client.must_sync = false;
            client.has_assignment = false;
            client.waiting = None;
        }
        if client.waiting.is_some() {
            // Clients keep one request of the group in flight, and now and then lose patience.
            if !self.random.one_in(20) {
                return;
            }
            self.clients[index].waiting = None;
        }
        let client = self.clients[index].clone();
        if client.must_sync {
            self.sync(index, &client);
        } else if !client.has_assignment || self.random.one_in(25) {
            self.join(index, &client);
        } else {
            match self.random.below(10) {
                0 => self.leave(index, &client),
                1..=5 => self.commit(index, &client),
                _ => self.heartbeat(index, &client),
            }
        }
    }

    fn join(&mut self, index: usize, client: &SimulatedClient) {
        let topics: &[&str] = if self.random.one_in(10) {
            &["topic", "other"]
        } else {
            &["topic"]
        };
        let request = Client {
            version: client.version,
            group: client.group.to_owned(),
            member_id: client.member_id.clone(),
            instance_id: client.instance_id.clone(),
            ..Client::default()
        };
        let mut request = request.request();
        request.protocols = ["range", "sticky"]
            .map(|name| JoinGroupRequestProtocol {
                name: name.into(),
                metadata: subscription(topics),
                ..JoinGroupRequestProtocol::default()
            })
            .to_vec();
        self.send(index, client.version, true, |it, now, context, actions| {
            it.handle_join_group(now, context, &request, actions);
        });
    }

    /// The leader deals the partitions out, beginning with anyone: no two leaders agree.
    fn sync(&mut self, index: usize, client: &SimulatedClient) {
        let mut request = sync_request(&client.member_id, client.generation, &[]);
        request.group_id = client.group.into();
        request.protocol_name = None;
        request.protocol_type = None;
        request.group_instance_id = client.instance_id.as_deref().map(Into::into);
        let shift = self.random.index(N_PARTITIONS);
        for (place, member) in client.members.iter().enumerate() {
            let partitions: Vec<u8> = (0..N_PARTITIONS)
                .filter(|it| (it + shift) % client.members.len() == place)
                .map(|it| u8::try_from(it).unwrap())
                .collect();
            request.assignments.push(SyncGroupRequestAssignment {
                member_id: member.as_str().into(),
                assignment: Bytes::from(partitions),
                ..SyncGroupRequestAssignment::default()
            });
        }
        self.send(index, 4, true, |it, now, context, actions| {
            it.handle_sync_group(now, context, &request, actions);
        });
    }

    fn leave(&mut self, index: usize, client: &SimulatedClient) {
        let identity = broker_wire::messages::leave_group_request::MemberIdentity {
            member_id: client.member_id.as_str().into(),
            group_instance_id: client.instance_id.as_deref().map(Into::into),
            ..Default::default()
        };
        let request = broker_wire::messages::leave_group_request::LeaveGroupRequest {
            group_id: client.group.into(),
            members: vec![identity],
            ..Default::default()
        };
        self.clients[index].member_id.clear();
        self.clients[index].has_assignment = false;
        self.send(index, 3, false, |it, now, context, actions| {
            it.handle_leave_group(now, context, &request, actions);
        });
    }

    fn commit(&mut self, index: usize, client: &SimulatedClient) {
        let offset = i64::try_from(self.random.below(1_000_000)).unwrap();
        let topic = if self.random.one_in(5) {
            "former"
        } else {
            "topic"
        };
        let mut request = commit_request(&client.member_id, client.generation, topic, offset);
        request.group_id = client.group.into();
        request.group_instance_id = client.instance_id.as_deref().map(Into::into);
        self.send(index, 9, false, |it, now, context, actions| {
            it.handle_offset_commit(now, context, &request, actions);
        });
    }

    fn heartbeat(&mut self, index: usize, client: &SimulatedClient) {
        let request = broker_wire::messages::heartbeat_request::HeartbeatRequest {
            group_id: client.group.into(),
            member_id: client.member_id.as_str().into(),
            generation_id: client.generation,
            group_instance_id: client.instance_id.as_deref().map(Into::into),
            ..Default::default()
        };
        let response = self.coordinator.handle_heartbeat(self.now, &request);
        self.coordinator.assert_invariants();
        self.note_error(index, response.error_code);
    }

    fn admin_acts(&mut self) {
        let group = GROUPS[self.random.index(GROUPS.len())];
        match self.random.below(4) {
            0 => self.send(0, 2, false, |it, now, context, actions| {
                it.handle_delete_group(now, context, &group.into(), actions);
            }),
            1 => {
                let topic = crate::DeletedTopic {
                    name: "former".into(),
                    topic_id: None,
                };
                self.act(|it, now, actions| it.handle_topics_deleted(now, &[topic], actions));
            }
            _ => {
                let mut request = commit_request("", -1, "simple", 1);
                request.group_id = group.into();
                self.send(0, 9, false, |it, now, context, actions| {
                    it.handle_offset_commit(now, context, &request, actions);
                });
            }
        }
    }

    fn time_passes(&mut self) {
        let ms = match self.random.below(100) {
            0 => 700_000,
            1..=2 => 11_000,
            _ => self.random.below(400),
        };
        self.counts.expiries += u64::from(ms == 700_000);
        let end = self.now.monotonic + Duration::from_millis(ms);
        while self.now.monotonic < end {
            let next = self
                .coordinator
                .next_deadline()
                .min(end)
                .max(self.now.monotonic);
            let passed = next.since(self.now.monotonic).as_millis();
            self.now.monotonic = next;
            self.now.wall = self.now.wall.plus_millis(i64::try_from(passed).unwrap());
            self.act(GroupCoordinator::tick);
        }
    }

    fn end(&self) -> Offset {
        Offset::new(u64::try_from(self.log.len()).unwrap())
    }

    fn log_appends(&mut self) {
        if self.appends.is_empty() {
            return;
        }
        let (token, records) = self.appends.remove(0);
        self.log.extend(records);
        let end = self.end();
        self.act(|it, now, actions| it.handle_appended(now, token, end, actions));
    }

    fn log_commits(&mut self) {
        let uncommitted = self.log.len() - self.committed;
        self.committed += self.random.index(uncommitted + 1);
        let high_watermark = Offset::new(u64::try_from(self.committed).unwrap());
        self.act(|it, now, actions| it.handle_committed(now, high_watermark, actions));
    }

    fn append_fails(&mut self) {
        if self.appends.is_empty() {
            return;
        }
        let (token, _) = self.appends.remove(0);
        self.counts.failed_appends += 1;
        self.act(|it, now, actions| {
            it.handle_append_failed(now, token, ErrorCode::NotEnoughReplicas, actions);
        });
    }

    /// Leadership moves: what is not committed may be cut, or be kept.
    fn fails_over(&mut self) {
        self.settle_or_cut();
        self.counts.failovers += 1;
        self.act(GroupCoordinator::unload);
        self.coordinator = self.load();
        let end = self.end();
        self.committed = self.log.len();
        self.act(|it, now, actions| it.finish_load(now, end, actions));
        // A generation that was joined and never written is counted again.
        self.generations.clear();
    }

    fn settle_or_cut(&mut self) {
        if self.random.one_in(2) {
            // Everything is written and committed: the log must say what the coordinator shows.
            while !self.appends.is_empty() {
                self.log_appends();
            }
            self.committed = self.log.len();
            let end = self.end();
            self.act(|it, now, actions| it.handle_committed(now, end, actions));
            while !self.appends.is_empty() {
                self.log_appends();
                self.committed = self.log.len();
                let end = self.end();
                self.act(|it, now, actions| it.handle_committed(now, end, actions));
            }
            self.check_replay();
        } else {
            self.appends.clear();
            let kept = self.random.index(self.log.len() - self.committed + 1);
            self.log.truncate(self.committed + kept);
        }
    }

    fn load(&self) -> GroupCoordinator {
        let mut coordinator = GroupCoordinator::new(self.config.clone());
        for record in &self.log {
            coordinator
                .load(&record.key, record.value.as_deref())
                .unwrap();
        }
        coordinator
    }

    /// A group that is gone begins anew, with generation 1.
    fn note_deleted_groups(&mut self) {
        for group in GROUPS {
            let described = self.coordinator.describe_group(6, &group.into());
            if described.error_code == ErrorCode::GroupIdNotFound.to_wire() {
                self.generations.remove(group);
                *self.lives.entry(group).or_default() += 1;
            }
        }
    }

    /// The log, replayed, gives what the coordinator shows: all offsets, and every stable or empty
    /// group as it is.
    fn check_replay(&mut self) {
        let seed = self.seed;
        let mut replayed = self.load();
        let end = self.end();
        replayed.finish_load(self.now, end, &mut Vec::new());
        assert_eq!(
            replayed.n_offsets(),
            self.coordinator.n_offsets(),
            "seed {seed}"
        );
        for group in GROUPS {
            let ours = self.coordinator.fetch_offsets(&all_offsets(group));
            assert_eq!(
                replayed.fetch_offsets(&all_offsets(group)),
                ours,
                "seed {seed}"
            );
            let shown = self.coordinator.describe_group(5, &group.into());
            if shown.group_state != "Stable" {
                continue;
            }
            let theirs = replayed.describe_group(5, &group.into());
            assert_eq!(DescribedGroup { ..theirs }, shown, "seed {seed}");
        }
    }

    /// When nothing is on its way, what is shown is what the log says, offset by offset.
    fn check_offsets(&self) {
        let is_settled = self.log.len() == self.committed && self.appends.is_empty();
        if !is_settled {
            return;
        }
        let replayed = self.load();
        assert_eq!(
            replayed.n_offsets(),
            self.coordinator.n_offsets(),
            "seed {}",
            self.seed
        );
    }

    fn finish(&mut self) {
        self.act(GroupCoordinator::unload);
        let unanswered: Vec<_> = self
            .sent
            .keys()
            .filter(|it| !self.answered.contains(it))
            .collect();
        assert!(unanswered.is_empty(), "{unanswered:?} (seed {})", self.seed);
    }
}

fn all_offsets(group: &str) -> OffsetFetchRequestGroup {
    OffsetFetchRequestGroup {
        group_id: group.into(),
        topics: None,
        ..OffsetFetchRequestGroup::default()
    }
}

fn run(seed: u64) -> Counts {
    let mut simulation = Simulation::new(seed);
    for _ in 0..STEPS {
        simulation.step();
    }
    simulation.finish();
    simulation.counts
}

#[test]
fn whatever_happens_every_request_is_answered_once_and_no_partition_has_two_owners() {
    let mut total = Counts::default();
    for seed in 0..SEEDS {
        let counts = run(seed);
        total.generations += counts.generations;
        total.assignments += counts.assignments;
        total.commits += counts.commits;
        total.failovers += counts.failovers;
        total.failed_appends += counts.failed_appends;
        total.static_rejoins += counts.static_rejoins;
        total.deletions += counts.deletions;
        total.expiries += counts.expiries;
    }
    // A run that never came to the interesting places would prove nothing.
    let often = [
        total.generations,
        total.assignments,
        total.commits,
        total.static_rejoins,
        total.failovers,
        total.failed_appends,
    ];
    assert!(often.iter().all(|it| *it > 3 * SEEDS), "{total:?}");
    assert!(total.expiries > SEEDS, "{total:?}");
    assert!(total.deletions > 0, "{total:?}");
    println!("{SEEDS} seeds: {total:?}");
}
