//! Networks that do not carry everything.
//!
//! In: chance. Out: plans. Never here: how a packet is dropped.

use std::time::Duration;

use rand::RngExt;

use crate::case::{Bounds, Case, Cut, Network, Pick, Setting, Step};
use crate::cases::{A_WHILE, some_time};
use crate::needs::Need;

const NEEDS: &[Need] = &[Need::Root, Need::Iproute, Need::Nft];
const APART: Setting = Setting {
    network: Network::Namespaces,
    ..Setting::PLAIN
};
/// Beyond a session, and some more.
const FOR_A_TIME: Step = Step::Wait(Duration::from_secs(8));

fn cut_and_heal(before: Step, pick: Pick, cut: Cut) -> Vec<Step> {
    vec![
        before,
        Step::Choose(pick),
        Step::Apply(cut),
        Step::AwaitProgress,
        FOR_A_TIME,
        Step::AwaitProgress,
        Step::Heal,
        Step::AwaitRecovered,
        A_WHILE,
    ]
}

pub(super) const CASES: &[Case] = &[
    Case {
        name: "partition-leader",
        what: "nothing passes between a leader and the other brokers; clients reach all",
        expected: "the cut off leader acknowledges nothing more, the others elect; 0 lost",
        needs: NEEDS,
        setting: APART,
        plan: |chance| cut_and_heal(some_time(chance), Pick::Leader, Cut::Others),
        bounds: Bounds::unavailable(15),
    },
    Case {
        name: "partition-controller",
        what: "nothing passes between the active controller and the other brokers",
        expected: "another controller; the old one decides nothing; 0 lost",
        needs: NEEDS,
        setting: APART,
        plan: |chance| cut_and_heal(some_time(chance), Pick::Controller, Cut::Others),
        bounds: Bounds::unavailable(15),
    },
    Case {
        name: "cut-from-controller",
        what: "nothing passes between a leader and the active controller; clients and the third broker reach it",
        expected: "it fences itself within its session; no two brokers acknowledge; 0 lost",
        needs: NEEDS,
        setting: APART,
        plan: |chance| cut_and_heal(some_time(chance), Pick::Leader, Cut::Controller),
        bounds: Bounds::unavailable(15),
    },
    Case {
        name: "one-way-partition",
        what: "a broker hears the others and is not heard, or is heard and hears nobody",
        expected: "the others go on without it; 0 lost",
        needs: NEEDS,
        setting: APART,
        plan: |chance| {
            let cut = if chance.random() {
                Cut::Mute
            } else {
                Cut::Deaf
            };
            let pick = if chance.random() {
                Pick::Controller
            } else {
                Pick::Leader
            };
            cut_and_heal(some_time(chance), pick, cut)
        },
        bounds: Bounds::unavailable(15),
    },
    Case {
        name: "packet-loss",
        what: "30 % of all packets are lost and 5 Mbit/s fit through, for 20 s",
        expected: "some records get through; 0 lost",
        needs: NEEDS,
        setting: Setting {
            records_per_second: 40,
            ..APART
        },
        plan: |chance| {
            vec![
                some_time(chance),
                Step::Choose(Pick::Any),
                Step::Apply(Cut::Lossy {
                    percent: 30,
                    rate: "5mbit",
                }),
                Step::AwaitSomeProgress(Duration::from_secs(20)),
                Step::Heal,
                Step::AwaitRecovered,
                A_WHILE,
            ]
        },
        bounds: Bounds::unavailable(60),
    },
];
