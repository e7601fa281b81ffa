//! Pairs → the matrix of services, and the matrix of variables by workload.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::{code, printable, scroll, sentence};
use crate::catalogue::compare::Verdict;
use crate::report::fold::{self, Line};
use crate::report::summary::count;
use crate::report::{ComparisonReport, EnvReport, PairReport, Report, summary};

/// So many workloads stand beside each other.
const COLUMNS: usize = 6;

pub(super) fn services(report: &Report) -> Option<Markup> {
    let some = report.comparisons.iter().any(|c| !c.services.is_empty());
    some.then(|| html! { @for c in report.comparisons.iter().filter(|c| !c.services.is_empty()) { (matrix(c)) } })
}

fn matrix(comparison: &ComparisonReport) -> Markup {
    let title = fold::title(comparison);
    let rows = fold::lines(comparison, true);
    let table = html! {
        table.stack {
            thead { tr {
                th scope="col" { "service" } th scope="col" { "kind" }
                th scope="col" { (printable(&comparison.from)) } th scope="col" { (printable(&comparison.to)) }
                th scope="col" { "verdict" } th scope="col" { "why" }
            } }
            tbody { @for line in &rows { (row(line, [&comparison.from, &comparison.to])) } }
        }
    };
    html! { h3 { (printable(&title)) } (scroll(&format!("Services: {title}"), &table)) }
}

fn row(line: &Line<'_>, [from, to]: [&str; 2]) -> Markup {
    let outcome = line.pairs.first().map(|p| &p.outcome);
    let why = outcome.map_or("", |o| o.because.as_str());
    html! {
        tr {
            th scope="row" { (printable(&line.names(3))) }
            td data-head="kind" { (printable(line.kind)) }
            td.stated data-head=(printable(from)) { (stated(&line.from)) }
            td.stated data-head=(printable(to)) { (stated(&line.to)) }
            td class=(class(line)) data-head="verdict" { (printable(&line.verdict)) }
            td.wide data-head="why" {
                @if line.pairs.len() > 3 { details { summary { "all " (line.pairs.len()) } (printable(&line.names(usize::MAX))) } }
                @else { (sentence(why)) }
            }
        }
    }
}

fn stated(text: &str) -> Markup {
    match text {
        "-" => html! { span.muted { "none" } },
        "?" => html! { span.muted { "not known" } },
        "built here" | "an image each" => html! { (text) },
        text => code(text),
    }
}

fn class(line: &Line<'_>) -> &'static str {
    match line.pairs.first().map(|p| p.outcome.verdict) {
        _ if line.is_same() => "ok",
        Some(Verdict::Major | Verdict::KindMismatch) => "error",
        Some(Verdict::Minor | Verdict::MissingFrom | Verdict::MissingTo) => "warning",
        _ => "none",
    }
}

pub(super) fn variables(report: &Report) -> Option<Markup> {
    let shown: Vec<&ComparisonReport> = report.comparisons.iter().filter(|c| c.services.iter().any(|s| env(s).is_some())).collect();
    (!shown.is_empty()).then(|| html! { @for c in shown { (keys(c)) } })
}

/// The keys of a workload that both sides have: of one that a side lacks, every key is on one side alone.
fn env(pair: &PairReport) -> Option<&EnvReport> {
    pair.env.as_ref().filter(|_| pair.from.is_some() && pair.to.is_some())
}

/// Workloads with the very same keys are one column.
struct Column<'a> {
    names: Vec<&'a str>,
    env: &'a EnvReport,
}

fn columns(comparison: &ComparisonReport) -> Vec<Column<'_>> {
    let mut columns: Vec<Column<'_>> = Vec::new();
    for pair in &comparison.services {
        let Some(env) = env(pair) else { continue };
        match columns.iter_mut().find(|c| c.env == env) {
            Some(column) => column.names.push(&pair.name),
            None => columns.push(Column { names: vec![&pair.name], env }),
        }
    }
    columns
}

fn keys(comparison: &ComparisonReport) -> Markup {
    let all = columns(comparison);
    let (differ, alike): (Vec<&Column<'_>>, Vec<&Column<'_>>) = all.iter().partition(|c| c.env.from_only.len() + c.env.to_only.len() > 0);
    let both: BTreeSet<&str> = all.iter().flat_map(|c| c.env.both.iter().map(String::as_str)).collect();
    let quiet: Vec<&str> = alike.iter().flat_map(|c| c.names.iter().copied()).collect();
    html! {
        h3 { (printable(&fold::title(comparison))) }
        @for (i, chunk) in differ.chunks(COLUMNS).enumerate() { (table(comparison, chunk, i)) }
        @if differ.is_empty() { p { "Every key is set on both sides." } }
        @else if !quiet.is_empty() { p { "No key differs for " (sentence(&summary::some_names(quiet.iter().copied(), 30))) "." } }
        @if !both.is_empty() {
            details { summary { (count(both.len(), "key")) " on both sides" } ul.keys { @for key in &both { li { (code(key)) } } } }
        }
    }
}

fn table(comparison: &ComparisonReport, columns: &[&Column<'_>], nth: usize) -> Markup {
    let [from, to] = [format!("{} only", comparison.from), format!("{} only", comparison.to)];
    let mut rows: BTreeMap<&str, Vec<(&'static str, &str)>> = BTreeMap::new();
    for column in columns {
        for key in column.env.from_only.iter().chain(&column.env.to_only) {
            rows.entry(key).or_default();
        }
    }
    for column in columns {
        let set = |keys: &'_ [String]| keys.iter().cloned().collect::<BTreeSet<String>>();
        let [both, first, second] = [set(&column.env.both), set(&column.env.from_only), set(&column.env.to_only)];
        for (key, cells) in &mut rows {
            cells.push(match *key {
                key if first.contains(key) => ("warning", from.as_str()),
                key if second.contains(key) => ("warning", to.as_str()),
                key if both.contains(key) => ("ok", "both"),
                _ => ("none", "—"),
            });
        }
    }
    let inner = html! {
        table {
            thead { tr {
                th scope="col" { "key" }
                @for c in columns { th scope="col" { (sentence(&summary::some_names(c.names.iter().copied(), 3))) @if !c.env.unknown.is_empty() { " (more may be set)" } } }
            } }
            tbody {
                @for (key, cells) in &rows {
                    tr { th scope="row" { (code(key)) } @for (class, words) in cells { td class=(*class) { (printable(words)) } } }
                }
            }
        }
    };
    scroll(&format!("Variables, {}, table {}", fold::title(comparison), nth + 1), &inner)
}
