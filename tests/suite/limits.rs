//! Every limit of `parity.yml`: what is at it is read, what is one past it is a problem that names it, and all else stands.

#![expect(clippy::disallowed_methods, reason = "a test runs the program and writes files itself")]

use std::fs;
use std::path::Path;
use std::process::Command;

/// A repository with one drift and a `parity.yml` that sets one limit.
struct Ground {
    dir: tempfile::TempDir,
}

const COMPOSE: &str = "services:\n  db:\n    image: postgres:15\n";

impl Ground {
    fn new() -> Self {
        let new = Self { dir: tempfile::tempdir().expect("a folder") };
        new.write("repo/docker-compose.yml", COMPOSE);
        new.write("repo/k8s/db.yaml", &object("db", "postgres:16"));
        new
    }

    fn with(self, path: &str, text: &str) -> Self {
        self.write(&format!("repo/{path}"), text);
        self
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.dir.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    /// What `parity diff` says with a limit.
    fn said(&self, key: &str, limit: u64, more: &[&str]) -> String {
        self.write("repo/parity.yml", &format!("limits:\n  {key}: {limit}\n"));
        let out = Command::new(env!("CARGO_BIN_EXE_parity"))
            .args(["diff", "--all"])
            .args(more)
            .env_clear()
            .env("PATH", format!("{}:/usr/bin:/bin", self.dir.path().join("bin").display()))
            .current_dir(self.dir.path().join("repo"))
            .output()
            .expect("parity runs");
        String::from_utf8([out.stdout, out.stderr].concat()).expect("UTF-8")
    }

    /// At the limit nothing is said of it; one less is said, and the drift stands all the same.
    fn holds(&self, key: &str, limit: u64, past: &str) {
        let at = self.said(key, limit, &[]);
        assert!(!at.contains("the limit of"), "{key} {limit}: {at}");
        let under = self.said(key, limit - 1, &[]);
        assert!(under.contains(&past.replace('N', &(limit - 1).to_string())), "{key} {}: {past}\n{under}", limit - 1);
        for text in [&at, &under] {
            assert!(text.contains("PostgreSQL 15 and 16 are different major series"), "{key} {limit}: {text}");
        }
    }
}

fn object(name: &str, image: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  template:\n    spec:\n      containers:\n        - name: {name}\n          image: {image}\n"
    )
}

#[test]
fn bytes_of_a_file() {
    let large = object("large", "redis:7") + &"# ".repeat(1000);
    let g = Ground::new().with("k8s/large.yaml", &large);
    let size = large.len() as u64;
    g.holds("file-bytes", size, &format!("`k8s/large.yaml` has {size} bytes, more than the limit of N bytes a file"));
}

#[test]
fn bytes_of_all_files() {
    let rest = object("rest", "redis:7") + &"# ".repeat(1000);
    let g = Ground::new().with("k8s/rest.yaml", &rest);
    let all = (COMPOSE.len() + object("db", "postgres:16").len() + rest.len()) as u64;
    let at = g.said("total-bytes", all, &[]);
    assert!(at.contains("`rest`") && !at.contains("the limit of"), "{at}");
    let past = g.said("total-bytes", all - 1, &[]);
    let said = format!("`k8s/rest.yaml` is not read: the files that are read have more than the limit of {} bytes in all", all - 1);
    assert!(past.contains(&said), "{past}");
}

#[test]
fn which_file_is_too_much_is_the_same_each_time() {
    let mut g = Ground::new();
    for i in 10..90 {
        let long = "# a comment\n".repeat(i * 7 % 50 * 60);
        g = g.with(&format!("k8s/app-{i}.yaml"), &(object(&format!("app-{i}"), "acme/app:1") + &long));
    }
    for limit in ["total-bytes", "total-nodes"] {
        let most = if limit == "total-bytes" { 600_000 } else { 50_000 };
        let first = g.said(limit, most, &[]);
        assert!(first.contains("in all"), "{first}");
        for _ in 0..6 {
            assert_eq!(g.said(limit, most, &[]), first);
        }
    }
}

#[test]
fn files_below_the_root() {
    let g = Ground::new().with("z.txt", "");
    g.holds("files", 4, "`.` has more than the limit of N files or folders; the rest is not looked at");
}

#[test]
fn files_of_a_folder_after_the_last_that_is_looked_at() {
    let g = Ground::new().with("x/a.txt", "").with("y/b.txt", "").with("z/c.txt", "");
    // With parity.yml there are six.
    g.holds("files", 6, "`.` has more than the limit of N files or folders; the rest is not looked at");
    assert_eq!(g.said("files", 3, &[]).matches("the limit of 3 files").count(), 1);
}

#[test]
fn folders_in_folders() {
    let g = Ground::new().with("x/y/z/a.txt", "");
    g.holds("depth", 3, "`x/y/z` is nested deeper than the limit of N folders");
}

#[test]
fn nodes_of_a_file() {
    // The mapping, its keys and values, the list and what is in it.
    let yaml = Ground::new().with("k8s/list.yaml", &format!("apiVersion: v1\nkind: ConfigMap\nx: [{}]\n", vec!["x"; 93].join(",")));
    yaml.holds("nodes", 100, "`k8s/list.yaml` has more than the limit of N nodes");
    let list = vec!["1"; 90].join(",");
    let text = format!("resource \"aws_sqs_queue\" \"q\" {{\n  x = [{list}]\n}}\n");
    let signs = text.bytes().filter(|b| b"{}[]=,\n".contains(b)).count() as u64;
    let hcl = Ground::new().with("infra/main.tf", &text);
    hcl.holds("nodes", signs, "`infra/main.tf` has more than the limit of N nodes");
    let toml = Ground::new().with("fly.toml", &format!("app = 'a'\nx = [{}]\n", vec!["1"; 91].join(",")));
    toml.holds("nodes", 98, "`fly.toml` has more than the limit of N nodes");
    let json = Ground::new()
        .with("k8s/list.json", &format!("{{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"x\": [{}]}}", vec!["1"; 93].join(",")));
    json.holds("nodes", 100, "`k8s/list.json` has more than the limit of N nodes");
}

#[test]
fn nodes_of_all_files() {
    let rest = object("rest", "redis:7") + &"#\n".repeat(100);
    let signs: usize =
        [COMPOSE, &object("db", "postgres:16"), &rest].into_iter().flat_map(str::bytes).filter(|b| b"\n,:=[{".contains(b)).count();
    let g = Ground::new().with("k8s/rest.yaml", &rest);
    let at = g.said("total-nodes", signs as u64, &[]);
    assert!(at.contains("`rest`") && !at.contains("the limit of"), "{at}");
    let past = g.said("total-nodes", signs as u64 - 1, &[]);
    let said = format!("`k8s/rest.yaml` is not read: the files that are read have more than the limit of {} nodes in all", signs - 1);
    assert!(past.contains(&said), "{past}");
}

#[test]
fn nodes_of_aliases() {
    let g = Ground::new()
        .with("k8s/alias.yaml", &format!("apiVersion: v1\nkind: ConfigMap\na: &a [x, x, x, x]\nb: [{}]\n", vec!["*a"; 20].join(",")));
    g.holds("alias-nodes", 100, "`k8s/alias.yaml` has aliases that expand to more than the limit of N nodes");
}

/// Two services of one file of variables, in both environments.
fn shared(keys: usize) -> Ground {
    let lines = |sign: &str| (0..keys).map(|i| format!("K{i}{sign}v\n")).collect::<String>();
    let config = lines(": ").lines().map(|line| format!("  {line}\n")).collect::<String>();
    let from = "          envFrom: [{configMapRef: {name: c}}]\n";
    let app = object("app", "acme/app:1") + from + "---\n" + &object("job", "acme/job:1") + from;
    Ground::new()
        .with(
            "docker-compose.yml",
            &format!("{COMPOSE}  app: {{image: 'acme/app:1', env_file: app.env}}\n  job: {{image: 'acme/job:1', env_file: app.env}}\n"),
        )
        .with("app.env", &lines("="))
        .with("k8s/app.yaml", &format!("{app}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata:\n{config}"))
}

#[test]
fn variables_of_all_services() {
    let g = shared(5);
    g.holds("variables", 20, "the services have more than the limit of N variables in all; the rest is not listed");
    // What is not listed is not missing.
    let past = g.said("variables", 12, &[]);
    assert!(!past.contains("is set for") && past.contains("cannot tell whether"), "{past}");
    for _ in 0..6 {
        assert_eq!(g.said("variables", 12, &[]), past);
    }
}

#[test]
fn a_long_variable_counts_more_than_once() {
    let g = Ground::new()
        .with("docker-compose.yml", &format!("{COMPOSE}  app: {{image: 'acme/app:1', environment: {{A: {}}}}}\n", "x".repeat(63 + 64)));
    g.holds("variables", 3, "the services have more than the limit of N variables in all; the rest is not listed");
}

#[test]
fn bytes_that_are_needed_again() {
    let text = "# a comment\n".repeat(200);
    let g = shared(5).with("app.env", &text);
    let said = |n: u64| g.said("again-bytes", n, &[]).contains("the limit of");
    let (mut past, mut at) = (0, 1_000_000);
    assert!(said(past) && !said(at));
    while at - past > 1 {
        let middle = (past + at) / 2;
        if said(middle) { past = middle } else { at = middle }
    }
    // The second service needs the variables again, and more is looked at twice.
    assert!(at >= text.len() as u64, "{at}");
    let under = g.said("again-bytes", past, &[]);
    assert!(under.contains(&format!("is not read again: what is needed again has more than the limit of {past} bytes in all")), "{under}");
}

#[test]
fn services_of_an_environment() {
    let more: String = (0..4).map(|i| format!("---\n{}", object(&format!("zz{i}"), "acme/app:1"))).collect();
    let g = Ground::new().with("k8s/more.yaml", &more);
    g.holds("services", 5, "the environment has more than the limit of N services; the rest is not compared");
}

#[test]
fn nodes_that_services_extend() {
    let list = (0..20).map(|i| format!("{{K{i}: v}}")).collect::<Vec<_>>().join(", ").replace(['{', '}'], "");
    let services: String = (0..20).map(|i| format!("  s{i}: {{extends: base}}\n")).collect();
    let g =
        Ground::new().with("docker-compose.yml", &format!("{COMPOSE}  base: {{image: 'acme/app:1', environment: {{{list}}}}}\n{services}"));
    let past = g.said("nodes", 500, &[]);
    assert!(past.contains("extend has more than the limit of 500 nodes in all") && past.contains("PostgreSQL 15 and 16"), "{past}");
    assert!(!g.said("nodes", 2000, &[]).contains("the limit of"));
}

#[test]
fn lists_in_lists() {
    let g = Ground::new().with("k8s/deep.yaml", &format!("apiVersion: v1\nkind: ConfigMap\nx: {}{}\n", "[".repeat(29), "]".repeat(29)));
    g.holds("nesting", 30, "`k8s/deep.yaml` is nested deeper than the limit of N levels");
}

#[test]
fn files_that_take_in_files() {
    let g = Ground::new()
        .with("docker-compose.yml", &format!("include: [a1.yml]\n{COMPOSE}"))
        .with("a1.yml", "include: [a2.yml]\nservices: {}\n")
        .with("a2.yml", "include: [a3.yml]\nservices: {}\n")
        .with("a3.yml", "services: {a: {image: 'redis:7'}}\n");
    g.holds("includes", 4, "`include` of `a3.yml` is deeper than the limit of N");
    let g = Ground::new();
    for n in 1..4 {
        g.write(&format!("repo/base{n}/kustomization.yaml"), &format!("resources: [../base{}]\n", n + 1));
    }
    g.write("repo/base4/kustomization.yaml", "resources: []\n");
    g.write("repo/k8s/kustomization.yaml", "resources: [db.yaml, ../base1]\n");
    g.holds("includes", 5, "more than the limit of N bases in a chain");
}

#[cfg(unix)]
mod programs {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A chart, and a `helm` that runs a script.
    fn chart(script: &str) -> Ground {
        let g = Ground::new()
            .with("chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n")
            .with("chart/templates/a.yaml", &object("a", "redis:7"));
        g.write("bin/helm", &format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(g.dir.path().join("bin/helm"), fs::Permissions::from_mode(0o755)).expect("may run");
        g
    }

    #[test]
    fn bytes_that_a_program_writes() {
        let rendered = object("a", "redis:7");
        let g = chart(&format!("printf '{}'", rendered.replace('\n', "\\n")));
        g.holds("rendered-bytes", rendered.len() as u64, "`helm` wrote more than the limit of N bytes and was ended");
    }

    #[test]
    fn seconds_that_a_program_runs() {
        let g = chart("sleep 1.4; exit 1");
        assert!(!g.said("process-seconds", 20, &[]).contains("the limit of"));
        let past = g.said("process-seconds", 1, &[]);
        assert!(past.contains("`helm` took longer than the limit of 1 seconds and was ended"), "{past}");
    }
}

#[test]
fn seconds_of_the_network() {
    let g = Ground::new().with("k8s/db.yaml", &object("db", "127.0.0.1:1/acme/postgres:16"));
    // Nobody listens there: what is said is that, and at once.
    let at = g.said("network-seconds", 5, &["--online"]);
    assert!(at.contains("127.0.0.1") && !at.contains("the limit of"), "{at}");
    let past = g.said("network-seconds", 0, &["--online"]);
    assert!(past.contains("was not asked: the network took longer than the limit of 0 seconds"), "{past}");
}

#[test]
fn every_limit_is_documented_and_can_be_set() {
    let docs = parity::limits::documentation();
    let schema: serde_json::Value = serde_json::from_str(&parity::config::schema()).expect("a schema");
    let set = schema["$defs"]["Limits"]["properties"].as_object().expect("the limits");
    for key in set.keys() {
        assert!(docs.contains(&format!("| `{key}` |")), "{key} is not documented");
    }
    assert_eq!(docs.lines().filter(|l| l.starts_with("| `")).count(), set.len(), "every documented limit can be set");
    let own = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/limits.rs")).expect("this file");
    for key in set.keys() {
        assert!(own.contains(&format!("(\"{key}\",")), "{key} has no test");
    }
}
