//! The network of a run: a bridge in a namespace of its own, and a namespace for each machine on it.
//!
//! In: a run. Out: links, namespaces, addresses and routes, whose names and numbers all follow from
//! one small number, the instance. Never here: any interface that the run did not make.
//!
//! The host has one cable to the bridge, which is made first and removed last, and bears an address
//! that only its run has. So a name of an instance belongs to a run exactly as long as the instance's
//! cable does. The bridge is not on the host, for there the rules of a firewall would apply to it.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::paths::Paths;
use crate::program::{run, run_with_input};
use crate::run::Run;
use crate::wait::until;

const RELEASE_TIMEOUT: Duration = Duration::from_secs(20);

/// More clusters than anybody runs on one machine.
const INSTANCES: std::ops::Range<u8> = 0..16;

/// The machine of the control plane.
pub(crate) const API: Machine = Machine {
    name: "api",
    number: 10,
};

/// Something with a network namespace and an address on the bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Machine {
    pub(crate) name: &'static str,
    /// The last part of its address.
    number: u8,
}

impl Machine {
    /// The node at `index` of [`crate::NODES`].
    pub(crate) const fn node(index: u8, name: &'static str) -> Machine {
        Machine {
            name,
            number: 11 + index,
        }
    }
}

/// Names and addresses of one instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    instance: u8,
}

impl Network {
    pub(crate) const fn new(instance: u8) -> Network {
        Network { instance }
    }

    /// The host's end of its cable.
    fn host_cable(&self) -> String {
        format!("tidemill{}", self.instance)
    }

    /// Where the bridge is.
    fn switch(&self) -> String {
        format!("tidemill{}-switch", self.instance)
    }

    /// Of a machine's network namespace, and of its cgroup.
    pub(crate) fn namespace(&self, machine: Machine) -> String {
        format!("tidemill{}-{}", self.instance, machine.name)
    }

    fn host_address(&self) -> String {
        format!("10.250.{}.1", self.instance)
    }

    pub(crate) fn address(&self, machine: Machine) -> String {
        format!("10.250.{}.{}", self.instance, machine.number)
    }

    /// The same at every power-on, so that no neighbour's ARP cache is wrong.
    fn mac(&self, machine: Machine) -> String {
        format!("02:74:6d:00:{:02x}:{:02x}", self.instance, machine.number)
    }

    /// Of the pods of one node.
    pub(crate) fn pods(&self, machine: Machine) -> String {
        format!("10.{}.{}.0/24", 100 + self.instance, machine.number)
    }

    /// Of all pods.
    pub(crate) fn all_pods(&self) -> String {
        format!("10.{}.0.0/16", 100 + self.instance)
    }

    /// Claims the first instance whose names and addresses are free, by making the host's cable.
    pub(crate) fn claim(record: &mut Run, paths: &Paths, nodes: &[Machine]) -> Result<Network> {
        ensure_bridge_filter()?;
        let routes = ip(&["-4", "route", "show"])?;
        for instance in INSTANCES {
            let network = Network::new(instance);
            if !network.is_free(&routes) {
                continue;
            }
            // Written first: a cable that bears our address and is in no record would stay for ever.
            record.instance = Some(instance);
            record.save(paths)?;
            let (host, mac) = (network.host_cable(), record.mac());
            let link = [
                "link", "add", "name", &host, "address", &mac, "type", "veth",
            ];
            match ip(&[&link[..], &["peer", "name", &network.switch_end()]].concat()) {
                Ok(_) => {
                    network.set_up_switch(nodes)?;
                    return Ok(network);
                }
                // Another harness was faster.
                Err(error) if error.to_string().contains("File exists") => {}
                Err(error) => return Err(error),
            }
        }
        bail!(
            "all {} instances are taken; see `ip link` for tidemill0 and on",
            INSTANCES.len()
        )
    }

    /// The other end of the host's cable. At most 15 characters, the kernel's limit.
    fn switch_end(&self) -> String {
        format!("tidemill{}-sw", self.instance)
    }

    fn is_free(&self, routes: &str) -> bool {
        let prefixes = [
            format!("10.250.{}.", self.instance),
            format!("10.{}.", 100 + self.instance),
        ];
        !is_link(&self.host_cable())
            && !routes
                .lines()
                .any(|line| prefixes.iter().any(|it| line.starts_with(it.as_str())))
    }

    fn set_up_switch(&self, nodes: &[Machine]) -> Result<()> {
        let (host, end, switch) = (self.host_cable(), self.switch_end(), self.switch());
        ip(&["netns", "add", &switch])?;
        ip_batch(
            None,
            &format!(
                "link set {end} netns {switch}\naddr add {}/24 dev {host}\nlink set {host} up\n",
                self.host_address()
            ),
        )?;
        let bridge = format!(
            "link add name bridge type bridge\nlink set bridge up\nlink set {end} master bridge up\n"
        );
        ip_batch(Some(&switch), &bridge)?;
        // So that a test on the host reaches pods and node ports.
        ip_batch(None, &self.routes(nodes, &format!("dev {host}")))
    }

    /// Routes to the pods of `nodes`.
    fn routes(&self, nodes: &[Machine], device: &str) -> String {
        nodes
            .iter()
            .map(|it| {
                format!(
                    "route add {} via {} {device}\n",
                    self.pods(*it),
                    self.address(*it)
                )
            })
            .collect()
    }

    /// Whether the instance's cable is the one of `record`.
    pub(crate) fn is_claimed_by(&self, record: &Run) -> bool {
        let path = Path::new("/sys/class/net")
            .join(self.host_cable())
            .join("address");
        std::fs::read_to_string(path).is_ok_and(|it| it.trim() == record.mac())
    }

    /// Gives `machine` a namespace and a cable to the bridge. `nodes` are those with pods.
    pub(crate) fn plug_in(&self, machine: Machine, nodes: &[Machine]) -> Result<()> {
        self.unplug(machine)?;
        let namespace = self.namespace(machine);
        ip(&["netns", "add", &namespace])?;
        let cable = format!(
            "link add name {name} type veth peer name eth0 address {} netns {namespace}\n\
             link set {name} master bridge up\n",
            self.mac(machine),
            name = machine.name,
        );
        ip_batch(Some(&self.switch()), &cable)?;
        let others: Vec<Machine> = nodes.iter().filter(|it| **it != machine).copied().collect();
        let batch = format!(
            "link set lo up\naddr add {}/24 dev eth0\nlink set eth0 up\nroute add default via {}\n{}",
            self.address(machine),
            self.host_address(),
            self.routes(&others, "dev eth0"),
        );
        ip_batch(Some(&namespace), &batch)
    }

    /// Pulls the cable and removes the namespace.
    pub(crate) fn unplug(&self, machine: Machine) -> Result<()> {
        if self.is_plugged_in(machine) {
            ip(&["-n", &self.switch(), "link", "del", machine.name])?;
        }
        remove_namespace(&self.namespace(machine))
    }

    /// Cuts a machine off, or joins it again: its cable, both directions.
    pub(crate) fn set_connected(&self, machine: Machine, is_connected: bool) -> Result<()> {
        let state = if is_connected { "up" } else { "down" };
        ip(&["-n", &self.switch(), "link", "set", machine.name, state]).map(drop)
    }

    /// Whether the machine has a cable.
    pub(crate) fn is_plugged_in(&self, machine: Machine) -> bool {
        ip(&["-n", &self.switch(), "link", "show", machine.name]).is_ok()
    }

    /// Gives the instance back. The last step of taking a run down.
    pub(crate) fn release(&self) -> Result<()> {
        remove_namespace(&self.switch())?;
        // The kernel may have removed it already, with the namespace of its other end.
        until("the end of the host's cable", RELEASE_TIMEOUT, || {
            let host = self.host_cable();
            Ok((!is_link(&host) || ip(&["link", "del", &host]).is_ok()).then_some(()))
        })
    }
}

fn is_link(name: &str) -> bool {
    Path::new("/sys/class/net").join(name).exists()
}

fn remove_namespace(name: &str) -> Result<()> {
    if Path::new("/run/netns").join(name).exists() {
        ip(&["netns", "del", name])?;
    }
    Ok(())
}

/// Nodes pass the packets of their pods through iptables, for which the kernel may need a module.
fn ensure_bridge_filter() -> Result<()> {
    if Path::new("/proc/sys/net/bridge").exists() {
        return Ok(());
    }
    run(Command::new("modprobe").arg("br_netfilter"))
        .context("the kernel lacks br_netfilter")
        .map(drop)
}

fn ip(arguments: &[&str]) -> Result<String> {
    run(Command::new("ip").args(arguments))
}

fn ip_batch(namespace: Option<&str>, lines: &str) -> Result<()> {
    let mut command = Command::new("ip");
    if let Some(namespace) = namespace {
        command.args(["-n", namespace]);
    }
    run_with_input(command.args(["-batch", "-"]), lines)
        .with_context(|| format!("the commands were:\n{lines}"))
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: Machine = Machine::node(2, "node-c");

    #[test]
    fn names_and_addresses_follow_from_the_instance() {
        let network = Network::new(15);
        assert_eq!(network.address(NODE), "10.250.15.13");
        assert_eq!(network.pods(NODE), "10.115.13.0/24");
        assert_eq!(network.namespace(NODE), "tidemill15-node-c");
        assert!(network.switch_end().len() <= 15);
    }

    #[test]
    fn an_instance_whose_addresses_are_in_use_is_not_taken() {
        let network = Network::new(7);
        for (routes, expected) in [
            ("default via 192.0.2.1 dev eth0", true),
            ("10.250.7.0/24 dev wg0", false),
            ("default via 192.0.2.1\n10.107.0.0/16 dev tun0", false),
            ("10.250.70.0/24 dev wg0", true),
        ] {
            assert_eq!(network.is_free(routes), expected, "{routes}");
        }
    }
}
