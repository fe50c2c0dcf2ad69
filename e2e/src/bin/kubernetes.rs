//! `kubernetes`: the cluster of the harness, from a shell.
//!
//! In: a command. Out: a line per step on stderr; on stdout what a script wants to know. Never here:
//! how anything is done.

use std::io::{Read, Write};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand};
use e2e::{ApiServer, Cluster, Paths, Steps, build_project_images};

/// A real Kubernetes of three nodes in three zones on this machine, without a docker engine.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Start the cluster, unless it runs; prints the path of its kubeconfig
    Up,
    /// End the cluster and remove all of it, also what a crash has left
    Down,
    /// Say what runs
    Status,
    /// Build what is built from Go modules, and install what Debian has
    Build,
    /// Build the project's images and bring them to the nodes; prints their names and archives
    Images,
    /// Cut the power of a node
    PowerOff { node: String },
    /// Start a node that was powered off
    PowerOn { node: String },
    /// Cut a node off from the network
    Partition { node: String },
    /// End the partition of a node
    Heal { node: String },
    /// Run a command on a node
    Exec {
        node: String,
        #[arg(trailing_var_arg = true, required = true)]
        command: Vec<String>,
    },
    /// Run kubectl
    Kubectl {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run an API server alone until stdin ends; prints the path of its kubeconfig
    ApiServer,
    /// Wait for the end of stdin, then end a cluster that nobody needs
    #[command(hide = true)]
    Release,
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(action: Action) -> Result<ExitCode> {
    let paths = Paths::from_environment()?;
    let steps = Steps::start();
    let existing =
        || Cluster::existing(&paths)?.context("no cluster is up; `kubernetes up` starts one");
    match action {
        Action::Up => {
            let cluster = Cluster::up(&paths, &steps)?;
            print(&cluster.kubeconfig().display().to_string())?;
        }
        Action::Down => Cluster::down(&paths, &steps)?,
        Action::Status => print(existing()?.status()?.trim_end())?,
        Action::Build => Cluster::build(&paths, &steps)?,
        Action::Images => images(&paths, &steps)?,
        Action::PowerOff { node } => {
            existing()?.power_off(&node)?;
            steps.done(&format!("{node} is off"));
        }
        Action::PowerOn { node } => {
            existing()?.power_on(&node)?;
            steps.done(&format!("{node} is on and Ready"));
        }
        Action::Partition { node } => existing()?.partition(&node)?,
        Action::Heal { node } => existing()?.heal(&node)?,
        Action::Exec { node, command } => {
            let command: Vec<&str> = command.iter().map(String::as_str).collect();
            print(existing()?.on_node(&node, &command)?.trim_end())?;
        }
        Action::Kubectl { arguments } => {
            let status = existing()?
                .kubectl_command()
                .args(arguments)
                .status()
                .context("failed to start kubectl")?;
            return Ok(if status.success() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            });
        }
        Action::ApiServer => api_server(&steps)?,
        Action::Release => Cluster::release(&paths)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn images(paths: &Paths, steps: &Steps) -> Result<()> {
    let images = build_project_images(paths)?;
    steps.done("built the images");
    let cluster = Cluster::existing(paths)?;
    for archive in [&images.broker, &images.operator] {
        if let Some(cluster) = &cluster {
            cluster.load(archive)?;
            steps.done(&format!("the nodes hold {}", archive.reference));
        }
        print(&format!("{} {}", archive.reference, archive.path.display()))?;
    }
    Ok(())
}

fn api_server(steps: &Steps) -> Result<()> {
    let server = ApiServer::start()?;
    steps.done(&format!("kube-apiserver is ready at {}", server.url()));
    print(&server.kubeconfig().display().to_string())?;
    let n_read = std::io::stdin().read(&mut [0]).context("failed to wait")?;
    ensure!(n_read == 0, "stdin is only there to end");
    Ok(())
}

fn print(line: &str) -> Result<()> {
    writeln!(std::io::stdout().lock(), "{line}").context("failed to write to stdout")
}
