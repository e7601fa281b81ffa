//! Without `--online` no connection is made; with it, what could not be asked is a problem and no failure.

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
