//! What history tells of two states: what a change deploys, since when places differ, how drift came and went.

use serde_json::{Value, json};

use crate::repository::Repository;
use crate::time::{app, change, deploy, deployment};

#[test]
fn a_change_that_moves_a_tag_says_what_it_deploys() {
    let r = app();
    r.git(&["tag", "v1.0.0"]);
    deploy(&r, "2026-03-02", "web", "1.0.0");
    change(&r, "2026-03-10", "web/a");
    change(&r, "2026-03-11", "worker/a");
    change(&r, "2026-03-12", "web/b");
    r.git(&["tag", "v1.1.0"]);
    r.git(&["checkout", "-q", "-b", "topic"]);
    deploy(&r, "2026-03-13", "web", "1.1.0");
    let report = r.report(&["--base", "main", "--today", "2026-06-01"]);
    let release = &report["releases"][0];
    assert_eq!((&release["commits"], &release["oldest"], &release["rollback"]), (&json!(2), &json!("2026-03-10T12:00:00Z"), &json!(false)));
    let (text, _) = r.parity(&["diff", "--base", "main", "--today", "2026-06-01"]);
    assert!(text.contains("release: this change deploys `web` in prod, `1.0.0` to `1.1.0`: 2 commits, the oldest of 2026-03-10"), "{text}");
    r.git(&["checkout", "-q", "-b", "back"]);
    deploy(&r, "2026-03-14", "web", "1.0.0");
    let release = r.report(&["--base", "topic"])["releases"][0].clone();
    assert_eq!((&release["commits"], &release["taken_back"], &release["rollback"]), (&json!(0), &json!(2), &json!(true)), "{release}");
    assert_eq!(r.report(&["--base", "HEAD"])["releases"], Value::Null);
}

#[test]
fn since_when_two_places_differ() {
    let r = Repository::new();
    r.on("2026-01-10");
    r.write("docker-compose.yml", "services:\n  db:\n    image: postgres:15\n  web:\n    build: .\n    environment:\n      A: a\n");
    r.write("k8s/db.yaml", &deployment("db", "postgres:15"));
    r.write("k8s/web.yaml", &deployment("web", "ghcr.io/acme/web:1.0.0"));
    r.commit("alike");
    r.on("2026-02-20");
    r.write("k8s/db.yaml", &format!("# a line before it\n{}", deployment("db", "postgres:16")));
    r.commit("differ");
    r.on("2026-03-30");
    r.write("k8s/db.yaml", &format!("# another line\n# a line before it\n{}", deployment("db", "postgres:16")));
    r.commit("moved");
    let report = r.report(&[]);
    let since = |rule: &str| {
        let found = report["findings"].as_array().expect("findings").iter().find(|f| f["rule"] == rule);
        found.unwrap_or_else(|| panic!("no {rule} in {report}"))["since"].clone()
    };
    assert_eq!(since("tools/version-major"), "2026-02-20");
    assert_eq!(since("config/missing-in-prod"), "2026-01-10");
    // The end of a shallow clone's history is no date.
    let clone = r.cloned(&["--depth", "1"]);
    let report = clone.report(&[]);
    assert!(report["findings"].as_array().expect("findings").iter().all(|f| f["since"].is_null()), "{report}");
    // Where the contents of then are not in the clone, no date is made up.
    let partial = r.cloned(&["--filter", "blob:none"]);
    let found = partial.report(&[])["findings"].as_array().expect("findings").clone();
    let major = found.iter().find(|f| f["rule"] == "tools/version-major").expect("major");
    assert!(major["since"].is_null(), "the line moved on 2026-03-30, and did not change then: {major}");
    // What is not committed has no date yet.
    r.write("k8s/db.yaml", &deployment("db", "postgres:17"));
    let report = r.report(&[]);
    let major = report["findings"].as_array().expect("findings").iter().find(|f| f["rule"] == "tools/version-major");
    assert_eq!(major.expect("major")["since"], Value::Null);
}

#[test]
fn the_past_is_recomputed_week_by_week() {
    let r = Repository::new();
    r.on("2026-05-06");
    r.write("docker-compose.yml", "services:\n  db:\n    image: postgres:15\n");
    r.write("k8s/db.yaml", &deployment("db", "postgres:15"));
    r.commit("alike");
    r.on("2026-05-20");
    r.write("k8s/db.yaml", &deployment("db", "postgres:16"));
    r.commit("differ");
    let args = ["history", "--weekly", "5", "--today", "2026-06-01", "--report", "json"];
    let (text, exit) = r.parity(&args);
    let trend: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
    let errors: Vec<(Value, Value)> =
        trend["points"].as_array().expect("points").iter().map(|p| (p["day"].clone(), p["errors"].clone())).collect();
    let wanted = [("2026-05-04", Value::Null), ("2026-05-11", json!(0)), ("2026-05-18", json!(0)), ("2026-05-25", json!(1))];
    for (day, count) in wanted.into_iter().chain([("2026-06-01", json!(1))]) {
        assert!(errors.contains(&(json!(day), count.clone())), "{day} {count}: {text}");
    }
    assert_eq!((exit, r.parity(&args).0), (Some(0), text));
    let (table, _) = r.parity(&["history", "--weekly", "5", "--today", "2026-06-01"]);
    assert!(table.contains("2026-05-04  -           not known: the history begins later"), "{table}");
    let schema =
        jsonschema::validator_for(&serde_json::from_str(&parity::report::trend::schema()).expect("a schema")).expect("a valid schema");
    assert!(schema.is_valid(&trend), "{trend}");
}

#[test]
fn a_past_week_knows_what_waited_then() {
    let r = app();
    r.git(&["tag", "v1.0.0"]);
    deploy(&r, "2026-05-02", "web", "1.0.0");
    change(&r, "2026-05-08", "web/a");
    r.git(&["tag", "v1.1.0"]);
    deploy(&r, "2026-05-20", "web", "1.1.0");
    let (text, _) = r.parity(&["history", "--weekly", "4", "--today", "2026-05-25", "--report", "json"]);
    let trend: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
    let waited: Vec<&Value> = trend["points"].as_array().expect("points").iter().map(|p| &p["oldest_waiting_days"]).collect();
    assert_eq!(waited, [&json!(0), &json!(3), &json!(10), &json!(0)], "{text}");
    let (markdown, _) = r.parity(&["history", "--weekly", "4", "--today", "2026-05-25", "--report", "markdown"]);
    assert!(markdown.ends_with("| days that the oldest commit waited | 0 | 3 | 10 | 0 |\n"), "{markdown}");
}
