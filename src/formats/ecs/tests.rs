use super::*;
use crate::ask::process::Programs;
use crate::formats::ReadOptions;
use crate::inventory::{EnvValue, Process};
use crate::workspace::MemoryWorkspace;

fn read(path: &str, text: &str) -> Reading {
    let workspace = MemoryWorkspace::new([(path, text)]);
    let (options, programs) = (ReadOptions::default(), Programs::default());
    let cx = ReadContext { workspace: &workspace, options: &options, environment: "prod", programs: &programs };
    let manifest = Manifest { format: "ecs".into(), paths: vec![path.into()], ..Manifest::default() };
    Ecs.read(&manifest, &cx)
}

const TASK: &str = r#"{
  "family": "shop",
  "runtimePlatform": {"cpuArchitecture": "ARM64"},
  "containerDefinitions": [
    {"name": "api", "image": "<IMAGE1_NAME>", "portMappings": [{"containerPort": ${port}}],
     "environment": [{"name": "MODE", "value": "a"}, {"name": "HOST", "value": "${host}"}, {"name": "MODE", "value": "b"}, ${extra_env}],
     "secrets": [{"name": "DATABASE_URL", "valueFrom": "arn:aws:secretsmanager:eu:1:secret:x"}],
     "dependsOn": [{"containerName": "migrate", "condition": "SUCCESS"}]},
    {"name": "migrate", "image": "acme/shop:1.4", "command": ["rake", "db:migrate"], "environmentFiles": [{"value": "s3", "type": "s3"}]},
    {"name": "cache", "image": "redis:7.2", "essential": true}
  ]
}"#;

#[test]
fn containers_of_a_template() {
    let reading = read("ecs/task.json", TASK);
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    let [api, migrate, cache] = reading.services.as_slice() else { panic!("three: {:?}", reading.services) };
    assert_eq!(api.software.as_ref().and_then(|s| s.value.why_unknown()), Some("the placeholder `<IMAGE1_NAME>` is not filled in"));
    assert_eq!(api.aliases, ["shop"]);
    assert_eq!(api.platform.as_ref().and_then(|p| p.value.known()).map(String::as_str), Some("linux/arm64"));
    let states: Vec<_> = api.environ.vars.iter().map(|v| (v.key.as_str(), v.value.state(), v.shadows.is_some())).collect();
    assert_eq!(states, [("DATABASE_URL", "set", false), ("HOST", "unknown", false), ("MODE", "set", true)]);
    assert_eq!(api.environ.get("DATABASE_URL").map(|v| v.at.text()), Some("\"DATABASE_URL\""));
    assert_eq!(api.environ.unlisted.len(), 1);
    assert_eq!((migrate.process, api.process), (Process::Admin, Process::Service));
    assert_eq!(migrate.environ.unlisted.len(), 1);
    assert_eq!(cache.kind().map(|k| k.id.as_str()), Some("redis"));
}

#[test]
fn described_and_in_yaml() {
    let described = read("task.json", &format!("{{\"taskDefinition\": {TASK}}}"));
    assert_eq!(described.services.len(), 3);
    let yaml =
        "family: shop\ncontainerDefinitions:\n  - name: api\n    image: acme/shop:2\n    environment:\n      - name: A\n        value: 1\n";
    let reading = read("ecs/task.yaml", yaml);
    assert_eq!(reading.services[0].environ.get("A").map(|v| v.value.clone()), Some(EnvValue::set("1")));
}

#[test]
fn half_a_file_says_so_and_keeps_the_rest() {
    let reading = read("task.json", &TASK[..TASK.len() - 120]);
    assert!(!reading.problems.is_empty());
    assert!(reading.services.iter().any(|s| s.name == "api"));
}

#[test]
fn claims() {
    let yes = |path: &str, head: &str| Ecs.may_claim(path) && Ecs.claims(path, head) != Claim::No;
    assert!(yes("ecs/task.json", TASK) && yes("ecs/task.json.tpl", TASK) && !yes("ecs/task.tf", TASK));
    assert!(!yes(
        "a.json",
        "{\"Resources\": {\"T\": {\"Type\": \"AWS::ECS::TaskDefinition\", \"containerDefinitions\": 1, \"image\": 2}}}"
    ));
    assert!(!yes("package.json", "{\"name\": \"x\", \"image\": 1, \"environment\": 2}"));
}

#[test]
fn a_secret_without_a_name_leaves_keys_open() {
    let text = r#"{"containerDefinitions": [{"name": "a", "image": "a:1", "secrets": [{"valueFrom": "x"}, {"name": ${name}, "valueFrom": "x"}]}]}"#;
    let reading = read("task.json", text);
    assert_eq!(reading.services.iter().map(|s| s.environ.unlisted.len()).collect::<Vec<_>>(), [2]);
}
