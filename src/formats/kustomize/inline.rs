//! YAML or JSON that stands as text inside a scalar → trees whose nodes stand where they are written.

use std::sync::Arc;

use crate::document::{Content, Documents, Entry, Node, Style, yaml};
use crate::source::{Location, Span};

/// Reads the text of a scalar. In a literal block every node has its own place; in other styles the scalar's.
pub(super) fn read(scalar: &Node) -> Documents {
    let Content::Scalar(value, style) = &scalar.content else { return Documents::default() };
    let mut out = Documents::default();
    if *style != Style::Literal {
        let documents = yaml::read(&scalar.at.source().inner(Arc::clone(value)));
        let place = |_: &Location| scalar.at.clone();
        take(documents, &place, &mut out);
        return out;
    }
    // The block's place starts behind the indentation of its first line.
    let (text, span) = (scalar.at.source().text(), scalar.at.span());
    let first = text.get(..span.start).and_then(|t| t.rfind('\n')).map_or(0, |i| i + 1);
    let raw = text.get(first..span.end).unwrap_or("");
    let mut start = 0;
    let mut pos = 0;
    // Indented, the marks between documents are none to a parser: each document is read on its own.
    for line in raw.split_inclusive('\n').chain(["---"]) {
        if line.trim() == "---" {
            if let Some(part) = raw.get(start..pos.min(raw.len())).filter(|p| !p.trim().is_empty()) {
                let shift = first + start;
                let source = scalar.at.source();
                let place = |at: &Location| source.at(Span { start: at.span().start + shift, end: at.span().end + shift });
                take(yaml::read(&scalar.at.source().inner(part)), &place, &mut out);
            }
            start = pos + line.len();
        }
        pos += line.len();
    }
    out
}

fn take(mut documents: Documents, place: &dyn Fn(&Location) -> Location, out: &mut Documents) {
    for document in &mut documents.documents {
        moved(&mut document.root, place);
    }
    for error in &mut documents.errors {
        error.at = place(&error.at);
    }
    out.documents.append(&mut documents.documents);
    out.errors.append(&mut documents.errors);
}

/// Gives every node of a tree another place.
pub(super) fn moved(node: &mut Node, place: &dyn Fn(&Location) -> Location) {
    node.at = place(&node.at);
    match &mut node.content {
        Content::Mapping(entries) => entries.iter_mut().for_each(|Entry { key, value }| {
            moved(key, place);
            moved(value, place);
        }),
        Content::Sequence(items) => items.iter_mut().for_each(|i| moved(i, place)),
        _ => {}
    }
}
