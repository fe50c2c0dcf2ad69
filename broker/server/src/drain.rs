//! `drain`: what is done before a broker is stopped, so that its clients do not notice.
//!
//! In: the broker's own configuration file. Out: a grant from the controller, and nothing left that
//! the broker leads; or why not. Never here: the stop itself.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use broker_rpc as rpc;
use broker_rpc::can_stop_response::Outcome;
use broker_rpc::control_client::ControlClient;
use tonic::Code;
use tonic::transport::Channel;

use crate::config::{self, Config, HostPort};
use crate::control::reach;
use crate::tls::Tls;

/// Pause before the controller is asked again.
const ASK_EVERY: Duration = Duration::from_millis(250);

/// Asks until the broker may stop and leads nothing that others could lead, at most for `within`.
pub(crate) async fn run(path: &Path, within: Duration) -> Result<()> {
    let config = config::read(path, None)?;
    let deadline = Instant::now() + within;
    let mut broker = connect(&config).await?;
    let mut why = String::new();
    while Instant::now() < deadline {
        match attempt(&mut broker).await? {
            Progress::Done => return Ok(()),
            Progress::NotYet(reason) => {
                if reason != why {
                    tracing::info!("not yet: {reason}");
                }
                why = reason;
            }
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
    bail!("the broker could not be drained within {within:?}: {why}")
}

async fn connect(config: &Config) -> Result<ControlClient<Channel>> {
    let tls = match &config.tls {
        Some(files) => Some(Tls::load(files.clone()).context("in `tls`")?),
        None => None,
    };
    let name = HostPort::parse(&config.listeners.replication.advertised)?.host;
    let mut address = HostPort::parse(&config.listeners.control.bind)?;
    // An address to listen on everywhere is none to connect to.
    match address.host.as_str() {
        "0.0.0.0" => "127.0.0.1".clone_into(&mut address.host),
        "::" => "::1".clone_into(&mut address.host),
        _ => {}
    }
    let address = address.to_string();
    reach::connect(tls.as_deref(), &address, &name)
        .await
        .with_context(|| format!("failed to reach the broker on {address}; is it running?"))
}

enum Progress {
    Done,
    NotYet(String),
}

/// One round: who is it, may it stop, what does it lead.
async fn attempt(broker: &mut ControlClient<Channel>) -> Result<Progress> {
    let described = broker.describe(rpc::DescribeRequest {}).await;
    let described = match described {
        Ok(described) => described.into_inner(),
        Err(status) => return passing(&status),
    };
    let Some(broker_epoch) = described.broker_epoch else {
        // It is in no cluster yet: nobody would miss it.
        return Ok(Progress::Done);
    };
    let node_id = described.node_id;
    let request = rpc::CanStopRequest {
        node_id,
        broker_epoch,
    };
    match broker.can_stop(request).await {
        Ok(answer) => match answer.into_inner().outcome {
            Some(Outcome::Granted(_)) => {}
            Some(Outcome::Refused(refusal)) => return Ok(Progress::NotYet(refusal.message)),
            None => return Ok(Progress::NotYet("the controller gave no answer".to_owned())),
        },
        Err(status) => return passing(&status),
    }
    let request = rpc::DrainRequest {
        node_id,
        broker_epoch,
    };
    match broker.drain(request).await.map(tonic::Response::into_inner) {
        Ok(drained) if drained.leaders_left == 0 => Ok(Progress::Done),
        Ok(drained) => {
            let left = drained.leaders_left;
            Ok(Progress::NotYet(format!(
                "it still leads {left} partitions"
            )))
        }
        Err(status) => passing(&status),
    }
}

/// What may pass by itself is waited for.
fn passing(status: &tonic::Status) -> Result<Progress> {
    let may_pass = [
        Code::Unavailable,
        Code::DeadlineExceeded,
        Code::FailedPrecondition,
    ];
    if may_pass.contains(&status.code()) {
        return Ok(Progress::NotYet(status.message().to_owned()));
    }
    bail!("the broker refuses: {status}")
}
