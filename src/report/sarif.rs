//! Report → SARIF 2.1.0, as GitHub code scanning wants it: rules from what they say of themselves, the other side as
//! related location, stable fingerprints.

use std::collections::BTreeMap;
use std::io;

use serde_json::{Value, json};

use super::escape::{printable, uri};
use super::{Look, Render, Report, json as form, summary};
use crate::finding::{Finding, Place, State};
use crate::rules::{self, Severity};
use crate::source::{Location, Source};

/// The form.
#[derive(Debug)]
pub struct Sarif;

/// GitHub refuses a run of more than 25,000 results and keeps 5,000 of them, by severity.
const RESULTS: usize = 5_000;

/// GitHub shows 100 related locations of a result.
const RELATED: usize = 100;

impl Render for Sarif {
    fn id(&self) -> &'static str {
        "sarif"
    }

    fn about(&self) -> &'static str {
        "SARIF 2.1.0, for GitHub code scanning and editors"
    }

    fn render(&self, report: &Report, _: Look, out: &mut dyn io::Write) -> io::Result<()> {
        form::write(&document(report), out)
    }
}

fn document(report: &Report) -> Value {
    let ids: Vec<&str> = rules::ALL.iter().map(|r| r.meta().id).collect();
    let shown = report.urgent();
    let mut seen = BTreeMap::new();
    let results: Vec<Value> = shown
        .iter()
        .take(RESULTS)
        .map(|f| {
            let fingerprint = f.fingerprint();
            let nth = seen.entry(fingerprint.clone()).or_insert(0);
            *nth += 1;
            result(f, ids.iter().position(|id| *id == f.rule), &fingerprint, *nth, report)
        })
        .collect();
    let rules: Vec<Value> = rules::ALL.iter().map(|r| rule(r.meta())).collect();
    let hidden = &report.hidden;
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": form::Tool::THIS.name,
                "semanticVersion": form::Tool::THIS.version,
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            } },
            "automationDetails": { "id": "parity/" },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "%SRCROOT%": { "description": { "text": "The top of the repository in which the compared folder (--root) lies." } } },
            "invocations": [{
                "executionSuccessful": report.exit() as u8 != 3,
                "exitCode": report.exit() as u8,
                "exitCodeDescription": summary::exit(report),
                "toolExecutionNotifications": notifications(report, shown.len()),
            }],
            "properties": { "hidden": { "ignored": hidden.ignored, "baselined": hidden.baselined, "off": hidden.off } },
            "results": results,
        }],
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn rule(meta: &rules::Meta) -> Value {
    let group = meta.id.split('/').next().unwrap_or("");
    let problem = if meta.severity == Severity::Info { "recommendation" } else { meta.severity.as_str() };
    json!({
        "id": meta.id,
        "shortDescription": { "text": meta.question },
        "fullDescription": { "text": meta.why },
        "help": {
            "text": format!("{}\n\nDrift: {}\nParity: {}", meta.why, meta.drift, meta.parity),
            "markdown": format!("{}\n\n- Drift: {}\n- Parity: {}\n\n`parity explain {}` says the same.", meta.why, meta.drift, meta.parity, meta.id),
        },
        "defaultConfiguration": { "level": level(meta.severity), "enabled": !meta.opt_in },
        // No `security-severity`: drift is not a vulnerability.
        "properties": { "tags": ["dev-prod-parity", group], "precision": "high", "problem.severity": problem },
    })
}

fn result(finding: &Finding, index: Option<usize>, fingerprint: &str, nth: usize, report: &Report) -> Value {
    let (at, others) = places(finding, report);
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": { "text": message(finding, report) },
        "locations": [{ "physicalLocation": at }],
        "partialFingerprints": {
            // GitHub's own is a hash of the line and the how-manieth of it: this one does not change when lines do.
            "primaryLocationLineHash": format!("{}:{nth}", fingerprint.get(..16).unwrap_or(fingerprint)),
            "parityFingerprint/v1": fingerprint,
        },
        "properties": { "service": printable(&finding.service), "subject": printable(&finding.subject), "from": printable(&finding.from), "to": printable(&finding.to) },
    });
    if let (Some(index), Some(result)) = (index, result.as_object_mut()) {
        result.insert("ruleIndex".into(), json!(index));
    }
    let related: Vec<Value> = others.into_iter().enumerate().map(|(i, (place, at))| related(finding, i + 1, place, &at)).collect();
    if let Some(result) = result.as_object_mut() {
        if !related.is_empty() {
            result.insert("relatedLocations".into(), related.into());
        }
        if let Some(state) = finding.state.map(baseline) {
            result.insert("baselineState".into(), state.into());
        }
    }
    result
}

fn baseline(state: State) -> &'static str {
    match state {
        State::New => "new",
        State::Worse | State::Better => "updated",
        State::Unchanged => "unchanged",
        State::Fixed => "absent",
    }
}

/// The message; GitHub shows a related location only where the message links to it by its number.
fn message(finding: &Finding, report: &Report) -> String {
    // What a name makes look like a link is none.
    let mut text = printable(&finding.message).replace("](", "] (");
    if let Some(help) = &finding.help {
        text.push_str(&format!(". {}", printable(help).replace("](", "] (")));
    }
    text.push('.');
    let words = |place: &Place| {
        let words = format!("{}: {}", finding.environment(place.side), place.at);
        printable(&words).replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
    };
    for (i, (place, _)) in places(finding, report).1.iter().enumerate() {
        text.push_str(&format!(" See [{}]({}).", words(place), i + 1));
    }
    // What lies in another repository is no location that GitHub could show.
    for place in finding.places.iter().filter(|p| report.from_top(p.at.path()).is_none()) {
        text.push_str(&format!(" See {}.", words(place)));
    }
    text
}

/// Where a finding is shown, and its other places in this repository. One without a place here stands at the first manifest.
fn places<'f>(finding: &'f Finding, report: &Report) -> (Value, Vec<(&'f Place, Value)>) {
    let primary = report.shown_at(finding);
    let at = primary.and_then(|at| physical(at, report)).unwrap_or_else(|| {
        let whole = Source::new(report.first_path(), "").whole();
        physical(&whole, report).unwrap_or_else(|| json!({ "artifactLocation": { "uri": "." } }))
    });
    let others = finding.places.iter().filter(|p| Some(&p.at) != primary).filter_map(|p| Some((p, physical(&p.at, report)?)));
    (at, others.take(RELATED).collect())
}

fn related(finding: &Finding, id: usize, place: &Place, at: &Value) -> Value {
    let text = format!("{}: {}", finding.environment(place.side), place.label);
    json!({ "id": id, "physicalLocation": at, "message": { "text": printable(text.trim_end_matches(": ")).replace("](", "] (") } })
}

/// A place as GitHub names it; `None` where it lies in another repository.
fn physical(at: &Location, report: &Report) -> Option<Value> {
    let (start, end) = (at.position(), at.end());
    Some(json!({
        "artifactLocation": { "uri": uri(&report.from_top(at.path())?), "uriBaseId": "%SRCROOT%" },
        "region": { "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column },
    }))
}

/// Problems, what was hidden and what was cut.
fn notifications(report: &Report, shown: usize) -> Vec<Value> {
    let mut out: Vec<Value> = report
        .problems
        .iter()
        .map(|p| {
            let help = p.help.as_ref().map(|h| format!(". {h}")).unwrap_or_default();
            let mut one = json!({ "level": level(p.severity), "message": { "text": printable(&format!("{}{help}.", p.message)).replace("](", "] (") } });
            if let (Some(at), Some(one)) = (p.at.as_ref().and_then(|at| physical(at, report)), one.as_object_mut()) {
                one.insert("locations".into(), json!([{ "physicalLocation": at }]));
            }
            one
        })
        .collect();
    let cut = (shown > RESULTS).then(|| format!("{} more findings were left out: GitHub keeps {RESULTS} of a run", shown - RESULTS));
    let said = summary::sentences(report).iter().map(|s| printable(&s.to_string()).into_owned()).collect::<Vec<_>>();
    for text in said.into_iter().chain([summary::since(report), summary::hidden(report), cut].into_iter().flatten()) {
        out.push(json!({ "level": "note", "message": { "text": printable(&text).replace("](", "] (") } }));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_other_side_is_a_related_location_and_what_is_fixed_is_left_out() {
        let document = document(&sample::report());
        let results = document["runs"][0]["results"].as_array().expect("results");
        let states: Vec<&str> = results.iter().filter_map(|r| r["baselineState"].as_str()).collect();
        assert_eq!(states, ["new", "updated", "unchanged"]);
        let first = &results[0];
        assert!(first["message"]["text"].as_str().expect("text").contains("See [prod: k8s/d\\\\u{1b}b.yaml:1:8](1)."), "{first}");
        assert_eq!(first["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"], "k8s/d%1Bb.yaml");
        assert_eq!(first["partialFingerprints"]["primaryLocationLineHash"].as_str().expect("hash").len(), 18);
    }
}
