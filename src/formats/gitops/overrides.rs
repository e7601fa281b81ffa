//! `.argocd-source.yaml`, `.argocd-source-APPLICATION.yaml` in the folder of a source → the source with what they override.
//!
//! Argo CD merges them into the source (argo-cd.readthedocs.io: Parameter Overrides, "Store Overrides In Git"); Image Updater keeps
//! the tags that it chose there (argocd-image-updater.readthedocs.io: Update methods).

use super::Deployer;
use crate::document::{Content, Node, yaml};
use crate::formats::kustomize::edit::{get_mut, items_mut, mapping, text};
use crate::formats::kustomize::merge;
use crate::formats::{ReadContext, Reading, declared};
use crate::report::Problem;
use crate::workspace::{Workspace, file_name, from_top_of, join};

/// How the names of the files begin.
pub(crate) const SOURCE_FILE: &str = ".argocd-source";

/// What of a source they override; all else is not obeyed.
const TOOLS: [&str; 4] = ["kustomize", "helm", "directory", "plugin"];

/// An application with what the files in its folders override.
pub(super) fn applied(mut application: Node, workspace: &dyn Workspace) -> Node {
    let name = application.text_at(&["metadata", "name"]).unwrap_or("").to_owned();
    let file = application.at.path().to_owned();
    let Some(spec) = get_mut(&mut application, "spec") else { return application };
    if let Some(source) = get_mut(spec, "source") {
        of_source(source, &file, &name, workspace);
    }
    let more = get_mut(spec, "sources").and_then(items_mut);
    more.into_iter().flatten().for_each(|source| of_source(source, &file, &name, workspace));
    application
}

fn of_source(source: &mut Node, file: &str, name: &str, workspace: &dyn Workspace) {
    let Some(folder) = source.text_at(&["path"]).and_then(|p| from_top_of(workspace, file, p)) else { return };
    for overriding in [format!("{SOURCE_FILE}.yaml"), format!("{SOURCE_FILE}-{name}.yaml")] {
        let Some(patch) = join(&folder, &overriding).and_then(|path| tools(&path, workspace)) else { continue };
        merge::plain(source, &patch);
    }
}

/// The files of overrides in a folder that may be of an environment, each with the name of its application.
fn files(folder: &str, environment: &str, workspace: &dyn Workspace) -> Vec<(String, String)> {
    let own = |f: &String| join(folder, file_name(f)).as_ref() == Some(f);
    let name = |f: &str| Some(file_name(f).strip_prefix(SOURCE_FILE)?.strip_suffix(".yaml")?.trim_start_matches('-').to_owned());
    let named = workspace.list(folder).0.into_iter().filter(own).filter_map(|f| name(&f).map(|name| (f, name)));
    named.filter(|(_, name)| crate::discover::may_be_of(name, environment)).collect()
}

/// What cannot be read of the overrides in a folder, and whether it is not known which of them are the environment's.
pub(super) fn problems(folder: &str, covered: bool, cx: &ReadContext<'_>) -> Vec<Problem> {
    let files = files(folder, cx.environment, cx.workspace);
    let mut reading = Reading::default();
    for (file, _) in &files {
        declared::tree(file, cx, &mut reading);
    }
    if let ([(first, _), _, ..], false) = (files.as_slice(), covered) {
        let what = format!("is one of {} that override what is in `{folder}`: which one {} runs is not known", files.len(), cx.environment);
        reading.problems.push(Problem::file(first, what).warning());
    }
    reading.problems
}

/// The one file in a folder that belongs to an application of elsewhere, as that application: which is production's is known
/// where its name says so, or where there is no other.
pub(super) fn orphan(folder: &str, environment: &str, workspace: &dyn Workspace) -> Option<Deployer> {
    let files = files(folder, environment, workspace);
    let [(path, name)] = files.as_slice() else { return None };
    let mut source = tools(path, workspace)?;
    let at = source.at.clone();
    let key = |key: &str| text(key, &at);
    merge::plain(&mut source, &mapping(vec![(key("path"), text(folder, &at))], &at));
    let metadata = mapping(vec![(key("name"), text(name, &at))], &at);
    let spec = mapping(vec![(key("source"), source)], &at);
    let node = mapping(vec![(key("metadata"), metadata), (key("spec"), spec)], &at);
    Some(Deployer { node, tool: "Argo CD" })
}

/// What a file overrides.
fn tools(path: &str, workspace: &dyn Workspace) -> Option<Node> {
    if !workspace.is_file(path) {
        return None;
    }
    let mut root = yaml::read(&workspace.read(path).ok()?).documents.into_iter().next()?.root;
    let Content::Mapping(entries) = &mut root.content else { return None };
    entries.retain(|e| e.key.text().is_some_and(|key| TOOLS.contains(&key)));
    (!entries.is_empty()).then_some(root)
}
