//! Placements by example, over all small sizes, and where racks or brokers are missing.

use super::*;

fn broker(id: u32, rack: &str) -> Broker<'_> {
    Broker {
        id: BrokerId::new(id),
        rack: (!rack.is_empty()).then_some(rack),
        is_active: true,
        replicas: 0,
        leaders: 0,
    }
}

/// `racks` racks of `size` brokers each, ids counted through.
fn racks_of(racks: u32, size: u32) -> Vec<Broker<'static>> {
    const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
    (0..racks * size)
        .map(|it| broker(it, NAMES[(it % racks) as usize]))
        .collect()
}

fn request<'a>(brokers: &'a [Broker<'a>], partitions: usize, factor: usize) -> Request<'a> {
    Request {
        brokers,
        existing: &[],
        partitions,
        replication_factor: factor,
    }
}

fn ids(placed: &[Vec<BrokerId>]) -> Vec<Vec<u32>> {
    placed
        .iter()
        .map(|it| it.iter().map(|id| id.value()).collect())
        .collect()
}

fn spread<K: Ord>(keys: impl Iterator<Item = K>, all: impl Iterator<Item = K>) -> usize {
    let mut counts: BTreeMap<K, usize> = all.map(|it| (it, 0)).collect();
    for key in keys {
        *counts.get_mut(&key).unwrap() += 1;
    }
    counts.values().max().unwrap() - counts.values().min().unwrap()
}

fn rack_of<'a>(brokers: &'a [Broker<'a>], id: BrokerId) -> Option<&'a str> {
    brokers.iter().find(|it| it.id == id).unwrap().rack
}

#[test]
fn placements_are_as_written() {
    let brokers = racks_of(3, 1);
    let three = |partitions| ids(&place(&request(&brokers, partitions, 3)).unwrap());
    assert_eq!(three(1), [[0, 1, 2]]);
    assert_eq!(
        three(6),
        [
            [0, 1, 2],
            [1, 0, 2],
            [2, 0, 1],
            [0, 2, 1],
            [1, 2, 0],
            [2, 1, 0]
        ]
    );
    let two = ids(&place(&request(&brokers, 3, 2)).unwrap());
    assert_eq!(two, [[0, 1], [2, 0], [1, 2]]);
}

#[test]
fn impossible_requests_are_refused() {
    let brokers = racks_of(3, 1);
    let fenced: Vec<Broker<'_>> = brokers
        .iter()
        .map(|it| Broker {
            is_active: false,
            ..*it
        })
        .collect();
    let over = |brokers| Error::ReplicationFactorOverBrokers {
        replication_factor: 4,
        brokers,
    };
    let cases: [(&[Broker<'_>], usize, Error); 4] = [
        (&brokers, 4, over(3)),
        (&[], 4, over(0)),
        (&brokers, 0, Error::NoReplicas),
        (&fenced, 3, Error::NoActiveBroker),
    ];
    for (brokers, factor, error) in cases {
        assert_eq!(place(&request(brokers, 1, factor)), Err(error));
    }
}

/// All sizes up to 4 racks of 4 brokers, all factors, all numbers of partitions up to 25.
#[test]
fn equal_racks_are_used_evenly() {
    let mut checked = 0;
    for (racks, size) in (1..=4).flat_map(|racks| (1..=4).map(move |size| (racks, size))) {
        let brokers = racks_of(racks, size);
        for factor in 1..=brokers.len() {
            for partitions in 1..=25 {
                let placed = place(&request(&brokers, partitions, factor)).unwrap();
                let context = format!("{racks} racks of {size}, {partitions} x {factor}");
                let all = || brokers.iter().map(|it| it.id);
                let all_racks = || brokers.iter().map(|it| it.rack);
                let replicas = || placed.iter().flatten().copied();
                let leaders = || placed.iter().map(|it| it[0]);
                assert!(spread(replicas(), all()) <= 1, "replicas: {context}");
                assert!(spread(leaders(), all()) <= 1, "leaders: {context}");
                let replica_racks = replicas().map(|it| rack_of(&brokers, it));
                assert!(spread(replica_racks, all_racks()) <= 1, "racks: {context}");
                for replicas in &placed {
                    let distinct: BTreeSet<_> = replicas.iter().collect();
                    assert_eq!(distinct.len(), factor, "distinct: {context}");
                    let used = replicas.iter().map(|it| rack_of(&brokers, *it));
                    assert!(
                        spread(used, all_racks()) <= 1,
                        "partition's racks: {context}"
                    );
                }
                checked += 1;
            }
        }
    }
    assert_eq!(
        checked,
        25 * (1..=4)
            .flat_map(|r| (1..=4).map(move |s| r * s))
            .sum::<usize>()
    );
}

#[test]
fn unequal_racks_still_give_distinct_racks() {
    let brokers = [
        broker(0, "a"),
        broker(1, "a"),
        broker(2, "b"),
        broker(3, "c"),
    ];
    for (factor, partitions) in [(2, 12), (3, 12)] {
        let placed = place(&request(&brokers, partitions, factor)).unwrap();
        for replicas in &placed {
            let used: BTreeSet<_> = replicas.iter().map(|it| rack_of(&brokers, *it)).collect();
            assert_eq!(used.len(), factor);
        }
        let leaders = placed.iter().map(|it| it[0]);
        assert!(spread(leaders, brokers.iter().map(|it| it.id)) <= 1);
    }
    // Two replicas per partition can be even over four brokers, although the racks are not.
    let placed = place(&request(&brokers, 12, 2)).unwrap();
    let replicas = placed.iter().flatten().copied();
    assert!(spread(replicas, brokers.iter().map(|it| it.id)) <= 1);
}

#[test]
fn inactive_brokers_never_come_first_and_are_avoided_within_a_rack() {
    let mut brokers = racks_of(3, 2);
    brokers[0].is_active = false;
    let placed = place(&request(&brokers, 12, 3)).unwrap();
    assert!(placed.iter().all(|it| !it.contains(&BrokerId::new(0))));
    // A whole rack down: replicas are still put there, but never first.
    brokers[3].is_active = false;
    let placed = place(&request(&brokers, 12, 3)).unwrap();
    for replicas in &placed {
        let used: BTreeSet<_> = replicas.iter().map(|it| rack_of(&brokers, *it)).collect();
        assert_eq!(used.len(), 3);
        assert_ne!(rack_of(&brokers, replicas[0]), Some("a"));
    }
    // With racks to spare, the one that is down is left out.
    let placed = place(&request(&brokers, 12, 2)).unwrap();
    let on_a = placed
        .iter()
        .flatten()
        .filter(|it| rack_of(&brokers, **it) == Some("a"));
    assert_eq!(on_a.count(), 0);
}

#[test]
fn successive_topics_even_out_by_the_load_of_the_cluster() {
    let mut brokers = racks_of(3, 2);
    for _ in 0..20 {
        let placed = place(&request(&brokers, 1, 2)).unwrap();
        for broker in &mut brokers {
            broker.replicas += placed
                .iter()
                .flatten()
                .filter(|it| **it == broker.id)
                .count();
            broker.leaders += placed.iter().filter(|it| it[0] == broker.id).count();
        }
        let load = |of: fn(&Broker<'_>) -> usize| {
            let loads = || brokers.iter().map(of);
            loads().max().unwrap() - loads().min().unwrap()
        };
        assert!(load(|it| it.replicas) <= 1);
        assert!(load(|it| it.leaders) <= 2);
    }
}

#[test]
fn an_empty_broker_does_not_get_all_of_a_topic() {
    let mut brokers = racks_of(3, 1);
    for broker in &mut brokers[..2] {
        broker.replicas = 100;
    }
    let placed = place(&request(&brokers, 3, 1)).unwrap();
    assert_eq!(ids(&placed), [[2], [0], [1]]);
}

#[test]
fn added_partitions_fill_the_gaps_of_the_topic() {
    for (racks, size) in [(1, 5), (3, 1), (3, 2)] {
        let brokers = racks_of(racks, size);
        for (first, added) in [(1, 1), (1, 5), (4, 3), (7, 8)] {
            let mut all = place(&request(&brokers, first, 2)).unwrap();
            let more = Request {
                existing: &all,
                ..request(&brokers, added, 2)
            };
            let more = place(&more).unwrap();
            assert_eq!(more.len(), added);
            all.extend(more);
            let ids = || brokers.iter().map(|it| it.id);
            assert!(spread(all.iter().flatten().copied(), ids()) <= 1);
        }
    }
}

#[test]
fn the_order_of_the_brokers_does_not_matter() {
    let brokers = racks_of(3, 3);
    let reversed: Vec<Broker<'_>> = brokers.iter().rev().copied().collect();
    let one = place(&request(&brokers, 17, 3));
    assert_eq!(one, place(&request(&reversed, 17, 3)));
}

#[test]
fn leaderships_of_a_lost_broker_spread_over_the_others() {
    let brokers = racks_of(3, 2);
    let placed = place(&request(&brokers, 60, 3)).unwrap();
    for lost in &brokers {
        let heirs = || placed.iter().filter(|it| it[0] == lost.id).map(|it| it[1]);
        assert_eq!(heirs().count(), 10);
        for other in brokers.iter().filter(|it| it.rack != lost.rack) {
            let inherited = heirs().filter(|it| *it == other.id).count();
            assert!(
                (1..=4).contains(&inherited),
                "{inherited} from {} to {}",
                lost.id,
                other.id
            );
        }
    }
}

#[test]
fn brokers_without_a_rack_are_one_rack() {
    let brokers = [broker(0, ""), broker(1, ""), broker(2, "a")];
    let placed = place(&request(&brokers, 4, 2)).unwrap();
    assert!(placed.iter().all(|it| it.contains(&BrokerId::new(2))));
}
