//! Without `--online` no connection is made; with it, what could not be asked is a problem and no failure.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A port that counts who comes, and answers nobody.
fn port() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let count: Arc<AtomicUsize> = Arc::default();
    let seen = Arc::clone(&count);
    std::thread::spawn(move || {
        for _ in listener.incoming() {
            seen.fetch_add(1, Ordering::SeqCst);
        }
    });
    (address, count)
}

/// Every proxy and every registry that the run could ask is a port of ours.
fn run(options: &[&str]) -> (usize, usize, String, Option<i32>) {
    let ((registry, asked), (proxy, proxied)) = (port(), port());
    let dir = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).expect("a file");
    let compose = |version: &str| {
        format!("services:\n  db:\n    image: {registry}/library/postgres:{version}\n  cache:\n    image: redis:{version}\n")
    };
    write("compose.yaml", &compose("latest"));
    write("compose.prod.yaml", &compose("7.2"));
    write("config.json", r#"{"auths": {"REGISTRY": {"auth": "Y2FuYXJ5OmNhbmFyeS03"}}}"#.replace("REGISTRY", &registry).as_str());
    #[expect(clippy::disallowed_methods, reason = "the program under test")]
    let mut command = Command::new(env!("CARGO_BIN_EXE_parity"));
    command.env_clear().current_dir(dir.path()).env("DOCKER_CONFIG", dir.path());
    for key in ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env(key, format!("http://user:canary-8@{proxy}"));
    }
    command.args(["diff", "--dev", "compose.yaml", "--prod", "compose.prod.yaml", "--report", "json"]).args(options);
    let out = command.output().expect("runs");
    let text = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    (asked.load(Ordering::SeqCst), proxied.load(Ordering::SeqCst), text, out.status.code())
}

#[test]
fn offline_no_connection_is_made() {
    let (asked, proxied, _, code) = run(&[]);
    assert_eq!((asked, proxied), (0, 0));
    assert!(code.is_some_and(|c| c < 2), "{code:?}");
}

#[test]
fn online_what_cannot_be_asked_is_a_problem() {
    let (_, _, _, offline) = run(&[]);
    let (asked, proxied, text, code) = run(&["--online"]);
    assert!(asked > 0 && proxied > 0, "{asked} {proxied}");
    assert_eq!(code, offline, "{text}");
    assert!(text.contains("the registry does not say what"), "{text}");
    for canary in ["canary", "Y2FuYXJ5"] {
        assert!(!text.contains(canary), "{text}");
    }
}

#[test]
fn a_history_is_not_asked_for() {
    let dir = tempfile::tempdir().expect("a folder");
    #[expect(clippy::disallowed_methods, reason = "the program under test")]
    let out = Command::new(env!("CARGO_BIN_EXE_parity")).args(["history", "--online"]).current_dir(dir.path()).output().expect("runs");
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("what is so today was not so then"), "{out:?}");
}

/// What endoflife.date says of every product, as a status and the end of its line 15.
fn endoflife(status: u16, end: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/api/v1", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 4096];
            let read = stream.read(&mut head).unwrap_or(0);
            let asked = String::from_utf8_lossy(&head[..read]).starts_with("GET /api/v1/products/postgresql/ ");
            let status = if asked { status } else { 404 };
            let body = format!(
                r#"{{"schema_version": "1.2.0", "generated_at": "2026-04-20T01:00:00+00:00", "result": {{"releases": [
                {{"name": "15", "isEol": false, "eolFrom": "{end}"}}, {{"name": "lts", "isEol": false, "eolFrom": null}}]}}}}"#
            );
            let _sent = write!(stream, "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        }
    });
    address
}

/// What is said of the end of PostgreSQL 15, the problems, and the exit.
fn ends(options: &[&str], address: &str) -> (Vec<String>, Vec<String>, Option<i32>) {
    let dir = tempfile::tempdir().expect("a folder");
    for name in ["compose.yaml", "compose.prod.yaml"] {
        std::fs::write(dir.path().join(name), "services:\n  db:\n    image: 127.0.0.1:9/library/postgres:15\n").expect("a file");
    }
    #[expect(clippy::disallowed_methods, reason = "the program under test")]
    let mut command = Command::new(env!("CARGO_BIN_EXE_parity"));
    command.env_clear().current_dir(dir.path()).env("PARITY_ENDOFLIFE_URL", address);
    command.args(["diff", "--dev", "compose.yaml", "--prod", "compose.prod.yaml", "--report", "json"]).args(options);
    let out = command.output().expect("runs");
    let report: serde_json::Value =
        serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&out.stderr)));
    let texts = |list: &str, keep: &dyn Fn(&serde_json::Value) -> bool| {
        let all = report[list].as_array().expect("a list").iter().filter(|e| keep(e));
        all.map(|e| e["message"].as_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    let about = |p: &serde_json::Value| p["message"].as_str().is_some_and(|m| m.contains("endoflife"));
    (texts("findings", &|f| f["rule"] == "tools/end-of-life"), texts("problems", &about), out.status.code())
}

#[test]
fn endoflife_is_asked_and_judged_at_the_day_of_its_answer() {
    let soon = endoflife(200, "2026-05-01");
    assert_eq!(ends(&[], &soon).0, Vec::<String>::new(), "nothing is asked");
    let (said, problems, _) = ends(&["--online"], &soon);
    assert_eq!((said, problems), (vec!["PostgreSQL 15 reaches its end of life on 2026-05-01, in 11 days".to_owned()], Vec::new()));
    let (said, ..) = ends(&["--online", "--today", "2026-06-01"], &soon);
    assert_eq!(said, ["PostgreSQL 15 reached its end of life on 2026-05-01"]);
}

#[test]
fn without_its_answer_the_table_counts() {
    let (_, _, offline) = ends(&["--today", "2027-12-01"], "");
    for (address, words) in [
        (endoflife(500, "2026-05-01"), "it answers with status 500"),
        (endoflife(200, "soon"), "its answer is not what it documents"),
        ("http://127.0.0.1:9".to_owned(), "`127.0.0.1:9` could not be reached: no connection"),
        ("nowhere".to_owned(), "its address (`PARITY_ENDOFLIFE_URL`) is no URL"),
    ] {
        let (said, problems, code) = ends(&["--online", "--today", "2027-12-01"], &address);
        assert_eq!(said, ["PostgreSQL 15 reached its end of life on 2027-11-11"], "{address}");
        let wanted = format!("endoflife.date does not say when `postgresql` ends, so the dates of 2026-08-22 are used: {words}");
        assert_eq!((problems, code), (vec![wanted], offline), "{address}");
    }
}
