//! How far production lags → bars, and the table behind them.

use maud::{Markup, html};

use super::{code, printable, scroll, sentence};
use crate::report::fold;
use crate::report::summary::count;
use crate::report::{ComparisonReport, Report, TimeReport};

/// Width of the picture, of the names in it, and of the longest bar.
const WIDTH: u64 = 720;
const NAMES: u64 = 200;
const BAR: u64 = 400;
/// Height of a row.
const ROW: u64 = 28;
/// Rows in the picture; the table has all.
const ROWS: usize = 30;

pub(super) fn time(report: &Report) -> Option<Markup> {
    let shown: Vec<&ComparisonReport> = report.comparisons.iter().filter(|c| !c.time.is_empty()).collect();
    (!shown.is_empty()).then(|| {
        html! {
            @for (i, c) in shown.iter().enumerate() {
                h3 { (printable(&fold::title(c))) }
                (picture(c, i))
                (scroll(&format!("Time: {}", fold::title(c)), &table(c)))
            }
        }
    })
}

fn picture(comparison: &ComparisonReport, nth: usize) -> Markup {
    let bars: Vec<(&TimeReport, u64)> = comparison.time.iter().filter_map(|t| Some((t, t.waiting?))).take(ROWS).collect();
    let most = bars.iter().map(|(_, n)| *n).max().unwrap_or(0).max(1);
    let height = ROW * bars.len() as u64;
    let title = format!("time-{nth}");
    if bars.is_empty() {
        return html! {};
    }
    let inner = html! {
        svg role="img" viewBox={ "0 0 " (WIDTH) " " (height) } aria-labelledby=(title) {
            title id=(title) { "Commits that wait for production, by service; the table below has the figures" }
            line.axis x1=(NAMES) y1="0" x2=(NAMES) y2=(height) {}
            @for (i, (entry, waiting)) in bars.iter().enumerate() {
                @let y = ROW * i as u64;
                @let width = waiting.saturating_mul(BAR) / most;
                text x=(NAMES - 10) y=(y + 19) text-anchor="end" { (shortened(&entry.service)) }
                rect.bar x=(NAMES) y=(y + 5) width=(width) height=(ROW - 10) {}
                text x=(NAMES + width + 8) y=(y + 19) { (count(usize::try_from(*waiting).unwrap_or(usize::MAX), "commit")) }
            }
        }
    };
    scroll(&format!("Picture: {}", fold::title(comparison)), &inner)
}

fn shortened(name: &str) -> String {
    let name = printable(name);
    if name.chars().count() > 24 { format!("{}…", name.chars().take(23).collect::<String>()) } else { name.into_owned() }
}

const HEADS: [&str; 8] = [
    "service",
    "tag in production",
    "its commit",
    "commits that wait",
    "the oldest is of",
    "only in production",
    "deployments",
    "commit to production",
];

fn table(comparison: &ComparisonReport) -> Markup {
    html! {
        table.stack {
            thead { tr { @for head in HEADS { th scope="col" { (head) } } } }
            tbody { @for t in &comparison.time { (row(t)) } }
        }
    }
}

fn row(t: &TimeReport) -> Markup {
    let day = |date: &Option<String>| date.as_ref().map(|d| d.chars().take(10).collect::<String>());
    let commit = t.commit.as_ref().map(|c| c.chars().take(10).collect::<String>());
    let spread = t.deploys.as_ref().and_then(|d| d.commit_to_production_hours.as_ref());
    let [_, tag, its, waiting, oldest, only, deploys, took] = HEADS;
    html! {
        tr {
            th scope="row" { (printable(&t.service)) }
            td data-head=(tag) { @if let Some(tag) = &t.tag { (code(tag)) } @else { "—" } }
            @if let Some(why) = &t.unknown {
                td.wide colspan="6" data-head=(its) { "not known: " (sentence(why)) }
            } @else {
                td data-head=(its) { @if let Some(c) = &commit { (code(c)) " (" (t.evidence) @if let Some(because) = &t.because { ": " (sentence(because)) } ")" } @else { "—" } @if let Some(d) = day(&t.commit_date) { " of " (printable(&d)) } }
                td.number data-head=(waiting) { (or(t.waiting)) }
                td.number data-head=(oldest) { (printable(&day(&t.oldest_waiting).unwrap_or_else(|| "—".into()))) }
                td.number data-head=(only) { (or(t.production_only)) }
                td.number data-head=(deploys) { @if let Some(d) = &t.deploys { (d.count) " in " (d.window_days) " days" } @else { "—" } }
                td data-head=(took) { @if let Some(s) = spread { "half within " (hours(s.median)) @if let Some(p90) = s.p90 { ", nine of ten within " (hours(p90)) } } @else { "—" } }
            }
        }
    }
}

fn or(n: Option<u64>) -> String {
    n.map_or_else(|| "—".to_owned(), |n| n.to_string())
}

fn hours(hours: f64) -> String {
    if hours < 48.0 { format!("{hours:.0} h") } else { format!("{:.0} d", hours / 24.0) }
}
