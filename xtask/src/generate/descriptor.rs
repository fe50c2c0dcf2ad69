//! Kafka's message descriptors: JSON with comments, read into plain data.
//!
//! In: a descriptor's text. Out: a [`Message`], or an error that names the file's own words.
//! Never here: Rust code, or files.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// A range of versions. `to` is inclusive; an open end is `i16::MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Versions {
    pub(super) from: i16,
    pub(super) to: i16,
}

impl Versions {
    pub(super) const NONE: Versions = Versions { from: 0, to: -1 };

    fn parse(text: &str) -> Result<Versions> {
        let number = |it: &str| {
            it.trim()
                .parse::<i16>()
                .with_context(|| format!("versions `{text}`"))
        };
        if text == "none" {
            return Ok(Versions::NONE);
        }
        if let Some(from) = text.strip_suffix('+') {
            return Ok(Versions {
                from: number(from)?,
                to: i16::MAX,
            });
        }
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        Ok(Versions {
            from: number(from)?,
            to: number(to)?,
        })
    }

    pub(super) fn is_empty(self) -> bool {
        self.to < self.from
    }

    pub(super) fn contains(self, other: Versions) -> bool {
        other.is_empty() || (self.from <= other.from && other.to <= self.to)
    }

    pub(super) fn and(self, other: Versions) -> Versions {
        Versions {
            from: self.from.max(other.from),
            to: self.to.min(other.to),
        }
    }
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Type {
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
    fn parse(text: &str) -> Result<Type> {
        Ok(match text {
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
                Some(element) => Type::Array(Box::new(Type::parse(element)?)),
                None if text.starts_with(|it: char| it.is_ascii_uppercase()) => {
                    Type::Struct(text.to_owned())
                }
                None => bail!("no type is called `{text}`"),
            },
        })
    }

    /// The struct that this is, or is an array of.
    pub(super) fn structure(&self) -> Option<&str> {
        match self {
            Type::Struct(name) => Some(name),
            Type::Array(element) => element.structure(),
            _ => None,
        }
    }
}

/// A field of a struct.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) about: String,
    pub(super) kind: Type,
    pub(super) versions: Versions,
    pub(super) nullable: Versions,
    pub(super) tagged: Versions,
    pub(super) tag: Option<u32>,
    /// Where the field is flexible, if that differs from the message.
    pub(super) flexible: Option<Versions>,
    pub(super) default: Option<String>,
    pub(super) is_ignorable: bool,
}

/// A struct: a message's own, or one nested in it.
#[derive(Clone, Debug)]
pub(super) struct Struct {
    pub(super) name: String,
    pub(super) fields: Vec<Field>,
}

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Request,
    Response,
    Header,
    Data,
    Metadata,
    CoordinatorKey,
    CoordinatorValue,
}

/// A message: its structs, the message's own first.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) api_key: Option<i16>,
    pub(super) versions: Versions,
    pub(super) flexible: Versions,
    pub(super) listeners: Vec<String>,
    pub(super) is_latest_unstable: bool,
    pub(super) structs: Vec<Struct>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawMessage {
    #[serde(default)]
    api_key: Option<i16>,
    r#type: String,
    name: String,
    #[serde(default)]
    listeners: Vec<String>,
    valid_versions: String,
    #[serde(default)]
    flexible_versions: Option<String>,
    #[serde(default)]
    latest_version_unstable: bool,
    #[serde(default)]
    fields: Vec<RawField>,
    #[serde(default)]
    common_structs: Vec<RawStruct>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawStruct {
    name: String,
    #[expect(
        dead_code,
        reason = "read so that the descriptor's words are all known"
    )]
    versions: String,
    #[serde(default)]
    #[expect(
        dead_code,
        reason = "read so that the descriptor's words are all known"
    )]
    about: String,
    fields: Vec<RawField>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawField {
    name: String,
    r#type: String,
    /// Left out where a tagged field's tagged versions say it all.
    #[serde(default)]
    versions: Option<String>,
    #[serde(default)]
    about: String,
    #[serde(default)]
    nullable_versions: Option<String>,
    #[serde(default)]
    tagged_versions: Option<String>,
    #[serde(default)]
    tag: Option<u32>,
    #[serde(default)]
    flexible_versions: Option<String>,
    #[serde(default)]
    default: Option<serde_json::Value>,
    #[serde(default)]
    ignorable: bool,
    #[serde(default)]
    fields: Vec<RawField>,
    #[serde(default, rename = "mapKey")]
    #[expect(
        dead_code,
        reason = "read so that the descriptor's words are all known"
    )]
    map_key: bool,
    #[serde(default)]
    #[expect(
        dead_code,
        reason = "read so that the descriptor's words are all known"
    )]
    entity_type: String,
    #[serde(default)]
    #[expect(
        dead_code,
        reason = "read so that the descriptor's words are all known"
    )]
    zero_copy: bool,
}

/// Reads a descriptor.
pub(super) fn parse(text: &str) -> Result<Message> {
    let raw: RawMessage = serde_json::from_str(&without_comments(text))?;
    let name = raw.name.clone();
    convert(raw).with_context(|| format!("in the descriptor of {name}"))
}

fn convert(raw: RawMessage) -> Result<Message> {
    let kind = match raw.r#type.as_str() {
        "request" => Kind::Request,
        "response" => Kind::Response,
        "header" => Kind::Header,
        "data" => Kind::Data,
        "metadata" => Kind::Metadata,
        "coordinator-key" => Kind::CoordinatorKey,
        "coordinator-value" => Kind::CoordinatorValue,
        other => bail!("no kind of message is called `{other}`"),
    };
    let versions = Versions::parse(&raw.valid_versions)?;
    let flexible = Versions::parse(raw.flexible_versions.as_deref().unwrap_or("none"))?;
    let mut found = BTreeMap::new();
    let mut structs = Vec::new();
    let fields = convert_fields(raw.fields, &mut structs)?;
    for common in raw.common_structs {
        let fields = convert_fields(common.fields, &mut structs)?;
        structs.push(Struct {
            name: common.name,
            fields,
        });
    }
    structs.insert(
        0,
        Struct {
            name: raw.name.clone(),
            fields,
        },
    );
    for structure in &structs {
        if found.insert(structure.name.clone(), ()).is_some() {
            bail!("two structs are called {}", structure.name);
        }
    }
    Ok(Message {
        name: raw.name,
        kind,
        api_key: raw.api_key,
        versions,
        flexible: flexible.and(versions),
        listeners: raw.listeners,
        is_latest_unstable: raw.latest_version_unstable,
        structs,
    })
}

fn convert_fields(raw: Vec<RawField>, structs: &mut Vec<Struct>) -> Result<Vec<Field>> {
    raw.into_iter()
        .map(|it| convert_field(it, structs))
        .collect()
}

fn convert_field(raw: RawField, structs: &mut Vec<Struct>) -> Result<Field> {
    let context = format!("field {}", raw.name);
    let stated = raw.versions.as_ref().or(raw.tagged_versions.as_ref());
    let stated = stated.with_context(|| format!("{context} has no versions"))?;
    let versions = Versions::parse(stated).context(context.clone())?;
    let optional = |it: Option<String>| it.as_deref().map_or(Ok(Versions::NONE), Versions::parse);
    let kind = Type::parse(&raw.r#type).context(context.clone())?;
    if !raw.fields.is_empty() {
        let name = kind
            .structure()
            .with_context(|| format!("{context} has fields of its own"))?;
        let name = name.to_owned();
        let position = structs.len();
        let fields = convert_fields(raw.fields, structs)?;
        structs.insert(position, Struct { name, fields });
    }
    Ok(Field {
        name: raw.name,
        about: raw.about,
        kind,
        versions,
        nullable: optional(raw.nullable_versions)?.and(versions),
        tagged: optional(raw.tagged_versions)?,
        tag: raw.tag,
        flexible: raw
            .flexible_versions
            .as_deref()
            .map(Versions::parse)
            .transpose()?,
        default: raw.default.map(|it| match it {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        }),
        is_ignorable: raw.ignorable,
    })
}

/// Drops `//` comments; no string of a descriptor has two slashes in it but in its `about`.
fn without_comments(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for line in text.lines() {
        let mut is_string = false;
        let mut end = line.len();
        let mut last = ' ';
        for (index, character) in line.char_indices() {
            match character {
                '"' if last != '\\' => is_string = !is_string,
                '/' if !is_string && last == '/' => {
                    end = index - 1;
                    break;
                }
                _ => {}
            }
            last = character;
        }
        clean.push_str(line.get(..end).unwrap_or(line));
        clean.push('\n');
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        let parse = |it| Versions::parse(it).unwrap();
        assert_eq!(parse("3"), Versions { from: 3, to: 3 });
        assert_eq!(parse("3-7"), Versions { from: 3, to: 7 });
        assert_eq!(
            parse("3+"),
            Versions {
                from: 3,
                to: i16::MAX
            }
        );
        assert!(parse("none").is_empty());
        assert!(Versions::parse("x").is_err());
    }

    #[test]
    fn comments_go_and_strings_stay() {
        let text = "{ // a comment\n \"about\": \"see http://x\" } // end";
        assert_eq!(
            without_comments(text),
            "{ \n \"about\": \"see http://x\" } \n"
        );
    }

    #[test]
    fn nested_fields_become_structs_of_the_message() {
        let text = r#"{ "type": "data", "name": "Outer", "validVersions": "0-2", "flexibleVersions": "1+",
            "fields": [ { "name": "Inner", "type": "[]Part", "versions": "0+", "fields": [
                { "name": "Id", "type": "int32", "versions": "0+", "default": "-1" } ] } ] }"#;
        let message = parse(text).unwrap();
        let names: Vec<_> = message.structs.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["Outer", "Part"]);
        assert_eq!(message.flexible, Versions { from: 1, to: 2 });
    }
}
