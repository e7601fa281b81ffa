//! A text that holds JSON, YAML, HCL or variables, perhaps with parts that are not known → its tree, each node at its own place.

use std::sync::Arc;

use super::value::{JSON, MORE, PARTS, joined, list, more, more_entry, parts, tagged, text, unknown, why};
use crate::document::{Content, Entry, Node, Style, yaml};
use crate::report::Problem;
use crate::source::{Location, Source, Span};

mod dotenv;

pub(in crate::formats) use dotenv::dotenv;

/// Signs from the private use area stand around the number of a part in the text that is parsed.
const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

/// Deepest nesting of texts in texts.
const DEEPEST: usize = 8;

/// Reads the tree of a value that is a text of JSON or YAML.
pub(super) fn read(node: &Node) -> Result<Node, Arc<str>> {
    read_at(node, 0)
}

fn read_at(node: &Node, depth: usize) -> Result<Node, Arc<str>> {
    if depth > DEEPEST {
        return Err("texts are nested too deeply".into());
    }
    match &node.content {
        Content::Sequence(_) | Content::Mapping(_) if tagged(node, JSON) || node.tag.is_none() => Ok(Node { tag: None, ..node.clone() }),
        _ => pieces(node)?.parse(node, depth),
    }
}

/// The pieces of a text, or why there is none.
fn pieces(node: &Node) -> Result<Pieces<'_>, Arc<str>> {
    match &node.content {
        Content::Sequence(pieces) if tagged(node, PARTS) => Ok(Pieces::of(pieces)),
        Content::Scalar(..) => Ok(Pieces::of(std::slice::from_ref(node))),
        Content::Expression(why) => Err(Arc::clone(why)),
        _ => Err("it is no text".into()),
    }
}

/// How a source of HCL becomes trees; is it a file of its own?
pub(super) type ReadHcl<'r> = &'r mut dyn FnMut(&Arc<Source>, bool, &mut Vec<Problem>) -> Vec<Node>;

/// Reads a text that holds HCL; a text that is a whole file is read as that file.
pub(super) fn hcl(node: &Node, read: ReadHcl<'_>, problems: &mut Vec<Problem>) -> Result<Vec<Node>, Arc<str>> {
    let file = node.at.source();
    if node.text() == Some(file.text()) {
        return Ok(read(file, true, problems));
    }
    let pieces = Pieces { evaluated: true, ..pieces(node)? };
    let source = node.at.source().inner(pieces.text.as_str());
    let mut found = Vec::new();
    let trees = read(&source, false, &mut found);
    let placed = |at: Location| if Arc::ptr_eq(at.source(), &source) { pieces.origin(&at, &node.at) } else { at };
    problems.extend(found.into_iter().map(|p| Problem { at: p.at.map(placed), ..p }));
    Ok(trees.into_iter().map(|n| pieces.place(n, &node.at, 0)).collect())
}

/// The text that is parsed, and where its parts came from.
struct Pieces<'n> {
    text: String,
    /// Start in `text`, the part, and whether its text stands there.
    starts: Vec<(usize, &'n Node, bool)>,
    values: Vec<&'n Node>,
    /// Do the tags of what is read in it mean what they mean here?
    evaluated: bool,
}

impl<'n> Pieces<'n> {
    fn of(pieces: &'n [Node]) -> Self {
        let mut out = Pieces { text: String::new(), starts: Vec::new(), values: Vec::new(), evaluated: false };
        let single = pieces.len() == 1;
        for piece in pieces {
            let literal = single || matches!(piece.content, Content::Scalar(_, Style::Literal));
            out.starts.push((out.text.len(), piece, literal));
            match piece.text() {
                // A tab indents nothing in YAML; in JSON it is a space.
                Some(text) if literal => out.text.push_str(&text.replace('\t', " ")),
                _ => {
                    out.text.push_str(&format!("{OPEN}{}{CLOSE}", out.values.len()));
                    out.values.push(piece);
                }
            }
        }
        out
    }

    fn parse(&self, node: &Node, depth: usize) -> Result<Node, Arc<str>> {
        let source = node.at.source().inner(self.text.as_str());
        let documents = yaml::read(&source);
        if let Some(error) = documents.errors.first() {
            return Err(format!("the text {}", error.why).into());
        }
        match documents.documents.into_iter().next() {
            Some(document) => Ok(self.place(document.root, &node.at, depth)),
            None => Err("the text is empty".into()),
        }
    }

    /// Where a place of the parsed text was written.
    fn origin(&self, at: &Location, whole: &Location) -> Location {
        let i = self.starts.partition_point(|(start, ..)| *start <= at.span().start);
        match i.checked_sub(1).and_then(|i| self.starts.get(i)) {
            Some((start, piece, true)) if piece.text() == Some(piece.at.text()) => {
                let shift = |n: usize| piece.at.span().start + n.saturating_sub(*start);
                let span = at.span();
                piece.at.source().at(Span { start: shift(span.start), end: shift(span.end).min(piece.at.span().end) })
            }
            Some((start, piece, true)) => line_of(piece, at.span().start.saturating_sub(*start)),
            Some((_, piece, false)) => piece.at.clone(),
            None => whole.clone(),
        }
    }

    /// The node with its own place, and with its parts put in.
    fn place(&self, node: Node, whole: &Location, depth: usize) -> Node {
        let at = self.origin(&node.at, whole);
        let content = match node.content {
            Content::Sequence(items) => {
                let mut out = Vec::new();
                for item in items {
                    let placed = self.place(item, whole, depth);
                    match why(&placed) {
                        Some(why) if !self.evaluated => out.push(more(why, &placed.at)),
                        _ => out.push(placed),
                    }
                }
                Content::Sequence(out)
            }
            Content::Mapping(entries) => Content::Mapping(
                entries
                    .into_iter()
                    .map(|e| {
                        let (key, value) = (self.place(e.key, whole, depth), self.place(e.value, whole, depth));
                        match why(&key) {
                            Some(why) if !self.evaluated => more_entry(why, &key.at),
                            _ => Entry { key, value },
                        }
                    })
                    .collect(),
            ),
            Content::Scalar(scalar, style) if scalar.contains(OPEN) => return self.fill(&scalar, style, &at, depth),
            other => other,
        };
        Node { content, at, tag: node.tag.filter(|_| self.evaluated) }
    }

    /// A scalar with parts in it.
    fn fill(&self, scalar: &str, style: Style, at: &Location, depth: usize) -> Node {
        let mut out: Vec<Node> = Vec::new();
        let mut rest = scalar;
        while let Some(start) = rest.find(OPEN) {
            let (before, after) = rest.split_at(start);
            if !before.is_empty() {
                out.push(text(before, at));
            }
            let Some((number, tail)) = after.get(OPEN.len_utf8()..).and_then(|a| a.split_once(CLOSE)) else { break };
            match number.parse::<usize>().ok().and_then(|n| self.values.get(n)) {
                Some(value) => out.push((*value).clone()),
                None => out.push(unknown("the text holds signs that are not read", at)),
            }
            rest = tail;
        }
        if !rest.is_empty() {
            out.push(text(rest, at));
        }
        let [only] = out.as_slice() else {
            return joined(&parts(out, at), at);
        };
        if style != Style::Plain {
            return Node { tag: only.tag.clone().filter(|t| **t != *MORE), ..only.clone() };
        }
        // Unquoted: the part gives data, not a text.
        match &only.content {
            Content::Sequence(_) | Content::Mapping(_) if tagged(only, JSON) => Node { tag: None, ..only.clone() },
            Content::Scalar(text, _) if text.trim_start().starts_with(['[', '{']) => {
                read_at(only, depth + 1).unwrap_or_else(|why| unknown(why, at))
            }
            Content::Sequence(items) if items.is_empty() => list(Vec::new(), at),
            _ => only.clone(),
        }
    }
}

/// The place in a text whose indentation was taken off: the line on which an offset falls.
fn line_of(piece: &Node, offset: usize) -> Location {
    let before = piece.text().and_then(|t| t.get(..offset)).unwrap_or("");
    let n = before.matches('\n').count();
    // Escapes for line ends: the text stands on one line.
    if piece.at.text().matches('\n').count() < n {
        return piece.at.clone();
    }
    let start: usize = piece.at.text().split_inclusive('\n').take(n).map(str::len).sum();
    let line = piece.at.text().get(start..).and_then(|t| t.lines().next()).unwrap_or("");
    let indent = line.len() - line.trim_start().len();
    piece.at.part(start + indent, start + line.trim_end().len())
}
