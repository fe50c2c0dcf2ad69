//! A survivor's disk before and after, and the objections to recovering from it.

use broker_log::dir::memory::{Call, MemoryDir, Verdict};
use broker_metadata::feature::bootstrap_records;
use broker_raft::{Config, OpenError, Quorum, Timeouts};
use broker_types::{DirectoryId, Monotonic};
use broker_wire::messages::register_broker_record::RegisterBrokerRecord;
use bytes::Bytes;

use super::*;
use crate::quorum::format;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn voter(id: u32) -> FirstVoter {
    FirstVoter {
        id: BrokerId::new(id),
        directory_id: DirectoryId::from_bytes([u8::try_from(id).unwrap(); 16]),
        peer: Peer {
            host: format!("broker-{id}"),
            port: 9091,
        },
    }
}

fn key(id: u32) -> ReplicaKey {
    let FirstVoter {
        id, directory_id, ..
    } = voter(id);
    ReplicaKey { id, directory_id }
}

fn files(dir: &MemoryDir) -> OpenFiles<MemoryDir> {
    OpenFiles::new(dir.clone(), NonZeroUsize::MIN)
}

/// Three brokers that are not fenced.
fn registrations() -> Vec<MetadataRecord> {
    let registration = |id: i32| RegisterBrokerRecord {
        broker_id: id,
        broker_epoch: i64::from(id),
        incarnation_id: [0xaa; 16],
        fenced: false,
        log_dirs: vec![[u8::try_from(id).unwrap(); 16]],
        cordoned_log_dirs: Some(Vec::new()),
        ..RegisterBrokerRecord::default()
    };
    (1..=3).map(|it| registration(it).into()).collect()
}

/// The disk of broker 1 of three, with one batch of records in epoch 2.
fn disk() -> MemoryDir {
    let dir = MemoryDir::new();
    format(&dir, &[voter(1), voter(2), voter(3)], NOW).unwrap();
    let mut store = Store::open(&files(&dir), NOW).unwrap().store;
    let mut records = bootstrap_records();
    records.extend(registrations());
    let batch = batches::encode(Offset::ZERO, Epoch::new(2), NOW, &records).unwrap();
    store.append(&batch, NOW).unwrap();
    while let Some(request) = store.sync_request() {
        store.handle_synced(perform(request)).unwrap();
    }
    let election = broker_raft::ElectionState {
        epoch: Epoch::new(3),
        voted: None,
        leader: Some(BrokerId::new(2)),
    };
    store.persist(&election).unwrap();
    dir
}

fn survivor(dir: &MemoryDir) -> Survivor<MemoryDir> {
    Survivor::open(dir, "cluster", voter(1), NOW).unwrap()
}

fn start(dir: &MemoryDir) -> Result<Quorum<Bytes>, OpenError> {
    let config = Config {
        me: key(1),
        endpoints: Vec::new(),
        timeouts: Timeouts::default(),
        seed: 7,
    };
    let recovered = Store::open(&files(dir), NOW).unwrap().recovered;
    Quorum::open(Monotonic::ZERO, config, recovered)
}

#[test]
fn a_recovered_broker_has_its_log_and_is_the_only_voter() {
    let dir = disk();
    let before = survivor(&dir);
    let (epoch, end) = before.position();
    assert_eq!((epoch, before.voters().len()), (Epoch::new(2), 3));
    let first = before
        .become_sole_voter(&[], Durability::Fsync, NOW)
        .unwrap();
    let after = survivor(&dir.crash_power(1));
    assert_eq!(after.position(), (first, end.advance(1)));
    let voters = after.voters();
    assert_eq!(voters.keys().collect::<Vec<_>>(), [key(1)]);
    let listens = &voters.get(BrokerId::new(1)).unwrap().endpoints;
    assert_eq!((&*listens[0].host, listens[0].port), ("broker-1", 9091));
}

#[test]
fn an_epoch_that_a_living_voter_tells_of_is_passed() {
    let epoch = Epoch::new(1 << 24);
    let other = lives(2, epoch.value(), None, false);
    let first = survivor(&disk())
        .become_sole_voter(&[other], Durability::Fsync, NOW)
        .unwrap();
    assert_eq!(first.value(), 2 << 24);
}

#[test]
fn a_recovery_that_is_cut_short_anywhere_is_not_begun_or_can_be_completed() {
    let (mut n_untouched, mut n_closed) = (0, 0);
    for n_calls in 0.. {
        for seed in 0..8 {
            let dir = disk();
            let at = survivor(&dir);
            let mut left = n_calls;
            dir.set_policy(Some(Box::new(move |call, _| {
                if call == Call::Read {
                    return Verdict::Pass;
                }
                if left == 0 {
                    return Verdict::Fail(std::io::ErrorKind::Other);
                }
                left -= 1;
                Verdict::Pass
            })));
            let gone = [gone(2), gone(3)];
            let is_done = at.become_sole_voter(&gone, Durability::Fsync, NOW).is_ok();
            let dir = dir.crash_power(seed);
            if is_done {
                assert!(start(&dir).is_ok());
                assert_eq!(unfenced(&dir), [BrokerId::new(1)]);
                assert!(n_untouched > 0 && n_closed > 0, "every step was seen");
                return;
            }
            let again = survivor(&dir);
            match start(&dir) {
                Ok(quorum) if quorum.voters().len() == 3 => {
                    assert!(!again.is_cut_short());
                    n_untouched += 1;
                }
                // The election state was written, and the process did not get to know it.
                Ok(quorum) => assert_eq!(quorum.voters().len(), 1),
                Err(error) => {
                    assert!(matches!(error, OpenError::EpochForgotten { .. }), "{error}");
                    assert!(again.is_cut_short());
                    assert_eq!(again.object(&[]), Ok(()));
                    n_closed += 1;
                }
            }
            // Whom it asks is who votes, as far as the log goes.
            let asked = if again.voters().len() == 3 {
                &gone[..]
            } else {
                &[]
            };
            again
                .become_sole_voter(asked, Durability::Fsync, NOW)
                .unwrap();
            assert_eq!(start(&dir).unwrap().voters().len(), 1);
            assert_eq!(unfenced(&dir), [BrokerId::new(1)]);
        }
    }
}

fn gone(id: u32) -> OtherVoter {
    OtherVoter {
        key: key(id),
        heard: Heard::Stranger,
    }
}

fn unfenced(dir: &MemoryDir) -> Vec<BrokerId> {
    let survivor = survivor(dir);
    let brokers = survivor.image.brokers().filter(|it| !it.is_fenced);
    brokers.map(|it| it.id).collect()
}

fn lives(id: u32, epoch: u32, leader: Option<u32>, is_ahead: bool) -> OtherVoter {
    OtherVoter {
        key: key(id),
        heard: Heard::Lives {
            epoch: Epoch::new(epoch),
            leader: leader.map(BrokerId::new),
            is_ahead,
        },
    }
}

fn silent(id: u32) -> OtherVoter {
    OtherVoter {
        key: key(id),
        heard: Heard::Silence(CallError::Refused),
    }
}

fn stranger(id: u32) -> OtherVoter {
    OtherVoter {
        key: key(id),
        heard: Heard::Stranger,
    }
}

#[test]
fn a_quorum_that_is_not_lost_is_not_recovered() {
    let not_lost = |n_living, n_voters, majority| {
        Err(Objection::NotLost {
            n_living,
            n_voters,
            majority,
        })
    };
    let (two, three) = (BrokerId::new(2), BrokerId::new(3));
    let observer = 9;
    let cases = [
        // Of three, this one lives.
        (1, 3, vec![silent(2), silent(3)], Ok(())),
        (1, 3, vec![stranger(2), silent(3)], Ok(())),
        // Another one lives, too: the two are a majority.
        (
            1,
            3,
            vec![lives(2, 3, None, false), silent(3)],
            not_lost(2, 3, 2),
        ),
        // This one is enough.
        (1, 1, vec![], not_lost(1, 1, 1)),
        // Of five, two live.
        (1, 5, vec![lives(2, 3, None, false), silent(3)], Ok(())),
        (
            1,
            5,
            vec![lives(2, 3, None, true), silent(3)],
            Err(Objection::Ahead { voter: two }),
        ),
        (
            1,
            5,
            vec![lives(2, 3, Some(3), true)],
            Err(Objection::Led {
                voter: two,
                leader: three,
            }),
        ),
        // An observer does not count.
        (observer, 3, vec![lives(2, 3, None, false)], Ok(())),
        (
            observer,
            3,
            vec![lives(2, 3, None, false), lives(3, 3, None, false)],
            not_lost(2, 3, 2),
        ),
    ];
    for (me, n_voters, others, expected) in cases {
        let voters = VoterSet::new((1..=n_voters).map(|it| (key(it), Vec::new())));
        let found = object(&voters, key(me), &others);
        assert_eq!(found, expected, "{me} of {n_voters}: {others:?}");
    }
}
