//! Text that knows where each of its bytes was written, through every cut, join and replacement.

use std::rc::Rc;
use std::sync::Arc;

use crate::source::{Location, Source, Span};

/// Opens the mark of an unknown value in a text; no manifest writes it, and no image reference is valid with it.
pub(crate) const MARK: char = '\u{e000}';
/// Closes it.
pub(crate) const MARK_END: char = '\u{e001}';

/// Where a run of bytes came from.
#[derive(Clone)]
pub(crate) struct Origin {
    source: Arc<Source>,
    span: Span,
    /// Byte i of the run is byte i of the span.
    exact: bool,
}

impl Origin {
    /// A place whose text is not the run's, byte for byte.
    pub(crate) fn of(at: &Location) -> Self {
        Self { source: Arc::clone(at.source()), span: at.span(), exact: false }
    }

    fn part(&self, start: usize, end: usize) -> Self {
        if !self.exact {
            return self.clone();
        }
        let span = Span { start: self.span.start + start, end: self.span.start + end };
        Self { span, ..self.clone() }
    }

    /// The place.
    pub(crate) fn at(&self) -> Location {
        self.source.at(self.span)
    }
}

/// A run: up to which byte, from where, and the action of the template that wrote it.
#[derive(Clone)]
struct Run {
    end: usize,
    origin: Option<Origin>,
    via: Option<Origin>,
    /// It is there under a condition that is not known: why.
    perhaps: Option<Rc<str>>,
}

/// A text with the origins of its bytes.
#[derive(Clone, Default)]
pub(crate) struct Text {
    text: String,
    runs: Vec<Run>,
}

impl Text {
    /// The whole of a source.
    pub(crate) fn source(source: &Arc<Source>) -> Self {
        let span = Span { start: 0, end: source.text().len() };
        Self::exact(source.text(), source, span)
    }

    fn exact(text: &str, source: &Arc<Source>, span: Span) -> Self {
        let mut out = Self::default();
        out.push(text, Some(Origin { source: Arc::clone(source), span, exact: true }));
        out
    }

    /// A text that is written at a place: as it stands there, or in another form (quoted, folded).
    pub(crate) fn written(text: &str, at: &Location) -> Self {
        if at.text() == text {
            return Self::exact(text, at.source(), at.span());
        }
        let quoted = at.text().get(1..at.text().len().saturating_sub(1));
        if quoted == Some(text) && at.text().starts_with(['"', '\'']) {
            let span = at.span();
            return Self::exact(text, at.source(), Span { start: span.start + 1, end: span.end - 1 });
        }
        let mut out = Self::default();
        out.push(text, Some(Origin::of(at)));
        out
    }

    /// A text that is written nowhere.
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        let text = text.into();
        let end = text.len();
        let runs = if end == 0 { Vec::new() } else { vec![Run { end, origin: None, via: None, perhaps: None }] };
        Self { text, runs }
    }

    /// A text made from another one in a way that keeps no bytes apart.
    pub(crate) fn made(text: impl Into<String>, from: &Self) -> Self {
        let mut out = Self::default();
        let text: String = text.into();
        out.push(&text, from.origin());
        out
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// Adds bytes of one origin.
    pub(crate) fn push(&mut self, text: &str, origin: Option<Origin>) {
        if !text.is_empty() {
            self.text.push_str(text);
            self.runs.push(Run { end: self.text.len(), origin, via: None, perhaps: None });
        }
    }

    /// Adds bytes that belong to what is before them: indentation, quotes.
    pub(crate) fn push_str(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.text.push_str(text);
        let end = self.text.len();
        match self.runs.last_mut() {
            Some(run) if run.origin.is_none() && run.via.is_none() && run.perhaps.is_none() => run.end = end,
            _ => self.runs.push(Run { end, origin: None, via: None, perhaps: None }),
        }
    }

    /// Adds another text.
    pub(crate) fn append(&mut self, other: &Self) {
        let shift = self.text.len();
        self.text.push_str(&other.text);
        self.runs.extend(other.runs.iter().map(|r| Run { end: r.end + shift, ..r.clone() }));
    }

    /// Says that an action of a template wrote all of it.
    pub(crate) fn by(&mut self, via: &Origin) {
        for run in &mut self.runs {
            run.via = Some(via.clone());
        }
    }

    /// Says that all of it is there under a condition that is not known.
    pub(crate) fn guard(&mut self, why: &Rc<str>) {
        for run in &mut self.runs {
            run.perhaps.get_or_insert_with(|| Rc::clone(why));
        }
    }

    /// Why the byte at an offset may not be there.
    pub(crate) fn perhaps(&self, offset: usize) -> Option<&Rc<str>> {
        self.runs.get(self.runs.partition_point(|r| r.end <= offset))?.perhaps.as_ref()
    }

    /// A part of it. Offsets must lie on characters; what lies outside is cut.
    pub(crate) fn slice(&self, start: usize, end: usize) -> Self {
        let end = end.min(self.text.len());
        let mut out = Self::default();
        let Some(text) = self.text.get(start.min(end)..end) else { return out };
        out.text.push_str(text);
        let first = self.runs.partition_point(|r| r.end <= start);
        let mut begin = first.checked_sub(1).and_then(|i| self.runs.get(i)).map_or(0, |r| r.end);
        for run in self.runs.iter().skip(first) {
            if begin >= end {
                break;
            }
            let (from, to) = (start.max(begin), end.min(run.end));
            let origin = run.origin.as_ref().map(|o| o.part(from - begin, to - begin));
            out.runs.push(Run { end: to - start, origin, via: run.via.clone(), perhaps: run.perhaps.clone() });
            begin = run.end;
        }
        out
    }

    /// The part without white space (or these characters) at its ends.
    pub(crate) fn trimmed(&self, start: bool, end: bool, what: impl Fn(char) -> bool) -> Self {
        let text = self.as_str();
        let from = if start { text.len() - text.trim_start_matches(&what).len() } else { 0 };
        let to = if end { text.trim_end_matches(&what).len() } else { text.len() };
        self.slice(from, to.max(from))
    }

    /// Every occurrence of a text replaced.
    pub(crate) fn replaced(&self, old: &str, new: &str) -> Self {
        if old.is_empty() || !self.text.contains(old) {
            return self.clone();
        }
        let mut out = Self::default();
        let mut at = 0;
        for (i, _) in self.text.match_indices(old) {
            out.append(&self.slice(at, i));
            let origin = self.slice(i, i + old.len()).origin();
            out.push(new, origin);
            at = i + old.len();
        }
        out.append(&self.slice(at, self.len()));
        out
    }

    /// Every line after the first moved right.
    pub(crate) fn indented(&self, by: usize) -> Self {
        let pad = " ".repeat(by);
        let mut out = Self::default();
        out.push_str(&pad);
        let mut at = 0;
        for (i, _) in self.text.match_indices('\n') {
            out.append(&self.slice(at, i + 1));
            out.push_str(&pad);
            at = i + 1;
        }
        out.append(&self.slice(at, self.len()));
        out
    }

    /// The one place that its bytes came from: of several, the last that is written somewhere.
    pub(crate) fn origin(&self) -> Option<Origin> {
        self.runs.iter().rev().find_map(|r| r.origin.clone())
    }

    /// Was all of it written in one place?
    pub(crate) fn is_one(&self) -> bool {
        self.runs.len() < 2
    }

    /// Where the bytes of a range were written. One origin: its place. Several: the stretch of the template from the first
    /// to the last of them where they are in one file, else the place of the first that is written at all.
    pub(crate) fn place(&self, start: usize, end: usize) -> Option<Location> {
        let part = self.slice(start, end.max((start + 1).min(self.len())));
        // Quotes that a function put around a value belong to it.
        let mut begin = 0;
        let origins: Vec<&Run> = part
            .runs
            .iter()
            .filter(|r| {
                let text = part.text.get(begin..r.end).unwrap_or("");
                begin = r.end;
                r.origin.is_some() || r.via.is_some() && !text.trim_matches(['"', '\'', ' ', '\n']).is_empty()
            })
            .collect();
        let (first, last) = (origins.first()?, origins.last()?);
        if let ([_], Some(origin)) = (origins.as_slice(), &first.origin) {
            return Some(origin.at());
        }
        let same = |a: &Origin, b: &Origin| a.source.path() == b.source.path() && a.span == b.span;
        if let Some(origin) = &first.origin
            && origins.iter().all(|r| r.origin.as_ref().is_some_and(|o| same(o, origin)))
        {
            return Some(origin.at());
        }
        // An action stands for what it wrote; literal text of the template stands for itself.
        let outer = |r: &Run| r.via.clone().or_else(|| r.origin.clone());
        let (from, to) = (outer(first)?, outer(last)?);
        if from.source.path() == to.source.path() && from.span.start <= to.span.end {
            return Some(from.source.at(Span { start: from.span.start, end: to.span.end }));
        }
        Some(from.at())
    }

    /// The place of the byte at an offset, or of the nearest before it.
    pub(crate) fn place_near(&self, offset: usize) -> Option<Location> {
        let i = self.runs.partition_point(|r| r.end <= offset);
        let near = self.runs.iter().take(i + 1).rev().find_map(|r| r.via.clone().or_else(|| r.origin.clone()))?;
        let begin = i.checked_sub(1).and_then(|i| self.runs.get(i)).map_or(0, |r| r.end);
        Some(if near.exact { near.part(offset.saturating_sub(begin), offset.saturating_sub(begin)).at() } else { near.at() })
    }
}
