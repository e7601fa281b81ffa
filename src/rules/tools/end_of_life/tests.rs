use super::*;
use crate::catalogue::compare::{Outcome, Verdict};
use crate::catalogue::statement;
use crate::inventory::{Build, Inventory, Provider, Role, Runtime};
use crate::rules::Context;
use crate::source::Source;

fn place(text: &str) -> Location {
    Source::new("compose.yml", text).whole()
}

fn fact(text: &str) -> Fact<Software> {
    Fact::known(statement::parse(text).expect("a statement"), place(text))
}

fn service(name: &str, text: &str) -> Service {
    Service { software: Some(fact(text)), ..Service::new(name, place(name), Provider::Container) }
}

/// The messages for what the two sides run at a day.
fn messages(from: Option<&str>, to: Option<&str>, today: &str) -> Vec<String> {
    let (from, to) = (from.map(|t| service("db", t)), to.map(|t| service("db", t)));
    let pair = Pair {
        name: "db".into(),
        role: Role::Backing,
        from: from.as_ref(),
        to: to.as_ref(),
        because: String::new(),
        outcome: Outcome::of(Verdict::Same, ""),
        beside: false,
    };
    let nothing = Inventory::default();
    let context = Context { eol_day: today.parse().expect("a day"), ..Context::default() };
    let comparison = Comparison::new(&nothing, &nothing, &[], &context);
    EndOfLife.pair(&pair, &comparison).into_iter().map(|f| format!("{} ({} places)", f.message, f.places.len())).collect()
}

#[test]
fn past_soon_and_not_yet() {
    let at = |day| messages(Some("postgres:13"), None, day);
    assert_eq!(at("2026-08-22"), ["PostgreSQL 13 reached its end of life on 2025-11-13 (1 places)"]);
    assert_eq!(at("2025-11-13"), ["PostgreSQL 13 reaches its end of life today, 2025-11-13 (1 places)"]);
    assert_eq!(at("2025-08-15"), ["PostgreSQL 13 reaches its end of life on 2025-11-13, in 90 days (1 places)"]);
    assert_eq!(at("2025-08-14"), Vec::<String>::new());
}

#[test]
fn one_finding_for_a_line_that_both_sides_run() {
    let both = messages(Some("postgres:13-alpine"), Some("postgres:13.4"), "2026-08-22");
    assert_eq!(both, ["PostgreSQL 13 reached its end of life on 2025-11-13 (2 places)"]);
    let two = messages(Some("postgres:12"), Some("rds:postgres 13.4"), "2026-08-22");
    assert_eq!(two.len(), 2, "{two:?}");
}

#[test]
fn silent_where_nothing_ends_or_nothing_is_known() {
    for text in [
        "postgres:17",
        "postgres:latest",
        "mysql:8",
        "mysql:26.7",
        "redis:8.6",
        "acme/api:1.0",
        "postgres@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ] {
        assert_eq!(messages(Some(text), Some(text), "2026-08-22"), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn what_an_app_is_built_from_and_what_a_file_names() {
    let mut api = service("api", "acme/api:1.0");
    api.unit = "api".into();
    api.build = Some(Build {
        context: None,
        dockerfile: None,
        target: None,
        base: Some(fact("node:18-alpine")),
        env: Default::default(),
        at: place("build: ."),
    });
    let runtime = |unit: &str, text: &str| Runtime { software: fact(text), service: None, unit: unit.into() };
    let from = Inventory {
        services: vec![api],
        runtimes: vec![runtime("api", "node:18"), runtime("worker", "python:3.8")],
        ..Inventory::default()
    };
    let to = Inventory::default();
    let context = Context { eol_day: "2026-08-22".parse().expect("a day"), ..Context::default() };
    let comparison = Comparison::new(&from, &to, &[], &context);
    let whole: Vec<String> = EndOfLife.whole(&comparison).into_iter().map(|f| format!("{} {}", f.service, f.message)).collect();
    assert_eq!(whole, ["worker Python 3.8 reached its end of life on 2024-10-07"], "Node.js 18 is said of the service");
    assert_eq!(of_service(Which::From, &from.services[0], &context).len(), 1);
}
