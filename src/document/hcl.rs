//! HCL text → bodies with spans, over `hcl-edit`; what an expression means is for the format to find out.

use std::sync::{Arc, OnceLock};

use hcl_edit::expr::Traversal;
use hcl_edit::structure::Body;
use hcl_edit::visit_mut::{VisitMut, visit_traversal_mut};

use super::{Unreadable, too_many};
use crate::source::{Location, Source, Span};

mod json;
mod keys;
pub mod outline;

/// A source and the offset from which a parsed piece of it counts.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The source.
    pub source: Arc<Source>,
    /// Where the piece starts in it.
    base: usize,
    /// Where the text of the piece came from, if it is not the source's own.
    places: Option<Arc<json::Places>>,
}

impl Origin {
    /// A piece that starts at an offset of a source.
    #[must_use]
    pub fn new(source: Arc<Source>, base: usize) -> Self {
        Self { source, base, places: None }
    }

    /// The place of a span of the piece.
    #[must_use]
    pub fn place(&self, start: usize, end: usize) -> Location {
        let span = Span { start: self.base + start, end: self.base + end };
        self.source.at(self.places.as_ref().map_or(span, |places| places.span(span)))
    }

    /// The place of something parsed; the whole piece's first character where it has no span.
    #[must_use]
    pub fn at(&self, node: &impl hcl_edit::Span) -> Location {
        let span = node.span().unwrap_or(0..0);
        self.place(span.start, span.end)
    }
}

/// Endings of files that are written in HCL, or become it (developer.hashicorp.com: Files and Configuration Structure, Job
/// Specification).
const ENDINGS: [&str; 8] = [".tf", ".tofu", ".hcl", ".nomad", ".tfvars", ".vars", ".tf.json", ".tofu.json"];

/// Is it HCL by its name?
#[must_use]
pub fn is(path: &str) -> bool {
    ENDINGS.iter().any(|ending| path.ends_with(ending))
}

/// A file read into bodies: one, or one for each top-level block that could be read where not all could.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    /// What could be read, in order.
    pub pieces: Vec<(Body, Origin)>,
    /// What could not.
    pub errors: Vec<Unreadable>,
}

/// Reads a source, in JSON where its name says so. Where it is not all HCL, each top-level block is read by itself, so that one broken block loses itself alone.
#[must_use]
pub fn read(source: &Arc<Source>) -> Parsed {
    if source.path().ends_with(".json") {
        return json::read(source);
    }
    let mut parsed = Parsed::default();
    if let Some(error) = too_many(source) {
        parsed.errors.push(error);
        return parsed;
    }
    // A byte order mark is no part of the text.
    let skip = if source.text().starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    if piece(source, skip, source.text().len(), &mut parsed) {
        return parsed;
    }
    let starts = starts(source.text());
    if starts.len() > 1 {
        parsed = Parsed::default();
        for (i, start) in starts.iter().enumerate() {
            piece(source, *start, starts.get(i + 1).copied().unwrap_or(source.text().len()), &mut parsed);
        }
    }
    parsed
}

/// The blocks of a source, of which each is read when it is first asked for, and once.
#[derive(Debug)]
pub struct Blocks {
    /// Their headings, in order.
    pub headings: Vec<outline::Heading>,
    bodies: Vec<OnceLock<Result<Body, Wrong>>>,
}

/// Where a text is no HCL, and why.
type Wrong = (usize, String);

/// The blocks of a source that is nothing but blocks and comments, and within the limit of nodes; else it is read in full,
/// which says what is wrong.
#[must_use]
pub fn blocks(source: &Arc<Source>) -> Option<Arc<Blocks>> {
    let of = |_: &Source| {
        let json = source.path().ends_with(".json");
        let headings = if json || too_many(source).is_some() { None } else { outline::outline(source.text()) }?;
        let bodies = headings.iter().map(|_| OnceLock::new()).collect();
        Some(Arc::new(Blocks { headings, bodies }))
    };
    Option::clone(&source.read_once(of))
}

impl Blocks {
    /// What is in a block, by number.
    ///
    /// # Errors
    /// What is between its braces is no HCL.
    pub fn body(&self, n: usize, source: &Arc<Source>) -> Result<&Body, Unreadable> {
        let nothing = || Unreadable::new(source, 0, "is no block".to_owned());
        let (heading, body) = self.headings.get(n).zip(self.bodies.get(n)).ok_or_else(nothing)?;
        let read = body.get_or_init(|| {
            let text = source.text().get(heading.whole.start..heading.whole.end).unwrap_or_default();
            let body = of_piece(text, heading.whole.start)?;
            let block = body.into_iter().find_map(|s| s.into_block().ok());
            block.map(|block| block.body).ok_or_else(|| (heading.whole.start, "is no block".to_owned()))
        });
        read.as_ref().map_err(|(at, why)| Unreadable::new(source, *at, why.clone()))
    }
}

/// Reads a piece that starts at an offset.
fn of_piece(text: &str, start: usize) -> Result<Body, Wrong> {
    if let Some(why) = keys::too_many(text) {
        return Err((start, why));
    }
    parse(text).map_err(|error| {
        // The message may quote the text after the first line.
        let why = error.message().lines().next().unwrap_or("").to_lowercase();
        (start + error.location().offset(), format!("is not valid HCL: {why}"))
    })
}

/// Reads one piece; says whether it could be read.
fn piece(source: &Arc<Source>, start: usize, end: usize, parsed: &mut Parsed) -> bool {
    let text = source.text().get(start..end).unwrap_or("");
    match of_piece(text, start) {
        Ok(body) => {
            parsed.pieces.push((body, Origin::new(Arc::clone(source), start)));
            true
        }
        Err((at, why)) => {
            parsed.errors.push(Unreadable::new(source, at, why));
            false
        }
    }
}

/// Parses a template.
///
/// # Errors
/// It is none, or has an object with very many keys: one phrase.
pub fn template(text: &str) -> Result<hcl_edit::template::Template, String> {
    match keys::too_many(text) {
        Some(why) => Err(why),
        None => hcl_edit::parser::parse_template(text).map_err(|_| "is not a valid template".to_owned()),
    }
}

/// Most keys that are written twice, in one piece.
const TWICE: usize = 8;

/// Parses a piece, into no more room than it needs.
fn parse(text: &str) -> Result<Body, hcl_edit::parser::Error> {
    let mut body = parsed(text)?;
    Smaller.visit_body_mut(&mut body);
    Ok(body)
}

/// The parser keeps room for four parts of each name, and each part is large.
struct Smaller;

impl VisitMut for Smaller {
    fn visit_traversal_mut(&mut self, node: &mut Traversal) {
        node.operators.shrink_to_fit();
        visit_traversal_mut(self, node);
    }
}

/// Parses a piece. The parser refuses an object that has a key twice; Terraform takes the later one. So the later key
/// is given another name of the same length, and who reads it takes the name from the source.
fn parsed(text: &str) -> Result<Body, hcl_edit::parser::Error> {
    let mut result = hcl_edit::parser::parse_body(text);
    let mut changed: Option<Vec<u8>> = None;
    for sign in (b'A'..=b'Z').take(TWICE) {
        let Err(error) = &result else { break };
        if !error.message().contains("object key") {
            break;
        }
        // The error stands somewhere on the key; its first letter may be a quote.
        let bytes = changed.get_or_insert_with(|| text.as_bytes().to_vec());
        let line = text.get(..error.location().offset()).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
        let first = bytes.iter().enumerate().skip(line).find(|(_, b)| b.is_ascii_alphanumeric() || **b == b'_').map(|(i, _)| i);
        let Some(letter) = first.and_then(|i| bytes.get_mut(i)) else { break };
        *letter = sign;
        match std::str::from_utf8(bytes).map(hcl_edit::parser::parse_body) {
            Ok(again) => result = again,
            Err(_) => break,
        }
    }
    result
}

/// Where top-level blocks seem to start: a line that starts with a name and ends with `{`.
fn starts(text: &str) -> Vec<usize> {
    let mut starts = vec![0];
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let named = line.starts_with(|c: char| c.is_ascii_alphabetic());
        if named && line.trim_end().ends_with('{') && !line.contains('=') && offset > 0 {
            starts.push(offset);
        }
        offset += line.len();
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_file() {
        let source = Source::new("main.tf", "\u{feff}a = \"b\"\n");
        let parsed = read(&source);
        let (body, origin) = &parsed.pieces[0];
        let value = &body.get_attribute("a").expect("a").value;
        assert_eq!(origin.at(value).text(), "\"b\"");
    }

    #[test]
    fn a_broken_block_loses_itself_alone() {
        let text = "variable \"a\" {\n  default = 1\n}\nresource \"x\" \"y\" {\n  a = = 2\n}\nresource \"x\" \"z\" {\n  b = 3\n}\n";
        let parsed = read(&Source::new("main.tf", text));
        assert_eq!((parsed.pieces.len(), parsed.errors.len()), (2, 1));
        assert_eq!(parsed.errors[0].at.position().line.get(), 5);
        let (body, origin) = &parsed.pieces[1];
        let block = body.blocks().next().expect("a block");
        assert_eq!(origin.at(&block.body.get_attribute("b").expect("b").value).text(), "3");
    }

    #[test]
    fn a_key_that_is_written_twice_is_read() {
        let parsed = read(&Source::new("main.tf", "locals {\n  a = {\n    x = 1\n    y = 2\n    x = 3\n    \"y\" = 4\n  }\n}\n"));
        assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    }

    #[test]
    fn half_a_file_keeps_what_is_whole() {
        let parsed = read(&Source::new("main.tf", "locals {\n  a = 1\n}\nlocals {\n  b = [1, 2"));
        assert_eq!((parsed.pieces.len(), parsed.errors.len()), (1, 1));
    }
}
