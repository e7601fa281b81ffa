//! Parameters with and without values, triggers, and templates cut at every byte.

use crate::ask::process::Programs;
use crate::formats::{Claim, Format, Manifest, ReadContext, ReadOptions, Reading};
use crate::workspace::MemoryWorkspace;

const TEMPLATE: &str = r#"{
  "kind": "Template",
  "apiVersion": "template.openshift.io/v1",
  "objects": [{
    "kind": "DeploymentConfig", "apiVersion": "apps.openshift.io/v1", "metadata": {"name": "${NAME}-db"},
    "spec": {
      "triggers": [{"type": "ImageChange", "imageChangeParams": {"containerNames": ["db"], "from": {"kind": "ImageStreamTag", "namespace": "openshift",
        "name": "postgresql:${DB_VERSION}"}}}],
      "template": {"spec": {"containers": [{"name": "db", "image": " ", "env": [
        {"name": "POSTGRESQL_USER", "value": "${DB_USER}"}, {"name": "${PREFIX}_MODE", "value": "${MODE}"}, {"name": "SHELL", "value": "${HOME}"}]}]}}
    }
  }, {
    "kind": "Pod", "apiVersion": "v1", "metadata": {"name": "web"},
    "spec": {"containers": [{"name": "web", "image": "acme/web:${TAG}"}]}
  }],
  "parameters": [
    {"name": "NAME", "value": "shop"},
    {"name": "DB_VERSION", "value": "13"},
    {"name": "DB_USER", "generate": "expression", "from": "user[A-Z0-9]{3}"},
    {"name": "PREFIX", "value": "DB"},
    {"name": "MODE", "value": "1"},
    {"name": "TAG", "required": true}
  ]
}
"#;

fn read(text: &str, set: &[&str]) -> Reading {
    let workspace = MemoryWorkspace::new([("t.json", text)]);
    let options = ReadOptions { set: set.iter().map(|s| (*s).to_owned()).collect(), ..ReadOptions::default() };
    let cx = ReadContext { workspace: &workspace, options: &options, environment: "prod", programs: &Programs::default() };
    let manifest = Manifest { format: "openshift-template".into(), paths: vec!["t.json".into()], ..Manifest::default() };
    super::OpenShift.read(&manifest, &cx)
}

#[test]
fn parameters_are_filled_in_where_they_are_written() {
    let reading = read(TEMPLATE, &[]);
    assert!(reading.problems.is_empty(), "{:?}", reading.problems);
    let db = reading.services.iter().find(|s| s.name == "shop-db").expect("db");
    assert_eq!(db.image().map(|i| i.text.as_str()), Some("postgresql:13"));
    assert_eq!(db.software.as_ref().map(|s| s.at.text().trim_matches('"').to_owned()).as_deref(), Some("13"));
    let keys: Vec<(&str, &str)> = db.environ.vars.iter().map(|v| (v.key.as_str(), v.value.state())).collect();
    assert_eq!(keys, [("DB_MODE", "set"), ("POSTGRESQL_USER", "unknown"), ("SHELL", "set")]);
}

#[test]
fn a_parameter_without_value_says_its_name() {
    let web = |reading: Reading| reading.services.into_iter().find(|s| s.name == "web").and_then(|s| s.software).expect("stated");
    let unknown = web(read(TEMPLATE, &[]));
    assert!(unknown.value.why_unknown().is_none_or(|why| why.contains("`TAG`")));
    assert!(unknown.value.known().is_none_or(|s| s.image.as_ref().is_none_or(|i| i.tag.is_none())));
    assert_eq!(web(read(TEMPLATE, &["TAG=2.0"])).value.known().map(|s| s.text.as_str()), Some("acme/web:2.0"));
}

#[test]
fn claims_and_cuts() {
    assert!(matches!(super::OpenShift.claims("t.json", TEMPLATE), Claim::Yes { .. }));
    for other in [
        "kind: Template\n",
        "apiVersion: v1\nkind: Deployment\nobjects: []\n",
        "apiVersion: notification.example.com/v1\nkind: Template\nobjects: []\n",
    ] {
        assert_eq!(super::OpenShift.claims("t.yaml", other), Claim::No, "{other}");
    }
    for end in 0..TEMPLATE.len() {
        let _reading = read(&TEMPLATE[..end], &[]);
    }
}
