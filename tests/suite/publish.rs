//! Publishing against a stand-in for GitHub.

#![expect(clippy::disallowed_methods, reason = "a test runs the program and writes files itself")]

use std::process::{Command, Output};
use std::time::Duration;

use parity::publish::{self, Content, Event, Keep, Outcome, Repository, Settings, Token};
use parity::report::stored::Stored;
use serde_json::{Value, json};

use crate::github::{BOT, Fault, Github, TOKEN, comment, issue};

pub(crate) fn settings(github: &Github) -> Settings {
    Settings {
        api_url: github.url.clone(),
        token: Token::new(TOKEN).expect("a token"),
        repository: Repository::parse("acme/shop").expect("a name"),
        author: None,
        id: "parity".into(),
        dry_run: false,
        second: Duration::from_millis(1),
    }
}

pub(crate) fn finding(name: &str, severity: &str, state: &str) -> Value {
    let fingerprint: String = name.bytes().map(|b| format!("{b:02x}")).collect::<String>() + "00000000000000";
    json!({ "rule": "tools/version-major", "severity": severity, "state": if state.is_empty() { Value::Null } else { state.into() },
            "from": "dev", "to": "prod", "service": name, "subject": "postgresql", "message": format!("`{name}` differs"), "help": null,
            "places": [{ "side": "from", "path": "compose.yml", "line": 3, "column": 1, "end_line": 3, "end_column": 2, "label": "dev" }],
            "fingerprint": fingerprint })
}

pub(crate) fn report(findings: &[Value], exit: u8) -> Value {
    json!({ "schema": "parity-report/1", "tool": { "name": "parity", "version": "0" }, "comparisons": [], "findings": findings,
            "problems": [], "base": { "revision": "main", "commit": "0".repeat(40) }, "hidden": { "ignored": 0, "baselined": 0, "off": 0 }, "exit": exit })
}

pub(crate) fn content(report: &Value, markdown: Option<&str>) -> Content {
    Content { report: Stored::read(report.to_string().as_bytes()).expect("a report"), markdown: markdown.map(str::to_owned), trend: None }
}

pub(crate) fn drift(markdown: &str) -> Content {
    content(&report(&[finding("db", "error", "new")], 1), Some(markdown))
}

fn clean() -> Content {
    content(&report(&[], 0), Some("nothing"))
}

pub(crate) fn say(github: &Github, content: &Content) -> Outcome {
    publish::comment(&settings(github), &Event::of(7), content, Keep::Update).expect("published")
}

pub(crate) fn nightly(github: &Github, content: &Content) -> Outcome {
    publish::issue(&settings(github), "parity", content).expect("published")
}

#[test]
fn a_comment_from_first_run_to_mended() {
    let github = Github::new();
    assert_eq!(say(&github, &clean()).done, "silent");
    assert_eq!(github.writes(), Vec::<String>::new());
    let created = say(&github, &drift("one error"));
    assert_eq!((created.done, created.url.as_deref()), ("created", Some("https://github.com/acme/shop/pull/7#1001")));
    assert_eq!(github.writes(), ["POST /repos/acme/shop/issues/7/comments"]);
    // GitHub keeps other line ends.
    github.with(|s| s.comments[0]["body"] = s.comments[0]["body"].as_str().expect("text").trim_end().replace('\n', "\r\n").into());
    assert_eq!(say(&github, &drift("one error")).done, "unchanged");
    assert_eq!(github.writes(), Vec::<String>::new());
    assert_eq!(say(&github, &drift("two errors")).done, "updated");
    assert_eq!(say(&github, &clean()).done, "resolved");
    assert_eq!(say(&github, &clean()).done, "unchanged");
    assert_eq!(github.writes(), ["PATCH /repos/acme/shop/issues/comments/1001"; 2]);
    github.with(|s| assert!(s.comments[0]["body"].as_str().expect("text").contains("resolved")));
    assert_eq!(say(&github, &drift("again")).done, "updated");
    assert_eq!(github.with(|s| s.comments.len()), 1);
}

#[test]
fn what_was_there_before_is_nothing_to_say() {
    let github = Github::new();
    assert_eq!(say(&github, &content(&report(&[finding("db", "error", "unchanged")], 0), None)).done, "silent");
    assert_eq!(say(&github, &content(&report(&[], 3), None)).done, "created");
}

#[test]
fn the_mark_of_another_bot_of_a_person_and_of_nobody() {
    let github = Github::new();
    say(&github, &drift("ours"));
    let marked = github.with(|s| s.comments.pop().expect("a comment")["body"].as_str().expect("text").to_owned());
    let quoted = format!("{marked}\nsaid it");
    github.with(|s| {
        let others = (1..=300).map(|id| comment(id, Some("ada"), "words")).collect::<Vec<_>>();
        s.comments.extend(others);
        s.comments.push(comment(301, Some("other[bot]"), &marked));
        s.comments.push(comment(302, None, &marked));
        s.comments.push(comment(303, Some(BOT), &quoted));
    });
    github.writes();
    assert_eq!(say(&github, &drift("ours")).done, "created");
    assert_eq!(github.with(|s| s.requests.iter().filter(|r| r.starts_with("GET")).count()), 8, "four pages, twice");
    assert_eq!(say(&github, &drift("ours")).done, "unchanged");
    let other = Settings { id: "other".into(), ..settings(&github) };
    assert_eq!(publish::comment(&other, &Event::of(7), &drift("ours"), Keep::Update).expect("published").done, "created");
    assert_eq!(github.with(|s| s.comments.len()), 305);
    assert_eq!(github.with(|s| s.wrong.clone()), Vec::<String>::new());
}

#[test]
fn a_new_comment_each_time_something_changes() {
    let github = Github::new();
    let say = |text: &str| publish::comment(&settings(&github), &Event::of(7), &drift(text), Keep::New).expect("published").done;
    assert_eq!([say("one"), say("one"), say("two"), say("two")], ["created", "unchanged", "created", "unchanged"]);
    assert_eq!(github.with(|s| s.comments.len()), 2);
}

#[test]
fn a_redirect_to_another_host_gets_no_token() {
    let (github, other) = (Github::new(), Github::new());
    let header: &'static str = Box::leak(format!("location: {}/repos/acme/shop/issues/7/comments\r\n", other.url).into_boxed_str());
    github.with(|s| s.faults.push(Fault("GET", "/comments", 1, 302, header)));
    publish::comment(&settings(&github), &Event::of(7), &drift("x"), Keep::Update).expect_err("not followed");
    assert_eq!(other.with(|s| s.requests.clone()), Vec::<String>::new());
}

#[test]
fn a_long_report_is_cut_by_whole_lines() {
    let github = Github::new();
    let row = format!("| `{}` | é |\n", "x".repeat(100));
    say(&github, &drift(&format!("<details>\n\n| a | b |\n|---|---|\n{}\n</details>\n", row.repeat(2000))));
    let many: Vec<Value> = (0..3000).map(|i| finding(&format!("s{i}"), "error", "new")).collect();
    let other = Settings { id: "list".into(), ..settings(&github) };
    publish::comment(&other, &Event::of(7), &content(&report(&many, 1), None), Keep::Update).expect("published");
    nightly(&github, &content(&report(&many, 1), None));
    github.writes();
    let bodies: Vec<String> =
        github.with(|s| s.comments.iter().chain(&s.issues).map(|c| c["body"].as_str().expect("text").to_owned()).collect());
    for body in &bodies {
        assert!(body.contains("more did not fit"), "says so");
        assert!(body.lines().filter(|l| l.starts_with("| ")).all(|l| l.ends_with('|')), "whole rows");
        assert_eq!(body.matches("<details").count(), body.matches("</details>").count());
    }
    // What was not remembered is not new.
    assert_eq!(nightly(&github, &content(&report(&many, 1), None)).done, "unchanged");
}

#[test]
fn two_runs_at_once_leave_one_comment_and_one_issue() {
    let github = Github::new();
    say(&github, &drift("theirs"));
    nightly(&github, &drift("theirs"));
    let (theirs, other) = github.with(|s| (s.comments.pop().expect("one"), s.issues.pop().expect("one")));
    github.with(|s| s.racing = Some(theirs));
    assert_eq!(say(&github, &drift("ours")).done, "updated");
    github.with(|s| assert!(s.comments.len() == 1 && s.comments[0]["body"].as_str().expect("text").starts_with("ours")));
    github.with(|s| s.racing = Some(other));
    assert_eq!(nightly(&github, &drift("ours")).done, "updated");
    let open = github.with(|s| s.issues.iter().filter(|i| i["state"] == "open").map(|i| i["number"].clone()).collect::<Vec<_>>());
    assert_eq!(open, [1002]);
    github.writes();
}

#[test]
fn a_nightly_issue_shows_the_trend_and_a_night_without_news_is_no_comment() {
    let github = Github::new();
    let night = |errors: u32, markdown: &str| {
        let points = json!([{ "day": "2026-05-25", "errors": errors, "warnings": 0 }, { "day": "2026-06-01", "unknown": "@ada <!-- x" }]);
        let history = json!({ "schema": "parity-history/1", "points": points });
        let trend = parity::report::trend::Trend::read(history.to_string().as_bytes()).expect("a history");
        nightly(&github, &Content { trend: Some(trend), ..drift(markdown) }).done
    };
    assert_eq!(night(7, "words"), "created");
    let body = || github.with(|s| s.issues[0]["body"].as_str().expect("text").to_owned());
    assert!(
        body().contains("## Trend, week by week\n\n| week to | 2026-05-25 | 2026-06-01 |\n|---|---:|---:|\n| errors | 7 | ? |"),
        "{}",
        body()
    );
    assert!(!body().contains("@ada") && body().matches("<!--").count() == 1, "{}", body());
    github.writes();
    assert_eq!((night(7, "words"), night(8, "words")), ("unchanged", "updated"));
    assert_eq!(github.writes().len(), 1, "the body alone");
    // A report that is too long leaves room for it.
    assert_eq!(night(9, &"a line\n".repeat(20_000)), "updated");
    assert!(body().contains("| errors | 9 |") && body().contains("did not fit") && body().len() < 65_536);
}

#[test]
fn a_nightly_issue_from_first_night_to_clean() {
    let github = Github::new();
    let night = |findings: &[Value], exit: u8| nightly(&github, &content(&report(findings, exit), None)).done;
    let (db, db_worse, cache) = (finding("db", "warning", ""), finding("db", "error", ""), finding("cache", "error", ""));
    assert_eq!(night(&[], 0), "silent");
    assert_eq!(night(std::slice::from_ref(&db), 1), "created");
    assert_eq!(night(std::slice::from_ref(&db), 1), "unchanged");
    github.writes();
    assert_eq!(night(&[db_worse.clone(), cache.clone()], 1), "updated");
    assert_eq!(github.writes(), ["PATCH /repos/acme/shop/issues/1001", "POST /repos/acme/shop/issues/1001/comments"]);
    assert_eq!(night(std::slice::from_ref(&cache), 1), "updated");
    assert_eq!(github.writes(), ["PATCH /repos/acme/shop/issues/1001"], "less is no news");
    // Could not tell: not closed.
    assert_eq!(night(&[], 3), "updated");
    let mut unread = report(&[], 0);
    unread["problems"] = json!([{ "severity": "error", "message": "`x` cannot be read", "help": null }]);
    assert_ne!(nightly(&github, &content(&unread, None)).done, "closed");
    assert_eq!(night(&[], 0), "closed");
    assert_eq!(night(&[], 0), "silent");
    github.writes();
    assert_eq!(night(&[db], 1), "reopened");
    assert_eq!(github.writes(), ["PATCH /repos/acme/shop/issues/1001", "POST /repos/acme/shop/issues/1001/comments"]);
}

#[test]
fn duplicates_are_closed_and_what_is_not_ours_stays() {
    let github = Github::new();
    nightly(&github, &drift("one"));
    let body = github.with(|s| s.issues[0]["body"].as_str().expect("text").to_owned());
    github.with(|s| {
        s.issues.insert(0, issue(5, "open", "eve", &body, &["parity"]));
        let mut pull = issue(6, "open", BOT, &body, &["parity"]);
        pull["pull_request"] = json!({});
        s.issues.insert(1, pull);
        s.issues.push(issue(2000, "open", BOT, &body, &["parity"]));
    });
    github.writes();
    assert_eq!(nightly(&github, &drift("one")).done, "unchanged");
    assert_eq!(github.writes(), ["PATCH /repos/acme/shop/issues/2000"]);
}

#[test]
fn the_pull_request_of_a_workflow_run_is_asked_for() {
    let github = Github::new();
    let event = Event { name: "workflow_run".into(), commit: Some("a".repeat(40)), ..Event::default() };
    assert_eq!(publish::comment(&settings(&github), &event, &drift("x"), Keep::Update).expect("published").done, "created");
    let none = Event { name: "schedule".into(), ..Event::default() };
    assert_eq!(publish::comment(&settings(&github), &none, &drift("x"), Keep::Update).expect("published").done, "silent");
}

/// Names that try to get out of their cell.
const HOSTILE: &str = "100% | \u{1b}[31m ::set-output name=a::b\n::error::x <!-- parity comment --> @everyone `q` \u{202e}txt";

#[test]
fn nothing_gets_out_of_its_cell() {
    let github = Github::new();
    let mut bad = finding("db", "error", "new");
    for key in ["rule", "service", "message", "subject"] {
        bad[key] = HOSTILE.into();
    }
    bad["places"][0]["path"] = HOSTILE.into();
    let mut hostile = report(&[bad], 1);
    hostile["problems"] = json!([{ "severity": "error", "message": HOSTILE, "help": null }]);
    say(&github, &content(&hostile, None));
    nightly(&github, &content(&hostile, None));
    for item in github.with(|s| s.comments.iter().chain(&s.issues).cloned().collect::<Vec<_>>()) {
        let body = item["body"].as_str().expect("text");
        assert!(!body.contains('\u{1b}') && !body.contains('\u{202e}') && !body.contains("\n::"), "{body}");
        assert_eq!(body.matches("<!--").count(), 1, "only our mark: {body}");
        assert!(!body.split('`').step_by(2).any(|outside| outside.contains("@everyone")), "{body}");
        let rows: Vec<&str> = body.lines().filter(|l| l.starts_with("| error")).collect();
        assert!(rows.iter().all(|r| r.replace("\\|", "").matches('|').count() == 4), "{rows:?}");
    }
}

fn parity(dir: &std::path::Path, args: &[&str], env: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_parity"))
        .args(args)
        .current_dir(dir)
        .env_clear()
        .envs(env.iter().copied())
        .output()
        .expect("parity runs")
}

#[test]
fn the_program_publishes_dry_and_through_a_proxy() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("report.json"), report(&[finding("db", "error", "new")], 1).to_string()).expect("written");
    let args = ["publish", "comment", "--report", "report.json", "--repository", "acme/shop", "--pull-request", "7"];
    // Dry: no socket, no token shown. The address would refuse.
    let env = [("GITHUB_TOKEN", TOKEN), ("GITHUB_API_URL", "http://127.0.0.1:1")];
    let out = parity(dir.path(), &[&args[..], &["--dry-run"]].concat(), &env);
    let text = String::from_utf8([out.stdout, out.stderr].concat()).expect("UTF-8");
    assert!(out.status.success() && text.contains("POST /repos/acme/shop/issues/7/comments") && !text.contains(TOKEN), "{text}");
    // No answer: an error that does not show the token.
    let out = parity(dir.path(), &args, &[("GITHUB_TOKEN", TOKEN), ("GITHUB_API_URL", "http://127.0.0.1:1/\u{1b}")]);
    assert_eq!(out.status.code(), Some(2));
    assert!(!String::from_utf8_lossy(&out.stderr).contains(TOKEN));
    // Through a proxy, to a host that only it knows.
    let github = Github::new();
    let proxy = github.url.trim_end_matches("/api/v3").to_owned();
    let env = [("GITHUB_TOKEN", TOKEN), ("GITHUB_API_URL", "http://api.example.invalid/api/v3"), ("http_proxy", &proxy)];
    let out = parity(dir.path(), &args, &env);
    let text = String::from_utf8([out.stdout, out.stderr].concat()).expect("UTF-8");
    assert_eq!(text, "created: https://github.com/acme/shop/pull/7#1001\n");
}

#[test]
fn pull_request_target_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("report.json"), report(&[finding("db", "error", "new")], 1).to_string()).expect("written");
    let payload = json!({ "pull_request": { "number": 7, "head": { "repo": { "full_name": "eve/shop" } } }, "repository": { "full_name": "acme/shop" } });
    std::fs::write(dir.path().join("event.json"), payload.to_string()).expect("written");
    let github = Github::new();
    let env = [
        ("GITHUB_TOKEN", TOKEN),
        ("GITHUB_API_URL", &github.url),
        ("GITHUB_REPOSITORY", "acme/shop"),
        ("GITHUB_EVENT_NAME", "pull_request_target"),
        ("GITHUB_EVENT_PATH", "event.json"),
    ];
    let args = ["publish", "comment", "--report", "report.json"];
    let out = parity(dir.path(), &args, &env);
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(github.writes(), Vec::<String>::new());
    assert!(parity(dir.path(), &[&args[..], &["--allow-pull-request-target"]].concat(), &env).status.success());
    assert_eq!(github.writes().len(), 1);
}

#[test]
fn a_thousand_reports_are_merged() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut args = vec!["merge".to_owned()];
    for i in 0..1000 {
        let findings: Vec<Value> =
            (0..i % 40).map(|n| finding(&format!("s{n}"), if n % 7 == 0 { "error" } else { "warning" }, "")).collect();
        let name = format!("acme-{i:04}.json");
        std::fs::write(dir.path().join(&name), report(&findings, u8::from(i % 40 > 0)).to_string()).expect("written");
        args.push(name);
    }
    args.extend(["--report", "markdown", "--report", "html=all.html"].map(str::to_owned));
    let out = parity(dir.path(), &args.iter().map(String::as_str).collect::<Vec<_>>(), &[]);
    let text = String::from_utf8(out.stdout).expect("UTF-8");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(text.starts_with("# parity: 1000 reports: 975 drift, 25 clean\n"), "{}", text.lines().next().unwrap_or(""));
    let row = |name: &str| text.lines().position(|l| l.starts_with(&format!("| `{name}`"))).unwrap_or_else(|| panic!("{name}"));
    assert!(row("acme-0039") < row("acme-0001") && row("acme-0001") < row("acme-0000"));
    assert!(std::fs::read_to_string(dir.path().join("all.html")).expect("a page").contains("acme-0999"));
}

#[test]
fn completions_and_the_manual_page() {
    let dir = tempfile::tempdir().expect("a folder");
    for (args, words) in [(&["completions", "bash"][..], "_parity"), (&["completions", "fish"], "parity"), (&["man"], ".TH parity 1")] {
        let out = parity(dir.path(), args, &[]);
        assert!(out.status.success() && String::from_utf8_lossy(&out.stdout).contains(words), "{args:?}");
    }
}
