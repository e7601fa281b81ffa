//! Values → YAML text (sigs.k8s.io/yaml), and rendered text → trees whose nodes stand at the lines that state them.

use std::rc::Rc;
use std::sync::Arc;

use super::eval::{Engine, Fail};
use super::text::{MARK, MARK_END, Origin, Text};
use super::value::{Kind, Val, go_float};
use crate::document::{Content, Documents, Entry, Node, Style, TreeLimits, Unreadable, yaml};
use crate::source::{Location, Source};

/// Deepest value that is written.
const DEPTH: usize = 64;

/// `toYaml`.
pub(crate) fn write(engine: &mut Engine<'_>, value: &Val) -> Result<Text, Fail> {
    let mut out = Text::default();
    block(engine, value, 0, &mut out, DEPTH)?;
    let text = out.trimmed(false, true, |c| c == '\n');
    engine.wrote(text.len())?;
    Ok(text)
}

/// `toJson`: YAML in flow style, which is JSON.
pub(crate) fn write_json(engine: &mut Engine<'_>, value: &Val) -> Result<Text, Fail> {
    let mut out = Text::default();
    flow(engine, value, &mut out, DEPTH)?;
    engine.wrote(out.len())?;
    Ok(out)
}

fn block(engine: &mut Engine<'_>, value: &Val, indent: usize, out: &mut Text, depth: usize) -> Result<(), Fail> {
    engine.step(0)?;
    if depth == 0 {
        return Err(Fail::new(format!("writes a value nested deeper than the limit of {DEPTH}")));
    }
    let pad = " ".repeat(indent);
    match &value.kind {
        Kind::Map(map) if !map.borrow().entries.is_empty() => {
            let entries: Vec<_> = map.borrow().entries.iter().map(|(k, (at, v))| (k.clone(), at.clone(), v.clone())).collect();
            for (i, (key, at, v)) in entries.into_iter().enumerate() {
                if i > 0 || out.as_str().ends_with('\n') {
                    out.push_str(&pad);
                }
                let key = at.map_or_else(|| Text::plain(key.clone()), |o| Text::written(&key, &o.at()));
                scalar(&key, 0, out);
                out.push_str(":");
                let nested = match &v.kind {
                    Kind::Map(map) => !map.borrow().entries.is_empty(),
                    Kind::List(items) => !items.is_empty(),
                    _ => false,
                };
                out.push_str(if nested { "\n" } else { " " });
                let deeper = if matches!(v.kind, Kind::List(_)) { indent } else { indent + 2 };
                block(engine, &v, deeper, out, depth - 1)?;
                engine.wrote(indent)?;
            }
        }
        Kind::List(items) if !items.is_empty() => {
            for (i, item) in items.iter().enumerate() {
                if i > 0 || out.as_str().ends_with('\n') {
                    out.push_str(&pad);
                }
                out.push_str("- ");
                block(engine, item, indent + 2, out, depth - 1)?;
            }
        }
        Kind::Str(text) => {
            scalar(text, indent, out);
            if !out.as_str().ends_with('\n') {
                out.push_str("\n");
            }
        }
        _ => {
            leaf(engine, value, out);
            out.push_str("\n");
        }
    }
    Ok(())
}

fn flow(engine: &mut Engine<'_>, value: &Val, out: &mut Text, depth: usize) -> Result<(), Fail> {
    engine.step(0)?;
    if depth == 0 {
        return Err(Fail::new(format!("writes a value nested deeper than the limit of {DEPTH}")));
    }
    match &value.kind {
        Kind::Map(map) => {
            let entries: Vec<_> = map.borrow().entries.iter().map(|(k, (at, v))| (k.clone(), at.clone(), v.clone())).collect();
            out.push_str("{");
            for (i, (key, at, v)) in entries.into_iter().enumerate() {
                if i > 0 {
                    out.push_str(",");
                }
                double(&at.map_or_else(|| Text::plain(key.clone()), |o| Text::written(&key, &o.at())), out);
                out.push_str(":");
                flow(engine, &v, out, depth - 1)?;
            }
            out.push_str("}");
        }
        Kind::List(items) => {
            out.push_str("[");
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(",");
                }
                flow(engine, item, out, depth - 1)?;
            }
            out.push_str("]");
        }
        Kind::Str(text) => double(text, out),
        _ => leaf(engine, value, out),
    }
    Ok(())
}

/// What is neither text nor filled collection.
fn leaf(engine: &mut Engine<'_>, value: &Val, out: &mut Text) {
    let text = match &value.kind {
        Kind::Null => "null".to_owned(),
        Kind::Bool(b) => b.to_string(),
        Kind::Int(n) => n.to_string(),
        // JSON between values and YAML writes integers in full.
        Kind::Float(n) if n.fract() == 0.0 && n.abs() < 1e15 => format!("{n:.0}"),
        Kind::Float(n) => go_float(*n),
        Kind::Map(_) => "{}".to_owned(),
        Kind::List(_) => "[]".to_owned(),
        Kind::Unknown(why) => engine.mark(why),
        Kind::Str(_) | Kind::Files(_) | Kind::ApiVersions => String::new(),
    };
    out.push(&text, value.at.clone());
}

fn double(text: &Text, out: &mut Text) {
    out.push_str("\"");
    out.append(&text.replaced("\\", "\\\\").replaced("\"", "\\\"").replaced("\n", "\\n").replaced("\r", "\\r").replaced("\t", "\\t"));
    out.push_str("\"");
}

/// A text in the plainest style that keeps it a text.
fn scalar(text: &Text, indent: usize, out: &mut Text) {
    let s = text.as_str();
    if s.contains('\n') && !s.starts_with([' ', '\n']) && !s.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        let tail = s.len() - s.trim_end_matches('\n').len();
        out.push_str(match tail {
            0 => "|-\n",
            1 => "|\n",
            _ => "|+\n",
        });
        let pad = " ".repeat(indent.max(2));
        let mut at = 0;
        for line in s.split_inclusive('\n') {
            if line != "\n" {
                out.push_str(&pad);
            }
            out.append(&text.slice(at, at + line.len()));
            at += line.len();
        }
    } else if s.chars().any(|c| c.is_control() || c == '\u{feff}' || c == '\u{85}' || c == '\u{2028}') {
        double(text, out);
    } else if plain(s) {
        out.append(text);
    } else {
        out.push_str("'");
        out.append(&text.replaced("'", "''"));
        out.push_str("'");
    }
}

/// Is a text read as itself without quotes? Numbers, booleans and the like are not, nor what begins with a sign of YAML.
fn plain(s: &str) -> bool {
    let first = s.chars().next().is_some_and(|c| c.is_alphabetic() || matches!(c, '/' | '_' | '.' | MARK));
    let reserved =
        matches!(s.to_ascii_lowercase().as_str(), "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n" | ".inf" | ".nan");
    let signs = s.contains(": ") || s.contains(" #") || s.ends_with([':', ' ']) || s.contains(['{', '}', '[', ']', ',', '`']);
    first && !reserved && !signs && !s.parse::<f64>().is_ok_and(|_| !s.starts_with(MARK))
}

/// Rendered text → documents whose nodes stand where their text was written.
pub(crate) fn of_text(text: &Text, path: &str, reasons: &[Rc<str>]) -> Documents {
    let source = Source::new(path, text.as_str());
    let read = yaml::read(&source, TreeLimits::default());
    let at = |offset: usize| text.place_near(offset).unwrap_or_else(|| Source::new(path, "").whole());
    Documents {
        documents: read.documents.iter().map(|d| crate::document::Document { root: placed(&d.root, text, reasons, false) }).collect(),
        comments: Vec::new(),
        errors: read.errors.into_iter().map(|e| Unreadable { at: at(e.at.span().start), why: e.why }).collect(),
    }
}

/// A node of rendered text at the places of that text; a mark in it makes it an expression, and so does a condition that is
/// not known. A mapping that stands under one as a whole says so, and what is `inside` is what it is where it is there.
pub(crate) fn placed(node: &Node, text: &Text, reasons: &[Rc<str>], inside: bool) -> Node {
    let span = node.at.span();
    let at = text.place(span.start, span.end).or_else(|| text.place_near(span.start)).unwrap_or_else(|| node.at.clone());
    let guard = |n: &Node| text.perhaps(n.at.span().start).filter(|_| !inside);
    let whole = node.entries().first().and_then(|e| guard(&e.key)).filter(|_| node.entries().iter().all(|e| guard(&e.key).is_some()));
    let inside = inside || whole.is_some();
    let content = match &node.content {
        Content::Scalar(value, style) => match reason_in(value, reasons).or_else(|| guard(node).map(|why| why.to_string())) {
            Some(why) => Content::Expression(why.into()),
            None => Content::Scalar(Arc::clone(value), *style),
        },
        Content::Sequence(items) => Content::Sequence(items.iter().map(|n| placed(n, text, reasons, inside)).collect()),
        Content::Mapping(entries) => Content::Mapping(
            entries
                .iter()
                .map(|e| {
                    let key = placed(&e.key, text, reasons, true);
                    let mut value = placed(&e.value, text, reasons, inside);
                    if key.text() == Some("image") {
                        value.at = image_place(&e.value, text).unwrap_or(value.at);
                    }
                    Entry { key, value }
                })
                .collect(),
        ),
        other => other.clone(),
    };
    let mut placed = Node { content, at, tag: node.tag.clone() };
    if let Some(why) = whole {
        placed.set_perhaps(why);
    }
    placed
}

/// The place of an image that is put together: where its tag or digest is written, for that states the version.
fn image_place(node: &Node, text: &Text) -> Option<Location> {
    let Content::Scalar(value, style) = &node.content else { return None };
    let span = node.at.span();
    let quote = usize::from(matches!(style, Style::Single | Style::Double));
    let (start, end) = (span.start + quote, span.end.saturating_sub(quote));
    let written = text.as_str().get(start..end).filter(|w| *w == &**value)?;
    let cut = written.find('@').or_else(|| written.rfind(':').filter(|i| !written.get(*i..).unwrap_or("").contains('/')))?;
    if text.slice(start, end).is_one() {
        return None;
    }
    let part = text.slice(start + cut + 1, end);
    part.origin().map(|o: Origin| o.at()).filter(|_| part.len() > 0).filter(|at| at.text().contains(part.as_str()))
}

/// Why a text is not known: the reason of the first mark in it.
pub(crate) fn reason_in(text: &str, reasons: &[Rc<str>]) -> Option<String> {
    let (_, rest) = text.split_once(MARK)?;
    let (number, _) = rest.split_once(MARK_END)?;
    let reason = number.parse::<usize>().ok().and_then(|i| reasons.get(i));
    Some(reason.map_or_else(|| "the value holds a sign that stands for nothing".to_owned(), |r| r.to_string()))
}
