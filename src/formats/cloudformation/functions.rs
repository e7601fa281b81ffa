//! A call of an intrinsic function → its value.

use super::parameters::scalar;
use super::resolve::{Resolver, elsewhere, made_by, unknown};
use crate::document::{Content, Node};
use crate::formats::compose::interpolate::LONGEST;

/// A call: the function's name without `Fn::`, what it is given, and the node of the whole.
pub(super) struct Call<'n> {
    pub(super) name: &'n str,
    /// Of a short form (`!Sub x`) the node itself: only what is inside it may be resolved, never it.
    pub(super) argument: &'n Node,
    pub(super) node: &'n Node,
}

/// The value of a call.
pub(super) fn call(resolver: &Resolver<'_>, call: &Call<'_>, depth: usize) -> Node {
    let Call { name, argument, node } = *call;
    let items: Vec<Node> = match name {
        // These are not resolved as a whole: a branch that is not taken, a template text.
        "If" | "Sub" | "Ref" | "GetAtt" | "Base64" => Vec::new(),
        _ => argument.items().iter().map(|n| resolver.at_depth(n, depth)).collect(),
    };
    match name {
        "Ref" => argument.text().map_or_else(|| unknown(node, "`Ref` names nothing"), |name| resolver.reference(name, node)),
        "GetAtt" => {
            let first = argument.items().first().and_then(Node::text).or_else(|| argument.text()).unwrap_or("");
            let name = first.split('.').next().unwrap_or(first);
            elsewhere(node, made_by(name))
        }
        "ImportValue" => elsewhere(node, "an export of another stack"),
        "Sub" => sub(resolver, argument, node, depth),
        "If" => {
            let [condition, yes, no] = argument.items() else { return unknown(node, "`If` does not have three parts") };
            let condition = condition.text().unwrap_or("");
            match resolver.condition(condition, depth) {
                Some(true) => resolver.at_depth(yes, depth),
                Some(false) => resolver.at_depth(no, depth),
                None => unknown(node, format!("it depends on the condition `{condition}`")),
            }
        }
        "FindInMap" => find(resolver, &items, node, depth),
        "Join" => join(&items, node),
        "Select" => {
            let [index, list] = items.as_slice() else { return unknown(node, "`Select` does not have two parts") };
            let found = index.text().and_then(|t| t.parse::<usize>().ok()).and_then(|i| list.items().get(i));
            found.map_or_else(|| unresolved(&items, node, name), Node::clone)
        }
        "Split" => {
            let [by, text] = items.as_slice() else { return unknown(node, "`Split` does not have two parts") };
            match (by.text().filter(|t| !t.is_empty()), text.text()) {
                (Some(by), Some(text)) => {
                    Node { content: Content::Sequence(text.split(by).map(|t| scalar(t, node)).collect()), at: node.at.clone(), tag: None }
                }
                _ => unresolved(&items, node, name),
            }
        }
        _ => unknown(node, format!("`{name}` is known only at deployment")),
    }
}

/// The reason of the first part that is not known; what refers elsewhere does as a whole.
fn unresolved(parts: &[Node], node: &Node, name: &str) -> Node {
    let mut reasons = parts.iter().flat_map(|p| std::iter::once(p).chain(p.items())).filter_map(|p| match &p.content {
        Content::Expression(why) => Some((why, p.tag.is_some())),
        _ => None,
    });
    match reasons.next() {
        Some((why, true)) => elsewhere(node, why.to_string()),
        Some((why, false)) => unknown(node, why.to_string()),
        None => unknown(node, format!("`{name}` cannot be followed here")),
    }
}

fn join(items: &[Node], node: &Node) -> Node {
    let [by, list] = items else { return unknown(node, "`Join` does not have two parts") };
    let texts: Option<Vec<&str>> = list.is_sequence().then(|| list.items().iter().map(Node::text).collect()).flatten();
    match (by.text(), texts) {
        (by, Some(texts)) => {
            let by = by.unwrap_or("");
            let long = texts.iter().map(|t| t.len() + by.len()).sum::<usize>() > LONGEST;
            if long { too_long(node) } else { scalar(&texts.join(by), node) }
        }
        _ => unresolved(items, node, "Join"),
    }
}

fn too_long(node: &Node) -> Node {
    unknown(node, format!("what it takes in makes it longer than the limit of {LONGEST} bytes"))
}

/// `FindInMap`; where the first key is known only at deployment (the region), what all of them agree on.
fn find(resolver: &Resolver<'_>, items: &[Node], node: &Node, depth: usize) -> Node {
    let [map, top, second, ..] = items else { return unknown(node, "`FindInMap` does not have three parts") };
    let map = map.text().and_then(|name| resolver.mappings?.get(name));
    let (Some(map), Some(second)) = (map, second.text()) else { return unresolved(items, node, "FindInMap") };
    let found = match top.text() {
        Some(top) => map.path(&[top, second]),
        None => {
            let mut all = map.entries().iter().map(|e| e.value.get(second));
            let first = all.next().flatten();
            first.filter(|f| all.all(|v| v.is_some_and(|v| v.text().is_some() && v.text() == f.text())))
        }
    };
    match found {
        Some(value) => resolver.at_depth(value, depth),
        None => unresolved(items, node, "FindInMap"),
    }
}

/// `Sub`: `${Name}`, `${Resource.Attribute}`, `${!Literal}`, and a mapping of names.
fn sub(resolver: &Resolver<'_>, argument: &Node, node: &Node, depth: usize) -> Node {
    let (text, map) = match argument.items() {
        [text, map] => (text.text(), Some(map)),
        _ => (argument.text(), None),
    };
    let Some(text) = text else { return unknown(node, "`Sub` has no text") };
    let mut out = String::new();
    let mut open: Vec<Node> = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push_str("${");
            rest = after;
            continue;
        };
        rest = tail;
        if let Some(literal) = name.strip_prefix('!') {
            out.push_str("${");
            out.push_str(literal);
            out.push('}');
            continue;
        }
        let name = name.trim();
        let value = match map.and_then(|m| m.get(name)) {
            Some(value) => resolver.at_depth(value, depth),
            None => resolver.reference(name, node),
        };
        match value.text() {
            Some(value) => out.push_str(value),
            None => open.push(value),
        }
        if out.len() > LONGEST + text.len() {
            return too_long(node);
        }
    }
    out.push_str(rest);
    if open.is_empty() { scalar(&out, node) } else { unresolved(&open, node, "Sub") }
}
