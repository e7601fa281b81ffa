//! Production in another checkout (`--prod ../gitops/apps/shop`): its own history for deployments, this one's for the code.

use serde_json::{Value, json};

use crate::repository::Repository;
use crate::time::{app, change, deploy, deployment};

/// A repository of manifests.
fn manifests(tag: &str) -> Repository {
    let r = Repository::new();
    r.on("2026-03-02");
    r.write("README", "manifests\n");
    r.commit("start");
    deploy_to(&r, "2026-03-03", tag);
    r
}

/// An overlay that takes its base from elsewhere in its repository.
fn deploy_to(r: &Repository, day: &str, tag: &str) {
    r.on(day);
    r.write("apps/shop/base/web.yaml", &deployment("web", "ghcr.io/acme/web"));
    r.write("apps/shop/base/kustomization.yaml", "resources: [web.yaml]\n");
    let overlay = format!("resources: [../../base]\nimages:\n  - name: ghcr.io/acme/web\n    newTag: {tag:?}\n");
    r.write("apps/shop/overlays/prod/kustomization.yaml", &overlay);
    r.commit("deploy");
}

/// The report of an app whose production is the overlay in a repository of manifests.
fn report(app: &Repository, gitops: &Repository, args: &[&str]) -> Value {
    let path = overlay(app, gitops);
    app.report(&[&["--prod", &path, "--render", "never", "--today", "2026-06-01"], args].concat())
}

/// The way from the app to the overlay.
fn overlay(app: &Repository, gitops: &Repository) -> String {
    let name = |r: &Repository| r.path().file_name().expect("a name").to_string_lossy().into_owned();
    assert_eq!(app.path().parent(), gitops.path().parent());
    format!("../{}/apps/shop/overlays/prod", name(gitops))
}

#[test]
fn deployments_are_of_the_other_history_and_commits_of_this_one() {
    let r = app();
    r.git(&["tag", "v1.0.0"]);
    let first = r.git(&["rev-parse", "HEAD"]);
    for (day, tag) in [("2026-03-10", "v1.1.0"), ("2026-03-20", "v1.2.0"), ("2026-03-30", "v1.3.0")] {
        change(&r, day, "web/a");
        r.git(&["tag", tag]);
    }
    let gitops = manifests("1.0.0");
    for (day, tag) in [("2026-04-01", "1.1.0"), ("2026-04-03", "1.2.0"), ("2026-04-05", "1.0.0")] {
        deploy_to(&gitops, day, tag);
    }
    // What happens elsewhere in the other repository is no deployment.
    gitops.write("apps/other/x.yaml", "a: 1\n");
    gitops.commit("other");
    let report = report(&r, &gitops, &[]);
    let web = &report["comparisons"][0]["time"][0];
    assert_eq!((&web["commit"], &web["waiting"], &web["unknown"]), (&json!(first), &json!(3), &Value::Null), "{web}");
    assert_eq!((&web["deploys"]["count"], &web["deploys"]["rollbacks"]), (&json!(3), &json!(1)), "{web}");
    assert_eq!(web["last_deploy"], "2026-04-05T12:00:00Z");
    assert_eq!(web["notes"], Value::Null, "{web}");
    // Places name the way there, and the day on which they changed is of the other history.
    let services = report["comparisons"][0]["services"].as_array().expect("services");
    let place = services.iter().find(|s| s["name"] == "web").expect("web")["to"]["path"].as_str().expect("a path").to_owned();
    assert_eq!(place, format!("{}/kustomization.yaml", overlay(&r, &gitops)));
    assert_eq!(report["problems"], json!([]), "the base beside the overlay is read");
}

#[test]
fn an_absolute_path_is_the_same() {
    let (r, gitops) = (app(), manifests("stable"));
    let way = overlay(&r, &gitops);
    let absolute = gitops.path().join("apps/shop/overlays/prod");
    let run = |path: &str| r.report(&["--prod", path, "--render", "never"]);
    assert_eq!(run(&way), run(absolute.to_str().expect("UTF-8")));
    let inside = r.path().join("docker-compose.yml");
    let (text, exit) = r.parity(&["inventory", "prod", "--prod", inside.to_str().expect("UTF-8")]);
    assert!(exit == Some(0) && text.contains("docker-compose.yml") && !text.contains("../"), "{text}");
}

#[test]
fn a_checkout_inside_the_root_is_another_repository() {
    // As a workflow checks out a second repository: below the first.
    let r = app();
    r.git(&["tag", "v1.0.0"]);
    change(&r, "2026-03-10", "web/a");
    let gitops = manifests("0.9.0");
    deploy_to(&gitops, "2026-04-01", "1.0.0");
    r.git(&["clone", "-q", &gitops.path().display().to_string(), "gitops"]);
    let args = ["--prod", "gitops/apps/shop/overlays/prod", "--render", "never", "--today", "2026-06-01"];
    let web = r.report(&args)["comparisons"][0]["time"][0].clone();
    assert_eq!((&web["waiting"], &web["deploys"]["count"], &web["notes"]), (&json!(1), &json!(1), &Value::Null), "{web}");
    let (text, _) = r.parity(&[&["diff", "--report", "github"][..], &args].concat());
    assert!(!text.contains("file=gitops"), "{text}");
}

#[test]
fn nothing_leaves_the_other_root() {
    let (r, gitops) = (app(), manifests("1.0.0"));
    let outside = Repository::new();
    let secret = outside.path().file_name().expect("a name").to_string_lossy().into_owned();
    outside.write("secret.yaml", &deployment("secret", "acme/secret:1"));
    let written = format!("resources: [../../base, ../../../../../{secret}/secret.yaml, linked.yaml]\n");
    gitops.write("apps/shop/overlays/prod/kustomization.yaml", &written);
    #[cfg(unix)]
    std::os::unix::fs::symlink(outside.path().join("secret.yaml"), gitops.path().join("apps/shop/overlays/prod/linked.yaml"))
        .expect("linked");
    let report = report(&r, &gitops, &[]);
    let text = report.to_string();
    assert!(!text.contains("acme/secret"), "{text}");
    let problems: Vec<&str> = report["problems"].as_array().expect("problems").iter().filter_map(|p| p["message"].as_str()).collect();
    assert!(problems.len() >= 2, "{problems:?}");
    // A path of the configuration is the repository's word, not the user's.
    r.write("parity.yml", &format!("environments:\n  prod: ['{}']\n", overlay(&r, &gitops)));
    let (text, exit) = r.parity(&["diff"]);
    assert!(exit == Some(2) && text.contains("lies outside the root"), "{text}");
    r.write("parity.yml", "");
    let (text, exit) = r.parity(&["diff", "--prod", "../no-such-folder"]);
    assert!(exit == Some(2) && text.contains("`../no-such-folder` does not exist"), "{text}");
}

#[test]
fn a_folder_that_is_in_no_repository_is_read_and_its_deployments_are_not_known() {
    let r = app();
    r.git(&["tag", "v1.0.0"]);
    let gitops = manifests("1.0.0");
    std::fs::remove_dir_all(gitops.path().join(".git")).expect("removed");
    gitops.write("apps/shop/overlays/prod/kustomization.yaml", "resources: [web.yaml]\n");
    gitops.write("apps/shop/overlays/prod/web.yaml", &deployment("web", "ghcr.io/acme/web:1.0.0"));
    let web = report(&r, &gitops, &[])["comparisons"][0]["time"][0].clone();
    assert_eq!((&web["waiting"], &web["deploys"]), (&json!(0), &Value::Null), "{web}");
    assert!(web["notes"][0].as_str().is_some_and(|n| n.contains("this is no git repository")), "{web}");
}

#[test]
fn a_base_revision_and_the_past() {
    let r = app();
    r.git(&["tag", "v1.0.0"]);
    r.write("docker-compose.yml", "services:\n  web:\n    build: ./web\n    image: ghcr.io/acme/web\n    environment: {A: a}\n");
    let base = r.commit("one key");
    r.write("docker-compose.yml", "services:\n  web:\n    build: ./web\n    image: ghcr.io/acme/web\n    environment: {A: a, B: b}\n");
    r.commit("another key");
    let gitops = manifests("1.0.0");
    let report = report(&r, &gitops, &["--base", &base]);
    let states: Vec<(&str, &str)> = report["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter_map(|f| Some((f["subject"].as_str()?, f["state"].as_str()?)))
        .filter(|(subject, _)| subject.len() == 1)
        .collect();
    assert_eq!(states, [("A", "unchanged"), ("B", "new")], "{report}");
    // Production of a past week is that of the other history at that time.
    let history = ["history", "--weekly", "15", "--today", "2026-06-01", "--render", "never", "--report", "json"];
    let (text, _) = r.parity(&[&history[..], &["--prod", &overlay(&r, &gitops)]].concat());
    let trend: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
    let points = trend["points"].as_array().expect("points");
    assert!(points[0]["unknown"].as_str().is_some_and(|w| w.contains("begins later")), "{text}");
    assert!(points[14]["errors"].as_u64() == Some(2) && points[14]["unknown"].is_null(), "{text}");
}

#[test]
fn a_part_of_a_repository_with_its_production_elsewhere_in_it() {
    let r = Repository::new();
    r.on("2026-03-01");
    r.write("services/shop/docker-compose.yml", "services:\n  web:\n    build: ./web\n");
    r.write("services/shop/web/Dockerfile", "FROM scratch\n");
    r.commit("start");
    r.git(&["tag", "v1.0.0"]);
    deploy(&r, "2026-03-05", "web", "1.0.0");
    change(&r, "2026-03-10", "services/shop/web/a");
    r.git(&["tag", "v1.1.0"]);
    let base = r.git(&["rev-parse", "HEAD"]);
    deploy(&r, "2026-03-12", "web", "1.1.0");
    let args = ["--root", "services/shop", "--prod", "../../k8s", "--today", "2026-06-01"];
    let report = r.report(&args);
    let web = &report["comparisons"][0]["time"][0];
    assert_eq!((&web["tag"], &web["waiting"], &web["deploys"]["count"]), (&json!("1.1.0"), &json!(0), &json!(1)), "{web}");
    // The base revision's production is that of the same commit.
    let report = r.report(&[&args[..], &["--base", &base]].concat());
    let release = &report["releases"][0];
    assert_eq!((&release["from_tag"], &release["to_tag"], &release["commits"]), (&json!("1.0.0"), &json!("1.1.0"), &json!(1)), "{report}");
}
