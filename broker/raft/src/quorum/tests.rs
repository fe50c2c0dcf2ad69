//! The rules of the quorum, one replica at a time: what it is told, and what it then does.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test picks what it is about"
)]

use std::time::Duration;

use broker_types::{BrokerId, DirectoryId, Epoch, ErrorCode, Monotonic, Offset};

use crate::*;

type Actions = Vec<Action<&'static str>>;

const NOW: Monotonic = Monotonic::from_micros(1_000_000);

fn key(id: u32) -> ReplicaKey {
    let directory_id = DirectoryId::from_bytes([u8::try_from(id).unwrap(); 16]);
    ReplicaKey {
        id: BrokerId::new(id),
        directory_id,
    }
}

fn other_disk(id: u32) -> ReplicaKey {
    ReplicaKey {
        directory_id: DirectoryId::from_bytes([99; 16]),
        ..key(id)
    }
}

fn voters(ids: &[u32]) -> VoterSet {
    VoterSet::new(ids.iter().map(|it| (key(*it), Vec::new())))
}

fn offset(value: u64) -> Offset {
    Offset::new(value)
}

fn epoch(value: u32) -> Epoch {
    Epoch::new(value)
}

fn at(millis: u64) -> Monotonic {
    NOW + Duration::from_millis(millis)
}

/// Replica 1 of a quorum, with a log of one batch per `(epoch, end)`.
fn open(n_voters: u32, election: ElectionState, log: &[(u32, u64)]) -> Quorum<&'static str> {
    let ids: Vec<u32> = (1..=n_voters).collect();
    let mut epochs: Vec<EpochStart> = Vec::new();
    let mut end = 0;
    for (number, batch_end) in log {
        if epochs.last().is_none_or(|it| it.epoch < epoch(*number)) {
            epochs.push(EpochStart {
                epoch: epoch(*number),
                start_offset: offset(end),
            });
        }
        end = *batch_end;
    }
    let recovered = Recovered {
        election,
        epochs,
        log_end: offset(end),
        voters: vec![(Offset::ZERO, voters(&ids))],
        ..Recovered::default()
    };
    let timeouts = Timeouts::default();
    let config = Config {
        me: key(1),
        endpoints: Vec::new(),
        timeouts,
        seed: 7,
    };
    Quorum::open(NOW, config, recovered).unwrap()
}

fn in_epoch(number: u32) -> ElectionState {
    ElectionState {
        epoch: epoch(number),
        voted: None,
        leader: None,
    }
}

fn led_by(number: u32, leader: u32) -> ElectionState {
    ElectionState {
        leader: Some(BrokerId::new(leader)),
        ..in_epoch(number)
    }
}

/// Writes and syncs at once whatever is asked for, until nothing is; everything else comes back.
fn perform(quorum: &mut Quorum<&'static str>, now: Monotonic) -> Actions {
    let mut rest = Vec::new();
    loop {
        let actions = quorum.take_actions();
        if actions.is_empty() {
            quorum.assert_invariants();
            return rest;
        }
        for action in actions {
            match action {
                Action::Persist(persist) => quorum.handle_persisted(now, persist.done()),
                Action::Sync(ticket) => quorum.handle_synced(now, ticket.done()),
                other => rest.push(other),
            }
        }
    }
}

fn requests(actions: &Actions) -> Vec<&Request> {
    let sent = actions.iter().filter_map(|it| match it {
        Action::Send { request, .. } => Some(request),
        _ => None,
    });
    sent.collect()
}

fn fetches(actions: &Actions) -> Vec<FetchRequest> {
    let fetches = requests(actions).into_iter().filter_map(|it| match it {
        Request::Fetch(fetch) => Some(fetch.clone()),
        _ => None,
    });
    fetches.collect()
}

fn change_errors(actions: &Actions) -> Vec<ErrorCode> {
    let answers = actions.iter().filter_map(|it| match it {
        Action::Respond {
            response: Response::VoterChange(answer),
            ..
        } => Some(answer.error),
        _ => None,
    });
    answers.collect()
}

/// Makes replica 1 the leader of the next epoch, with replica 2's votes.
fn elect(quorum: &mut Quorum<&'static str>) -> Monotonic {
    let now = quorum.next_deadline().max(at(5_000));
    quorum.tick(now);
    for _ in 0..2 {
        let actions = perform(quorum, now);
        let asked = requests(&actions).into_iter().find_map(|it| match it {
            Request::Vote(vote) if vote.voter == key(2) => Some(vote.clone()),
            _ => None,
        });
        let Some(vote) = asked else { break };
        let (error, granted) = (ErrorCode::None, true);
        let response = VoteResponse {
            error,
            epoch: vote.epoch,
            leader: None,
            granted,
        };
        quorum.handle_vote_response(now, &vote, &response);
    }
    assert_eq!(quorum.role(), RoleName::Leader);
    now
}

/// A fetch of a replica whose log is the leader's up to `end`.
fn fetch(quorum: &Quorum<&'static str>, replica: u32, end: u64, last_epoch: u32) -> FetchRequest {
    FetchRequest {
        epoch: quorum.epoch(),
        replica: key(replica),
        fetch_offset: offset(end),
        last_fetched_epoch: epoch(last_epoch),
        high_watermark: Offset::ZERO,
    }
}

fn batch(base: u64, end: u64, number: u32) -> FetchedBatch<&'static str> {
    FetchedBatch {
        base_offset: offset(base),
        end_offset: offset(end),
        epoch: epoch(number),
        voters: None,
        payload: "batch",
    }
}

fn answer(
    quorum: &Quorum<&'static str>,
    high_watermark: u64,
    fetched: Fetched<&'static str>,
) -> FetchResponse<&'static str> {
    FetchResponse {
        error: ErrorCode::None,
        epoch: quorum.epoch(),
        leader: quorum.leader(),
        high_watermark: Some(offset(high_watermark)),
        fetched,
    }
}

/// A follower of replica 2 in epoch 5, and the fetch it has sent.
fn follower(log: &[(u32, u64)]) -> (Quorum<&'static str>, FetchRequest) {
    let mut quorum = open(3, led_by(5, 2), log);
    let actions = perform(&mut quorum, NOW);
    let sent = fetches(&actions).pop().unwrap();
    (quorum, sent)
}

fn vote_request(number: u32, voter: ReplicaKey, pre_vote: bool) -> VoteRequest {
    let (last_epoch, last_offset) = (epoch(9), offset(100));
    VoteRequest {
        epoch: epoch(number),
        candidate: key(3),
        voter,
        last_epoch,
        last_offset,
        pre_vote,
    }
}

fn is_granted(actions: &Actions) -> bool {
    actions.iter().any(
        |it| matches!(it, Action::Respond { response: Response::Vote(vote), .. } if vote.granted),
    )
}

#[test]
fn a_vote_is_answered_only_once_it_is_written() {
    let mut quorum = open(3, in_epoch(1), &[]);
    perform(&mut quorum, NOW);
    quorum.handle_vote(NOW, ReplyTo(1), &vote_request(2, key(1), false));
    let mut answered = Vec::new();
    let mut written = Vec::new();
    for action in quorum.take_actions() {
        match action {
            Action::Persist(persist) => written.push(persist),
            other => answered.push(other),
        }
    }
    assert!(!is_granted(&answered));
    let last = written.last().map(|it| it.state().voted);
    assert_eq!(last, Some(Some(key(3))));
    for persist in written {
        quorum.handle_persisted(NOW, persist.done());
    }
    assert!(is_granted(&quorum.take_actions()));
}

#[test]
fn a_vote_is_given_once_in_an_epoch() {
    let mut quorum = open(3, in_epoch(1), &[]);
    quorum.handle_vote(NOW, ReplyTo(1), &vote_request(2, key(1), false));
    assert!(is_granted(&perform(&mut quorum, NOW)));
    let again = vote_request(2, key(1), false);
    quorum.handle_vote(NOW, ReplyTo(2), &again);
    assert!(
        is_granted(&perform(&mut quorum, NOW)),
        "to the same candidate it is said again"
    );
    quorum.handle_vote(
        NOW,
        ReplyTo(3),
        &VoteRequest {
            candidate: key(2),
            ..again
        },
    );
    assert!(!is_granted(&perform(&mut quorum, NOW)));
}

#[test]
fn votes_are_refused_to_the_stale_and_to_those_who_ask_another_disk() {
    let behind = VoteRequest {
        last_epoch: epoch(1),
        ..vote_request(6, key(1), false)
    };
    let shorter = VoteRequest {
        last_epoch: epoch(3),
        last_offset: offset(9),
        ..vote_request(6, key(1), false)
    };
    let cases = [
        ("its log is of an older epoch", behind),
        ("its log is shorter", shorter),
        ("its epoch is over", vote_request(4, key(1), false)),
        (
            "it asks an earlier disk",
            vote_request(6, other_disk(1), false),
        ),
    ];
    for (why, request) in cases {
        let mut quorum = open(3, in_epoch(5), &[(3, 10)]);
        quorum.handle_vote(NOW, ReplyTo(1), &request);
        assert!(!is_granted(&perform(&mut quorum, NOW)), "{why}");
        assert_eq!(quorum.election_state().voted, None, "{why}");
    }
}

#[test]
fn a_fetch_leaves_only_once_what_it_acknowledges_is_synced() {
    let (mut quorum, sent) = follower(&[]);
    let records = Fetched::Records(vec![batch(0, 4, 5)]);
    let response = answer(&quorum, 0, records);
    quorum.handle_fetch_response(NOW, &sent, response);
    let actions = quorum.take_actions();
    assert!(fetches(&actions).is_empty());
    let ticket = actions.into_iter().find_map(|it| match it {
        Action::Sync(ticket) => Some(ticket),
        _ => None,
    });
    quorum.handle_synced(NOW, ticket.unwrap().done());
    let next = fetches(&quorum.take_actions());
    assert_eq!(next.first().map(|it| it.fetch_offset), Some(offset(4)));
}

#[test]
fn what_is_read_back_is_not_acknowledged_before_it_is_synced_again() {
    let mut quorum = open(3, led_by(5, 2), &[(4, 10)]);
    assert_eq!(quorum.durable_end(), Offset::ZERO);
    let actions = quorum.take_actions();
    assert!(fetches(&actions).is_empty());
    assert!(actions.iter().any(|it| matches!(it, Action::Sync(_))));
}

#[test]
fn a_lone_voter_leads_once_its_vote_is_written_and_commits_once_its_log_is_synced() {
    let mut quorum = open(1, in_epoch(0), &[]);
    assert_eq!(quorum.role(), RoleName::Candidate);
    let actions = quorum.take_actions();
    for action in actions {
        if let Action::Persist(persist) = action {
            quorum.handle_persisted(NOW, persist.done());
        }
    }
    assert_eq!(quorum.role(), RoleName::Leader);
    assert_eq!(quorum.propose("value", 2), Ok(offset(3)..offset(5)));
    assert_eq!(quorum.high_watermark(), Offset::ZERO);
    perform(&mut quorum, NOW);
    assert_eq!(quorum.high_watermark(), offset(5));
}

#[test]
fn a_leader_that_starts_again_stands_in_the_next_epoch() {
    let mut quorum = open(3, led_by(5, 1), &[(5, 10)]);
    assert_eq!((quorum.role(), quorum.leader()), (RoleName::Resigned, None));
    assert!(quorum.propose("value", 1).is_err());
    elect(&mut quorum);
    assert_eq!(quorum.epoch(), epoch(6));
}

#[test]
fn a_leader_counts_of_its_own_log_only_what_is_durable() {
    let mut quorum = open(3, in_epoch(1), &[]);
    let now = elect(&mut quorum);
    perform(&mut quorum, now);
    let end = quorum.propose("value", 1).unwrap().end;
    let request = fetch(&quorum, 2, end.value(), 2);
    quorum.handle_fetch(now, &request);
    assert!(quorum.high_watermark() < end, "durable on one of three");
    perform(&mut quorum, now);
    assert_eq!(quorum.high_watermark(), end);
}

#[test]
fn records_of_an_older_epoch_are_committed_with_one_of_the_leaders_own() {
    let mut quorum = open(3, in_epoch(1), &[(1, 10)]);
    let now = elect(&mut quorum);
    perform(&mut quorum, now);
    let request = fetch(&quorum, 2, 10, 1);
    quorum.handle_fetch(now, &request);
    assert_eq!(
        quorum.high_watermark(),
        Offset::ZERO,
        "on a majority, yet not committed"
    );
    let end = quorum.log_end();
    let request = fetch(&quorum, 2, end.value(), 2);
    quorum.handle_fetch(now, &request);
    assert_eq!(quorum.high_watermark(), end);
}

#[test]
fn a_fetch_is_served_told_where_to_cut_or_sent_to_the_snapshot() {
    let mut quorum = open(3, in_epoch(6), &[(2, 10), (4, 20)]);
    let now = elect(&mut quorum);
    perform(&mut quorum, now);
    let end = quorum.log_end();
    let diverging = |number, end| Served::Diverging {
        epoch: epoch(number),
        end_offset: offset(end),
    };
    let cases = [
        (
            20,
            4,
            Served::Records {
                start: offset(20),
                end,
            },
        ),
        (
            10,
            2,
            Served::Records {
                start: offset(10),
                end,
            },
        ),
        (15, 2, diverging(2, 10)),
        (15, 3, diverging(2, 10)),
        (30, 5, diverging(4, 20)),
        (5, 1, diverging(0, 0)),
    ];
    for (offset, number, expected) in cases {
        let request = fetch(&quorum, 3, offset, number);
        assert_eq!(
            quorum.answer_fetch(&request).served,
            expected,
            "{offset} of epoch {number}"
        );
    }
    let request = fetch(&quorum, 2, end.value(), 7);
    quorum.handle_fetch(now, &request);
    let id = quorum.snapshot_id(offset(20)).unwrap();
    assert_eq!(id.epoch, epoch(4));
    quorum.handle_snapshot_written(id, 100);
    let id = quorum.snapshot_id(end).unwrap();
    quorum.handle_snapshot_written(id, 100);
    let trimmed = quorum.snapshot_id(offset(20)).unwrap();
    assert_eq!(
        quorum.log_start(),
        offset(0),
        "one snapshot more than is kept"
    );
    assert_eq!(trimmed.epoch, epoch(4));
    let request = fetch(&quorum, 3, 0, 0);
    assert_eq!(quorum.answer_fetch(&request).served, Served::Snapshot(id));
}

#[test]
fn a_fetch_of_another_epoch_is_refused() {
    let mut quorum = open(3, in_epoch(6), &[]);
    let request = fetch(&quorum, 2, 0, 0);
    assert_eq!(
        quorum.answer_fetch(&request).error,
        ErrorCode::NotLeaderOrFollower
    );
    elect(&mut quorum);
    assert_eq!(
        quorum.answer_fetch(&request).error,
        ErrorCode::FencedLeaderEpoch
    );
    let request = FetchRequest {
        epoch: epoch(8),
        ..request
    };
    assert_eq!(
        quorum.answer_fetch(&request).error,
        ErrorCode::UnknownLeaderEpoch
    );
}

#[test]
fn a_follower_cuts_its_log_by_epoch() {
    // The leader's records of the epoch end at the offset; ours may end before that.
    let cases = [((4, 15), 15), ((4, 40), 20), ((3, 12), 10), ((2, 8), 8)];
    for ((number, end), expected) in cases {
        let (mut quorum, sent) = follower(&[(2, 10), (4, 20), (5, 30)]);
        let cut = Fetched::Diverging {
            epoch: epoch(number),
            end_offset: offset(end),
        };
        let response = answer(&quorum, 0, cut);
        quorum.handle_fetch_response(NOW, &sent, response);
        let actions = perform(&mut quorum, NOW);
        let cut = Action::Truncate {
            to: offset(expected),
        };
        assert!(
            actions.contains(&cut),
            "epoch {number} ends at {end}: {actions:?}"
        );
        assert_eq!(
            fetches(&actions).pop().unwrap().fetch_offset,
            offset(expected)
        );
    }
}

#[test]
fn a_follower_halts_rather_than_cut_what_is_committed() {
    let (mut quorum, sent) = follower(&[(2, 10)]);
    let response = answer(&quorum, 10, Fetched::Records(Vec::new()));
    quorum.handle_fetch_response(NOW, &sent, response);
    let sent = fetches(&perform(&mut quorum, NOW)).pop().unwrap();
    assert_eq!(quorum.high_watermark(), offset(10));
    let cut = Fetched::Diverging {
        epoch: epoch(2),
        end_offset: offset(8),
    };
    let response = answer(&quorum, 10, cut);
    quorum.handle_fetch_response(NOW, &sent, response);
    let actions = perform(&mut quorum, NOW);
    assert!(actions.iter().any(|it| matches!(it, Action::Halt(_))));
    assert_eq!(quorum.log_end(), offset(10));
}

#[test]
fn an_answer_that_does_not_continue_the_log_is_not_appended() {
    let cases = [
        ("a gap", batch(12, 14, 5)),
        ("an overlap", batch(8, 14, 5)),
        ("no records", batch(10, 10, 5)),
        ("an epoch that is over", batch(10, 14, 3)),
        ("an epoch to come", batch(10, 14, 6)),
    ];
    for (why, batch) in cases {
        let (mut quorum, sent) = follower(&[(4, 10)]);
        let response = answer(&quorum, 0, Fetched::Records(vec![batch]));
        quorum.handle_fetch_response(NOW, &sent, response);
        let actions = perform(&mut quorum, NOW);
        assert!(actions.is_empty(), "{why}: {actions:?}");
        assert_eq!(quorum.log_end(), offset(10), "{why}");
    }
}

#[test]
fn an_answer_to_an_earlier_fetch_is_ignored() {
    let (mut quorum, sent) = follower(&[]);
    let response = answer(&quorum, 0, Fetched::Records(vec![batch(0, 4, 5)]));
    quorum.handle_fetch_response(NOW, &sent, response.clone());
    perform(&mut quorum, NOW);
    quorum.handle_fetch_response(NOW, &sent, response);
    assert!(perform(&mut quorum, NOW).is_empty());
    assert_eq!(quorum.log_end(), offset(4));
}

#[test]
fn a_leader_that_is_heard_is_not_disturbed_until_its_connection_is_lost() {
    let (mut quorum, sent) = follower(&[]);
    let response = answer(&quorum, 0, Fetched::Records(Vec::new()));
    quorum.handle_fetch_response(NOW, &sent, response);
    quorum.handle_vote(NOW, ReplyTo(1), &vote_request(5, key(1), true));
    assert!(!is_granted(&perform(&mut quorum, NOW)));

    quorum.handle_disconnected(NOW, BrokerId::new(3));
    assert!(
        quorum.next_deadline() > at(1_000),
        "another broker's connection says nothing"
    );
    quorum.handle_disconnected(NOW, BrokerId::new(2));
    assert!(quorum.next_deadline() <= at(100));
    quorum.handle_vote(NOW, ReplyTo(2), &vote_request(5, key(1), true));
    assert!(is_granted(&perform(&mut quorum, NOW)));
    quorum.tick(at(100));
    assert_eq!(quorum.role(), RoleName::Prospective);
    assert_eq!(
        quorum.epoch(),
        epoch(5),
        "a pre-vote has no epoch of its own"
    );
}

#[test]
fn a_leader_without_a_majority_that_fetches_resigns() {
    let mut quorum = open(3, in_epoch(1), &[]);
    let now = elect(&mut quorum);
    perform(&mut quorum, now);
    let later = now + Duration::from_millis(2_000);
    let request = fetch(&quorum, 3, 0, 0);
    quorum.handle_fetch(later, &request);
    quorum.tick(now + Duration::from_millis(3_100));
    assert_eq!(quorum.role(), RoleName::Leader, "one of two others fetched");
    quorum.tick(later + Duration::from_millis(3_000));
    assert_eq!(quorum.role(), RoleName::Resigned);
    let actions = perform(&mut quorum, later);
    let told = requests(&actions).into_iter().find_map(|it| match it {
        Request::EndQuorumEpoch(told) => Some(told.preferred.clone()),
        _ => None,
    });
    assert_eq!(told, Some(vec![key(2), key(3)]));
}

#[test]
fn whom_a_resigned_leader_prefers_stands_at_once_and_the_others_wait() {
    for (preferred, expected) in [
        (vec![key(1), key(3)], RoleName::Candidate),
        (vec![key(3), key(1)], RoleName::Follower),
    ] {
        let (mut quorum, _) = follower(&[]);
        let leader = BrokerId::new(2);
        let request = EndQuorumEpochRequest {
            epoch: epoch(5),
            leader,
            preferred,
        };
        quorum.handle_end_quorum_epoch(NOW, ReplyTo(1), &request);
        assert_eq!(quorum.role(), expected);
        assert!(quorum.next_deadline() <= at(2_000));
    }
}

/// A leader of three whose epoch is established, and an observer, replica 4, that has caught up.
fn established() -> (Quorum<&'static str>, Monotonic) {
    let mut quorum = open(3, in_epoch(1), &[]);
    let now = elect(&mut quorum);
    perform(&mut quorum, now);
    let end = quorum.log_end().value();
    for replica in [2, 3, 4] {
        let request = fetch(&quorum, replica, end, 2);
        quorum.handle_fetch(now, &request);
    }
    perform(&mut quorum, now);
    (quorum, now)
}

fn add(voter: ReplicaKey) -> AddVoterRequest {
    AddVoterRequest {
        voter,
        endpoints: Vec::new(),
    }
}

#[test]
fn the_voters_change_one_at_a_time() {
    let (mut quorum, now) = established();
    quorum.handle_add_voter(now, ReplyTo(1), &add(key(4)));
    assert_eq!(
        quorum.voters(),
        &voters(&[1, 2, 3, 4]),
        "in force before it is committed"
    );
    quorum.handle_remove_voter(now, ReplyTo(2), &RemoveVoterRequest { voter: key(3) });
    let actions = perform(&mut quorum, now);
    assert_eq!(change_errors(&actions), [ErrorCode::RequestTimedOut]);
    let end = quorum.log_end();
    for replica in [2, 4] {
        let request = fetch(&quorum, replica, end.value(), 2);
        quorum.handle_fetch(now, &request);
    }
    assert_eq!(change_errors(&perform(&mut quorum, now)), [ErrorCode::None]);
    assert_eq!(quorum.high_watermark(), end);
}

#[test]
fn a_change_of_the_voters_that_would_do_harm_is_refused() {
    type Change = fn(&mut Quorum<&'static str>, Monotonic);
    let cases: [(Change, ErrorCode); 5] = [
        (
            |it, now| it.handle_add_voter(now, ReplyTo(1), &add(key(5))),
            ErrorCode::RequestTimedOut,
        ),
        (
            |it, now| it.handle_add_voter(now, ReplyTo(1), &add(other_disk(2))),
            ErrorCode::DuplicateVoter,
        ),
        (
            |it, now| {
                let request = RemoveVoterRequest {
                    voter: other_disk(2),
                };
                it.handle_remove_voter(now, ReplyTo(1), &request);
            },
            ErrorCode::VoterNotFound,
        ),
        (
            |it, now| {
                // Replica 3 has gone; without replica 2 there would be one of two.
                let later = now + Duration::from_millis(2_900);
                let request = fetch(it, 2, it.log_end().value(), 2);
                it.handle_fetch(later, &request);
                let later = now + Duration::from_millis(3_500);
                let request = RemoveVoterRequest { voter: key(2) };
                it.handle_remove_voter(later, ReplyTo(1), &request);
            },
            ErrorCode::InvalidRequest,
        ),
        (
            |it, now| {
                let (epoch, voter, endpoints) = (epoch(1), key(2), Vec::new());
                let request = UpdateVoterRequest {
                    epoch,
                    voter,
                    endpoints,
                };
                it.handle_update_voter(now, ReplyTo(1), &request);
            },
            ErrorCode::FencedLeaderEpoch,
        ),
    ];
    for (change, expected) in cases {
        let (mut quorum, now) = established();
        change(&mut quorum, now);
        assert_eq!(change_errors(&perform(&mut quorum, now)), [expected]);
        assert_eq!(quorum.voters(), &voters(&[1, 2, 3]));
    }
}

#[test]
fn a_leader_that_removes_itself_leads_until_that_is_committed() {
    let (mut quorum, now) = established();
    quorum.handle_remove_voter(now, ReplyTo(1), &RemoveVoterRequest { voter: key(1) });
    perform(&mut quorum, now);
    assert_eq!(quorum.role(), RoleName::Leader);
    let end = quorum.log_end().value();
    let request = fetch(&quorum, 2, end, 2);
    quorum.handle_fetch(now, &request);
    assert_eq!(
        quorum.role(),
        RoleName::Leader,
        "its own log no longer counts"
    );
    let request = fetch(&quorum, 3, end, 2);
    quorum.handle_fetch(now, &request);
    assert_eq!(quorum.role(), RoleName::Resigned);
    assert_eq!(change_errors(&perform(&mut quorum, now)), [ErrorCode::None]);
    assert!(!quorum.may_stand());
}

/// A follower that was told to fetch a snapshot of 100 bytes, and its first request for it.
fn downloading() -> (Quorum<&'static str>, FetchSnapshotRequest) {
    let (mut quorum, sent) = follower(&[(2, 10)]);
    let id = SnapshotId {
        end_offset: offset(50),
        epoch: epoch(4),
    };
    let response = answer(&quorum, 60, Fetched::Snapshot(id));
    quorum.handle_fetch_response(NOW, &sent, response);
    let request = snapshot_requests(&perform(&mut quorum, NOW)).pop().unwrap();
    assert_eq!((request.id, request.position), (id, 0));
    (quorum, request)
}

fn snapshot_requests(actions: &Actions) -> Vec<FetchSnapshotRequest> {
    let asked = requests(actions).into_iter().filter_map(|it| match it {
        Request::FetchSnapshot(request) => Some(request.clone()),
        _ => None,
    });
    asked.collect()
}

fn part(request: &FetchSnapshotRequest, length: u64) -> FetchSnapshotResponse<&'static str> {
    FetchSnapshotResponse {
        error: ErrorCode::None,
        epoch: request.epoch,
        leader: None,
        id: request.id,
        size: 100,
        position: request.position,
        length,
        payload: "bytes",
    }
}

#[test]
fn a_snapshot_is_fetched_loaded_and_installed() {
    let (mut quorum, request) = downloading();
    quorum.handle_fetch_snapshot_response(NOW, &request, part(&request, 60));
    let next = snapshot_requests(&perform(&mut quorum, NOW)).pop().unwrap();
    assert_eq!(next.position, 60);
    quorum.handle_fetch_snapshot_response(NOW, &next, part(&next, 40));
    let actions = perform(&mut quorum, NOW);
    assert!(actions.contains(&Action::LoadSnapshot(request.id)));
    let loaded = LoadedSnapshot {
        voters: voters(&[1, 2, 3]),
        size: 100,
    };
    quorum.handle_snapshot_loaded(NOW, request.id, Ok(loaded));
    let actions = perform(&mut quorum, NOW);
    assert!(actions.contains(&Action::InstallSnapshot(request.id)));
    assert_eq!(
        (quorum.log_start(), quorum.log_end()),
        (offset(50), offset(50))
    );
    assert_eq!(quorum.high_watermark(), offset(50));
    let next = fetches(&actions).pop().unwrap();
    assert_eq!(
        (next.fetch_offset, next.last_fetched_epoch),
        (offset(50), epoch(4))
    );
}

#[test]
fn a_snapshot_that_could_not_be_loaded_is_not_an_empty_one() {
    let (mut quorum, request) = downloading();
    quorum.handle_fetch_snapshot_response(NOW, &request, part(&request, 100));
    perform(&mut quorum, NOW);
    quorum.handle_snapshot_loaded(NOW, request.id, Err(LoadFailed));
    assert!(perform(&mut quorum, NOW).is_empty());
    assert_eq!(quorum.log_end(), offset(10));
    quorum.tick(quorum.next_deadline());
    assert_eq!(
        fetches(&perform(&mut quorum, NOW)).len(),
        1,
        "the leader says again what to fetch"
    );
}

#[test]
fn a_snapshot_that_nobody_waits_for_any_more_is_not_installed() {
    let (mut quorum, request) = downloading();
    quorum.handle_fetch_snapshot_response(NOW, &request, part(&request, 100));
    let (number, leader) = (epoch(6), BrokerId::new(3));
    let request_6 = BeginQuorumEpochRequest {
        epoch: number,
        leader,
        voter: key(1),
    };
    quorum.handle_begin_quorum_epoch(NOW, ReplyTo(1), &request_6);
    perform(&mut quorum, NOW);
    let loaded = LoadedSnapshot {
        voters: voters(&[1, 2, 3]),
        size: 100,
    };
    quorum.handle_snapshot_loaded(NOW, request.id, Ok(loaded));
    assert!(perform(&mut quorum, NOW).is_empty());
    assert_eq!(quorum.log_end(), offset(10));
}

#[test]
fn parts_that_do_not_fit_begin_the_snapshot_anew() {
    type Spoil = fn(&mut FetchSnapshotResponse<&'static str>);
    let cases: [(&str, Spoil); 4] = [
        ("past its size", |it| it.length = 101),
        ("past all numbers", |it| it.length = u64::MAX),
        ("nothing", |it| it.length = 0),
        ("another part", |it| it.position = 1),
    ];
    for (why, spoil) in cases {
        let (mut quorum, request) = downloading();
        let mut response = part(&request, 60);
        spoil(&mut response);
        quorum.handle_fetch_snapshot_response(NOW, &request, response);
        let actions = perform(&mut quorum, NOW);
        assert!(actions.is_empty(), "{why}: {actions:?}");
    }
}

#[test]
fn a_part_of_a_snapshot_is_given_only_where_there_is_one() {
    let (mut quorum, now) = established();
    let id = quorum.snapshot_id(quorum.high_watermark()).unwrap();
    quorum.handle_snapshot_written(id, 100);
    let unknown = SnapshotId {
        end_offset: offset(1),
        ..id
    };
    let cases = [
        (id, 0, ErrorCode::None),
        (id, 99, ErrorCode::None),
        (id, 100, ErrorCode::PositionOutOfRange),
        (id, u64::MAX, ErrorCode::PositionOutOfRange),
        (unknown, 0, ErrorCode::SnapshotNotFound),
    ];
    for (id, position, expected) in cases {
        let (epoch, replica) = (quorum.epoch(), key(4));
        let request = FetchSnapshotRequest {
            epoch,
            replica,
            id,
            position,
        };
        let answer = quorum.handle_fetch_snapshot(now, &request);
        assert_eq!(answer.error, expected, "{id:?} from {position}");
    }
}

#[test]
fn a_leader_describes_voters_and_observers() {
    let (quorum, now) = established();
    let described = quorum.describe(now);
    assert_eq!(described.leader, Some(BrokerId::new(1)));
    assert_eq!(described.high_watermark, quorum.log_end());
    let keys = |of: &[ReplicaDescription]| of.iter().map(|it| it.replica).collect::<Vec<_>>();
    assert_eq!(keys(&described.voters), [key(1), key(2), key(3)]);
    assert_eq!(keys(&described.observers), [key(4)]);
    let caught_up: Vec<_> = described
        .voters
        .iter()
        .map(|it| it.last_caught_up)
        .collect();
    assert_eq!(caught_up, [Some(now); 3]);
}

#[test]
fn a_replica_without_voters_asks_the_bootstrap_servers_and_never_stands() {
    let timeouts = Timeouts::default();
    let config = Config {
        me: key(4),
        endpoints: Vec::new(),
        timeouts,
        seed: 7,
    };
    let mut quorum: Quorum<&'static str> = Quorum::open(NOW, config, Recovered::default()).unwrap();
    let now = quorum.next_deadline();
    quorum.tick(now);
    let actions = perform(&mut quorum, now);
    let targets = actions.iter().filter_map(|it| match it {
        Action::Send { to, .. } => Some(*to),
        _ => None,
    });
    assert_eq!(targets.collect::<Vec<_>>(), [Target::Bootstrap]);
    quorum.tick(now + Duration::from_secs(60));
    assert_eq!(
        (quorum.role(), quorum.epoch()),
        (RoleName::Unattached, Epoch::ZERO)
    );
}

#[test]
fn an_observer_that_learned_of_the_voters_forgets_them_with_their_record() {
    let timeouts = Timeouts::default();
    let config = Config {
        me: key(4),
        endpoints: Vec::new(),
        timeouts,
        seed: 7,
    };
    let recovered = Recovered {
        election: led_by(5, 2),
        epochs: vec![EpochStart {
            epoch: epoch(4),
            start_offset: Offset::ZERO,
        }],
        log_end: offset(6),
        voters: vec![(offset(3), voters(&[1, 2, 3]))],
        ..Recovered::default()
    };
    let mut quorum: Quorum<&'static str> = Quorum::open(NOW, config, recovered).unwrap();
    assert_eq!(quorum.voters(), &voters(&[1, 2, 3]));
    let sent = fetches(&perform(&mut quorum, NOW)).pop().unwrap();
    let cut = Fetched::Diverging {
        epoch: Epoch::ZERO,
        end_offset: Offset::ZERO,
    };
    let response = answer(&quorum, 0, cut);
    quorum.handle_fetch_response(NOW, &sent, response);
    assert!(quorum.voters().is_empty());
}

#[test]
fn an_observer_gets_only_what_is_committed() {
    let (mut quorum, now) = established();
    let committed = quorum.high_watermark();
    let end = quorum.propose("value", 1).unwrap().end;
    perform(&mut quorum, now);
    let start = committed;
    let voter = fetch(&quorum, 2, start.value(), 2);
    assert_eq!(
        quorum.answer_fetch(&voter).served,
        Served::Records { start, end }
    );
    let observer = fetch(&quorum, 4, start.value(), 2);
    let nothing = Served::Records { start, end: start };
    assert_eq!(quorum.answer_fetch(&observer).served, nothing);
    let acknowledged = fetch(&quorum, 2, end.value(), 2);
    quorum.handle_fetch(now, &acknowledged);
    assert_eq!(
        quorum.answer_fetch(&observer).served,
        Served::Records { start, end }
    );
}

/// What a survivor of three voters is made of, after a recovery from its log of one record.
fn recovered() -> Recovered {
    Recovered {
        election: led_by(3, 2),
        epochs: vec![EpochStart {
            epoch: epoch(3),
            start_offset: Offset::ZERO,
        }],
        log_end: offset(5),
        voters: vec![(Offset::ZERO, voters(&[1, 2, 3]))],
        ..Recovered::default()
    }
}

/// The first epoch of the second generation.
const RECOVERED: u32 = 1 << 24;

#[test]
fn a_survivor_is_made_the_only_voter_above_all_epochs_that_were() {
    let made = recovered()
        .sole_voter(key(1), Vec::new(), epoch(9))
        .unwrap();
    assert_eq!(made.base_offset, offset(5));
    assert_eq!(made.records, [ControlRecord::Voters(voters(&[1]))]);
    assert_eq!(made.epoch, epoch(RECOVERED));
    assert_eq!(made.election, in_epoch(RECOVERED));
    let heard = epoch(RECOVERED + 5);
    let again = recovered().sole_voter(key(1), Vec::new(), heard).unwrap();
    assert_eq!(again.epoch, epoch(2 * RECOVERED));
}

#[test]
fn a_recovery_that_was_cut_short_keeps_the_replica_closed_and_can_be_done_again() {
    let mut found = recovered();
    found.epochs.push(EpochStart {
        epoch: epoch(RECOVERED),
        start_offset: offset(5),
    });
    found.log_end = offset(6);
    found.voters.push((offset(6), voters(&[1])));
    let config = Config {
        me: key(1),
        endpoints: Vec::new(),
        timeouts: Timeouts::default(),
        seed: 7,
    };
    let opened = Quorum::<&'static str>::open(NOW, config, found.clone());
    let (log_epoch, epoch) = (epoch(RECOVERED), epoch(3));
    assert_eq!(
        opened.err(),
        Some(OpenError::EpochForgotten { log_epoch, epoch })
    );
    let made = found.sole_voter(key(1), Vec::new(), epoch).unwrap();
    assert_eq!(made.epoch.value(), 2 * RECOVERED);
}

#[test]
fn a_survivor_without_a_log_is_not_recovered() {
    let made = Recovered::default().sole_voter(key(1), Vec::new(), Epoch::ZERO);
    assert_eq!(made, Err(SoleVoterError::NothingToGoOnWith));
}

#[test]
fn a_recovered_survivor_leads_alone_and_votes_for_nobody_of_before() {
    let mut found = recovered();
    found.epochs.push(EpochStart {
        epoch: epoch(RECOVERED),
        start_offset: offset(5),
    });
    (found.log_end, found.election) = (offset(6), in_epoch(RECOVERED));
    found.voters.push((offset(6), voters(&[1])));
    let config = Config {
        me: key(1),
        endpoints: Vec::new(),
        timeouts: Timeouts::default(),
        seed: 7,
    };
    let mut quorum = Quorum::open(NOW, config, found).unwrap();
    perform(&mut quorum, NOW);
    assert_eq!(quorum.role(), RoleName::Leader);
    assert_eq!(quorum.high_watermark(), quorum.log_end());
    // Another voter of before, with a longer log, in its own epoch and in one that it has heard of.
    for number in [4, RECOVERED + 7] {
        let request = VoteRequest {
            last_offset: offset(1_000),
            last_epoch: epoch(4),
            ..vote_request(number, key(1), false)
        };
        quorum.handle_vote(NOW, ReplyTo(1), &request);
        assert!(!is_granted(&perform(&mut quorum, NOW)), "{number}");
    }
}

#[test]
fn a_voter_of_before_that_has_heard_of_a_recovery_never_stands() {
    let mut quorum = open(3, in_epoch(4), &[(4, 9)]);
    assert!(quorum.may_stand());
    let response = VoteResponse {
        error: ErrorCode::InvalidVoterKey,
        epoch: epoch(RECOVERED + 1),
        leader: None,
        granted: false,
    };
    let request = vote_request(4, key(2), true);
    quorum.handle_vote_response(NOW, &request, &response);
    assert_eq!(quorum.epoch(), epoch(RECOVERED + 1));
    assert!(!quorum.may_stand());
    for millis in (0..60_000).step_by(500) {
        quorum.tick(at(millis));
        perform(&mut quorum, at(millis));
        assert_eq!(quorum.role(), RoleName::Unattached);
    }
}
