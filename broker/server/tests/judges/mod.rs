//! The judges from outside: a cluster of real broker processes, and the clients that judge it.
//!
//! In: how many brokers, and a tool's arguments. Out: what the tool printed, or a panic that shows
//! it. Never here: an own client; what these tests ask for is that others' clients work unchanged.

#![allow(dead_code, reason = "each test binary uses a part of the judges")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a judge that cannot work is a failed test"
)]

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

/// How long a cluster may take to say that it is ready.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// How long one run of a tool may take.
const TOOL_WITHIN: Duration = Duration::from_secs(120);

/// A running `tidemill-broker dev`, ended when dropped.
pub(crate) struct Cluster {
    child: Child,
    pub bootstrap: String,
    pub data_dir: tempfile::TempDir,
}

impl Cluster {
    /// Starts `n_brokers` brokers on free ports and waits until they are ready.
    pub(crate) fn start(n_brokers: u16) -> Cluster {
        Cluster::launch(&[], n_brokers, |_| {})
    }

    /// The same, on data directories of which `prepare` makes some first, in the folder that it is given.
    pub(crate) fn start_prepared(n_brokers: u16, prepare: impl FnOnce(&Path)) -> Cluster {
        Cluster::launch(&[], n_brokers, prepare)
    }

    /// The same, as the arguments of another program that runs what it is given.
    pub(crate) fn start_under(runner: &[&str], n_brokers: u16) -> Cluster {
        Cluster::launch(runner, n_brokers, |_| {})
    }

    fn launch(runner: &[&str], n_brokers: u16, prepare: impl FnOnce(&Path)) -> Cluster {
        let data_dir = tempfile::tempdir().expect("a temporary folder");
        prepare(data_dir.path());
        let port = free_ports(n_brokers);
        let words = [runner, &[env!("CARGO_BIN_EXE_tidemill-broker")]].concat();
        let mut child = Command::new(words[0])
            .args(&words[1..])
            .args([
                "dev",
                "--brokers",
                &n_brokers.to_string(),
                "--port",
                &port.to_string(),
            ])
            .arg("--data-dir")
            .arg(data_dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::from(
                std::fs::File::create(data_dir.path().join("dev.log")).unwrap(),
            ))
            .spawn()
            .expect("the broker starts");
        let bootstrap = wait_ready(&mut child, data_dir.path());
        Cluster {
            child,
            bootstrap,
            data_dir,
        }
    }

    /// The process id of a broker; `None` while it is down.
    pub(crate) fn pid(&self, broker: u32) -> Option<u32> {
        let path = self.data_dir.path().join(format!("broker-{broker}.pid"));
        std::fs::read_to_string(path).ok()?.trim().parse().ok()
    }

    /// What the brokers logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.data_dir.path().join("dev.log")).unwrap_or_default()
    }

    /// Runs one of Kafka's tools by its main class.
    pub(crate) fn java(&self, main_class: &str, arguments: &[&str]) -> String {
        self.java_with_input(main_class, arguments, "")
    }

    /// Runs one of Kafka's tools with text on its standard input.
    pub(crate) fn java_with_input(
        &self,
        main_class: &str,
        arguments: &[&str],
        input: &str,
    ) -> String {
        let mut command = java_command(main_class);
        command.args(arguments);
        self.judged(command, input)
    }

    /// Runs a Python script with confluent-kafka; its arguments begin with the bootstrap servers.
    pub(crate) fn python(&self, script: &str, arguments: &[&str]) -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/python")
            .join(script);
        let mut command = outside(python());
        command.arg(path).arg(&self.bootstrap).args(arguments);
        self.judged(command, "")
    }

    /// Creates a topic and waits until every partition has a leader.
    pub(crate) fn create_topic(&self, name: &str, n_partitions: u32, n_replicas: u32) {
        self.create_topic_with(name, n_partitions, n_replicas, &[]);
    }

    /// The same, with configs of the topic, each `name=value`.
    pub(crate) fn create_topic_with(
        &self,
        name: &str,
        n_partitions: u32,
        n_replicas: u32,
        configs: &[&str],
    ) {
        let (partitions, replicas) = (n_partitions.to_string(), n_replicas.to_string());
        let arguments = [&[name, &partitions, &replicas], configs].concat();
        self.python("create.py", &arguments);
    }

    /// Sets the default of all brokers for a config, given as `name=value`.
    pub(crate) fn configure_brokers(&self, config: &str) {
        let arguments = [
            "--bootstrap-server",
            &self.bootstrap,
            "--alter",
            "--entity-type",
            "brokers",
            "--entity-default",
            "--add-config",
            config,
        ];
        self.java("kafka.admin.ConfigCommand", &arguments);
    }

    /// Writes so many records of a kilobyte with `acks=all` and `more` properties; what Kafka's tool
    /// says of it.
    pub(crate) fn produce_kilobytes(&self, topic: &str, n_records: u32, more: &[&str]) -> String {
        let servers = format!("bootstrap.servers={}", self.bootstrap);
        let n_records = n_records.to_string();
        let arguments = [
            "--topic",
            topic,
            "--num-records",
            &n_records,
            "--record-size",
            "1024",
            "--throughput",
            "-1",
            "--producer-props",
            &servers,
            "acks=all",
        ];
        let arguments = [&arguments[..], more].concat();
        self.java("org.apache.kafka.tools.ProducerPerformance", &arguments)
    }

    /// Runs kcat.
    pub(crate) fn kcat(&self, arguments: &[&str], input: &str) -> String {
        let mut command = outside("kcat");
        command.args(["-b", &self.bootstrap]).args(arguments);
        self.judged(command, input)
    }

    /// Starts a Python script and leaves it running; whoever drops the child must end it. Its
    /// standard input stays open until the child's is dropped.
    pub(crate) fn python_running(&self, script: &str, arguments: &[&str]) -> Child {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/python")
            .join(script);
        let mut command = outside(python());
        command.arg(path).arg(&self.bootstrap).args(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit());
        command
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"))
    }

    /// Ends a broker by a signal, `KILL` as a crash would; it is started again on its own data.
    ///
    /// Returns once another process has taken its place.
    pub(crate) fn end(&self, broker: u32, signal: &str) {
        self.end_all(&[broker], signal);
    }

    /// Ends several brokers by the same signal at once.
    ///
    /// Returns once other processes have taken their places, and are registered: before that the
    /// metadata may still say that all is well.
    pub(crate) fn end_all(&self, brokers: &[u32], signal: &str) {
        let registered_before = self.n_registered();
        let before = self.signal(brokers, signal);
        self.await_successors(brokers, &before, registered_before);
    }

    /// Kills a broker, and does something before it is started again. Returns as [`Cluster::end_all`].
    pub(crate) fn while_down(&self, broker: u32, work: impl FnOnce()) {
        self.while_all_down(&[broker], work);
    }

    /// The same with several brokers.
    pub(crate) fn while_all_down(&self, brokers: &[u32], work: impl FnOnce()) {
        let registered_before = self.n_registered();
        // Who starts brokers again does not notice meanwhile.
        send_signal(&[self.child.id()], "STOP");
        let before = self.signal(brokers, "KILL");
        for pid in &before {
            await_end(*pid);
        }
        work();
        send_signal(&[self.child.id()], "CONT");
        self.await_successors(brokers, &before, registered_before);
    }

    /// Registrations so far, of all brokers.
    fn n_registered(&self) -> usize {
        self.log().matches(" registered ").count()
    }

    /// Sends a signal to brokers; returns the processes that got it.
    fn signal(&self, brokers: &[u32], signal: &str) -> Vec<u32> {
        let pid = |broker: &u32| {
            let pid = self.pid(*broker);
            pid.unwrap_or_else(|| panic!("broker {broker} is not running"))
        };
        let pids: Vec<u32> = brokers.iter().map(pid).collect();
        send_signal(&pids, signal);
        pids
    }

    fn await_successors(&self, brokers: &[u32], before: &[u32], registered_before: usize) {
        let deadline = Instant::now() + READY_WITHIN;
        for (broker, before) in brokers.iter().zip(before) {
            while self.pid(*broker).is_none_or(|it| it == *before) {
                assert!(
                    Instant::now() < deadline,
                    "broker {broker} was not started again"
                );
                std::thread::park_timeout(Duration::from_millis(20));
            }
        }
        while self.n_registered() < registered_before + brokers.len() {
            assert!(
                Instant::now() < deadline,
                "one of the brokers {brokers:?} did not register again"
            );
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    fn judged(&self, command: Command, input: &str) -> String {
        let shown = format!("{command:?}");
        let output = run(command, input);
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{shown}\nended with {}\n{stdout}\n{}\n--- brokers ---\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr),
            last_lines(&self.log(), 60),
        );
        stdout
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::park_timeout(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until a process has let go of all that it had; it may still wait for its parent to notice.
fn await_end(pid: u32) {
    let deadline = Instant::now() + READY_WITHIN;
    let runs = || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let state = stat.rsplit(") ").next().and_then(|it| it.chars().next());
        // The first thread may be through before the others are.
        let n_threads = std::fs::read_dir(format!("/proc/{pid}/task")).map_or(0, Iterator::count);
        state.is_some_and(|it| it != 'Z') || n_threads > 1
    };
    while runs() {
        assert!(Instant::now() < deadline, "process {pid} did not end");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// What Kafka's tool reads of a controller that is to become a voter: its directory and its listener.
pub(crate) fn controller_properties(cluster: &Cluster, broker: u32) -> PathBuf {
    let at = cluster.data_dir.path();
    let config = std::fs::read_to_string(at.join(format!("broker-{broker}.yaml"))).unwrap();
    let config: serde_json::Value = serde_yaml::from_str(&config).unwrap();
    let advertised = config["listeners"]["replication"]["advertised"].as_str();
    let lines = [
        format!("node.id={broker}"),
        "process.roles=broker,controller".to_owned(),
        format!("log.dirs={}", at.join(format!("broker-{broker}")).display()),
        "controller.listener.names=REPLICATION".to_owned(),
        format!("listeners=REPLICATION://{}", advertised.unwrap()),
    ];
    let path = at.join(format!("controller-{broker}.properties"));
    std::fs::write(&path, lines.join("\n")).unwrap();
    path
}

fn send_signal(processes: &[u32], signal: &str) {
    let sent = Command::new("kill")
        .arg(format!("-{signal}"))
        .args(processes.iter().map(u32::to_string))
        .status();
    assert!(
        sent.is_ok_and(|it| it.success()),
        "one of the processes {processes:?} was gone already"
    );
}

/// The first of a row of ports that are free now.
///
/// They lie below those that the kernel gives to outgoing connections: one of these could take the
/// port of a broker that is down for a moment. Tests that run at once begin at different places.
pub(crate) fn free_ports(n_ports: u16) -> u16 {
    /// Rows are of different lengths: each begins behind the one before.
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let start = u16::try_from(std::process::id() % 1000).unwrap() * 12;
    for _ in 0..100 {
        let taken = TAKEN.fetch_add(n_ports, Ordering::Relaxed);
        let first = 20_000 + start.wrapping_add(taken) % 12_000;
        if (first..first + n_ports).all(is_free) {
            return first;
        }
    }
    panic!("no row of {n_ports} free ports");
}

fn wait_ready(child: &mut Child, data_dir: &Path) -> String {
    let stdout = child.stdout.take().unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if let Some(bootstrap) = line.strip_prefix("ready ") {
                let _ = sender.send(bootstrap.to_owned());
            }
        }
    });
    receiver.recv_timeout(READY_WITHIN).unwrap_or_else(|_| {
        let _ = child.kill();
        let log = std::fs::read_to_string(data_dir.join("dev.log")).unwrap_or_default();
        panic!(
            "the cluster was not ready within {READY_WITHIN:?}\n{}",
            last_lines(&log, 60)
        )
    })
}

/// A program of the machine, with the machine's libraries: where cargo looks first there is the librdkafka of
/// another package, which has not all codecs.
pub(crate) fn outside(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_remove("LD_LIBRARY_PATH");
    command
}

/// Runs a command to its end, bounded in time.
pub(crate) fn run(mut command: Command, input: &str) -> Output {
    let shown = format!("{command:?}");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{shown}: {error}"));
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(input.as_bytes());
    });
    let id = child.id();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    let output = receiver.recv_timeout(TOOL_WITHIN).unwrap_or_else(|_| {
        let _ = Command::new("kill")
            .args(["-KILL", &id.to_string()])
            .status();
        panic!("{shown} took longer than {TOOL_WITHIN:?}")
    });
    let _ = writer.join();
    output.unwrap()
}

/// A JVM that starts fast and stays small, on the class path of Kafka's tools.
pub(crate) fn java_command(main_class: &str) -> Command {
    let mut command = Command::new("java");
    command
        .args([
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xshare:auto",
            "-Xmx256m",
        ])
        .arg("-cp")
        .arg(class_path())
        .arg(main_class);
    command
}

/// The class path of Kafka's tools, resolved by Maven once per build folder.
fn class_path() -> &'static str {
    static CLASS_PATH: OnceLock<String> = OnceLock::new();
    CLASS_PATH.get_or_init(|| {
        let pom = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/java/pom.xml");
        let cached = scratch().join("java.classpath");
        let written = |path: &Path| path.metadata().ok()?.modified().ok();
        let is_fresh = |path: &Path| {
            // A class path of before the last change lacks what was added.
            if written(path)? < written(&pom)? {
                return None;
            }
            let text = std::fs::read_to_string(path).ok()?;
            text.split(':')
                .all(|it| Path::new(it.trim()).is_file())
                .then_some(text)
        };
        if let Some(text) = is_fresh(&cached) {
            return text;
        }
        // Maven leaves one alone that would not change, and it would stay older than what asks for it.
        let _ = std::fs::remove_file(&cached);
        let mut maven = Command::new("mvn");
        maven
            .args(["-q", "-B", "-f"])
            .arg(&pom)
            .arg("dependency:build-classpath")
            .arg(format!("-Dmdep.outputFile={}", cached.display()));
        let status = maven
            .status()
            .expect("Maven is installed (Debian: apt-get install maven)");
        assert!(
            status.success(),
            "Maven could not resolve Kafka's tools: {status}"
        );
        is_fresh(&cached).expect("Maven wrote a class path")
    })
}

/// A Python with confluent-kafka, made once per build folder.
fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let folder = scratch().join("python");
        let python = folder.join("bin/python");
        let works = |path: &Path| {
            let mut check = Command::new(path);
            check
                .args(["-c", "import confluent_kafka"])
                .stderr(Stdio::null());
            check.status().is_ok_and(|it| it.success())
        };
        if works(&python) {
            return python;
        }
        let made = Command::new("python3")
            .args(["-m", "venv"])
            .arg(&folder)
            .status();
        assert!(
            made.is_ok_and(|it| it.success()),
            "python3 cannot make a virtual environment (Debian: apt-get install python3-venv)",
        );
        let mut pip = Command::new(folder.join("bin/pip"));
        let status = pip
            .args(["install", "-q", "confluent-kafka==2.16.1"])
            .status()
            .unwrap();
        assert!(
            status.success() && works(&python),
            "pip could not install confluent-kafka"
        );
        python
    })
}

/// A folder beside the build's output that outlives a test run.
fn scratch() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("judges");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn last_lines(text: &str, n_lines: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(n_lines)..].join("\n")
}
