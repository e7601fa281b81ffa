//! A place of a finding → the line as it may be shown: the named thing and its key, all else masked by `…`.
//!
//! A line may hold more than what a finding is about: the password two keys further in a flow map, the value behind
//! the key. So a line is never shown as it is. What is shown: the text of the span (an image, a version, a key), and
//! before it what is plainly a key or a heading, and behind it what is plainly punctuation.

use super::escape::acts;
use crate::finding::{Finding, Place};

/// A line that may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The line. Columns up to the end of the marked part are those of the file, counted in characters.
    pub line: String,
    /// Bytes of `line` that are marked.
    pub start: usize,
    /// One past the last marked byte.
    pub end: usize,
}

impl Excerpt {
    /// The marked text.
    #[must_use]
    pub fn marked(&self) -> &str {
        self.line.get(self.start..self.end).unwrap_or("")
    }
}

/// What of a place may be shown; `None` where only the position can be.
#[must_use]
pub fn excerpt(finding: &Finding, place: &Place) -> Option<Excerpt> {
    let source = place.at.source();
    let span = source.line_span(place.at.position().line.get())?;
    let line = source.text().get(span.start..span.end)?;
    let start = place.at.span().start.checked_sub(span.start)?;
    let end = (place.at.span().end.max(place.at.span().start) - span.start).min(line.len());
    let named = !place.secret && is_name(line, start, end);
    let (start, end) = if holds_value(finding, place) && !named { key_span(line, start, &finding.subject)? } else { (start, end) };
    let (before, text, after) = (line.get(..start)?, line.get(start..end)?, line.get(end..)?);
    if text.is_empty() || !harmless(text) {
        return None;
    }
    let mut shown = masked_before(before);
    let start = shown.len();
    shown.extend(text.chars().map(plain));
    let end = shown.len();
    if is_punctuation(after) {
        shown.extend(after.trim_end().chars().map(plain));
    } else {
        // The sign behind a key shows how it was set; what follows may be its value.
        let rest = after.trim_start_matches(['"', '\'']);
        shown.extend(after.chars().next().filter(|c| matches!(c, '"' | '\'') && before.ends_with(*c)));
        shown.push_str(match (rest.chars().next(), rest.trim_start().starts_with('=')) {
            (Some(':'), _) => ": …",
            (Some('='), _) => "=…",
            (_, true) => " = …",
            _ => " …",
        });
    }
    Some(Excerpt { line: shown, start, end })
}

/// May the text at the place be, or hold, the value of an environment variable?
fn holds_value(finding: &Finding, place: &Place) -> bool {
    place.secret || finding.rule.starts_with("config/") || place.at.text().contains("://")
}

/// Is the span a name that a service or an object goes by: a key of a map, or what `name:` says?
fn is_name(line: &str, start: usize, end: usize) -> bool {
    let (Some(before), Some(text), Some(after)) = (line.get(..start), line.get(start..end), line.get(end..)) else { return false };
    let plain = !text.is_empty() && text.len() <= 63 && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    let heads = is_key(before) && before.trim_start().trim_start_matches("- ").trim_matches(['"', '\'']).is_empty() && {
        let after = after.trim_start_matches(['"', '\'']);
        after.starts_with(':') && !after.starts_with("::")
    };
    let named = ["name:", "\"name\":"].contains(&before.trim_start().trim_start_matches("- ").trim_end_matches(['"', '\'']).trim_end());
    plain && (heads || named && is_punctuation(after))
}

/// Where the key itself stands on the line: as a whole word, at the place or else before or behind it.
fn key_span(line: &str, at: usize, key: &str) -> Option<(usize, usize)> {
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    if key.is_empty() || !key.chars().all(word) {
        return None;
    }
    let whole = |(start, _): &(usize, &str)| {
        let before = line.get(..*start).and_then(|s| s.chars().next_back());
        let after = line.get(start + key.len()..).and_then(|s| s.chars().next());
        !before.is_some_and(word) && !after.is_some_and(word)
    };
    let found: Vec<usize> = line.match_indices(key).filter(whole).map(|(start, _)| start).collect();
    let start = found.iter().find(|s| **s >= at).or(found.first())?;
    // Behind a `=` or a `://` the word is part of a value.
    let value = line.get(..*start).is_some_and(|before| before.contains('=') && !is_key(before) || before.contains("://"));
    (!value).then_some((*start, start + key.len()))
}

/// Is the text one that an image, a version, a name or a path is made of? All else could be a command line, an
/// assignment or a URL.
fn harmless(text: &str) -> bool {
    let text = text.trim_matches(['"', '\'']);
    let plain = |c: char| c.is_alphanumeric() || "._:/@+-~^*<>=!| ${}?[]\"".contains(c) || acts(c);
    let assigns = text.char_indices().any(|(i, c)| c == '=' && text.get(..i).is_some_and(|s| s.ends_with(char::is_alphanumeric)));
    text.chars().all(plain)
        && !assigns
        && !text.contains("://")
        && !text.contains("--")
        && text.matches(' ').count() <= 1
        && text.len() <= 512
}

/// The line before the marked text: as it is where it is a key or heading, else blank with a `…`; the width stays.
fn masked_before(before: &str) -> String {
    if is_key(before) || is_heading(before) {
        return before.chars().map(plain).collect();
    }
    // A quote directly before the text is kept, so that it closes the one behind.
    let quote = before.chars().next_back().filter(|c| matches!(c, '"' | '\''));
    let count = before.chars().count() - usize::from(quote.is_some());
    let mut masked = " ".repeat(count.saturating_sub(2));
    masked.push_str(if count >= 2 { "… " } else { "…" });
    masked.extend(quote);
    masked
}

/// Indentation, list dashes, then at most one key with its `:` or `=`, then at most a quote.
fn is_key(text: &str) -> bool {
    let mut rest = text.trim_start();
    while let Some(next) = rest.strip_prefix("- ") {
        rest = next.trim_start();
    }
    let rest = rest.strip_prefix("ENV ").or_else(|| rest.strip_prefix("export ")).unwrap_or(rest);
    let rest = rest.trim_end_matches(['"', '\'']).trim_end();
    if rest.is_empty() {
        return true;
    }
    let Some(key) = rest.strip_suffix([':', '=']) else { return false };
    let key = key.trim_end().trim_matches(['"', '\'']);
    !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))
}

/// `resource "aws_db_instance" "`, `FROM --platform=linux/amd64 `.
fn is_heading(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let first = words.next().unwrap_or("");
    let name = |w: &str| w.trim_matches('"').chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    match first {
        "resource" | "module" | "data" | "variable" | "job" | "group" | "task" => words.all(name),
        _ if first.eq_ignore_ascii_case("from") => words.all(|w| w.starts_with("--platform=")),
        _ => false,
    }
}

/// What may stand behind the marked text: closing quotes and brackets, a key's colon, a stage's name.
fn is_punctuation(text: &str) -> bool {
    let rest = text.trim();
    let stage = |w: &str| w.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    let words: Vec<&str> = rest.split_whitespace().collect();
    match words.as_slice() {
        [] => true,
        [keyword, name] if keyword.eq_ignore_ascii_case("as") => stage(name),
        _ => rest.chars().all(|c| "\"',:;{}[]()".contains(c) || c.is_whitespace()),
    }
}

/// A character that shows; one that acts is replaced, so that columns stay.
fn plain(c: char) -> char {
    match c {
        '\t' => ' ',
        c if acts(c) => '\u{fffd}',
        c => c,
    }
}
