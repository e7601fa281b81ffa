//! A file's text and the places in it: the only way to name a place.

use std::any::Any;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, OnceLock};

use crate::document::TreeLimits;

/// A text that was read, with the path it is shown under.
///
/// The path is relative to the root, with `/` on every system.
pub struct Source {
    path: Arc<str>,
    text: Arc<str>,
    limits: TreeLimits,
    lines: OnceLock<Vec<u32>>,
    characters: OnceLock<Vec<u32>>,
    read: OnceLock<Arc<dyn Any + Send + Sync>>,
}

/// After so many bytes each it is kept how many characters a text has so far.
const STEP: usize = 4096;

impl Source {
    /// A source of `text`, shown as `path`.
    pub fn new(path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Arc<Self> {
        Self::limited(path, text, TreeLimits::default())
    }

    /// A source that is read into a tree within limits.
    pub fn limited(path: impl Into<Arc<str>>, text: impl Into<Arc<str>>, limits: TreeLimits) -> Arc<Self> {
        let (lines, characters, read) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Arc::new(Self { path: path.into(), text: text.into(), limits, lines, characters, read })
    }

    /// Another text that stands in this source or was made of it: read within the same limits.
    pub fn inner(&self, text: impl Into<Arc<str>>) -> Arc<Self> {
        Self::limited(Arc::clone(&self.path), text, self.limits)
    }

    /// What it may become as a tree.
    #[must_use]
    pub fn limits(&self) -> TreeLimits {
        self.limits
    }

    /// The path relative to the root, with `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole text, exactly as it was read.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What a reader makes of the text: made once, however many ask for it, as the modules of Terraform that many others call are.
    /// A source has one reader; what another one makes is not kept.
    pub fn read_once<T: Send + Sync + 'static>(&self, read: impl Fn(&Self) -> T) -> Arc<T> {
        let kept = self.read.get_or_init(|| Arc::new(read(self)));
        Arc::clone(kept).downcast().unwrap_or_else(|_| Arc::new(read(self)))
    }

    /// Byte offset at which each line starts.
    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let breaks = self.text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
            std::iter::once(0).chain(breaks.map(|(i, _)| size(i + 1))).collect()
        })
    }

    /// How many characters begin between two byte offsets. A line may be as long as the file: where they lie far apart, what is kept
    /// of the whole text says it.
    fn characters(&self, start: usize, end: usize) -> usize {
        let text = self.text.as_bytes();
        let count = |start: usize, end: usize| text.get(start..end).unwrap_or_default().iter().filter(|b| begins_one(**b)).count();
        if end - start <= STEP {
            return count(start, end);
        }
        let kept = self.characters.get_or_init(|| {
            let starts = (0..=text.len()).step_by(STEP);
            starts.scan(0, |so_far, at| Some(std::mem::replace(so_far, *so_far + size(count(at, (at + STEP).min(text.len())))))).collect()
        });
        let before = |at: usize| kept.get(at / STEP).map_or(0, |n| *n as usize) + count(at / STEP * STEP, at);
        before(end) - before(start)
    }

    /// The one-based position of a byte offset; columns count characters.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let lines = self.lines();
        let line = lines.partition_point(|start| *start as usize <= offset).max(1);
        let start = lines.get(line - 1).map_or(0, |s| *s as usize);
        Position { line: one_based(line), column: one_based(self.characters(start, offset) + 1) }
    }

    /// Byte range of a line (one-based) without its line break.
    #[must_use]
    pub fn line_span(&self, line: u32) -> Option<Span> {
        let lines = self.lines();
        let start = *lines.get((line as usize).checked_sub(1)?)? as usize;
        let end = lines.get(line as usize).map_or(self.text.len(), |s| *s as usize);
        let end = start + self.text.get(start..end)?.trim_end_matches(['\n', '\r']).len();
        Some(Span { start, end })
    }

    /// The place of a span in this source.
    #[must_use]
    pub fn at(self: &Arc<Self>, span: Span) -> Location {
        Location { source: Arc::clone(self), span }
    }

    /// The place of the whole source: its first character.
    #[must_use]
    pub fn whole(self: &Arc<Self>) -> Location {
        self.at(Span { start: 0, end: 0 })
    }
}

impl fmt::Debug for Source {
    /// The path alone: a source may hold values of environment variables.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({:?})", self.path)
    }
}

/// Does a character of UTF-8 begin with this byte?
fn begins_one(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

fn size(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn one_based(n: usize) -> NonZeroU32 {
    NonZeroU32::new(size(n)).unwrap_or(NonZeroU32::MIN)
}

/// A half-open range of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// Line and column, both counted from one; a column is a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// One-based line.
    pub line: NonZeroU32,
    /// One-based column in characters.
    pub column: NonZeroU32,
}

/// A place: a span of a source.
#[derive(Clone)]
pub struct Location {
    source: Arc<Source>,
    span: Span,
}

impl Location {
    /// The source it is in.
    #[must_use]
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// The path of its source.
    #[must_use]
    pub fn path(&self) -> &str {
        self.source.path()
    }

    /// Its bytes.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// Where it starts.
    #[must_use]
    pub fn position(&self) -> Position {
        self.source.position(self.span.start)
    }

    /// Where it ends (one past the last character).
    #[must_use]
    pub fn end(&self) -> Position {
        self.source.position(self.span.end)
    }

    /// The text at the place. Never print this for an environment variable's value.
    #[must_use]
    pub fn text(&self) -> &str {
        self.source.text().get(self.span.start..self.span.end).unwrap_or("")
    }

    /// A part of this place, by offsets into its text.
    #[must_use]
    pub fn part(&self, start: usize, end: usize) -> Self {
        let span = Span { start: self.span.start + start, end: (self.span.start + end).min(self.span.end.max(self.span.start + start)) };
        Self { source: Arc::clone(&self.source), span }
    }
}

impl PartialEq for Location {
    fn eq(&self, other: &Self) -> bool {
        self.path() == other.path() && self.span == other.span
    }
}

impl Eq for Location {}

impl PartialOrd for Location {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Location {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.path(), self.span).cmp(&(other.path(), other.span))
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Location {
    /// `path:line:column`. Escape it before it goes to a terminal, a workflow command or Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let p = self.position();
        write!(f, "{}:{}:{}", self.path(), p.line, p.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_however_long_the_line_is() {
        let text = format!("a\n{}x", "aé😀".repeat(5000));
        let source = Source::new("a.json", text.as_str());
        let counted = |offset: usize| text.get(2..offset).map_or(0, |s| s.chars().count() + 1);
        let some = text.char_indices().map(|(i, _)| i).filter(|i| *i >= 2).step_by(977).chain([STEP, 2 * STEP + 1, text.len() - 1]);
        for offset in some.filter(|i| text.is_char_boundary(*i)) {
            let position = source.position(offset);
            assert_eq!((position.line.get(), position.column.get() as usize), (2, counted(offset)), "{offset}");
        }
    }
}
