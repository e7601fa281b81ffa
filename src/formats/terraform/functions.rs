//! Terraform's functions, as far as literals go (developer.hashicorp.com: Built-in Functions).

use std::sync::Arc;

use super::collections::{equal, once, part};
use super::eval::Here;
use super::names::World;
use super::value::{
    FAILS, JSON, MORE, as_bool, as_number, as_text, fails, is_null, json, list, map, more, more_entry, null, number, plain, tagged, text,
    unknown, why,
};
use super::{document, template, terragrunt};
use crate::document::{Content, Entry, Node};
use crate::source::Location;

mod texts;

/// Why something is not known.
type Why = Arc<str>;

/// Calls a function.
pub(super) fn call(world: &World<'_>, name: &str, args: Vec<Node>, here: Here<'_>, at: &Location) -> Node {
    if !world.charge(args.iter().map(super::value::size).sum()) {
        return unknown("evaluating takes more steps than the limit", at);
    }
    let arg = |n: usize| args.get(n).ok_or_else(|| Why::from(format!("`{name}` is given too little")));
    let made = match name {
        "sensitive" | "nonsensitive" | "tolist" | "tomap" | "ephemeralasnull" | "issensitive" => arg(0).cloned(),
        "toset" | "distinct" => arg(0).map(|n| distinct(n, at)),
        "tostring" | "tonumber" | "tobool" => arg(0).cloned(),
        "file" => return arg(0).map_or_else(|why| unknown(why, at), |p| file(world, p, at)),
        "templatefile" => return templatefile(world, &args, here, at),
        "fileexists" => Err("files are not looked for".into()),
        "jsonencode" | "yamlencode" => arg(0).map(|n| json(n.clone(), at)),
        "jsondecode" | "yamldecode" => arg(0).map(|n| decode(n, at)),
        "merge" => Ok(merge(args, at)),
        "concat" | "setunion" => Ok(concat(args, at)),
        "flatten" => arg(0).map(|n| flatten(n, at)),
        "lookup" => Ok(lookup(&args, at)),
        "coalesce" => Ok(coalesce(&args, at)),
        "coalescelist" => Ok(args.iter().find(|n| !n.items().is_empty()).cloned().unwrap_or_else(|| fails("all lists are empty", at))),
        "compact" => arg(0).map(|n| kept(n, |i| !is_null(i) && i.text() != Some(""), at)),
        "keys" | "values" => arg(0).map(|n| sides(n, name == "keys", at)),
        "length" => arg(0).and_then(length).map(|n| plain(n.to_string(), at)),
        "contains" => arg(0).and_then(|list| contains(list, arg(1)?)).map(|b| plain(b.to_string(), at)),
        "element" => element(&args, at),
        "one" => arg(0).map(one),
        "zipmap" => arg(0).and_then(|keys| Ok(zipmap(keys, arg(1)?, at))),
        "reverse" => arg(0).map(|n| list(n.items().iter().rev().cloned().collect(), at)),
        "sort" => arg(0).map(|n| sort(n, at)),
        "slice" => slice(&args, at),
        "range" => range(&args, at),
        "anytrue" | "alltrue" => arg(0).and_then(|n| all_or_any(n, name == "alltrue")).map(|b| plain(b.to_string(), at)),
        "min" | "max" => extreme(&args, name == "max", at),
        "abs" | "ceil" | "floor" => arg(0).and_then(as_number).map(|n| {
            number(
                match name {
                    "abs" => n.abs(),
                    "ceil" => n.ceil(),
                    _ => n.floor(),
                },
                at,
            )
        }),
        _ => match terragrunt::call(world, name, &args, &here.of.module.dir, at) {
            Some(made) => return made,
            None => texts::call(name, &args, at),
        },
    };
    made.unwrap_or_else(|why| unknown(why, at))
}

fn file(world: &World<'_>, path: &Node, at: &Location) -> Node {
    match template::file(world, path, at) {
        Ok(source) => template::whole(&source),
        Err(node) => node,
    }
}

fn templatefile(world: &World<'_>, args: &[Node], here: Here<'_>, at: &Location) -> Node {
    let Some(path) = args.first() else { return unknown("`templatefile` is given too little", at) };
    match template::file(world, path, at) {
        Ok(source) => {
            let none = map(Vec::new(), at);
            template::render(world, &source, args.get(1).unwrap_or(&none), here.of, at)
        }
        Err(node) => node,
    }
}

fn decode(node: &Node, at: &Location) -> Node {
    if tagged(node, JSON) {
        return Node { tag: None, ..node.clone() };
    }
    document::read(node).unwrap_or_else(|why| unknown(why, at))
}

fn merge(args: Vec<Node>, at: &Location) -> Node {
    let mut entries: Vec<Entry> = Vec::new();
    for arg in args {
        match arg.content {
            Content::Mapping(new) => entries.extend(new),
            Content::Expression(why) => entries.push(more_entry(why, &arg.at)),
            _ => {}
        }
    }
    once(&mut entries);
    map(entries, at)
}

fn concat(args: Vec<Node>, at: &Location) -> Node {
    let mut items = Vec::new();
    for arg in args {
        match arg.content {
            Content::Sequence(new) if arg.tag.is_none() => items.extend(new),
            Content::Expression(why) => items.push(more(why, &arg.at)),
            _ => {}
        }
    }
    list(items, at)
}

fn flatten(node: &Node, at: &Location) -> Node {
    fn add(node: &Node, items: &mut Vec<Node>, depth: usize) {
        for item in node.items() {
            match &item.content {
                Content::Sequence(_) if item.tag.is_none() && depth < 32 => add(item, items, depth + 1),
                Content::Expression(why) => items.push(more(why, &item.at)),
                _ => items.push(item.clone()),
            }
        }
    }
    if why(node).is_some() {
        return node.clone();
    }
    let mut items = Vec::new();
    add(node, &mut items, 0);
    list(items, at)
}

fn lookup(args: &[Node], at: &Location) -> Node {
    let [map, key, rest @ ..] = args else { return unknown("`lookup` is given too little", at) };
    let key = match as_text(key) {
        Ok(key) => key,
        Err(why) => return unknown(why, at),
    };
    match part(map, &key, at) {
        Ok(value) => value.clone(),
        Err(missing) if tagged(&missing, FAILS) => rest.first().cloned().unwrap_or(missing),
        Err(missing) => missing,
    }
}

fn coalesce(args: &[Node], at: &Location) -> Node {
    for arg in args {
        match &arg.content {
            Content::Empty => {}
            Content::Scalar(text, _) if text.is_empty() => {}
            _ => return arg.clone(),
        }
    }
    fails("all arguments of `coalesce` are null or empty", at)
}

fn kept(node: &Node, keep: impl Fn(&Node) -> bool, at: &Location) -> Node {
    if why(node).is_some() { node.clone() } else { list(node.items().iter().filter(|i| keep(i)).cloned().collect(), at) }
}

fn distinct(node: &Node, at: &Location) -> Node {
    if !node.is_sequence() || node.items().iter().any(|i| i.text().is_none()) {
        return node.clone();
    }
    let mut seen = std::collections::BTreeSet::new();
    list(node.items().iter().filter(|i| seen.insert(i.text().map(str::to_owned))).cloned().collect(), at)
}

fn sides(node: &Node, keys: bool, at: &Location) -> Node {
    match &node.content {
        Content::Mapping(entries) => {
            let mut entries: Vec<&Entry> = entries.iter().collect();
            entries.sort_by(|a, b| a.key.text().cmp(&b.key.text()));
            let side = |e: &Entry| if keys && !tagged(&e.value, MORE) { e.key.clone() } else { e.value.clone() };
            list(entries.into_iter().map(side).collect(), at)
        }
        Content::Expression(_) => node.clone(),
        _ => fails("`keys` and `values` are for mappings", at),
    }
}

/// How many there are, where that is known.
fn length(node: &Node) -> Result<usize, Why> {
    let open = match &node.content {
        Content::Sequence(items) if node.tag.is_none() => items.iter().find(|n| tagged(n, MORE)),
        Content::Mapping(entries) => entries.iter().map(|e| &e.value).find(|n| tagged(n, MORE)),
        _ => return as_text(node).map(|t| t.chars().count()),
    };
    match open.and_then(why) {
        Some(why) => Err(Arc::clone(why)),
        None => Ok(node.items().len() + node.entries().len()),
    }
}

fn contains(list: &Node, wanted: &Node) -> Result<bool, Why> {
    if let Some(why) = why(list) {
        return Err(Arc::clone(why));
    }
    let mut open = None;
    for item in list.items() {
        match equal(item, wanted) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(why) => open = Some(why),
        }
    }
    open.map_or(Ok(false), Err)
}

fn element(args: &[Node], at: &Location) -> Result<Node, Why> {
    let [list, n, ..] = args else { return Err("`element` is given too little".into()) };
    let n = as_number(n)?;
    let count = length(list)?;
    if count == 0 || n < 0.0 {
        return Ok(fails("the list has no such element", at));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative")]
    let item = list.items().get(n as usize % count);
    item.cloned().ok_or_else(|| "`element` is for lists".into())
}

fn one(node: &Node) -> Node {
    match node.items() {
        [] if node.is_sequence() => null(&node.at),
        [only] if tagged(only, MORE) => Node { tag: None, ..only.clone() },
        [only] => only.clone(),
        _ if why(node).is_some() => node.clone(),
        _ => fails("`one` is given more than one", &node.at),
    }
}

fn zipmap(keys: &Node, values: &Node, at: &Location) -> Node {
    if let Some(why) = why(keys).or_else(|| why(values)) {
        return unknown(why, at);
    }
    let pair = |(key, value): (&Node, &Node)| match as_text(key) {
        Ok(name) => Entry { key: text(name, &key.at), value: value.clone() },
        Err(why) => more_entry(why, at),
    };
    map(keys.items().iter().zip(values.items()).map(pair).collect(), at)
}

fn sort(node: &Node, at: &Location) -> Node {
    let mut items = node.items().to_vec();
    if items.iter().any(|i| i.text().is_none()) {
        return node.clone();
    }
    items.sort_by(|a, b| a.text().cmp(&b.text()));
    list(items, at)
}

fn slice(args: &[Node], at: &Location) -> Result<Node, Why> {
    let [whole, from, to] = args else { return Err("`slice` is given too little".into()) };
    length(whole)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating; out of range is no slice")]
    let (from, to) = (as_number(from)? as usize, as_number(to)? as usize);
    Ok(whole.items().get(from..to).map_or_else(|| fails("`slice` is out of range", at), |items| list(items.to_vec(), at)))
}

fn range(args: &[Node], at: &Location) -> Result<Node, Why> {
    const MOST: f64 = 1024.0;
    let numbers = args.iter().map(as_number).collect::<Result<Vec<f64>, Why>>()?;
    let (from, to) = match numbers.as_slice() {
        [to] => (0.0, *to),
        [from, to] => (*from, *to),
        _ => return Err("`range` with a step is not evaluated".into()),
    };
    if to - from > MOST {
        return Err("`range` is too long".into());
    }
    let mut items = Vec::new();
    let mut n = from;
    while n < to {
        items.push(number(n, at));
        n += 1.0;
    }
    Ok(list(items, at))
}

fn all_or_any(node: &Node, all: bool) -> Result<bool, Why> {
    length(node)?;
    let mut open = None;
    for item in node.items() {
        match as_bool(item) {
            Ok(b) if b != all => return Ok(!all),
            Ok(_) => {}
            Err(why) => open = Some(why),
        }
    }
    open.map_or(Ok(all), Err)
}

fn extreme(args: &[Node], max: bool, at: &Location) -> Result<Node, Why> {
    let numbers = args.iter().map(as_number).collect::<Result<Vec<f64>, Why>>()?;
    let found = numbers.into_iter().reduce(if max { f64::max } else { f64::min });
    found.map(|n| number(n, at)).ok_or_else(|| "nothing is given".into())
}
