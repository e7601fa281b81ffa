//! What a change adds or mends: `--base`, the baseline, and that a change cannot approve itself.

use std::collections::BTreeSet;

use crate::repository::Repository;

const COMPOSE: &str = "services:\n  db:\n    image: postgres:15\n  cache:\n    image: redis:7.2\n  api:\n    image: acme/api:1\n    environment:\n      A: a\n";

fn object(name: &str, image: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  template:\n    spec:\n      containers:\n        - name: {name}\n          image: {image}\n"
    )
}

/// Development on PostgreSQL 15 and Redis 7.2, production on 16 and 7.4; one key is missing.
fn repository() -> Repository {
    let r = Repository::new();
    r.write("docker-compose.yml", COMPOSE);
    r.write("k8s/db.yaml", &object("db", "postgres:16"));
    r.write("k8s/cache.yaml", &object("cache", "redis:7.4"));
    r.write("k8s/api.yaml", &object("api", "acme/api:1"));
    r.commit("first");
    r
}

/// `rule state` of every finding.
fn states(report: &serde_json::Value) -> BTreeSet<String> {
    let findings = report["findings"].as_array().expect("findings");
    findings.iter().map(|f| format!("{} {} {}", f["rule"], f["subject"], f["state"]).replace('"', "")).collect()
}

fn set(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|s| (*s).to_owned()).collect()
}

#[test]
fn moved_lines_and_files_are_unchanged() {
    let r = repository();
    r.write(
        "docker-compose.yml",
        &format!("# a comment\n\n{}", COMPOSE.replace("  db:\n    image: postgres:15\n", "") + "  db:\n\n    image: postgres:15\n"),
    );
    r.git(&["mv", "k8s/db.yaml", "k8s/database.yaml"]);
    let report = r.report(&["--base", "HEAD"]);
    let want = ["tools/version-major postgresql unchanged", "tools/version-minor redis unchanged", "config/missing-in-prod A unchanged"];
    assert_eq!(states(&report), set(&want));
    assert_eq!(report["exit"], 0, "nothing is new");
    assert_eq!(r.report(&[])["exit"], 1);
}

#[test]
fn new_worse_better_and_fixed() {
    let r = repository();
    r.write(
        "docker-compose.yml",
        &(COMPOSE.replace("redis:7.2", "redis:6.2").replace("postgres:15", "postgres:16").replace("A: a", "B: b") + ""),
    );
    r.write("k8s/api.yaml", &(object("api", "acme/api:1") + "          env: [{name: A, value: a}]\n"));
    let report = r.report(&["--base", "HEAD"]);
    let want = [
        "tools/version-major redis worse",
        "tools/version-major postgresql fixed",
        "config/missing-in-prod A fixed",
        "config/missing-in-prod B new",
        "config/missing-in-dev A new",
    ];
    assert_eq!(states(&report), set(&want));
    assert_eq!(report["exit"], 1);
    let (text, _) = r.parity(&["diff", "--base", "HEAD"]);
    assert!(text.contains("since HEAD (") && text.contains("2 new, 1 worse, 2 fixed"), "{text}");
    // The other way round, the version comes nearer.
    r.commit("second");
    r.write("docker-compose.yml", COMPOSE);
    assert!(states(&r.report(&["--base", "HEAD"])).contains("tools/version-minor redis better"));
}

#[test]
fn a_root_below_the_repository() {
    let r = Repository::new();
    r.write("shop/docker-compose.yml", COMPOSE);
    r.write("shop/k8s/db.yaml", &object("db", "postgres:15"));
    r.commit("first");
    r.write("shop/k8s/db.yaml", &object("db", "postgres:16"));
    let report = r.report(&["--root", "shop", "--base", "HEAD"]);
    assert!(states(&report).contains("tools/version-major postgresql new"), "{:?}", states(&report));
}

#[test]
fn a_clone_of_depth_two() {
    let r = repository();
    r.write("k8s/db.yaml", &object("db", "postgres:15"));
    r.commit("second");
    r.git(&["clone", "-q", "--depth", "2", &format!("file://{}", r.path().display()), "clone"]);
    let (text, exit) = r.parity(&["diff", "--root", "clone", "--base", "HEAD^1"]);
    assert_eq!(exit, Some(0), "{text}");
    assert!(text.contains("1 fixed"), "{text}");
    let (text, exit) = r.parity(&["diff", "--root", "clone", "--base", "HEAD^1^1"]);
    assert_eq!(exit, Some(2), "{text}");
    assert!(text.contains("this clone is shallow and has no revision `HEAD^1^1`"), "{text}");
}

#[test]
fn a_revision_that_is_none() {
    let r = repository();
    for (revision, want) in [("nowhere", "there is no revision `nowhere`"), ("--exec=x", "is no revision"), ("-x", "is no revision")] {
        let (text, exit) = r.parity(&["diff", &format!("--base={revision}")]);
        assert_eq!(exit, Some(2), "{text}");
        assert!(text.contains(want), "{text}");
    }
}

#[test]
fn a_base_that_cannot_be_compared_makes_nothing_new() {
    let r = repository();
    r.write("other/compose.yml", COMPOSE);
    r.commit("another");
    let report = r.report(&["--base", "HEAD~1", "--dev", "other/compose.yml"]);
    assert!(states(&report).contains("tools/version-major postgresql null"), "{:?}", states(&report));
    assert_eq!((&report["base"], &report["exit"]), (&serde_json::Value::Null, &1.into()), "as without a base");
    let problem = &report["problems"][0];
    let message = problem["message"].as_str().expect("words");
    assert_eq!(problem["severity"], "warning");
    assert!(message.starts_with("the base revision `HEAD~1` could not be compared, so what is new is not known: "), "{message}");
}

#[test]
fn a_base_without_manifests_makes_all_new() {
    let r = Repository::new();
    r.write("README.md", "shop\n");
    r.commit("first");
    r.write("docker-compose.yml", COMPOSE);
    r.write("k8s/db.yaml", &object("db", "postgres:16"));
    let report = r.report(&["--base", "HEAD"]);
    assert!(states(&report).contains("tools/version-major postgresql new"), "{report}");
    assert_eq!(report["exit"], 1);
}

#[test]
fn what_one_side_could_not_read_is_neither_new_nor_fixed() {
    let r = repository();
    r.write("k8s/db.yaml", "apiVersion: apps/v1\nkind: Deployment\nspec: [\n");
    r.commit("broken");
    // Mended: what is found in it may have been there before.
    r.write("k8s/db.yaml", &object("db", "postgres:16"));
    let report = r.report(&["--base", "HEAD"]);
    let found = states(&report);
    assert!(found.contains("tools/version-major postgresql null") && found.contains("tools/version-minor redis unchanged"), "{found:?}");
    let said = |p: &serde_json::Value| p["severity"] == "warning" && p["message"].as_str().is_some_and(|m| m.contains("`k8s/db.yaml`"));
    assert!(report["problems"].as_array().expect("problems").iter().any(said), "{report}");
    // Broken by the change: what is no longer found is not fixed.
    let report = r.report(&["--base", "HEAD~1"]);
    assert!(states(&report).contains("tools/version-major postgresql unchanged"));
    r.write("k8s/db.yaml", "apiVersion: apps/v1\nkind: Deployment\nspec: [\n");
    let report = r.report(&["--base", "HEAD~1"]);
    assert!(!states(&report).iter().any(|s| s.ends_with("fixed")), "{:?}", states(&report));
    assert_eq!(report["exit"], 3);
    // Broken on both: nothing is new for that.
    let report = r.report(&["--base", "HEAD"]);
    assert!(states(&report).iter().all(|s| s.ends_with("unchanged")), "{:?}", states(&report));
}

#[test]
fn a_change_cannot_approve_itself() {
    let r = repository();
    r.write("k8s/cache.yaml", &object("cache", "redis:8.0 # parity: ignore[tools/*] we know"));
    r.write("parity.yml", "fail-on: never\nignore:\n  - rule: tools/version-major\n    reason: trust me\n");
    let report = r.report(&["--base", "HEAD"]);
    assert!(states(&report).contains("tools/version-major redis worse"), "{:?}", states(&report));
    assert_eq!(report["exit"], 1);
    let (text, _) = r.parity(&["diff", "--base", "HEAD", "--all"]);
    assert!(text.contains("this comment hides nothing yet"), "{text}");
    // Once it is on the base branch it counts.
    r.commit("agreed");
    let report = r.report(&["--base", "HEAD"]);
    assert_eq!((&report["exit"], report["hidden"]["ignored"].as_u64()), (&0.into(), Some(2)), "{:?}", states(&report));
}

#[test]
fn a_broken_configuration_of_the_change_is_said() {
    let r = repository();
    r.write("parity.yml", "fail_on: never\n");
    let (text, exit) = r.parity(&["diff", "--base", "HEAD"]);
    assert_eq!(exit, Some(2));
    assert!(text.contains("did you mean `fail-on`?"), "{text}");
}

#[test]
fn the_baseline_hides_what_was_there_and_never_grows() {
    let r = repository();
    let (text, exit) = r.parity(&["baseline", "write", "known.json"]);
    assert_eq!(exit, Some(0), "{text}");
    assert!(text.contains("wrote `known.json` with 3 findings"), "{text}");
    let report = r.report(&["--baseline", "known.json"]);
    assert_eq!((states(&report).len(), report["hidden"]["baselined"].as_u64(), &report["exit"]), (0, Some(3), &0.into()));
    // One more is one new error; what is mended is said.
    r.write("docker-compose.yml", &COMPOSE.replace("A: a", "A: a\n      C: c").replace("redis:7.2", "redis:7.4"));
    let report = r.report(&["--baseline", "known.json"]);
    assert_eq!(states(&report), set(&["config/missing-in-prod C null"]));
    assert_eq!(report["exit"], 1);
    let (text, _) = r.parity(&["diff", "--baseline", "known.json"]);
    assert!(text.contains("`known.json` has entries that are fixed: tools/version-minor of `cache` (redis)"), "{text}");
    let (text, exit) = r.parity(&["diff", "--baseline", "parity.json"]);
    assert_eq!(exit, Some(2), "{text}");
}

#[test]
fn a_baseline_that_is_in_use_is_written_anew_with_all_that_is_there() {
    let r = repository();
    r.parity(&["baseline", "write", "known.json"]);
    r.write("parity.yml", "baseline: known.json\n");
    assert_eq!(r.report(&[])["hidden"]["baselined"], 3);
    // One is mended, so that its entry is dropped; the others stay.
    r.write("docker-compose.yml", &COMPOSE.replace("redis:7.2", "redis:7.4"));
    let (text, exit) = r.parity(&["baseline", "write", "known.json"]);
    assert!(exit == Some(0) && text.contains("wrote `known.json` with 2 findings"), "{text}");
    for option in ["--base=HEAD", "--baseline=known.json"] {
        let (text, exit) = r.parity(&["baseline", "write", "known.json", option]);
        assert!(exit == Some(2) && text.contains("a baseline holds all that is there now"), "{text}");
    }
    assert_eq!(r.report(&[])["hidden"]["baselined"], 2);
}

#[test]
fn a_baseline_of_what_could_not_be_read_in_full_says_so() {
    let r = repository();
    r.write("k8s/api.yaml", "apiVersion: apps/v1\nkind: Deployment\nspec: [\n");
    let (text, exit) = r.parity(&["baseline", "write", "known.json"]);
    assert!(exit == Some(3) && text.contains("wrote `known.json` with 2 findings"), "{text}");
    assert!(text.contains("error: `k8s/api.yaml` is not valid YAML"), "{text}");
    let (text, exit) = r.parity(&["baseline", "write", "known.json", "--report", "json"]);
    assert!(exit == Some(2) && text.contains("`parity baseline write` writes no report"), "{text}");
}

#[test]
fn what_a_repository_configures_is_not_run() {
    let r = repository();
    let mark = r.path().join("ran");
    let run = format!("touch {}", mark.display());
    for key in ["core.fsmonitor", "diff.external", "core.pager", "core.sshCommand", "filter.x.smudge", "filter.x.clean"] {
        r.git(&["config", key, &run]);
    }
    r.write(".gitattributes", "*.yml filter=x diff=x\n*.yaml filter=x diff=x\n");
    r.git(&["config", "diff.x.textconv", &run]);
    r.write("k8s/db.yaml", &object("db", "postgres:14"));
    let report = r.report(&["--base", "HEAD"]);
    assert!(states(&report).iter().any(|s| s.contains("unchanged")));
    assert!(!mark.exists(), "git ran what the repository configures");
}

#[test]
fn what_is_not_compared_makes_no_exception_stale() {
    let r = repository();
    r.parity(&["baseline", "write", "known.json"]);
    let ignore = "ignore:\n  - rule: tools/version-minor\n    service: cache\n    reason: it is meant\n";
    r.write("parity.yml", ignore);
    r.write(
        ".github/workflows/test.yml",
        "on: push\njobs:\n  t:\n    runs-on: x\n    services: {db: {image: 'postgres:16'}}\n    steps: []\n",
    );
    let r_says = |arguments: &[&str]| r.parity(&[&["diff", "--all", "--baseline", "known.json"], arguments].concat()).0;
    let stale = ["an ignore of `tools/version-minor` matches nothing", "`known.json` has entries that are fixed"];
    // CI alone, without the cache.
    let text = r_says(&["ci"]);
    assert!(!stale.iter().any(|s| text.contains(s)), "{text}");
    // The cache of production cannot be read.
    r.write("k8s/cache.yaml", "apiVersion: apps/v1\nkind: Deployment\nspec: [\n");
    let text = r_says(&[]);
    assert!(!stale.iter().any(|s| text.contains(s)), "{text}");
    // It is gone.
    r.write("k8s/cache.yaml", &object("cache", "redis:7.2"));
    let text = r_says(&[]);
    assert!(stale.iter().all(|s| text.contains(s)), "{text}");
}

#[test]
fn a_comment_that_is_copied_hides_nothing_yet() {
    let r = repository();
    let compose = COMPOSE.replace("redis:7.2", "redis:7.2 # parity: ignore[tools/*] it is meant");
    r.write("docker-compose.yml", &compose);
    r.commit("agreed");
    // The same comment, at another line.
    r.write("docker-compose.yml", &compose.replace("postgres:15", "postgres:14 # parity: ignore[tools/*] it is meant"));
    let report = r.report(&["--base", "HEAD"]);
    assert!(states(&report).iter().any(|s| s.starts_with("tools/version-major postgresql")), "{:?}", states(&report));
    assert_eq!(report["hidden"]["ignored"], 1, "the one that was there holds");
    // One that moves with its line holds.
    r.write("docker-compose.yml", &format!("# moved\n\n{compose}"));
    assert_eq!(r.report(&["--base", "HEAD"])["hidden"]["ignored"], 1);
}

#[test]
fn a_configuration_that_was_broken_can_be_mended() {
    let r = repository();
    r.write("parity.yml", "fail_on: never\n");
    r.commit("broken");
    r.write("parity.yml", "fail-on: never\n");
    let (text, exit) = r.parity(&["diff", "--base", "HEAD"]);
    assert!(
        text.contains(
            "the configuration of the base revision `HEAD` cannot be read, so what is new is not known: `parity.yml` is not understood"
        ),
        "{text}"
    );
    // Nothing approves anything: what is there counts, and none of it is new or old.
    assert_eq!(exit, Some(1), "{text}");
    assert!(states(&r.report(&["--base", "HEAD"])).iter().all(|s| s.ends_with("null")));
}

#[test]
fn a_baseline_that_was_broken_can_be_mended() {
    let r = repository();
    r.parity(&["baseline", "write", "known.json"]);
    let good = std::fs::read_to_string(r.path().join("known.json")).expect("written");
    r.write("parity.yml", "baseline: known.json\n");
    r.write("known.json", "{\n<<<<<<< ours\n");
    r.commit("broken");
    r.write("known.json", &good);
    let (text, exit) = r.parity(&["diff", "--base", "HEAD"]);
    assert!(
        text.contains("the baseline of the base revision `HEAD` hides nothing: `known.json` is no baseline (line 2, column 1)"),
        "{text}"
    );
    // What is there is still held against the base revision, and none of it is new.
    assert_eq!(exit, Some(0), "{text}");
    let states = states(&r.report(&["--base", "HEAD"]));
    assert!(states.len() == 3 && states.iter().all(|s| s.ends_with("unchanged")), "{states:?}");
    // The other way round, the change that breaks it is told so, as it is without a base.
    r.commit("mended");
    r.write("known.json", "{\n<<<<<<< ours\n");
    for more in [&[][..], &["--base", "HEAD"]] {
        let (text, exit) = r.parity(&[&["diff"], more].concat());
        assert!(exit == Some(2) && text.contains("`known.json` is no baseline (line 2, column 1)"), "{more:?}: {text}");
    }
}
