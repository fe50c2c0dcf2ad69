//! `recover-quorum`: makes a broker that survived the only voter, when most voters have lost their
//! disks for ever.
//!
//! In: the broker's own configuration file, and the word of a person. Out: what there is to decide by
//! and, only if asked, a metadata log with one voter. Nothing calls this by itself. Never here: what is
//! written (`broker-node`), or whether the others are really gone.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use broker_log::dir::real::RealDir;
use broker_node::World as _;
use broker_node::quorum::FirstVoter;
use broker_node::quorum::recover::{Heard, OtherVoter, Survivor};
use broker_node::world::Peer;
use tokio::runtime::Handle;

use crate::config::{self, Config, HostPort};
use crate::peers::Introduction;
use crate::run::open_data_dir;
use crate::tls::Tls;
use crate::world::ServerWorld;

/// Shows what is left of the quorum. With the cluster's id in `as_sole_voter`, makes this broker its
/// only voter.
pub(crate) async fn run(
    path: &Path,
    node_id: Option<u32>,
    as_sole_voter: Option<&str>,
    runtime: Handle,
) -> Result<()> {
    let config = config::read(path, node_id)?;
    if !config.data_dir.is_dir() {
        let shown = config.data_dir.display();
        bail!("there is no data directory {shown}: this broker has nothing to recover from");
    }
    let data_dir = open_data_dir(&config)
        .context("a quorum is recovered from a broker that was stopped, and stays so meanwhile")?;
    let meta = data_dir
        .meta_properties()
        .context("failed to read whose directory it is")?;
    let meta = meta.filter(|it| it.node_id == config.broker_id);
    let Some((cluster_id, directory_id, durability)) =
        meta.and_then(|it| Some((it.cluster_id?, it.directory_id, it.durability)))
    else {
        let (shown, id) = (config.data_dir.display(), config.broker_id);
        bail!("the data directory {shown} is not that of broker {id} of a cluster");
    };
    let HostPort { host, port } = HostPort::parse(&config.listeners.replication.advertised)?;
    let me = FirstVoter {
        id: config.broker_id,
        directory_id,
        peer: Peer { host, port },
    };
    let introduction = introduce(&config, &cluster_id)?;
    let world = ServerWorld::new(introduction, runtime);
    let survivor = Survivor::open(data_dir.dir(), &cluster_id, me, world.wall())
        .context("failed to read the metadata log; recover from another broker that is left")?;
    let also: Vec<Peer> = config
        .bootstrap_servers
        .iter()
        .map(|it| Peer {
            host: it.host.clone(),
            port: it.port,
        })
        .collect();
    let others = survivor.ask_others(&world, &also).await;
    say(&report(&cluster_id, &survivor, &others));
    if let Err(objection) = survivor.object(&others) {
        bail!("{objection}. Nothing was changed");
    }
    let Some(typed) = as_sole_voter else {
        say(&advice(&cluster_id));
        return Ok(());
    };
    if typed != cluster_id {
        bail!(
            "--as-sole-voter names cluster {typed}, and this is {cluster_id}. Nothing was changed"
        );
    }
    let epoch = survivor
        .become_sole_voter(&others, durability, world.wall())
        .context("failed to make this broker the only voter; run the command again")?;
    say(&format!(
        "Broker {} is the only voter, from epoch {epoch} on. Start it; then make other brokers voters \
         again, one after the other (docs/runbooks/quorum-loss.md).",
        config.broker_id
    ));
    Ok(())
}

fn introduce(config: &Config, cluster_id: &str) -> Result<Option<Introduction>> {
    let Some(files) = &config.tls else {
        return Ok(None);
    };
    Ok(Some(Introduction {
        tls: Tls::load(files.clone()).context("in `tls`")?,
        cluster_id: cluster_id.to_owned(),
    }))
}

fn report(cluster_id: &str, survivor: &Survivor<RealDir>, others: &[OtherVoter]) -> String {
    let (key, voters) = (survivor.key(), survivor.voters());
    let (epoch, end) = survivor.position();
    let mut text = format!(
        "Cluster {cluster_id}, broker {}, directory {}\n",
        key.id, key.directory_id
    );
    let _ = writeln!(text, "Metadata log: last epoch {epoch}, end offset {end}");
    let (n_voters, majority) = (voters.len(), voters.majority());
    let _ = writeln!(
        text,
        "Voters: {n_voters}, of which {majority} make a majority"
    );
    if voters.contains(key) {
        let _ = writeln!(text, "  {}: this broker", key.id);
    }
    for OtherVoter { key, heard } in others {
        let _ = match heard {
            Heard::Silence(why) => writeln!(text, "  {}: no answer ({why})", key.id),
            Heard::Stranger => writeln!(text, "  {}: another disk answers in its place", key.id),
            Heard::Lives { epoch, leader, .. } => match leader {
                Some(leader) => {
                    writeln!(
                        text,
                        "  {}: lives in epoch {epoch} of leader {leader}",
                        key.id
                    )
                }
                None => writeln!(
                    text,
                    "  {}: lives in epoch {epoch}, without a leader",
                    key.id
                ),
            },
        };
    }
    if survivor.is_cut_short() {
        text.push_str("An earlier recovery of this log was cut short, and is to be completed.\n");
    }
    text
}

fn advice(cluster_id: &str) -> String {
    format!(
        "Nothing was changed. What only the voters had that are gone is lost for ever. Of all brokers \
         that are left, observers too, recover from the one with the highest last epoch, and of those \
         with the highest end offset; stop the others first, and make sure that no lost voter starts \
         again on its old disk. To make this broker the only voter, add\n  --as-sole-voter {cluster_id}\n"
    )
}

#[allow(clippy::print_stdout, reason = "what a person asked for")]
fn say(text: &str) {
    println!("{}", text.trim_end());
}
