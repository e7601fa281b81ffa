//! JSON, also as a template that nobody has filled in → a tree.
//!
//! Files of task definitions are often no JSON before a pipeline fills them: `"containerPort": ${port}`. A placeholder
//! where a value is expected is a [`Content::Expression`] that says so; what cannot be read is an error with its place,
//! and all around it stands. Comments and a comma too many are read over, as most tools that write such files do.

use std::sync::Arc;

use super::template::{not_filled, placeholder};
use super::{Content, Document, Documents, Entry, Node, Style, TreeLimits, Unreadable};
use crate::source::{Source, Span};

/// Most errors of one file that are worth saying.
const ERRORS: usize = 20;

/// Reads a source as one document.
#[must_use]
pub fn read(source: &Arc<Source>, limits: TreeLimits) -> Documents {
    let mut reader = Reader { source, text: source.text(), at: 0, limits, nodes: 0, stopped: false, errors: Vec::new() };
    if reader.text.starts_with('\u{feff}') {
        reader.at = 3;
    }
    reader.space();
    let mut out = Documents::default();
    if reader.peek().is_some() {
        let root = reader.value(0);
        out.documents.push(Document { root });
        reader.space();
        if reader.peek().is_some() && !reader.stopped {
            reader.error(reader.at, "goes on after the end of its value");
        }
    }
    out.errors = reader.errors;
    out
}

struct Reader<'s> {
    source: &'s Arc<Source>,
    text: &'s str,
    at: usize,
    limits: TreeLimits,
    nodes: usize,
    stopped: bool,
    errors: Vec<Unreadable>,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn error(&mut self, offset: usize, why: &str) {
        if self.errors.len() < ERRORS {
            self.errors.push(Unreadable::new(self.source, offset, why));
        }
    }

    /// Gives up on the rest of the file.
    fn stop(&mut self, why: String) {
        if !self.stopped {
            self.stopped = true;
            self.errors.push(Unreadable::new(self.source, self.at, why));
        }
        self.at = self.text.len();
    }

    /// White space and comments.
    fn space(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            let skipped = rest.len() - trimmed.len();
            let comment = if trimmed.starts_with("//") {
                trimmed.find('\n').unwrap_or(trimmed.len())
            } else if trimmed.starts_with("/*") {
                trimmed.find("*/").map_or(trimmed.len(), |i| i + 2)
            } else {
                0
            };
            self.at += skipped + comment;
            if comment == 0 {
                return;
            }
        }
    }

    fn node(&self, content: Content, start: usize) -> Node {
        Node { content, at: self.source.at(Span { start, end: self.at.max(start) }), tag: None }
    }

    fn value(&mut self, depth: usize) -> Node {
        let start = self.at;
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            self.stop(format!("has more than the limit of {} nodes", self.limits.nodes));
        } else if depth > self.limits.depth {
            self.stop(format!("is nested deeper than the limit of {} levels", self.limits.depth));
        }
        let rest = self.rest();
        let content = match self.peek() {
            None => Content::Empty,
            Some(b'{') if !rest.starts_with("{{") && !rest.starts_with("{%") => self.mapping(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => Content::Scalar(self.string().into(), Style::Double),
            Some(_) => self.bare(),
        };
        self.node(content, start)
    }

    fn list(&mut self, depth: usize) -> Content {
        let open = self.at;
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.space();
            match self.peek() {
                None => {
                    self.unclosed(open, "a list is not closed");
                    break;
                }
                Some(b']') => {
                    self.at += 1;
                    break;
                }
                Some(b',') => self.at += 1,
                Some(b'}' | b':') => {
                    self.error(self.at, "has a sign that no list can hold");
                    if self.peek() == Some(b'}') {
                        break;
                    }
                    self.at += 1;
                }
                Some(_) => items.push(self.value(depth + 1)),
            }
        }
        Content::Sequence(items)
    }

    fn mapping(&mut self, depth: usize) -> Content {
        let open = self.at;
        self.at += 1;
        let mut entries = Vec::new();
        loop {
            self.space();
            match self.peek() {
                None => {
                    self.unclosed(open, "a mapping is not closed");
                    break;
                }
                Some(b'}') => {
                    self.at += 1;
                    break;
                }
                Some(b']') => {
                    self.error(self.at, "has a sign that no mapping can hold");
                    break;
                }
                Some(b',') => self.at += 1,
                Some(b'"') => {
                    let start = self.at;
                    let key = Content::Scalar(self.string().into(), Style::Double);
                    let key = self.node(key, start);
                    self.space();
                    if self.peek() == Some(b':') {
                        self.at += 1;
                        self.space();
                        if matches!(self.peek(), Some(b',' | b'}')) {
                            self.error(self.at, "has a key without a value");
                        }
                        let value = if matches!(self.peek(), Some(b',' | b'}' | b']')) {
                            self.node(Content::Empty, self.at)
                        } else {
                            self.value(depth + 1)
                        };
                        entries.push(Entry { key, value });
                    } else if self.peek().is_some() {
                        self.error(start, "has a key without a value");
                    }
                }
                Some(_) => {
                    // A directive of a template, or a key that is no text: what it stands for cannot be known here.
                    let start = self.at;
                    let bare = self.bare();
                    let what = if matches!(bare, Content::Expression(_)) { "has a placeholder" } else { "has a value" };
                    self.error(start, &format!("{what} where a key is expected"));
                    self.space();
                    if self.peek() == Some(b':') {
                        self.at += 1;
                        self.space();
                        self.value(depth + 1);
                    }
                }
            }
        }
        Content::Mapping(entries)
    }

    fn unclosed(&mut self, open: usize, why: &str) {
        if !self.stopped {
            self.stopped = true;
            self.error(open, why);
        }
    }

    /// A text in quotes; the offset is at its first quote.
    fn string(&mut self) -> String {
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        let mut chars = self.text.get(self.at..).unwrap_or("").char_indices();
        while let Some((i, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += i + 1;
                    return out;
                }
                '\\' => match chars.next() {
                    Some((_, 'n')) => out.push('\n'),
                    Some((_, 't')) => out.push('\t'),
                    Some((_, 'r')) => out.push('\r'),
                    Some((_, 'b')) => out.push('\u{8}'),
                    Some((_, 'f')) => out.push('\u{c}'),
                    Some((_, 'u')) => out.push(unicode(&mut chars)),
                    Some((_, other)) => out.push(other),
                    None => break,
                },
                // JSON has no line break in a text: the closing quote is missing.
                '\n' => {
                    self.at += i;
                    self.error(start, "has a text that is not closed on its line");
                    return out;
                }
                other => out.push(other),
            }
        }
        self.at = self.text.len();
        self.unclosed(start, "a text is not closed");
        out
    }

    /// A number, `true`, `null`, or a placeholder: up to the next sign of JSON.
    fn bare(&mut self) -> Content {
        let start = self.at;
        while let Some(byte) = self.peek() {
            let rest = self.rest();
            let closed = |close: &str| rest.find(close).map_or(rest.len(), |i| i + close.len());
            let step = if rest.starts_with("${") || rest.starts_with("%{") {
                braces(rest)
            } else if rest.starts_with("{{") {
                closed("}}")
            } else if rest.starts_with("{%") {
                closed("%}")
            } else if rest.starts_with("<%") {
                closed("%>")
            } else if byte == b'<' {
                rest.find(['>', '\n']).map_or(rest.len(), |i| i + 1)
            } else if matches!(byte, b',' | b'}' | b']' | b'{' | b'[' | b':' | b'"') || byte.is_ascii_whitespace() {
                break;
            } else {
                rest.chars().next().map_or(1, char::len_utf8)
            };
            self.at += step;
        }
        if self.at == start {
            // Nothing that can begin a value: pass over it, or this would never end.
            self.error(start, "has a sign where a value is expected");
            self.at += self.rest().chars().next().map_or(0, char::len_utf8);
            return Content::Empty;
        }
        let text = self.text.get(start..self.at).unwrap_or("");
        let number = text.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit()) && !text.contains(['$', '{', '<']);
        if number || matches!(text, "true" | "false" | "null") {
            return Content::Scalar(text.into(), Style::Plain);
        }
        Content::Expression(not_filled(placeholder(text).unwrap_or(text)).into())
    }
}

/// The length of `${...}` with the braces inside it.
fn braces(text: &str) -> usize {
    let mut open = 0_usize;
    for (i, b) in text.bytes().enumerate() {
        match b {
            b'{' => open += 1,
            b'}' if open <= 1 => return i + 1,
            b'}' => open -= 1,
            _ => {}
        }
    }
    text.len()
}

/// The character of `\uXXXX`, of two of them where the first says that a second follows.
fn unicode(chars: &mut std::str::CharIndices<'_>) -> char {
    let four = |chars: &mut std::str::CharIndices<'_>| {
        let digits: String = chars.as_str().chars().take(4).collect();
        let value = u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 4)?;
        chars.nth(3);
        Some(value)
    };
    let Some(first) = four(chars) else { return char::REPLACEMENT_CHARACTER };
    if (0xD800..0xDC00).contains(&first) && chars.as_str().starts_with("\\u") {
        chars.nth(1);
        let second = four(chars).unwrap_or(0);
        if (0xDC00..0xE000).contains(&second) {
            let all = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
            return char::from_u32(all).unwrap_or(char::REPLACEMENT_CHARACTER);
        }
        return char::REPLACEMENT_CHARACTER;
    }
    char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Documents {
        read(&Source::new("task.json", text), TreeLimits::default())
    }

    fn root(docs: &Documents) -> &Node {
        &docs.documents[0].root
    }

    #[test]
    fn places_and_text() {
        let docs = tree("{\n  \"a\": [\"\\u00e9\\ud83d\\ude00\\n\", 1.10, true, null],\n  // why\n  \"b\": {\"c\": -2},\n}\n");
        assert!(docs.errors.is_empty(), "{:?}", docs.errors);
        let items = root(&docs).get("a").map(Node::items).expect("a list");
        let texts: Vec<_> = items.iter().map(Node::text).collect();
        assert_eq!(texts, [Some("é😀\n"), Some("1.10"), Some("true"), Some("null")]);
        assert_eq!(items[1].at.to_string(), "task.json:2:33");
        assert!(items[3].is_null());
        assert_eq!(root(&docs).path(&["b", "c"]).map(|n| n.at.text()), Some("-2"));
    }

    #[test]
    fn placeholders_are_expressions_that_name_them() {
        let docs = tree(
            "{\"a\": ${port}, \"b\": {{ .Port }}, \"c\": <PORT>, \"d\": <%= port %>, \"e\": ${jsonencode({a = {}})}, \"f\": 5${zeros}}",
        );
        assert!(docs.errors.is_empty(), "{:?}", docs.errors);
        let why = |key: &str| match &root(&docs).get(key).expect(key).content {
            Content::Expression(why) => why.to_string(),
            _ => "no expression".into(),
        };
        assert_eq!(why("a"), "the placeholder `${port}` is not filled in");
        assert_eq!(why("b"), "the placeholder `{{ .Port }}` is not filled in");
        assert_eq!(why("c"), "the placeholder `<PORT>` is not filled in");
        assert_eq!(why("d"), "the placeholder `<%= port %>` is not filled in");
        assert!(why("e").contains("jsonencode") && why("f").contains("zeros"));
        assert_eq!(root(&docs).get("a").map(|n| n.at.text()), Some("${port}"));
    }

    #[test]
    fn what_cannot_be_read_is_said_and_the_rest_stands() {
        let docs = tree("{\"a\": 1, %{ if x } \"b\": 2, c: 3, \"d\" 4, \"e\": 5, \"f\": \"x\n,\"g\": 6}");
        let text = |key: &str| root(&docs).text_at(&[key]).map(str::to_owned);
        assert_eq!((text("a"), text("b"), text("e"), text("g")), (Some("1".into()), Some("2".into()), Some("5".into()), Some("6".into())));
        assert!(docs.errors.len() >= 4, "{:?}", docs.errors);
    }

    #[test]
    fn half_a_file_at_any_byte() {
        let whole = "{\"a\": [{\"b\": \"c\\u00e9\"}, ${x}, {{ y }}], \"é\": <Z>}";
        for end in (0..whole.len()).filter(|i| whole.is_char_boundary(*i)) {
            let docs = tree(&whole[..end]);
            assert!(end == 0 || !docs.errors.is_empty(), "{end}");
        }
    }

    #[test]
    fn hostile() {
        assert!(tree(&"[".repeat(100_000)).errors[0].why.contains("limit of 128"));
        assert!(!tree(&"]}:,".repeat(50_000)).errors.is_empty());
        assert!(tree(&"{\"a\":".repeat(100_000)).errors[0].why.contains("limit of 128"));
        assert!(!tree(&"{{".repeat(50_000)).documents.is_empty());
    }
}
