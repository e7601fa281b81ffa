//! Report → GitLab's code quality report: an array of issues.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::escape::printable;
use super::{Look, Render, Report, json, summary};
use crate::rules::Severity;
use crate::source::Location;

/// The form.
#[derive(Debug)]
pub struct CodeQuality;

impl Render for CodeQuality {
    fn id(&self) -> &'static str {
        "gitlab"
    }

    fn about(&self) -> &'static str {
        "GitLab code quality report"
    }

    fn render(&self, report: &Report, _: Look, out: &mut dyn io::Write) -> io::Result<()> {
        json::write(&issues(report), out)
    }
}

/// <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>
#[derive(Debug, Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Place,
}

#[derive(Debug, Serialize)]
struct Place {
    path: String,
    lines: Lines,
}

#[derive(Debug, Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

impl Place {
    /// A place of this repository, else its first manifest.
    fn of(at: Option<&Location>, report: &Report) -> Self {
        let inside = at.and_then(|at| Some((at, report.from_top(at.path())?)));
        match inside {
            Some((at, path)) => {
                Self { path: printable(&path).into_owned(), lines: Lines { begin: at.position().line.get(), end: at.end().line.get() } }
            }
            None => Self::first(report),
        }
    }

    fn first(report: &Report) -> Self {
        let path = report.from_top(report.first_path()).filter(|p| !p.is_empty()).unwrap_or_else(|| ".".to_owned());
        Self { path: printable(&path).into_owned(), lines: Lines { begin: 1, end: 1 } }
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "critical",
        Severity::Warning => "major",
        Severity::Info => "info",
    }
}

fn issues(report: &Report) -> Vec<Issue> {
    let mut issues = Vec::new();
    for finding in report.urgent() {
        let help = finding.help.as_ref().map(|h| format!(" ({h})")).unwrap_or_default();
        issues.push(Issue {
            description: printable(&format!("{}{help}", finding.message)).into_owned(),
            check_name: finding.rule.to_owned(),
            fingerprint: finding.fingerprint(),
            severity: severity(finding.severity),
            location: Place::of(report.shown_at(finding), report),
        });
    }
    for problem in &report.problems {
        let path = problem.at.as_ref().map_or("", Location::path);
        issues.push(Issue {
            description: printable(&problem.message).into_owned(),
            check_name: "parity/problem".to_owned(),
            fingerprint: hash(&["problem", path, &problem.message]),
            severity: severity(problem.severity),
            location: Place::of(problem.at.as_ref(), report),
        });
    }
    // The array has no place for anything else. Where there is nothing to say, it is empty: GitLab counts what is in it.
    if !issues.is_empty() || summary::hidden(report).is_some() {
        issues.push(Issue {
            description: printable(&summary::closing(report).join(" ")).into_owned(),
            check_name: "parity/summary".to_owned(),
            fingerprint: hash(&["summary"]),
            severity: "info",
            location: Place::first(report),
        });
    }
    unique(&mut issues);
    issues
}

/// GitLab drops issues whose fingerprint it has seen.
fn unique(issues: &mut [Issue]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for issue in issues {
        let nth = seen.entry(issue.fingerprint.clone()).or_insert(0);
        *nth += 1;
        if *nth > 1 {
            issue.fingerprint = hash(&[&issue.fingerprint, &nth.to_string()]);
        }
    }
}

fn hash(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("\0").as_bytes());
    digest.iter().take(16).map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::report::sample;

    #[test]
    fn fingerprints_are_unique_and_stable() {
        let mut report = sample::report();
        let again = report.findings[0].clone();
        report.findings.extend(std::iter::repeat_n(again, 20_000));
        let (one, two) = (issues(&report), issues(&report));
        let all: BTreeSet<&str> = one.iter().map(|i| i.fingerprint.as_str()).collect();
        assert_eq!(all.len(), one.len());
        assert!(one.iter().zip(&two).all(|(a, b)| a.fingerprint == b.fingerprint));
        assert!(issues(&Report::default()).is_empty());
    }
}
