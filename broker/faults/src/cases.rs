//! All cases.
//!
//! In: a name. Out: a case. Never here: how a step is done.

mod bytes;
mod disks;
mod machine;
mod networks;
mod processes;

use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;

use crate::case::{Case, Step};

/// Every case, in the order in which they are run.
pub fn all() -> Vec<&'static Case> {
    [
        processes::CASES,
        networks::CASES,
        disks::CASES,
        bytes::CASES,
        machine::CASES,
    ]
    .iter()
    .flat_map(|it| it.iter())
    .collect()
}

pub fn find(name: &str) -> Option<&'static Case> {
    all().into_iter().find(|it| it.name == name)
}

/// A moment that nobody chose.
fn some_time(chance: &mut StdRng) -> Step {
    Step::Wait(Duration::from_millis(chance.random_range(1_000..3_000)))
}

/// Long enough for something to go wrong.
const A_WHILE: Step = Step::Wait(Duration::from_secs(2));

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::SeedableRng;

    use super::*;

    #[test]
    fn cases_have_names_of_their_own_and_all_end_recovered() {
        let names: BTreeSet<&str> = all().iter().map(|it| it.name).collect();
        assert_eq!(names.len(), all().len());
        for case in all() {
            let steps = (case.plan)(&mut StdRng::seed_from_u64(1));
            assert!(steps.contains(&Step::AwaitRecovered), "{}", case.name);
            assert_eq!(steps, (case.plan)(&mut StdRng::seed_from_u64(1)));
        }
    }
}
