//! What the operator is told when it starts.
//!
//! In: arguments, environment, a file of images. Out: [`Settings`]. Never here: what resources say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;

use crate::brokers::{ControlAddress, pod_address};

/// The command line.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "tidemill-operator",
    version,
    about = "Runs Tidemill clusters on Kubernetes"
)]
pub struct Arguments {
    /// A JSON object from broker versions to images.
    #[arg(long, env = "TIDEMILL_BROKER_IMAGES")]
    broker_images: PathBuf,
    /// Namespaces in which clusters may be; the operator needs a Role in each.
    #[arg(long, env = "TIDEMILL_CLUSTER_NAMESPACES", value_delimiter = ',')]
    cluster_namespaces: Vec<String>,
    /// The namespace of the operator's Lease.
    #[arg(long, env = "POD_NAMESPACE", default_value = "tidemill")]
    namespace: String,
    /// This replica's name, as the Lease has it.
    #[arg(long, env = "POD_NAME", default_value = "tidemill-operator")]
    holder: String,
    /// Where /metrics, /livez and /readyz are served.
    #[arg(long, env = "TIDEMILL_HTTP_ADDRESS", default_value = "0.0.0.0:8080")]
    http_address: String,
}

/// What the operator is told.
#[derive(Clone)]
pub struct Settings {
    /// Images of brokers, by version.
    pub images: BTreeMap<String, String>,
    /// Namespaces in which clusters may be.
    pub cluster_namespaces: BTreeSet<String>,
    /// The namespace of the Lease.
    pub namespace: String,
    /// Who holds the Lease.
    pub holder: String,
    pub http_address: String,
    /// Where the control listener of a pod's broker is reached.
    pub control_address: ControlAddress,
}

impl Settings {
    /// Reads the arguments and the file that they name.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is not a JSON object of texts.
    pub fn read(arguments: &Arguments) -> anyhow::Result<Settings> {
        let path = &arguments.broker_images;
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("failed to read {}", path.display()))?;
        let images = serde_json::from_str(&text)
            .with_context(|| format!("{} is not a map from versions to images", path.display()))?;
        Ok(Settings {
            images,
            cluster_namespaces: arguments.cluster_namespaces.iter().cloned().collect(),
            namespace: arguments.namespace.clone(),
            holder: arguments.holder.clone(),
            http_address: arguments.http_address.clone(),
            control_address: pod_address(),
        })
    }
}
