//! Report → what a person reads in a terminal: a block a finding with both places, an overview, what is not known.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::escape::terminal;
use super::group::{Group, groups};
use super::{ComparisonReport, InventoryReport, Left, Look, Problem, Render, Report, fold, summary};
use crate::finding::{Finding, State};
use crate::formats::Manifest;
use crate::inventory::Role;
use crate::rules::Severity;

mod block;
mod overview;
mod text;
mod time;

use text::{paint, sentence};

/// The form.
#[derive(Debug)]
pub struct Terminal;

/// So many findings of one rule that are only worth knowing are shown, unless all are asked for.
const NOTES: usize = 3;

/// So many problems that are no errors are shown.
const PROBLEMS: usize = 5;

/// So many manifests of a side are named.
const MANIFESTS: usize = 4;

impl Render for Terminal {
    fn id(&self) -> &'static str {
        "table"
    }

    fn about(&self) -> &'static str {
        "findings with both places and an overview, for people"
    }

    fn render(&self, report: &Report, look: Look, out: &mut dyn io::Write) -> io::Result<()> {
        findings(report, look, out)?;
        for comparison in &report.comparisons {
            comparison_head(comparison, look, out)?;
            overview::overview(comparison, look, out)?;
            time::time(comparison, report, look, out)?;
        }
        problems(&report.problems, look, out)?;
        for line in summary::sentences(report) {
            let color = line.worst.map_or("1", text::code);
            let text = format!("{}{}", if line.incomplete { "incomplete: " } else { "" }, line.text);
            sentence(&format!("{}:", line.gap), color, &text, 4, look, out)?;
        }
        if let Some(since) = summary::since(report) {
            writeln!(out, "{}", terminal(&since))?;
        }
        for release in summary::releases(report) {
            sentence("release:", "1", &release, 4, look, out)?;
        }
        if let Some(hidden) = summary::hidden(report) {
            writeln!(out, "{hidden}")?;
        }
        writeln!(out, "{}", summary::exit(report))
    }
}

/// Is the finding one to show in full without being asked: drift, and not gone?
fn in_full(finding: &Finding, look: Look) -> bool {
    look.all || finding.severity > Severity::Info && finding.state != Some(State::Fixed)
}

fn findings(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    for group in groups(report.findings.iter().filter(|f| in_full(f, look))) {
        block::block(&group, look, out)?;
    }
    let mut rules: BTreeMap<(Option<State>, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in report.findings.iter().filter(|f| !in_full(f, look)) {
        rules.entry((finding.state.filter(|s| *s == State::Fixed), finding.rule)).or_default().push(finding);
    }
    let mut more = false;
    for ((fixed, rule), findings) in &rules {
        let state = if fixed.is_some() { " (fixed)" } else { "" };
        let groups = groups(findings.iter().copied());
        for group in groups.iter().take(NOTES) {
            let severity = group.first.severity;
            let head = format!("{}[{rule}]{state}:", severity.as_str());
            let place = group.first.places.first().map(|p| format!(" ({})", p.at)).unwrap_or_default();
            let text = format!("{}{}{place}", group.message(), keys(group));
            sentence(&head, text::code(severity), &text, 4, look, out)?;
        }
        if let Some(rest) = groups.get(NOTES..).filter(|r| !r.is_empty()) {
            more = true;
            let mut services: Vec<&str> = rest.iter().flat_map(Group::findings).map(|f| f.service.as_str()).collect();
            services.sort_unstable();
            let many = rest.iter().map(Group::len).sum();
            let words = format!("{}: {}", summary::count(many, "more finding"), summary::some_names(services, 6));
            sentence(&format!("{}[{rule}]{state}:", Severity::Info.as_str()), text::code(Severity::Info), &words, 4, look, out)?;
        }
    }
    if !rules.is_empty() {
        if more {
            writeln!(out, "   = help: `--all` shows each with its places")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// The keys of a group that its sentence only counts.
fn keys(group: &Group<'_>) -> String {
    let keys = group.counted();
    if keys.is_empty() { String::new() } else { format!(": {}", summary::some_names(keys, 8)) }
}

/// What was compared with what, and what was read for it.
fn comparison_head(comparison: &ComparisonReport, look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", paint(&terminal(&fold::title(comparison)), "1", look))?;
    for (name, manifests) in [(&comparison.from, &comparison.from_manifests), (&comparison.to, &comparison.to_manifests)] {
        let show = if look.all { usize::MAX } else { MANIFESTS };
        for manifest in manifests.iter().take(show) {
            sentence(&format!("  {}:", terminal(name)), "", &manifest_words(manifest), 6, look, out)?;
        }
        if manifests.len() > show {
            writeln!(out, "  {}: and {} (`--all` names them)", terminal(name), summary::count(manifests.len() - show, "more manifest"))?;
        }
    }
    left(&comparison.left, look, out)?;
    notes(&comparison.notes, look, out)
}

/// How manifests were read, where there is a choice.
fn notes(notes: &[String], look: Look, out: &mut dyn Write) -> io::Result<()> {
    notes.iter().try_for_each(|note| sentence("  note:", "", note, 6, look, out))
}

fn manifest_words(manifest: &Manifest) -> String {
    let paths = match manifest.paths.as_slice() {
        [first, second, third, rest @ ..] if rest.len() > 1 => format!("{first}, {second}, {third} and {} more", rest.len()),
        paths => paths.join(", "),
    };
    format!("{paths} ({}, {})", manifest.format, manifest.because)
}

/// What was found and left: in full when asked, else one line a reason.
fn left(left: &[Left], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut reasons: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for l in left {
        reasons.entry((&l.format, &l.because)).or_default().push(&l.path);
    }
    for ((format, because), paths) in reasons {
        let show = if look.all { usize::MAX } else { 3 };
        let shown = summary::first_few(paths, show, str::to_owned);
        sentence("  left:", "", &format!("{shown} ({format}, {because})"), 6, look, out)?;
    }
    Ok(())
}

fn problems(problems: &[Problem], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let (errors, others): (Vec<_>, Vec<_>) = problems.iter().partition(|p| p.severity == Severity::Error);
    let show = if look.all { usize::MAX } else { PROBLEMS };
    let sorted = others
        .iter()
        .copied()
        .filter(|p| p.severity == Severity::Warning)
        .chain(others.iter().copied().filter(|p| p.severity == Severity::Info));
    for problem in errors.into_iter().chain(sorted.take(show)) {
        sentence(&format!("{}:", problem.severity.as_str()), text::code(problem.severity), &problem.message, 4, look, out)?;
        if let Some(at) = &problem.at {
            writeln!(out, "  {} {}", paint("-->", "1;94", look), terminal(&at.to_string()))?;
        }
        if let Some(help) = &problem.help {
            sentence("   = help:", "1", help, 11, look, out)?;
        }
    }
    if others.len() > show {
        let words = summary::count(others.len() - show, "more problem");
        writeln!(out, "{words}, none of them an error; `--all` shows each")?;
    }
    if problems.is_empty() { Ok(()) } else { writeln!(out) }
}

/// The inventory for people.
pub(super) fn inventory(report: &InventoryReport, look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", paint(&terminal(&report.inventory.environment), "1", look))?;
    for manifest in &report.manifests {
        writeln!(out, "  {} ({}, {})", terminal(&manifest.paths.join(", ")), manifest.format, terminal(&manifest.because.to_string()))?;
    }
    left(&report.left, look, out)?;
    notes(&report.notes, look, out)?;
    for service in &report.inventory.services {
        let role = if service.role == Role::Backing { service.kind().map_or("backing", |k| &k.name) } else { "workload" };
        writeln!(
            out,
            "\n{} {role}, {}: {}",
            paint(&terminal(&service.name), "1", look),
            service.provider.as_str(),
            terminal(&fold::side(Some(service)))
        )?;
        writeln!(out, "  {}", terminal(&service.stated_at().to_string()))?;
        let text = service.image().map(|i| &i.text);
        if let Some(image) = report.images.iter().find(|i| Some(&i.image) == text) {
            writeln!(out, "  today {}", terminal(&image.words()))?;
        }
        for var in &service.environ.vars {
            writeln!(out, "  {} {} ({}) {}", terminal(&var.key), var.value.state(), var.source.as_str(), terminal(&var.at.to_string()))?;
        }
        for source in &service.environ.unlisted {
            writeln!(out, "  more keys may be set: {} {}", terminal(&source.why), terminal(&source.at.to_string()))?;
        }
    }
    writeln!(out)?;
    problems(&report.problems, look, out)
}
