//! Text from files → text that is inert where it is shown: one function per sink.
//!
//! HTML escapes itself (maud) and so does XML (quick-junit), once [`printable`] took out what XML cannot hold.

use std::borrow::Cow;

/// Is the character one that acts instead of showing: controls (C0, DEL, C1), line separators, marks that turn the
/// direction of text, invisible marks, tags and private escapes?
#[must_use]
pub fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
        || matches!(u32::from(c), 0xfffe | 0xffff)
}

/// Characters that act, written out: `\n`, `\u{1b}`. For terminals, and the first step of every other sink.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if acts(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// For a terminal, and for the log of a CI job, where `##[` begins a command wherever it stands: nothing acts.
#[must_use]
pub fn terminal(text: &str) -> Cow<'_, str> {
    let text = printable(text);
    if text.contains("##[") { Cow::Owned(text.replace("##[", "# #[")) } else { text }
}

/// For a Markdown table cell or running text on GitHub: no cell ends, no code span, no HTML or comment, no link, no
/// emphasis, no mention of a person, no reference to an issue.
#[must_use]
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let printable = printable(text);
    let mut rest = printable.as_ref();
    while let Some(c) = rest.chars().next() {
        // What GitHub would make into a link or a reference by itself is broken by a space without width.
        if let Some(link) = ["://", "www.", "GH-"].into_iter().find(|link| rest.starts_with(link)) {
            out.extend([link.get(..link.len() - 1).unwrap_or(""), "\u{200b}", link.get(link.len() - 1..).unwrap_or("")]);
            rest = rest.get(link.len()..).unwrap_or("");
            continue;
        }
        rest = rest.get(c.len_utf8()..).unwrap_or("");
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '|' => out.push_str("&#124;"),
            '`' => out.push_str("&#96;"),
            '\\' | '*' | '_' | '[' | ']' | '~' | '$' | '^' => out.extend(['\\', c]),
            '@' => out.push_str("@\u{200b}"),
            '#' => out.push_str("#\u{200b}"),
            c => out.push(c),
        }
    }
    out
}

/// A Markdown code span in a table cell. Inside one nothing is read but `|` and the fence, and GitHub does not
/// mention people.
#[must_use]
pub fn markdown_code(text: &str) -> String {
    let text = printable(text);
    let inner: String = text.chars().map(|c| if c == '`' { '\u{2bc}' } else { c }).collect();
    // `\|` is the one escape that a table reads inside a code span; `<!--` could be found by programs that look for
    // their own marker.
    let inner = inner.replace('\\', "\u{2216}").replace('|', "\\|").replace("<!--", "<!\u{200b}--");
    let inner = inner.trim();
    if inner.is_empty() { "\u{2014}".to_owned() } else { format!("`{inner}`") }
}

/// A sentence of ours in which names stand between backticks: the names become code spans, all else is escaped.
#[must_use]
pub fn markdown_sentence(text: &str) -> String {
    let one = |part| match part {
        Spoken::Words(words) => markdown(words),
        Spoken::Name(name) => markdown_code(name),
    };
    spoken(text).into_iter().map(one).collect()
}

/// A part of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoken<'a> {
    /// Words of ours.
    Words(&'a str),
    /// A name, that stood between backticks.
    Name(&'a str),
}

/// A sentence of ours → words and the names between backticks; all of it words where one of the names holds a backtick.
#[must_use]
pub fn spoken(text: &str) -> Vec<Spoken<'_>> {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return vec![Spoken::Words(text)];
    }
    let part = |(i, part)| if i % 2 == 1 { Spoken::Name(part) } else { Spoken::Words(part) };
    parts.into_iter().enumerate().map(part).filter(|part| *part != Spoken::Words("")).collect()
}

/// The path of a relative URI (RFC 3986): all but unreserved characters and `/` in percent.
#[must_use]
pub fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The data of a GitHub workflow command.
#[must_use]
pub fn command_data(text: &str) -> String {
    // https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts: `%`, CR and LF; the rest is for the log
    terminal(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a GitHub workflow command.
#[must_use]
pub fn command_property(text: &str) -> String {
    command_data(text).replace(':', "%3A").replace(',', "%2C")
}
