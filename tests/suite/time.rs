//! How far production lags, told from git repositories that are built here.

use serde_json::{Value, json};

use crate::repository::Repository;

/// The manifest of a Deployment that runs an image.
pub(crate) fn deployment(name: &str, image: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  template:\n    spec:\n      containers:\n        - name: {name}\n          image: {image}\n"
    )
}

const COMPOSE: &str = "services:\n  web:\n    build: ./web\n  worker:\n    build: ./worker\n";

/// An app with two services of their own, nothing deployed yet.
pub(crate) fn app() -> Repository {
    let r = Repository::new();
    start(&r);
    r
}

pub(crate) fn start(r: &Repository) {
    r.on("2026-03-01");
    r.write("docker-compose.yml", COMPOSE);
    r.write("web/Dockerfile", "FROM scratch\n");
    r.write("worker/Dockerfile", "FROM scratch\n");
    r.commit("start");
}

/// A change of a file; its commit.
pub(crate) fn change(r: &Repository, day: &str, path: &str) -> String {
    r.on(day);
    let now = std::fs::read_to_string(r.path().join(path)).unwrap_or_default();
    r.write(path, &format!("{now}{day}\n"));
    r.commit(&format!("change {path}"))
}

pub(crate) fn deploy(r: &Repository, day: &str, name: &str, tag: &str) -> String {
    r.on(day);
    r.write(&format!("k8s/{name}.yaml"), &deployment(name, &format!("ghcr.io/acme/{name}:{tag}")));
    r.commit(&format!("deploy {name} {tag}"))
}

pub(crate) fn measured(r: &Repository, args: &[&str]) -> Value {
    let report = r.report(&[&["--today", "2026-06-01"], args].concat());
    report["comparisons"][0]["time"].clone()
}

/// The entry of a service.
pub(crate) fn of(r: &Repository, name: &str) -> Value {
    let time = measured(r, &[]);
    let entry = time.as_array().expect("entries").iter().find(|e| e["service"] == name);
    entry.unwrap_or_else(|| panic!("no `{name}` in {time}")).clone()
}

/// Rule and severity of the findings about time.
fn findings(r: &Repository) -> Vec<String> {
    let report = r.report(&["--today", "2026-06-01"]);
    let of_time = |f: &&Value| f["rule"].as_str().is_some_and(|rule| rule.starts_with("time/"));
    let findings = report["findings"].as_array().expect("findings").iter().filter(of_time);
    findings.map(|f| format!("{} {} {}", f["severity"], f["rule"], f["service"]).replace('"', "")).collect()
}

#[test]
fn what_waits_is_counted_in_the_paths_of_the_service() {
    let r = app();
    r.git(&["tag", "v1.4.2"]);
    deploy(&r, "2026-03-02", "web", "1.4.2");
    deploy(&r, "2026-03-02", "worker", "1.4.2");
    change(&r, "2026-05-20", "web/a");
    change(&r, "2026-05-21", "web/b");
    change(&r, "2026-05-22", "README");
    let web = of(&r, "web");
    assert_eq!((&web["evidence"], &web["waiting"], &web["production_only"]), (&json!("exact"), &json!(2), &json!(0)));
    assert_eq!(web["oldest_waiting"], "2026-05-20T12:00:00Z");
    assert_eq!((&web["paths"], &web["commit_date"]), (&json!(["web"]), &json!("2026-03-01T12:00:00Z")));
    let worker = of(&r, "worker");
    assert_eq!((&worker["waiting"], &worker["oldest_waiting"]), (&json!(0), &Value::Null), "nothing waits, however old it is");
    // The tag is 91 days old; of the worker, with nothing waiting, that is no matter.
    assert_eq!(findings(&r), ["info time/deploy-lag web", "info time/stale-manifest web"]);
}

#[test]
fn a_release_branch_with_cherry_picks() {
    let r = app();
    r.git(&["checkout", "-q", "-b", "release"]);
    r.git(&["checkout", "-q", "main"]);
    let fix = change(&r, "2026-03-05", "web/fix");
    change(&r, "2026-03-06", "web/feature");
    r.git(&["checkout", "-q", "release"]);
    r.on("2026-03-07");
    change(&r, "2026-03-07", "web/hotfix");
    r.git(&["cherry-pick", "-x", &fix]);
    r.git(&["tag", "v1.0.1"]);
    r.git(&["checkout", "-q", "main"]);
    deploy(&r, "2026-03-08", "web", "1.0.1");
    let web = of(&r, "web");
    assert_eq!((&web["waiting"], &web["production_only"]), (&json!(1), &json!(1)), "the picked commit is on both sides: {web}");
    assert_eq!(web["oldest_waiting"], "2026-03-06T12:00:00Z");
}

#[test]
fn merges_squashes_and_rebases_count_their_commits() {
    for how in ["merge", "squash", "rebase"] {
        let r = app();
        r.git(&["tag", "v1.0.0"]);
        deploy(&r, "2026-03-02", "web", "1.0.0");
        r.git(&["checkout", "-q", "-b", "topic"]);
        change(&r, "2026-03-03", "web/a");
        change(&r, "2026-03-04", "web/b");
        r.git(&["checkout", "-q", "main"]);
        change(&r, "2026-03-05", "README");
        r.on("2026-03-06");
        match how {
            "merge" => drop(r.git(&["merge", "-q", "--no-ff", "-m", "merge", "topic"])),
            "squash" => {
                r.git(&["merge", "-q", "--squash", "topic"]);
                r.commit("squashed");
            }
            _ => {
                r.git(&["checkout", "-q", "topic"]);
                r.git(&["rebase", "-q", "main"]);
                r.git(&["checkout", "-q", "main"]);
                r.git(&["merge", "-q", "--ff-only", "topic"]);
            }
        }
        let wanted = if how == "squash" { 1 } else { 2 };
        assert_eq!(of(&r, "web")["waiting"], json!(wanted), "{how}");
    }
}

#[test]
fn deployments_rollbacks_and_empty_ones() {
    let r = app();
    r.git(&["tag", "v1.0.0"]);
    deploy(&r, "2026-04-01", "web", "1.0.0");
    for (i, day) in ["2026-04-03", "2026-04-10", "2026-04-17", "2026-04-24"].into_iter().enumerate() {
        change(&r, day, "web/a");
        r.git(&["tag", &format!("v1.{}.0", i + 1)]);
        r.on(&format!("{}{:02}", &day[..8], day[8..].parse::<u32>().expect("a day") + 2));
        r.write("k8s/web.yaml", &deployment("web", &format!("ghcr.io/acme/web:1.{}.0", i + 1)));
        r.commit("deploy");
    }
    // Back, then forth again: no new work. Then a release that touches only the other service.
    deploy(&r, "2026-05-01", "web", "1.3.0");
    deploy(&r, "2026-05-02", "web", "1.4.0");
    change(&r, "2026-05-05", "worker/a");
    r.git(&["tag", "v1.5.0"]);
    deploy(&r, "2026-05-06", "web", "1.5.0");
    // Something else in the manifest is no deployment.
    r.on("2026-05-07");
    r.write("k8s/web.yaml", &format!("# a comment\n{}", deployment("web", "ghcr.io/acme/web:1.5.0")));
    r.commit("comment");
    let deploys = of(&r, "web")["deploys"].clone();
    assert_eq!((&deploys["count"], &deploys["rollbacks"], &deploys["empty"]), (&json!(7), &json!(2), &json!(1)), "{deploys}");
    assert_eq!(deploys["commit_to_production_hours"], json!({"median": 48.0, "p90": null}), "four changing deployments have no percentile");
    assert_eq!(deploys["merge_to_production_hours"], json!({"median": 48.0, "p90": null}));
    assert_eq!(of(&r, "web")["last_deploy"], "2026-05-06T12:00:00Z");
}

#[test]
fn work_of_before_the_first_release_is_not_counted_as_waiting_since_ever() {
    let r = app();
    for day in ["2026-03-02", "2026-03-03", "2026-03-04"] {
        change(&r, day, "web/a");
    }
    r.git(&["tag", "v1.0.0"]);
    deploy(&r, "2026-05-01", "web", "1.0.0");
    let deploys = of(&r, "web")["deploys"].clone();
    assert_eq!((&deploys["count"], &deploys["commit_to_production_hours"]), (&json!(0), &Value::Null), "{deploys}");
}

#[test]
fn a_renamed_manifest_begins_anew() {
    let r = app();
    r.git(&["tag", "v1.0.0"]);
    deploy(&r, "2026-04-01", "web", "0.9.0");
    deploy(&r, "2026-04-02", "web", "1.0.0");
    r.on("2026-04-03");
    r.git(&["mv", "k8s/web.yaml", "k8s/app.yaml"]);
    r.commit("renamed");
    let web = of(&r, "web");
    assert_eq!((&web["deploys"]["count"], &web["commit"].is_string()), (&json!(0), &true), "{web}");
}

#[test]
fn a_shallow_clone_says_so_and_never_counts_too_little() {
    let r = app();
    r.git(&["tag", "v1.0.0"]);
    deploy(&r, "2026-03-02", "web", "1.0.0");
    for i in 1..=9 {
        change(&r, &format!("2026-03-1{i}"), "web/a");
    }
    assert_eq!(of(&r, "web")["waiting"], 9);
    for depth in ["1", "2", "5"] {
        let clone = r.cloned(&["--depth", depth]);
        let web = of(&clone, "web");
        assert_eq!((&web["evidence"], &web["waiting"], &web["deploys"]), (&json!("unknown"), &Value::Null, &Value::Null), "{depth}: {web}");
        assert!(web["unknown"].as_str().is_some_and(|w| w.contains("shallow")), "{depth}: {web}");
        // The tag alone gives the commit and its date, never a count.
        clone.git(&["fetch", "-q", "--depth=1", "origin", "refs/tags/v1.0.0:refs/tags/v1.0.0"]);
        let web = of(&clone, "web");
        assert_eq!((&web["commit_date"], &web["waiting"]), (&json!("2026-03-01T12:00:00Z"), &Value::Null), "{depth}: {web}");
        assert!(web["unknown"].as_str().is_some_and(|w| w.contains("shallow")), "{depth}: {web}");
    }
    // Deep enough, it counts.
    let clone = r.cloned(&["--depth", "11"]);
    assert_eq!(of(&clone, "web")["waiting"], 9);
}

#[test]
fn a_partial_clone_counts_commits_and_says_what_it_lacks() {
    let r = app();
    r.git(&["tag", "v1.0.0"]);
    deploy(&r, "2026-04-01", "web", "0.9.0");
    deploy(&r, "2026-04-02", "web", "1.0.0");
    change(&r, "2026-04-03", "web/a");
    let clone = r.cloned(&["--filter=blob:none"]);
    let missing = || clone.git(&["rev-list", "--objects", "--all", "--missing=print"]).lines().filter(|l| l.starts_with('?')).count();
    let before = missing();
    let web = of(&clone, "web");
    assert_eq!((&web["waiting"], &web["deploys"]), (&json!(1), &Value::Null), "{web}");
    assert!(web["notes"][0].as_str().is_some_and(|n| n.contains("partial clone")), "{web}");
    assert!(before > 0 && missing() == before, "{before} objects were missing, and {} are: something was fetched", missing());
}

#[test]
fn images_of_others_are_not_measured() {
    let r = app();
    r.git(&["tag", "v1.0.0"]);
    r.on("2026-03-02");
    r.write("k8s/x.yaml", &deployment("sidecar", "quay.io/other/sidecar:1.0.0"));
    r.commit("another's image, with a version that is a tag here");
    assert_eq!(measured(&r, &[]), json!([]));
    r.git(&["remote", "add", "origin", "https://ada:hunter2@github.com/other/sidecar.git"]);
    assert_eq!(measured(&r, &[])[0]["service"], "sidecar");
    assert!(!r.report(&[]).to_string().contains("hunter2"));
}

#[test]
fn services_of_one_code_at_two_commits() {
    let r = app();
    r.write("docker-compose.yml", "services:\n  web:\n    build: ./web\n  worker:\n    build: ./web\n");
    r.commit("one code");
    r.git(&["tag", "v1.0.0"]);
    change(&r, "2026-03-02", "web/a");
    r.git(&["tag", "v1.1.0"]);
    deploy(&r, "2026-03-03", "web", "1.1.0");
    deploy(&r, "2026-03-03", "worker", "1.0.0");
    assert!(findings(&r).contains(&"warning time/version-spread web".to_owned()), "{:?}", findings(&r));
    deploy(&r, "2026-03-04", "worker", "1.1.0");
    assert_eq!(findings(&r), Vec::<String>::new());
}

#[test]
fn people_are_counted_and_never_named() {
    let r = app();
    r.write("parity.yml", "rules:\n  personnel/disjoint-teams: on\n");
    r.write(".github/CODEOWNERS", "* @acme/devs zoe.quentin@example.com\n/k8s/ @acme/ops\n");
    deploy(&r, "2026-01-05", "web", "1.0.0");
    let people = ["Zoe Quentin", "Yves Xaver", "Wanda Vogel", "Uwe Tausch", "Selma Rubin", "Quirin Prohaska", "Olga Nemes", "Milan Lorenz"];
    for i in 0..48 {
        let who = people[i % 8];
        let address = format!("{}@secret.example", who.to_lowercase().replace(' ', "."));
        r.on(&format!("2026-0{}-{:02}", 2 + i / 24, 1 + i % 24));
        let path = if i % 8 < 4 { "web/a".to_owned() } else { "k8s/web.yaml".to_owned() };
        let text = std::fs::read_to_string(r.path().join(&path)).unwrap_or_default();
        r.write(&path, &format!("{text}# {i}\n"));
        r.git(&["add", "-A"]);
        r.git(&["-c", &format!("user.name={who}"), "commit", "-q", "-m", "x", "--author", &format!("{who} <{address}>")]);
    }
    let mut all = String::new();
    for form in ["json", "table"] {
        all.push_str(&r.parity(&["diff", "--today", "2026-06-01", "--all", "--report", form]).0);
    }
    assert!(all.contains("of 25 changes to production's manifests") || all.contains("of 24 changes to production's manifests"), "{all}");
    assert!(all.contains("no owner in common: `@acme/devs`, 1 person for the app, `@acme/ops` for production"), "{all}");
    for word in people.iter().flat_map(|p| p.split(' ')).chain(["secret.example", "zoe.quentin", "example.com", "Ada"]) {
        assert!(!all.contains(word), "{word} in {all}");
    }
    // Off unless asked for.
    r.write("parity.yml", "");
    assert!(!r.report(&["--today", "2026-06-01"]).to_string().contains("personnel/"));
}

#[test]
fn two_runs_are_the_same() {
    let r = app();
    r.git(&["tag", "v1.0.0"]);
    deploy(&r, "2026-03-02", "web", "1.0.0");
    change(&r, "2026-03-10", "web/a");
    let run = || r.parity(&["diff", "--today", "2026-06-01", "--report", "json"]);
    assert_eq!(run(), run());
}

/// The bare calls that the time section needs, and the section itself: `cargo test --release -- --ignored large --nocapture`.
#[test]
#[ignore = "makes 50,000 commits"]
fn a_large_history_costs_little_more_than_git() {
    let r = app();
    r.git(&["tag", "v1.0.0"]);
    deploy(&r, "2026-03-02", "web", "1.0.0");
    r.many(50_000, &["web/a", "web/b", "worker/a", "docs/x", "lib/y"]);
    let timed = |args: &[&str]| {
        let start = std::time::Instant::now();
        r.git(args);
        start.elapsed()
    };
    let mut bare = std::time::Duration::ZERO;
    for args in [
        vec!["log", "--no-merges", "--left-right", "--cherry-mark", "--format=%m %H %ct", "v1.0.0...main", "--", "web"],
        vec!["log", "--first-parent", "--raw", "--format=%H", "main", "--", "k8s/web.yaml"],
        vec!["log", "--first-parent", "--raw", "--format=%H", "main", "--", "k8s/web.yaml", "docker-compose.yml"],
    ] {
        bare += timed(&args);
    }
    let start = std::time::Instant::now();
    assert_eq!(of(&r, "web")["waiting"], 20_000);
    let whole = start.elapsed();
    println!("bare {bare:?}, whole run {whole:?}");
    assert!(whole < bare * 3, "bare {bare:?}, whole run {whole:?}");
}
