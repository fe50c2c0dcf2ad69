//! Records that were deleted stay so, whoever leads afterwards.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a line that is not as expected is a failed test"
)]

mod judges;

use judges::Cluster;

const TOPIC: &str = "ledger";
const RECORDS: u64 = 500;
const STEP: u64 = 100;

fn numbers(line: &str) -> Vec<u64> {
    line.split_whitespace()
        .map(|it| it.parse().unwrap())
        .collect()
}

#[test]
fn deleted_records_do_not_come_back_when_their_leader_is_killed() {
    let cluster = Cluster::start(3);
    cluster.create_topic(TOPIC, 1, 3);
    let told = cluster.python("produce.py", &[TOPIC, "1", &RECORDS.to_string(), "5000"]);
    assert_eq!(told.matches("ok ").count() as u64, RECORDS, "{told}");
    for offset in (STEP..RECORDS).step_by(100) {
        let cut = numbers(&cluster.python("cut.py", &[TOPIC, &offset.to_string()]));
        assert_eq!(cut[0], offset);
        cluster.end(u32::try_from(cut[1]).unwrap(), "KILL");
        let begins = numbers(&cluster.python("begins.py", &[TOPIC]));
        assert_eq!(begins, [offset, RECORDS]);
        cluster.python("whole.py", &[TOPIC, "3"]);
    }
    // What is gone is gone: to ask again for less is no error.
    let cut = numbers(&cluster.python("cut.py", &[TOPIC, "5"]));
    assert_eq!(cut[0], RECORDS - STEP);
    let records = cluster.python("consume.py", &[TOPIC]);
    assert_eq!(records.lines().count() as u64, STEP);
}

#[test]
fn a_replica_that_was_away_begins_where_its_leader_does_also_within_a_batch() {
    let cluster = Cluster::start(3);
    cluster.create_topic(TOPIC, 1, 3);
    cluster.python("produce.py", &[TOPIC, "1", "10", "5000"]);
    let leader = numbers(&cluster.python("cut.py", &[TOPIC, "0"]))[1];
    let away = u32::try_from(leader % 3 + 1).unwrap();
    cluster.while_down(away, || {
        // So fast that each batch has many records.
        cluster.python("produce.py", &[TOPIC, "1", "490", "1000000"]);
        assert_eq!(numbers(&cluster.python("cut.py", &[TOPIC, "457"]))[0], 457);
    });
    cluster.python("whole.py", &[TOPIC, "3"]);
    cluster.end(u32::try_from(leader).unwrap(), "KILL");
    let begins = numbers(&cluster.python("begins.py", &[TOPIC]));
    assert_eq!(begins, [457, RECORDS]);
    let records = cluster.python("consume.py", &[TOPIC]);
    assert_eq!(records.lines().count() as u64, RECORDS - 457);
}
