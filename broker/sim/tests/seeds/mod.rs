//! One seed, and what a person says about seeds.
//!
//! In: a seed, the environment. Out: what the run came to. Never here: which seeds.

use std::panic::{AssertUnwindSafe, catch_unwind};

use broker_sim::run::{Outcome, run};

/// A number from the environment.
pub(crate) fn number(name: &str) -> Option<u64> {
    #[expect(
        clippy::disallowed_methods,
        reason = "how a person chooses what to run"
    )]
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name}={text} is not a number")),
    )
}

/// Runs a seed; a failed assertion is a violation as well.
pub(crate) fn run_seed(seed: u64, is_traced: bool) -> Result<Outcome, String> {
    match catch_unwind(AssertUnwindSafe(|| run(seed, is_traced))) {
        Ok(outcome) => match outcome.violation {
            Some(violation) => Err(violation),
            None => Ok(outcome),
        },
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let literal = panic.downcast_ref::<&str>().map(|it| (*it).to_owned());
            let text = text.or(literal).unwrap_or_default();
            Err(format!("an assertion failed: {text}"))
        }
    }
}
