//! Processes that stay: started with a mark, found by it, killed by it.
//!
//! In: a command, the run that it belongs to, a name. Out: a process whose output goes to a file.
//! Never here: what the processes do.
//!
//! The mark is the run's random id in the environment, which children inherit. So there is no moment
//! at which a process runs that a later `down` could not find, and nothing without the mark is ever
//! killed. Signals go through a pidfd whose process was checked after it was opened, so that a number
//! used again by another process can't be hit.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError, mpsc};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};

use crate::program::last_lines;
use crate::wait::until;

const RUN_MARK: &str = "TIDEMILL_E2E_RUN";
const NAME_MARK: &str = "TIDEMILL_E2E_PROCESS";
/// A program that starts reads its first pages from the disk.
const EXEC_TIMEOUT: Duration = Duration::from_secs(5);
/// Longer than the kernel needs to tear a loaded node down.
const GONE_TIMEOUT: Duration = Duration::from_secs(30);

/// A process that bears a run's mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Marked {
    pub(crate) pid: i32,
    /// The name under which it, or an ancestor, was started.
    pub(crate) name: String,
}

impl Marked {
    /// Whether it is the first process of a process namespace below ours: a node's own `init`.
    pub(crate) fn is_init(&self) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid));
        status.is_ok_and(|text| {
            text.lines()
                .find_map(|it| it.strip_prefix("NSpid:"))
                .is_some_and(|it| {
                    it.split_whitespace().count() > 1 && it.split_whitespace().last() == Some("1")
                })
        })
    }

    fn kill(&self, run: &str) -> Result<()> {
        let Some(pid) = Pid::from_raw(self.pid) else {
            return Ok(());
        };
        let Ok(handle) = pidfd_open(pid, PidfdFlags::empty()) else {
            return Ok(()); // It is gone.
        };
        // Only now: before the handle was open, the number could have passed to another process.
        if marked(self.pid, run).as_ref() != Some(self) {
            return Ok(());
        }
        match pidfd_send_signal(&handle, Signal::KILL) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(error).with_context(|| format!("failed to kill {}", self.name)),
        }
    }
}

/// The process `pid`, when it bears the mark of `run`. A zombie bears none.
fn marked(pid: i32, run: &str) -> Option<Marked> {
    let environment = environment(pid)?;
    let value = |name: &str| {
        environment
            .split(|it| *it == 0)
            .filter_map(|it| std::str::from_utf8(it).ok())
            .find_map(|it| it.strip_prefix(name)?.strip_prefix('='))
    };
    (value(RUN_MARK)? == run).then(|| Marked {
        pid,
        name: value(NAME_MARK).unwrap_or_default().to_owned(),
    })
}

/// The environment of a process. While it starts a program there is none to read, or that of the
/// program before; so what was read counts only if the process was the same before and after.
fn environment(pid: i32) -> Option<Vec<u8>> {
    let path = format!("/proc/{pid}/environ");
    let what = format!("the environment of {pid}");
    let read = until(&what, EXEC_TIMEOUT, || {
        let before = Stat::read(pid);
        let bytes = std::fs::read(&path)?;
        let after = Stat::read(pid);
        let is_settled = match (before, after) {
            (Some(before), Some(after)) => !after.is_in_exec() && before.is_same(&after),
            _ => true, // It is gone.
        };
        Ok(is_settled.then_some(bytes))
    });
    read.ok()
}

/// Every process that bears the mark of `run`.
pub(crate) fn find(run: &str) -> Result<Vec<Marked>> {
    let entries = std::fs::read_dir("/proc").context("failed to read /proc")?;
    Ok(entries
        .filter_map(|it| it.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|pid| marked(pid, run))
        .collect())
}

/// Kills, at once, what bears the mark of `run` and whose name `is_chosen`; waits until it is gone.
pub(crate) fn kill(run: &str, is_chosen: impl Fn(&str) -> bool) -> Result<()> {
    let mut n_empty = 0;
    until("the end of killed processes", GONE_TIMEOUT, || {
        // Again and again: a process may have started another before it died, and may have done so
        // behind the back of one look at them all. It can't behind two.
        let mut left = find(run)?;
        left.retain(|it| is_chosen(&it.name));
        for process in &left {
            process.kill(run)?;
        }
        n_empty = if left.is_empty() { n_empty + 1 } else { 0 };
        Ok((n_empty == 2).then_some(()))
    })
}

/// Starts `command` in a session of its own, so that it outlives us and our terminal.
pub(crate) fn spawn(run: &str, name: &str, log: &Path, command: &[&str]) -> Result<Child> {
    prepare(run, name, log, "setsid", command)?
        .spawn()
        .with_context(|| format!("failed to start {name}"))
}

/// Starts `command` so that the kernel kills it when this process ends, however that happens.
pub(crate) fn spawn_tied(run: &str, name: &str, log: &Path, command: &[&str]) -> Result<Child> {
    let tied: Vec<&str> = ["--pdeathsig", "KILL", "--"]
        .iter()
        .chain(command)
        .copied()
        .collect();
    let command = prepare(run, name, log, "setpriv", &tied)?;
    spawn_on_lasting_thread(command).with_context(|| format!("failed to start {name}"))
}

/// Marks what `command` will start as part of `run`.
pub(crate) fn mark(command: &mut Command, run: &str, name: &str) {
    command.env(RUN_MARK, run).env(NAME_MARK, name);
}

fn prepare(
    run: &str,
    name: &str,
    log: &Path,
    program: &str,
    arguments: &[&str],
) -> Result<Command> {
    if let Some(folder) = log.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("failed to make {}", folder.display()))?;
    }
    let open = || {
        File::options()
            .create(true)
            .append(true)
            .open(log)
            .with_context(|| format!("failed to open {}", log.display()))
    };
    let mut command = Command::new(program);
    mark(&mut command, run, name);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(open()?)
        .stderr(open()?);
    Ok(command)
}

type Job = (Command, mpsc::Sender<std::io::Result<Child>>);

/// Spawns from a thread that lives as long as the process: the kernel's "parent death" is the death
/// of the thread that spawned, and a test's thread ends with the test.
fn spawn_on_lasting_thread(command: Command) -> Result<Child> {
    static JOBS: OnceLock<Mutex<mpsc::Sender<Job>>> = OnceLock::new();
    let jobs = JOBS.get_or_init(|| {
        let (sender, receiver) = mpsc::channel::<Job>();
        std::thread::spawn(move || {
            for (mut command, reply) in receiver {
                // The asker waits for the reply; if it is gone, so is the process that would care.
                drop(reply.send(command.spawn()));
            }
        });
        Mutex::new(sender)
    });
    let (reply, answer) = mpsc::channel();
    jobs.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .send((command, reply))
        .map_err(|_| anyhow!("the thread that starts processes is gone"))?;
    let child = answer
        .recv()
        .context("the thread that starts processes is gone")??;
    Ok(child)
}

/// The end of a log, to show when its writer failed.
pub(crate) fn log_tail(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    format!(
        "the end of {}:\n{}",
        log.display(),
        last_lines(text.trim_end(), 15)
    )
}

/// One process for all time: a number is used again, a number with its start is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    pid: u32,
    /// In clock ticks since the machine started.
    start_ticks: u64,
}

impl Identity {
    pub(crate) fn of_this_process() -> Result<Identity> {
        let pid = std::process::id();
        let start_ticks = start_ticks(pid).context("/proc has no entry for this process")?;
        Ok(Identity { pid, start_ticks })
    }

    pub(crate) fn is_alive(&self) -> bool {
        start_ticks(self.pid) == Some(self.start_ticks)
    }
}

fn start_ticks(pid: u32) -> Option<u64> {
    let stat = Stat::read(i32::try_from(pid).ok()?)?;
    (!stat.is_zombie()).then(|| stat.field(22))?
}

/// `/proc/<pid>/stat`: what the kernel says of a process, by the numbers of proc(5).
struct Stat {
    /// From field 3 on. The fields are counted from behind the name, which may hold anything.
    fields: Vec<String>,
}

impl Stat {
    /// The kernel's flags of a process that is ending, and of one that never had memory of its own.
    const EXITING: u64 = 0x4;
    const KERNEL_THREAD: u64 = 0x0020_0000;

    fn read(pid: i32) -> Option<Stat> {
        let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (_, fields) = text.rsplit_once(')')?;
        Some(Stat {
            fields: fields.split_whitespace().map(str::to_owned).collect(),
        })
    }

    fn field(&self, number: usize) -> Option<u64> {
        self.fields.get(number - 3)?.parse().ok()
    }

    fn is_zombie(&self) -> bool {
        self.fields.first().is_some_and(|it| it == "Z" || it == "X")
    }

    /// Whether it runs the same program still: another one has its environment elsewhere.
    fn is_same(&self, other: &Stat) -> bool {
        self.field(51) == other.field(51)
    }

    /// Whether it lives but its environment is not in its memory yet.
    fn is_in_exec(&self) -> bool {
        let flags = self.field(9).unwrap_or_default();
        let has_environment = self.field(51).is_some_and(|end| end != 0);
        let is_without = Stat::EXITING | Stat::KERNEL_THREAD;
        !self.is_zombie() && flags & is_without == 0 && !has_environment
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> String {
        uuid::Uuid::new_v4().to_string()
    }

    #[test]
    fn only_what_bears_the_mark_is_found_and_killed() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("x.log");
        let (ours, others) = (id(), id());
        let mut one = spawn(&ours, "one", &log, &["sleep", "600"]).unwrap();
        let mut two = spawn(&others, "two", &log, &["sleep", "600"]).unwrap();
        until("the mark", Duration::from_secs(10), || {
            Ok((find(&ours)?.len() == 1).then_some(()))
        })
        .unwrap();
        kill(&ours, |_| true).unwrap();
        assert!(!one.wait().unwrap().success());
        assert!(two.try_wait().unwrap().is_none());
        kill(&others, |name| name == "one").unwrap();
        assert!(two.try_wait().unwrap().is_none());
        kill(&others, |name| name == "two").unwrap();
        assert!(!two.wait().unwrap().success());
    }

    #[test]
    fn the_children_of_a_marked_process_are_found_too() {
        let folder = tempfile::tempdir().unwrap();
        let run = id();
        let log = folder.path().join("x.log");
        let script = "sleep 600 & wait";
        let mut child = spawn(&run, "parent", &log, &["sh", "-c", script]).unwrap();
        until("both", Duration::from_secs(10), || {
            Ok((find(&run)?.len() == 2).then_some(()))
        })
        .unwrap();
        kill(&run, |_| true).unwrap();
        assert!(find(&run).unwrap().is_empty());
        child.wait().unwrap();
    }

    #[test]
    fn a_process_is_found_at_every_moment_of_starting_one_program_after_another() {
        let folder = tempfile::tempdir().unwrap();
        let run = id();
        let log = folder.path().join("x.log");
        let chain = "i=$1; [ $i = 0 ] && exec sleep 600; exec sh \"$0\" $((i - 1))";
        let script = folder.path().join("chain.sh");
        std::fs::write(&script, chain).unwrap();
        let script = script.to_str().unwrap();
        let mut child = spawn(&run, "chain", &log, &["sh", script, "300"]).unwrap();
        until("the end of the chain", Duration::from_secs(60), || {
            assert_eq!(find(&run).unwrap().len(), 1);
            let name = std::fs::read_to_string(format!("/proc/{}/comm", child.id()))?;
            Ok((name.trim() == "sleep").then_some(()))
        })
        .unwrap();
        kill(&run, |_| true).unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn a_tied_process_outlives_the_thread_that_asked_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let run = id();
        let log = folder.path().join("x.log");
        let asked = run.clone();
        let mut child = std::thread::spawn(move || {
            spawn_tied(&asked, "tied", &log, &["sleep", "600"]).unwrap()
        })
        .join()
        .unwrap();
        until("the tie", Duration::from_secs(10), || {
            let name = std::fs::read_to_string(format!("/proc/{}/comm", child.id()))?;
            Ok((name.trim() == "sleep").then_some(()))
        })
        .unwrap();
        assert!(child.try_wait().unwrap().is_none());
        kill(&run, |_| true).unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn an_identity_ends_with_its_process() {
        let mut child = Command::new("sleep").arg("600").spawn().unwrap();
        let pid = child.id();
        let identity = Identity {
            pid,
            start_ticks: start_ticks(pid).unwrap(),
        };
        assert!(identity.is_alive());
        assert!(Identity::of_this_process().unwrap().is_alive());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!identity.is_alive());
    }
}
