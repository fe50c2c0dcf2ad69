//! One loop that runs every task of every broker, in an order that only the seed decides.
//!
//! In: tasks, each with the process it belongs to, and timers on a virtual clock. Out: the tasks
//! polled, first woken first polled, until none is left to poll; then the clock jumps to the next
//! timer. Never here: a thread, a real clock, or an order that depends on either.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use broker_node::world::BoxFuture;
use broker_types::Monotonic;

/// The process that a task dies with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Process(pub u32);

type TaskId = u64;

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
#[derive(Default)]
pub struct Executor {
    handle: Handle,
    tasks: BTreeMap<TaskId, Task>,
    n_tasks: u64,
    /// How many times a task was polled: part of what must be equal when a seed is run again.
    pub polls: u64,
}

impl Executor {
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Polls tasks until none is woken.
    pub fn run_until_idle(&mut self) {
        loop {
            self.adopt_spawned();
            let Some(id) = self.handle.with(|it| it.woken.pop_front()) else {
                return;
            };
            let Some(task) = self.tasks.get_mut(&id) else {
                continue;
            };
            task.waker.is_queued.store(false, Ordering::SeqCst);
            let waker = Waker::from(Arc::clone(&task.waker));
            self.polls += 1;
            if task
                .future
                .as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_ready()
            {
                self.tasks.remove(&id);
            }
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
        self.handle
            .with(|it| it.timers.keys().next().map(|(at, _)| *at))
    }

    /// Moves the clock to `now` and wakes what is due.
    pub fn advance_to(&mut self, now: Monotonic) {
        let due = self.handle.with(|queues| {
            assert!(queues.now <= now, "the virtual clock goes forward");
            queues.now = now;
            let later = queues
                .timers
                .split_off(&(now + std::time::Duration::from_micros(1), 0));
            std::mem::replace(&mut queues.timers, later)
        });
        for waker in due.into_values() {
            waker.wake();
        }
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(executor: &mut Executor) {
        executor.run_until_idle();
        while let Some(at) = executor.next_timer() {
            executor.advance_to(at);
            executor.run_until_idle();
        }
    }

    #[test]
    fn timers_fire_in_the_order_of_their_deadlines() {
        let mut executor = Executor::default();
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
    fn a_killed_process_runs_no_further() {
        let mut executor = Executor::default();
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
