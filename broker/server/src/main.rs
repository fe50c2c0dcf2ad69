//! `tidemill-broker`: a broker as a process.
//!
//! In: a command line. Out: a broker that runs until it is told to stop, or a cluster of them.
//! Never here: what a broker does (`broker-node`).

mod budget;
mod config;
mod connection;
mod control;
mod descriptors;
mod dev;
mod drain;
mod http;
mod listener;
mod metrics;
mod peers;
mod recover_quorum;
mod run;
mod stream;
mod tls;
mod world;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use tokio::runtime::Builder;
use tracing_subscriber::EnvFilter;

// A broker that makes mistakes on purpose is not built, with whatever features.
const _: () = assert!(!broker_types::Mutant::CAN_BE_MADE && !broker_node::quorum::MISTAKES);

/// Threads of the node's own tasks, which wait for others most of the time.
const NODE_THREADS: usize = 2;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A broker of Tidemill: event streaming that every Kafka client can use.
#[derive(Parser)]
#[command(
    name = "tidemill-broker",
    version,
    about = "A broker of Tidemill: event streaming that every Kafka client can use"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run one broker
    Run {
        /// Configuration file (YAML)
        #[arg(long)]
        config: PathBuf,
        /// Node id, in place of the file's
        #[arg(long)]
        node_id: Option<u32>,
        /// Stop when standard input ends, as a child of `dev` does
        #[arg(long, hide = true)]
        end_with_parent: bool,
    },
    /// Prepare the stop of a running broker: once it may stop, move what it leads to others
    Drain {
        /// Configuration file of the broker (YAML)
        #[arg(long)]
        config: PathBuf,
        /// Seconds until it is given up, with the reason
        #[arg(long, default_value_t = 20)]
        within: u64,
    },
    /// After most voters have lost their disks for ever: show what a stopped broker has of the metadata,
    /// or make it the only voter
    RecoverQuorum {
        /// Configuration file of the broker (YAML)
        #[arg(long)]
        config: PathBuf,
        /// Node id, in place of the file's
        #[arg(long)]
        node_id: Option<u32>,
        /// Do it: the id of the cluster, typed out
        #[arg(long, value_name = "CLUSTER_ID")]
        as_sole_voter: Option<String>,
    },
    /// Run a cluster of brokers on this machine, on loopback
    Dev(dev::Arguments),
}

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let is_plain = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(!is_plain && std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    let cli = Cli::parse();
    descriptors::raise_limit();
    // The allocator's memory is sparse: in huge pages, half of what is resident would be unused.
    if let Err(error) = rustix::thread::disable_transparent_huge_pages(true) {
        tracing::debug!("transparent huge pages stay as they are: {error}");
    }
    let runtimes = Builder::new_multi_thread()
        .enable_all()
        .build()
        .and_then(|runtime| {
            let mut node = Builder::new_multi_thread();
            node.worker_threads(NODE_THREADS).thread_name("node");
            Ok((runtime, node.enable_all().build()?))
        });
    let (runtime, node_runtime) = match runtimes {
        Ok(runtimes) => runtimes,
        Err(error) => {
            tracing::error!("failed to start the runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(async {
        match cli.command {
            Command::Run {
                config,
                node_id,
                end_with_parent,
            } => {
                let node_runtime = node_runtime.handle().clone();
                run::run(&config, node_id, end_with_parent, node_runtime).await
            }
            Command::Drain { config, within } => {
                drain::run(&config, Duration::from_secs(within)).await
            }
            Command::RecoverQuorum {
                config,
                node_id,
                as_sole_voter,
            } => {
                let runtime = node_runtime.handle().clone();
                recover_quorum::run(&config, node_id, as_sole_voter.as_deref(), runtime).await
            }
            Command::Dev(arguments) => dev::run(arguments).await,
        }
    });
    let code = match result {
        Ok(()) => 0,
        Err(error) => {
            tracing::error!("{error:#}");
            1
        }
    };
    end(code)
}

/// Ends the process. Threads and tasks that wait for peers or clients must not keep it, and would not
/// survive the runtime.
#[allow(
    clippy::disallowed_methods,
    reason = "all that is to be kept is on the disk by now"
)]
fn end(code: i32) -> ! {
    std::process::exit(code)
}
