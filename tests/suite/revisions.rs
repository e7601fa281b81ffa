//! Which commit a tag stands for, told from git repositories that are built here.

use serde_json::{Value, json};

use crate::repository::Repository;
use crate::time::{app, change, deploy, deployment, measured, of, start};

#[test]
fn every_form_of_a_tag_leads_to_its_commit() {
    let r = app();
    let first = r.git(&["rev-parse", "HEAD"]);
    r.git(&["tag", "v1.4.2"]);
    r.git(&["tag", "-a", "-m", "x", "web-v9.9.9"]);
    let second = change(&r, "2026-03-05", "web/a");
    let third = change(&r, "2026-03-10", "web/a");
    r.git(&["tag", "release-7.0.1"]);
    let short = |id: &str| id[..7].to_owned();
    for (tag, evidence, commit) in [
        (second.clone(), "exact", Some(&second)),
        (format!("sha-{}", short(&second)), "exact", Some(&second)),
        (format!("main-{}-1773000000", short(&second)), "exact", Some(&second)),
        (format!("v1.4.2-1-g{}", short(&second)), "exact", Some(&second)),
        (format!("v20260305-{}", short(&second)), "exact", Some(&second)),
        ("v1.4.2".into(), "exact", Some(&first)),
        ("1.4.2".into(), "exact", Some(&first)),
        ("9.9.9".into(), "exact", Some(&first)),
        ("7.0.1".into(), "exact", Some(&third)),
        ("1.4".into(), "floating", Some(&first)),
        ("2026.03.07".into(), "estimated", Some(&second)),
        ("20260307.2".into(), "estimated", Some(&second)),
        ("latest".into(), "unknown", None),
        ("stable".into(), "unknown", None),
        ("3.0.0".into(), "unknown", None),
        ("142".into(), "unknown", None),
        ("deadbeefdeadbeef".into(), "unknown", None),
    ] {
        deploy(&r, "2026-04-01", "web", &tag);
        let web = of(&r, "web");
        assert_eq!((web["evidence"].as_str(), web["commit"].as_str()), (Some(evidence), commit.map(String::as_str)), "{tag}: {web}");
        assert_eq!(web["unknown"].is_null(), commit.is_some(), "{tag}: {web}");
    }
}

#[test]
fn a_pattern_of_the_user_wins() {
    let r = app();
    let first = r.git(&["rev-parse", "HEAD"]);
    r.git(&["tag", "v2.0.0"]);
    r.write("parity.yml", "time:\n  tags: ['prod.{version}.x']\n");
    deploy(&r, "2026-04-01", "web", "prod.2.0.0.x");
    assert_eq!(of(&r, "web")["commit"], json!(first));
}

#[test]
fn what_a_pattern_names_is_not_guessed_otherwise() {
    let r = app();
    let second = change(&r, "2026-03-05", "web/a");
    r.write("parity.yml", "time:\n  tags: ['{sha}-of-{base}']\n");
    deploy(&r, "2026-04-01", "web", &format!("deadbeef-of-{}", &second[..7]));
    let web = of(&r, "web");
    assert_eq!((&web["evidence"], &web["commit"]), (&json!("unknown"), &Value::Null), "{web}");
    let why = web["unknown"].as_str().expect("a reason");
    assert!(why.contains("`deadbeef`") && why.contains("`{sha}-of-{base}` of `time.tags`"), "{why}");
    // What is no pattern is an error with its line.
    r.write("parity.yml", "time:\n  tags:\n    - '{sha'\n");
    let (text, exit) = r.parity(&["diff"]);
    assert_eq!(exit, Some(2));
    assert!(text.contains("`{sha` is no pattern of tags: a `{` is not closed") && text.contains("parity.yml:3:7"), "{text}");
}

#[test]
fn every_commit_has_its_reason() {
    let r = app();
    let first = r.git(&["rev-parse", "HEAD"]);
    r.git(&["tag", "v1.4.2"]);
    for (tag, because) in [
        (format!("sha-{}", &first[..7]), format!("the tag holds the commit's id `{}`", &first[..7])),
        ("1.4.2".into(), "git tag `v1.4.2`".into()),
        ("1.4".into(), "git tag `v1.4.2`, the newest of the series `1.4`".into()),
        ("2026.03.07".into(), "the last commit before the end of 2026-03-07, the day in the tag".into()),
    ] {
        deploy(&r, "2026-04-01", "web", &tag);
        assert_eq!(of(&r, "web")["because"], json!(because), "{tag}");
    }
    deploy(&r, "2026-04-01", "web", "stable");
    assert_eq!(of(&r, "web")["because"], Value::Null);
}

/// A Flux policy for the images of `web`, with the repository that it names.
fn policy(name: &str, image: &str, spec: &str) -> String {
    format!(
        "apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImageRepository\nmetadata: {{name: {name}, namespace: flux-system}}\nspec: {{image: {image}}}\n---\napiVersion: image.toolkit.fluxcd.io/v1\nkind: ImagePolicy\nmetadata: {{name: {name}, namespace: flux-system}}\nspec:\n  imageRepositoryRef: {{name: {name}}}\n{spec}"
    )
}

#[test]
fn a_policy_of_flux_says_what_a_tag_is_made_of() {
    let r = app();
    let first = r.git(&["rev-parse", "HEAD"]);
    r.git(&["tag", "v2.0.0"]);
    let second = change(&r, "2026-03-05", "web/a");
    change(&r, "2026-03-20", "web/a");
    let written = |spec: &str| r.write("clusters/web.yaml", &policy("web", "ghcr.io/acme/web", spec));
    let by = "as the Flux ImagePolicy `web` (clusters/web.yaml) says";
    let asked = |tag: &str| {
        deploy(&r, "2026-04-01", "web", tag);
        let web = of(&r, "web");
        let because = web["because"].as_str().map(str::to_owned);
        (web["evidence"].as_str().expect("a word").to_owned(), web["commit"].as_str().map(str::to_owned), because)
    };
    // A version that no form finds in the tag.
    written("  filterTags: {pattern: '^eu(?P<v>[0-9.]+)x$', extract: '$v'}\n  policy: {semver: {range: '>=1.0.0'}}\n");
    assert_eq!(asked("eu2.0.0x"), ("exact".into(), Some(first), Some(format!("git tag `v2.0.0`, {by}"))));
    // A moment: of 2026-03-10; nothing else is in the tag.
    written("  filterTags: {pattern: '^main-build(?P<ts>[0-9]+)$', extract: '$ts'}\n  policy: {numerical: {order: asc}}\n");
    let (evidence, commit, because) = asked("main-build20260310");
    assert_eq!((evidence.as_str(), commit.as_ref()), ("estimated", Some(&second)));
    assert!(because.is_some_and(|b| b.ends_with(by)));
    // The id is better evidence than the moment beside it.
    written("  filterTags: {pattern: '^main-[a-f0-9]+-(?P<ts>[0-9]+)', extract: '$ts'}\n  policy: {numerical: {order: asc}}\n");
    let (evidence, commit, _) = asked(&format!("main-{}-1775000000", &second[..7]));
    assert_eq!((evidence.as_str(), commit.as_ref()), ("exact", Some(&second)));
    // A build's number is no moment, and a tag that the policy would not choose is told by its own form.
    written("  filterTags: {pattern: '^main-(?P<n>[0-9]+)$', extract: '$n'}\n  policy: {numerical: {order: asc}}\n");
    assert_eq!(asked("main-142").0, "unknown");
    assert_eq!(asked("2.0.0").0, "exact");
}

#[test]
fn a_policy_is_for_the_images_that_it_names_or_marks() {
    let r = app();
    r.git(&["tag", "v2.0.0"]);
    let spec = "  filterTags: {pattern: '^eu(?P<v>[0-9.]+)x$', extract: '$v'}\n  policy: {semver: {range: '*'}}\n";
    r.write("clusters/other.yaml", &policy("other", "ghcr.io/acme/other", spec));
    r.write("clusters/dev/web.yaml", &policy("web", "ghcr.io/acme/web", spec));
    deploy(&r, "2026-04-01", "web", "eu2.0.0x");
    assert_eq!(of(&r, "web")["evidence"], "unknown", "one of another image, and one of development");
    deploy(&r, "2026-04-01", "web", "eu2.0.0x # {\"$imagepolicy\": \"flux-system:other\"}");
    assert_eq!(of(&r, "web")["evidence"], "exact", "the mark names it");
}

/// An Application of Argo CD whose images are updated.
fn application(annotations: &str) -> String {
    let annotations: String = annotations.lines().map(|l| format!("    argocd-image-updater.argoproj.io/{l}\n")).collect();
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: shop\n  annotations:\n{annotations}spec:\n  source: {{path: k8s}}\n"
    )
}

#[test]
fn argo_cd_image_updater_says_what_a_tag_is_and_where_it_is_kept() {
    let r = app();
    r.git(&["tag", "v2.0.0"]);
    let asked = |annotations: &str, tag: &str| {
        r.write("argocd/shop.yaml", &application(annotations));
        deploy(&r, "2026-04-01", "web", tag);
        of(&r, "web")
    };
    let list = "image-list: web=ghcr.io/acme/web:~2.0, ghcr.io/acme/other\n";
    let git = "write-back-method: git:secret:argocd/creds\nwrite-back-target: kustomization\n";
    let allow = "web.allow-tags: regexp:^eu(?P<version>[0-9.]+)x$\n";
    let web = asked(&format!("{list}{git}{allow}web.update-strategy: newest-build"), "eu2.0.0x");
    assert_eq!(web["because"], "git tag `v2.0.0`, as the Argo CD Image Updater of `shop` (argocd/shop.yaml) says");
    let unknown = |annotations: String, words: &str| {
        let web = asked(&annotations, "2.0.0");
        assert_eq!((&web["evidence"], &web["commit"], &web["deploys"]), (&json!("unknown"), &Value::Null, &Value::Null), "{web}");
        assert!(web["unknown"].as_str().is_some_and(|w| w.contains(words)), "{words}: {web}");
    };
    unknown(list.to_owned(), "sets the tag in the cluster");
    unknown(format!("{list}{git}web.update-strategy: digest"), "follows the digest of the tag");
    // What is written beside the manifests overrides them; where nothing was written, they stand.
    assert_eq!(asked(&format!("{list}write-back-method: git"), "2.0.0")["evidence"], "exact");
    r.write("apps/.argocd-source-shop.yaml", "kustomize:\n  images: ['ghcr.io/acme/web:1.9.0']\n");
    unknown(format!("{list}write-back-method: git"), "`apps/.argocd-source-shop.yaml`, and it is not known what that changes");
    // The application's own file is merged into its source: the tag stands there, and so does its history.
    std::fs::remove_file(r.path().join("apps/.argocd-source-shop.yaml")).expect("removed");
    let kept = |tag: &str| r.write("k8s/.argocd-source-shop.yaml", &format!("kustomize:\n  images: ['ghcr.io/acme/web:{tag}']\n"));
    kept("1.9.0");
    assert_eq!(asked(&format!("{list}write-back-method: git"), "0.9.0")["tag"], "1.9.0");
    kept("v2.0.0");
    let web = asked(&format!("{list}write-back-method: git"), "0.9.0");
    assert_eq!((&web["evidence"], &web["tag"]), (&json!("exact"), &json!("v2.0.0")), "{web}");
    assert_eq!(web["deploys"]["count"], json!(1), "{web}");
    std::fs::remove_file(r.path().join("k8s/.argocd-source-shop.yaml")).expect("removed");
    // Of another image nothing is said.
    assert_eq!(asked("image-list: ghcr.io/acme/other", "2.0.0")["evidence"], "exact");
    // The resource says the same.
    r.write(
        "argocd/shop.yaml",
        "apiVersion: argocd-image-updater.argoproj.io/v1alpha1\nkind: ImageUpdater\nmetadata: {name: shop}\nspec:\n  applicationRefs:\n    - namePattern: shop\n      images:\n        - {alias: web, imageName: 'ghcr.io/acme/web:~2.0'}\n",
    );
    assert!(of(&r, "web")["unknown"].as_str().is_some_and(|w| w.contains("`shop` (argocd/shop.yaml) sets the tag in the cluster")));
}

#[test]
fn ids_that_are_ambiguous_are_told_from_those_that_are_none() {
    let r = app();
    r.many(800, &["web/a"]);
    let all = r.git(&["rev-list", "main"]);
    let mut short: Vec<&str> = all.lines().map(|id| &id[..4]).collect();
    short.sort_unstable();
    let twice = short.windows(2).find(|w| w[0] == w[1]).expect("800 ids share four digits")[0];
    let programs = parity::ask::process::Programs::new(std::env::var_os("PATH"), None);
    let git = parity::ask::git::Git::open(&programs, r.path()).expect("a repository");
    let head = r.git(&["rev-parse", "main"]);
    let named = git.commits(&[twice, &head[..12], "f".repeat(40).as_str()].map(str::to_owned)).expect("asked");
    use parity::ask::git::Named;
    assert_eq!(named, [Named::Ambiguous, Named::Commit(head), Named::No]);
}

#[test]
fn ids_of_which_several_commits_are_meant_ask_for_a_longer_one() {
    let r = app();
    r.many(32_000, &[]);
    let all = r.git(&["rev-list", "main"]);
    let mut ids: Vec<&str> = all.lines().collect();
    ids.sort_unstable();
    let twice = ids.windows(2).find(|w| w[0][..7] == w[1][..7]).expect("two of 32,000 ids begin with the same seven digits");
    deploy(&r, "2026-04-01", "web", &format!("sha-{}", &twice[0][..7]));
    let web = of(&r, "web");
    assert_eq!((&web["evidence"], &web["commit"]), (&json!("unknown"), &Value::Null), "{web}");
    assert_eq!(web["unknown"], json!(format!("several commits begin with `{}`", &twice[0][..7])));
    deploy(&r, "2026-04-01", "web", &format!("sha-{}", &twice[0][..12]));
    assert_eq!(of(&r, "web")["commit"], json!(twice[0]));
}

#[test]
fn ids_that_look_like_numbers() {
    // An unquoted tag of digits is a number to YAML, `12345e7` a large one, and `0012345` may be octal; their text is the id.
    let r = app();
    r.many(4000, &["web/a"]);
    let all = r.git(&["rev-list", "main"]);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let float = |id: &str| id.split_once('e').is_some_and(|(a, b)| digits(a) && digits(b));
    r.write("kustomize/web.yaml", &deployment("web", "ghcr.io/acme/web"));
    let looks: [&dyn Fn(&str) -> bool; 3] = [&|id| digits(id) && !id.starts_with('0'), &|id| digits(id) && id.starts_with('0'), &float];
    for looks_like_a_number in looks {
        let id = all.lines().find(|id| looks_like_a_number(&id[..7])).expect("one of 4,000 ids looks so");
        let written = format!("resources: [web.yaml]\nimages:\n  - name: ghcr.io/acme/web\n    newTag: {}\n", &id[..7]);
        r.write("kustomize/kustomization.yaml", &written);
        r.commit("deploy");
        let time = measured(&r, &["--prod", "kustomize", "--render", "never"]);
        assert_eq!((&time[0]["tag"], &time[0]["commit"]), (&json!(id[..7]), &json!(id)), "{time}");
    }
}

#[test]
fn a_repository_with_reftable() {
    let Some(r) = Repository::try_init(&["--ref-format=reftable"]) else {
        return println!("NOT RUN: this git has no `--ref-format=reftable`");
    };
    start(&r);
    let first = r.git(&["rev-parse", "HEAD"]);
    r.git(&["tag", "v1.0.0"]);
    deploy(&r, "2026-03-02", "web", "1.0.0");
    change(&r, "2026-03-03", "web/a");
    let web = of(&r, "web");
    assert_eq!((&web["commit"], &web["waiting"], &web["because"]), (&json!(first), &json!(1), &json!("git tag `v1.0.0`")), "{web}");
}

#[test]
fn sha256_repositories_and_none() {
    let r = Repository::try_init(&["--object-format=sha256"]).expect("git knows sha256");
    start(&r);
    let first = r.git(&["rev-parse", "HEAD"]);
    deploy(&r, "2026-03-02", "web", &format!("sha-{}", &first[..10]));
    change(&r, "2026-03-03", "web/a");
    assert_eq!((&of(&r, "web")["commit"], &of(&r, "web")["waiting"]), (&json!(first), &json!(1)));
    std::fs::remove_dir_all(r.path().join(".git")).expect("removed");
    let report = r.report(&[]);
    assert_eq!(report["comparisons"][0]["not_measured"], "this is no git repository");
    assert_eq!(report["comparisons"][0]["time"], json!([]));
}
