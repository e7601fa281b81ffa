//! A `helm` on PATH that fails, writes without end or hangs: a problem or a note names it within its limits, and the rest stands.

#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "a test runs the program and writes files itself")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::{Duration, Instant};

/// What `parity diff` says beside a drift that it finds, with a program of this script as `helm`, its exit, and how often the script
/// said that it ran.
fn with_helm(script: Option<&str>, more: &[&str]) -> (String, Option<i32>, usize) {
    with_helm_and(script, more, &[])
}

/// The same with more files.
fn with_helm_and(script: Option<&str>, more: &[&str], files: &[(&str, &str)]) -> (String, Option<i32>, usize) {
    let dir = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    };
    write("repo/docker-compose.yml", "services:\n  db:\n    image: postgres:15\n");
    write("repo/chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n");
    write("repo/chart/values.yaml", "tag: \"16\"\n");
    write(
        "repo/chart/templates/db.yaml",
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec:\n  template:\n    spec:\n      containers:\n        - name: db\n          image: postgres:{{ .Values.tag }}\n",
    );
    for (path, text) in files {
        write(&format!("repo/{path}"), text);
    }
    fs::create_dir(dir.path().join("bin")).expect("made");
    if let Some(script) = script {
        let helm = dir.path().join("bin/helm");
        fs::write(&helm, format!("#!/bin/sh\n{script}\n")).expect("written");
        fs::set_permissions(&helm, fs::Permissions::from_mode(0o755)).expect("may run");
    }
    let start = Instant::now();
    let out = Command::new(env!("CARGO_BIN_EXE_parity"))
        .arg("diff")
        .args(more)
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", dir.path().join("bin").display()))
        .current_dir(dir.path().join("repo"))
        .output()
        .expect("parity runs");
    assert!(start.elapsed() < Duration::from_secs(60), "took {:?}", start.elapsed());
    let ran = fs::read_to_string(dir.path().join("bin/ran")).map_or(0, |said| said.lines().count());
    if let Ok(id) = fs::read_to_string(dir.path().join("bin/started")) {
        // What nobody waits for stays as a zombie where there is no init.
        let state = || Command::new("ps").args(["-o", "stat=", "-p", id.trim()]).output().expect("runs").stdout;
        let lives = || !matches!(state().first(), None | Some(b'Z'));
        let end = Instant::now() + Duration::from_secs(10);
        while lives() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(!lives(), "what the renderer started goes on");
    }
    (String::from_utf8([out.stdout, out.stderr].concat()).expect("UTF-8"), out.status.code(), ran)
}

#[test]
fn a_renderer_that_misbehaves_loses_nothing() {
    let drift = "PostgreSQL 15 and 16 are different major series";
    for (script, wanted) in [
        (None, "helm"),
        (Some("echo canary-secret >&2; exit 1"), "helm"),
        (Some("yes 'a: b'"), "wrote more than the limit"),
        (Some("sleep 300 & echo $! > \"$(dirname \"$0\")/started\"; wait"), "took longer than the limit"),
        (Some("printf 'not: [yaml'"), "helm"),
    ] {
        let (text, exit, _) = with_helm(script, &[]);
        assert_eq!(exit, Some(1), "{script:?}: {text}");
        assert!(text.contains(drift) && text.contains("chart/values.yaml:1:7"), "{script:?}: {text}");
        assert!(text.contains(wanted), "{script:?}: {text}");
        assert!(!text.contains("canary"), "{script:?}: {text}");
    }
}

#[test]
fn what_several_environments_are_compared_with_is_rendered_once() {
    let mark = "echo >> \"$(dirname \"$0\")/ran\"; exit 1";
    let (_, _, alone) = with_helm(Some(mark), &[]);
    let ci =
        "on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    services:\n      db: {image: 'postgres:14'}\n    steps: [{run: make}]\n";
    let (text, _, both) = with_helm_and(Some(mark), &[], &[(".github/workflows/ci.yml", ci)]);
    assert!(text.contains("ci compared with prod") && text.contains("dev compared with prod"), "{text}");
    assert!(alone > 0 && both == alone, "{alone}, {both}: {text}");
}

#[test]
fn no_renderer_is_run_where_none_may_be() {
    let mark = "echo >> \"$(dirname \"$0\")/ran\"; exit 1";
    for (more, wanted) in [(&[][..], true), (&["--render", "never"], false)] {
        let (text, exit, ran) = with_helm(Some(mark), more);
        assert_eq!((exit, ran > 0), (Some(1), wanted), "{text}");
    }
}
