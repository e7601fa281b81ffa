//! Report → Markdown for GitHub: a comment in a pull request, a job summary. New and worse first; what does not fit is cut
//! by whole rows, in words.

use std::io;

use super::escape::{markdown, markdown_code, markdown_sentence};
use super::group::{Group, groups};
use super::{Exit, Look, Render, Report, summary};
use crate::finding::{Finding, State};
use crate::rules::Severity;

mod cut;
mod details;

use cut::{Cut, Section};

/// The form.
#[derive(Debug)]
pub struct Markdown;

/// The form, cut to what a comment holds.
#[derive(Debug)]
pub struct Comment;

/// A comment holds 65,536 characters: room is left for what publishing adds.
const COMMENT: usize = 45_000;

/// A job summary holds 1 MiB; beyond it is lost as a whole.
const SUMMARY: usize = 1_000_000;

/// So many keys of a group are named.
const KEYS: usize = 20;

impl Render for Markdown {
    fn id(&self) -> &'static str {
        "markdown"
    }

    fn about(&self) -> &'static str {
        "Markdown for a job summary"
    }

    fn render(&self, report: &Report, _: Look, out: &mut dyn io::Write) -> io::Result<()> {
        out.write_all(render_capped(report, SUMMARY).as_bytes())
    }
}

impl Render for Comment {
    fn id(&self) -> &'static str {
        "comment"
    }

    fn about(&self) -> &'static str {
        "the same Markdown, cut to what a comment or an issue of GitHub holds"
    }

    fn render(&self, report: &Report, _: Look, out: &mut dyn io::Write) -> io::Result<()> {
        out.write_all(render_capped(report, COMMENT).as_bytes())
    }
}

/// The report in at most `cap` bytes (a comment of GitHub holds 65,536 characters), cut by whole rows.
#[must_use]
pub fn render_capped(report: &Report, cap: usize) -> String {
    let mut out = Cut::new(cap, &head(report), &tail(report));
    for section in findings(report).into_iter().chain(details::sections(report)) {
        out.add(section);
    }
    out.finish()
}

/// How it ends and the sentences: always there.
fn head(report: &Report) -> String {
    let title = match report.exit() {
        Exit::Drift if report.base.is_some() => "New drift between development and production",
        Exit::Drift => "Drift between development and production",
        Exit::Usage | Exit::Unknown => "Could not tell: something needed could not be read",
        Exit::Clean if report.base.is_some() => "No new drift between development and production",
        Exit::Clean => "No drift that fails",
    };
    let mut out = format!("### parity: {title}\n\n");
    for sentence in summary::sentences(report) {
        let incomplete = if sentence.incomplete { "incomplete: " } else { "" };
        out.push_str(&format!("- **{}**: {incomplete}{}\n", sentence.gap, markdown_sentence(&sentence.text)));
    }
    if let Some(since) = summary::since(report) {
        out.push_str(&format!("\n{}.\n", upper(&markdown(&since))));
    }
    for release in summary::releases(report) {
        out.push_str(&format!("\n{}.\n", upper(&markdown_sentence(&release))));
    }
    out
}

/// What is hidden, what could not be read, how it ends: always there.
fn tail(report: &Report) -> String {
    let parts = [summary::hidden(report), summary::problems(report), Some(summary::exit(report))];
    let said: Vec<String> = parts.into_iter().flatten().map(|s| markdown_sentence(&s)).collect();
    format!("\n<sub>{}</sub>\n", said.join(" · "))
}

fn upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The findings: what fails the run in sight, all else folded.
fn findings(report: &Report) -> Vec<Section> {
    let all = report.urgent();
    let of = |wanted: &dyn Fn(&Finding) -> bool| all.iter().copied().filter(|f| wanted(f)).collect::<Vec<_>>();
    let based = report.base.is_some();
    let mut out = Vec::new();
    for (severity, one) in [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "note")] {
        let shown = of(&|f| f.is_new() && f.severity == severity);
        let title = format!("{}{}", if based { "New or worse: " } else { "" }, summary::count(shown.len(), one));
        out.extend(table(&shown, &upper(&title), severity == Severity::Info));
    }
    if based {
        let old = of(&|f| !f.is_new());
        out.extend(table(
            &old,
            &format!(
                "{} before",
                upper(&summary::count(old.len(), "finding that was there").replace("findings that was", "findings that were"))
            ),
            true,
        ));
        let gone: Vec<&Finding> = report.findings.iter().filter(|f| f.state == Some(State::Fixed)).collect();
        out.extend(table(&gone, &format!("Fixed: {}", summary::count(gone.len(), "finding")), true));
    }
    out
}

fn table(findings: &[&Finding], title: &str, folded: bool) -> Option<Section> {
    let rows: Vec<String> = groups(findings.iter().copied()).iter().map(row).collect();
    let head = "| | finding | where |\n|---|---|---|\n";
    (!rows.is_empty()).then(|| Section::table(title, folded, head, rows, "row"))
}

fn row(group: &Group<'_>) -> String {
    let finding = group.first;
    let mut said = markdown_sentence(&cut::short(&group.message()));
    if group.len() > 1 {
        let mut keys: Vec<&str> = group.findings().map(|f| f.subject.as_str()).collect();
        keys.dedup();
        said.push_str(&format!(": {}", summary::first_few(keys, KEYS, |k| markdown_code(&cut::short(k)))));
    }
    said.push_str(&format!(" ({})", markdown_code(finding.rule)));
    if let Some(help) = group.help() {
        said.push_str(&format!("<br>→ {}", markdown_sentence(&cut::short(help))));
    }
    if let Some(since) = &finding.since {
        said.push_str(&format!("<br>The two differ since {}.", markdown(since)));
    }
    let places: Vec<String> = finding
        .places
        .iter()
        .take(4)
        .map(|p| format!("{} {}", markdown(&cut::short(finding.environment(p.side))), markdown_code(&cut::short(&p.at.to_string()))))
        .collect();
    let state = finding.state.map(|s| format!(", {}", s.as_str())).unwrap_or_default();
    format!("| {}{state} | {said} | {} |\n", finding.severity.as_str(), places.join("<br>"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn new_and_worse_come_first_and_nothing_breaks_a_cell() {
        let text = render_capped(&sample::report(), SUMMARY);
        let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words}\n{text}"));
        assert!(
            at("New or worse: 1 error") < at("New or worse: 1 warning")
                && at("New or worse: 1 warning") < at("1 finding that was there before")
        );
        at("`16\\|<b>50%`");
        at(
            "hidden: 1 finding by an exception, 2 findings by the baseline, 3 findings of rules that are off · 1 problem (1 error) · exit 1: new drift",
        );
        at("Fixed: 1 finding");
    }

    #[test]
    fn any_cap_is_kept_by_whole_rows_and_said() {
        let mut report = sample::report();
        let one = report.findings[0].clone();
        report.findings = (0..400).map(|i| Finding { message: format!("`db` {i}"), subject: i.to_string(), ..one.clone() }).collect();
        let full = render_capped(&report, usize::MAX);
        for cap in [3_000, 10_000, 60_000] {
            let text = render_capped(&report, cap);
            assert!(text.len() <= cap, "{} of {cap}", text.len());
            assert!(text.contains("not shown"), "{text}");
            assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
            assert!(text.contains("exit 1: new drift"), "{text}");
            let rows = |t: &str| t.lines().filter(|l| l.starts_with("| error")).map(str::to_owned).collect::<Vec<_>>();
            assert!(rows(&text).iter().all(|row| full.contains(row)) && rows(&text).len() < 400);
        }
        assert!(!full.contains("not shown"));
    }
}
