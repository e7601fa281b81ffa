//! Values of templates, as Go and sprig know them, with the places that state them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::text::{Origin, Text};
use crate::document::{Content, Node, Style};
use crate::source::Location;

/// A value and where it was written.
#[derive(Clone)]
pub(crate) struct Val {
    pub(crate) kind: Kind,
    pub(crate) at: Option<Origin>,
}

/// What it is.
#[derive(Clone)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Text),
    List(Rc<Vec<Val>>),
    Map(MapRef),
    /// It cannot be known: why.
    Unknown(Rc<str>),
    /// `.Files` and what `.Files.Glob` gives: the path patterns that it is narrowed to.
    Files(Rc<str>),
    /// `.Capabilities.APIVersions`.
    ApiVersions,
}

/// A mapping that may be changed through every name it has (sprig's `set`).
pub(crate) type MapRef = Rc<RefCell<Map>>;

/// Keys in order, with their places.
#[derive(Clone, Default)]
pub(crate) struct Map {
    pub(crate) entries: BTreeMap<String, (Option<Origin>, Val)>,
    /// Why there may be keys that are not listed: the defaults of a chart that is not here.
    pub(crate) open: Option<Rc<str>>,
}

impl Map {
    /// Sets a key where it was written.
    pub(crate) fn put(&mut self, key: &str, value: Val) {
        let at = self.entries.get(key).and_then(|(at, _)| at.clone());
        self.entries.insert(key.to_owned(), (at, value));
    }
}

impl Val {
    pub(crate) const NULL: Self = Self { kind: Kind::Null, at: None };

    pub(crate) fn of(kind: Kind) -> Self {
        Self { kind, at: None }
    }

    pub(crate) fn bool(b: bool) -> Self {
        Self::of(Kind::Bool(b))
    }

    pub(crate) fn int(n: i64) -> Self {
        Self::of(Kind::Int(n))
    }

    pub(crate) fn text(text: Text) -> Self {
        Self { at: text.origin(), kind: Kind::Str(text) }
    }

    pub(crate) fn str(text: impl Into<String>) -> Self {
        Self::of(Kind::Str(Text::plain(text)))
    }

    pub(crate) fn list(items: Vec<Self>) -> Self {
        Self::of(Kind::List(Rc::new(items)))
    }

    pub(crate) fn map(map: Map) -> Self {
        Self::of(Kind::Map(Rc::new(RefCell::new(map))))
    }

    pub(crate) fn pairs<'k>(pairs: impl IntoIterator<Item = (&'k str, Self)>) -> Self {
        let entries = pairs.into_iter().map(|(k, v)| (k.to_owned(), (v.at.clone(), v))).collect();
        Self::map(Map { entries, open: None })
    }

    pub(crate) fn unknown(why: impl Into<Rc<str>>) -> Self {
        Self::of(Kind::Unknown(why.into()))
    }

    /// The mapping, where it is one.
    pub(crate) fn as_map(&self) -> Option<&MapRef> {
        match &self.kind {
            Kind::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The text of a string.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::Str(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The value of a key; `None` for an absent one.
    pub(crate) fn get(&self, key: &str) -> Option<Self> {
        self.as_map()?.borrow().entries.get(key).map(|(_, v)| v.clone())
    }

    /// The value at a path of keys.
    pub(crate) fn path(&self, keys: &[&str]) -> Option<Self> {
        keys.iter().try_fold(self.clone(), |v, key| v.get(key))
    }

    /// Is it true in a condition (text/template: IsTrue)? Unknown: why.
    pub(crate) fn truth(&self) -> Result<bool, Rc<str>> {
        Ok(match &self.kind {
            Kind::Null => false,
            Kind::Bool(b) => *b,
            Kind::Int(n) => *n != 0,
            Kind::Float(n) => *n != 0.0,
            Kind::Str(text) => text.len() > 0,
            Kind::List(items) => !items.is_empty(),
            Kind::Map(map) => {
                let map = map.borrow();
                match &map.open {
                    Some(why) if map.entries.is_empty() => return Err(Rc::clone(why)),
                    _ => !map.entries.is_empty(),
                }
            }
            Kind::Unknown(why) => return Err(Rc::clone(why)),
            Kind::Files(_) | Kind::ApiVersions => true,
        })
    }

    /// A copy that shares no mapping.
    pub(crate) fn deep(&self, depth: usize) -> Self {
        let kind = match &self.kind {
            Kind::List(items) if depth > 0 => Kind::List(Rc::new(items.iter().map(|v| v.deep(depth - 1)).collect())),
            Kind::Map(map) if depth > 0 => {
                let map = map.borrow();
                let entries = map.entries.iter().map(|(k, (at, v))| (k.clone(), (at.clone(), v.deep(depth - 1)))).collect();
                Kind::Map(Rc::new(RefCell::new(Map { entries, open: map.open.clone() })))
            }
            other => other.clone(),
        };
        Self { kind, at: self.at.clone() }
    }

    /// The place that states it, else the place of the first that it holds.
    pub(crate) fn place(&self) -> Option<Location> {
        self.at.as_ref().map(Origin::at)
    }

    /// A node of YAML as Helm types it (sigs.k8s.io/yaml: YAML 1.1, every number a float64).
    pub(crate) fn of_node(node: &Node) -> Self {
        let at = Some(Origin::of(&node.at));
        let kind = match &node.content {
            Content::Empty => Kind::Null,
            Content::Expression(why) => Kind::Unknown(why.to_string().into()),
            Content::Scalar(text, Style::Plain) if node.tag.is_none() => plain(text, &node.at),
            Content::Scalar(text, _) => Kind::Str(Text::written(text, &node.at)),
            Content::Sequence(items) => Kind::List(Rc::new(items.iter().map(Self::of_node).collect())),
            Content::Mapping(entries) => {
                let mut map = Map::default();
                for entry in entries {
                    let Some(key) = entry.key.text() else {
                        if let Content::Expression(why) = &entry.key.content {
                            map.open = Some(why.to_string().into());
                        }
                        continue;
                    };
                    if key == "<<" {
                        inherit(&entry.value, &mut map);
                    } else {
                        map.entries.insert(key.to_owned(), (Some(Origin::of(&entry.key.at)), Self::of_node(&entry.value)));
                    }
                }
                return Self { at, ..Self::map(map) };
            }
        };
        Self { kind, at }
    }
}

/// The merge key of YAML 1.1: what is written beside it wins.
fn inherit(node: &Node, map: &mut Map) {
    let bases = if node.is_sequence() { node.items() } else { std::slice::from_ref(node) };
    for base in bases {
        let Kind::Map(base) = Val::of_node(base).kind else { continue };
        for (key, value) in &base.borrow().entries {
            map.entries.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
}

fn plain(text: &str, at: &Location) -> Kind {
    let float = |text: &str| text.parse::<f64>().ok().filter(|n| n.is_finite());
    let numeric = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E');
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Kind::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Kind::Bool(false),
        _ => {
            if let Some(hex) = text.strip_prefix("0x")
                && let Ok(n) = i64::from_str_radix(hex, 16)
            {
                return Kind::Float(n as f64);
            }
            let octal = text.strip_prefix('0').filter(|t| !t.is_empty() && t.bytes().all(|b| (b'0'..=b'7').contains(&b)));
            if let Some(n) = octal.and_then(|t| i64::from_str_radix(t, 8).ok()) {
                return Kind::Float(n as f64);
            }
            let number = text.chars().all(numeric) && text.contains(|c: char| c.is_ascii_digit());
            match number.then(|| float(text)).flatten() {
                Some(n) => Kind::Float(n),
                None => Kind::Str(Text::written(text, at)),
            }
        }
    }
}

/// A number as Go prints it with `%v`: with an exponent from 1e+06 on (strconv: the shortest `%g`).
pub(crate) fn go_float(n: f64) -> String {
    if n == 0.0 {
        return "0".into();
    }
    let scientific = format!("{n:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return format!("{n}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}
