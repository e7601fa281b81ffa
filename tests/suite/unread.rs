//! Manifests whose text cannot be read, so that only their names and folders say what they are: each that counts is said with the
//! reason, and what is no manifest by its name or place is no noise.

use parity::config::Options;
use parity::limits::Limits;
use parity::report::{Exit, Report};
use parity::rules::Severity;
use parity::run;
use parity::workspace::MemoryWorkspace;

use crate::repository::Repository;

const COMPOSE: &str = "services:\n  db:\n    image: postgres:15\n";
const RENDER: &str = "databases:\n  - {name: db, postgresMajorVersion: '15'}\n";
const STACK: &str = "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  Db: {Type: AWS::RDS::DBInstance, Properties: {Engine: postgres, EngineVersion: '15'}}\n  Cache: {Type: AWS::ElastiCache::CacheCluster, Properties: {Engine: redis, EngineVersion: '7.1'}}\n";
/// Files by path.
type Files<'a> = &'a [(&'a str, &'a [u8])];
/// Not UTF-8 in its second line.
const BROKEN: &[u8] = b"# a comment\n# caf\xe9\n";

fn object(name: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: {name}}}\nspec: {{template: {{spec: {{containers: [{{name: {name}, image: 'postgres:15'}}]}}}}}}\n"
    )
}

/// What is said of a repository that develops and ships one database, with more files.
fn diff(more: Files<'_>) -> Report {
    let files = [("docker-compose.yml", COMPOSE.as_bytes()), ("render.yaml", RENDER.as_bytes())];
    let files = files.into_iter().chain(more.iter().copied()).map(|(path, bytes)| (path, bytes.to_vec()));
    let limits = Limits { file_bytes: 10_000, ..Limits::default() };
    run::diff(&MemoryWorkspace::new(files).within(limits), &Options::default()).expect("compared")
}

fn said(report: &Report) -> Vec<(Severity, String)> {
    report.problems.iter().map(|p| (p.severity, p.message.clone())).collect()
}

#[test]
fn a_manifest_by_its_name_or_its_folder_is_said() {
    for file in [
        "k8s/web.yaml",
        "deploy/kubernetes/prod/all.yml",
        "deploy/web.yaml",
        "deployment.yaml",
        "cloudformation/network.json",
        "infra/cfn/db.yaml",
        "template.yaml",
        "ecs/task-definition.json",
        "serverless.yml",
        "deploy/values-prod.yaml",
        "values.production.yaml",
        "chart/values.yaml",
        "terraform/main.tf",
        "main.tf",
        "web.nomad",
        "nomad/web.hcl",
        "config/deploy.yml",
        "copilot/api/manifest.yml",
        ".do/app.yaml",
        ".platform.app.yaml",
        "docker-compose.prod.yml",
        ".github/workflows/test.yml",
        ".circleci/config.yml",
    ] {
        let report = diff(&[(file, BROKEN)]);
        let wanted = (Severity::Error, format!("`{file}` is not valid UTF-8 (line 2)"));
        assert!(said(&report).contains(&wanted), "{file}: {:?}", said(&report));
        assert_eq!(report.exit(), Exit::Unknown, "{file}");
        assert_eq!(said(&report).iter().filter(|(_, message)| message.contains(file)).count(), 1, "{file}: {:?}", said(&report));
    }
}

#[test]
fn clean_without_it() {
    let report = diff(&[]);
    assert_eq!((said(&report), report.exit()), (Vec::new(), Exit::Clean));
}

#[test]
fn each_reason_is_said() {
    let large = vec![b'#'; 10_001];
    for (bytes, why) in [(&large[..], "has 10001 bytes, more than the limit of 10000 bytes a file"), (b"a\0b", "is a binary file")] {
        let report = diff(&[("k8s/web.yaml", bytes)]);
        assert!(said(&report).contains(&(Severity::Error, format!("`k8s/web.yaml` {why}"))), "{:?}", said(&report));
    }
}

#[test]
fn what_lies_beside_a_manifest_of_the_same_kind_is_said() {
    let object = object("db");
    for (read, unread) in [("gcp/db.yaml", "gcp/web.yaml"), ("db.yaml", "web.yml"), ("db.json", "web.json")] {
        let report = diff(&[(read, object.as_bytes()), (unread, BROKEN)]);
        let wanted = (Severity::Error, format!("`{unread}` is not valid UTF-8 (line 2)"));
        assert!(said(&report).contains(&wanted), "{unread}: {:?}", said(&report));
    }
}

#[test]
fn what_is_part_of_a_manifest_is_said_once() {
    let kustomization = b"resources: [web.yaml]\n";
    let chart = b"apiVersion: v2\nname: web\nversion: 1.0.0\n";
    let values = b"image: {repository: acme/web, tag: '1'}\n";
    let stack = b"Resources:\n  Db: {Type: 'AWS::RDS::DBInstance', Properties: {Engine: postgres, EngineVersion: '15'}}\n  More: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: more.yaml}}\n";
    let module = b"resource \"aws_db_instance\" \"db\" {\n  engine = \"postgres\"\n  engine_version = \"15\"\n}\n";
    let cases: [(&str, Files<'_>); 5] = [
        ("k8s/web.yaml", &[("k8s/kustomization.yaml", kustomization)]),
        ("chart/values.yaml", &[("chart/Chart.yaml", chart)]),
        ("chart/templates/web.yaml", &[("chart/Chart.yaml", chart), ("chart/values.yaml", values)]),
        ("aws/more.yaml", &[("aws/stack.yaml", stack)]),
        ("terraform/web.tf", &[("terraform/main.tf", module)]),
    ];
    for (file, others) in cases {
        let report = diff(&[others, &[(file, BROKEN)]].concat());
        let of: Vec<_> = said(&report).into_iter().filter(|(_, message)| message.contains(&format!("`{file}`"))).collect();
        assert!(matches!(&of[..], [(Severity::Error | Severity::Warning, _)]), "{file}: {:?}", said(&report));
    }
}

#[test]
fn what_cannot_be_read_is_not_called_missing() {
    let redis = b"services:\n  db:\n    image: postgres:15\n  cache:\n    image: redis:7\n";
    let missing =
        |report: &Report| report.findings.iter().filter(|f| f.rule == "tools/missing-in-prod" && f.severity == Severity::Error).count();
    assert_eq!(missing(&diff(&[("docker-compose.yml", redis)])), 1);
    assert_eq!(missing(&diff(&[("docker-compose.yml", redis), ("k8s/cache.yaml", BROKEN)])), 0);
}

#[test]
fn what_is_no_manifest_by_its_name_is_no_noise() {
    let large = vec![b'"'; 10_001];
    let object = object("db");
    for file in [
        "package-lock.json",
        "pnpm-lock.yaml",
        "data.json",
        "data/countries.yaml",
        "k8s/dashboards/grafana.json",
        "config/locales/de.yml",
        "tests/fixtures/k8s/web.yaml",
        "docs/deployment.yaml",
        "k8s/staging/web.yaml",
        "src/deploy.json",
        ".terraform.lock.hcl",
        "logo.png",
    ] {
        for beside in ["k8s.yaml", "k8s/prod/db.yaml"] {
            let (with, without) = (diff(&[(beside, object.as_bytes()), (file, &large)]), diff(&[(beside, object.as_bytes())]));
            assert_eq!(said(&with), said(&without), "{file} beside {beside}");
            assert_eq!(with.exit(), without.exit(), "{file} beside {beside}");
        }
    }
}

#[test]
fn what_was_given_is_said_whatever_its_name() {
    for (given, file) in [("stacks", "stacks/a.yaml"), ("stacks/a.yaml", "stacks/a.yaml"), ("k8s", "k8s/web.yaml")] {
        let options = Options { manifests: vec![("prod".into(), given.into())], ..Options::default() };
        let workspace = MemoryWorkspace::new([("docker-compose.yml", COMPOSE.as_bytes().to_vec()), (file, BROKEN.to_vec())]);
        let report = run::diff(&workspace, &options).expect("compared");
        assert!(said(&report).iter().any(|(_, m)| *m == format!("`{file}` is not valid UTF-8 (line 2)")), "{given}: {:?}", said(&report));
        assert_eq!(report.exit(), Exit::Unknown, "{given}");
    }
}

#[test]
fn what_is_only_read_beside_the_manifests_fails_nothing() {
    for file in ["package.json", "go.mod", ".env.example", "Dockerfile", "vercel.json"] {
        let report = diff(&[(file, BROKEN)]);
        assert!(said(&report).iter().all(|(severity, _)| *severity < Severity::Error), "{file}: {:?}", said(&report));
        assert_eq!(report.exit(), Exit::Clean, "{file}");
    }
}

#[test]
fn an_inventory_says_what_was_not_looked_into_and_what_was_left() {
    let r = Repository::new();
    r.write("docker-compose.yml", COMPOSE);
    for name in ["shop", "shop-small"] {
        r.write(&format!("cloud/{name}.yaml"), STACK);
    }
    r.write("a/b/c/d.yaml", "");
    let (text, exit) = r.parity(&["inventory", "prod"]);
    assert!(
        exit == Some(0) && text.contains("left: cloud/shop-small.yaml (cloudformation, it deploys the services of `cloud/shop.yaml` again"),
        "{text}"
    );
    r.write("parity.yml", "limits: {depth: 2}\n");
    let (text, exit) = r.parity(&["inventory", "prod", "--report", "json"]);
    assert_eq!(exit, Some(3), "{text}");
    assert!(text.contains("`a/b/c` is nested deeper than the limit of 2 folders"), "{text}");
    let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(document["left"][0]["path"], "cloud/shop-small.yaml", "{text}");
}
