//! The broker's configuration file: identity, listeners and paths, nothing else.
//!
//! In: YAML text. Out: a checked [`Config`], or an error that names the field and the remedy.
//! Never here: what Kafka calls a dynamic config; those live in the metadata log.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use broker_node::reachable::{CONTROL, REPLICATION};
use broker_types::BrokerId;
use serde::Deserialize;

/// The file, as it is written.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    node_id: u32,
    data_dir: PathBuf,
    #[serde(default)]
    rack: Option<String>,
    /// Whether this broker may be a voter of the metadata quorum.
    #[serde(default)]
    controller: bool,
    listeners: Listeners,
    /// Where other brokers' replication listeners are found: `host:port` each.
    #[serde(default)]
    bootstrap_servers: Vec<String>,
    /// Certificates for everything but clients; without them those listeners are in the clear.
    #[serde(default)]
    tls: Option<TlsFiles>,
}

/// Files in PEM. They are read again when they change.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TlsFiles {
    /// The authorities that are trusted.
    pub(crate) ca: PathBuf,
    /// This broker's certificate, with what leads to the authority.
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// The addresses that the broker listens on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Listeners {
    pub(crate) clients: Vec<ClientListener>,
    pub(crate) replication: Listener,
    pub(crate) control: Bind,
    #[serde(default)]
    pub(crate) metrics: Option<Bind>,
    #[serde(default)]
    pub(crate) health: Option<Bind>,
}

/// A listener for clients, known to them by its name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ClientListener {
    pub(crate) name: String,
    pub(crate) bind: String,
    /// `host:port` that clients are told.
    pub(crate) advertised: String,
}

/// The listener of the brokers among themselves.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Listener {
    pub(crate) bind: String,
    /// `host:port` that the other brokers are told.
    pub(crate) advertised: String,
}

/// A listener that nobody is told of.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Bind {
    pub(crate) bind: String,
}

/// The checked configuration.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) broker_id: BrokerId,
    pub(crate) data_dir: PathBuf,
    pub(crate) rack: Option<String>,
    pub(crate) is_controller: bool,
    pub(crate) listeners: Listeners,
    pub(crate) bootstrap_servers: Vec<HostPort>,
    pub(crate) tls: Option<TlsFiles>,
}

/// A host and a port that somebody else resolves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct HostPort {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl HostPort {
    /// Reads `host:port`; an IPv6 address stands in brackets.
    pub(crate) fn parse(text: &str) -> Result<HostPort> {
        let parts = text
            .rsplit_once(':')
            .and_then(|(host, port)| Some((host, port.parse().ok()?)));
        let Some((host, port)) = parts.filter(|(host, _)| !host.is_empty()) else {
            bail!("`{text}` is not host:port");
        };
        let host = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        Ok(HostPort { host, port })
    }
}

impl std::fmt::Display for HostPort {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.contains(':') {
            write!(formatter, "[{}]:{}", self.host, self.port)
        } else {
            write!(formatter, "{}:{}", self.host, self.port)
        }
    }
}

/// Reads and checks the file at `path`. `node_id` replaces the file's, where many nodes share one
/// file and differ in their argument.
pub(crate) fn read(path: &Path, node_id: Option<u32>) -> Result<Config> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("failed to read the configuration file {}", path.display()))?;
    parse(&text, node_id).with_context(|| format!("in the configuration file {}", path.display()))
}

fn parse(text: &str, node_id: Option<u32>) -> Result<Config> {
    let file: File = serde_yaml::from_str(text).context("it is not what a broker expects")?;
    let id = node_id.unwrap_or(file.node_id);
    let Some(broker_id) = i32::try_from(id).ok().and_then(BrokerId::from_wire) else {
        bail!("nodeId is {id}; it must be between 0 and {}", i32::MAX);
    };
    if file.listeners.clients.is_empty() {
        bail!("listeners.clients is empty; name at least one listener");
    }
    let mut names: Vec<&str> = file
        .listeners
        .clients
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find_map(|it| match it {
        [first, second] if first == second => Some(*first),
        _ => None,
    }) {
        bail!("listeners.clients has `{twice}` twice; give each listener a name of its own");
    }
    for listener in &file.listeners.clients {
        if [REPLICATION, CONTROL].contains(&listener.name.as_str()) {
            bail!(
                "listeners.clients has `{}`, the name of a listener of the brokers' own; choose \
                 another",
                listener.name
            );
        }
        HostPort::parse(&listener.advertised)
            .with_context(|| format!("listeners.clients `{}`: advertised", listener.name))?;
        HostPort::parse(&listener.bind)
            .with_context(|| format!("listeners.clients `{}`: bind", listener.name))?;
    }
    check_own(&file.listeners)?;
    let bootstrap_servers = file
        .bootstrap_servers
        .iter()
        .map(|it| HostPort::parse(it))
        .collect::<Result<Vec<_>>>()
        .context("bootstrapServers")?;
    Ok(Config {
        broker_id,
        data_dir: file.data_dir,
        rack: file.rack,
        is_controller: file.controller,
        listeners: file.listeners,
        bootstrap_servers,
        tls: file.tls,
    })
}

/// The listeners that are not for clients.
fn check_own(listeners: &Listeners) -> Result<()> {
    HostPort::parse(&listeners.replication.advertised)
        .context("listeners.replication.advertised")?;
    HostPort::parse(&listeners.replication.bind).context("listeners.replication.bind")?;
    HostPort::parse(&listeners.control.bind).context("listeners.control.bind")?;
    if let Some(it) = &listeners.metrics {
        HostPort::parse(&it.bind).context("listeners.metrics.bind")?;
    }
    if let Some(it) = &listeners.health {
        HostPort::parse(&it.bind).context("listeners.health.bind")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "
nodeId: 3
dataDir: /var/lib/tidemill
rack: a
controller: true
listeners:
  clients:
  - {name: internal, bind: '0.0.0.0:9092', advertised: 'demo-0.demo:9092'}
  replication: {bind: '0.0.0.0:9091', advertised: 'demo-0.demo:9091'}
  control: {bind: '0.0.0.0:9090'}
bootstrapServers: ['demo:9091', '[::1]:9091']
tls: {ca: /tls/ca.crt, certificate: /tls/demo-0.crt, key: /tls/demo-0.key}
";

    #[track_caller]
    fn refused(from: &str, to: &str, expected: &str) {
        assert!(GOOD.contains(from));
        let error = parse(&GOOD.replace(from, to), None).unwrap_err();
        let text = format!("{error:#}");
        assert!(text.contains(expected), "{text}");
    }

    #[test]
    fn a_good_file_is_read() {
        let config = parse(GOOD, None).unwrap();
        assert_eq!(config.broker_id, BrokerId::new(3));
        assert_eq!(config.bootstrap_servers[1].to_string(), "[::1]:9091");
        assert_eq!(
            parse(GOOD, Some(2001)).unwrap().broker_id,
            BrokerId::new(2001)
        );
    }

    #[test]
    fn a_wrong_file_is_refused_with_the_field_and_the_remedy() {
        refused("rack: a", "rak: a", "unknown field `rak`");
        refused(", key: /tls/demo-0.key", "", "missing field `key`");
        refused(
            "nodeId: 3",
            "nodeId: 3000000000",
            "nodeId is 3000000000; it must be between",
        );
        refused(
            "'demo-0.demo:9092'",
            "'demo-0.demo'",
            "`demo-0.demo` is not host:port",
        );
        refused(
            "'0.0.0.0:9092'",
            "'0.0.0.0'",
            "listeners.clients `internal`: bind: `0.0.0.0` is not host:port",
        );
        refused(
            "'0.0.0.0:9091'",
            "'9091'",
            "listeners.replication.bind: `9091`",
        );
        refused("{name: internal,", "{name: CONTROL,", "of the brokers' own");
        refused("'demo:9091'", "':9091'", "bootstrapServers");
        refused(
            "  replication:",
            "  - {name: internal, bind: 'x:1', advertised: 'x:1'}\n  replication:",
            "twice",
        );
    }
}
