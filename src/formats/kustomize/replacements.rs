//! `replacements` → the fields that they fill, where the source is a plain field; a field filled otherwise is Unknown.

use super::edit::{get_mut, items_mut, set, text, unknown};
use super::resource::Resource;
use super::target::Target;
use crate::document::{Content, Node};

/// Puts one replacement into effect.
///
/// # Errors
/// Why it cannot be; what it would have filled is left as it was.
pub(super) fn apply(all: &mut [Resource], replacement: &Node) -> Result<(), String> {
    let source = replacement.get("source");
    let value = source.and_then(|s| found(all, s)).filter(|_| replacement.path(&["source", "options"]).is_none());
    let why = "the value is set by a replacement that could not be followed";
    let fixed = replacement.get("sourceValue").cloned();
    for target in replacement.get("targets").map(Node::items).unwrap_or_default() {
        let select = Target::read(target.get("select").ok_or("a target of a replacement has no `select`")?)?;
        let partial = target.path(&["options", "delimiter"]).is_some();
        let create = target.text_at(&["options", "create"]) == Some("true");
        let paths: Vec<Vec<String>> = match target.get("fieldPaths") {
            Some(list) => list.items().iter().filter_map(Node::text).map(steps).collect(),
            None => vec![vec!["metadata".into(), "name".into()]],
        };
        let new = match fixed.as_ref().or(value.as_ref()) {
            Some(value) if !partial && matches!(value.content, Content::Scalar(..)) => value.clone(),
            _ => unknown(why, &replacement.at),
        };
        for resource in all.iter_mut().filter(|r| select.means(r)) {
            for path in &paths {
                fill(&mut resource.node, path, &new, create);
            }
        }
    }
    Ok(())
}

/// The value that a source names: of one object alone.
fn found(all: &[Resource], source: &Node) -> Option<Node> {
    let select = Target::read(source).ok()?;
    let mut fitting = all.iter().filter(|r| select.means(r));
    let (one, None) = (fitting.next()?, fitting.next()) else { return None };
    let path = steps(source.text_at(&["fieldPath"]).unwrap_or("metadata.name"));
    path.iter()
        .try_fold(&one.node, |node, step| match condition(step) {
            Some((key, value)) => node.items().iter().find(|i| i.text_at(&[key]) == Some(value)),
            None if node.is_sequence() => node.items().get(step.parse::<usize>().ok()?),
            None => node.get(step),
        })
        .cloned()
}

/// `a.b.[name=x].c` by its points; `\.` is no such point.
fn steps(path: &str) -> Vec<String> {
    let (mut out, mut step, mut inside, mut escaped) = (Vec::new(), String::new(), false, false);
    for c in path.chars() {
        match c {
            '\\' if !escaped => escaped = true,
            '.' if !escaped && !inside => out.push(std::mem::take(&mut step)),
            c => {
                inside = (inside || c == '[') && c != ']';
                step.push(c);
                escaped = false;
            }
        }
    }
    out.push(step);
    out.retain(|s| !s.is_empty());
    out
}

fn condition(step: &str) -> Option<(&str, &str)> {
    step.strip_prefix('[')?.strip_suffix(']')?.split_once('=')
}

fn fill(node: &mut Node, path: &[String], new: &Node, create: bool) {
    let Some((step, rest)) = path.split_first() else {
        *node = new.clone();
        return;
    };
    if let Some((key, value)) = condition(step) {
        let fits = |i: &&mut Node| i.text_at(&[key]) == Some(value);
        items_mut(node).into_iter().flatten().filter(fits).for_each(|i| fill(i, rest, new, create));
    } else if let Some(items) = items_mut(node) {
        let all = step == "*";
        let wanted = step.parse::<usize>().ok();
        items.iter_mut().enumerate().filter(|(i, _)| all || wanted == Some(*i)).for_each(|(_, i)| fill(i, rest, new, create));
    } else {
        if create && node.get(step).is_none() {
            set(node, &text(step, &new.at), Node { content: Content::Empty, at: new.at.clone(), tag: None });
        }
        if let Some(inner) = get_mut(node, step) {
            fill(inner, rest, new, create);
        }
    }
}
