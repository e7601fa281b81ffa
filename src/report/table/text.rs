//! Sentences → lines of a terminal.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use crate::report::Look;
use crate::report::escape::terminal;
use crate::rules::Severity;

/// Paints a text, where colour is wanted.
pub(super) fn paint(text: &str, code: &str, look: Look) -> String {
    if look.color && !code.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// The colour of a severity.
pub(super) fn code(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "1;31",
        Severity::Warning => "1;33",
        Severity::Info => "1;36",
    }
}

/// Writes `HEAD TEXT`, the head painted, later lines indented; the text is escaped here.
pub(super) fn sentence(head: &str, color: &str, text: &str, indent: usize, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let text = terminal(text);
    for (i, line) in wrap(&text, look, head.width() + 1, indent).iter().enumerate() {
        let start = if i == 0 { format!("{} ", paint(head, color, look)) } else { " ".repeat(indent) };
        writeln!(out, "{start}{line}")?;
    }
    Ok(())
}

/// Breaks a text at spaces; the first line starts at `used`, the later ones at `indent`. One line where sentences are
/// not broken.
pub(super) fn wrap(text: &str, look: Look, used: usize, indent: usize) -> Vec<String> {
    if !look.wrap {
        return vec![text.to_owned()];
    }
    let mut lines = vec![String::new()];
    let mut at = used;
    for word in text.split(' ') {
        let width = word.width();
        let Some(line) = lines.last_mut() else { break };
        if !line.is_empty() && at + 1 + width > look.width {
            at = indent + width;
            lines.push(word.to_owned());
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
            at += 1;
        }
        line.push_str(word);
        at += width;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_at_spaces_and_loses_no_word() {
        let look = Look { width: 12, wrap: true, ..Look::default() };
        assert_eq!(wrap("one two three four", look, 4, 2), ["one two", "three four"]);
        assert_eq!(wrap("a-word-that-is-too-long x", look, 4, 2), ["a-word-that-is-too-long", "x"]);
        assert_eq!(wrap("one two three four", Look::default(), 4, 2), ["one two three four"]);
    }
}
