//! How many descriptors the process may have, and who may take how many.
//!
//! In: the limit that it was started with. Out: that limit raised as far as it may be; the share of
//! closed segments. Never here: what is open.

use std::num::NonZeroUsize;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Closed segments that are open at once, at most: consumers that read old records need one each.
const OPEN_SEGMENTS_MAX: u64 = 10_000;
/// And at least, however few descriptors there are.
const OPEN_SEGMENTS_MIN: NonZeroUsize = NonZeroUsize::new(64).unwrap();
/// The part of all descriptors that closed segments may take. The others are for connections, and for the
/// segments that are written to: one for each partition.
const SHARE: u64 = 4;

/// Raises the limit as far as this process may. Whoever starts it often leaves a low one for programs
/// that cannot do with more; this one can.
pub(crate) fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    if limit.current != limit.maximum
        && let Err(error) = setrlimit(Resource::Nofile, raised)
    {
        tracing::warn!(
            limit = limit.current,
            "the limit of open files cannot be raised: {error}"
        );
    }
}

/// How many closed segments may be open at once.
pub(crate) fn open_segments_max() -> NonZeroUsize {
    share(getrlimit(Resource::Nofile).current)
}

/// The share of a limit; `None` is no limit.
fn share(limit: Option<u64>) -> NonZeroUsize {
    let share = limit.map_or(OPEN_SEGMENTS_MAX, |it| (it / SHARE).min(OPEN_SEGMENTS_MAX));
    let share = usize::try_from(share).ok().and_then(NonZeroUsize::new);
    share.map_or(OPEN_SEGMENTS_MIN, |it| it.max(OPEN_SEGMENTS_MIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_segments_take_a_quarter_between_bounds() {
        for (limit, expected) in [
            (Some(0), 64),
            (Some(1_024), 256),
            (Some(1 << 20), 10_000),
            (None, 10_000),
        ] {
            assert_eq!(share(limit).get(), expected, "{limit:?}");
        }
    }
}
