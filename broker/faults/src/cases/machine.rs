//! Clocks that jump, and memory that is not enough.
//!
//! In: chance. Out: plans. Never here: how a clock is set.

use std::time::Duration;

use rand::RngExt;

use crate::case::{Bounds, Case, Clock, Pick, Setting, Step, Who};
use crate::cases::{A_WHILE, some_time};
use crate::needs::Need;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
const OWN_CLOCKS: Setting = Setting {
    clock: Clock::Own,
    // Closed segments: what a clock could delete too early.
    topic_configs: &[("internal.segment.bytes", "20000")],
    ..Setting::PLAIN
};
/// A leader whose clock is behind refuses records that are further ahead of it than an hour, as Kafka's does.
const FAR_OFF_CLOCKS: Setting = Setting {
    topic_configs: &[
        ("internal.segment.bytes", "20000"),
        ("message.timestamp.after.max.ms", "9223372036854775807"),
    ],
    ..OWN_CLOCKS
};

fn jump(before: Step, pick: Pick, seconds: &[i64]) -> Vec<Step> {
    let mut steps = vec![before, Step::Choose(pick)];
    for seconds in seconds {
        steps.extend([
            Step::SetClock(*seconds),
            Step::Wait(Duration::from_secs(4)),
            Step::AwaitProgress,
        ]);
    }
    steps.extend([Step::SetClock(0), Step::AwaitRecovered, A_WHILE]);
    steps
}

pub(super) const CASES: &[Case] = &[
    Case {
        name: "clock-hour",
        what: "a broker's clock jumps an hour ahead, then an hour back, then to the truth",
        expected: "no election, nothing deleted or expired too early; 0 lost",
        needs: &[Need::Faketime],
        setting: OWN_CLOCKS,
        plan: |chance| {
            let pick = if chance.random() {
                Pick::Controller
            } else {
                Pick::Leader
            };
            jump(some_time(chance), pick, &[HOUR, -HOUR])
        },
        bounds: Bounds::unavailable(3),
    },
    Case {
        name: "clock-days",
        what: "a broker's clock jumps ten days ahead, then ten days back, then to the truth",
        expected: "no election, nothing deleted or expired too early; 0 lost",
        needs: &[Need::Faketime],
        setting: FAR_OFF_CLOCKS,
        plan: |chance| {
            let pick = if chance.random() {
                Pick::Controller
            } else {
                Pick::Leader
            };
            jump(some_time(chance), pick, &[10 * DAY, -10 * DAY])
        },
        bounds: Bounds::unavailable(3),
    },
    Case {
        name: "clock-strobe",
        what: "a broker's clock jumps to and fro by minutes, many times a second",
        expected: "no election; 0 lost",
        needs: &[Need::Faketime],
        setting: OWN_CLOCKS,
        plan: |chance| {
            let mut steps = vec![some_time(chance), Step::Choose(Pick::Controller)];
            for _ in 0..50 {
                steps.extend([
                    Step::SetClock(chance.random_range(-300..300)),
                    Step::Wait(Duration::from_millis(100)),
                ]);
            }
            steps.extend([Step::SetClock(0), Step::AwaitRecovered, A_WHILE]);
            steps
        },
        bounds: Bounds::unavailable(3),
    },
    Case {
        name: "out-of-memory",
        what: "the kernel kills a broker that may take little more memory, under many connections",
        expected: "that broker alone ends; the others go on; 0 lost",
        needs: &[Need::Root, Need::MemoryCgroup],
        setting: Setting::PLAIN,
        plan: |chance| {
            vec![
                some_time(chance),
                Step::Choose(Pick::Any),
                Step::Squeeze,
                Step::AwaitEnd(Who::Victim),
                Step::AwaitOut,
                Step::AwaitProgress,
                Step::Start(Who::Victim),
                Step::AwaitRecovered,
                A_WHILE,
            ]
        },
        bounds: Bounds::unavailable(8),
    },
];
