//! A text of variables (`KEY=value`) with actions of Go templates in it → the variables.

use std::sync::Arc;

use super::{Pieces, pieces};
use crate::document::{Entry, Node, dotenv as lines};
use crate::formats::terraform::value::{later, map, more_entry, text};
use crate::source::{Location, Source, Span};

/// Actions that print nothing: what they hold between them stands on lines of its own (pkg.go.dev/text/template: Actions).
const SILENT: [&str; 10] = ["with", "range", "if", "else", "end", "define", "block", "break", "continue", "scratch.Set"];

/// Reads the variables of a text. A value that an action makes is set to what is in no file; a key that one makes, or a line,
/// stands for keys that cannot be listed.
///
/// # Errors
/// Why the text is not known.
pub(in crate::formats) fn dotenv(node: &Node) -> Result<Node, Arc<str>> {
    let pieces = pieces(node)?;
    let (bare, made) = without_leading_actions(&pieces.text);
    let source = Source::new(node.at.path(), bare);
    let (found, bad) = lines::read(&source);
    let mut entries: Vec<Entry> = Vec::new();
    for variable in found {
        let Some(value) = variable.value else { continue };
        let key = pieces.narrowed(&variable.at, &variable.key, &node.at);
        let value = if value.raw.contains("{{") {
            later("what its template fills in", &key)
        } else {
            pieces.place(text(value.text, &variable.at), &node.at, 0)
        };
        entries.push(Entry { key: text(variable.key, &key), value });
    }
    for at in bad.into_iter().chain(made.into_iter().map(|span| source.at(span))) {
        entries.push(more_entry("a template makes keys that are in no file", &pieces.origin(&at, &node.at)));
    }
    Ok(map(entries, &node.at))
}

impl Pieces<'_> {
    /// The place of a key: where a line is all that is known, the key on it.
    fn narrowed(&self, at: &Location, key: &str, whole: &Location) -> Location {
        let at = self.origin(at, whole);
        match at.text().find(key) {
            Some(start) => at.part(start, start + key.len()),
            None => at,
        }
    }
}

/// The text with blanks in place of the actions that start a line, and where one of them prints what a line is.
fn without_leading_actions(whole: &str) -> (String, Vec<Span>) {
    let mut out = String::with_capacity(whole.len());
    let mut made = Vec::new();
    for line in whole.split_inclusive('\n') {
        let start = out.len();
        let mut rest = line;
        loop {
            let indent = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            let action = rest.get(indent..).filter(|r| r.starts_with("{{")).and_then(|r| Some(indent + r.find("}}")? + 2));
            let Some(end) = action else { break };
            if prints(rest.get(indent + 2..end - 2).unwrap_or("")) && !rest.get(end..).unwrap_or("").contains('=') {
                made.push(Span { start, end: start + line.trim_end().len() });
            }
            out.extend(std::iter::repeat_n(' ', end));
            rest = rest.get(end..).unwrap_or("");
        }
        out.push_str(rest);
    }
    (out, made)
}

/// Does an action print something?
fn prints(action: &str) -> bool {
    let action = action.trim_start_matches('-').trim_end_matches('-').trim();
    let word = action.split_whitespace().next().unwrap_or("");
    !(SILENT.contains(&word) || word.starts_with("/*") || action.starts_with('$') && action.contains('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_what_cannot_be_listed() {
        let written = "{{- with secret \"a\" -}}\nPASSWORD={{ .Data.password }}\n{{- end }}\n# no\nMODE = fast\n{{ with nomadVar \"b\" }}KEY={{ .k }}{{ end }}\nexport QUOTED=\"a b\"\n{{ range ls \"x\" }}\n{{ .Key }}={{ .Value }}\n{{ end }}\n{{ key \"all\" }}\n";
        let source = Source::new("a.hcl", written);
        let tree = dotenv(&text(written, &source.at(Span { start: 0, end: written.len() }))).expect("a text");
        let keys: Vec<_> = tree.entries().iter().map(|e| (e.key.text().unwrap_or("?"), e.value.text())).collect();
        let wanted = [("PASSWORD", None), ("MODE", Some("fast")), ("KEY", None), ("QUOTED", Some("a b")), ("?", None), ("?", None)];
        assert_eq!(keys, wanted);
        for entry in tree.entries().iter().filter(|e| e.key.text().is_some()) {
            assert_eq!(Some(entry.key.at.text()), entry.key.text());
        }
    }
}
