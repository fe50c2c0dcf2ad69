//! Values as bytes, by interpreting the descriptor.
//!
//! In: a message's value. Out: its bytes, and where lengths and counts lie in them.
//! Never here: the crate's writer, which is judged by this.

use super::value::{Value, default};
use super::{Field, Message, Type};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LengthForm {
    I16,
    I32,
    /// An unsigned varint of this many bytes.
    Varint(usize),
}

/// A length or a count.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Length {
    pub(crate) position: usize,
    pub(crate) form: LengthForm,
}

pub(super) fn encode(message: &Message, version: i16, value: &Value) -> (Vec<u8>, Vec<Length>) {
    let mut encoder = Encoder {
        message,
        version,
        bytes: Vec::new(),
        lengths: Vec::new(),
    };
    encoder.structure(&message.name, value);
    (encoder.bytes, encoder.lengths)
}

struct Encoder<'a> {
    message: &'a Message,
    version: i16,
    bytes: Vec<u8>,
    lengths: Vec<Length>,
}

impl<'a> Encoder<'a> {
    fn structure(&mut self, name: &str, value: &Value) {
        let Value::Struct { fields, unknown } = value else {
            panic!("{name} is a struct")
        };
        let message: &'a Message = self.message;
        let is_flexible = message.flexible.contains(self.version);
        let mut tagged: Vec<(u32, Encoder<'a>)> = Vec::new();
        for (field, value) in message.fields(name).iter().zip(fields) {
            if !field.versions.contains(self.version) {
                continue;
            }
            match field.tag {
                None => self.field(field, value),
                Some(_) if *value == default(message, field) => {}
                Some(tag) => {
                    let mut part = self.part();
                    part.field(field, value);
                    tagged.push((tag, part));
                }
            }
        }
        if !is_flexible {
            assert!(tagged.is_empty(), "a tagged field of an inflexible version");
            return;
        }
        for (tag, data) in unknown {
            let mut part = self.part();
            part.bytes.extend_from_slice(data);
            tagged.push((*tag, part));
        }
        tagged.sort_by_key(|(tag, _)| *tag);
        self.count(tagged.len());
        for (tag, part) in tagged {
            self.varint(tag);
            self.count(part.bytes.len());
            let start = self.bytes.len();
            self.bytes.extend(part.bytes);
            self.lengths
                .extend(part.lengths.into_iter().map(|it| Length {
                    position: start + it.position,
                    form: it.form,
                }));
        }
    }

    /// An encoder for what a tagged field holds.
    fn part(&self) -> Encoder<'a> {
        Encoder {
            message: self.message,
            version: self.version,
            bytes: Vec::new(),
            lengths: Vec::new(),
        }
    }

    fn field(&mut self, field: &Field, value: &Value) {
        let is_flexible = self.message.flexible.contains(self.version) && !field.is_never_flexible;
        if matches!(field.kind, Type::Struct(_)) && field.nullable.contains(self.version) {
            let is_null = *value == Value::Null;
            self.bytes.push(match (is_null, field.tag) {
                (true, Some(_)) => 0,
                (true, None) => 0xff,
                (false, _) => 1,
            });
            if is_null {
                return;
            }
        }
        self.value(&field.kind, value, is_flexible);
    }

    fn value(&mut self, kind: &Type, value: &Value, is_flexible: bool) {
        match (kind, value) {
            (Type::String, Value::Null) => self.length(None, is_flexible, LengthForm::I16),
            (Type::Bytes | Type::Records | Type::Array(_), Value::Null) => {
                self.length(None, is_flexible, LengthForm::I32);
            }
            (Type::Bool, Value::Bool(value)) => self.bytes.push(u8::from(*value)),
            (Type::I8, Value::Int(value)) => self.int::<1>(*value),
            (Type::I16 | Type::U16, Value::Int(value)) => self.int::<2>(*value),
            (Type::I32 | Type::U32, Value::Int(value)) => self.int::<4>(*value),
            (Type::I64, Value::Int(value)) => self.int::<8>(*value),
            (Type::F64, Value::F64(value)) => self.bytes.extend(value.to_be_bytes()),
            (Type::Uuid, Value::Uuid(value)) => self.bytes.extend(value),
            (Type::String, Value::Str(value)) => {
                self.length(Some(value.len()), is_flexible, LengthForm::I16);
                self.bytes.extend(value.as_bytes());
            }
            (Type::Bytes | Type::Records, Value::Bytes(value)) => {
                self.length(Some(value.len()), is_flexible, LengthForm::I32);
                self.bytes.extend(value);
            }
            (Type::Array(kind), Value::Array(elements)) => {
                self.length(Some(elements.len()), is_flexible, LengthForm::I32);
                for element in elements {
                    self.value(kind, element, is_flexible);
                }
            }
            (Type::Struct(name), value) => self.structure(name, value),
            (kind, value) => panic!("{value:?} is no {kind:?}"),
        }
    }

    fn int<const N: usize>(&mut self, value: i64) {
        self.bytes.extend(&value.to_be_bytes()[8 - N..]);
    }

    fn length(&mut self, length: Option<usize>, is_flexible: bool, form: LengthForm) {
        let value = length.map_or(-1, |it| i64::try_from(it).expect("small"));
        if is_flexible {
            self.count(usize::try_from(value + 1).expect("not negative"));
            return;
        }
        let position = self.bytes.len();
        self.lengths.push(Length { position, form });
        match form {
            LengthForm::I16 => self.int::<2>(value),
            LengthForm::I32 | LengthForm::Varint(_) => self.int::<4>(value),
        }
    }

    fn count(&mut self, value: usize) {
        let position = self.bytes.len();
        self.varint(u32::try_from(value).expect("small"));
        let form = LengthForm::Varint(self.bytes.len() - position);
        self.lengths.push(Length { position, form });
    }

    fn varint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.bytes.push((value.to_le_bytes()[0] & 0x7f) | 0x80);
            value >>= 7;
        }
        self.bytes.push(value.to_le_bytes()[0]);
    }
}
