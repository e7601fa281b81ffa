//! Report → Reviewdog Diagnostic Format, for review comments on any forge.

use std::io;

use serde_json::{Value, json};

use super::escape::printable;
use super::{Look, Render, Report, json as form, summary};
use crate::finding::{Finding, Place};
use crate::rules::Severity;
use crate::source::{Location, Source};

/// The form.
#[derive(Debug)]
pub struct Rdjson;

impl Render for Rdjson {
    fn id(&self) -> &'static str {
        "rdjson"
    }

    fn about(&self) -> &'static str {
        "Reviewdog Diagnostic Format"
    }

    fn suggests(&self) -> bool {
        true
    }

    fn render(&self, report: &Report, _: Look, out: &mut dyn io::Write) -> io::Result<()> {
        form::write(&document(report), out)
    }
}

fn document(report: &Report) -> Value {
    let findings = report.urgent().into_iter().map(|f| {
        let help = f.help.as_ref().map(|h| format!("\n{h}")).unwrap_or_default();
        let state = f.state.map(|s| format!(" ({})", s.as_str())).unwrap_or_default();
        let at = report.shown_at(f).or(f.places.first().map(|p| &p.at));
        let mut one = diagnostic(f.severity, f.rule, &format!("{}{state}", f.message), &help, at, report);
        let others = f.places.iter().filter(|p| Some(&p.at) != at && report.from_top(p.at.path()).is_some());
        let words = |p: &Place| printable(&format!("{} {}", f.environment(p.side), p.label)).into_owned();
        let related: Vec<Value> = others.map(|p| json!({ "message": words(p), "location": location(Some(&p.at), report) })).collect();
        let suggestions = at.map(|at| suggestions(f, at, report)).unwrap_or_default();
        if let Some(one) = one.as_object_mut() {
            one.extend(
                [("related_locations", related), ("suggestions", suggestions)]
                    .into_iter()
                    .filter(|(_, list)| !list.is_empty())
                    .map(|(key, list)| (key.to_owned(), list.into())),
            );
        }
        one
    });
    let problems = report.problems.iter().map(|p| {
        let help = p.help.as_ref().map(|h| format!("\n{h}")).unwrap_or_default();
        diagnostic(p.severity, "parity/problem", &p.message, &help, p.at.as_ref(), report)
    });
    let mut diagnostics: Vec<Value> = findings.chain(problems).collect();
    // Reviewdog refuses fields that it does not know, so what is said of the whole is a diagnostic of its own.
    let whole = Source::new(report.first_path(), "").whole();
    diagnostics.push(diagnostic(Severity::Info, "parity/summary", &summary::closing(report).join(" "), "", Some(&whole), report));
    json!({
        "source": { "name": form::Tool::THIS.name, "url": env!("CARGO_PKG_REPOSITORY") },
        "diagnostics": diagnostics,
    })
}

fn diagnostic(severity: Severity, code: &str, message: &str, help: &str, at: Option<&Location>, report: &Report) -> Value {
    let severity = match severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Info => "INFO",
    };
    let help = help.strip_prefix('\n').map(|h| format!("\n{}", printable(h))).unwrap_or_default();
    json!({
        "message": format!("{}{help}", printable(message)),
        "location": location(at, report),
        "severity": severity,
        "code": { "value": code },
    })
}

/// The edits that mend a finding, where all of them are in the file that it is shown in.
fn suggestions(finding: &Finding, at: &Location, report: &Report) -> Vec<Value> {
    let edits = report.suggestions.get(&finding.fingerprint()).map(Vec::as_slice).unwrap_or_default();
    let all_here = edits.iter().all(|e| e.at.path() == at.path());
    edits.iter().filter(|_| all_here).map(|e| json!({ "range": range(&e.at), "text": e.with })).collect()
}

fn location(at: Option<&Location>, report: &Report) -> Value {
    let Some(at) = at else { return json!({ "path": "." }) };
    match report.from_top(at.path()) {
        Some(path) => json!({ "path": printable(if path.is_empty() { "." } else { &path }), "range": range(at) }),
        // What lies in another repository stands at the first manifest of this one.
        None => json!({ "path": report.from_top(report.first_path()).map_or_else(|| ".".into(), |p| printable(&p).into_owned()) }),
    }
}

fn range(at: &Location) -> Value {
    // https://github.com/reviewdog/reviewdog/blob/master/proto/rdf/reviewdog.proto: columns count bytes of UTF-8
    let column = |line: u32, offset: usize| at.source().line_span(line).map_or(1, |span| offset.saturating_sub(span.start) + 1);
    let (start, end, span) = (at.position().line.get(), at.end().line.get(), at.span());
    json!({
        "start": { "line": start, "column": column(start, span.start) },
        "end": { "line": end, "column": column(end, span.end) },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_bytes() {
        let at = Source::new("a", "x: ä\né: y").at(crate::source::Span { start: 9, end: 10 });
        assert_eq!(location(Some(&at), &Report::default())["range"]["start"], json!({ "line": 2, "column": 4 }));
    }
}
