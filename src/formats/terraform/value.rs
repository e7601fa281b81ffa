//! What an expression comes to, as a [`Node`]: data with the places of its literals, and the reason where it is not known.
//!
//! Three tags say what plain data cannot: [`MORE`] stands for entries or items that are not known, [`PARTS`] is a text in
//! parts that keep their places, [`JSON`] is data that was turned into JSON text.

use std::sync::Arc;

use crate::document::{Content, Entry, Node, Style};
use crate::source::Location;

/// An item, or the value of an entry, that stands for more than can be listed.
pub(super) const MORE: &str = "!more";
/// A text in parts.
pub(super) const PARTS: &str = "!parts";
/// Data that was encoded as JSON or YAML text.
pub(super) const JSON: &str = "!json";
/// An expression that fails: `try` goes on to the next one.
pub(super) const FAILS: &str = "!fails";

/// Made when it is applied: it is set, to a value that is in no file.
pub(super) const LATER: &str = "!later";

/// Largest text that an expression may come to, in bytes.
pub(super) const LONGEST: usize = 1 << 20;

fn node(content: Content, at: &Location, tag: Option<&str>) -> Node {
    Node { content, at: at.clone(), tag: tag.map(Arc::from) }
}

/// Not known, and why.
pub(super) fn unknown(why: impl AsRef<str>, at: &Location) -> Node {
    node(Content::Expression(why.as_ref().into()), at, None)
}

/// Fails: a key that is not there.
pub(super) fn fails(why: impl AsRef<str>, at: &Location) -> Node {
    node(Content::Expression(why.as_ref().into()), at, Some(FAILS))
}

/// Set, to what is known only when it is applied.
pub(super) fn later(why: impl AsRef<str>, at: &Location) -> Node {
    node(Content::Expression(why.as_ref().into()), at, Some(LATER))
}

/// A text in parts as one text, or why there is none; where only parts are missing that are known later, it is known later.
pub(super) fn joined(whole: &Node, at: &Location) -> Node {
    let all = |n: &Node| n.items().iter().all(|p| why(p).is_none() || tagged(p, LATER));
    match as_text(whole) {
        Ok(joined) => text(joined, at),
        Err(why) if tagged(whole, PARTS) && all(whole) => later(why, at),
        Err(why) => unknown(why, at),
    }
}

/// More items than are listed, and why.
pub(super) fn more(why: impl AsRef<str>, at: &Location) -> Node {
    node(Content::Expression(why.as_ref().into()), at, Some(MORE))
}

/// An entry that stands for more entries than are listed.
pub(super) fn more_entry(why: impl AsRef<str>, at: &Location) -> Entry {
    Entry { key: node(Content::Empty, at, Some(MORE)), value: more(why, at) }
}

/// A text.
pub(super) fn text(text: impl AsRef<str>, at: &Location) -> Node {
    node(Content::Scalar(text.as_ref().into(), Style::Double), at, None)
}

/// A number, `true` or `false`.
pub(super) fn plain(text: impl AsRef<str>, at: &Location) -> Node {
    node(Content::Scalar(text.as_ref().into(), Style::Plain), at, None)
}

/// `null`.
pub(super) fn null(at: &Location) -> Node {
    node(Content::Empty, at, None)
}

/// A list.
pub(super) fn list(items: Vec<Node>, at: &Location) -> Node {
    node(Content::Sequence(items), at, None)
}

/// A mapping.
pub(super) fn map(entries: Vec<Entry>, at: &Location) -> Node {
    node(Content::Mapping(entries), at, None)
}

/// A text in parts; one part alone is itself.
pub(super) fn parts(mut parts: Vec<Node>, at: &Location) -> Node {
    match parts.len() {
        0 => text("", at),
        1 => parts.remove(0),
        _ => node(Content::Sequence(parts), at, Some(PARTS)),
    }
}

/// Data encoded as JSON. A scalar becomes its text at once.
pub(super) fn json(value: Node, at: &Location) -> Node {
    match &value.content {
        Content::Sequence(_) | Content::Mapping(_) if value.tag.is_none() => Node { tag: Some(JSON.into()), ..value },
        Content::Expression(_) => value,
        _ => match as_json(&value, 0) {
            Ok(json) => text(json, at),
            Err(why) => unknown(why, at),
        },
    }
}

/// Has it this tag?
pub(super) fn tagged(node: &Node, tag: &str) -> bool {
    node.tag.as_deref() == Some(tag)
}

/// Why it is not known, if it is not known as a whole.
pub(super) fn why(node: &Node) -> Option<&Arc<str>> {
    match &node.content {
        Content::Expression(why) => Some(why),
        _ => None,
    }
}

/// Is it known to be null?
pub(super) fn is_null(node: &Node) -> bool {
    matches!(node.content, Content::Empty)
}

/// Its text, or why there is none.
pub(super) fn as_text(node: &Node) -> Result<String, Arc<str>> {
    match &node.content {
        Content::Scalar(text, _) => Ok(text.to_string()),
        Content::Expression(why) => Err(Arc::clone(why)),
        Content::Empty => Err("the value is null".into()),
        Content::Sequence(items) if tagged(node, PARTS) => {
            let mut out = String::new();
            for item in items {
                out.push_str(&as_text(item)?);
                if out.len() > LONGEST {
                    return Err(too_long());
                }
            }
            Ok(out)
        }
        Content::Sequence(_) | Content::Mapping(_) if tagged(node, JSON) => as_json(node, 0),
        Content::Sequence(_) => Err("a list stands where a text is expected".into()),
        Content::Mapping(_) => Err("a mapping stands where a text is expected".into()),
    }
}

/// Why a text is given up.
pub(super) fn too_long() -> Arc<str> {
    format!("the text is longer than the limit of {LONGEST} bytes").into()
}

/// A truth value, or why there is none.
pub(super) fn as_bool(node: &Node) -> Result<bool, Arc<str>> {
    match as_text(node)?.as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("a condition is neither true nor false".into()),
    }
}

/// A number, or why there is none.
pub(super) fn as_number(node: &Node) -> Result<f64, Arc<str>> {
    as_text(node)?.trim().parse().map_err(|_| "a text stands where a number is expected".into())
}

/// A number as Terraform writes it.
pub(super) fn number(value: f64, at: &Location) -> Node {
    if value.is_finite() { plain(format!("{value}"), at) } else { fails("a number is not finite", at) }
}

/// How many nodes it has.
pub(super) fn size(node: &Node) -> usize {
    match &node.content {
        Content::Sequence(items) => 1 + items.iter().map(size).sum::<usize>(),
        Content::Mapping(entries) => 1 + entries.iter().map(|e| 1 + size(&e.value)).sum::<usize>(),
        Content::Scalar(text, _) => 1 + text.len() / 256,
        _ => 1,
    }
}

/// Deepest data that is written as JSON.
const DEEPEST: usize = 64;

fn as_json(node: &Node, depth: usize) -> Result<String, Arc<str>> {
    if depth > DEEPEST {
        return Err("data is nested too deeply".into());
    }
    if tagged(node, PARTS) || (tagged(node, JSON) && depth > 0) {
        return Ok(quoted(&as_text(node)?));
    }
    let mut out = String::new();
    match &node.content {
        Content::Expression(why) => return Err(Arc::clone(why)),
        Content::Empty => out.push_str("null"),
        Content::Scalar(text, Style::Plain) => out.push_str(text),
        Content::Scalar(text, _) => out.push_str(&quoted(text)),
        Content::Sequence(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                out.push_str(&as_json(item, depth + 1)?);
            }
            out.push(']');
        }
        Content::Mapping(entries) => {
            out.push('{');
            for (i, entry) in entries.iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                out.push_str(&quoted(entry.key.text().unwrap_or_default()));
                out.push(':');
                out.push_str(&as_json(&entry.value, depth + 1)?);
            }
            out.push('}');
        }
    }
    if out.len() > LONGEST { Err(too_long()) } else { Ok(out) }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Plain data for readers that know no Terraform: texts in parts become texts, more items an unknown one.
pub(super) fn settled(node: Node) -> Node {
    if tagged(&node, PARTS) || tagged(&node, JSON) {
        return joined(&node, &node.at);
    }
    let tag = node.tag.filter(|t| **t == *LATER);
    let content = match node.content {
        Content::Sequence(items) => Content::Sequence(items.into_iter().map(settled).collect()),
        Content::Mapping(entries) => Content::Mapping(entries.into_iter().map(|e| Entry { value: settled(e.value), key: e.key }).collect()),
        other => other,
    };
    Node { content, at: node.at, tag }
}
