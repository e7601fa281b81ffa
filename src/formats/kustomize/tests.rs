use super::*;
use crate::ask::process::Programs;
use crate::formats::ReadOptions;
use crate::inventory::Service;
use crate::workspace::MemoryWorkspace;

fn overlay_of(files: &[(&str, &str)], dir: &str) -> Reading {
    let workspace = MemoryWorkspace::new(files.iter().map(|(p, t)| (*p, *t)));
    let options = ReadOptions::default();
    let cx = ReadContext { workspace: &workspace, options: &options, environment: "prod", programs: &Programs::default() };
    overlay(dir, &[], &cx)
}

fn service<'r>(reading: &'r Reading, name: &str) -> &'r Service {
    reading.services.iter().find(|s| s.name == name).unwrap_or_else(|| panic!("{name} in {:?}", names(reading)))
}

fn names(reading: &Reading) -> Vec<&str> {
    reading.services.iter().map(|s| s.name.as_str()).collect()
}

fn keys(service: &Service) -> Vec<&str> {
    service.environ.vars.iter().map(|v| v.key.as_str()).collect()
}

fn image(service: &Service) -> (String, String) {
    let fact = service.software.as_ref().expect("software");
    (fact.value.known().map_or_else(|| "unknown".into(), |s| s.text.clone()), fact.at.to_string())
}

fn messages(reading: &Reading) -> Vec<&str> {
    reading.problems.iter().map(|p| p.message.as_str()).collect()
}

const API: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  template:
    spec:
      containers:
        - name: api
          image: acme/api:1.0
          env:
            - name: LOG
              value: info
            - name: OLD
              value: x
          envFrom:
            - configMapRef:
                name: api-config
        - name: side
          image: busybox
";

#[test]
fn an_overlay_changes_its_base() {
    let reading = overlay_of(
        &[
            (
                "base/kustomization.yaml",
                "resources: [api.yaml]\nconfigMapGenerator:\n  - name: api-config\n    literals:\n      - A=1\n      - B=2\n",
            ),
            ("base/api.yaml", API),
            (
                "prod/kustomization.yaml",
                "resources: [../base]\nnamePrefix: prod-\nimages:\n  - name: acme/api\n    newName: registry.acme.example/api\n    newTag: \"2.1\"\nconfigMapGenerator:\n  - name: api-config\n    behavior: merge\n    literals: [C=3]\npatches:\n  - path: patch.yaml\n  - target: {kind: Deployment, name: api}\n    patch: |-\n      - op: add\n        path: /spec/template/spec/containers/0/env/-\n        value:\n          name: FROM_JSON\n          value: words\n",
            ),
            (
                "prod/patch.yaml",
                "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\nspec:\n  template:\n    spec:\n      containers:\n        - name: api\n          env:\n            - name: NEW\n              value: z\n            - name: OLD\n              $patch: delete\n",
            ),
        ],
        "prod",
    );
    assert_eq!(messages(&reading), Vec::<&str>::new());
    let api = service(&reading, "prod-api");
    assert_eq!(image(api), ("registry.acme.example/api:2.1".into(), "prod/kustomization.yaml:6:13".into()));
    assert_eq!(keys(api), ["A", "B", "C", "FROM_JSON", "LOG", "NEW"]);
    assert!(api.aliases.contains(&"api".to_owned()));
    let at = |key: &str| api.environ.get(key).map(|v| v.at.to_string()).expect("listed");
    assert_eq!(at("A"), "base/kustomization.yaml:5:9");
    assert_eq!(at("NEW"), "prod/patch.yaml:11:21");
    assert_eq!(at("FROM_JSON"), "prod/kustomization.yaml:18:17");
    assert_eq!(api.environ.get("FROM_JSON").map(|v| v.at.text()), Some("FROM_JSON"));
    assert_eq!(image(service(&reading, "prod-api/side")).0, "busybox");
}

#[test]
fn an_absent_env_file_leaves_keys_open() {
    let reading = overlay_of(
        &[
            (
                "kustomization.yml",
                "resources: [api.yaml]\nconfigMapGenerator:\n- name: api-config\n  envs: [.env]\n  literals: [A=1]\nsecretGenerator:\n- name: s\n  envs: [s.env]\n",
            ),
            ("api.yaml", API),
            ("s.env", "# x\nTOKEN=abc\nPASS\n"),
        ],
        "",
    );
    let api = service(&reading, "api");
    assert_eq!(keys(api), ["A", "LOG", "OLD"]);
    assert_eq!(
        api.environ.unlisted.iter().map(|u| u.why.as_str()).collect::<Vec<_>>(),
        ["the ConfigMap `api-config`: `.env` does not exist"]
    );
    assert!(reading.problems.is_empty());
}

#[test]
fn one_base_twice_under_two_prefixes_keeps_its_references() {
    let reading = overlay_of(
        &[
            ("base/kustomization.yaml", "resources: [api.yaml]\n"),
            ("base/api.yaml", API),
            ("a/kustomization.yaml", "resources: [../base]\nnamePrefix: a-\nconfigMapGenerator: [{name: api-config, literals: [ONE=1]}]\n"),
            ("b/kustomization.yaml", "resources: [../base]\nnamePrefix: b-\nconfigMapGenerator: [{name: api-config, literals: [TWO=1]}]\n"),
            ("kustomization.yaml", "resources: [a, b]\n"),
        ],
        "",
    );
    assert_eq!(keys(service(&reading, "a-api")), ["LOG", "OLD", "ONE"]);
    assert_eq!(keys(service(&reading, "b-api")), ["LOG", "OLD", "TWO"]);
}

#[test]
fn what_cannot_be_taken_in_is_named_and_the_rest_stands() {
    let reading = overlay_of(
        &[
            (
                "o/kustomization.yaml",
                "resources:\n- ../o\n- ../../out\n- https://example.com/x.yaml\n- github.com/acme/base?ref=v1\n- none.yaml\n- broken.yaml\n- api.yaml\ncomponents: [nowhere]\ntransformers: [t.yaml]\nunheard: 1\nhelmCharts:\n- {name: postgresql, repo: https://charts.example.com, version: 12.1.2, releaseName: db}\n- {name: acme, version: 1.0.0}\npatches:\n- patch: 'a: ['\n- target: {name: '('}\n  patch: '[]'\n- text\n",
            ),
            ("o/api.yaml", API),
            ("o/broken.yaml", "a: [\n"),
            ("o/t.yaml", "apiVersion: acme.example/v1\nkind: Magic\nmetadata: {name: m}\n"),
        ],
        "o",
    );
    let all = messages(&reading).join("\n");
    for part in [
        "`o` takes in itself",
        "`../../out` lies outside the root",
        "is remote",
        "`o/none.yaml` does not exist",
        "`o/broken.yaml` is not valid YAML",
        "`o/nowhere` does not exist",
        "`Magic` is a transformer",
        "`unheard` is no field",
        "the chart `acme` is not rendered",
        "a patch is not valid YAML",
        "is not a regular expression",
    ] {
        assert!(all.contains(part), "{part} in\n{all}");
    }
    assert_eq!(names(&reading), ["api", "api/side", "db"]);
}

#[test]
fn bombs_end_at_a_limit() {
    // Each level takes the next one in twice, under two names.
    let mut files: Vec<(String, String)> =
        vec![("d0/x/kustomization.yaml".into(), "resources: [api.yaml]\n".into()), ("d0/x/api.yaml".into(), API.into())];
    for i in 1..24 {
        for side in ["x", "y"] {
            let inner = if i == 1 { "[../../d0/x]".to_owned() } else { format!("[../../d{0}/x, ../../d{0}/y]", i - 1) };
            files.push((format!("d{i}/{side}/kustomization.yaml"), format!("resources: {inner}\nnamePrefix: {side}\n")));
        }
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let reading = overlay_of(&files, "d23/x");
    assert!(messages(&reading).iter().any(|m| m.contains("more than the limit")));
}

#[test]
fn half_a_file_is_read_without_panic() {
    let text = "resources: [api.yaml]\nimages:\n- name: acme/api\n  newTag: v2\npatches:\n- target:\n    kind: Deployment\n  patch: |-\n    - op: replace\n      path: /spec/template/spec/containers/0/image\n      value: x:1\n";
    for cut in 0..text.len() {
        let _reading = overlay_of(&[("kustomization.yaml", &text[..cut]), ("api.yaml", API)], "");
    }
    let reading = overlay_of(&[("kustomization.yaml", text), ("api.yaml", API)], "");
    assert_eq!(image(service(&reading, "api")).0, "x:1");
}

#[cfg(unix)]
mod programs {
    use super::*;
    use crate::limits::Limits;
    use crate::workspace::DiskWorkspace;
    use std::os::unix::fs::PermissionsExt;

    /// Reads with a `kustomize` that is a shell script.
    fn with(script: &str, kustomization: &str, render: Render) -> Reading {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            std::fs::write(path, text).expect("written");
        };
        write("bin/kustomize", &format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(folder.path().join("bin/kustomize"), std::fs::Permissions::from_mode(0o755)).expect("set");
        write("repo/kustomization.yaml", kustomization);
        write("repo/api.yaml", API);
        let workspace = DiskWorkspace::new(&folder.path().join("repo"), Limits::default()).expect("a workspace");
        let path = std::env::join_paths([folder.path().join("bin"), "/usr/bin".into(), "/bin".into()]).expect("a path");
        let options = ReadOptions { render, ..ReadOptions::default() };
        let cx = ReadContext { workspace: &workspace, options: &options, environment: "prod", programs: &Programs::new(Some(path), None) };
        overlay("", &[], &cx)
    }

    const PLAIN: &str = "resources: [api.yaml]\n";

    #[test]
    fn what_it_prints_stands_at_our_places() {
        let reading = with("sed 's/acme.api:1.0/acme\\/api:9/' api.yaml", PLAIN, Render::Auto);
        assert_eq!(image(service(&reading, "api")), ("acme/api:9".into(), "api.yaml:10:18".into()));
        assert!(messages(&reading).iter().any(|m| m.contains("kustomize prints the image of `api` otherwise")), "{:?}", messages(&reading));
        assert!(reading.notes.iter().any(|n| n.contains("rendered by kustomize")));
    }

    #[test]
    fn it_is_not_asked_where_it_would_fetch_or_was_forbidden() {
        for (kustomization, render) in [("resources: [api.yaml, 'https://example.com/a.yaml']\n", Render::Auto), (PLAIN, Render::Never)] {
            let reading = with("echo 'a: b'", kustomization, render);
            assert_eq!(image(service(&reading, "api")).0, "acme/api:1.0");
            assert!(reading.notes.iter().any(|n| n.contains("built-in")));
        }
    }

    #[test]
    fn its_failures_are_problems_and_the_reading_stands() {
        for (script, why) in [("echo secret >&2; exit 1", "is not built by `kustomize build`"), ("yes a: b", "wrote more than the limit")] {
            let reading = with(script, PLAIN, Render::Auto);
            assert_eq!(image(service(&reading, "api")).0, "acme/api:1.0");
            assert!(messages(&reading).iter().any(|m| m.contains(why)), "{:?}", messages(&reading));
            assert!(!messages(&reading).join("").contains("secret"));
        }
    }
}

#[test]
fn the_classes_of_an_expression_are_those_of_go() {
    let patched = |object: &str, name: &str| {
        let kustomization = format!(
            "resources: [api.yaml]\npatches:\n- target: {{kind: Deployment, name: '{name}'}}\n  patch: |-\n    - op: replace\n      path: /spec/template/spec/containers/0/image\n      value: acme/other:2\n"
        );
        let api = API.replace("name: api", &format!("name: {object}"));
        let reading = overlay_of(&[("k/kustomization.yaml", &kustomization), ("k/api.yaml", &api)], "k");
        let patched = reading.services.iter().any(|s| image(s).0 == "acme/other:2");
        (patched, messages(&reading).join("; "))
    };
    for name in [r"api-\d", r"\w+-\d+", r"[a-z]+\b.*", r"(?i)API-7", r"[[:alpha:]]+-[[:digit:]]", r"\S+", "api-[^8]", r"api-\d$"] {
        assert_eq!(patched("api-7", name), (true, String::new()), "{name}");
    }
    for (object, name) in [("api-7", r"api-\D"), ("api-7", r"\W+"), ("api-7", "api"), ("api-٧", r"api-\d"), ("apí", r"\w+")] {
        let (done, problems) = patched(object, name);
        assert!(!done && !problems.contains("regular expression"), "{name}: {problems}");
    }
    assert!(patched("api-7", r"api(?=-7)").1.contains("is not a regular expression"));
}

#[test]
fn what_is_passed_over_is_said() {
    let overlay = "resources: [api.yaml]\nvars: [{name: A, objref: {kind: Service, name: api}}]\ntransformers:\n- |-\n  apiVersion: builtin\n  kind: [\n";
    let reading = overlay_of(&[("kustomization.yaml", overlay), ("api.yaml", API)], "");
    let all = messages(&reading).join("; ");
    assert!(
        all.contains("`vars` puts values in place of `$(NAME)`") && all.contains("the configuration of a plugin is not valid YAML"),
        "{all}"
    );
}

#[test]
fn many_labels_on_many_objects_end_at_a_limit() {
    let objects: String = (0..2000).map(|i| format!("---\napiVersion: v1\nkind: A\nmetadata: {{name: a{i}}}\n")).collect();
    let labels: String = (0..2000).map(|i| format!("  l{i}: x\n")).collect();
    let overlay = format!("resources: [a.yaml]\ncommonLabels:\n{labels}");
    let reading = overlay_of(&[("kustomization.yaml", &overlay), ("a.yaml", &objects)], "");
    assert!(messages(&reading).iter().any(|m| m.contains("more than the limit")), "{:?}", messages(&reading));
}
