//! `--online` asks GitHub what is deployed, and what waits where the clone does not reach: against a stand-in on loopback.

use std::path::Path;

use serde_json::{Value, json};

use crate::github::{Fault, Github, TOKEN};
use crate::repository::Repository;

const COMPOSE: &str = "services:\n  web:\n    build: .\n";

/// An app whose production runs a tag that names no commit; its remote is on GitHub.
fn app(tag: &str) -> Repository {
    let r = Repository::new();
    r.on("2026-03-01");
    r.write("docker-compose.yml", COMPOSE);
    r.write("Dockerfile", "FROM scratch\n");
    r.write("k8s/web.yaml", &deployment(tag));
    r.commit("start");
    r.git(&["remote", "add", "origin", "git@github.com:acme/shop.git"]);
    r
}

fn deployment(tag: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          image: ghcr.io/acme/web:{tag}\n"
    )
}

fn change(r: &Repository, day: &str) -> String {
    r.on(day);
    r.write("main.rs", day);
    r.commit(day)
}

/// Exit, JSON report, and all that was written. The images' registry is a port where nobody is.
fn run(r: &Repository, github: &Github, args: &[&str]) -> (Option<i32>, Value, String) {
    let forms = ["table", "markdown", "html", "sarif", "github", "junit", "gitlab", "rdjson", "comment"];
    let out = tempfile::tempdir().expect("a folder");
    let files: Vec<String> = forms.iter().map(|f| format!("{f}={}", out.path().join(f).display())).collect();
    let forms: Vec<&str> = files.iter().flat_map(|f| ["--report", f]).collect();
    let all = [&["diff", "--today", "2026-06-01", "--report", "json"], &forms[..], args].concat();
    // ghcr.io and the proxies of this machine are not asked: `https_proxy` leads nowhere.
    let env = [
        ("GITHUB_API_URL", github.url.as_str()),
        ("GITHUB_TOKEN", TOKEN),
        ("https_proxy", "http://127.0.0.1:9"),
        ("DOCKER_CONFIG", "/nonexistent"),
    ];
    let (text, code) = r.parity_with(&all, &env);
    let json = text.find('{').map_or("", |at| &text[at..]);
    let report = serde_json::Deserializer::from_str(json).into_iter::<Value>().next().and_then(Result::ok);
    let written =
        |dir: &Path| std::fs::read_dir(dir).expect("a folder").map(|f| std::fs::read_to_string(f.expect("a file").path()).expect("text"));
    let all = text.clone() + &written(out.path()).collect::<String>();
    assert!(!all.contains(TOKEN), "the token is shown: {all}");
    (code, report.unwrap_or_else(|| panic!("{text}")), all)
}

fn web(report: &Value) -> Value {
    report["comparisons"][0]["time"][0].clone()
}

/// The problems that are about GitHub.
fn said(report: &Value) -> Vec<String> {
    let all = report["problems"].as_array().expect("problems").iter();
    all.filter_map(|p| p["message"].as_str()).filter(|m| m.starts_with("GitHub ")).map(str::to_owned).collect()
}

fn made(id: u64, sha: &str, environment: &str, day: &str) -> Value {
    json!({ "id": id, "sha": sha, "environment": environment, "created_at": format!("{day}T10:00:00Z") })
}

fn states(all: &[&str]) -> Vec<Value> {
    all.iter().map(|s| json!({ "state": s, "created_at": "2026-05-01T10:00:00Z" })).collect()
}

#[test]
fn the_newest_that_succeeded_is_what_production_runs() {
    let r = app("latest");
    let shas: Vec<String> = ["2026-04-01", "2026-04-02", "2026-04-03", "2026-05-20"].iter().map(|d| change(&r, d)).collect();
    let github = Github::new();
    github.with(|s| {
        // Not in the order of time: GitHub's is not promised.
        s.deployments = vec![
            made(1, &shas[0], "production", "2026-04-01"),
            made(3, &shas[2], "production", "2026-04-03"),
            made(2, &shas[1], "production", "2026-04-02"),
            made(9, &shas[3], "staging", "2026-05-20"),
        ];
        s.statuses.insert(1, states(&["success", "pending"]));
        s.statuses.insert(2, states(&["inactive", "success", "in_progress"]));
        s.statuses.insert(3, states(&["failure", "in_progress"]));
    });
    let (_, report, _) = run(&r, &github, &["--online"]);
    let web = web(&report);
    assert_eq!((&web["commit"], &web["evidence"], &web["waiting"]), (&json!(shas[1]), &json!("observed"), &json!(2)), "{web}");
    assert_eq!(web["because"], "GitHub's deployment to `production` of 2026-04-02");
    assert_eq!(
        report["comparisons"][0]["deployment"],
        json!({ "environment": "production", "commit": shas[1], "created": "2026-04-02T10:00:00Z" })
    );
    let lag: Vec<&Value> = report["findings"].as_array().expect("findings").iter().filter(|f| f["rule"] == "time/deploy-lag").collect();
    assert!(lag[0]["message"].as_str().expect("text").contains("GitHub's deployment to `production` of 2026-04-02"), "{lag:?}");
    assert_eq!(said(&report), Vec::<String>::new());
    github.with(|s| assert_eq!((s.wrong.clone(), s.requests.len()), (Vec::new(), 3), "{:?}", s.requests));
}

#[test]
fn production_by_another_name_and_none_at_all() {
    let r = app("latest");
    let sha = change(&r, "2026-04-01");
    let github = Github::new();
    github.with(|s| {
        s.deployments = vec![made(1, &sha, "Production (EU)", "2026-04-01"), made(2, &"a".repeat(40), "pre-production", "2026-04-05")];
        s.statuses.insert(1, states(&["success"]));
        s.statuses.insert(2, states(&["success"]));
    });
    assert_eq!(web(&run(&r, &github, &["--online"]).1)["commit"], json!(sha));
    github.with(|s| s.deployments.remove(0));
    let (_, report, _) = run(&r, &github, &["--online"]);
    assert_eq!(web(&report)["commit"], Value::Null);
    assert_eq!(web(&report)["notes"], json!(["among the newest that GitHub shows, no deployment to `prod` succeeded"]));
    assert_eq!(said(&report), Vec::<String>::new());
}

#[test]
fn a_tag_that_names_its_commit_counts_more() {
    let r = app("latest");
    let (first, second) = (change(&r, "2026-04-01"), change(&r, "2026-04-02"));
    r.write("k8s/web.yaml", &deployment(&first[..12]));
    r.commit("pin");
    let github = Github::new();
    github.with(|s| {
        s.deployments = vec![made(1, &second, "production", "2026-04-02")];
        s.statuses.insert(1, states(&["success"]));
    });
    let web = web(&run(&r, &github, &["--online"]).1);
    assert_eq!((&web["commit"], &web["evidence"]), (&json!(first), &json!("exact")));
    assert_eq!(web["notes"][0], format!("GitHub's deployment to `production` of 2026-04-02 is of {}", &second[..10]));
}

#[test]
fn nothing_is_asked_offline_or_of_another_server() {
    let r = app("latest");
    let github = Github::new();
    run(&r, &github, &[]);
    r.git(&["remote", "set-url", "origin", "https://github.com.evil.example/acme/shop"]);
    run(&r, &github, &["--online"]);
    github.with(|s| assert_eq!(s.requests, Vec::<String>::new()));
}

#[test]
fn a_refusal_is_a_problem_and_no_failure() {
    let r = app("latest");
    let (offline, ..) = run(&r, &Github::new(), &[]);
    let cases: [(u16, &str, &str, usize); 8] = [
        (401, "", "it does not accept the token", 1),
        (403, "", "the token may not read this", 1),
        (404, "", "it does not show the repository, or its deployments, to this token", 1),
        (403, "x-ratelimit-remaining: 0\r\nx-ratelimit-reset: 1780308000\r\n", "allows no more requests now (until 10:00 UTC)", 1),
        (403, "retry-after: 3600\r\n", "allows no more requests now (it asks to wait 3600 s)", 1),
        (429, "retry-after: 3600\r\n", "allows no more requests now (it asks to wait 3600 s)", 1),
        (500, "", "it answers with status 500", 1),
        (503, "", "is not available now", 3),
    ];
    for (status, headers, words, asked) in cases {
        let github = Github::new();
        github.with(|s| s.faults.push(Fault("GET", "/deployments", 9, status, headers)));
        let (code, report, _) = run(&r, &github, &["--online"]);
        assert!(said(&report).len() == 1 && said(&report)[0].contains(words), "{status}: {:?}", said(&report));
        assert_eq!((code, github.with(|s| s.requests.len())), (offline, asked), "{status} {headers}");
    }
}

#[test]
fn a_limit_that_is_soon_over_is_waited_for() {
    let r = app("latest");
    let sha = change(&r, "2026-04-01");
    let github = Github::new();
    github.with(|s| {
        s.deployments = vec![made(1, &sha, "production", "2026-04-01")];
        s.statuses.insert(1, states(&["success"]));
        s.faults.push(Fault("GET", "/deployments", 1, 403, "retry-after: 1\r\n"));
    });
    assert_eq!(web(&run(&r, &github, &["--online"]).1)["commit"], json!(sha));
}

#[test]
fn what_github_would_not_say_is_not_taken() {
    let r = app("latest");
    for (body, words) in [
        (json!([{ "id": "canary" }]), "its answer is not what GitHub documents"),
        (json!([{ "id": 1, "sha": "a", "environment": "x".repeat(5 << 20), "created_at": "" }]), "is larger than the limit"),
    ] {
        let github = Github::new();
        github.with(|s| s.raw = Some(body));
        let (_, report, text) = run(&r, &github, &["--online"]);
        assert!(said(&report)[0].contains(words) && !text.contains("canary"), "{:?}", said(&report));
    }
    // A commit that is none leads nowhere.
    let github = Github::new();
    github.with(|s| {
        s.deployments = vec![made(1, "../../user", "production", "2026-04-01"), made(2, "--output=x", "production", "2026-04-01")];
        s.statuses.insert(1, states(&["success"]));
        s.statuses.insert(2, states(&["success"]));
    });
    assert_eq!(web(&run(&r, &github, &["--online"]).1)["commit"], Value::Null);
}

#[test]
fn a_redirect_to_another_host_takes_no_token_along() {
    let r = app("latest");
    let (github, other) = (Github::new(), Github::new());
    let header: &'static str = Box::leak(format!("location: {}/repos/acme/shop/deployments?per_page=100\r\n", other.url).into_boxed_str());
    github.with(|s| s.faults.push(Fault("GET", "/deployments", 9, 302, header)));
    run(&r, &github, &["--online"]);
    other.with(|s| {
        assert!(!s.requests.is_empty(), "it is followed");
        assert_eq!(s.wrong.len(), s.requests.len(), "without the token: {:?}", s.wrong);
    });
    // A repository that was renamed is found on the same host, with it.
    let github = Github::new();
    let header: &'static str = Box::leak(format!("location: {}/repos/acme/shop/deployments?per_page=99\r\n", github.url).into_boxed_str());
    github.with(|s| s.faults.push(Fault("GET", "/deployments", 1, 301, header)));
    let (_, report, _) = run(&r, &github, &["--online"]);
    assert_eq!(said(&report), Vec::<String>::new());
    github.with(|s| assert_eq!(s.wrong, Vec::<String>::new()));
}

#[test]
fn a_shallow_clone_asks_what_waits() {
    let r = app("latest");
    let first = change(&r, "2026-04-01");
    change(&r, "2026-04-02");
    r.write("k8s/web.yaml", &deployment(&first[..12]));
    let head = r.commit("pin");
    let shallow = r.cloned(&["--depth", "1"]);
    shallow.git(&["remote", "set-url", "origin", "https://github.com/acme/shop"]);
    let commit = |sha: &str, day: &str| json!({ "sha": sha, "commit": { "committer": { "date": format!("{day}T12:00:00Z") } } });
    let github = Github::new();
    // Without an answer it is said that it is not known.
    assert_eq!(web(&run(&shallow, &github, &["--online"]).1)["waiting"], Value::Null);
    github.with(|s| {
        let commits = [commit(&"b".repeat(40), "2026-04-02"), commit(&head, "2026-04-02")];
        let answer = json!({ "ahead_by": 2, "behind_by": 0, "base_commit": commit(&first, "2026-04-01"), "commits": commits });
        s.compares.insert(format!("{}...{head}", &first[..12]), answer);
    });
    let (_, report, _) = run(&shallow, &github, &["--online"]);
    let web_ = web(&report);
    assert_eq!(
        (&web_["commit"], &web_["evidence"], &web_["waiting"], &web_["unknown"]),
        (&json!(first), &json!("exact"), &json!(2), &Value::Null),
        "{web_}"
    );
    assert_eq!((&web_["oldest_waiting"], &web_["commit_date"]), (&json!("2026-04-02T12:00:00Z"), &json!("2026-04-01T12:00:00Z")));
    // Of a part of the files GitHub does not count.
    let config = "time:\n  paths:\n    web: [Dockerfile]\n";
    shallow.write("parity.yml", config);
    let (_, report, _) = run(&shallow, &github, &["--online"]);
    assert!(web(&report)["unknown"].as_str().is_some_and(|w| w.contains("2 commits of the whole repository")), "{}", web(&report));
}
