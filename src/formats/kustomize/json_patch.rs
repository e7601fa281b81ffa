//! JSON patches (RFC 6902) on objects, with pointers of RFC 6901.

use super::edit::{get_mut, items_mut, remove, set, text};
use crate::document::Node;
use crate::source::Location;

/// Largest tree that `copy` and `move` take: more is no change that people write.
pub(super) const COPIED: usize = 1_000;

/// Applies the operations of a patch in their order.
///
/// # Errors
/// Place and reason of the first operation that does not apply; those before it stand.
pub(super) fn apply(target: &mut Node, operations: &[Node]) -> Result<(), (Location, String)> {
    for operation in operations {
        one(target, operation).map_err(|why| (operation.at.clone(), why))?;
    }
    Ok(())
}

fn one(target: &mut Node, operation: &Node) -> Result<(), String> {
    let op = operation.text_at(&["op"]).unwrap_or("");
    let pointer = operation.get("path").ok_or("an operation has no `path`")?;
    let steps = steps(pointer)?;
    let value = || operation.get("value").cloned().ok_or_else(|| format!("the operation `{op}` has no `value`"));
    match op {
        "add" => put(target, &steps, value()?, &pointer.at, false),
        "replace" => put(target, &steps, value()?, &pointer.at, true),
        "remove" => take(target, &steps).map(drop),
        "test" => Ok(()), // kustomize refuses to build where it fails; what is built has passed it
        "copy" | "move" => {
            let from = self::steps(operation.get("from").ok_or("an operation has no `from`")?)?;
            let value = if op == "move" { take(target, &from)? } else { find(target, &from).ok_or_else(absent)?.clone() };
            if value.size() > COPIED {
                return Err(format!("it copies more than the limit of {COPIED} nodes"));
            }
            put(target, &steps, value, &pointer.at, false)
        }
        other => Err(format!("`{other}` is no operation of a JSON patch")),
    }
}

fn absent() -> String {
    "its path is not in the object".to_owned()
}

/// The steps of a pointer.
fn steps(pointer: &Node) -> Result<Vec<String>, String> {
    let text = pointer.text().ok_or("a path is not a text")?;
    match text.strip_prefix('/') {
        Some(rest) => Ok(rest.split('/').map(|s| s.replace("~1", "/").replace("~0", "~")).collect()),
        None if text.is_empty() => Ok(Vec::new()),
        None => Err("a path does not start with `/`".to_owned()),
    }
}

fn index(step: &str, len: usize) -> Option<usize> {
    step.parse().ok().filter(|i| *i < len)
}

fn find<'n>(node: &'n Node, steps: &[String]) -> Option<&'n Node> {
    steps.iter().try_fold(node, |node, step| match node.is_sequence() {
        true => node.items().get(index(step, node.items().len())?),
        false => node.get(step),
    })
}

fn find_mut<'n>(node: &'n mut Node, steps: &[String]) -> Option<&'n mut Node> {
    steps.iter().try_fold(node, |node, step| {
        if node.is_sequence() {
            let items = items_mut(node)?;
            let i = index(step, items.len())?;
            items.get_mut(i)
        } else {
            get_mut(node, step)
        }
    })
}

fn put(target: &mut Node, steps: &[String], value: Node, at: &Location, replace: bool) -> Result<(), String> {
    let Some((last, way)) = steps.split_last() else {
        *target = value;
        return Ok(());
    };
    let parent = find_mut(target, way).ok_or_else(absent)?;
    if let Some(items) = items_mut(parent) {
        let i = if last == "-" && !replace { items.len() } else { last.parse().map_err(|_| absent())? };
        let len = items.len();
        return match items.get_mut(i) {
            Some(old) if replace => {
                *old = value;
                Ok(())
            }
            None if replace || i > len => Err(absent()),
            _ => {
                items.insert(i, value);
                Ok(())
            }
        };
    }
    if replace && parent.get(last).is_none() || !(parent.is_mapping() || parent.is_null()) {
        return Err(absent());
    }
    set(parent, &text(last, at), value);
    Ok(())
}

fn take(target: &mut Node, steps: &[String]) -> Result<Node, String> {
    let (last, way) = steps.split_last().ok_or_else(absent)?;
    let parent = find_mut(target, way).ok_or_else(absent)?;
    if let Some(items) = items_mut(parent) {
        let i = index(last, items.len()).ok_or_else(absent)?;
        return Ok(items.remove(i));
    }
    let value = parent.get(last).cloned().ok_or_else(absent)?;
    remove(parent, last);
    Ok(value)
}
