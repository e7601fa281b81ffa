//! An exception is called unused only where its rule could tell: what was not asked, or is not known, may be what it is for.

use crate::repository::Repository;
use crate::time::{app, change, deploy, deployment};

/// An app whose released commit is the newest of its paths, in a repository with all of its history.
fn released() -> Repository {
    let r = app();
    r.git(&["tag", "v1.0.0"]);
    deploy(&r, "2026-03-02", "web", "1.0.0");
    deploy(&r, "2026-03-02", "worker", "1.0.0");
    r
}

/// An ignore of a rule, in the configuration.
fn ignoring(r: &Repository, rule: &str) {
    r.write("parity.yml", &format!("ignore:\n  - rule: '{rule}'\n    reason: it is meant\n"));
}

/// Is an ignore of the rule called unused?
fn unused(r: &Repository, rule: &str) -> bool {
    ignoring(r, rule);
    let (text, _) = r.parity(&["diff", "--all", "--today", "2026-03-20"]);
    text.contains(&format!("an ignore of `{rule}` matches nothing"))
}

#[test]
fn what_only_the_network_tells() {
    let r = released();
    assert!(!unused(&r, "time/image-age") && !unused(&r, "time/*"));
    assert!(unused(&r, "time/version-spread"), "all that it asks for is known");
    // A version that only a registry could tell may be what is meant.
    r.write("k8s/db.yaml", &deployment("db", "postgres:16.4"));
    r.write("docker-compose.override.yml", "services:\n  db: {image: 'postgres:latest'}\n");
    assert!(!unused(&r, "tools/version-minor") && !unused(&r, "tools/*"));
    assert!(unused(&r, "tools/kind-mismatch"));
    r.write("docker-compose.override.yml", "services:\n  db: {image: 'postgres:16.4'}\n");
    assert!(unused(&r, "tools/version-minor") && unused(&r, "tools/*"));
}

#[test]
fn what_only_the_history_tells() {
    let r = released();
    for rule in ["time/deploy-lag", "time/version-spread", "time/unknown-revision"] {
        assert!(unused(&r, rule), "{rule}");
    }
    change(&r, "2026-03-10", "docs/a");
    let shallow = r.cloned(&["--depth", "1"]);
    assert!(!unused(&shallow, "time/deploy-lag") && !unused(&shallow, "time/version-spread") && !unused(&shallow, "time/stale-manifest"));
    std::fs::remove_dir_all(r.path().join(".git")).expect("removed");
    for rule in ["time/deploy-lag", "time/unknown-revision", "time/stale-manifest"] {
        assert!(!unused(&r, rule), "{rule}: this is no git repository");
    }
}

#[test]
fn what_is_only_asked_where_it_is_meant() {
    let r = released();
    assert!(!unused(&r, "personnel/disjoint-teams") && !unused(&r, "personnel/*"), "it is off");
}

#[test]
fn comments_and_the_baseline_as_well() {
    let r = released();
    r.write("k8s/db.yaml", &deployment("db", "postgres:16.4 # parity: ignore[time/image-age] it is meant"));
    r.write("docker-compose.override.yml", "services:\n  db: {image: 'postgres:16.4'}\n");
    let known = |rule: &str| {
        format!(
            r#"{{"schema": "parity-baseline/1", "findings": [{{"rule": "{rule}", "from": "dev", "to": "prod", "service": "db", "subject": "postgres"}}]}}"#
        )
    };
    r.write("known.json", &known("time/image-age"));
    let (text, _) = r.parity(&["diff", "--all", "--baseline", "known.json"]);
    assert!(!text.contains("matches nothing") && !text.contains("entries that are fixed"), "{text}");
    r.write("known.json", &known("tools/flavour"));
    r.write("k8s/db.yaml", &deployment("db", "postgres:16.4 # parity: ignore[tools/flavour, time/image-age] it is meant"));
    let (text, _) = r.parity(&["diff", "--all", "--baseline", "known.json"]);
    assert!(!text.contains("matches nothing") && text.contains("entries that are fixed"), "{text}");
    r.write("k8s/db.yaml", &deployment("db", "postgres:16.4 # parity: ignore[tools/flavour] it is meant"));
    let (text, _) = r.parity(&["diff", "--all", "--baseline", "known.json"]);
    assert!(text.contains("a comment that ignores `tools/flavour` matches nothing"), "{text}");
}
