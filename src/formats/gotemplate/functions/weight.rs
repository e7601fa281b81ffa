//! What a function copies or compares → steps: lists may hold one another many times over.

use crate::formats::gotemplate::eval::{Engine, Fail};
use crate::formats::gotemplate::value::{Kind, Val};

/// Functions that look at, or copy, all that they are given, and count no step of it by themselves.
const WEIGHED: [&str; 29] = [
    "eq",
    "ne",
    "deepEqual",
    "deepCopy",
    "mustDeepCopy",
    "has",
    "mustHas",
    "without",
    "mustWithout",
    "compact",
    "mustCompact",
    "uniq",
    "mustUniq",
    "prepend",
    "mustPrepend",
    "rest",
    "mustRest",
    "initial",
    "mustInitial",
    "slice",
    "mustSlice",
    "reverse",
    "mustReverse",
    "sortAlpha",
    "toStrings",
    "chunk",
    "mustChunk",
    "pick",
    "omit",
];

/// No function looks deeper.
const DEEPEST: usize = 64;

/// Counts what a function is given to copy or to compare.
pub(super) fn charge(engine: &mut Engine<'_>, name: &str, args: &[Val]) -> Result<(), Fail> {
    if WEIGHED.contains(&name) { args.iter().try_for_each(|arg| weigh(engine, arg, DEEPEST)) } else { Ok(()) }
}

/// Counts what a value holds, each time that it is held: a list that holds another one twice doubles with every step.
fn weigh(engine: &mut Engine<'_>, value: &Val, depth: usize) -> Result<(), Fail> {
    if depth == 0 {
        return Ok(());
    }
    match &value.kind {
        Kind::List(items) => {
            engine.step(items.len() / 16)?;
            items.iter().filter(|v| matches!(v.kind, Kind::List(_) | Kind::Map(_))).try_for_each(|v| weigh(engine, v, depth - 1))
        }
        Kind::Map(map) => {
            let map = map.borrow();
            engine.step(map.entries.len() / 16)?;
            let nested = map.entries.values().map(|(_, v)| v).filter(|v| matches!(v.kind, Kind::List(_) | Kind::Map(_)));
            nested.into_iter().try_for_each(|v| weigh(engine, v, depth - 1))
        }
        _ => Ok(()),
    }
}
