//! Findings → articles: the sentence, both places with the line as it may be shown, the help. What does not fail is folded.

use maud::{Markup, html};

use super::{code, printable, sentence};
use crate::finding::{Finding, Place};
use crate::report::excerpt::excerpt;
use crate::report::group::{Group, groups};
use crate::report::summary::count;
use crate::report::{Report, summary};
use crate::rules::Severity;

/// So many lines of a group are shown; its keys are listed.
const PLACES: usize = 8;

pub(super) fn findings(report: &Report) -> Markup {
    let all = report.urgent();
    let (new, old): (Vec<&Finding>, Vec<&Finding>) = all.into_iter().partition(|f| f.is_new());
    let (drift, notes): (Vec<&Finding>, Vec<&Finding>) = new.into_iter().partition(|f| f.severity > Severity::Info);
    let fixed: Vec<&Finding> = report.findings.iter().filter(|f| !report.is_present(f)).collect();
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
    let places: Vec<(&Finding, &Place)> = group.findings().flat_map(|f| f.places.iter().map(move |p| (f, p))).collect();
    let mut keys: Vec<&str> = group.findings().map(|f| f.subject.as_str()).collect();
    keys.dedup();
    html! {
        article class={ "finding " (finding.severity.as_str()) } {
            h3 { span.word { (finding.severity.as_str()) } @if let Some(state) = finding.state { " (" (state.as_str()) ")" } ": " (sentence(&group.message())) }
            p.rule { (code(finding.rule)) @if let Some(since) = &finding.since { ", the two differ since " (printable(since)) } }
            @if group.len() > 1 { ul.keys { @for key in &keys { li { (code(key)) } } } }
            ul.places {
                @for (finding, place) in places.iter().take(PLACES) { (shown(finding, place)) }
                @if places.len() > PLACES { li { "and " (count(places.len() - PLACES, "more place")) ": " (more(&places)) } }
            }
            @if let Some(help) = group.help() { p.help { strong { "Help" } ": " (sentence(help)) } }
        }
    }
}

fn shown(finding: &Finding, place: &Place) -> Markup {
    let excerpt = excerpt(finding, place);
    html! {
        li {
            strong { (printable(finding.environment(place.side))) } " " (code(&place.at.to_string()))
            @if let Some(e) = excerpt {
                pre { code { (e.line.get(..e.start).unwrap_or("")) mark { (e.marked()) } (e.line.get(e.end..).unwrap_or("")) } }
            } @else if !place.label.is_empty() { " " (sentence(&place.label)) }
        }
    }
}

fn more(places: &[(&Finding, &Place)]) -> Markup {
    let names: Vec<String> = places.iter().skip(PLACES).map(|(_, p)| p.at.to_string()).collect();
    html! { (sentence(&summary::some_names(names.iter().map(String::as_str), 40))) }
}
