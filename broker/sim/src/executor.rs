//! One loop that runs every task of every broker, in an order that only the seed decides.
//!
//! In: tasks, each with the process it belongs to, and timers on a virtual clock. Out: the tasks
//! polled, in an order that chance decides as threads would, until none is left to poll; then the
//! clock jumps to the next timer. Never here: a thread, a real clock, or an order that depends on
//! either.
//!
//! A process may be paused: its tasks wait until it goes on. A task may end its process, at that
//! instruction: it unwinds with [`end_process`].

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use broker_node::world::BoxFuture;
use broker_types::Monotonic;

use crate::rng::Chance;

/// How many of the tasks that wait longest chance picks the next one from.
const PICK_FROM: usize = 4;

/// Polls within one instant that no honest work needs: whoever makes more waits for nothing.
const POLLS_AT_ONCE_MAX: u64 = 1_000_000;

/// The process that a task dies with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Process(pub u32);

impl Process {
    /// What runs outside of all processes: the network, and whoever watches.
    pub const OUTSIDE: Process = Process(0);
}

type TaskId = u64;

/// What a task unwinds with that ends its process.
struct Ended {
    reason: String,
}

/// Ends the process whose task is being polled, as `exit` or a signal would: nothing of it runs any
/// more, not even the rest of this function.
pub fn end_process(reason: String) -> ! {
    // Not a panic: no hook is called, and the executor catches it.
    resume_unwind(Box::new(Ended { reason }))
}

thread_local! {
    static CURRENT: Cell<(u32, u64)> = const { Cell::new((0, 0)) };
}

/// The process whose task is being polled on this thread, and the virtual time in microseconds.
pub fn current() -> (Process, u64) {
    let (process, micros) = CURRENT.get();
    (Process(process), micros)
}

/// How threads are held up by what else the machine does.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stalls {
    /// How often a task that could run does not, in a million.
    pub per_million: u64,
    pub micros_max: u64,
}

#[derive(Default)]
struct Queues {
    woken: VecDeque<TaskId>,
    spawned: VecDeque<(Process, BoxFuture<()>)>,
    timers: BTreeMap<(Monotonic, u64), Waker>,
    n_timers: u64,
    now: Monotonic,
}

/// The side of the executor that tasks hold.
#[derive(Clone, Default)]
pub struct Handle {
    queues: Arc<Mutex<Queues>>,
}

impl Handle {
    fn with<T>(&self, work: impl FnOnce(&mut Queues) -> T) -> T {
        work(&mut self.queues.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Starts a task that dies with `process`.
    pub fn spawn(&self, process: Process, task: BoxFuture<()>) {
        self.with(|it| it.spawned.push_back((process, task)));
    }

    /// The virtual time.
    pub fn now(&self) -> Monotonic {
        self.with(|it| it.now)
    }

    /// Completes once the virtual time has reached `deadline`.
    pub fn sleep_until(&self, deadline: Monotonic) -> BoxFuture<()> {
        Box::pin(Sleep {
            deadline,
            registered: None,
            handle: self.clone(),
        })
    }
}

struct Sleep {
    deadline: Monotonic,
    registered: Option<(Monotonic, u64)>,
    handle: Handle,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let handle = self.handle.clone();
        handle.with(|queues| {
            if let Some(key) = self.registered.take() {
                queues.timers.remove(&key);
            }
            if queues.now >= self.deadline {
                return Poll::Ready(());
            }
            let key = (self.deadline, queues.n_timers);
            queues.n_timers += 1;
            queues.timers.insert(key, context.waker().clone());
            self.registered = Some(key);
            Poll::Pending
        })
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(key) = self.registered.take() {
            self.handle.with(|it| it.timers.remove(&key));
        }
    }
}

struct TaskWaker {
    id: TaskId,
    is_queued: AtomicBool,
    handle: Handle,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        if !self.is_queued.swap(true, Ordering::SeqCst) {
            self.handle.with(|it| it.woken.push_back(self.id));
        }
    }
}

struct Task {
    process: Process,
    future: BoxFuture<()>,
    waker: Arc<TaskWaker>,
}

/// The side of the executor that the simulation's loop holds.
pub struct Executor {
    handle: Handle,
    chance: Chance,
    tasks: BTreeMap<TaskId, Task>,
    n_tasks: u64,
    paused: BTreeSet<Process>,
    /// Tasks of paused processes that would be polled.
    parked: Vec<TaskId>,
    stalls: Stalls,
    /// Tasks that are held up, and until when.
    stalled: BTreeSet<(Monotonic, TaskId)>,
    /// How many times a task was polled: part of what must be equal when a seed is run again.
    pub polls: u64,
    /// `polls` when the clock last moved.
    polls_before: u64,
}

impl Executor {
    pub fn new(chance: Chance) -> Executor {
        Executor {
            handle: Handle::default(),
            chance,
            tasks: BTreeMap::new(),
            n_tasks: 0,
            paused: BTreeSet::new(),
            parked: Vec::new(),
            stalls: Stalls::default(),
            stalled: BTreeSet::new(),
            polls: 0,
            polls_before: 0,
        }
    }

    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    pub fn set_stalls(&mut self, stalls: Stalls) {
        self.stalls = stalls;
    }

    /// Polls tasks until none is woken, or until one ends its process; then no task of that process
    /// may be polled again before it is killed.
    pub fn run_until_idle(&mut self) -> Option<(Process, String)> {
        loop {
            self.adopt_spawned();
            let chance = &self.chance;
            let next = self.handle.with(|it| {
                let among = it.woken.len().min(PICK_FROM);
                let at = if among > 1 { chance.index(among) } else { 0 };
                it.woken.remove(at)
            });
            let id = next?;
            if let Some(ended) = self.poll(id) {
                return Some(ended);
            }
        }
    }

    fn poll(&mut self, id: TaskId) -> Option<(Process, String)> {
        let now = self.handle.now();
        let task = self.tasks.get_mut(&id)?;
        let process = task.process;
        if self.paused.contains(&process) {
            self.parked.push(id);
            return None;
        }
        if self.stalls.per_million > 0
            && process != Process::OUTSIDE
            && self.chance.number() % 1_000_000 < self.stalls.per_million
        {
            let until = now + self.chance.micros(1, self.stalls.micros_max.max(1));
            self.stalled.insert((until, id));
            return None;
        }
        task.waker.is_queued.store(false, Ordering::SeqCst);
        let waker = Waker::from(Arc::clone(&task.waker));
        self.polls += 1;
        assert!(
            self.polls - self.polls_before < POLLS_AT_ONCE_MAX,
            "a task of process {} is awake without end",
            process.0
        );
        CURRENT.set((process.0, now.as_micros()));
        let mut context = Context::from_waker(&waker);
        let polled = catch_unwind(AssertUnwindSafe(|| task.future.as_mut().poll(&mut context)));
        CURRENT.set((0, now.as_micros()));
        match polled {
            Ok(Poll::Pending) => None,
            Ok(Poll::Ready(())) => {
                self.tasks.remove(&id);
                None
            }
            Err(unwound) => match unwound.downcast::<Ended>() {
                Ok(ended) => Some((process, ended.reason)),
                Err(panic) => resume_unwind(panic),
            },
        }
    }

    fn adopt_spawned(&mut self) {
        while let Some((process, future)) = self.handle.with(|it| it.spawned.pop_front()) {
            let id = self.n_tasks;
            self.n_tasks += 1;
            let handle = self.handle.clone();
            let waker = Arc::new(TaskWaker {
                id,
                is_queued: AtomicBool::new(true),
                handle,
            });
            self.tasks.insert(
                id,
                Task {
                    process,
                    future,
                    waker,
                },
            );
            self.handle.with(|it| it.woken.push_back(id));
        }
    }

    /// When the next timer is due; `None` when nothing will ever happen again by itself.
    pub fn next_timer(&self) -> Option<Monotonic> {
        let stalled = self.stalled.first().map(|(at, _)| *at);
        let timer = self
            .handle
            .with(|it| it.timers.keys().next().map(|(at, _)| *at));
        timer.into_iter().chain(stalled).min()
    }

    /// Moves the clock to `now` and wakes what is due.
    pub fn advance_to(&mut self, now: Monotonic) {
        let due = self.handle.with(|queues| {
            assert!(queues.now <= now, "the virtual clock goes forward");
            if queues.now < now {
                self.polls_before = self.polls;
            }
            queues.now = now;
            let later = queues
                .timers
                .split_off(&(now + std::time::Duration::from_micros(1), 0));
            std::mem::replace(&mut queues.timers, later)
        });
        for waker in due.into_values() {
            waker.wake();
        }
        let later = self
            .stalled
            .split_off(&(now + std::time::Duration::from_micros(1), 0));
        for (_, id) in std::mem::replace(&mut self.stalled, later) {
            self.handle.with(|it| it.woken.push_back(id));
        }
    }

    /// Nothing of the process runs until it is resumed.
    pub fn pause(&mut self, process: Process) {
        self.paused.insert(process);
    }

    pub fn resume(&mut self, process: Process) {
        self.paused.remove(&process);
        let parked = std::mem::take(&mut self.parked);
        self.handle.with(|it| it.woken.extend(parked));
    }

    /// Ends a process: its tasks vanish between two polls, as if at that instruction.
    pub fn kill(&mut self, process: Process) {
        self.adopt_spawned();
        let dying: Vec<TaskId> = self
            .tasks
            .iter()
            .filter(|(_, it)| it.process == process)
            .map(|(id, _)| *id)
            .collect();
        for id in dying {
            self.tasks.remove(&id);
        }
        // What their destructors spawned dies as well.
        self.handle
            .with(|it| it.spawned.retain(|(owner, _)| *owner != process));
        self.paused.remove(&process);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(executor: &mut Executor) {
        assert_eq!(executor.run_until_idle(), None);
        while let Some(at) = executor.next_timer() {
            executor.advance_to(at);
            assert_eq!(executor.run_until_idle(), None);
        }
    }

    #[test]
    fn timers_fire_in_the_order_of_their_deadlines() {
        let mut executor = Executor::new(Chance::new(1));
        let order = Arc::new(Mutex::new(Vec::new()));
        for at in [30, 10, 20, 10] {
            let (handle, order) = (executor.handle(), Arc::clone(&order));
            executor.handle().spawn(
                Process(1),
                Box::pin(async move {
                    handle.sleep_until(Monotonic::from_micros(at)).await;
                    order.lock().unwrap().push((at, handle.now().as_micros()));
                }),
            );
        }
        run(&mut executor);
        assert_eq!(
            *order.lock().unwrap(),
            [(10, 10), (10, 10), (20, 20), (30, 30)]
        );
    }

    #[test]
    fn a_process_that_ends_itself_runs_no_further() {
        let mut executor = Executor::new(Chance::new(1));
        executor.handle().spawn(
            Process(7),
            Box::pin(async { end_process("enough".to_owned()) }),
        );
        let ended = executor.run_until_idle();
        assert_eq!(ended, Some((Process(7), "enough".to_owned())));
        executor.kill(Process(7));
        assert_eq!(executor.run_until_idle(), None);
    }

    #[test]
    fn a_paused_process_goes_on_where_it_was() {
        let mut executor = Executor::new(Chance::new(1));
        let reached = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&reached);
        executor.pause(Process(1));
        executor.handle().spawn(
            Process(1),
            Box::pin(async move { flag.store(true, Ordering::SeqCst) }),
        );
        run(&mut executor);
        assert!(!reached.load(Ordering::SeqCst));
        executor.resume(Process(1));
        run(&mut executor);
        assert!(reached.load(Ordering::SeqCst));
    }

    #[test]
    fn a_killed_process_runs_no_further() {
        let mut executor = Executor::new(Chance::new(1));
        let reached = Arc::new(AtomicBool::new(false));
        let (handle, flag) = (executor.handle(), Arc::clone(&reached));
        executor.handle().spawn(
            Process(1),
            Box::pin(async move {
                handle.sleep_until(Monotonic::from_micros(10)).await;
                flag.store(true, Ordering::SeqCst);
            }),
        );
        executor.run_until_idle();
        executor.kill(Process(1));
        run(&mut executor);
        assert!(!reached.load(Ordering::SeqCst));
        assert_eq!(executor.next_timer(), None);
    }
}
