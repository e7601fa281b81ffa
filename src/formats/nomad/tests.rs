//! Jobs in memory.

use super::*;
use crate::formats::ReadOptions;
use crate::inventory::{Process, Service};
use crate::workspace::MemoryWorkspace;

fn read_with(files: &[(&str, &str)], options: &ReadOptions) -> Reading {
    let workspace = MemoryWorkspace::new(files.iter().map(|(p, t)| (*p, *t)));
    let programs = crate::ask::process::Programs::default();
    let cx = ReadContext { workspace: &workspace, options, environment: "prod", programs: &programs };
    let manifest = Manifest { format: "nomad".into(), paths: vec![files[0].0.into()], ..Manifest::default() };
    Nomad.read(&manifest, &cx)
}

fn read(text: &str) -> Reading {
    read_with(&[("shop.nomad.hcl", text)], &ReadOptions::default())
}

fn images(reading: &Reading) -> Vec<(&str, String)> {
    let image = |s: &Service| s.known_software().map_or_else(|| "?".into(), |s| s.text.clone());
    reading.services.iter().map(|s| (s.name.as_str(), image(s))).collect()
}

const SHOP: &str = r#"
variable "tag" { default = "1.4" }
locals {
  image = "acme/shop:${var.tag}"
}
job "shop" {
  datacenters = ["dc1"]
  group "web" {
    network {
      port "http" { to = 8080 }
      port "metrics" { static = 9100 }
    }
    service {
      name = "shop-web"
      port = "http"
      check { type = "http" }
    }
    task "migrate" {
      driver = "docker"
      lifecycle { hook = "prestart" }
      config { image = local.image }
    }
    task "proxy" {
      driver = "docker"
      lifecycle {
        hook = "prestart"
        sidecar = true
      }
      config {
        image = "envoyproxy/envoy:v1.31.0"
        ports = ["metrics"]
      }
    }
    task "app" {
      driver = "docker"
      kill_timeout = "1m30s"
      config {
        image = local.image
        ports = ["http"]
        command = "serve"
        args = ["--port", "8080"]
      }
      env {
        MODE = "fast"
        HOST = "${attr.unique.network.ip-address}"
        REGION = NOMAD_REGION
      }
      template {
        data = <<-EOH
        LOG_LEVEL=info
        DATABASE_URL={{ key "shop/db" }}
        TAG=${var.tag}
        EOH
        destination = "secrets/app.env"
        env = true
      }
      template {
        data = "NOT_ONE=1"
        destination = "local/file"
      }
    }
  }
}
"#;

#[test]
fn tasks_of_a_job() {
    let reading = read(SHOP);
    assert_eq!(reading.problems, Vec::new());
    assert_eq!(reading.injected, ["NOMAD_*"]);
    let [migrate, proxy, app] = reading.services.as_slice() else { panic!("three: {:?}", reading.services) };
    assert_eq!((migrate.process, proxy.process, app.process), (Process::Admin, Process::Service, Process::Service));
    assert_eq!(images(&reading)[2], ("app", "acme/shop:1.4".to_owned()));
    assert_eq!(app.aliases, ["shop-web", "web", "shop"]);
    let ports = |s: &Service| s.ports.iter().filter_map(|p| p.value.known().copied()).collect::<Vec<_>>();
    assert_eq!((ports(app), ports(proxy), ports(migrate)), (vec![8080], vec![9100], vec![]));
    assert!(app.probe.is_some() && proxy.probe.is_none());
    assert_eq!(app.stop_grace.as_ref().and_then(|g| g.value.known()), Some(&90));
    assert_eq!(app.command.as_ref().and_then(|c| c.value.known()).map(String::as_str), Some("serve --port 8080"));
    let states: Vec<_> = app.environ.vars.iter().map(|v| (v.key.as_str(), v.value.state(), v.at.text())).collect();
    let wanted = [
        ("DATABASE_URL", "set", "DATABASE_URL"),
        ("HOST", "set", "HOST"),
        ("LOG_LEVEL", "set", "LOG_LEVEL"),
        ("MODE", "set", "MODE"),
        ("REGION", "set", "REGION"),
        ("TAG", "set", "TAG"),
    ];
    assert_eq!(states, wanted);
    assert!(app.environ.get("TAG").is_some_and(|v| v.value.is(Some("1.4"))), "a variable in a template");
    assert!(app.environ.get("DATABASE_URL").is_some_and(|v| !v.value.is(Some("")) && v.value.state() == "set"));
    assert_eq!(app.environ.unlisted, []);
}

#[test]
fn what_is_not_known_is_said() {
    let job = |body: &str| {
        format!(
            "variable \"v\" {{}}\njob \"j\" {{\n  group \"g\" {{\n    task \"t\" {{\n      driver = \"docker\"\n{body}\n    }}\n  }}\n}}\n"
        )
    };
    let why = |body: &str| {
        let reading = read(&job(body));
        let service = reading.services.first().expect("a task");
        let software = service.software.as_ref().and_then(|s| s.value.why_unknown().map(str::to_owned));
        (software, service.environ.unlisted.iter().map(|u| u.why.clone()).collect::<Vec<_>>())
    };
    let (software, _) = why("config { image = var.v }");
    assert_eq!(software.as_deref(), Some("the image is not known: the variable `v` has no value"));
    let (_, unlisted) = why("template {\n source = \"local/x.tpl\"\n env = true\n}");
    assert_eq!(unlisted, ["a template of variables is on the node, not in the job"]);
    let (_, unlisted) = why("template {\n data = <<E\n{{ range ls \"x\" }}\n{{ .Key }}={{ .Value }}\n{{ end }}\nE\n env = true\n}");
    assert_eq!(unlisted, ["a template makes keys that are in no file"]);
    let (_, unlisted) = why("env = var.v");
    assert_eq!(unlisted, ["the variable `v` has no value"]);
}

#[test]
fn batches_are_beside_the_app_and_names_tell_tasks_apart() {
    let text = "job \"a\" {\n type = \"batch\"\n periodic { cron = \"@daily\" }\n task \"x\" {\n config { image = \"acme/x:1\" }\n }\n}\njob \"b\" {\n group \"web\" {\n task \"app\" {\n config { image = \"acme/b:1\" }\n }\n }\n group \"worker\" {\n count = 0\n task \"app\" {\n config { image = \"acme/b:2\" }\n }\n }\n}\n";
    let reading = read(text);
    let names: Vec<_> = reading.services.iter().map(|s| (s.name.as_str(), s.process, s.conditional.is_some())).collect();
    let wanted = [("x", Process::Scheduled, false), ("web", Process::Service, false), ("worker", Process::Service, true)];
    assert_eq!(names, wanted);
}

#[test]
fn values_of_variable_files() {
    let options = ReadOptions { var_files: vec!["prod.vars".into()], ..ReadOptions::default() };
    let reading = read_with(&[("shop.nomad", SHOP), ("prod.vars", "tag = \"2.0\"\n")], &options);
    assert_eq!(images(&reading)[2].1, "acme/shop:2.0");
}

#[test]
fn half_a_file_and_no_job() {
    let half = read(&SHOP[..SHOP.len() / 2]);
    assert!(!half.problems.is_empty());
    let none = read("namespace = \"default\"\n");
    assert!(none.problems[0].message.contains("holds no `job`"), "{:?}", none.problems);
    assert_eq!(Nomad.claims("policy.hcl", "group = 1\njob \"x\" {}\n"), Claim::No);
    assert_ne!(Nomad.claims("jobs/web.hcl", SHOP), Claim::No);
}

const API: &str = r#"{"Job": {"ID": "shop", "Type": "service", "Periodic": null, "TaskGroups": [{"Name": "web", "Count": 1,
  "Networks": [{"DynamicPorts": [{"Label": "http", "Value": 0, "To": 8080}], "ReservedPorts": [{"Label": "metrics", "Value": 9100, "To": 0}]}],
  "Services": [{"Name": "shop-web", "TaskName": "", "Checks": [{"Type": "http"}]}],
  "Tasks": [
    {"Name": "migrate", "Lifecycle": {"Hook": "prestart", "Sidecar": false}, "Config": {"image": "acme/shop:1.4"}},
    {"Name": "app", "Lifecycle": null, "KillTimeout": 90000000000, "Config": {"image": "acme/shop:1.4", "ports": ["http"]},
     "Env": {"MODE": "a", "HOST": "${NOMAD_IP_http}", "TAG": "${var.tag}"},
     "Templates": [{"EmbeddedTmpl": "A=1\nURL={{ .Data.url }}\n", "Envvars": true}, {"EmbeddedTmpl": "", "SourcePath": "x.tpl", "Envvars": true}]}
  ]}]}}"#;

const BLOCKS: &str = r#"{"job": {"shop": {"type": "service", "group": {"web": {
  "network": {"port": {"http": {"to": 8080}, "metrics": {"static": 9100}}},
  "service": {"name": "shop-web", "check": {"type": "http"}},
  "task": [
    {"migrate": {"lifecycle": {"hook": "prestart", "sidecar": false}, "config": {"image": "acme/shop:1.4"}}},
    {"app": [{"kill_timeout": "1m30s", "config": {"image": "acme/shop:1.4", "ports": ["http"]},
      "env": {"MODE": "a", "HOST": "${NOMAD_IP_http}", "TAG": "${var.tag}"},
      "template": [{"data": "A=1\nURL={{ .Data.url }}\n", "env": true}, {"source": "x.tpl", "env": true}]}]}
  ]}}}}}"#;

#[test]
fn both_forms_of_json_say_what_hcl_says() {
    for text in [API, BLOCKS] {
        let reading = read_with(&[("shop.nomad.json", text)], &ReadOptions::default());
        assert!(reading.problems.is_empty(), "{:?}", reading.problems);
        assert_eq!(images(&reading), [("migrate", "acme/shop:1.4".into()), ("app", "acme/shop:1.4".into())]);
        let [migrate, app] = reading.services.as_slice() else { panic!("two") };
        assert_eq!((migrate.process, app.process), (Process::Admin, Process::Service));
        assert_eq!(app.stop_grace.as_ref().and_then(|g| g.value.known().copied()), Some(90));
        assert_eq!(app.ports.iter().map(|p| p.value.known().copied()).collect::<Vec<_>>(), [Some(8080)]);
        assert!(app.probe.is_some() && app.aliases.iter().any(|a| a == "shop-web"), "{:?}", app.aliases);
        let keys: Vec<String> = app.environ.vars.iter().map(|v| format!("{}={}", v.key, v.value.state())).collect();
        assert_eq!(keys, ["A=set", "HOST=set", "MODE=set", "TAG=unknown", "URL=set"]);
        assert!(app.environ.vars.iter().all(|v| v.at.text().contains(&v.key)), "each key stands at its place");
        assert_eq!((app.environ.unlisted.len(), app.at.text().trim_matches('"')), (1, "app"));
    }
}

#[test]
fn json_that_is_no_job_is_said() {
    for (text, said) in [
        ("{\"job\": {}}", "holds no `job`"),
        ("{\"job\": {\"a\": {}}, \"variable\": {\"x\": {}}}", "`variable` beside a job in JSON is not read"),
        ("{\"job\": {\"a\": {\"group\": {\"g\": {\"task\": {\"t\": ", "is not closed"),
        ("", "is empty"),
    ] {
        let reading = read_with(&[("shop.nomad.json", text)], &ReadOptions::default());
        assert!(reading.problems.iter().any(|p| p.message.contains(said)), "{text}: {:?}", reading.problems);
    }
    assert!(Nomad.claims("a.nomad.json", "{\"Job\": {\"TaskGroups\": []}}") != Claim::No && !Nomad.may_claim("a.json"));
    for end in (0..API.len()).filter(|i| API.is_char_boundary(*i)) {
        let _reading = read_with(&[("shop.nomad.json", &API[..end])], &ReadOptions::default());
        let _reading = read_with(&[("shop.nomad.json", BLOCKS.get(..end).unwrap_or(BLOCKS))], &ReadOptions::default());
    }
}

#[test]
fn a_resource_of_terraform_may_hold_json() {
    let main = "resource \"nomad_job\" \"shop\" {\n  json    = true\n  jobspec = file(\"${path.module}/shop.json\")\n}\n";
    let workspace = MemoryWorkspace::new([("infra/main.tf", main), ("infra/shop.json", API)]);
    let (options, programs) = (ReadOptions::default(), crate::ask::process::Programs::default());
    let cx = ReadContext { workspace: &workspace, options: &options, environment: "prod", programs: &programs };
    let manifest = Manifest { format: "terraform".into(), paths: vec!["infra".into()], ..Manifest::default() };
    let reading = crate::formats::terraform::Terraform.read(&manifest, &cx);
    assert_eq!(images(&reading), [("migrate", "acme/shop:1.4".into()), ("app", "acme/shop:1.4".into())], "{:?}", reading.problems);
    let at = reading.services[0].stated_at();
    assert_eq!((at.path(), at.text()), ("infra/shop.json", "\"acme/shop:1.4\""));
}
