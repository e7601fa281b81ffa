//! A group of findings → a diagnostic block: the sentence, then both sides in one picture, as rustc shows them.

use std::collections::BTreeMap;
use std::io::{self, Write};

use annotate_snippets::renderer::{DEFAULT_TERM_WIDTH, Renderer};
use annotate_snippets::{AnnotationKind, Element, Group as Diagnostic, Level, Origin, Snippet};

use super::text;
use crate::finding::{Finding, Place};
use crate::report::Look;
use crate::report::escape::terminal;
use crate::report::excerpt::{Excerpt, excerpt};
use crate::report::group::Group;
use crate::report::summary::some_names;
use crate::rules::Severity;

/// So many lines of a file are shown; the keys beyond are named in a note.
const LINES: usize = 6;

/// Lines of one file further apart than this are shown by their places alone: a picture is built of all lines between.
const REACH: usize = 5_000;

/// Writes the block of a group, with an empty line behind it.
pub(super) fn block(group: &Group<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let finding = group.first;
    let state = finding.state.map(|s| format!(" ({})", s.as_str())).unwrap_or_default();
    let head = format!("{}[{}]{state}:", finding.severity.as_str(), finding.rule);
    text::sentence(&head, text::code(finding.severity), &group.message(), 4, look, out)?;
    let level = level(finding.severity);
    let files = files(group);
    let mut block = Diagnostic::with_level(level);
    for (i, file) in files.iter().enumerate() {
        block = block.element(file.element(i == 0));
    }
    for note in notes(group, &files) {
        block = block.element(Level::NOTE.message(wrapped(&note, "note", look)));
    }
    if let Some(help) = group.help() {
        block = block.element(Level::HELP.message(wrapped(help, "help", look)));
    }
    let renderer = if look.color { Renderer::styled() } else { Renderer::plain() };
    let width = if look.wrap { look.width.max(40) } else { DEFAULT_TERM_WIDTH };
    for line in renderer.term_width(width).render(&[block]).lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(out)
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    }
}

/// A note or help, broken so that it stands behind `   = note: `.
fn wrapped(sentence: &str, head: &str, look: Look) -> String {
    let used = head.len() + 10;
    text::wrap(&terminal(sentence), look, used, used).join("\n")
}

/// What is shown of one file for one side.
struct File {
    path: String,
    place: Place,
    /// By line: what may be shown, and its label.
    lines: BTreeMap<u32, (Excerpt, String)>,
    /// Subjects that are to be seen.
    shown: Vec<String>,
    environment: String,
}

/// The files of a group: of the first side first, each once.
fn files(group: &Group<'_>) -> Vec<File> {
    let mut files: Vec<File> = Vec::new();
    for finding in group.findings() {
        for place in &finding.places {
            let environment = finding.environment(place.side);
            let known = files.iter().position(|f| f.path == place.at.path() && f.place.side == place.side);
            let at = known.unwrap_or(files.len());
            if known.is_none() {
                files.push(File {
                    path: place.at.path().to_owned(),
                    place: place.clone(),
                    lines: BTreeMap::new(),
                    shown: Vec::new(),
                    environment: environment.to_owned(),
                });
            }
            if let (Some(file), Some(shown)) = (files.get_mut(at), excerpt(finding, place)) {
                file.show(finding, place, shown);
            }
        }
    }
    files
}

impl File {
    fn show(&mut self, finding: &Finding, place: &Place, excerpt: Excerpt) {
        let line = place.at.position().line.get();
        let near = self.lines.first_key_value().is_none_or(|(first, _)| first.abs_diff(line) as usize <= REACH);
        if self.lines.len() < LINES && near && !self.lines.contains_key(&line) {
            self.shown.push(finding.subject.clone());
            let label = label(finding, place, &excerpt);
            self.lines.insert(line, (excerpt, label));
        }
    }

    /// What stands in front of the picture: `docker-compose.yml:10:7 (dev)` is what the library makes of it.
    fn element(&self, primary: bool) -> Element<'static> {
        let path = terminal(&self.path).into_owned();
        let (Some((first, _)), Some((last, _))) = (self.lines.first_key_value(), self.lines.last_key_value()) else {
            let position = self.place.at.position();
            let origin = Origin::path(path).line(position.line.get() as usize).char_column(position.column.get() as usize);
            return origin.into();
        };
        let mut source = String::new();
        let mut annotations = Vec::new();
        let kind = if primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        let one = |first: &str| self.lines.values().all(|(_, label)| label == first);
        for line in *first..=*last {
            if let Some((excerpt, label)) = self.lines.get(&line) {
                let span = source.len() + excerpt.start..source.len() + excerpt.end;
                let environment = terminal(&self.environment);
                // Several lines that say the same say it once.
                let words = match (annotations.is_empty(), one(label)) {
                    (false, true) => None,
                    _ if label.is_empty() => Some(environment.into_owned()),
                    _ => Some(format!("{environment}: {}", terminal(label))),
                };
                annotations.push(kind.span(span).label(words));
                source.push_str(&excerpt.line);
            } else {
                source.push('…');
            }
            source.push('\n');
        }
        Snippet::source(source).line_start(*first as usize).path(path).annotations(annotations).into()
    }
}

/// What is said beside the marked text; nothing that stands there already.
fn label(finding: &Finding, place: &Place, shown: &Excerpt) -> String {
    let marked = shown.marked().trim_matches(['"', '\'']);
    let name = format!("`{}`", finding.subject);
    if place.label == marked || place.label == name && marked == finding.subject {
        return String::new();
    }
    let rest = place.label.strip_prefix(&name).and_then(|rest| rest.strip_prefix(" is "));
    rest.filter(|_| marked == finding.subject).unwrap_or(&place.label).to_owned()
}

/// What the picture does not show: the other keys, and since when.
fn notes(group: &Group<'_>, files: &[File]) -> Vec<String> {
    let mut notes = Vec::new();
    let seen = |f: &Finding| files.iter().any(|file| file.shown.contains(&f.subject));
    let unseen: Vec<&str> = group.findings().filter(|f| group.len() > 1 && !seen(f)).map(|f| f.subject.as_str()).collect();
    if !unseen.is_empty() {
        notes.push(format!("and {}", some_names(unseen.iter().copied(), usize::MAX)));
    }
    if let Some(since) = &group.first.since {
        notes.push(format!("the two differ since {since}"));
    }
    notes
}
