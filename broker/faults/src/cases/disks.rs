//! Disks that lose their power, are full, or fail.
//!
//! In: chance. Out: plans. Never here: how a disk is made to.

use std::time::Duration;

use broker_types::Durability;

use crate::case::{Bounds, Case, Disks, Failure, Losses, Pick, Setting, Signal, Step, Who};
use crate::cases::{A_WHILE, some_time};
use crate::needs::Need;

const IMAGES: &[Need] = &[Need::Root, Need::Ext4];
const STRACE: &[Need] = &[Need::Strace];
const ON_IMAGES: Setting = Setting {
    disks: Disks::Images { mebibytes: 192 },
    ..Setting::PLAIN
};
const ON_PAGE_CACHES: Setting = Setting {
    durability: Durability::PageCache,
    ..ON_IMAGES
};
/// What a broker says when its disk has no more room for clients, and when it has again.
const FULL: Step = Step::AwaitLog("full: records of clients are refused");
const ROOMY: Step = Step::AwaitLog("the disk has room again");

fn fail(before: Step, pick: Pick, failure: Failure) -> Vec<Step> {
    vec![
        before,
        Step::Choose(pick),
        Step::Fail(failure),
        Step::AwaitEnd(Who::Victim),
        Step::AwaitOut,
        Step::AwaitProgress,
        Step::Start(Who::Victim),
        Step::AwaitRecovered,
        A_WHILE,
    ]
}

pub(super) const CASES: &[Case] = &[
    Case {
        name: "power-cut-all",
        what: "the power of all brokers goes at once; durability fsync",
        expected: "all acknowledged records are there, ready within 60 s; 0 lost",
        needs: IMAGES,
        setting: ON_IMAGES,
        plan: |chance| {
            vec![
                some_time(chance),
                Step::CutPower(Who::All),
                Step::Start(Who::All),
                Step::AwaitRecovered,
                some_time(chance),
                Step::CutPower(Who::All),
                Step::Start(Who::All),
                Step::AwaitRecovered,
                A_WHILE,
            ]
        },
        bounds: Bounds::unavailable(60),
    },
    Case {
        name: "power-cut-one-page-cache",
        what: "the power of one broker goes, and once it is back a leader is killed; durability page-cache",
        expected: "0 lost",
        needs: IMAGES,
        setting: ON_PAGE_CACHES,
        plan: |chance| {
            vec![
                some_time(chance),
                Step::Choose(Pick::Leader),
                Step::CutPower(Who::Victim),
                Step::Start(Who::Victim),
                some_time(chance),
                Step::Choose(Pick::OtherLeader),
                Step::Send(Signal::Kill, Who::Victim),
                Step::AwaitEnd(Who::Victim),
                Step::AwaitProgress,
                Step::Start(Who::Victim),
                Step::AwaitRecovered,
                A_WHILE,
            ]
        },
        bounds: Bounds::unavailable(15),
    },
    Case {
        name: "power-cut-all-page-cache",
        what: "the power of all brokers goes at once; durability page-cache",
        expected: "records may be lost, and then a broker says so; nothing else is wrong",
        needs: IMAGES,
        setting: ON_PAGE_CACHES,
        plan: |chance| {
            vec![
                some_time(chance),
                Step::CutPower(Who::All),
                Step::Start(Who::All),
                Step::AwaitRecovered,
                A_WHILE,
            ]
        },
        bounds: Bounds {
            losses: Losses::Told("may be lost"),
            ..Bounds::unavailable(60)
        },
    },
    Case {
        name: "disk-full",
        what: "another program fills a leader's disk, and lets go after a while",
        expected: "producers wait while it is full and go on by themselves; 0 lost",
        needs: IMAGES,
        setting: ON_IMAGES,
        plan: |chance| {
            vec![
                some_time(chance),
                Step::Choose(Pick::Leader),
                Step::FillDisk,
                FULL,
                Step::Wait(Duration::from_secs(5)),
                Step::FreeDisk,
                ROOMY,
                Step::AwaitRecovered,
                A_WHILE,
            ]
        },
        bounds: Bounds::unavailable(30),
    },
    Case {
        name: "disk-full-retention",
        what: "records of another topic fill all disks, until they may go",
        expected: "retention works on a full disk and producers go on by themselves; 0 lost",
        needs: IMAGES,
        setting: ON_IMAGES,
        plan: |chance| {
            vec![
                some_time(chance),
                Step::Choose(Pick::Any),
                Step::FillByRecords,
                FULL,
                Step::Wait(Duration::from_secs(3)),
                Step::ExpireRecords,
                ROOMY,
                Step::AwaitRecovered,
                A_WHILE,
            ]
        },
        bounds: Bounds::unavailable(60),
    },
    Case {
        name: "sync-error-leader",
        what: "a sync fails once with EIO on a leader",
        expected: "the broker ends at once and tries nothing again; 0 lost",
        needs: STRACE,
        setting: Setting::PLAIN,
        plan: |chance| fail(some_time(chance), Pick::Leader, Failure::Sync),
        bounds: Bounds::unavailable(10),
    },
    Case {
        name: "sync-error-controller",
        what: "a sync fails once with EIO on the active controller",
        expected: "the broker ends at once and tries nothing again; 0 lost",
        needs: STRACE,
        setting: Setting::PLAIN,
        plan: |chance| fail(some_time(chance), Pick::Controller, Failure::Sync),
        bounds: Bounds::unavailable(10),
    },
    Case {
        name: "write-error",
        what: "a write to a file fails once with EIO",
        expected: "what was being written is not acknowledged; the log is whole after a restart; 0 lost",
        needs: STRACE,
        setting: Setting::PLAIN,
        plan: |chance| fail(some_time(chance), Pick::Any, Failure::Write),
        bounds: Bounds::unavailable(10),
    },
    Case {
        name: "short-write",
        what: "a batch is written in part and the broker is killed for it",
        expected: "what was being written is not acknowledged; the log is whole after a restart; 0 lost",
        needs: &[],
        setting: Setting::PLAIN,
        plan: |chance| fail(some_time(chance), Pick::Any, Failure::ShortWrite),
        bounds: Bounds::unavailable(10),
    },
];
