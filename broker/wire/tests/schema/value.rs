//! Values of a descriptor's fields.
//!
//! In: a message's descriptor and chance. Out: values, and the debug form of the crate's struct.
//! Never here: bytes on the wire.

use std::fmt::Write as _;

use bytes::Bytes;

use super::{Field, Message, Type};

/// SplitMix64: the same seed gives the same messages everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).expect("fits")).expect("fits")
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    F64(f64),
    Uuid([u8; 16]),
    Str(String),
    Bytes(Vec<u8>),
    Array(Vec<Value>),
    Struct {
        fields: Vec<Value>,
        unknown: Vec<(u32, Vec<u8>)>,
    },
}

/// Tags that no descriptor uses.
const UNKNOWN_TAG_MIN: u32 = 200;

pub(super) fn random(
    message: &Message,
    version: i16,
    random: &mut Random,
    with_unknown: bool,
) -> Value {
    let mut generator = Generator {
        message,
        version,
        random,
        with_unknown: with_unknown && message.flexible.contains(version),
    };
    generator.structure(&message.name)
}

struct Generator<'a> {
    message: &'a Message,
    version: i16,
    random: &'a mut Random,
    with_unknown: bool,
}

impl Generator<'_> {
    fn structure(&mut self, name: &str) -> Value {
        let message = self.message;
        let fields = message.fields(name).iter().map(|it| self.field(it));
        let fields = fields.collect();
        let mut unknown = Vec::new();
        if self.with_unknown && self.random.one_in(3) {
            for tag in UNKNOWN_TAG_MIN..=UNKNOWN_TAG_MIN + 1 {
                let length = self.random.below(4);
                unknown.push((tag, self.random.bytes(length)));
            }
        }
        Value::Struct { fields, unknown }
    }

    fn field(&mut self, field: &Field) -> Value {
        if !field.versions.contains(self.version) {
            return default(self.message, field);
        }
        let may_be_null = field.nullable.contains(self.version);
        if may_be_null && self.random.one_in(4) {
            return Value::Null;
        }
        if self.random.one_in(6) {
            let value = default(self.message, field);
            if value != Value::Null || may_be_null {
                return value;
            }
        }
        self.value(&field.kind)
    }

    fn value(&mut self, kind: &Type) -> Value {
        match kind {
            Type::Bool => Value::Bool(self.random.one_in(2)),
            Type::I8 => self.int(i8::MIN.into(), i8::MAX.into()),
            Type::I16 => self.int(i16::MIN.into(), i16::MAX.into()),
            Type::U16 => self.int(0, u16::MAX.into()),
            Type::I32 => self.int(i32::MIN.into(), i32::MAX.into()),
            Type::U32 => self.int(0, u32::MAX.into()),
            Type::I64 => self.int(i64::MIN, i64::MAX),
            Type::F64 => Value::F64([0.0, 1.5, -2.25, f64::MAX][self.random.below(4)]),
            Type::Uuid => {
                let id = self.random.bytes(16);
                Value::Uuid(id.try_into().expect("16 bytes"))
            }
            Type::String => {
                let texts = ["", "a", "topic", "größe", "日本語", "x\"\n\u{0}y"];
                let text = texts[self.random.below(texts.len())];
                let repeated = if self.random.one_in(20) { 40 } else { 1 };
                Value::Str(text.repeat(repeated))
            }
            Type::Bytes | Type::Records => {
                let length = if self.random.one_in(20) { 300 } else { 9 };
                let length = self.random.below(length);
                Value::Bytes(self.random.bytes(length))
            }
            Type::Struct(name) => self.structure(name),
            Type::Array(element) => {
                let count = self.random.below(4);
                Value::Array((0..count).map(|_| self.value(element)).collect())
            }
        }
    }

    fn int(&mut self, min: i64, max: i64) -> Value {
        let any = self.random.next().cast_signed();
        let within = match max.checked_sub(min).and_then(|it| it.checked_add(1)) {
            Some(size) => min + any.rem_euclid(size),
            None => any,
        };
        let small = min.max(0) + any.rem_euclid(16);
        let choices = [min, max, within, small, within];
        Value::Int(choices[self.random.below(choices.len())])
    }
}

/// The value that takes the fewest bytes, but for the elements of its arrays.
pub(super) fn emptiest(message: &Message, version: i16, n_elements: &[usize]) -> Value {
    let kind = Type::Struct(message.name.clone());
    emptiest_value(message, version, &kind, n_elements)
}

fn emptiest_value(message: &Message, version: i16, kind: &Type, n_elements: &[usize]) -> Value {
    match kind {
        Type::Bool => Value::Bool(false),
        Type::F64 => Value::F64(0.0),
        Type::Uuid => Value::Uuid([0; 16]),
        Type::String => Value::Str(String::new()),
        Type::Bytes | Type::Records => Value::Bytes(Vec::new()),
        Type::Array(element) => match n_elements.split_first() {
            None => Value::Array(Vec::new()),
            Some((n, deeper)) => {
                let element = emptiest_value(message, version, element, deeper);
                Value::Array(vec![element; *n])
            }
        },
        Type::Struct(name) => {
            let fields = message.fields(name).iter().map(|field| {
                if !field.versions.contains(version) {
                    return default(message, field);
                }
                let is_struct = matches!(field.kind, Type::Struct(_));
                if is_struct && field.nullable.contains(version) {
                    return Value::Null;
                }
                emptiest_value(message, version, &field.kind, n_elements)
            });
            Value::Struct {
                fields: fields.collect(),
                unknown: Vec::new(),
            }
        }
        _ => Value::Int(0),
    }
}

pub(super) fn default_struct(message: &Message, name: &str) -> Value {
    Value::Struct {
        fields: message
            .fields(name)
            .iter()
            .map(|it| default(message, it))
            .collect(),
        unknown: Vec::new(),
    }
}

pub(super) fn default(message: &Message, field: &Field) -> Value {
    let text = field.default.as_deref().unwrap_or_default();
    match &field.kind {
        _ if is_optional(field) && text == "null" => Value::Null,
        Type::Bool => Value::Bool(text == "true"),
        Type::F64 => Value::F64(if text.is_empty() { 0.0 } else { number(text) }),
        Type::Uuid => Value::Uuid([0; 16]),
        Type::String => Value::Str(text.to_owned()),
        Type::Bytes | Type::Records => Value::Bytes(Vec::new()),
        Type::Array(_) => Value::Array(Vec::new()),
        Type::Struct(name) => default_struct(message, name),
        _ if text.is_empty() => Value::Int(0),
        _ => Value::Int(match text.strip_prefix("0x") {
            Some(digits) => i64::from_str_radix(digits, 16).expect("a number"),
            None => number(text),
        }),
    }
}

fn number<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a number")
}

fn is_optional(field: &Field) -> bool {
    !field.nullable.is_empty()
}

/// What the crate's struct of these values must print.
pub(super) fn debug(message: &Message, value: &Value) -> String {
    let mut out = String::new();
    debug_value(
        message,
        &Type::Struct(message.name.clone()),
        value,
        &mut out,
    );
    out
}

fn debug_value(message: &Message, kind: &Type, value: &Value, out: &mut String) {
    match value {
        Value::Null => panic!("null outside an optional field"),
        Value::Bool(value) => write!(out, "{value:?}"),
        Value::Int(value) => write!(out, "{value:?}"),
        Value::F64(value) => write!(out, "{value:?}"),
        Value::Uuid(value) => write!(out, "{value:?}"),
        Value::Str(value) => write!(out, "{value:?}"),
        Value::Bytes(value) => {
            let value = Bytes::copy_from_slice(value);
            match kind {
                Type::Records => write!(out, "Bytes({value:?})"),
                _ => write!(out, "{value:?}"),
            }
        }
        Value::Array(elements) => {
            let Type::Array(kind) = kind else {
                panic!("an array where the descriptor has none")
            };
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                debug_value(message, kind, element, out);
            }
            write!(out, "]")
        }
        Value::Struct { fields, unknown } => {
            let Type::Struct(name) = kind else {
                panic!("a struct where the descriptor has none")
            };
            debug_struct(message, name, fields, unknown, out);
            Ok(())
        }
    }
    .expect("writing to a string");
}

fn debug_struct(
    message: &Message,
    name: &str,
    values: &[Value],
    unknown: &[(u32, Vec<u8>)],
    out: &mut String,
) {
    let mut parts: Vec<String> = Vec::new();
    for (field, value) in message.fields(name).iter().zip(values) {
        let mut part = format!("{}: ", field.name);
        match (is_optional(field), value) {
            (true, Value::Null) => part.push_str("None"),
            (true, value) => {
                part.push_str("Some(");
                debug_value(message, &field.kind, value, &mut part);
                part.push(')');
            }
            (false, value) => debug_value(message, &field.kind, value, &mut part),
        }
        parts.push(part);
    }
    if !message.flexible.is_empty() {
        let unknown: Vec<String> = unknown
            .iter()
            .map(|(tag, data)| {
                let data = Bytes::copy_from_slice(data);
                format!("RawTaggedField {{ tag: {tag}, data: {data:?} }}")
            })
            .collect();
        parts.push(format!("unknown_tagged_fields: [{}]", unknown.join(", ")));
    }
    out.push_str(name);
    if !parts.is_empty() {
        write!(out, " {{ {} }}", parts.join(", ")).expect("writing to a string");
    }
}
