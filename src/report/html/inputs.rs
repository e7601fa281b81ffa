//! What was accepted, what is not known, what was read and what was left.

use maud::{Markup, html};

use super::{code, printable, scroll, sentence};
use crate::formats::Manifest;
use crate::report::summary::count;
use crate::report::{Exception, Problem, Report, fold, summary};

pub(super) fn exceptions(report: &Report) -> Option<Markup> {
    let row = |e: &Exception| {
        html! {
            tr {
                th scope="row" { (code(&e.rule)) }
                td { @for of in [&e.service, &e.subject].into_iter().flatten() { (code(of)) " " } }
                td.wide { (printable(&e.reason)) }
                td { @if let Some(day) = &e.expires { (printable(day)) } @else { "no end" } }
                td.number { (e.hides) }
            }
        }
    };
    let table = html! {
        table {
            thead { tr { @for head in ["rule", "of", "why", "until", "hides"] { th scope="col" { (head) } } } }
            tbody { @for e in &report.exceptions { (row(e)) } }
        }
    };
    let hidden = summary::hidden(report);
    (hidden.is_some() || !report.exceptions.is_empty()).then(|| {
        html! {
            @if let Some(hidden) = &hidden { p { (hidden) "." } }
            @if !report.exceptions.is_empty() { (scroll("Exceptions", &table)) }
        }
    })
}

/// Problems, pairs that could not be compared, sources of keys that could not be listed.
pub(super) fn unknowns(report: &Report) -> Option<Markup> {
    let mut pairs = Vec::new();
    let mut keys = Vec::new();
    for (comparison, pair) in report.comparisons.iter().flat_map(|c| c.services.iter().map(move |s| (c, s))) {
        let title = if report.comparisons.len() > 1 { format!(" ({})", fold::title(comparison)) } else { String::new() };
        if summary::uncompared(pair) && pair.role == crate::inventory::Role::Backing {
            pairs.push((&pair.name, title.clone(), pair.outcome.because.as_str()));
        }
        keys.extend(pair.env.iter().flat_map(|e| &e.unknown).map(|why| (&pair.name, title.clone(), why.as_str())));
    }
    if report.problems.is_empty() && pairs.is_empty() && keys.is_empty() {
        return None;
    }
    Some(html! {
        @if !report.problems.is_empty() {
            h3 { (summary::problems(report).unwrap_or_default()) }
            (scroll("Problems", &problems(report)))
        }
        (reasons("could not be compared", "service", &pairs))
        (reasons("keys could not be listed in full", "source", &keys))
    })
}

fn problems(report: &Report) -> Markup {
    let row = |p: &Problem| {
        html! {
            tr {
                td class=(p.severity.as_str()) { (p.severity.as_str()) }
                td.wide { (sentence(&p.message)) @if let Some(help) = &p.help { br; strong { "Help" } ": " (sentence(help)) } }
                td { @if let Some(at) = &p.at { (code(&at.to_string())) } @else { "—" } }
            }
        }
    };
    html! {
        table {
            thead { tr { th scope="col" { "severity" } th scope="col" { "problem" } th scope="col" { "place" } } }
            tbody { @for p in report.by_severity() { (row(p)) } }
        }
    }
}

fn reasons(words: &str, one: &str, all: &[(&String, String, &str)]) -> Markup {
    html! {
        @if !all.is_empty() {
            h3 { (count(all.len(), one)) ": " (words) }
            ul { @for (name, title, why) in all { li { (code(name)) (printable(title)) ": " (sentence(why)) } } }
        }
    }
}

pub(super) fn inputs(report: &Report) -> Option<Markup> {
    let manifest = |name: &str, m: &Manifest| {
        let shown = m.paths.iter().take(20);
        html! {
            tr {
                th scope="row" { (printable(name)) }
                td.wide data-head="path" { @for (i, path) in shown.enumerate() { @if i > 0 { ", " } (code(path)) } @if m.paths.len() > 20 { " and " (m.paths.len() - 20) " more" } }
                td data-head="format" { (printable(&m.format)) }
                td.wide data-head="why" { (printable(&m.because.to_string())) }
            }
        }
    };
    (!report.comparisons.is_empty()).then(|| {
        html! {
            @for c in &report.comparisons {
                h3 { (printable(&fold::title(c))) }
                @let table = html! {
                    table.stack {
                        thead { tr { @for head in ["used for", "path", "format", "why"] { th scope="col" { (head) } } } }
                        tbody {
                            @for m in &c.from_manifests { (manifest(&c.from, m)) }
                            @for m in &c.to_manifests { (manifest(&c.to, m)) }
                            @for l in &c.left {
                                tr { th.none scope="row" { "left" } td.wide data-head="path" { (code(&l.path)) } td data-head="format" { (printable(&l.format)) } td.wide data-head="why" { (printable(&l.because)) } }
                            }
                        }
                    }
                };
                (scroll(&format!("Inputs: {}", fold::title(c)), &table))
                @for note in &c.notes { p { "Note: " (sentence(note)) } }
            }
        }
    })
}
