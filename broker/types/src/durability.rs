//! What an acknowledged record has survived.
//!
//! In: the word of a configuration. Out: a choice that a cluster makes once. Never here: a sync.

use std::fmt;
use std::str::FromStr;

/// When an offset counts toward the high watermark. A cluster decides it when it is formed, and
/// never again: it says what records that were acknowledged earlier have survived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Durability {
    /// Once it is on stable storage of the replica that states it.
    #[default]
    Fsync,
    /// Once it is appended, as in Kafka: a replica that went without a clean shutdown may lack what
    /// it stated, and loses its place in ISR and ELR (KIP-966).
    PageCache,
}

impl Durability {
    /// The word that manifests and files have for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Durability::Fsync => "fsync",
            Durability::PageCache => "page-cache",
        }
    }
}

impl fmt::Display for Durability {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A word that is none of the two.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("durability is `{found}`; it is fsync or page-cache")]
pub struct UnknownDurability {
    pub found: String,
}

impl FromStr for Durability {
    type Err = UnknownDurability;

    fn from_str(word: &str) -> Result<Durability, UnknownDurability> {
        match word {
            "fsync" => Ok(Durability::Fsync),
            "page-cache" => Ok(Durability::PageCache),
            found => Err(UnknownDurability {
                found: found.to_owned(),
            }),
        }
    }
}
