//! A second reading of Kafka's descriptors: it interprets them, where the crate has code for each.
//!
//! In: the descriptors in short form, a seed. Out: messages of every version as bytes, with what
//! their debug form must say and where their lengths lie. Never here: the crate's reader or writer.

mod codec;
mod encode;
mod value;

use std::collections::BTreeMap;
use std::sync::LazyLock;

pub(crate) use codec::Codec;
pub(crate) use encode::Length;
#[allow(
    unused_imports,
    reason = "where lengths lie is the hostile tests' concern"
)]
pub(crate) use encode::LengthForm;
pub(crate) use value::Random;

/// A range of versions; `to` is inclusive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Versions {
    pub(crate) from: i16,
    pub(crate) to: i16,
}

impl Versions {
    pub(crate) fn contains(self, version: i16) -> bool {
        (self.from..=self.to).contains(&version)
    }

    fn parse(text: &str) -> Versions {
        let (from, to) = text.split_once("..").expect("a range");
        Versions {
            from: from.parse().expect("a version"),
            to: to.parse().expect("a version"),
        }
    }

    fn is_empty(self) -> bool {
        self.to < self.from
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    Bool,
    I8,
    I16,
    U16,
    I32,
    U32,
    I64,
    F64,
    Uuid,
    String,
    Bytes,
    Records,
    Struct(String),
    Array(Box<Type>),
}

impl Type {
    fn parse(text: &str) -> Type {
        match text {
            "bool" => Type::Bool,
            "int8" => Type::I8,
            "int16" => Type::I16,
            "uint16" => Type::U16,
            "int32" => Type::I32,
            "uint32" => Type::U32,
            "int64" => Type::I64,
            "float64" => Type::F64,
            "uuid" => Type::Uuid,
            "string" => Type::String,
            "bytes" => Type::Bytes,
            "records" => Type::Records,
            _ => match text.strip_prefix("[]") {
                Some(element) => Type::Array(Box::new(Type::parse(element))),
                None => Type::Struct(text.to_owned()),
            },
        }
    }
}

#[derive(Debug)]
pub(crate) struct Field {
    name: String,
    kind: Type,
    versions: Versions,
    nullable: Versions,
    tag: Option<u32>,
    is_never_flexible: bool,
    default: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) name: String,
    /// `request`, `response`, `metadata` and so on, as the descriptor says.
    pub(crate) kind: String,
    pub(crate) api_key: Option<i16>,
    pub(crate) versions: Versions,
    flexible: Versions,
    structs: BTreeMap<String, Vec<Field>>,
}

/// A message of one version.
pub(crate) struct Sample {
    pub(crate) version: i16,
    pub(crate) bytes: Vec<u8>,
    /// Where the lengths and counts are in the bytes.
    pub(crate) lengths: Vec<Length>,
    /// The debug form of the message that the bytes say.
    pub(crate) debug: String,
}

impl Message {
    fn fields(&self, structure: &str) -> &[Field] {
        &self.structs[structure]
    }

    pub(crate) fn all_versions(&self) -> impl Iterator<Item = i16> {
        self.versions.from..=self.versions.to
    }

    /// A message of random values. `with_unknown` adds tagged fields that no descriptor has.
    pub(crate) fn sample(&self, version: i16, random: &mut Random, with_unknown: bool) -> Sample {
        let value = value::random(self, version, random, with_unknown);
        let (bytes, lengths) = encode::encode(self, version, &value);
        Sample {
            version,
            bytes,
            lengths,
            debug: value::debug(self, &value),
        }
    }

    /// The bytes of a message whose values are as small as they can be. Arrays have as many
    /// elements as `n_elements` says for their depth, beyond it none.
    pub(crate) fn emptiest(&self, version: i16, n_elements: &[usize]) -> Vec<u8> {
        let value = value::emptiest(self, version, n_elements);
        encode::encode(self, version, &value).0
    }

    /// The message in which every field has its default.
    pub(crate) fn default_debug(&self) -> String {
        value::debug(self, &value::default_struct(self, &self.name))
    }

    pub(crate) fn codec(&self) -> Codec {
        codec::codec(&self.name)
    }
}

/// All messages, by name.
pub(crate) static MESSAGES: LazyLock<BTreeMap<String, Message>> =
    LazyLock::new(|| parse(include_str!("../generated/schema.txt")));

fn parse(text: &str) -> BTreeMap<String, Message> {
    let mut messages: Vec<Message> = Vec::new();
    let mut structure = String::new();
    for line in text.lines().filter(|it| !it.starts_with('#')) {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["message", name, kind, key, versions, flexible] => messages.push(Message {
                name: (*name).to_owned(),
                kind: (*kind).to_owned(),
                api_key: key.parse().ok(),
                versions: Versions::parse(versions),
                flexible: Versions::parse(flexible),
                structs: BTreeMap::new(),
            }),
            ["struct", name] => {
                structure = (*name).to_owned();
                let message = messages.last_mut().expect("a message before its structs");
                message.structs.insert(structure.clone(), Vec::new());
            }
            [
                "field",
                name,
                kind,
                versions,
                nullable,
                tag,
                flexible,
                default @ ..,
            ] => {
                let message = messages.last_mut().expect("a message before its fields");
                let fields = message.structs.get_mut(&structure).expect("a struct");
                fields.push(Field {
                    name: (*name).to_owned(),
                    kind: Type::parse(kind),
                    versions: Versions::parse(versions),
                    nullable: Versions::parse(nullable),
                    tag: tag.parse().ok(),
                    is_never_flexible: *flexible == "never",
                    default: default.first().map(|_| default.join(" ")),
                });
            }
            _ => panic!("not a line of the descriptors' short form: {line}"),
        }
    }
    messages
        .into_iter()
        .map(|it| (it.name.clone(), it))
        .collect()
}
