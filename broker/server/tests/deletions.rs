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
