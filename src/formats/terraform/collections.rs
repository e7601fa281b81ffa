//! Collections: `for`, keys and indexes, what is equal, and one of two.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hcl_edit::expr::ForExpr;

use super::eval::{Here, Scope};
use super::names::World;
use super::value::{MORE, as_bool, as_text, fails, is_null, list, map, more, more_entry, plain, tagged, text, unknown, why};
use crate::document::{Content, Entry, Node};
use crate::source::Location;

impl World<'_> {
    /// `[for ...]`, `{for ...}`
    pub(super) fn for_expr(&self, f: &ForExpr, here: Here<'_>, at: &Location) -> Node {
        let collection = self.eval(&f.intro.collection_expr, here);
        let pairs: Vec<(Node, &Node)> = match &collection.content {
            Content::Sequence(items) if collection.tag.is_none() => {
                items.iter().enumerate().map(|(i, n)| (plain(i.to_string(), at), n)).collect()
            }
            Content::Mapping(entries) => entries.iter().map(|e| (e.key.clone(), &e.value)).collect(),
            Content::Expression(why) => return unknown(why, at),
            _ => return fails("`for` goes over neither a list nor a mapping", at),
        };
        let mut entries: Vec<Entry> = Vec::new();
        let mut groups = BTreeMap::new();
        let mut items = Vec::new();
        for (key, item) in pairs {
            if let (true, Some(why)) = (tagged(item, MORE), why(item)) {
                entries.push(more_entry(why, at));
                items.push(more(why, at));
                continue;
            }
            let value = Scope { name: f.intro.value_var.as_str(), value: item, outer: here.scope };
            let both = f.intro.key_var.as_ref().map(|k| Scope { name: k.as_str(), value: &key, outer: Some(&value) });
            let inner = Here { scope: Some(both.as_ref().unwrap_or(&value)), ..here };
            let wanted = f.cond.as_ref().map_or(Ok(true), |c| as_bool(&self.eval(&c.expr, inner)));
            match (wanted, &f.key_expr) {
                (Ok(false), _) => {}
                (Err(why), _) => {
                    entries.push(more_entry(&why, at));
                    items.push(more(&why, at));
                }
                (Ok(true), None) => items.push(self.eval(&f.value_expr, inner)),
                (Ok(true), Some(key)) => {
                    let (key, value) = (self.eval(key, inner), self.eval(&f.value_expr, inner));
                    match as_text(&key) {
                        Ok(name) if f.grouping => put(&mut entries, &mut groups, name, Entry { key, value }),
                        Ok(name) => entries.push(Entry { key: text(name, &key.at), value }),
                        Err(why) => entries.push(more_entry(why, at)),
                    }
                }
            }
        }
        if f.key_expr.is_some() { map(entries, at) } else { list(items, at) }
    }
}

/// Of a key that is written twice, the later entry counts.
pub(super) fn once(entries: &mut Vec<Entry>) {
    let mut seen = BTreeSet::new();
    let mut kept: Vec<Entry> = Vec::new();
    for entry in std::mem::take(entries).into_iter().rev() {
        if entry.key.text().is_none_or(|k| seen.insert(k.to_owned())) {
            kept.push(entry);
        }
    }
    kept.reverse();
    *entries = kept;
}

/// Adds a value to the list of its key (`...`).
fn put(entries: &mut Vec<Entry>, groups: &mut BTreeMap<String, usize>, name: String, new: Entry) {
    if let Some(Content::Sequence(items)) = groups.get(&name).and_then(|i| entries.get_mut(*i)).map(|e| &mut e.value.content) {
        return items.push(new.value);
    }
    let at = new.value.at.clone();
    groups.insert(name.clone(), entries.len());
    entries.push(Entry { key: text(name, &new.key.at), value: list(vec![new.value], &at) });
}

/// One of two, it is not known which.
pub(super) fn either(yes: Node, no: Node, why: &str, at: &Location) -> Node {
    if let (Ok(a), Ok(b)) = (as_text(&yes), as_text(&no))
        && a == b
    {
        return yes;
    }
    if let (Content::Mapping(a), Content::Mapping(b)) = (&yes.content, &no.content) {
        let mut both: Vec<Entry> = Vec::new();
        let others: BTreeMap<&str, &Entry> = b.iter().rev().filter_map(|e| Some((e.key.text()?, e))).collect();
        for entry in a {
            if let Some(other) = entry.key.text().and_then(|key| others.get(key)) {
                let value = either(entry.value.clone(), other.value.clone(), why, &entry.value.at);
                both.push(Entry { key: entry.key.clone(), value });
            }
        }
        if both.len() < a.len() || both.len() < b.len() {
            both.push(more_entry(why, at));
        }
        return map(both, at);
    }
    if let (Content::Sequence(_), Content::Sequence(_), None, None) = (&yes.content, &no.content, &yes.tag, &no.tag) {
        return list(vec![more(why, at)], at);
    }
    unknown(why, at)
}

/// Are two values equal, where that is known?
pub(super) fn equal(a: &Node, b: &Node) -> Result<bool, Arc<str>> {
    if let Some(why) = why(a).or_else(|| why(b)) {
        return Err(Arc::clone(why));
    }
    match (is_null(a), is_null(b)) {
        (true, true) => Ok(true),
        (true, false) | (false, true) => Ok(false),
        (false, false) => match (empty(a), empty(b)) {
            (Some(x), Some(y)) => {
                if x && y {
                    Ok(true)
                } else if x != y {
                    Ok(false)
                } else {
                    Err("collections are not compared".into())
                }
            }
            (None, None) => Ok(as_text(a)? == as_text(b)?),
            _ => Ok(false),
        },
    }
}

/// Is a collection empty? `None` for what is none.
fn empty(node: &Node) -> Option<bool> {
    match &node.content {
        Content::Sequence(items) if node.tag.is_none() => Some(items.is_empty()),
        Content::Mapping(entries) if node.tag.is_none() => Some(entries.is_empty()),
        _ => None,
    }
}

/// The part of a value under a key or at an index; else what stands in its place.
pub(super) fn part<'n>(node: &'n Node, key: &str, at: &Location) -> Result<&'n Node, Node> {
    let rest = match &node.content {
        Content::Mapping(entries) => {
            if let Some(entry) = entries.iter().rev().find(|e| e.key.text() == Some(key)) {
                return Ok(&entry.value);
            }
            entries.iter().find(|e| tagged(&e.value, MORE)).and_then(|e| why(&e.value))
        }
        Content::Sequence(items) if node.tag.is_none() => {
            let open = items.iter().position(|n| tagged(n, MORE));
            let wanted = key.parse::<usize>().ok();
            if let Some(item) = wanted.filter(|i| open.is_none_or(|o| *i < o)).and_then(|i| items.get(i)) {
                return Ok(item);
            }
            open.and_then(|o| items.get(o)).and_then(why)
        }
        Content::Expression(_) => return Err(Node { at: at.clone(), ..node.clone() }),
        _ => None,
    };
    Err(match rest {
        Some(why) => unknown(why, at),
        None => fails(format!("there is no `{key}` in it"), at),
    })
}
