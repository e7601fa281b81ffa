//! A tree of `parity.yml` → typed values, with the place of every error: a serde deserializer over [`Node`].

use std::collections::BTreeSet;
use std::fmt;

use schemars::JsonSchema;
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};

use crate::document::{Content, Entry, Node, Style};
use crate::source::{Location, Span};

/// Why a tree is not the wanted value, and where.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) message: String,
    pub(super) help: Option<String>,
    pub(super) at: Option<Location>,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Wrong {}

impl Wrong {
    fn new(message: String) -> Self {
        Self { message, help: None, at: None }
    }

    /// The innermost place wins.
    fn or_at(mut self, at: &Location) -> Self {
        self.at.get_or_insert_with(|| at.clone());
        self
    }
}

impl de::Error for Wrong {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let near = nearest(field, expected.iter().copied());
        Self { help: Some(near.unwrap_or_else(|| one_of(expected))), ..Self::new(format!("there is no key `{field}` here")) }
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let near = nearest(variant, expected.iter().copied());
        Self { help: Some(near.unwrap_or_else(|| one_of(expected))), ..Self::new(format!("`{variant}` is not a word that is known here")) }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format!("the key `{field}` is missing"))
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let expected = expected.to_string();
        let (words, help) = match expected.as_str() {
            "a sequence" => ("a list", Some("begin each entry with `- `")),
            "a map" => ("a mapping", None),
            "a string" => ("a text", None),
            other if other.starts_with("struct") => ("a mapping of keys", None),
            other => (other, None),
        };
        Self { help: help.map(str::to_owned), ..Self::new(format!("this is not {words}")) }
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(format!("this is not {expected}"))
    }
}

/// "did you mean `x`?", where a known name is near.
pub(super) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<String> {
    let words = |n: &str| n.to_lowercase().replace('_', "-");
    let scored = known.into_iter().map(|k| (strsim::jaro_winkler(&words(k), &words(name)), k));
    let (score, near) = scored.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))?;
    (score > 0.8).then(|| format!("did you mean `{near}`?"))
}

fn one_of(known: &[&str]) -> String {
    format!("known here: {}", known.join(", "))
}

/// A value and the place where it was written.
#[derive(Debug, Clone)]
pub(super) struct Spanned<T> {
    /// The value.
    pub(super) value: T,
    /// Its bytes in the configuration file.
    pub(super) span: Span,
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Spanned<T> {}

impl<T: PartialOrd> PartialOrd for Spanned<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<T: Ord> Ord for Spanned<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.value.cmp(&other.value)
    }
}

impl<T: JsonSchema> JsonSchema for Spanned<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}

/// The name by which [`Spanned`] asks for places.
const SPANNED: &str = "parity::Spanned";

impl<'de, T: de::Deserialize<'de>> de::Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Placed<T>(std::marker::PhantomData<T>);
        impl<'de, T: de::Deserialize<'de>> Visitor<'de> for Placed<T> {
            type Value = Spanned<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value with its place")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let missing = || de::Error::custom("a value without a place");
                let start = seq.next_element()?.ok_or_else(missing)?;
                let end = seq.next_element()?.ok_or_else(missing)?;
                let value = seq.next_element()?.ok_or_else(missing)?;
                Ok(Spanned { value, span: Span { start, end } })
            }
        }
        deserializer.deserialize_newtype_struct(SPANNED, Placed(std::marker::PhantomData))
    }
}

/// The deserializer of one node.
#[derive(Clone, Copy)]
pub(super) struct De<'n>(pub(super) &'n Node);

impl<'de> De<'_> {
    fn plain(&self) -> Option<&str> {
        match &self.0.content {
            Content::Scalar(text, Style::Plain) => Some(text),
            _ => None,
        }
    }

    fn number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let done = match self.plain() {
            Some(text) => match (text.parse::<u64>(), text.parse::<f64>()) {
                (Ok(n), _) => visitor.visit_u64(n),
                (_, Ok(n)) => visitor.visit_f64(n),
                _ => visitor.visit_str(text),
            },
            None => self.deserialize_any(visitor),
        };
        done.map_err(|e: Wrong| e.or_at(&self.0.at))
    }
}

impl<'de> Deserializer<'de> for De<'_> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let done = match &self.0.content {
            _ if self.0.is_null() => visitor.visit_unit(),
            Content::Empty => visitor.visit_unit(),
            Content::Scalar(text, Style::Plain) if matches!(&**text, "true" | "false") => visitor.visit_bool(&**text == "true"),
            Content::Scalar(text, _) | Content::Expression(text) => visitor.visit_str(text),
            Content::Sequence(items) => visitor.visit_seq(Items { items: items.iter() }),
            Content::Mapping(entries) => visitor.visit_map(Entries::of(entries)),
        };
        done.map_err(|e: Wrong| e.or_at(&self.0.at))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let done = match self.plain() {
            Some("true" | "True" | "TRUE") => visitor.visit_bool(true),
            Some("false" | "False" | "FALSE") => visitor.visit_bool(false),
            _ => Err(Wrong::new("this is neither `true` nor `false`".into())),
        };
        done.map_err(|e| e.or_at(&self.0.at))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let done = match self.0.text() {
            Some(text) if !self.0.is_null() => visitor.visit_str(text),
            _ => return self.deserialize_any(visitor),
        };
        done.map_err(|e: Wrong| e.or_at(&self.0.at))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let done = if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) };
        done.map_err(|e: Wrong| e.or_at(&self.0.at))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        // Nothing written is an empty list.
        if self.0.is_null() {
            return visitor.visit_seq(Items { items: [].iter() });
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self.0.is_null() {
            return visitor.visit_map(Entries::of(&[]));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_map(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Wrong> {
        let done =
            if name == SPANNED { visitor.visit_seq(WithPlace { node: self.0, step: 0 }) } else { visitor.visit_newtype_struct(self) };
        done.map_err(|e: Wrong| e.or_at(&self.0.at))
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Wrong> {
        let done = match self.0.text() {
            Some(text) => visitor.visit_enum(Word { text: text.to_owned(), at: &self.0.at }),
            None => Err(Wrong::new("this is not a word".into())),
        };
        done.map_err(|e| e.or_at(&self.0.at))
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.number(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.number(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.number(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.number(visitor)
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any
    }
}

struct Items<'n> {
    items: std::slice::Iter<'n, Node>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        self.items.next().map(|item| seed.deserialize(De(item)).map_err(|e| e.or_at(&item.at))).transpose()
    }
}

struct Entries<'n> {
    entries: &'n [Entry],
    next: usize,
    /// The keys before.
    seen: BTreeSet<Option<&'n str>>,
}

impl<'n> Entries<'n> {
    fn of(entries: &'n [Entry]) -> Self {
        Self { entries, next: 0, seen: BTreeSet::new() }
    }
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        let Some(entry) = self.entries.get(self.next) else { return Ok(None) };
        if !self.seen.insert(entry.key.text()) {
            let key = entry.key.text().unwrap_or("");
            return Err(Wrong::new(format!("the key `{key}` stands twice")).or_at(&entry.key.at));
        }
        seed.deserialize(De(&entry.key)).map(Some).map_err(|e| e.or_at(&entry.key.at))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Wrong> {
        let Some(entry) = self.entries.get(self.next) else { return Err(Wrong::new("a key without a value".into())) };
        self.next += 1;
        seed.deserialize(De(&entry.value)).map_err(|e| e.or_at(&entry.value.at))
    }
}

/// Start, end, value.
struct WithPlace<'n> {
    node: &'n Node,
    step: u8,
}

impl<'de> SeqAccess<'de> for WithPlace<'_> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        let span = self.node.at.span();
        self.step += 1;
        match self.step {
            1 => seed.deserialize(span.start.into_deserializer()).map(Some),
            2 => seed.deserialize(span.end.into_deserializer()).map(Some),
            _ => seed.deserialize(De(self.node)).map(Some),
        }
    }
}

/// A word of an enumeration.
struct Word<'n> {
    text: String,
    at: &'n Location,
}

impl<'de> EnumAccess<'de> for Word<'_> {
    type Error = Wrong;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Wrong> {
        let value = seed.deserialize(self.text.as_str().into_deserializer()).map_err(|e: Wrong| e.or_at(self.at))?;
        Ok((value, self))
    }
}

impl<'de> VariantAccess<'de> for Word<'_> {
    type Error = Wrong;

    fn unit_variant(self) -> Result<(), Wrong> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Wrong> {
        Err(Wrong::new("this is a word alone".into()))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Wrong> {
        Err(Wrong::new("this is a word alone".into()))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Wrong> {
        Err(Wrong::new("this is a word alone".into()))
    }
}
