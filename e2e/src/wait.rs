//! Waiting for a condition, with a deadline.
//!
//! In: a question about the world. Out: its answer, or an error that says what was still missing.
//! Never here: waiting for a time to pass.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Between two questions. Short against what is waited for, long against what a question costs.
const PAUSE: Duration = Duration::from_millis(50);

/// Asks until there is an answer.
///
/// # Errors
///
/// The question's own error at once; after `timeout`, that `what` did not happen.
pub fn until<T>(
    what: &str,
    timeout: Duration,
    mut question: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let deadline = Instant::now() + timeout;
    loop {
        if let Some(answer) = question()? {
            return Ok(answer);
        }
        if Instant::now() >= deadline {
            bail!("{what}: not within {} s", timeout.as_secs());
        }
        std::thread::sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_asked_until_it_is_answered() {
        let mut n_asked = 0;
        let answer = until("three", Duration::from_secs(5), || {
            n_asked += 1;
            Ok((n_asked == 3).then_some(n_asked))
        });
        assert_eq!(answer.unwrap(), 3);
    }

    #[test]
    fn the_deadline_says_what_was_missing() {
        let answer = until::<()>("the moon", Duration::ZERO, || Ok(None));
        assert_eq!(answer.unwrap_err().to_string(), "the moon: not within 0 s");
    }

    #[test]
    fn an_error_ends_the_waiting_at_once() {
        let answer = until::<()>("x", Duration::from_secs(60), || bail!("broken"));
        assert_eq!(answer.unwrap_err().to_string(), "broken");
    }
}
