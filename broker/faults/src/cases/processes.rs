//! Processes that are killed, stopped and started again.
//!
//! In: chance. Out: plans. Never here: how a process is ended.

use std::time::Duration;

use crate::case::{Bounds, Case, Pick, Setting, Signal, Step, Who};
use crate::cases::{A_WHILE, some_time};

/// Longer than a session: the others elect.
const PAUSE: Step = Step::Wait(Duration::from_secs(7));

pub(super) const CASES: &[Case] = &[
    Case {
        name: "kill-leader",
        what: "SIGKILL of a partition's leader",
        expected: "written again within 5 s; 0 lost",
        needs: &[],
        setting: Setting::PLAIN,
        plan: |chance| {
            vec![
                some_time(chance),
                Step::Choose(Pick::Leader),
                Step::Send(Signal::Kill, Who::Victim),
                Step::AwaitEnd(Who::Victim),
                Step::AwaitOut,
                Step::AwaitProgress,
                Step::Start(Who::Victim),
                Step::AwaitRecovered,
                A_WHILE,
            ]
        },
        bounds: Bounds::unavailable(5),
    },
    Case {
        name: "kill-controller",
        what: "SIGKILL of the active controller",
        expected: "another within 3 s; written again within 5 s; 0 lost",
        needs: &[],
        setting: Setting::PLAIN,
        plan: |chance| {
            vec![
                some_time(chance),
                Step::Choose(Pick::Controller),
                Step::Send(Signal::Kill, Who::Victim),
                Step::AwaitController(Duration::from_secs(3)),
                Step::AwaitEnd(Who::Victim),
                Step::AwaitOut,
                Step::AwaitProgress,
                Step::Start(Who::Victim),
                Step::AwaitRecovered,
                A_WHILE,
            ]
        },
        bounds: Bounds::unavailable(5),
    },
    Case {
        name: "kill-all",
        what: "SIGKILL of all brokers at once",
        expected: "ready within 60 s; 0 lost",
        needs: &[],
        setting: Setting::PLAIN,
        plan: |chance| {
            vec![
                some_time(chance),
                Step::Send(Signal::Kill, Who::All),
                Step::AwaitEnd(Who::All),
                Step::Start(Who::All),
                Step::AwaitRecovered,
                some_time(chance),
                Step::Send(Signal::Kill, Who::All),
                Step::AwaitEnd(Who::All),
                Step::Start(Who::All),
                Step::AwaitRecovered,
                A_WHILE,
            ]
        },
        bounds: Bounds::unavailable(60),
    },
    Case {
        name: "pause-leader",
        what: "SIGSTOP of a leader for longer than its session, then SIGCONT",
        expected: "the others elect; the old leader acknowledges nothing; 0 lost",
        needs: &[],
        setting: Setting::PLAIN,
        plan: |chance| {
            vec![
                some_time(chance),
                Step::Choose(Pick::Leader),
                Step::Send(Signal::Pause, Who::Victim),
                PAUSE,
                Step::AwaitOut,
                Step::AwaitProgress,
                Step::Send(Signal::Resume, Who::Victim),
                Step::AwaitRecovered,
                A_WHILE,
            ]
        },
        bounds: Bounds::unavailable(12),
    },
    Case {
        name: "pause-controller",
        what: "SIGSTOP of the active controller for longer than its session, then SIGCONT",
        expected: "another controller; the old one decides nothing; 0 lost",
        needs: &[],
        setting: Setting::PLAIN,
        plan: |chance| {
            vec![
                some_time(chance),
                Step::Choose(Pick::Controller),
                Step::Send(Signal::Pause, Who::Victim),
                PAUSE,
                Step::AwaitOut,
                Step::AwaitProgress,
                Step::Send(Signal::Resume, Who::Victim),
                Step::AwaitRecovered,
                A_WHILE,
            ]
        },
        bounds: Bounds::unavailable(12),
    },
    Case {
        name: "rolling-restart",
        what: "SIGTERM of one broker after the other, each started again once all is whole",
        expected: "no send fails, no partition waits longer than 2 s; 0 lost",
        needs: &[],
        setting: Setting::PLAIN,
        plan: |chance| {
            let mut steps = Vec::new();
            for nth in 0..3 {
                steps.extend([
                    some_time(chance),
                    Step::Choose(Pick::Nth(nth)),
                    Step::Send(Signal::Terminate, Who::Victim),
                    Step::AwaitEnd(Who::Victim),
                    Step::Start(Who::Victim),
                    Step::AwaitRecovered,
                ]);
            }
            steps.push(A_WHILE);
            steps
        },
        bounds: Bounds::unavailable(2),
    },
];
