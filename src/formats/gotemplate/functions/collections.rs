//! Functions over lists and mappings.

use std::rc::Rc;

use super::{Given, at, equal, number, truth};
use crate::formats::gotemplate::eval::{Engine, Fail};
use crate::formats::gotemplate::text::{Origin, Text};
use crate::formats::gotemplate::value::{Kind, Map, MapRef, Val};

/// Deepest mapping that is merged or copied.
const DEPTH: usize = 64;
/// Longest list that a function makes.
const LONGEST: i64 = 100_000;

pub(super) fn call(engine: &mut Engine<'_>, name: &str, args: &[Val]) -> Option<Given> {
    let (first, second) = (at(args, 0), at(args, 1));
    let key = |v: &Val| v.as_str().unwrap_or("").to_owned();
    let last = args.last().cloned().unwrap_or(Val::NULL);
    let plain = name.strip_prefix("must").filter(|n| n.starts_with(|c: char| c.is_ascii_uppercase())).map(super::strings::untitled);
    let name = plain.as_deref().unwrap_or(name);
    if let Some(given) = maps(engine, name, args) {
        return Some(given);
    }
    let items = |v: &Val| match &v.kind {
        Kind::List(items) => Some(Rc::clone(items)),
        Kind::Null => Some(Rc::new(Vec::new())),
        _ => None,
    };
    Some(Ok(match name {
        "list" | "tuple" => Val::list(args.to_vec()),
        "index" => {
            let mut value = first;
            for index in args.iter().skip(1) {
                value = match (&value.kind, &index.kind) {
                    (Kind::Map(map), _) => lookup(map, &key(index)).unwrap_or(Val::NULL),
                    (Kind::List(items), _) => match number(index).and_then(|n| items.get(n as usize)) {
                        Some(v) => v.clone(),
                        None => return Some(Err(Fail::new("asks a list for an item that it has not"))),
                    },
                    (Kind::Unknown(_), _) => return Some(Ok(value)),
                    (Kind::Null, _) => Val::NULL,
                    _ => return Some(Err(Fail::new("indexes what is no list and no mapping"))),
                };
            }
            value
        }
        "slice" => match &first.kind {
            Kind::Str(text) => {
                Val::text(text.slice(number(&second).unwrap_or(0.0) as usize, number(&at(args, 2)).map_or(text.len(), |n| n as usize)))
            }
            _ => {
                let list = items(&first)?;
                let end = number(&at(args, 2)).map_or(list.len(), |n| n as usize).min(list.len());
                Val::list(list.get(number(&second).unwrap_or(0.0) as usize..end).unwrap_or_default().to_vec())
            }
        },
        "len" => Val::int(match &first.kind {
            Kind::Str(text) => text.len(),
            Kind::Map(map) => map.borrow().entries.len(),
            _ => items(&first)?.len(),
        } as i64),
        "first" => items(&last)?.first().cloned().unwrap_or(Val::NULL),
        "last" => items(&last)?.last().cloned().unwrap_or(Val::NULL),
        "rest" => Val::list(items(&last)?.get(1..).unwrap_or_default().to_vec()),
        "initial" => Val::list(items(&last)?.split_last().map_or(Vec::new(), |(_, rest)| rest.to_vec())),
        "append" | "push" => {
            let mut list = items(&first)?.to_vec();
            if let Err(fail) = engine.step(list.len() / 16) {
                return Some(Err(fail));
            }
            list.push(second);
            Val::list(list)
        }
        "prepend" => {
            let mut list = vec![second];
            list.extend(items(&first)?.iter().cloned());
            Val::list(list)
        }
        "concat" => {
            let mut out = Vec::new();
            for arg in args {
                out.extend(items(arg)?.iter().cloned());
            }
            if let Err(fail) = engine.step(out.len()) {
                return Some(Err(fail));
            }
            Val::list(out)
        }
        "has" => {
            let items = items(&last)?;
            let open = || items.iter().find_map(|v| engine.unknown(v)).map_or_else(|| Val::bool(false), Val::unknown);
            if items.iter().any(|v| equal(v, &first, DEPTH)) { Val::bool(true) } else { open() }
        }
        "without" => Val::list(items(&first)?.iter().filter(|v| !args.iter().skip(1).any(|a| equal(a, v, DEPTH))).cloned().collect()),
        "compact" => Val::list(items(&last)?.iter().filter(|v| truth(v)).cloned().collect()),
        "toStrings" => Val::list(items(&last)?.iter().map(|v| Val::text(engine.show(v))).collect()),
        "chunk" => {
            let size = number(&first).filter(|n| *n >= 1.0)? as usize;
            Val::list(items(&last)?.chunks(size).map(|part| Val::list(part.to_vec())).collect())
        }
        "uniq" => {
            let mut out: Vec<Val> = Vec::new();
            for item in items(&last)?.iter() {
                if let Err(fail) = engine.step(out.len()) {
                    return Some(Err(fail));
                }
                if !out.iter().any(|v| equal(v, item, DEPTH)) {
                    out.push(item.clone());
                }
            }
            Val::list(out)
        }
        "reverse" => Val::list(items(&last)?.iter().rev().cloned().collect()),
        "sortAlpha" => {
            let mut texts: Vec<Text> = items(&last)?.iter().map(|v| engine.show(v)).collect();
            texts.sort_by(|a, b| a.as_str().cmp(b.as_str()));
            Val::list(texts.into_iter().map(Val::text).collect())
        }
        "until" | "untilStep" | "seq" => {
            let n = |v: &Val| number(v).unwrap_or(0.0) as i64;
            let (start, end, step) = match (name, args.len()) {
                ("until", _) => (0, n(&first), 1),
                ("untilStep", _) => (n(&first), n(&second), n(&at(args, 2))),
                (_, 1) => return Some(Ok(Val::str((1..=n(&first).min(LONGEST)).map(|i| i.to_string()).collect::<Vec<_>>().join(" ")))),
                _ => return None,
            };
            if step <= 0 || end.saturating_sub(start) / step > LONGEST {
                return if step <= 0 { None } else { Some(Err(Fail::new(format!("makes a list longer than the limit of {LONGEST}")))) };
            }
            Val::list((start..end.max(start)).step_by(step as usize).map(Val::int).collect())
        }
        _ => return None,
    }))
}

/// The value of a key, unknown where there may be more keys than are listed.
fn lookup(map: &MapRef, key: &str) -> Option<Val> {
    let map = map.borrow();
    map.entries.get(key).map(|(_, v)| v.clone()).or_else(|| map.open.as_ref().map(|why| Val::unknown(Rc::clone(why))))
}

fn maps(engine: &mut Engine<'_>, name: &str, args: &[Val]) -> Option<Given> {
    let (first, second) = (at(args, 0), at(args, 1));
    let key = |v: &Val| v.as_str().unwrap_or("").to_owned();
    Some(Ok(match name {
        "dict" => {
            let mut map = Map::default();
            for pair in args.chunks(2) {
                let at = pair.first().and_then(|k| k.at.clone());
                let name = pair.first().map(|k| engine.show(k).as_str().to_owned()).unwrap_or_default();
                map.entries.insert(name, (at, pair.get(1).cloned().unwrap_or_else(|| Val::str(""))));
            }
            Val::map(map)
        }
        "get" => lookup(first.as_map()?, &key(&second)).unwrap_or_else(|| Val::str("")),
        "set" => {
            let map = Rc::clone(first.as_map()?);
            map.borrow_mut().put(&key(&second), at(args, 2));
            first
        }
        "unset" => {
            first.as_map()?.borrow_mut().entries.remove(&key(&second));
            first
        }
        "hasKey" => {
            let map = first.as_map()?.borrow();
            match (map.entries.contains_key(&key(&second)), &map.open) {
                (false, Some(why)) => Val::unknown(Rc::clone(why)),
                (has, _) => Val::bool(has),
            }
        }
        "keys" => {
            let mut out = Vec::new();
            for arg in args {
                for (key, (at, _)) in &arg.as_map()?.borrow().entries {
                    out.push(Val::text(named(key, at.as_ref())));
                }
            }
            Val::list(out)
        }
        "values" => Val::list(first.as_map()?.borrow().entries.values().map(|(_, v)| v.clone()).collect()),
        "pluck" => Val::list(args.iter().skip(1).filter_map(|m| m.get(&key(&first))).collect()),
        "pick" | "omit" => {
            let wanted: Vec<String> = args.iter().skip(1).map(key).collect();
            let map = first.as_map()?.borrow();
            let keep = |k: &String| wanted.contains(k) == (name == "pick");
            let entries = map.entries.iter().filter(|(k, _)| keep(k)).map(|(k, v)| (k.clone(), v.clone())).collect();
            Val { at: first.at.clone(), ..Val::map(Map { entries, open: map.open.clone() }) }
        }
        "merge" | "mergeOverwrite" => {
            let target = Rc::clone(first.as_map()?);
            for other in args.iter().skip(1) {
                let Some(from) = other.as_map() else { continue };
                // A copy: a mapping may be merged into itself.
                let from = from.borrow().clone();
                if let Err(fail) = merge(engine, &target, &from, name == "mergeOverwrite", DEPTH) {
                    return Some(Err(fail));
                }
            }
            first
        }
        "deepCopy" => {
            if let Err(fail) = engine.step(64) {
                return Some(Err(fail));
            }
            first.deep(DEPTH)
        }
        "dig" => {
            let (map, default) = (args.last()?, args.get(args.len().checked_sub(2)?)?);
            let mut value = map.clone();
            for key in args.get(..args.len().checked_sub(2)?)? {
                let Some(map) = value.as_map() else { return Some(Ok(default.clone())) };
                match lookup(&Rc::clone(map), key.as_str().unwrap_or("")) {
                    Some(next) => value = next,
                    None => return Some(Ok(default.clone())),
                }
            }
            value
        }
        _ => return None,
    }))
}

/// A key as a text with its place.
fn named(key: &str, at: Option<&Origin>) -> Text {
    at.map_or_else(|| Text::plain(key), |o| Text::written(key, &o.at()))
}

/// Merges mappings as mergo does: what is empty in the target is filled, or what is given in the source wins.
fn merge(engine: &mut Engine<'_>, target: &MapRef, from: &Map, overwrite: bool, depth: usize) -> Result<(), Fail> {
    engine.step(from.entries.len())?;
    if depth == 0 {
        return Err(Fail::new(format!("merges mappings nested deeper than the limit of {DEPTH}")));
    }
    for (key, (at, value)) in &from.entries {
        let mine = target.borrow().entries.get(key).map(|(_, v)| v.clone());
        match (mine.as_ref().map(|v| &v.kind), &value.kind) {
            (Some(Kind::Map(mine)), Kind::Map(theirs)) if !Rc::ptr_eq(mine, theirs) => {
                let theirs = theirs.borrow().clone();
                merge(engine, mine, &theirs, overwrite, depth - 1)?;
            }
            (Some(Kind::Map(_)), Kind::Map(_)) => {}
            (None, _) => {
                target.borrow_mut().entries.insert(key.clone(), (at.clone(), value.clone()));
            }
            (Some(_), _) => {
                let filled = mine.as_ref().is_some_and(|v| engine.unknown(v).is_some() || truth(v));
                let given = engine.unknown(value).is_some() || truth(value);
                if (overwrite && given) || (!overwrite && !filled) {
                    target.borrow_mut().entries.insert(key.clone(), (at.clone(), value.clone()));
                }
            }
        }
    }
    let mut target = target.borrow_mut();
    if target.open.is_none() {
        target.open.clone_from(&from.open);
    }
    Ok(())
}
