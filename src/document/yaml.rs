//! YAML (and JSON, which is YAML) → trees, over the events of `granit-parser`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, Options, Parser, ScalarStyle, Span as YamlSpan};

use super::template::MARK;
use super::{Comment, Content, Document, Documents, Entry, Node, Style, TreeLimits, Unreadable};
use crate::source::{Source, Span};

mod mend;

/// Reads every document of a source. What cannot be read is in `errors`; the documents beside it stand.
#[must_use]
pub fn read(source: &Arc<Source>) -> Documents {
    read_as(source, source.text())
}

/// Reads a text in place of a source's own: as long as it, with the same things in the same places.
pub(crate) fn read_as(source: &Arc<Source>, text: &str) -> Documents {
    let limits = source.limits();
    let read =
        |text: &str| Reader { source, text, limits, nodes: 0, aliased: 0, anchors: BTreeMap::new(), out: Documents::default() }.run();
    let mut out = read(text);
    if out.errors.is_empty() {
        return out;
    }
    let (mut mender, mut text) = (mend::Mender::new(), text.to_owned());
    for _ in 0..mend::MOST {
        let Some(error) = out.errors.first() else { break };
        let Some(mended) = mender.mend(&text, error.at.span().start) else { break };
        let again = read(&mended);
        // It was this, or it was not.
        if again.errors.first().is_some_and(|e| e.at.span().start <= error.at.span().start) {
            break;
        }
        (out, text) = (again, mended);
    }
    out
}

struct Reader<'s> {
    source: &'s Arc<Source>,
    text: &'s str,
    limits: TreeLimits,
    nodes: usize,
    /// How many of them are what aliases stand for.
    aliased: usize,
    anchors: BTreeMap<usize, Anchored>,
    out: Documents,
}

/// What an alias stands for.
struct Anchored {
    node: Node,
    /// How many nodes it is, and how deep.
    size: usize,
    height: usize,
}

/// A collection that is being read.
struct Open {
    anchor: usize,
    start: usize,
    tag: Option<Arc<str>>,
    nodes_before: usize,
    /// The height of what it holds so far.
    height: usize,
    inside: Inside,
}

enum Inside {
    Sequence(Vec<Node>),
    Mapping(Vec<Entry>, Option<Node>),
}

/// Why reading of a document stopped.
enum Stop {
    Limit(Unreadable),
}

impl Reader<'_> {
    fn run(mut self) -> Documents {
        let mut options = Options::default();
        options.flow_nesting_limit = self.limits.depth;
        options.block_nesting_limit = self.limits.depth;
        let mut parser = Parser::new_from_str_with_options(self.text, options);
        let mut stack: Vec<Open> = Vec::new();
        let mut root: Option<Node> = None;
        while let Some(next) = parser.next_event() {
            match next {
                Ok((event, span)) => match self.event(event, span, &mut stack, &mut root) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(Stop::Limit(error)) => {
                        self.out.errors.push(error);
                        break;
                    }
                },
                Err(error) => {
                    let offset = error.marker().byte_offset().unwrap_or(0);
                    self.out.errors.push(Unreadable::new(self.source, offset, self.why(&plain(&error.info()))));
                    stack.clear();
                    root = None;
                    self.anchors.clear();
                    match parser.proceed_next_document() {
                        Ok(true) => {}
                        Ok(false) | Err(_) => break,
                    }
                }
            }
        }
        self.out
    }

    /// The parser's words as ours.
    fn why(&self, words: &str) -> String {
        if words.contains("recursion limit") {
            return format!("is nested deeper than the limit of {} levels", self.limits.depth);
        }
        let language = if self.source.path().ends_with(".json") { "JSON" } else { "YAML" };
        format!("is not valid {language}: {words}")
    }

    /// Takes one event; `false` at the end of the stream.
    fn event(&mut self, event: Event<'_>, span: YamlSpan, stack: &mut Vec<Open>, root: &mut Option<Node>) -> Result<bool, Stop> {
        let bytes = span.byte_range().unwrap_or(0..0);
        match event {
            Event::StreamEnd => return Ok(false),
            Event::DocumentStart(..) => {
                self.anchors.clear();
                stack.clear();
                *root = None;
            }
            Event::DocumentEnd => {
                if let Some(root) = root.take() {
                    self.out.documents.push(Document { root });
                }
            }
            Event::Comment(text, _) => {
                let at = self.source.at(Span { start: bytes.start, end: bytes.end });
                self.out.comments.push(Comment { text: text.trim().into(), at });
            }
            Event::Alias(id) => self.alias(id, &bytes, stack, root)?,
            Event::UnresolvedAlias(_) => {
                self.out.errors.push(Unreadable::new(self.source, bytes.start, "refers to an anchor that is not defined before it"));
                let node = self.node(Content::Empty, bytes.start, bytes.end, None);
                self.place(node, 0, stack, root);
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.count(1, bytes.start)?;
                let style = style_of(style);
                let empty = style == Style::Plain && bytes.is_empty();
                let content = if empty { Content::Empty } else { self.scalar(&text, style, &bytes) };
                let node = self.node(content, bytes.start, bytes.end, tag.map(|t| t.original().into()));
                if anchor != 0 {
                    self.anchors.insert(anchor, Anchored { node: node.clone(), size: 1, height: 0 });
                }
                self.place(node, 0, stack, root);
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.open(Inside::Sequence(Vec::new()), anchor, bytes.start, tag.map(|t| t.original().into()), stack)?;
            }
            Event::MappingStart(_, anchor, tag) => {
                self.open(Inside::Mapping(Vec::new(), None), anchor, bytes.start, tag.map(|t| t.original().into()), stack)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(&bytes, stack, root),
            _ => {}
        }
        Ok(true)
    }

    /// Puts what an alias stands for in its place.
    fn alias(&mut self, id: usize, bytes: &Range<usize>, stack: &mut [Open], root: &mut Option<Node>) -> Result<(), Stop> {
        let found = self.anchors.get(&id).map(|a| (a.node.clone(), a.size, a.height));
        let (node, size, height) = found.unwrap_or_else(|| (self.node(Content::Empty, bytes.start, bytes.end, None), 1, 0));
        self.count(size, bytes.start)?;
        self.aliased = self.aliased.saturating_add(size);
        if self.aliased > self.limits.aliases {
            let why = format!("has aliases that expand to more than the limit of {} nodes", self.limits.aliases);
            return Err(Stop::Limit(Unreadable::new(self.source, bytes.start, why)));
        }
        self.deep(stack.len() + height, bytes.start)?;
        self.place(node, height, stack, root);
        Ok(())
    }

    /// Ends the collection that is open.
    fn close(&mut self, bytes: &Range<usize>, stack: &mut Vec<Open>, root: &mut Option<Node>) {
        let Some(open) = stack.pop() else { return };
        let content = match open.inside {
            Inside::Sequence(items) => Content::Sequence(items),
            Inside::Mapping(mut entries, key) => {
                if let Some(key) = key {
                    let value = self.node(Content::Empty, bytes.start, bytes.start, None);
                    entries.push(Entry { key, value });
                }
                Content::Mapping(entries)
            }
        };
        // A block collection "ends" where the next token starts: its text ends with its last line of content.
        let text = self.source.text().get(open.start..bytes.end).unwrap_or("");
        let end = open.start + text.trim_end().len();
        let node = self.node(content, open.start, end.max(open.start), open.tag);
        if open.anchor != 0 {
            let size = self.nodes - open.nodes_before;
            self.anchors.insert(open.anchor, Anchored { node: node.clone(), size, height: open.height + 1 });
        }
        self.place(node, open.height + 1, stack, root);
    }

    fn open(&mut self, inside: Inside, anchor: usize, start: usize, tag: Option<Arc<str>>, stack: &mut Vec<Open>) -> Result<(), Stop> {
        self.deep(stack.len() + 1, start)?;
        let nodes_before = self.nodes;
        self.count(1, start)?;
        stack.push(Open { anchor, start, tag, nodes_before, height: 0, inside });
        Ok(())
    }

    fn deep(&self, levels: usize, at: usize) -> Result<(), Stop> {
        if levels > self.limits.depth {
            let why = format!("is nested deeper than the limit of {} levels (aliases count as what they expand to)", self.limits.depth);
            return Err(Stop::Limit(Unreadable::new(self.source, at, why)));
        }
        Ok(())
    }

    fn count(&mut self, nodes: usize, at: usize) -> Result<(), Stop> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > self.limits.nodes {
            let why = format!("has more than the limit of {} nodes (aliases count as what they expand to)", self.limits.nodes);
            return Err(Stop::Limit(Unreadable::new(self.source, at, why)));
        }
        Ok(())
    }

    fn place(&mut self, node: Node, height: usize, stack: &mut [Open], root: &mut Option<Node>) {
        if let Some(open) = stack.last_mut() {
            open.height = open.height.max(height);
        }
        match stack.last_mut().map(|open| &mut open.inside) {
            None => *root = Some(node),
            Some(Inside::Sequence(items)) => items.push(node),
            Some(Inside::Mapping(entries, key)) => match key.take() {
                None => *key = Some(node),
                Some(key) => entries.push(Entry { key, value: node }),
            },
        }
    }

    /// A scalar's content, where the text that is read is not the source's own.
    fn scalar(&self, text: &str, style: Style, bytes: &Range<usize>) -> Content {
        if std::ptr::eq(self.text, self.source.text()) {
            return Content::Scalar(text.into(), style);
        }
        if text.contains(MARK) {
            return Content::Expression("a template fills it in".into());
        }
        let own = self.source.text().get(bytes.clone()).unwrap_or("");
        let mended = own.contains('\n') && self.text.get(bytes.clone()).is_some_and(|t| !t.contains('\n'));
        let folded = || {
            let mut events = Parser::new_from_str(own);
            std::iter::from_fn(|| events.next_event()?.ok()).take(8).find_map(|(event, _)| match event {
                Event::Scalar(text, ..) => Some(text.as_ref().into()),
                _ => None,
            })
        };
        Content::Scalar(mended.then(folded).flatten().unwrap_or_else(|| text.into()), style)
    }

    fn node(&self, content: Content, start: usize, end: usize, tag: Option<Arc<str>>) -> Node {
        Node { content, at: self.source.at(Span { start, end }), tag }
    }
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::SingleQuoted => Style::Single,
        ScalarStyle::DoubleQuoted => Style::Double,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
        _ => Style::Plain,
    }
}

/// The parser's words without what it quotes from the text.
fn plain(info: &str) -> String {
    info.lines().next().unwrap_or("").trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Documents {
        read(&Source::new("a.yaml", text))
    }

    #[test]
    fn text_at_the_place_is_the_text() {
        let docs = tree("services:\n  db:\n    image: postgres:15 # as prod\n    ports: [ \"5432\" ]\n---\nb: !reset null\n");
        assert!(docs.errors.is_empty(), "{:?}", docs.errors);
        let image = docs.documents[0].root.path(&["services", "db", "image"]).expect("image");
        assert_eq!((image.text(), image.at.text()), (Some("postgres:15"), "postgres:15"));
        assert_eq!(image.at.to_string(), "a.yaml:3:12");
        assert_eq!(docs.comment_near(&image.at).map(|c| &*c.text), Some("as prod"));
        assert_eq!(docs.documents[1].root.get("b").and_then(|b| b.tag.as_deref()), Some("!reset"));
    }

    #[test]
    fn a_broken_document_does_not_lose_the_next() {
        let docs = tree("a: [1\n---\nb: 2\n");
        assert_eq!(docs.errors.len(), 1);
        assert_eq!(docs.documents.last().and_then(|d| d.root.text_at(&["b"])), Some("2"));
    }

    #[test]
    fn quoted_scalars_may_go_on_at_the_parents_indent() {
        let text = "a:\n  b: \"one\n  two\\\n  three\"\n  c: 'it''s\n\n  x'\n---\nd: 1\n";
        let docs = tree(text);
        assert!(docs.errors.is_empty(), "{:?}", docs.errors);
        let at = |key: &str| docs.documents[0].root.path(&["a", key]).expect("value");
        assert_eq!((at("b").text(), at("c").text()), (Some("one twothree"), Some("it's\nx")));
        assert_eq!(at("b").at.text(), "\"one\n  two\\\n  three\"");
        assert_eq!(docs.documents[1].root.text_at(&["d"]), Some("1"));
        for broken in ["a:\n  b: \"one\n  two\n", "a: [\"x\n", "a: 'x\nb: \"y\n"] {
            assert!(!tree(broken).errors.is_empty(), "{broken}");
        }
    }

    #[test]
    fn bombs_stop_at_the_limit() {
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for i in 1..10 {
            let refs = vec![format!("*a{}", i - 1); 10].join(",");
            bomb.push_str(&format!("a{i}: &a{i} [{refs}]\n"));
        }
        assert!(tree(&bomb).errors[0].why.contains("limit of 100000 nodes"));
        let deep = "[".repeat(100_000);
        assert!(!tree(&deep).errors.is_empty());
        let block: String = (0..2000).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
        assert!(tree(&block).errors[0].why.contains("limit"));
    }
}
