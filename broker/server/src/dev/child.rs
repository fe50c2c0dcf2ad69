//! One broker process and its restarts.
//!
//! In: where its configuration is. Out: the process, its pid file, what it says on standard output.
//! Never here: the other brokers.

use std::process::Stdio;
use std::time::Duration;

use broker_types::DirectoryId;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot};

use super::layout::BrokerLayout;

/// Pause before a child that died at once is started again; doubles up to the longest.
const RESTART_AFTER_MIN: Duration = Duration::from_millis(50);
const RESTART_AFTER_MAX: Duration = Duration::from_secs(5);
/// A child that lived this long is started again without a pause.
const LIVED_LONG: Duration = Duration::from_secs(10);
/// How long a child may take to stop before it is killed.
const STOP_WITHIN: Duration = Duration::from_secs(25);

/// What a child says.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// It has an empty disk and waits to be told which cluster it belongs to.
    Unformatted {
        broker: u32,
        directory_id: DirectoryId,
    },
    /// It serves.
    Ready { broker: u32 },
}

/// A broker that is kept running.
pub(super) struct Supervised {
    layout: BrokerLayout,
    events: mpsc::Sender<Event>,
}

impl Supervised {
    pub(super) fn new(layout: BrokerLayout, events: mpsc::Sender<Event>) -> Supervised {
        Supervised { layout, events }
    }

    /// Runs until `stop` says so.
    pub(super) async fn run(self, mut stop: oneshot::Receiver<()>) {
        let mut pause = RESTART_AFTER_MIN;
        loop {
            let started = tokio::time::Instant::now();
            let ended = match self.start() {
                Ok(mut child) => {
                    let is_stopped = self.attend(&mut child, &mut stop).await;
                    let _ = std::fs::remove_file(&self.layout.pid_file);
                    if is_stopped {
                        return;
                    }
                    "it ended".to_owned()
                }
                Err(error) => error.to_string(),
            };
            pause = if started.elapsed() >= LIVED_LONG {
                RESTART_AFTER_MIN
            } else {
                pause
            };
            tracing::warn!(
                broker = self.layout.broker_id,
                "{ended}; starting it again in {pause:?}"
            );
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = &mut stop => return,
            }
            pause = (pause * 2).min(RESTART_AFTER_MAX);
        }
    }

    fn start(&self) -> std::io::Result<Child> {
        let child = Command::new(std::env::current_exe()?)
            .args(["run", "--end-with-parent", "--config"])
            .arg(&self.layout.config_file)
            // The child ends when this pipe does, so that none outlives us, however we end.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Ctrl-C in a terminal goes to a whole process group. A broker that got it would take
            // itself for the only one that stops, and wait for a controller that stops too.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        if let Some(pid) = child.id() {
            std::fs::write(&self.layout.pid_file, format!("{pid}\n"))?;
        }
        Ok(child)
    }

    /// Reads what the child says until it ends; whether it ended because we were stopped. It learns
    /// from the end of its standard input that the whole cluster stops.
    async fn attend(&self, child: &mut Child, stop: &mut oneshot::Receiver<()>) -> bool {
        let stdin = child.stdin.take();
        let Some(stdout) = child.stdout.take() else {
            return false;
        };
        let mut lines = BufReader::new(stdout).lines();
        loop {
            tokio::select! {
                line = lines.next_line() => match line {
                    Ok(Some(line)) => self.tell(&line).await,
                    Ok(None) | Err(_) => {
                        let _ = child.wait().await;
                        return false;
                    }
                },
                _ = &mut *stop => {
                    drop(stdin);
                    if tokio::time::timeout(STOP_WITHIN, child.wait()).await.is_err() {
                        let _ = child.kill().await;
                    }
                    return true;
                }
            }
        }
    }

    async fn tell(&self, line: &str) {
        let broker = self.layout.broker_id;
        let event = if line == "ready" {
            Some(Event::Ready { broker })
        } else {
            line.strip_prefix("unformatted ")
                .and_then(|it| it.parse().ok())
                .map(|directory_id| Event::Unformatted {
                    broker,
                    directory_id,
                })
        };
        if let Some(event) = event {
            // Nobody listens any more only when the whole cluster is ending.
            let _ = self.events.send(event).await;
        }
    }
}
