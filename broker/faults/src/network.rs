//! Where brokers listen, and what does not get through to them.
//!
//! In: how brokers are to be joined, what is to be cut. Out: namespaces and rules, gone when dropped.
//! Never here: which fault, and when.
//!
//! ```text
//!   clients, 198.18.77.254 ── bridge tdfault ─┬─ tdfault-1 (198.18.77.1)
//!                                             ├─ tdfault-2
//!                                             └─ tdfault-3      rules are in the namespaces
//! ```
//!
//! A packet is dropped where it arrives: the sender learns nothing, as on a real network.

use std::net::TcpListener;

use anyhow::{Context, Result};

use crate::case;
use crate::cluster::BROKERS;
use crate::process::run_line;

const BRIDGE: &str = "tdfault";
const SUBNET: &str = "198.18.77";
/// Ports above those that the kernel gives to outgoing connections, and that other tests take.
const PORTS_FROM: u16 = 61_100;
const PORTS_MAX: u16 = 4_000;

/// How the brokers of a case are reached.
pub(crate) struct Network {
    kind: case::Network,
    first_port: u16,
    /// Namespaces with rules in them.
    cut: Vec<u32>,
    shaped: Vec<u32>,
}

/// A broker's address.
pub(crate) struct Reach {
    pub(crate) host: String,
    pub(crate) client_port: u16,
    pub(crate) replication_port: u16,
    pub(crate) control_port: u16,
    pub(crate) namespace: Option<String>,
}

fn namespace(id: u32) -> String {
    format!("{BRIDGE}-{id}")
}

fn host(id: u32) -> String {
    format!("{SUBNET}.{id}")
}

impl Network {
    pub(crate) fn make(kind: case::Network) -> Result<Network> {
        let network = Network {
            kind,
            first_port: free_ports()?,
            cut: Vec::new(),
            shaped: Vec::new(),
        };
        if kind == case::Network::Namespaces {
            sweep();
            network.lay()?;
        }
        Ok(network)
    }

    fn lay(&self) -> Result<()> {
        run_line(&format!("ip link add {BRIDGE} type bridge"))?;
        run_line(&format!("ip addr add {SUBNET}.254/24 dev {BRIDGE}"))?;
        run_line(&format!("ip link set {BRIDGE} up"))?;
        for id in 1..=BROKERS {
            let (space, cable, host) = (namespace(id), format!("{BRIDGE}{id}"), host(id));
            run_line(&format!("ip netns add {space}"))?;
            run_line(&format!(
                "ip link add {cable} type veth peer name eth0 netns {space}"
            ))?;
            run_line(&format!("ip link set {cable} master {BRIDGE} up"))?;
            run_line(&format!("ip -n {space} addr add {host}/24 dev eth0"))?;
            run_line(&format!("ip -n {space} link set eth0 up"))?;
            run_line(&format!("ip -n {space} link set lo up"))?;
        }
        Ok(())
    }

    pub(crate) fn reach(&self, id: u32) -> Reach {
        let first = match self.kind {
            case::Network::Loopback => {
                self.first_port + 3 * u16::try_from(id).unwrap_or_default().saturating_sub(1)
            }
            case::Network::Namespaces => self.first_port,
        };
        let (host, namespace) = match self.kind {
            case::Network::Loopback => ("127.0.0.1".to_owned(), None),
            case::Network::Namespaces => (host(id), Some(namespace(id))),
        };
        Reach {
            host,
            client_port: first,
            replication_port: first + 1,
            control_port: first + 2,
            namespace,
        }
    }

    /// Drops, at `to`, what comes from `from`.
    fn drop_between(&mut self, from: u32, to: u32) -> Result<()> {
        self.rule(to, &format!("ip saddr {} drop", host(from)))
    }

    fn rule(&mut self, id: u32, rule: &str) -> Result<()> {
        let space = namespace(id);
        let nft = |words: &str| run_line(&format!("ip netns exec {space} nft {words}"));
        if !self.cut.contains(&id) {
            nft("add table inet fault")?;
            nft("add chain inet fault in { type filter hook input priority 0 ; }")?;
            self.cut.push(id);
        }
        nft(&format!("add rule inet fault in {rule}"))?;
        Ok(())
    }

    /// Cuts the victim off, as `cut` says.
    pub(crate) fn apply(&mut self, cut: case::Cut, victim: u32, controller: u32) -> Result<()> {
        let others: Vec<u32> = (1..=BROKERS).filter(|it| *it != victim).collect();
        match cut {
            case::Cut::Others => others.iter().try_for_each(|it| {
                self.drop_between(*it, victim)?;
                self.drop_between(victim, *it)
            }),
            case::Cut::Controller => {
                self.drop_between(controller, victim)?;
                self.drop_between(victim, controller)
            }
            case::Cut::Mute => others.iter().try_for_each(|it| self.drop_between(victim, *it)),
            case::Cut::Deaf => others.iter().try_for_each(|it| self.drop_between(*it, victim)),
            case::Cut::Lossy { percent, rate } => (1..=BROKERS).try_for_each(|id| {
                let space = namespace(id);
                run_line(&format!(
                    "tc -n {space} qdisc add dev eth0 root tbf rate {rate} burst 32kbit latency 400ms"
                ))?;
                self.shaped.push(id);
                self.rule(id, &format!("numgen random mod 100 < {percent} drop"))
            }),
        }
    }

    pub(crate) fn heal(&mut self) -> Result<()> {
        for id in self.cut.drain(..) {
            let space = namespace(id);
            run_line(&format!(
                "ip netns exec {space} nft delete table inet fault"
            ))?;
        }
        for id in self.shaped.drain(..) {
            let space = namespace(id);
            run_line(&format!("tc -n {space} qdisc del dev eth0 root"))?;
        }
        Ok(())
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        if self.kind == case::Network::Namespaces {
            sweep();
        }
    }
}

/// Removes what a run has made, also one that was killed. Only one runs at a time ([`crate::run`]).
fn sweep() {
    for id in 1..=BROKERS {
        // What is not there needs no removal. A namespace takes its end of the cable with it, and that
        // the other one, once its last process is gone.
        let _ = run_line(&format!("ip netns del {}", namespace(id)));
        let _ = run_line(&format!("ip link del {BRIDGE}{id}"));
    }
    let _ = run_line(&format!("ip link del {BRIDGE}"));
}

/// The first of as many free ports as three brokers need.
fn free_ports() -> Result<u16> {
    const ROW: u16 = 9;
    let start = u16::try_from(std::process::id() % 400)? * ROW;
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let rows = (0..400).map(|it| PORTS_FROM + (start + it * ROW) % (PORTS_MAX - ROW));
    let mut rows = rows.filter(|first| (*first..first + ROW).all(is_free));
    rows.next().context("no row of free ports")
}
