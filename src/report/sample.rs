//! A report with something of everything, for the tests of the forms.

use super::{Base, Deploys, Exception, Hidden, Problem, Report, Spread, TimeReport};
use crate::config::Options;
use crate::finding::{Finding, Place, State, Which};
use crate::rules::Severity;
use crate::source::{Source, Span};
use crate::workspace::MemoryWorkspace;

/// A finding of a rule, with a place on each side.
pub(crate) fn finding(rule: &'static str, severity: Severity, subject: &str, message: &str, state: Option<State>) -> Finding {
    let place =
        |side, path: &str| Place::new(side, Source::new(path, "image: postgres:15\n").at(Span { start: 7, end: 18 }), "`postgres:15`");
    Finding {
        rule,
        severity,
        from: "dev".into(),
        to: "prod".into(),
        unit: String::new(),
        service: "db".into(),
        subject: subject.into(),
        message: message.into(),
        help: Some("run 16 in dev as well".into()),
        places: vec![place(Which::From, "docker-compose.yml"), place(Which::To, "k8s/d\u{1b}b.yaml")],
        state,
        fix: None,
        since: Some("2026-03-01".into()),
    }
}

/// Findings of every state, a problem, exceptions, time; services and inputs as they are read from two small files.
pub(crate) fn report() -> Report {
    let files = [
        ("docker-compose.yml", "services:\n  db:\n    image: postgres:15\n  web:\n    image: acme/web:1\n    environment: [A=1, B=2]\n"),
        (
            "k8s/all.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: web, image: 'acme/web:2', env: [{name: A, value: '1'}, {name: C, value: '1'}]}]}}}\n---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec: {template: {spec: {containers: [{name: db, image: 'postgres:16'}]}}}\n",
        ),
    ];
    let options = Options { today: jiff::civil::date(2026, 9, 1), ..Options::default() };
    let mut report =
        crate::run::diff(&MemoryWorkspace::new(files.map(|(p, t)| (p.to_owned(), t.as_bytes().to_vec()))), &options).expect("a report");
    report.findings = vec![
        finding("tools/version-major", Severity::Error, "db", "`db` runs 15 in dev and `16|<b>50%` in prod", Some(State::New)),
        finding("tools/extension", Severity::Error, "gis", "`db` has `postgis` in prod", Some(State::Unchanged)),
        finding("config/missing-in-dev", Severity::Warning, "KEY", "`KEY` is set for `db` in prod and not in dev", Some(State::Worse)),
        finding("tools/flavour", Severity::Info, "db", "`db` is built otherwise", Some(State::Fixed)),
    ];
    report.problems = vec![Problem::file("k8s/half.yaml", "is not valid YAML").help("write it to its end")];
    report.hidden = Hidden { ignored: 1, baselined: 2, off: 3 };
    report.exceptions = vec![Exception {
        rule: "tools/*".into(),
        service: Some("db".into()),
        reason: "moves in May".into(),
        hides: 1,
        ..Exception::default()
    }];
    report.base = Some(Base { revision: "main".into(), commit: "0123456789abcdef".into() });
    let deploys = Deploys {
        window_days: 90,
        count: 12,
        median_gap_hours: Some(20.5),
        commit_to_production_hours: Some(Spread { median: 19.2, p90: Some(168.0) }),
        ..Deploys::default()
    };
    let time = [
        TimeReport {
            service: "web".into(),
            tag: Some("2".into()),
            evidence: "exact".into(),
            commit: Some("9f3e2c1aa00".into()),
            commit_date: Some("2026-08-15T10:00:00Z".into()),
            waiting: Some(9),
            oldest_waiting: Some("2026-08-16T10:00:00Z".into()),
            production_only: Some(0),
            paths: vec!["src".into()],
            last_deploy: Some("2026-08-20T10:00:00Z".into()),
            deploys: Some(deploys),
            ..TimeReport::default()
        },
        TimeReport {
            service: "billing".into(),
            tag: Some("stable".into()),
            evidence: "unknown".into(),
            unknown: Some("the tag `stable` names no commit".into()),
            ..TimeReport::default()
        },
    ];
    if let Some(comparison) = report.comparisons.first_mut() {
        comparison.time = time.into();
    }
    report
}
