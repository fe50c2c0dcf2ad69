//! What a case is: a setting, a plan, and what must come of it. All of it is values.
//!
//! In: nothing. Out: words to write cases with. Never here: anything that is done ([`crate::run`]).

use std::time::Duration;

use broker_types::Durability;
use rand::rngs::StdRng;

use crate::needs::Need;

/// A fault, and what must be true of a cluster that has it.
pub struct Case {
    pub name: &'static str,
    /// What is done to the brokers.
    pub what: &'static str,
    /// What must come of it.
    pub expected: &'static str,
    pub needs: &'static [Need],
    pub setting: Setting,
    /// The steps; a seed decides what is left to chance.
    pub plan: fn(&mut StdRng) -> Vec<Step>,
    pub bounds: Bounds,
}

/// Where brokers run, and with what load.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    pub network: Network,
    pub disks: Disks,
    pub durability: Durability,
    pub clock: Clock,
    /// Records of each producer.
    pub records_per_second: u32,
    /// Of the topic that is written.
    pub topic_configs: &'static [(&'static str, &'static str)],
    /// Of all brokers.
    pub broker_configs: &'static [(&'static str, &'static str)],
}

impl Setting {
    pub const PLAIN: Setting = Setting {
        network: Network::Loopback,
        disks: Disks::Folders,
        durability: Durability::Fsync,
        clock: Clock::Real,
        records_per_second: 200,
        topic_configs: &[],
        broker_configs: &[],
    };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    Loopback,
    /// Each broker in a network namespace of its own, all on one bridge.
    Namespaces,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disks {
    Folders,
    /// Each broker on a file system of its own in a file.
    Images {
        mebibytes: u32,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    Real,
    /// Each broker's wall clock can be set.
    Own,
}

/// What is too long, and whether acknowledged records may be gone.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The longest time for which any partition acknowledges nothing.
    pub unavailable: Duration,
    /// From the end of the fault until all replicas are in sync and every partition is written.
    pub recovery: Duration,
    pub losses: Losses,
}

impl Bounds {
    /// Nothing is lost; producers wait no longer than so.
    pub const fn unavailable(seconds: u64) -> Bounds {
        Bounds {
            unavailable: Duration::from_secs(seconds),
            recovery: Duration::from_secs(60),
            losses: Losses::Never,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Losses {
    Never,
    /// Records may be gone, and then some broker's log has this.
    Told(&'static str),
}

/// Which broker becomes the victim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The leader of some partition that does not lead the quorum, if there is one.
    Leader,
    /// The leader of the metadata quorum.
    Controller,
    /// Any broker.
    Any,
    /// A broker by its number, in the order of ids.
    Nth(u32),
    /// The leader of some partition that is not the present victim.
    OtherLeader,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Victim,
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    Kill,
    Pause,
    Resume,
    Terminate,
}

/// Which packets do not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// None between the victim and other brokers; clients reach all.
    Others,
    /// None between the victim and the active controller.
    Controller,
    /// None from the victim to other brokers.
    Mute,
    /// None from other brokers to the victim.
    Deaf,
    /// So many in a hundred, anywhere, and little fits through.
    Lossy { percent: u32, rate: &'static str },
}

/// What a system call comes to, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A sync returns EIO.
    Sync,
    /// A write to a file returns EIO.
    Write,
    /// A write is done in part, and the process is killed for it.
    ShortWrite,
}

/// What becomes of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// One bit of a closed segment, in a partition that the victim leads, or follows.
    FlippedBit { is_led: bool },
    /// The ends of active segments are missing.
    TruncatedTails,
    /// Random bytes follow active segments.
    GarbageTails,
    /// Indexes are missing, files of leader epochs are torn, snapshots of producers are not as they were.
    BadCaches,
    /// Everything is gone.
    Wiped,
}

/// One step of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing is done for a while.
    Wait(Duration),
    Choose(Pick),
    Send(Signal, Who),
    /// The process ends, or has ended.
    AwaitEnd(Who),
    Start(Who),
    /// The other brokers know that the victim leads nothing and is in no ISR.
    AwaitOut,
    /// Another broker than the victim leads the quorum, within this of the last fault.
    AwaitController(Duration),
    /// The fault is over: all replicas get in sync and every partition is written.
    AwaitRecovered,
    /// Every partition is written, whoever is missing.
    AwaitProgress,
    /// Records are acknowledged somewhere during this time.
    AwaitSomeProgress(Duration),
    Apply(Cut),
    Heal,
    /// The power of these brokers goes: what was not synced is gone. They are down then.
    CutPower(Who),
    /// The victim's disk is filled by another program.
    FillDisk,
    /// That program lets go.
    FreeDisk,
    /// The disks are filled by records of another topic.
    FillByRecords,
    /// Those records may go.
    ExpireRecords,
    Fail(Failure),
    Damage(Damage),
    /// The victim says so in its log.
    AwaitLog(&'static str),
    /// The victim's clock is so many seconds off from now on.
    SetClock(i64),
    /// The victim may take little more memory, and many connections want it to.
    Squeeze,
}
