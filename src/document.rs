//! Text → a tree that keeps what was written: source text, style, tag, span and comments; never a typed value.
//!
//! What a scalar *means* is the format's business: compose hands an unquoted `1.10` to the container as `1.1`,
//! kubectl reads `on` as true, an image tag stays text.

use std::sync::Arc;

use crate::source::{Location, Source, Span};

pub mod dockerfile;
pub mod dotenv;
pub mod hcl;
pub mod json;
pub(crate) mod template;
pub mod toml;
pub mod yaml;

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// No quotes: its meaning depends on the format.
    Plain,
    /// `'...'`
    Single,
    /// `"..."`
    Double,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// What a node holds.
#[derive(Clone)]
pub enum Content {
    /// Nothing was written.
    Empty,
    /// A scalar; escapes and folding are resolved, types are not.
    Scalar(Arc<str>, Style),
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping in source order; keys may repeat.
    Mapping(Vec<Entry>),
    /// What this form of document cannot say as data (an HCL expression, a template action): the reason or the
    /// expression's own text is at the node's place.
    Expression(Arc<str>),
}

/// A key and its value.
#[derive(Clone)]
pub struct Entry {
    /// The key, a scalar in every format that we read.
    pub key: Node,
    /// The value.
    pub value: Node,
}

/// One node of the tree.
#[derive(Clone)]
pub struct Node {
    /// What it holds.
    pub content: Content,
    /// Where it was written. A merged or interpolated node keeps the place it came from.
    pub at: Location,
    /// The tag as written, with its `!`: `!reset`, `!Ref`.
    pub tag: Option<Arc<str>>,
}

/// Starts the tag of what may not be there; a tag that is written holds no blank.
const PERHAPS: &str = "!perhaps ";

impl std::fmt::Debug for Node {
    /// Kind and place alone: the tree may hold values of environment variables.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = match &self.content {
            Content::Empty => "empty",
            Content::Scalar(..) => "scalar",
            Content::Sequence(_) => "sequence",
            Content::Mapping(_) => "mapping",
            Content::Expression(_) => "expression",
        };
        write!(f, "{what} at {}", self.at)
    }
}

impl Node {
    /// Why it may not be there, where that depends on a condition that is not known: the reason.
    #[must_use]
    pub(crate) fn perhaps(&self) -> Option<&str> {
        self.tag.as_deref()?.strip_prefix(PERHAPS)
    }

    /// Says that it may not be there.
    pub(crate) fn set_perhaps(&mut self, why: &str) {
        self.tag = Some(format!("{PERHAPS}{why}").into());
    }

    /// The text of a scalar, whatever its style. `None` for all else (also for an empty node).
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// Is there no value: nothing written, or a plain `null`, `~`?
    #[must_use]
    pub fn is_null(&self) -> bool {
        match &self.content {
            Content::Empty => true,
            Content::Scalar(text, Style::Plain) => matches!(&**text, "" | "~" | "null" | "Null" | "NULL"),
            _ => false,
        }
    }

    /// The entries of a mapping; empty for all else.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match &self.content {
            Content::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// How many nodes it and all in it are, keys too.
    #[must_use]
    pub fn size(&self) -> usize {
        1 + match &self.content {
            Content::Mapping(entries) => entries.iter().map(|e| 1 + e.value.size()).sum(),
            Content::Sequence(items) => items.iter().map(Self::size).sum(),
            _ => 0,
        }
    }

    /// The items of a list; empty for all else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.content {
            Content::Sequence(items) => items,
            _ => &[],
        }
    }

    /// Is it a mapping?
    #[must_use]
    pub fn is_mapping(&self) -> bool {
        matches!(self.content, Content::Mapping(_))
    }

    /// Is it a list?
    #[must_use]
    pub fn is_sequence(&self) -> bool {
        matches!(self.content, Content::Sequence(_))
    }

    /// The value of a key; the last one wins where a key repeats (as kubectl and most readers have it).
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|e| &e.value)
    }

    /// The entry of a key; the last one wins.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().rev().find(|e| e.key.text() == Some(key))
    }

    /// The value at a path of keys.
    #[must_use]
    pub fn path(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The places of keys that stand twice in one mapping, here and below.
    #[must_use]
    pub fn repeated(&self) -> Vec<&Location> {
        let mut out = Vec::new();
        let mut below = vec![self];
        while let Some(node) = below.pop() {
            let mut seen = std::collections::BTreeSet::new();
            for entry in node.entries() {
                let key = entry.key.text();
                if key.is_some() && key != Some("<<") && !seen.insert(key) {
                    out.push(&entry.key.at);
                }
                below.push(&entry.value);
            }
            below.extend(node.items());
        }
        out.sort();
        out
    }

    /// The text of the scalar at a path of keys.
    #[must_use]
    pub fn text_at(&self, keys: &[&str]) -> Option<&str> {
        self.path(keys)?.text()
    }
}

/// One document of a file.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its root node.
    pub root: Node,
}

/// A comment of the source, in order of position.
#[derive(Debug, Clone)]
pub struct Comment {
    /// The text after the comment sign, trimmed.
    pub text: Arc<str>,
    /// Where it stands.
    pub at: Location,
}

/// A file read into trees: what could be read, and what could not.
#[derive(Debug, Clone, Default)]
pub struct Documents {
    /// The documents that could be read, in order.
    pub documents: Vec<Document>,
    /// All comments.
    pub comments: Vec<Comment>,
    /// What could not be read: place and reason.
    pub errors: Vec<Unreadable>,
}

/// Why a part of a file could not be read.
#[derive(Debug, Clone)]
pub struct Unreadable {
    /// Where.
    pub at: Location,
    /// Why, as one lower-case sentence without a full stop; never quotes the text.
    pub why: String,
}

impl Unreadable {
    /// At one byte offset of a source.
    pub fn new(source: &Arc<Source>, offset: usize, why: impl Into<String>) -> Self {
        Self { at: source.at(Span { start: offset, end: offset }), why: why.into() }
    }
}

impl Documents {
    /// The comment at the end of the line on which a place starts, or alone on the line above it.
    #[must_use]
    pub fn comment_near(&self, at: &Location) -> Option<&Comment> {
        let (source, line) = (at.source(), at.position().line.get());
        self.comment_on(source, line).or_else(|| {
            let above = self.comment_on(source, line.checked_sub(1)?)?;
            let before = source.text().get(source.line_span(line - 1)?.start..above.at.span().start)?;
            before.trim().is_empty().then_some(above)
        })
    }

    /// The first comment that starts on a line of a source.
    fn comment_on(&self, source: &Source, line: u32) -> Option<&Comment> {
        let line = source.line_span(line)?;
        let next = self.comments.partition_point(|c| c.at.span().start < line.start);
        self.comments.get(next).filter(|c| c.at.span().start <= line.end && c.at.path() == source.path())
    }
}

/// Bytes that stand between values.
const SIGNS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        if matches!(byte, b'\n' | b',' | b':' | b'=' | b'[' | b'{') {
            table[byte as usize] = BEFORE | BETWEEN;
        } else if byte.is_ascii_punctuation() && !matches!(byte, b'_' | b'"' | b'#') {
            table[byte as usize] = BETWEEN;
        }
        byte += 1;
    }
    table
};
/// A value may follow.
const BEFORE: u8 = 1;
/// It is no part of a value.
const BETWEEN: u8 = 2;

fn count(text: &str, sign: u8) -> usize {
    text.bytes().filter(|b| SIGNS.get(usize::from(*b)).is_some_and(|s| s & sign != 0)).count()
}

/// How many nodes a text can become at most: one behind each sign between values. What a sign of HCL becomes is twice as large.
pub(crate) fn signs(path: &str, text: &str) -> usize {
    if hcl::is(path) { count(text, BETWEEN).saturating_mul(2) } else { count(text, BEFORE) }
}

/// Why a file is not parsed by a library that counts no nodes: there is at most one between two of the signs counted here.
fn too_many(source: &Arc<Source>) -> Option<Unreadable> {
    let limit = source.limits().nodes;
    (count(source.text(), BETWEEN) > limit)
        .then(|| Unreadable::new(source, 0, format!("has more than the limit of {limit} nodes (signs between values count as such)")))
}

/// Limits of reading one file into a tree. Each has an error that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeLimits {
    /// Deepest nesting of lists and mappings.
    pub depth: usize,
    /// Most nodes of one file, aliases counted as what they expand to.
    pub nodes: usize,
    /// Most of them that aliases may add.
    pub aliases: usize,
}

impl Default for TreeLimits {
    fn default() -> Self {
        Self { depth: 128, nodes: 250_000, aliases: 100_000 }
    }
}
