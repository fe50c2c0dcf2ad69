//! A case, run once: brokers and clients are started, each step is done in turn, and what clients saw is
//! looked at.
//!
//! In: a case, a seed, a program. Out: an [`Outcome`]. Never here: a choice that the plan has not made,
//! but for which broker has the part that it names.

mod steps;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use broker_sim::history::Anomaly;
use rand::SeedableRng;
use rand::rngs::StdRng;
use tempfile::TempDir;

use crate::ask::{self, Resource};
use crate::case::{self, Case, Clock, Disks, Losses};
use crate::clock;
use crate::cluster::{BROKERS, Cluster};
use crate::disk::{self, Disk};
use crate::load::{Load, Seen};
use crate::memory::Squeezed;
use crate::network::Network;
use crate::node::Place;
use crate::results::Outcome;

/// Begins the name of a run's folder that others leave alone.
const PREFIX: &str = "tidemill-faults-run-";
/// What is kept of a list of what is wrong.
const SHOWN_MAX: usize = 5;

/// Everything of a run. Fields are dropped in this order: brokers before what they stand on.
pub(crate) struct Run {
    cluster: Cluster,
    squeezed: Option<Squeezed>,
    load: Load,
    network: Network,
    disks: Vec<Disk>,
    folder: TempDir,
    chance: StdRng,
    victim: u32,
    marks: Marks,
}

/// When things were, and how much was acknowledged by then.
struct Marks {
    begin: (Instant, u64),
    /// The first fault.
    fault: Option<(Instant, u64)>,
    /// The last fault.
    last_fault: Instant,
    /// When all was well again.
    recovered: Option<(Instant, u64)>,
    longest_recovery: Duration,
    /// Steps that took longer than the case allows.
    late: Vec<String>,
}

/// Runs a case. `logs` is where to leave what the brokers said if the outcome is not as expected.
///
/// An error is one of this program or of the machine, or the case could not be carried through: that is
/// an outcome, too.
pub fn run(case: &Case, seed: u64, program: &Path, logs: &Path) -> Outcome {
    let mut outcome = Outcome {
        case: case.name.to_owned(),
        seed,
        ..Outcome::default()
    };
    let logs = logs.join(format!("{}-{seed}", case.name));
    if let Err(error) = attempt(case, seed, program, &logs, &mut outcome) {
        outcome.wrong.push(format!("{error:#}"));
    }
    outcome
}

fn attempt(
    case: &Case,
    seed: u64,
    program: &Path,
    logs: &Path,
    outcome: &mut Outcome,
) -> Result<()> {
    let _claim = claim(case)?;
    let mut run = Run::begin(case, seed, program)?;
    let folder = run.folder.path().to_owned();
    let elections_before = run.leader_epochs();
    let plan = (case.plan)(&mut StdRng::seed_from_u64(seed));
    for (number, step) in plan.iter().enumerate() {
        let done = run.perform(*step);
        if let Err(error) = done {
            keep_logs(&folder, logs);
            return Err(error.context(format!("step {number}, {step:?}, broker {}", run.victim)));
        }
    }
    outcome.elections = run.leader_epochs() - elections_before;
    outcome.recovery_ms = millis(run.marks.longest_recovery);
    outcome.late.append(&mut run.marks.late);
    outcome.per_second = run.marks.per_second(run.load.acknowledged());
    // Dropped last to first, the brokers before that: each before what it stands on.
    let Run {
        folder: _folder,
        disks: _disks,
        network: _network,
        squeezed: _squeezed,
        load,
        cluster,
        ..
    } = run;
    // Clients end while the brokers still run.
    match load.finish() {
        Ok(seen) => judge(case, &seen, &cluster, outcome),
        Err(error) => outcome.wrong.push(format!("{error:#}")),
    }
    if !outcome.is_as_expected() || outcome.lost > 0 {
        keep_logs(&folder, logs);
    }
    drop(cluster);
    Ok(())
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Whether a case uses what there is once on a machine: names of namespaces, loop devices.
fn is_alone(case: &Case) -> bool {
    case.setting.network == case::Network::Namespaces
        || matches!(case.setting.disks, Disks::Images { .. })
}

/// Cases that use what there is once on a machine wait for each other, and clear away what a run has
/// left that was killed.
fn claim(case: &Case) -> Result<Option<File>> {
    if !is_alone(case) {
        return Ok(None);
    }
    let path = std::env::temp_dir().join("tidemill-faults.lock");
    let file = File::create(&path).with_context(|| format!("failed to make {}", path.display()))?;
    file.lock().context("failed to wait for another run")?;
    disk::sweep();
    Ok(Some(file))
}

/// What the brokers said outlives the run's folder.
fn keep_logs(folder: &Path, logs: &Path) {
    let kept = std::fs::create_dir_all(logs).and_then(|()| {
        for entry in std::fs::read_dir(folder)?.flatten() {
            if entry.path().extension().is_some_and(|it| it == "log") {
                std::fs::copy(entry.path(), logs.join(entry.file_name()))?;
            }
        }
        Ok(())
    });
    // Without them there is still the outcome.
    let _ = kept;
}

impl Run {
    fn begin(case: &Case, seed: u64, program: &Path) -> Result<Run> {
        let setting = &case.setting;
        let prefix = if is_alone(case) { disk::PREFIX } else { PREFIX };
        let folder = TempDir::with_prefix(prefix).context("failed to make a folder")?;
        let network = Network::make(setting.network)?;
        let mut disks = Vec::new();
        let mut places = Vec::new();
        for id in 1..=BROKERS {
            let own = folder.path().join(format!("disk-{id}"));
            let data_dir = match setting.disks {
                Disks::Folders => own,
                Disks::Images { mebibytes } => {
                    let disk = Disk::make(own, mebibytes)?;
                    let data_dir = disk.path().join("data");
                    disks.push(disk);
                    data_dir
                }
            };
            places.push(place(id, &network, data_dir, folder.path().to_owned()));
            if setting.clock == Clock::Own {
                clock::set(folder.path(), id, 0)?;
            }
        }
        let environment = |id| match setting.clock {
            Clock::Real => Vec::new(),
            Clock::Own => clock::environment(folder.path(), id),
        };
        let cluster = Cluster::form(program, places, environment, setting.durability);
        let cluster = cluster.inspect_err(|_| keep_logs(folder.path(), &std::env::temp_dir()))?;
        let first = cluster
            .nodes
            .first()
            .context("there are brokers")?
            .address()?;
        for config in setting.broker_configs {
            ask::set_config(first, Resource::Brokers, "", *config)?;
        }
        cluster.create_topic(setting.topic_configs)?;
        let load = Load::start(&cluster.bootstrap(), setting.records_per_second);
        load.await_progress(1)?;
        let now = Instant::now();
        Ok(Run {
            marks: Marks {
                begin: (now, load.acknowledged()),
                fault: None,
                last_fault: now,
                recovered: None,
                longest_recovery: Duration::ZERO,
                late: Vec::new(),
            },
            cluster,
            squeezed: None,
            load,
            network,
            disks,
            folder,
            // Not the plan's: which broker it is must not depend on how long a plan waits.
            chance: StdRng::seed_from_u64(!seed),
            victim: 0,
        })
    }

    /// The sum of all partitions' leader epochs: it goes up by one for each that begins.
    fn leader_epochs(&self) -> i32 {
        let partitions = self.cluster.partitions(None).unwrap_or_default();
        partitions.iter().map(|it| it.leader_epoch).sum()
    }
}

fn place(id: u32, network: &Network, data_dir: PathBuf, folder: PathBuf) -> Place {
    let reach = network.reach(id);
    Place {
        id,
        host: reach.host,
        client_port: reach.client_port,
        replication_port: reach.replication_port,
        control_port: reach.control_port,
        data_dir,
        folder,
        namespace: reach.namespace,
    }
}

impl Marks {
    /// Records acknowledged a second before the fault, while it lasted and after it.
    fn per_second(&self, acknowledged: u64) -> [u64; 3] {
        let now = (Instant::now(), acknowledged);
        let fault = self.fault.unwrap_or(now);
        let recovered = self.recovered.unwrap_or(now);
        let rate = |from: (Instant, u64), to: (Instant, u64)| {
            let took = millis(to.0.saturating_duration_since(from.0)).max(1);
            to.1.saturating_sub(from.1) * 1_000 / took
        };
        [
            rate(self.begin, fault),
            rate(fault, recovered),
            rate(recovered, now),
        ]
    }
}

/// Says what is not as the case expects.
fn judge(case: &Case, seen: &Seen, cluster: &Cluster, outcome: &mut Outcome) {
    let anomalies = seen.history.check();
    let n = |is: fn(&Anomaly) -> bool| anomalies.iter().filter(|it| is(it)).count();
    outcome.acknowledged = seen.acknowledged();
    outcome.failed = seen.failed.len();
    outcome.lost = n(|it| matches!(it, Anomaly::Lost { .. }));
    outcome.duplicated = n(|it| matches!(it, Anomaly::Duplicated { .. }));
    outcome.reordered = n(|it| matches!(it, Anomaly::Reordered { .. }));
    outcome.other = anomalies.len() - outcome.lost - outcome.duplicated - outcome.reordered;
    let gaps = seen.gaps();
    outcome.unavailable_ms_max = gaps.last().map_or(0, |it| millis(*it));
    outcome.unavailable_ms_median = gaps.get(gaps.len() / 2).map_or(0, |it| millis(*it));

    let unavailable = millis(case.bounds.unavailable);
    if outcome.unavailable_ms_max > unavailable {
        let ms = outcome.unavailable_ms_max;
        outcome.late.push(format!(
            "a partition was not written for {ms} ms, at most {unavailable}"
        ));
    }
    let recovery = millis(case.bounds.recovery);
    if outcome.recovery_ms > recovery {
        outcome.late.push(format!(
            "recovery took {} ms, at most {recovery}",
            outcome.recovery_ms
        ));
    }
    let wrong = &mut outcome.wrong;
    if outcome.acknowledged == 0 {
        wrong.push("nothing was acknowledged".to_owned());
    }
    match case.bounds.losses {
        Losses::Never => {
            wrong.extend(anomalies.iter().take(SHOWN_MAX).map(ToString::to_string));
            wrong.extend(
                seen.failed
                    .iter()
                    .take(SHOWN_MAX)
                    .map(|it| format!("failed: {it}")),
            );
            wrong.extend(seen.told.iter().take(SHOWN_MAX).cloned());
        }
        Losses::Told(said) => {
            let is_told = cluster.nodes.iter().any(|it| it.log().contains(said));
            if outcome.lost > 0 && !is_told {
                wrong.push(format!(
                    "{} records are lost, and no broker says so",
                    outcome.lost
                ));
            }
            // Where records were lost, others have their offsets now; what a consumer saw of the lost
            // ones stays seen. Nothing may be there twice or invented all the same.
            let is_wrong =
                |it: &&Anomaly| matches!(it, Anomaly::Duplicated { .. } | Anomaly::Invented { .. });
            wrong.extend(
                anomalies
                    .iter()
                    .filter(is_wrong)
                    .take(SHOWN_MAX)
                    .map(ToString::to_string),
            );
        }
    }
}
