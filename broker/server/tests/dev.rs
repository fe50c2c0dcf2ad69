//! `tidemill-broker dev` and `run` as people meet them: how a cluster stops, and what is said when it
//! cannot start.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a process that does not do as it should is a failed test"
)]

mod judges;

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How long anything that is waited for may take.
const WITHIN: Duration = Duration::from_secs(60);
/// Ports of one test: as many in each, so that those of two never meet.
const PORTS: u16 = 4;

/// A process and the lines that it writes; killed when dropped.
struct Process {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Process {
    /// In a process group of its own, as a shell with job control starts it.
    fn start(arguments: &[&str]) -> Process {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tidemill-broker"))
            .args(arguments)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let second = sender.clone();
        std::thread::spawn(move || {
            let lines = BufReader::new(out).lines().map_while(Result::ok);
            lines.for_each(|it| drop(sender.send(it)));
        });
        std::thread::spawn(move || {
            let lines = BufReader::new(err).lines().map_while(Result::ok);
            lines.for_each(|it| drop(second.send(it)));
        });
        Process {
            child,
            lines,
            seen: Vec::new(),
        }
    }

    fn dev(data_dir: &Path, n_brokers: u16, port: u16) -> Process {
        let (n_brokers, port) = (n_brokers.to_string(), port.to_string());
        let data_dir = data_dir.to_str().unwrap();
        Process::start(&[
            "dev",
            "--brokers",
            &n_brokers,
            "--port",
            &port,
            "--data-dir",
            data_dir,
        ])
    }

    fn run(config: &Path) -> Process {
        Process::start(&["run", "--config", config.to_str().unwrap()])
    }

    /// Lines of the two streams come in any order.
    #[track_caller]
    fn await_line(&mut self, part: &str) {
        if self.seen.iter().any(|it| it.contains(part)) {
            return;
        }
        let deadline = Instant::now() + WITHIN;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("`{part}` was not said:\n{}", self.seen.join("\n"));
            };
            let is_found = line.contains(part);
            self.seen.push(line);
            if is_found {
                return;
            }
        }
    }

    /// To the process and its group, as Ctrl-C in a terminal.
    fn interrupt(&self) {
        signal("INT", &format!("-{}", self.child.id()));
    }

    /// Waits for the end; whether it was a success, and all that was said.
    #[track_caller]
    fn end(&mut self) -> (bool, String) {
        let deadline = Instant::now() + WITHIN;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => self.seen.push(line),
                Err(_) => break,
            }
        }
        assert!(
            Instant::now() < deadline,
            "still there:\n{}",
            self.seen.join("\n")
        );
        let status = self.child.wait().unwrap();
        (status.success(), self.seen.join("\n"))
    }

    #[track_caller]
    fn fails(mut self, parts: &[&str]) {
        let (is_success, said) = self.end();
        assert!(!is_success, "{said}");
        for part in parts {
            assert!(said.contains(part), "`{part}` is not in:\n{said}");
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn signal(name: &str, process: &str) {
    let sent = Command::new("kill")
        .args(["-s", name, "--", process])
        .status();
    assert!(sent.unwrap().success(), "{process} was gone already");
}

#[test]
fn ctrl_c_stops_all_brokers_at_once_and_cleanly() {
    let folder = tempfile::tempdir().unwrap();
    let port = judges::free_ports(PORTS);
    let mut dev = Process::dev(folder.path(), 3, port);
    dev.await_line("ready 127.0.0.1");
    dev.interrupt();
    dev.await_line("Ctrl-C again");
    let (is_success, said) = dev.end();
    assert!(is_success, "{said}");
    assert!(!said.contains("did not let this broker go"), "{said}");
    assert!(!said.contains('\u{1b}'), "colours where nobody sees them");
    for broker in 1..=3 {
        let marker = format!("broker-{broker}/.kafka_cleanshutdown");
        assert!(folder.path().join(marker).is_file(), "{said}");
    }
    let mut again = Process::dev(folder.path(), 3, port);
    again.await_line("ready 127.0.0.1");
}

#[test]
fn a_second_ctrl_c_ends_a_broker_that_does_not_stop() {
    let folder = tempfile::tempdir().unwrap();
    let mut dev = Process::dev(folder.path(), 2, judges::free_ports(PORTS));
    dev.await_line("ready 127.0.0.1");
    let pid = std::fs::read_to_string(folder.path().join("broker-2.pid")).unwrap();
    signal("STOP", pid.trim());
    dev.interrupt();
    dev.await_line("Ctrl-C again");
    dev.interrupt();
    dev.await_line("were killed");
    dev.end();
}

#[test]
fn what_another_process_has_is_told_before_anything_is_started() {
    let folder = tempfile::tempdir().unwrap();
    let first = folder.path().join("first");
    let port = judges::free_ports(PORTS);
    let mut dev = Process::dev(&first, 1, port);
    dev.await_line("ready 127.0.0.1");
    let config = || std::fs::read_to_string(first.join("broker-1.yaml")).unwrap();
    let before = config();
    Process::dev(&first, 1, port + 1).fails(&["another dev runs on --data-dir"]);
    assert_eq!(config(), before);
    let second = folder.path().join("second");
    Process::dev(&second, 1, port).fails(&["by --port", &port.to_string(), "in use"]);
    assert!(!second.join("broker-1.yaml").exists());
    let broker = Process::run(&first.join("broker-1.yaml"));
    broker.fails(&["another broker uses the data directory: stop that one"]);
}

#[test]
fn a_broker_that_cannot_go_on_says_why_and_what_helps() {
    let folder = tempfile::tempdir().unwrap();
    let port = judges::free_ports(PORTS);
    let data_dir = folder.path().join("data");
    let config = folder.path().join("broker.yaml");
    let on = |index: u16| format!("127.0.0.1:{}", port + index);
    let text = format!(
        "nodeId: 1\ndataDir: {}\nlisteners:\n  clients: [{{name: clients, bind: '{1}', advertised: \
         '{1}'}}]\n  replication: {{bind: '{2}', advertised: '{2}'}}\n  control: {{bind: '{3}'}}\n",
        data_dir.display(),
        on(0),
        on(1),
        on(2),
    );
    std::fs::write(&config, text).unwrap();
    let start = || Process::run(&config);

    let taken = std::net::TcpListener::bind(on(0)).unwrap();
    start().fails(&["failed to listen on", &on(0)]);
    drop(taken);
    let mut waiting = start();
    waiting.await_line("unformatted ");
    waiting.await_line("waiting until the operator, or `tidemill-broker dev`");
    drop(waiting);

    let meta = data_dir.join("meta.properties");
    let path = meta.to_str().unwrap();
    std::fs::write(&meta, "version=7\n").unwrap();
    start().fails(&[path, "version is not 1", "put the file back"]);
    std::fs::remove_file(&meta).unwrap();
    std::fs::create_dir(data_dir.join("orders-0")).unwrap();
    start().fails(&[
        "has data (orders-0) and no meta.properties",
        "put the file back",
    ]);
    assert!(!meta.exists());
    std::fs::remove_file(data_dir.join(".lock")).unwrap();
    std::fs::create_dir(data_dir.join(".lock")).unwrap();
    start().fails(&["cannot be locked", "as user "]);
}
