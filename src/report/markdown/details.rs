//! What stands behind the findings, folded: services, keys, time, exceptions, what could not be read, inputs.

use super::cut::{Section, short};
use crate::inventory::Role;
use crate::report::escape::{markdown, markdown_code, markdown_sentence};
use crate::report::fold::{self, Line};
use crate::report::summary::{self, first_few};
use crate::report::{ComparisonReport, ImageReport, Report, TimeReport};

/// Every section that has something to show.
pub(super) fn sections(report: &Report) -> Vec<Section> {
    let mut out = Vec::new();
    for comparison in &report.comparisons {
        let title = markdown(&fold::title(comparison));
        out.extend(services(comparison, &title));
        out.extend(keys(comparison, &title));
        out.extend(time(comparison, &title));
        out.extend(images(comparison, &title));
    }
    out.extend(problems(report));
    out.extend(exceptions(report));
    for comparison in &report.comparisons {
        let title = markdown(&fold::title(comparison));
        out.push(Section::list(&format!("Inputs: {title}"), inputs(comparison)));
    }
    out
}

fn section(title: &str, head: &str, rows: Vec<String>) -> Option<Section> {
    let columns = head.matches('|').count().saturating_sub(1);
    let head = format!("{head}\n|{}\n", "---|".repeat(columns));
    (!rows.is_empty()).then(|| Section::table(title, true, &head, rows, "row"))
}

fn services(comparison: &ComparisonReport, title: &str) -> Option<Section> {
    let row = |line: &Line<'_>| {
        let cells = [line.kind, line.from.as_str(), line.to.as_str(), &line.verdict].map(|cell| markdown(&short(cell)));
        format!("| {} | {} |\n", markdown(&short(&line.names(3))), cells.join(" | "))
    };
    let head = format!("| service | kind | {} | {} | verdict |", markdown(&comparison.from), markdown(&comparison.to));
    let rows: Vec<String> = fold::lines(comparison, true).iter().map(row).collect();
    section(&format!("{}: {title}", summary::count(comparison.services.len(), "service")), &head, rows)
}

/// Keys that are on one side alone, by workload.
fn keys(comparison: &ComparisonReport, title: &str) -> Option<Section> {
    let names = |keys: &[String]| match keys {
        [] => "—".to_owned(),
        keys => first_few(keys, 40, |k| markdown_code(&short(k))),
    };
    let mut rows = Vec::new();
    for pair in comparison.services.iter().filter(|p| p.role == Role::Workload && p.from.is_some() && p.to.is_some()) {
        let Some(env) = pair.env.as_ref().filter(|e| !e.from_only.is_empty() || !e.to_only.is_empty()) else { continue };
        let unknown = if env.unknown.is_empty() { "" } else { ", more may be set" };
        let [name, from, to] = [markdown(&short(&pair.name)), names(&env.from_only), names(&env.to_only)];
        rows.push(format!("| {name} | {}{unknown} | {from} | {to} |\n", env.both.len()));
    }
    let head = format!("| workload | keys on both | only {} | only {} |", markdown(&comparison.from), markdown(&comparison.to));
    section(&format!("Keys on one side alone: {title}"), &head, rows)
}

fn time(comparison: &ComparisonReport, title: &str) -> Option<Section> {
    let row = |t: &TimeReport| {
        let or = |text: Option<String>| text.map_or_else(|| "—".to_owned(), |t| markdown(&short(&t)));
        let waiting = match (&t.unknown, t.waiting) {
            (Some(why), _) => format!("not known: {}", markdown_sentence(&short(why))),
            (None, waiting) => or(waiting.map(|n| n.to_string())),
        };
        let oldest = or(t.oldest_waiting.as_ref().map(|d| d.chars().take(10).collect()));
        let deploys = or(t.deploys.as_ref().map(|d| format!("{} in {} days", d.count, d.window_days)));
        let name = markdown(&short(&t.service));
        let tag = t.tag.as_ref().map_or_else(|| "—".to_owned(), |t| markdown_code(&short(t)));
        format!("| {name} | {tag} | {waiting} | {oldest} | {deploys} |\n")
    };
    let head = "| service | tag in production | commits that wait | the oldest is of | deployments |";
    section(&format!("Time: {title}"), head, comparison.time.iter().map(row).collect())
}

fn images(comparison: &ComparisonReport, title: &str) -> Option<Section> {
    let row = |i: &ImageReport| {
        let or = |text: &Option<String>| text.as_ref().map_or_else(|| "—".to_owned(), |t| markdown_code(&short(t)));
        let [image, digest] = [&i.image, &i.digest].map(|t| markdown_code(&short(t)));
        format!("| {image} | {digest} | {} | {} | {} |\n", or(&i.version), or(&i.created), or(&i.revision))
    };
    let head = "| image | today | version | built on | of the commit |";
    section(&format!("What registries say: {title}"), head, comparison.images.iter().map(row).collect())
}

fn problems(report: &Report) -> Option<Section> {
    let row = |p: &crate::report::Problem| {
        let at = p.at.as_ref().map_or_else(|| "—".to_owned(), |at| markdown_code(&short(&at.to_string())));
        let help = p.help.as_ref().map(|h| format!("<br>→ {}", markdown_sentence(&short(h)))).unwrap_or_default();
        format!("| {} | {}{help} | {at} |\n", p.severity.as_str(), markdown_sentence(&short(&p.message)))
    };
    let title = format!("Not read or not understood: {}", summary::count(report.problems.len(), "problem"));
    section(&title, "| | what | where |", report.by_severity().into_iter().map(row).collect())
}

fn exceptions(report: &Report) -> Option<Section> {
    let row = |e: &crate::report::Exception| {
        let of: Vec<String> = [&e.service, &e.subject].into_iter().flatten().map(|s| markdown_code(&short(s))).collect();
        let until = e.expires.as_deref().map_or_else(|| "—".to_owned(), markdown);
        format!("| {} | {} | {} | {until} | {} |\n", markdown_code(&e.rule), of.join(" "), markdown(&short(&e.reason)), e.hides)
    };
    let title = format!("Accepted: {}", summary::count(report.exceptions.len(), "exception"));
    section(&title, "| rule | of | why | until | hides |", report.exceptions.iter().map(row).collect())
}

/// What was read, and what was found and left.
fn inputs(comparison: &ComparisonReport) -> Vec<String> {
    let mut out = Vec::new();
    for (name, manifests) in [(&comparison.from, &comparison.from_manifests), (&comparison.to, &comparison.to_manifests)] {
        for m in manifests {
            out.push(format!(
                "- {}: {} ({}, {})\n",
                markdown(name),
                first_few(&m.paths, 5, |p| markdown_code(&short(p))),
                markdown(&m.format),
                markdown(&short(&m.because.to_string()))
            ));
        }
    }
    for l in &comparison.left {
        out.push(format!("- left: {} ({}, {})\n", markdown_code(&short(&l.path)), markdown(&l.format), markdown(&short(&l.because))));
    }
    out.extend(comparison.notes.iter().map(|note| format!("- note: {}\n", markdown_sentence(&short(note)))));
    out
}
