//! The crate's codec of a message, found by name.
//!
//! In: a descriptor's name. Out: functions that hide the message's type.
//! Never here: bytes or values.

use broker_wire::{DecodeError, EncodeError, Message};
use bytes::Bytes;

/// What reading one version and writing another says: reading may fail, and so may writing.
pub(crate) type Recoded = Result<Result<Bytes, EncodeError>, DecodeError>;

/// A message's type, hidden.
#[derive(Clone, Copy)]
pub(crate) struct Codec {
    /// Whether the bytes are the message.
    pub(crate) check: fn(Bytes, i16) -> Result<(), DecodeError>,
    /// The debug form of what the bytes say.
    pub(crate) debug: fn(Bytes, i16) -> Result<String, DecodeError>,
    /// Reads one version, writes another.
    pub(crate) recode: fn(Bytes, i16, i16) -> Recoded,
    /// Writes the message in which all fields have their defaults.
    pub(crate) default: fn(i16) -> Result<Bytes, EncodeError>,
    pub(crate) default_debug: fn() -> String,
}

impl Codec {
    fn of<M: Message + Default + std::fmt::Debug>() -> Codec {
        Codec {
            check: |bytes, version| M::decode(bytes, version).map(|_| ()),
            debug: |bytes, version| M::decode(bytes, version).map(|it| format!("{it:?}")),
            recode: |bytes, from, to| M::decode(bytes, from).map(|it| it.encode(to)),
            default: |version| M::default().encode(version),
            default_debug: || format!("{:?}", M::default()),
        }
    }
}

macro_rules! codecs {
    ($($message:ident;)*) => {
        pub(super) fn codec(name: &str) -> Codec {
            match name {
                $(stringify!($message) => Codec::of::<broker_wire::messages::$message>(),)*
                _ => panic!("no message is called {name}"),
            }
        }
    };
}

include!("../generated/codecs.rs");
