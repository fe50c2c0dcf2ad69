//! What can go wrong outside, one variant per operation.

/// A failure that is tried again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("failed to read {kind} {name}")]
    Read {
        kind: &'static str,
        name: String,
        source: Box<kube::Error>,
    },
    #[error("failed to list {kind} in {namespace}")]
    List {
        kind: &'static str,
        namespace: String,
        source: Box<kube::Error>,
    },
    #[error("failed to write {kind} {name}")]
    Write {
        kind: &'static str,
        name: String,
        source: Box<kube::Error>,
    },
    #[error("failed to delete {kind} {name}")]
    Delete {
        kind: &'static str,
        name: String,
        source: Box<kube::Error>,
    },
    #[error("{kind} {name} exists and is not the Cluster's: rename one of the two")]
    NameTaken { kind: &'static str, name: String },
    #[error("{kind} {name} has changed since it was read")]
    Changed { kind: &'static str, name: String },
    #[error("the lease is not certainly held any more")]
    NotLeading,
    #[error("failed to make certificates")]
    MakeCertificates { source: rcgen::Error },
    #[error("Secret {name} is not as the operator wrote it: {what}")]
    BadSecret { name: String, what: String },
    #[error("there is no certificate authority in Secret {name}")]
    NoAuthority { name: String },
    #[error("no broker can be asked: {message}")]
    NoBroker { message: String },
    #[error("failed to ask a broker to {call}: {message}")]
    AskBroker { call: &'static str, message: String },
}

impl Error {
    /// Whether the API server does not let the operator read.
    pub(crate) fn is_forbidden(&self) -> bool {
        let (Error::List { source, .. } | Error::Read { source, .. }) = self else {
            return false;
        };
        matches!(source.as_ref(), kube::Error::Api(it) if it.is_forbidden())
    }

    /// The whole chain in one line, for a status.
    pub(crate) fn told(&self) -> String {
        let mut text = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(it) = source {
            text = format!("{text}: {it}");
            source = it.source();
        }
        text
    }
}
