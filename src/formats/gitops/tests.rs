//! Sets and changes in memory.

use std::sync::Arc;

use super::*;
use crate::source::Source;
use crate::workspace::MemoryWorkspace;

fn read(text: &str, files: &[&str]) -> (Vec<Deployer>, MemoryWorkspace) {
    let workspace = MemoryWorkspace::new(files.iter().map(|f| (*f, "a: 1\nname: shop\n")));
    let source: Arc<Source> = Source::new("argo.yaml", text);
    (deployers(&source, &workspace, &mut Vec::new()), workspace)
}

#[test]
fn what_a_set_makes() {
    let set = |generators: &str, path: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: all}}\nspec:\n  generators:\n{generators}  template:\n    metadata: {{name: '{{{{path.basename}}}}{{{{cluster}}}}'}}\n    spec:\n      source: {{repoURL: x, path: '{path}'}}\n"
        )
    };
    let files = ["apps/a/x.yaml", "apps/b/x.yaml", "apps/old/x.yaml", "apps/a/deep/x.yaml", "conf/a/config.json"];
    for (generators, path, wanted) in [
        ("  - git:\n      directories: [{path: 'apps/*'}, {path: apps/old, exclude: true}]\n", "{{path}}", vec!["apps/a", "apps/b"]),
        ("  - list:\n      elements: [{cluster: a, dir: apps/a}, {cluster: b, dir: apps/b}]\n", "{{ .dir }}", vec!["apps/a", "apps/b"]),
        ("  - git:\n      files: [{path: 'conf/*/config.json'}]\n", "apps/{{path.basename}}", vec!["apps/a"]),
        ("  - clusters: {}\n", "apps/a", vec!["apps/a"]),
        ("  - clusters: {}\n", "apps/{{name}}", vec![]),
        (
            "  - matrix:\n      generators:\n      - list: {elements: [{cluster: one}]}\n      - git: {directories: [{path: apps/b}]}\n",
            "{{path.path}}",
            vec!["apps/b"],
        ),
    ] {
        let (all, workspace) = read(&set(generators, path), &files);
        let folders: Vec<String> = all.iter().flat_map(|d| d.folders(&workspace)).collect();
        assert_eq!(folders, wanted, "{generators}");
    }
}

#[test]
fn images_of_an_application() {
    for (text, wanted) in [
        ("acme/web:1.2", [Some("acme/web"), Some("acme/web"), Some("1.2"), None]),
        ("web=reg:5000/acme/web:1.2", [Some("web"), Some("reg:5000/acme/web"), Some("1.2"), None]),
        ("reg:5000/web@sha256:aa", [Some("reg:5000/web"), Some("reg:5000/web"), None, Some("sha256:aa")]),
    ] {
        let (all, _) = read(
            &format!("apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {{source: {{kustomize: {{images: ['{text}']}}}}}}\n"),
            &[],
        );
        let images = all[0].images();
        let field = |key: &str| images[0].text_at(&[key]);
        assert_eq!([field("name"), field("newName"), field("newTag"), field("digest")], wanted, "{text}");
        if let Some(tag) = images[0].get("newTag") {
            assert_eq!(Some(tag.at.text()), tag.text());
        }
    }
}

#[test]
fn variables_of_flux() {
    let (all, _) = read(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec:\n  path: ./a\n  postBuild: {substitute: {tag: '1.2'}}\n",
        &["a/x.yaml"],
    );
    let tree = |text: &str| yaml::read(&Source::new("a.yaml", text)).documents.remove(0).root;
    let mut trees = vec![
        tree("a: acme/web:${tag}\nb: ${tag}\nc: ${other:=x}\nd: ${none}\ne: $tag\nf: ${bad name}\ng: a$${tag}b\n"),
        tree("metadata: {labels: {kustomize.toolkit.fluxcd.io/substitute: disabled}}\na: ${tag}\n"),
    ];
    all[0].apply(&mut trees);
    let said = |key: &str| trees[0].text_at(&[key]).map(str::to_owned);
    let wanted = [Some("acme/web:1.2"), Some("1.2"), Some("x"), Some(""), Some("$tag"), Some("${bad name}"), Some("a${tag}b")];
    assert_eq!(["a", "b", "c", "d", "e", "f", "g"].map(said), wanted.map(|w| w.map(str::to_owned)));
    assert_eq!(trees[1].text_at(&["a"]), Some("${tag}"));
    assert!(all[0].changes());
}

#[test]
fn a_bomb_of_generators_ends() {
    let list = format!("list: {{elements: [{}]}}", "{a: b}, ".repeat(300));
    let mut generator = list.clone();
    for _ in 0..12 {
        generator = format!("matrix: {{generators: [{{{generator}}}, {{{list}}}]}}");
    }
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec: {{generators: [{{{generator}}}], template: {{spec: {{source: {{path: a}}}}}}}}\n"
    );
    assert!(read(&text, &["a/x.yaml"]).0.len() <= 1);
}

#[test]
fn a_set_that_makes_too_many_is_said() {
    let set = |many: usize| {
        let elements: String = (0..many).map(|i| format!("      - {{name: a{i}}}\n")).collect();
        let text = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: all}}\nspec:\n  generators:\n  - list:\n      elements:\n{elements}  template:\n    metadata: {{name: '{{{{name}}}}'}}\n    spec:\n      source: {{repoURL: x, path: deploy}}\n"
        );
        let mut problems = Vec::new();
        let made = deployers(&Source::new("argo.yaml", text), &MemoryWorkspace::default(), &mut problems).len();
        (made, problems.into_iter().map(|p| p.message).collect::<Vec<_>>())
    };
    assert_eq!(set(200), (200, Vec::new()));
    assert_eq!(
        set(201),
        (200, vec!["the set makes more than the limit of 200 Applications or of 1000000 nodes; the rest is not read".to_owned()])
    );
}
