//! Steps, done: each by the part of a run that it is about.
//!
//! In: a step. Out: it is done, or what kept it from being. Never here: which step comes next.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rand::RngExt;
use rustix::process::Signal as Kill;

use super::Run;
use crate::ask::{self, Partition, Resource};
use crate::case::{Cut, Damage, Failure, Pick, Signal, Step, Who};
use crate::clock;
use crate::damage::damage;
use crate::inject;
use crate::memory::Squeezed;
use crate::process::{idle, until};

/// How long others may take to notice that a broker is out.
const OUT_WITHIN: Duration = Duration::from_secs(30);
const SAID_WITHIN: Duration = Duration::from_secs(60);
const CONTROLLER_WITHIN: Duration = Duration::from_secs(30);
/// Records of every partition that show that it is written.
const PROGRESS: u64 = 5;
/// The topic that takes room away.
const BALLAST: &str = "ballast";
const BALLAST_SEGMENT_BYTES: &str = "4000000";

impl Run {
    pub(super) fn perform(&mut self, step: Step) -> Result<()> {
        match step {
            Step::Wait(duration) => idle(duration),
            Step::Choose(pick) => self.victim = self.choose(pick)?,
            Step::Send(signal, who) => self.send(signal, who)?,
            Step::AwaitEnd(who) => {
                for id in self.who(who) {
                    self.cluster.node_mut(id)?.await_end()?;
                }
            }
            Step::Start(who) => {
                self.squeezed = None;
                self.cluster.start(&self.who(who))?;
            }
            Step::AwaitOut => self.await_out()?,
            Step::AwaitController(within) => self.await_controller(within)?,
            Step::AwaitRecovered => self.await_recovered()?,
            Step::AwaitProgress => self.load.await_progress(PROGRESS)?,
            Step::AwaitSomeProgress(duration) => {
                let before = self.load.acknowledged();
                idle(duration);
                let n_records = self.load.acknowledged() - before;
                ensure!(n_records > 0, "nothing was acknowledged for {duration:?}");
            }
            Step::Apply(cut) => self.apply(cut)?,
            Step::Heal => self.network.heal()?,
            Step::CutPower(who) => self.cut_power(who)?,
            Step::FillDisk => {
                self.mark_fault();
                self.disk(self.victim)?.fill()?;
            }
            Step::FreeDisk => self.disk(self.victim)?.free()?,
            Step::FillByRecords => self.fill_by_records()?,
            Step::ExpireRecords => {
                let address = self.cluster.node(self.victim)?.address()?;
                let gone = ("retention.bytes", "1");
                ask::set_config(address, Resource::Topic, BALLAST, gone)?;
            }
            Step::Fail(failure) => self.fail(failure)?,
            Step::Damage(what) => self.damage(what)?,
            Step::AwaitLog(text) => {
                let node = self.cluster.node(self.victim)?;
                let said = || node.log().contains(text).then_some(());
                until(&format!("the broker says `{text}`"), SAID_WITHIN, said)?;
            }
            Step::SetClock(seconds) => {
                self.mark_fault();
                clock::set(self.folder.path(), self.victim, seconds)?;
            }
            Step::Squeeze => {
                self.mark_fault();
                let node = self.cluster.node(self.victim)?;
                let pid = node.pid().context("the broker is down")?;
                self.squeezed = Some(Squeezed::begin(pid, node.address()?)?);
            }
        }
        Ok(())
    }

    fn who(&self, who: Who) -> Vec<u32> {
        match who {
            Who::Victim => vec![self.victim],
            Who::All => self.cluster.ids(),
        }
    }

    fn mark_fault(&mut self) {
        let now = Instant::now();
        self.marks.last_fault = now;
        let acknowledged = self.load.acknowledged();
        self.marks.fault.get_or_insert((now, acknowledged));
    }

    /// One of several, by chance.
    fn one_of(&mut self, ids: &[u32]) -> Result<u32> {
        ensure!(!ids.is_empty(), "no broker has that part");
        let index = self.chance.random_range(0..ids.len());
        ids.get(index)
            .copied()
            .context("the index is below the length")
    }

    fn choose(&mut self, pick: Pick) -> Result<u32> {
        let partitions = self.partitions(None)?;
        let mut leaders: Vec<u32> = partitions.iter().filter_map(|it| it.leader).collect();
        leaders.sort_unstable();
        leaders.dedup();
        match pick {
            Pick::Leader => {
                let controller = self.controller(None)?;
                let others: Vec<u32> = leaders
                    .iter()
                    .copied()
                    .filter(|it| *it != controller)
                    .collect();
                self.one_of(if others.is_empty() { &leaders } else { &others })
            }
            Pick::OtherLeader => {
                leaders.retain(|it| *it != self.victim);
                self.one_of(&leaders)
            }
            Pick::Controller => self.controller(None),
            Pick::Any => self.one_of(&self.cluster.ids()),
            Pick::Nth(index) => {
                let ids = self.cluster.ids();
                let id = ids.get(usize::try_from(index)?);
                id.copied().context("there are not so many brokers")
            }
        }
    }

    fn partitions(&self, not: Option<u32>) -> Result<Vec<Partition>> {
        let found = || self.cluster.partitions(not);
        until("a broker tells who leads", CONTROLLER_WITHIN, found)
    }

    fn controller(&self, not: Option<u32>) -> Result<u32> {
        let found = || self.cluster.controller(not);
        until(
            "a broker tells who leads the quorum",
            CONTROLLER_WITHIN,
            found,
        )
    }

    fn send(&mut self, signal: Signal, who: Who) -> Result<()> {
        if signal != Signal::Resume {
            self.mark_fault();
        }
        let signal = match signal {
            Signal::Kill => Kill::KILL,
            Signal::Pause => Kill::STOP,
            Signal::Resume => Kill::CONT,
            Signal::Terminate => Kill::TERM,
        };
        for id in self.who(who) {
            self.cluster.node(id)?.signal(signal)?;
        }
        Ok(())
    }

    fn await_out(&self) -> Result<()> {
        let victim = self.victim;
        let is_out = |it: &Partition| {
            it.leader.is_some() && it.leader != Some(victim) && !it.isr.contains(&victim)
        };
        until("the broker is out", OUT_WITHIN, || {
            let partitions = self.cluster.partitions(Some(victim))?;
            partitions.iter().all(is_out).then_some(())
        })
    }

    fn await_controller(&mut self, within: Duration) -> Result<()> {
        self.controller(Some(self.victim))?;
        let took = self.marks.last_fault.elapsed();
        if took > within {
            let late = format!("another controller after {took:?}, at most {within:?}");
            self.marks.late.push(late);
        }
        Ok(())
    }

    fn await_recovered(&mut self) -> Result<()> {
        let begun = Instant::now();
        self.cluster.await_whole()?;
        self.load.await_progress(PROGRESS)?;
        self.marks.longest_recovery = self.marks.longest_recovery.max(begun.elapsed());
        self.marks.recovered = Some((Instant::now(), self.load.acknowledged()));
        Ok(())
    }

    fn apply(&mut self, cut: Cut) -> Result<()> {
        let controller = self.controller(None)?;
        self.mark_fault();
        self.network.apply(cut, self.victim, controller)
    }

    fn disk(&mut self, id: u32) -> Result<&mut crate::disk::Disk> {
        let index = usize::try_from(id)?.checked_sub(1);
        let disk = index.and_then(|it| self.disks.get_mut(it));
        disk.with_context(|| format!("broker {id} has no disk of its own"))
    }

    /// Stops the brokers, takes down what their disks would have, and ends them.
    fn cut_power(&mut self, who: Who) -> Result<()> {
        let ids = self.who(who);
        self.mark_fault();
        self.send(Signal::Pause, who)?;
        for id in &ids {
            self.disk(*id)?.copy()?;
        }
        for id in &ids {
            self.cluster.node_mut(*id)?.end();
            self.disk(*id)?.replace()?;
        }
        Ok(())
    }

    /// Writes records until the victim says that its disk is full.
    fn fill_by_records(&mut self) -> Result<()> {
        self.mark_fault();
        let node = self.cluster.node(self.victim)?;
        let configs = [("internal.segment.bytes", BALLAST_SEGMENT_BYTES)];
        ask::create_topic(node.address()?, BALLAST, 3, &configs)?;
        let is_full = || node.log().contains("full: records of clients are refused");
        crate::load::fill(&self.cluster.bootstrap(), BALLAST, is_full)
    }

    fn fail(&mut self, failure: Failure) -> Result<()> {
        self.mark_fault();
        let node = self.cluster.node(self.victim)?;
        let pid = node.pid().context("the broker is down")?;
        inject::fail(failure, pid, &node.place.data_dir, self.folder.path())
    }

    fn damage(&mut self, what: Damage) -> Result<()> {
        self.mark_fault();
        let partitions = self.partitions(None)?;
        let data_dir = self.cluster.node(self.victim)?.place.data_dir.clone();
        damage(what, &data_dir, self.victim, &partitions, &mut self.chance)
    }
}
