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
    /// The raw value and whether variables in it are resolved (not between single quotes); `None` for a key alone.
    pub value: Option<(String, bool)>,
}

/// Reads a source; the second list holds the lines that are no entries.
#[must_use]
pub fn read(source: &Arc<Source>) -> (Vec<Entry>, Vec<Location>) {
    let (mut entries, mut bad) = (Vec::new(), Vec::new());
    let text = source.text();
    let mut pos = if text.starts_with('\u{feff}') { 3 } else { 0 };
    while pos < text.len() {
        let end = text[pos..].find('\n').map_or(text.len(), |i| pos + i);
        let line = &text[pos..end];
        let next = end + 1;
        let start = pos + (line.len() - line.trim_start().len());
        let body = text[start..end].trim_end();
        pos = next;
        if body.is_empty() || body.starts_with('#') {
            continue;
        }
        let (skip, body) = body.strip_prefix("export ").map_or((0, body), |b| (body.len() - b.trim_start().len(), b.trim_start()));
        let start = start + skip;
        let split = body.find(['=', ':']);
        let key = body[..split.unwrap_or(body.len())].trim_end();
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
        let value_start = start + split + 1;
        let raw = text[value_start..].trim_start_matches([' ', '\t']);
        let raw_start = text.len() - raw.len();
        let quote = raw.chars().next().filter(|c| matches!(c, '"' | '\''));
        let value = match quote {
            Some(quote) => match quoted(&raw[1..], quote) {
                Some((value, used)) => {
                    // A quoted value may go on over lines.
                    let after = raw_start + 1 + used;
                    pos = text[after..].find('\n').map_or(text.len(), |i| after + i + 1);
                    (value, quote == '"')
                }
                None => {
                    bad.push(at);
                    continue;
                }
            },
            None => {
                let line = &text[value_start..end];
                let cut = line.char_indices().find(|(i, c)| *c == '#' && line[..*i].ends_with([' ', '\t'])).map_or(line.len(), |(i, _)| i);
                (line[..cut].trim().to_owned(), true)
            }
        };
        entries.push(Entry { key: key.to_owned(), at, value: Some(value) });
    }
    (entries, bad)
}

/// The text up to the closing quote, and how many bytes were used with it.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut out = String::new();
    let mut chars = text.char_indices();
    while let Some((i, c)) = chars.next() {
        if c == quote {
            return Some((out, i + 1));
        }
        if c != '\\' {
            out.push(c);
            continue;
        }
        match (quote, chars.next()) {
            ('"', Some((_, 'n'))) => out.push('\n'),
            ('"', Some((_, 'r'))) => out.push('\r'),
            ('"', Some((_, 't'))) => out.push('\t'),
            ('"', Some((_, c @ ('"' | '\\')))) => out.push(c),
            ('\'', Some((_, '\''))) => out.push('\''),
            (_, Some((_, c))) => out.extend(['\\', c]),
            (_, None) => return None,
        }
    }
    None
}
