//! A group of findings → a diagnostic block: the sentence, then both sides in one picture, as rustc shows them.

use std::io::{self, Write};

use annotate_snippets::renderer::{DEFAULT_TERM_WIDTH, Renderer};
use annotate_snippets::{AnnotationKind, Element, Group as Diagnostic, Level, Origin, Snippet};

use super::text;
use crate::report::Look;
use crate::report::escape::terminal;
use crate::report::group::Group;
use crate::report::picture::{File, files, unseen};
use crate::report::summary::some_names;
use crate::rules::Severity;

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
        block = block.element(element(file, i == 0));
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

/// What stands in front of the picture: `docker-compose.yml:10:7 (dev)` is what the library makes of it.
fn element(file: &File, primary: bool) -> Element<'static> {
    let path = terminal(&file.path).into_owned();
    let (Some((first, _)), Some((last, _))) = (file.lines.first_key_value(), file.lines.last_key_value()) else {
        let position = file.place.at.position();
        let origin = Origin::path(path).line(position.line.get() as usize).char_column(position.column.get() as usize);
        return origin.into();
    };
    let mut source = String::new();
    let mut annotations = Vec::new();
    let kind = if primary { AnnotationKind::Primary } else { AnnotationKind::Context };
    let one = |first: &str| file.lines.values().all(|(_, label)| label == first);
    for line in *first..=*last {
        if let Some((excerpt, label)) = file.lines.get(&line) {
            let span = source.len() + excerpt.start..source.len() + excerpt.end;
            let environment = terminal(&file.environment);
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

/// What the picture does not show: the other keys, and since when.
fn notes(group: &Group<'_>, files: &[File]) -> Vec<String> {
    let mut notes = Vec::new();
    let unseen = unseen(group, files);
    if !unseen.is_empty() {
        notes.push(format!("and {}", some_names(unseen.iter().copied(), usize::MAX)));
    }
    if let Some(since) = &group.first.since {
        notes.push(format!("the two differ since {since}"));
    }
    notes
}
