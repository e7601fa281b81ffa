//! `.argocd-source.yaml`, `.argocd-source-APPLICATION.yaml` in the folder of a source → the source with what they override.
//!
//! Argo CD merges them into the source (argo-cd.readthedocs.io: Parameter Overrides, "Store Overrides In Git"); Image Updater keeps
//! the tags that it chose there (argocd-image-updater.readthedocs.io: Update methods).

use super::Deployer;
use crate::document::{Content, Node, yaml};
use crate::formats::kustomize::edit::{get_mut, items_mut, mapping, text};
use crate::formats::kustomize::merge;
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

/// The one file in a folder that belongs to an application of elsewhere, as that application: which is production's is known
/// where its name says so, or where there is no other.
pub(super) fn orphan(folder: &str, environment: &str, workspace: &dyn Workspace) -> Option<Deployer> {
    let (files, _) = workspace.list(folder);
    let own = files.iter().filter(|f| join(folder, file_name(f)).as_ref() == Some(*f));
    let name = |f: &str| Some(file_name(f).strip_prefix(SOURCE_FILE)?.strip_suffix(".yaml")?.trim_start_matches('-').to_owned());
    let mut named = own.filter_map(|f| Some((f, name(f)?))).filter(|(_, name)| crate::discover::may_be_of(name, environment));
    let (path, name) = named.next().filter(|_| named.next().is_none())?;
    let mut source = tools(path, workspace)?;
    let at = source.at.clone();
    let key = |key: &str| text(key, &at);
    merge::plain(&mut source, &mapping(vec![(key("path"), text(folder, &at))], &at));
    let metadata = mapping(vec![(key("name"), text(&name, &at))], &at);
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
