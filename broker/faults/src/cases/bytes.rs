//! Files that are not as they were left.
//!
//! In: chance. Out: plans. Never here: which bytes.

use crate::case::{Bounds, Case, Damage, Pick, Setting, Signal, Step, Who};
use crate::cases::{A_WHILE, some_time};

const SCRUBBED: Setting = Setting {
    topic_configs: &[("internal.segment.bytes", "20000")],
    broker_configs: &[("tidemill.scrub.interval.ms", "1000")],
    ..Setting::PLAIN
};

fn flip(before: Step, is_led: bool) -> Vec<Step> {
    vec![
        before,
        A_WHILE,
        Step::Choose(Pick::Leader),
        Step::Damage(Damage::FlippedBit { is_led }),
        Step::AwaitLog("are damaged"),
        Step::AwaitRecovered,
        A_WHILE,
    ]
}

/// Files are changed while their broker is down; then it has to lead.
fn damage(before: Step, after: Step, damage: Damage) -> Vec<Step> {
    vec![
        before,
        Step::Choose(Pick::Leader),
        Step::Send(Signal::Kill, Who::Victim),
        Step::AwaitEnd(Who::Victim),
        Step::Damage(damage),
        Step::Start(Who::Victim),
        Step::AwaitRecovered,
        after,
        Step::Choose(Pick::OtherLeader),
        Step::Send(Signal::Kill, Who::Victim),
        Step::AwaitEnd(Who::Victim),
        Step::AwaitProgress,
        Step::Start(Who::Victim),
        Step::AwaitRecovered,
        A_WHILE,
    ]
}

pub(super) const CASES: &[Case] = &[
    Case {
        name: "bit-flip-follower",
        what: "one bit of a closed segment changes on a follower",
        expected: "found, repaired from a peer, never served; 0 lost",
        needs: &[],
        setting: SCRUBBED,
        plan: |chance| flip(some_time(chance), false),
        bounds: Bounds::unavailable(5),
    },
    Case {
        name: "bit-flip-leader",
        what: "one bit of a closed segment changes on the leader",
        expected: "found, repaired from a peer, never served; 0 lost",
        needs: &[],
        setting: SCRUBBED,
        plan: |chance| flip(some_time(chance), true),
        bounds: Bounds::unavailable(5),
    },
    Case {
        name: "truncated-tail",
        what: "the ends of active segments are missing when a killed broker starts again; later it leads",
        expected: "fetched again from a peer; 0 lost, none twice",
        needs: &[],
        setting: Setting::PLAIN,
        plan: |chance| damage(some_time(chance), some_time(chance), Damage::TruncatedTails),
        bounds: Bounds::unavailable(5),
    },
    Case {
        name: "garbage-tail",
        what: "random bytes follow active segments when a killed broker starts again; later it leads",
        expected: "cut off; 0 lost, none twice",
        needs: &[],
        setting: Setting::PLAIN,
        plan: |chance| damage(some_time(chance), some_time(chance), Damage::GarbageTails),
        bounds: Bounds::unavailable(5),
    },
    Case {
        name: "bad-caches",
        what: "indexes are missing, files of epochs torn, snapshots of producers changed; later it leads",
        expected: "built again; 0 lost, none twice",
        needs: &[],
        setting: SCRUBBED,
        plan: |chance| damage(some_time(chance), some_time(chance), Damage::BadCaches),
        bounds: Bounds::unavailable(5),
    },
    Case {
        name: "wiped-directory",
        what: "a killed broker starts again on an empty directory; later it leads",
        expected: "a new directory id; everything is copied again; 0 lost",
        needs: &[],
        setting: Setting::PLAIN,
        plan: |chance| {
            vec![
                some_time(chance),
                Step::Choose(Pick::Leader),
                Step::Send(Signal::Kill, Who::Victim),
                Step::AwaitEnd(Who::Victim),
                Step::Damage(Damage::Wiped),
                Step::Start(Who::Victim),
                Step::AwaitRecovered,
                some_time(chance),
                // Those that still vote must both live: the third voter is gone with its disk.
                Step::Choose(Pick::OtherLeader),
                Step::Send(Signal::Terminate, Who::Victim),
                Step::AwaitEnd(Who::Victim),
                Step::Start(Who::Victim),
                Step::AwaitRecovered,
                A_WHILE,
            ]
        },
        bounds: Bounds::unavailable(20),
    },
];
