//! What a disk does wrong, chosen call by call.
//!
//! In: the faults that are armed. Out: verdicts for the disk in memory. A process that is to die at
//! a call of the disk dies before that call. Never here: what a crash leaves; the disk knows.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use broker_log::dir::memory::{Call, Policy, Verdict};

use crate::executor::{Process, current, end_process};
use crate::rng::Chance;

/// A fault that waits for its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskFault {
    /// The process dies before its call of that number from now.
    DieAt(u64),
    /// The sync of that number from now fails, and with it what was to be synced.
    FailSync(u64),
    /// The write of that number from now fails half way.
    FailWrite(u64),
    /// The read of that number from now fails.
    FailRead(u64),
}

#[derive(Debug, Default)]
struct State {
    armed: Option<DiskFault>,
    /// Nothing reaches the disk any more.
    is_dead: bool,
    has_failed: bool,
}

/// The faults of one process's disk.
#[derive(Clone, Debug, Default)]
pub struct DiskFaults {
    state: Arc<Mutex<State>>,
}

impl DiskFaults {
    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn arm(&self, fault: DiskFault) {
        self.with(|it| it.armed = Some(fault));
    }

    pub fn disarm(&self) {
        self.with(|it| it.armed = None);
    }

    /// The disk may fail by itself: a process that ends itself does well.
    pub fn excuse(&self) {
        self.with(|it| it.has_failed = true);
    }

    /// Whether a call was made to fail: a process that ends itself then has done well.
    pub fn has_failed(&self) -> bool {
        self.with(|it| it.has_failed)
    }

    /// What to tell the disk on which `process` runs.
    pub fn policy(&self, process: Process, chance: Chance) -> Policy {
        let faults = self.clone();
        Box::new(move |call, path| faults.judge(process, &chance, call, path))
    }

    fn judge_read(&self) -> Verdict {
        self.with(|state| match &mut state.armed {
            Some(DiskFault::FailRead(0)) => {
                (state.armed, state.has_failed) = (None, true);
                Verdict::Fail(io::ErrorKind::Other)
            }
            Some(DiskFault::FailRead(left)) => {
                *left -= 1;
                Verdict::Pass
            }
            Some(DiskFault::DieAt(_) | DiskFault::FailSync(_) | DiskFault::FailWrite(_)) | None => {
                Verdict::Pass
            }
        })
    }

    fn judge(&self, process: Process, chance: &Chance, call: Call, path: &Path) -> Verdict {
        // Whoever watches from outside only reads.
        if current().0 != process {
            return Verdict::Pass;
        }
        if call == Call::Read {
            return self.judge_read();
        }
        let failed = Verdict::Fail(io::ErrorKind::Other);
        let (verdict, dies) = self.with(|state| {
            if state.is_dead {
                return (failed, false);
            }
            let is_sync = matches!(call, Call::SyncData | Call::SyncDir | Call::SyncAll);
            match &mut state.armed {
                Some(DiskFault::DieAt(left)) if *left == 0 => {
                    state.is_dead = true;
                    (failed, true)
                }
                Some(DiskFault::FailSync(left)) if is_sync && *left == 0 => {
                    (state.armed, state.has_failed) = (None, true);
                    (failed, false)
                }
                Some(DiskFault::FailWrite(left)) if call == Call::Write && *left == 0 => {
                    (state.armed, state.has_failed) = (None, true);
                    let (bytes, kind) = (chance.index(200), io::ErrorKind::StorageFull);
                    (Verdict::Torn { bytes, kind }, false)
                }
                Some(DiskFault::DieAt(left)) => {
                    *left -= 1;
                    (Verdict::Pass, false)
                }
                Some(DiskFault::FailSync(left)) if is_sync => {
                    *left -= 1;
                    (Verdict::Pass, false)
                }
                Some(DiskFault::FailWrite(left)) if call == Call::Write => {
                    *left -= 1;
                    (Verdict::Pass, false)
                }
                Some(DiskFault::FailSync(_) | DiskFault::FailWrite(_) | DiskFault::FailRead(_))
                | None => (Verdict::Pass, false),
            }
        });
        if dies {
            end_process(format!("killed before {call:?} of {}", path.display()));
        }
        verdict
    }
}
