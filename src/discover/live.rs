//! Objects of Argo CD and Flux → the folders of this repository that they deploy to production.
//!
//! Argo CD: `Application` (`spec.source.path`, `spec.sources[].path`); Flux: `Kustomization` (`spec.path`). A path that this
//! repository has not is one of another repository. What is named after another environment says nothing of production.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::words::{Named, named};
use crate::config::NAMES;
use crate::document::{Node, yaml};
use crate::formats::gitops::{self, Deployer};
use crate::report::Problem;
use crate::workspace::Workspace;

/// What says that a folder is deployed.
#[derive(Clone)]
pub(super) struct Live {
    pub(super) because: String,
    /// The file that says so, where it also changes what it deploys.
    pub(super) changes: Option<String>,
}

/// Each folder that is deployed, and what says so.
pub(super) fn folders(workspace: &dyn Workspace, files: &[String], problems: &mut Vec<Problem>) -> BTreeMap<String, Live> {
    let mut out = BTreeMap::new();
    for (file, object) in objects(workspace, files, &gitops::GROUPS) {
        for deployer in gitops::of_object(object, workspace, problems) {
            for (folder, live) in of_object(&deployer, &file, workspace) {
                out.entry(folder).or_insert(live);
            }
        }
    }
    out
}

/// The objects of the YAML files whose text holds one of the words, each with its file. What is named after another environment
/// than production is left out.
pub(crate) fn objects(workspace: &dyn Workspace, files: &[String], words: &[&str]) -> Vec<(String, Node)> {
    let yaml = |f: &&String| (f.ends_with(".yaml") || f.ends_with(".yml")) && !NAMES.contains(&f.as_str());
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

fn of_object(deployer: &Deployer, file: &str, workspace: &dyn Workspace) -> Vec<(String, Live)> {
    if !matches!(named(deployer.name()), Named::Plain | Named::Production) {
        return Vec::new();
    }
    let revision = deployer.revision().map(|r| format!(" at `{r}`")).unwrap_or_default();
    let live = Live {
        because: format!("{} deploys it{revision} (`{file}`)", deployer.tool),
        changes: deployer.changes().then(|| file.to_owned()),
    };
    let here = deployer.folders(workspace).into_iter().filter(|p| matches!(named(p), Named::Plain | Named::Production));
    here.map(|path| (path, live.clone())).collect()
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
            ("argocd/tag.yaml", argo("tag", "deploy/c, targetRevision: v1.2.0")),
            ("deploy/c/x.yaml", String::new()),
            ("clusters/flux.yml", flux.to_owned()),
            ("staging/app.yaml", argo("shop", "deploy/b")),
            ("half.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: [".to_owned()),
            ("deploy/a/x.yaml", String::new()),
            ("deploy/b/x.yaml", String::new()),
            ("flux/shop/x.yaml", String::new()),
        ];
        let workspace = MemoryWorkspace::new(files.iter().map(|(p, t)| (*p, t.as_str())));
        let names: Vec<String> = files.iter().map(|(p, _)| (*p).to_owned()).collect();
        let live: Vec<_> = folders(&workspace, &names, &mut Vec::new()).into_iter().map(|(folder, live)| (folder, live.because)).collect();
        let wanted = [
            ("deploy/a", "Argo CD deploys it (`argocd/apps.yaml`)"),
            ("deploy/c", "Argo CD deploys it at `v1.2.0` (`argocd/tag.yaml`)"),
            ("flux/shop", "Flux deploys it (`clusters/flux.yml`)"),
        ];
        assert_eq!(live, wanted.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }
}
