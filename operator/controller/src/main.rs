//! `tidemill-operator`: reads its arguments, and runs until it is told to stop.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use operator_controller::{Arguments, Settings, run};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .init();
    match start().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "the operator stopped");
            ExitCode::FAILURE
        }
    }
}

async fn start() -> anyhow::Result<()> {
    let settings = Settings::read(&Arguments::parse())?;
    // One provider for everything that speaks TLS; a second one would make the choice ambiguous.
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let installed = provider.install_default();
    anyhow::ensure!(installed.is_ok(), "a TLS provider was already there");
    let client = kube::Client::try_default()
        .await
        .context("failed to find the API server")?;
    run(client, settings, stop_signal()).await
}

/// Ends when the kubelet, or a person, asks the process to stop.
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
