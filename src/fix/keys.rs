//! Keys that development lacks → edits that name them, without a value: in `.env.example`, and in a compose service.

use std::sync::Arc;

use super::edit::Edit;
use crate::document::{Content, Entry, Node, dotenv, yaml};
use crate::source::{Location, Source, Span};
use crate::workspace::{Workspace, file_name};

/// Adds keys to the end of a file of documented keys.
pub(super) fn documented(path: &str, keys: &[String], workspace: &dyn Workspace) -> Option<Edit> {
    let source = workspace.read(path).ok()?;
    let text = source.text();
    let line = newline(text);
    let with: String = keys.iter().map(|key| format!("{key}={line}")).collect();
    // A last line without an end is left as it is, and not shown by a diff: the keys go before it.
    let at = if text.ends_with('\n') { text.len() } else { text.rfind('\n').map_or(0, |i| i + 1) };
    let last = text.get(at..)?.trim_start_matches('\u{feff}');
    let begins = last.is_empty() || last.starts_with('#') || dotenv::read(&source).0.iter().any(|e| e.at.span().start >= at);
    begins.then(|| Edit { at: source.at(Span { start: at, end: at }), with })
}

/// Adds keys to `environment` of a compose service, as the file writes it. `KEY:` and `- KEY` without a value take it from
/// the developer's own environment or `.env`, and leave the key unset where there is none; an empty value would be one.
pub(super) fn compose(service: &Location, keys: &[String], workspace: &dyn Workspace) -> Option<Edit> {
    let name = file_name(service.path());
    if !(name.ends_with(".yml") || name.ends_with(".yaml")) {
        return None;
    }
    let source = workspace.read(service.path()).ok()?;
    let documents = yaml::read(&source);
    let services = documents.documents.iter().filter_map(|d| d.root.get("services"));
    let entry = services.flat_map(Node::entries).find(|e| e.key.at.span() == service.span())?;
    let line = newline(source.text());
    if let Some(environment) = entry.value.entry("environment") {
        return within(&source, environment, keys, line);
    }
    // A service that merges another may get its keys from there.
    let first = entry.value.entries().first().filter(|_| entry.value.get("<<").is_none() && entry.value.get("extends").is_none())?;
    let (start, indent) = indentation(&source, &first.key.at)?;
    let (_, outer) = indentation(&source, &entry.key.at)?;
    let step = indent.strip_prefix(outer).filter(|s| !s.is_empty())?;
    let below: String = keys.iter().map(|key| format!("{indent}{step}{key}:{line}")).collect();
    Some(Edit { at: source.at(Span { start, end: start }), with: format!("{indent}environment:{line}{below}") })
}

/// Adds keys to the entries that are there.
fn within(source: &Arc<Source>, environment: &Entry, keys: &[String], line: &str) -> Option<Edit> {
    let value = &environment.value;
    // What an alias brings in is written elsewhere, for others as well.
    let own = |at: &Location| at.path() == source.path() && at.span().start > environment.key.at.span().end;
    let after = source.text().get(environment.key.at.span().end..)?.trim_start_matches(['"', '\'', ' ', '\t', ':']);
    if after.starts_with(['*', '{', '[']) {
        return None;
    }
    let (last, list) = match &value.content {
        Content::Mapping(entries) => (entries.iter().rfind(|e| own(&e.key.at)).map(|e| (&e.key.at, &e.value.at))?, false),
        Content::Sequence(items) => (items.iter().rfind(|i| own(&i.at)).map(|i| (&i.at, &i.at))?, true),
        _ => return None,
    };
    let (start, indent) = match list {
        true => item_indentation(source, last.0)?,
        false => indentation(source, last.0)?,
    };
    let with: String =
        keys.iter().map(|key| if list { format!("{indent}- {key}{line}") } else { format!("{indent}{key}:{line}") }).collect();
    // After the last entry, where it is one line; else before it.
    let number = last.0.position().line.get();
    let one_line = !own(last.1) || last.1.end().line.get() == number;
    let end = source.line_span(number)?.end;
    // A last line without an end is left as it is, and not shown by a diff.
    let next = source.text().get(end..).and_then(|rest| rest.find('\n')).filter(|_| one_line);
    let at = next.map_or(start, |i| end + i + 1);
    Some(Edit { at: source.at(Span { start: at, end: at }), with })
}

/// Where the line of a place starts, and the white space before the place, if there is nothing else.
fn indentation<'s>(source: &'s Source, at: &Location) -> Option<(usize, &'s str)> {
    let start = source.line_span(at.position().line.get())?.start;
    let before = source.text().get(start..at.span().start)?;
    before.trim_start_matches(' ').is_empty().then_some((start, before))
}

/// The same for an item of a list, before its dash.
fn item_indentation<'s>(source: &'s Source, at: &Location) -> Option<(usize, &'s str)> {
    let start = source.line_span(at.position().line.get())?.start;
    let before = source.text().get(start..at.span().start)?.trim_end_matches(' ').strip_suffix('-')?;
    before.trim_start_matches(' ').is_empty().then_some((start, before))
}

fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fix::edit::apply;
    use crate::workspace::MemoryWorkspace;

    fn added(text: &str) -> Option<String> {
        let workspace = MemoryWorkspace::new([("compose.yml", text)]);
        let source = workspace.read("compose.yml").expect("there");
        let start = text.find("api").expect("the service");
        let edit = compose(&source.at(Span { start, end: start + 3 }), &["NEW".into(), "ALSO".into()], &workspace)?;
        apply(&[edit]).remove("compose.yml").map(|(_, text)| text)
    }

    #[test]
    fn as_the_file_writes_it() {
        for (text, want) in [
            (
                "services:\n  api:\n    environment:\n      A: 1 # c\n    ports: []\n",
                "services:\n  api:\n    environment:\n      A: 1 # c\n      NEW:\n      ALSO:\n    ports: []\n",
            ),
            (
                "services:\n  api:\n    environment:\n    - A=1\n    - B\n",
                "services:\n  api:\n    environment:\n    - A=1\n    - B\n    - NEW\n    - ALSO\n",
            ),
            (
                "services:\n  api:\n    environment:\n      A: |\n        x\n",
                "services:\n  api:\n    environment:\n      NEW:\n      ALSO:\n      A: |\n        x\n",
            ),
            (
                "services:\n    api:\n        image: x\n",
                "services:\n    api:\n        environment:\n            NEW:\n            ALSO:\n        image: x\n",
            ),
            (
                "services:\r\n  api:\r\n    environment:\r\n      A: 1\r\n",
                "services:\r\n  api:\r\n    environment:\r\n      A: 1\r\n      NEW:\r\n      ALSO:\r\n",
            ),
            ("services:\n  api:\n    environment:\n      A: 1", "services:\n  api:\n    environment:\n      NEW:\n      ALSO:\n      A: 1"),
            (
                "services:\n  api:\n    environment: &e\n      A: 1\n",
                "services:\n  api:\n    environment: &e\n      A: 1\n      NEW:\n      ALSO:\n",
            ),
        ] {
            assert_eq!(added(text).as_deref(), Some(want));
        }
        for text in [
            "x: &e {A: 1}\nservices:\n  api:\n    environment: *e\n",
            "services:\n  api:\n    environment: {A: 1}\n",
            "services:\n  api: {image: x}\n",
            "services:\n  api: &b\n    <<: *x\n    image: y\n",
        ] {
            assert_eq!(added(text), None, "{text}");
        }
    }
}
