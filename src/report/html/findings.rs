//! Findings → articles: the sentence, both places with the line as it may be shown, the help. What does not fail is folded.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::{code, printable, sentence};
use crate::finding::{Finding, State};
use crate::report::excerpt::Excerpt;
use crate::report::group::{Group, groups};
use crate::report::picture::{File, files, unseen};
use crate::report::summary::count;
use crate::report::{Report, summary};
use crate::rules::Severity;

/// So many files of a group are shown.
const FILES: usize = 8;

pub(super) fn findings(report: &Report) -> Markup {
    let all = report.urgent();
    let (new, old): (Vec<&Finding>, Vec<&Finding>) = all.into_iter().partition(|f| f.is_new());
    let (drift, notes): (Vec<&Finding>, Vec<&Finding>) = new.into_iter().partition(|f| f.severity > Severity::Info);
    let fixed: Vec<&Finding> = report.findings.iter().filter(|f| f.state == Some(State::Fixed)).collect();
    html! {
        @if drift.is_empty() {
            p { @if report.base.is_some() { "No error and no warning is new." } @else { "No error and no warning." } }
        }
        (articles(&drift))
        (folded(&old, if old.len() == 1 { "finding was there before" } else { "findings were there before" }))
        (folded(&notes, if notes.len() == 1 { "note" } else { "notes" }))
        (folded(&fixed, "fixed"))
    }
}

fn folded(findings: &[&Finding], words: &str) -> Markup {
    html! {
        @if !findings.is_empty() {
            details { summary { (findings.len()) " " (words) } (articles(findings)) }
        }
    }
}

fn articles(findings: &[&Finding]) -> Markup {
    html! { @for group in groups(findings.iter().copied()) { (article(&group)) } }
}

fn article(group: &Group<'_>) -> Markup {
    let finding = group.first;
    let files = files(group);
    let unseen = unseen(group, &files);
    html! {
        article class={ "finding " (finding.severity.as_str()) } {
            h3 {
                span.word { (finding.severity.as_str()) }
                @if let Some(state) = finding.state { " (" (state.as_str()) ")" }
                ": " (sentence(&group.message()))
            }
            p.rule { (code(finding.rule)) @if let Some(since) = &finding.since { ", the two differ since " (printable(since)) } }
            ul.places { @for file in files.iter().take(FILES) { (place(file)) } }
            @if files.len() > FILES { p { "and in " (count(files.len() - FILES, "more file")) } }
            @if !unseen.is_empty() { p { "and " (sentence(&summary::some_names(unseen.iter().copied(), usize::MAX))) } }
            @if let Some(help) = group.help() { p.help { strong { "Help" } ": " (sentence(help)) } }
        }
    }
}

/// One file of one side, with its lines as they may be shown.
fn place(file: &File) -> Markup {
    let width = file.lines.last_key_value().map_or(1, |(last, _)| last.to_string().len());
    let indent = |e: &Excerpt| e.line.chars().take_while(|c| *c == ' ').count().min(e.start);
    let cut = file.lines.values().map(|(e, _)| indent(e)).min().unwrap_or(0);
    let at = match file.lines.first_key_value() {
        Some((line, _)) if file.lines.len() > 1 => format!("{}:{line}", file.path),
        _ => file.place.at.to_string(),
    };
    let labels: BTreeSet<&str> = file.lines.values().map(|(_, label)| label.as_str()).filter(|label| !label.is_empty()).collect();
    html! {
        li {
            strong { (printable(&file.environment)) } " " (code(&at))
            @if file.lines.is_empty() && !file.place.label.is_empty() { " " (sentence(&file.place.label)) }
            @if labels.len() == 1 { " " (sentence(labels.first().copied().unwrap_or(""))) }
            @if !file.lines.is_empty() {
                pre { code {
                    @for (i, (line, (e, label))) in file.lines.iter().enumerate() {
                        @if i > 0 { "\n" }
                        span.number { (format!("{line:width$} ")) }
                        (e.line.get(cut..e.start).unwrap_or("")) mark { (e.marked()) } (e.line.get(e.end..).unwrap_or(""))
                        @if labels.len() > 1 && !label.is_empty() { span.number { "  (" (printable(label)) ")" } }
                    }
                } }
            }
        }
    }
}
