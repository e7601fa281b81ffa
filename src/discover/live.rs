//! Objects of Argo CD and Flux → the folders of this repository that they deploy to production.
//!
//! Argo CD: `Application` (`spec.source.path`, `spec.sources[].path`); Flux: `Kustomization` (`spec.path`). A path that this
//! repository has not is one of another repository. What is named after another environment says nothing of production.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::words::{Named, named};
use crate::document::{Node, yaml};
use crate::workspace::{Workspace, join};

/// Groups of the objects, as they stand in a file's text.
const GROUPS: [(&str, &str, &str); 2] =
    [("argoproj.io/", "Application", "Argo CD"), ("kustomize.toolkit.fluxcd.io/", "Kustomization", "Flux")];

/// Each folder that is deployed, and what says so.
pub(super) fn folders(workspace: &dyn Workspace, files: &[String]) -> BTreeMap<String, String> {
    let found = objects(workspace, files, &GROUPS.map(|(group, ..)| group));
    let mut out = BTreeMap::new();
    for (file, object) in &found {
        for (folder, because) in of_object(object, file, workspace) {
            out.entry(folder).or_insert(because);
        }
    }
    out
}

/// The objects of the YAML files whose text holds one of the words, each with its file. What is named after another environment
/// than production is left out.
pub(crate) fn objects(workspace: &dyn Workspace, files: &[String], words: &[&str]) -> Vec<(String, Node)> {
    let yaml = |f: &&String| f.ends_with(".yaml") || f.ends_with(".yml");
    let ours = |text: &str| matches!(named(text), Named::Plain | Named::Production);
    let of_file = |file: &String| {
        let source = ours(file).then(|| workspace.read(file).ok()).flatten();
        let source = source.filter(|s| words.iter().any(|w| s.text().contains(w)));
        let documents = source.map(|s| yaml::read(&s).documents).unwrap_or_default();
        let objects = documents.into_iter().map(|d| d.root).filter(|o| ours(o.text_at(&["metadata", "name"]).unwrap_or("")));
        objects.map(|o| (file.clone(), o)).collect::<Vec<_>>()
    };
    files.par_iter().filter(yaml).flat_map_iter(of_file).collect()
}

fn of_object(object: &Node, file: &str, workspace: &dyn Workspace) -> Vec<(String, String)> {
    let field = |keys: &[&str]| object.text_at(keys).unwrap_or("");
    let by = GROUPS.iter().find(|(group, kind, _)| field(&["apiVersion"]).starts_with(group) && field(&["kind"]) == *kind);
    let Some((.., tool)) = by else { return Vec::new() };
    let more = object.path(&["spec", "sources"]).map(Node::items).unwrap_or_default();
    let sources = [object.path(&["spec", "source"]), object.get("spec")].into_iter().flatten().chain(more);
    let paths = sources.filter_map(|s| join("", s.text_at(&["path"])?));
    // The root holds everything: that it is deployed says nothing.
    let here = paths.filter(|p| !p.is_empty() && workspace.is_dir(p) && matches!(named(p), Named::Plain | Named::Production));
    here.map(|path| (path, format!("{tool} deploys it (`{file}`)"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::MemoryWorkspace;

    #[test]
    fn what_is_deployed_and_what_is_not() {
        let argo = |name: &str, path: &str| {
            format!("apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}}}\nspec:\n  source: {{path: {path}}}\n")
        };
        let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: shop}\nspec: {path: ./flux/shop}\n";
        let files = [
            ("argocd/apps.yaml", format!("{}---\n{}---\n{}", argo("shop", "deploy/a"), argo("shop-dev", "deploy/b"), argo("far", "../x"))),
            ("clusters/flux.yml", flux.to_owned()),
            ("staging/app.yaml", argo("shop", "deploy/b")),
            ("half.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: [".to_owned()),
            ("deploy/a/x.yaml", String::new()),
            ("deploy/b/x.yaml", String::new()),
            ("flux/shop/x.yaml", String::new()),
        ];
        let workspace = MemoryWorkspace::new(files.iter().map(|(p, t)| (*p, t.as_str())));
        let names: Vec<String> = files.iter().map(|(p, _)| (*p).to_owned()).collect();
        let live: Vec<_> = folders(&workspace, &names).into_iter().collect();
        let wanted = [("deploy/a", "Argo CD deploys it (`argocd/apps.yaml`)"), ("flux/shop", "Flux deploys it (`clusters/flux.yml`)")];
        assert_eq!(live, wanted.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }
}
