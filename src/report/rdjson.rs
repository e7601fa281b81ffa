//! Report → Reviewdog Diagnostic Format, for review comments on any forge.

use std::io;

use serde_json::{Value, json};

use super::escape::printable;
use super::{Look, Render, Report, json as form, summary};
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

    fn render(&self, report: &Report, _: Look, out: &mut dyn io::Write) -> io::Result<()> {
        form::write(&document(report), out)
    }
}

fn document(report: &Report) -> Value {
    let findings = report.urgent().into_iter().map(|f| {
        let help = f.help.as_ref().map(|h| format!("\n{h}")).unwrap_or_default();
        let state = f.state.map(|s| format!(" ({})", s.as_str())).unwrap_or_default();
        let mut one = diagnostic(f.severity, f.rule, &format!("{}{state}", f.message), &help, f.places.first().map(|p| &p.at));
        let related: Vec<Value> = f
            .places
            .iter()
            .skip(1)
            .map(|p| json!({ "message": printable(&format!("{} {}", f.environment(p.side), p.label)), "location": location(Some(&p.at)) }))
            .collect();
        if let (false, Some(one)) = (related.is_empty(), one.as_object_mut()) {
            one.insert("related_locations".into(), related.into());
        }
        one
    });
    let problems = report.problems.iter().map(|p| {
        let help = p.help.as_ref().map(|h| format!("\n{h}")).unwrap_or_default();
        diagnostic(p.severity, "parity/problem", &p.message, &help, p.at.as_ref())
    });
    let mut diagnostics: Vec<Value> = findings.chain(problems).collect();
    // Reviewdog refuses fields that it does not know, so what is said of the whole is a diagnostic of its own.
    let whole = Source::new(report.first_path(), "").whole();
    diagnostics.push(diagnostic(Severity::Info, "parity/summary", &summary::closing(report).join(" "), "", Some(&whole)));
    json!({
        "source": { "name": form::Tool::THIS.name, "url": env!("CARGO_PKG_REPOSITORY") },
        "diagnostics": diagnostics,
    })
}

fn diagnostic(severity: Severity, code: &str, message: &str, help: &str, at: Option<&Location>) -> Value {
    let severity = match severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Info => "INFO",
    };
    let help = help.strip_prefix('\n').map(|h| format!("\n{}", printable(h))).unwrap_or_default();
    json!({
        "message": format!("{}{help}", printable(message)),
        "location": location(at),
        "severity": severity,
        "code": { "value": code },
    })
}

fn location(at: Option<&Location>) -> Value {
    let Some(at) = at else { return json!({ "path": "." }) };
    // https://github.com/reviewdog/reviewdog/blob/master/proto/rdf/reviewdog.proto: columns count bytes of UTF-8
    let column = |line: u32, offset: usize| at.source().line_span(line).map_or(1, |span| offset.saturating_sub(span.start) + 1);
    let (start, end, span) = (at.position().line.get(), at.end().line.get(), at.span());
    json!({
        "path": printable(at.path()),
        "range": {
            "start": { "line": start, "column": column(start, span.start) },
            "end": { "line": end, "column": column(end, span.end) },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_bytes() {
        let at = Source::new("a", "x: ä\né: y").at(crate::source::Span { start: 9, end: 10 });
        assert_eq!(location(Some(&at))["range"]["start"], json!({ "line": 2, "column": 4 }));
    }
}
