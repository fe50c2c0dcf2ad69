//! Some of the faults that `make faults` puts to brokers, once each: those that take a few seconds and need
//! nothing of the machine. What clients saw is checked. How long they had to wait is for `make faults`: here other
//! tests run beside it.

#![allow(
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a case that is not there is a failed test, and its figures are for people"
)]

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use broker_faults::{cases, missing};

/// One case at a time: each has free ports of the machine, and its brokers the processors.
static TURN: Mutex<()> = Mutex::new(());

/// Runs a case; the seed that is printed decides what is left to chance.
fn survives(name: &str) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let seed = std::env::var("SEED").map_or_else(|_| rand::random(), |it| it.parse().unwrap());
    let case = cases::find(name).unwrap();
    assert!(missing(case.needs).is_empty(), "it needs nothing");
    eprintln!("{name}: SEED={seed}");
    let program = Path::new(env!("CARGO_BIN_EXE_tidemill-broker"));
    let logs = Path::new(env!("CARGO_TARGET_TMPDIR")).join("faults");
    let outcome = broker_faults::run(case, seed, program, &logs);
    assert!(
        outcome.wrong.is_empty(),
        "SEED={seed}: {outcome:#?}\nlogs: {}",
        logs.display()
    );
    assert!(outcome.acknowledged > 500, "SEED={seed}: {outcome:#?}");
}

#[test]
fn a_leader_that_was_stopped_past_its_session_acknowledges_nothing_more() {
    survives("pause-leader");
}

#[test]
fn a_controller_that_was_killed_is_succeeded_and_what_it_led_is_led_again() {
    survives("kill-controller");
}

#[test]
fn a_directory_that_was_wiped_is_filled_again() {
    survives("wiped-directory");
}

#[test]
fn tails_that_are_missing_are_fetched_again_before_their_replica_leads() {
    survives("truncated-tail");
}

#[test]
fn caches_that_are_missing_torn_or_wrong_let_no_record_in_twice() {
    survives("bad-caches");
}

#[test]
fn brokers_restart_one_after_the_other_and_every_send_succeeds() {
    survives("rolling-restart");
}
