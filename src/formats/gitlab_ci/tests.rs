use super::*;
use crate::ask::process::Programs;
use crate::formats::ReadOptions;
use crate::workspace::MemoryWorkspace;

fn read(files: &[(&str, &str)]) -> Reading {
    let workspace = MemoryWorkspace::new(files.iter().copied());
    let (options, programs) = (ReadOptions::default(), Programs::default());
    let cx = ReadContext { workspace: &workspace, options: &options, environment: "ci", programs: &programs };
    let manifest = Manifest { format: "gitlab-ci".into(), paths: vec![".gitlab-ci.yml".into()], ..Manifest::default() };
    GitlabCi.read(&manifest, &cx)
}

fn services(reading: &Reading) -> Vec<String> {
    let text = |s: &crate::inventory::Service| s.known_software().map_or("?".to_owned(), |k| k.text.clone());
    reading.services.iter().map(|s| format!("{} {} {}", s.scope.as_ref().map_or("", |s| &s.job), s.name, text(s))).collect()
}

#[test]
fn what_jobs_inherit() {
    let main = "include:\n  - local: /ci/base.yml\n  - project: acme/ci\n    file: x.yml\n  - template: Jobs/Build.gitlab-ci.yml\ndefault:\n  image: python:3.12\nvariables:\n  PG: '15'\n  REDIS: {value: '7', description: x}\nservices: [redis:$REDIS]\ntest:\n  extends: [.db]\n  variables: {PG: '16'}\nlint:\n  script: make\nother:\n  services:\n    - !reference [.db, services]\n    - name: mysql:8.0\n      alias: store,db\n      variables: {MYSQL_ROOT_PASSWORD: hunter2}\nnone:\n  services: []\nproxy:\n  services: ['${CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX}/postgres:14']\n";
    let base = ".db:\n  services:\n    - postgres:$PG\n.unused:\n  services: [mongo:4]\n";
    let reading = read(&[(".gitlab-ci.yml", main), ("ci/base.yml", base)]);
    assert_eq!(
        services(&reading),
        [
            ".gitlab-ci.yml#lint redis redis:7",
            "ci/base.yml#other postgres postgres:15",
            ".gitlab-ci.yml#other store mysql:8.0",
            ".gitlab-ci.yml#proxy postgres gitlab.com/group/dependency_proxy/containers/postgres:14",
            "ci/base.yml#test postgres postgres:16",
        ]
    );
    assert_eq!(reading.services.last().map(|s| s.stated_at().to_string()), Some("ci/base.yml:3:7".into()));
    assert!(reading.services.iter().all(|s| s.name != "store" || s.aliases == ["db"]));
    assert_eq!(reading.runtimes.len(), 1);
    assert_eq!(reading.problems.len(), 1, "{:?}", reading.problems);
}

#[test]
fn a_matrix_and_what_is_not_known() {
    let text = "test:\n  parallel:\n    matrix:\n      - PG: ['14', '15']\n        OS: [a, b]\n  services: ['postgres:$PG']\nx:\n  services: [$IMAGE, 'redis:$CI_X']\n";
    let reading = read(&[(".gitlab-ci.yml", text)]);
    let all = services(&reading).join("\n");
    assert_eq!(
        all,
        ".gitlab-ci.yml#test postgres postgres:14\n.gitlab-ci.yml#test postgres postgres:15\n.gitlab-ci.yml#x $IMAGE ?\n.gitlab-ci.yml#x redis redis:$CI_X"
    );
    assert_eq!(reading.problems.len(), 1);
}

#[test]
fn files_are_merged_key_by_key() {
    let main = "include: {local: 'ci/*.yml'}\n.v: &v {PG: '14'}\ntest:\n  tags: [x]\n  variables: {<<: *v, REDIS: '7'}\nlint:\n  inherit: {default: false}\nshared:\n  variables: !reference [.s, variables]\n  services: ['mysql:$MYSQL']\n";
    let base =
        "default:\n  services: ['memcached:1.6']\ntest:\n  services: ['postgres:$PG', 'redis:$REDIS']\n.s:\n  variables: {MYSQL: '8.4'}\n";
    let reading = read(&[(".gitlab-ci.yml", main), ("ci/base.yml", base), ("ci/deeper/none.yml", "x: {services: ['mongo:4']}\n")]);
    let wanted = [".gitlab-ci.yml#shared mysql mysql:8.4", "ci/base.yml#test postgres postgres:14", "ci/base.yml#test redis redis:7"];
    assert_eq!(services(&reading), wanted);
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
}

#[test]
fn what_is_too_much_is_said() {
    let said = |files: &[(&str, &str)], words: &str| {
        let problems = read(files).problems;
        assert!(problems.iter().any(|p| p.message.contains(words)), "{words}: {problems:?}");
    };
    let many = |n: usize| (0..n).map(|i| format!("'{i}'")).collect::<Vec<_>>().join(",");
    let matrix = format!("t:\n  parallel: {{matrix: [{{A: [{0}], B: [{0}]}}]}}\n  services: ['x:$A$B']\n", many(20));
    said(&[(".gitlab-ci.yml", &matrix)], "more than the limit of 256 combinations");
    let services = format!("t: {{services: [{}]}}\n", many(300));
    said(&[(".gitlab-ci.yml", &services)], "only the first 256 services");
    let names: Vec<String> = (0..200).map(|i| format!("ci/{i}.yml")).collect();
    let mut files: Vec<(&str, &str)> = names.iter().map(|n| (n.as_str(), "a: {script: x}\n")).collect();
    files.push((".gitlab-ci.yml", "include: 'ci/*.yml'\n"));
    said(&files, "more than the limit of 150 files");
}

#[test]
fn odd_files() {
    for text in [
        "",
        "a",
        "include: [",
        "include: ../../etc/passwd\n",
        "include: .gitlab-ci.yml\na: {extends: a, services: !reference [a, services]}\n",
        "a: {extends: [b, b]}\nb: {extends: [a, a], services: [{}], variables: {X: $Y, Y: $X}}\n",
        "variables: {X: $X$X}\na: {services: ['$X']}\n",
        "a: {parallel: {matrix: [{A: []}, x]}, services: [1, [2, [3]]]}\n",
    ] {
        let _ = read(&[(".gitlab-ci.yml", text)]);
    }
}
