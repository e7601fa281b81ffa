//! Objects that move production's tags (Flux `ImagePolicy`, Argo CD Image Updater) → how the tags are made, and where they are kept.
//!
//! Sources: fluxcd.io (image.toolkit.fluxcd.io `ImagePolicy`, `ImageRepository`); argocd-image-updater.readthedocs.io (annotations
//! of an `Application`, the `ImageUpdater` resource, update strategies, update methods).

use std::collections::BTreeMap;

use super::own::Whose;
use super::patterns::Pattern;
use crate::discover::objects;
use crate::document::Node;
use crate::formats::SOURCE_FILE;
use crate::inventory::ImageRef;
use crate::workspace::{Workspace, file_name};

/// What is in the text of a file that holds such an object.
const GROUPS: [&str; 2] = ["image.toolkit.fluxcd.io/", "argocd-image-updater.argoproj.io/"];

/// What comes before the name of an annotation.
const ANNOTATION: &str = "argocd-image-updater.argoproj.io/";

/// What moves tags.
#[derive(Debug, Default)]
pub(super) struct Updaters {
    /// The forms of tags.
    pub(super) patterns: Vec<Pattern>,
    /// What keeps the tag that runs, where that is not the manifest, by image.
    elsewhere: BTreeMap<String, Elsewhere>,
}

/// Why the manifest does not say which tag runs.
#[derive(Debug, Clone)]
pub(super) struct Elsewhere {
    pub(super) why: String,
    pub(super) mend: String,
    /// The file that says it.
    file: Option<String>,
}

impl Updaters {
    /// Those that speak of production.
    pub(super) fn of(workspace: &dyn Workspace) -> Self {
        let roots = std::iter::once("").chain(workspace.beside().into_iter().map(|(name, _)| name));
        let files: Vec<String> = roots.flat_map(|root| workspace.list(root).0).collect();
        let objects = objects(workspace, &files, &GROUPS);
        let mut out = Self::default();
        let repositories = objects.iter().filter(|(_, o)| is(o, GROUPS[0], "ImageRepository"));
        let repositories: BTreeMap<String, String> =
            repositories.filter_map(|(_, o)| Some((id(o), image(o.text_at(&["spec", "image"])?)?))).collect();
        for (file, object) in &objects {
            if is(object, GROUPS[0], "ImagePolicy") {
                out.patterns.extend(policy(object, file, &repositories));
            } else if is(object, "argoproj.io/", "Application") {
                out.application(object, file, workspace, &files);
            } else if is(object, ANNOTATION, "ImageUpdater") {
                out.resource(object, file, workspace, &files);
            }
        }
        out
    }

    /// Why the tag of a service, which was read from a file, is not the one that runs; `None` where it is.
    pub(super) fn elsewhere(&self, whose: &Whose<'_>, read: Option<&str>) -> Option<&Elsewhere> {
        self.elsewhere.get(whose.image.as_ref()?).filter(|e| e.file.is_none() || e.file.as_deref() != read)
    }

    /// The annotations of an application.
    fn application(&mut self, object: &Node, file: &str, workspace: &dyn Workspace, files: &[String]) {
        let annotation = |name: &str| object.text_at(&["metadata", "annotations", &format!("{ANNOTATION}{name}")]);
        let by = format!("the Argo CD Image Updater of `{}` ({file})", name(object));
        let method = annotation("write-back-method").unwrap_or_default();
        let write = Write { method, target: annotation("write-back-target") };
        for listed in annotation("image-list").unwrap_or_default().split(',').map(str::trim).filter(|l| !l.is_empty()) {
            let (alias, path) = listed.split_once('=').map_or((None, listed), |(alias, path)| (Some(alias.trim()), path));
            let Some(first) = image(path) else { continue };
            let key = alias.unwrap_or(&first).replace('/', "_");
            let of = |what: &str| annotation(&format!("{key}.{what}")).or_else(|| annotation(what));
            let renamed = annotation(&format!("{key}.kustomize.image-name")).and_then(image);
            let images: Vec<String> = std::iter::once(first).chain(renamed).collect();
            let allowed = of("allow-tags").and_then(|t| t.strip_prefix("regexp:")).or_else(|| of("tag-match"));
            self.image(images, of("update-strategy"), allowed, &write, &by, workspace, files);
        }
    }

    /// The `ImageUpdater` resource: settings of the whole, of an application, of an image; the last wins.
    fn resource(&mut self, object: &Node, file: &str, workspace: &dyn Workspace, files: &[String]) {
        let by = format!("the Argo CD Image Updater `{}` ({file})", name(object));
        let Some(spec) = object.get("spec") else { return };
        for application in spec.get("applicationRefs").map(Node::items).unwrap_or_default() {
            for listed in application.get("images").map(Node::items).unwrap_or_default() {
                let Some(name) = listed.text_at(&["imageName"]).and_then(image) else { continue };
                let levels = [listed, application, spec];
                let of = |keys: &[&str]| levels.iter().find_map(|level| level.text_at(keys));
                let common = |key: &str| of(&["commonUpdateSettings", key]);
                let method = of(&["writeBackConfig", "method"]).unwrap_or_default();
                let write = Write { method, target: of(&["writeBackConfig", "gitConfig", "writeBackTarget"]) };
                let allowed = common("allowTags").and_then(|t| t.strip_prefix("regexp:"));
                self.image(vec![name], common("updateStrategy"), allowed, &write, &by, workspace, files);
            }
        }
    }

    /// One image that is updated.
    #[expect(clippy::too_many_arguments, reason = "what annotations and the resource both say")]
    fn image(
        &mut self,
        images: Vec<String>,
        strategy: Option<&str>,
        allowed: Option<&str>,
        write: &Write<'_>,
        by: &str,
        workspace: &dyn Workspace,
        files: &[String],
    ) {
        let pattern = allowed.and_then(|text| Pattern::of_expression(text, None, by.to_owned()));
        self.patterns.extend(pattern.map(|p| p.only_for(images.clone(), None)));
        let elsewhere = if !write.method.starts_with("git") {
            Some(Elsewhere {
                why: format!("{by} sets the tag in the cluster, so the manifest does not say which runs"),
                mend: format!("let it write to git (`{ANNOTATION}write-back-method: git`)"),
                file: None,
            })
        } else if strategy == Some("digest") {
            Some(Elsewhere {
                why: format!("{by} follows the digest of the tag, which is moved from build to build"),
                mend: "let it follow tags that name a version or a commit (`update-strategy: semver` or `newest-build`)".to_owned(),
                file: None,
            })
        } else {
            let kept = || source_file(&images, workspace, files);
            write.target.is_none().then(kept).flatten().map(|file| Elsewhere {
                why: format!("{by} keeps the tag in `{file}`, and it is not known what that changes"),
                mend: "let it write into the manifest (`write-back-target: kustomization` or `helmvalues:FILE`)".to_owned(),
                file: Some(file),
            })
        };
        if let Some(elsewhere) = elsewhere {
            self.elsewhere.extend(images.into_iter().map(|image| (image, elsewhere.clone())));
        }
    }
}

/// How an updater keeps what it found.
struct Write<'a> {
    method: &'a str,
    target: Option<&'a str>,
}

/// The file of overrides that names one of the images.
fn source_file(images: &[String], workspace: &dyn Workspace, files: &[String]) -> Option<String> {
    let names = |path: &str| workspace.read(path).is_ok_and(|s| images.iter().any(|i| s.text().contains(i.as_str())));
    files.iter().find(|f| file_name(f).starts_with(SOURCE_FILE) && names(f)).cloned()
}

/// The form of the tags that a Flux policy chooses from.
fn policy(object: &Node, file: &str, repositories: &BTreeMap<String, String>) -> Option<Pattern> {
    let spec = object.get("spec")?;
    let filter = spec.get("filterTags")?;
    let version = spec.path(&["policy", "semver"]).is_some();
    let extract = filter.text_at(&["extract"]).filter(|e| !e.is_empty()).map(|template| (template, version));
    let by = format!("the Flux ImagePolicy `{}` ({file})", name(object));
    let pattern = Pattern::of_expression(filter.text_at(&["pattern"])?, extract, by)?;
    let reference = spec.get("imageRepositoryRef")?;
    let namespace = reference.text_at(&["namespace"]).or_else(|| object.text_at(&["metadata", "namespace"])).unwrap_or("");
    let repository = format!("{namespace}:{}", reference.text_at(&["name"]).unwrap_or(""));
    Some(pattern.only_for(repositories.get(&repository).cloned().into_iter().collect(), Some(id(object))))
}

fn is(object: &Node, group: &str, kind: &str) -> bool {
    object.text_at(&["kind"]) == Some(kind) && object.text_at(&["apiVersion"]).is_some_and(|v| v.starts_with(group))
}

fn name(object: &Node) -> &str {
    object.text_at(&["metadata", "name"]).unwrap_or("")
}

/// `NAMESPACE:NAME`
fn id(object: &Node) -> String {
    format!("{}:{}", object.text_at(&["metadata", "namespace"]).unwrap_or(""), name(object))
}

/// The name of an image that may end with a constraint of versions: `ghcr.io/acme/web:~1.2`.
fn image(text: &str) -> Option<String> {
    let text = text.trim();
    let last = text.rfind('/').map_or(0, |i| i + 1);
    let end = text.get(last..)?.find(':').map_or(text.len(), |i| last + i);
    ImageRef::parse(text.get(..end)?).ok().map(|i| i.name())
}
