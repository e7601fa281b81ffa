//! Dotenv text → entries with their places, by Compose's rules (docs.docker.com: env-file syntax; compose-go `dotenv`).

use std::sync::Arc;

use crate::source::{Location, Source, Span};

/// One `KEY=value` line.
#[derive(Clone)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub at: Location,
    /// The value; `None` for a key alone.
    pub value: Option<Value>,
}

/// The value of an entry.
#[derive(Clone)]
pub struct Value {
    /// Without quotes, comments and escapes.
    pub text: String,
    /// Are variables in it resolved (not between single quotes)?
    pub expand: bool,
    /// What stands on the line after the sign, quotes and all: the value in Docker's own form of the file (`format: raw`).
    pub raw: String,
}

/// Reads a source; the second list holds the lines that are no entries.
#[must_use]
pub fn read(source: &Arc<Source>) -> (Vec<Entry>, Vec<Location>) {
    let (mut entries, mut bad) = (Vec::new(), Vec::new());
    let text = source.text();
    let mut pos = if text.starts_with('\u{feff}') { 3 } else { 0 };
    while let Some(rest) = text.get(pos..).filter(|r| !r.is_empty()) {
        let line = rest.split('\n').next().unwrap_or(rest);
        let next = pos + line.len() + 1;
        let start = pos + (line.len() - line.trim_start().len());
        pos = next;
        let body = line.trim();
        if body.is_empty() || body.starts_with('#') {
            continue;
        }
        let (start, body) = match body.strip_prefix("export") {
            Some("") => continue,
            Some(b) if b.starts_with([' ', '\t']) => (start + body.len() - b.trim_start().len(), b.trim_start()),
            _ => (start, body),
        };
        let split = body.find(['=', ':']);
        let key = body.get(..split.unwrap_or(body.len())).unwrap_or_default().trim_end();
        let at = source.at(Span { start, end: start + key.len() });
        let valid = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']'));
        if !valid {
            bad.push(at);
            continue;
        }
        let Some(split) = split else {
            entries.push(Entry { key: key.to_owned(), at, value: None });
            continue;
        };
        let value = start + split + 1;
        match read_value(text.get(value..).unwrap_or_default()) {
            Some((read, used)) => {
                // A quoted value may go on over lines; what stands after it on its last line is passed over.
                let after = value + used;
                pos = text.get(after..).and_then(|t| t.find('\n')).map_or(text.len(), |i| after + i + 1);
                entries.push(Entry { key: key.to_owned(), at, value: Some(read) });
            }
            None => bad.push(at),
        }
    }
    (entries, bad)
}

/// The value at the start of a text that goes on to the end of the file, and how many bytes it took. `None`: a quote is
/// not closed.
fn read_value(text: &str) -> Option<(Value, usize)> {
    let line = text.split('\n').next().unwrap_or(text);
    let raw = line.trim_end_matches('\r').to_owned();
    let trimmed = text.trim_start_matches([' ', '\t', '\r', '\u{b}', '\u{c}']);
    let skipped = text.len() - trimmed.len();
    match trimmed.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        Some(quote) => {
            let (inside, used) = quoted(trimmed.get(1..)?, quote)?;
            let expand = quote == '"';
            let text = if expand { escapes(&inside) } else { inside };
            Some((Value { text, expand, raw }, skipped + 1 + used))
        }
        None => {
            let line = line.trim_start();
            let text = line.split(" #").next().unwrap_or(line).trim_end().to_owned();
            Some((Value { text, expand: true, raw }, 0))
        }
    }
}

/// The text up to the closing quote, and how many bytes were used with it. A backslash before the quote is dropped.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut out = String::new();
    let mut escaped = false;
    for (i, c) in text.char_indices() {
        if c == quote && !escaped {
            return Some((out, i + 1));
        }
        if c == '\\' && !escaped {
            escaped = true;
            continue;
        }
        if escaped && c != quote {
            out.push('\\');
        }
        escaped = false;
        out.push(c);
    }
    None
}

/// Resolves the escapes of a double-quoted value. `\$` stays a dollar through interpolation, so it becomes `$$`.
fn escapes(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let mut chars = after.chars();
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('a') => out.push('\u{7}'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('v') => out.push('\u{b}'),
            Some('$') => out.push_str("$$"),
            Some(c @ ('"' | '\\')) => out.push(c),
            Some(c) => out.extend(['\\', c]),
            None => out.push('\\'),
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out
}
