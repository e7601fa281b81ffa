//! Services of production → which of them run an image that is built from this repository.

use std::collections::BTreeMap;

use crate::ask::git::Git;
use crate::inventory::{Build, ImageRef, Inventory, Role, Service};
use crate::pair::Pair;
use crate::source::Location;

/// A workload of production that pins an image, or would.
pub(super) struct Pinned<'a> {
    /// Index of its pair.
    pub(super) pair: usize,
    /// The name under which it is reported.
    pub(super) name: &'a str,
    /// As production declares it.
    pub(super) service: &'a Service,
    /// How development builds it.
    pub(super) build: Option<&'a Build>,
}

/// Whose tag it is, as far as that decides what it means.
pub struct Whose<'a> {
    /// The names by which the repository may know the service: in tags, in the configuration.
    pub(super) names: Vec<&'a str>,
    /// The name of the image.
    pub(super) image: Option<String>,
    /// What Flux's mark beside the tag names: `NAMESPACE:NAME`.
    pub(super) mark: Option<String>,
}

impl Pinned<'_> {
    /// Whose its tag is.
    pub(super) fn whose(&self) -> Whose<'_> {
        let image = self.service.image();
        let last = image.and_then(|i| i.repository.rsplit('/').next());
        let mut names: Vec<&str> = [self.name, self.service.name.as_str()].into_iter().chain(last).collect();
        names.sort_unstable();
        names.dedup();
        Whose { names, image: image.map(ImageRef::name), mark: self.service.software.as_ref().and_then(|s| mark(&s.at)) }
    }

    pub(super) fn tag(&self) -> Option<&str> {
        self.service.image().and_then(|i| i.tag.as_deref())
    }
}

/// The `ImagePolicy` that moves the tag on a line: `# {"$imagepolicy": "flux-system:web:tag"}` (fluxcd.io: image update guide).
fn mark(at: &Location) -> Option<String> {
    let line = at.source().line_span(at.position().line.get())?;
    let (_, after) = at.source().text().get(line.start..line.end)?.split_once("\"$imagepolicy\"")?;
    let named = after.split('"').nth(1)?;
    let mut parts = named.split(':');
    Some(format!("{}:{}", parts.next()?, parts.next()?))
}

/// The workloads of production whose image is written, and what development says of their build.
pub(super) fn pinned<'a>(pairs: &'a [Pair<'a>], from: &'a Inventory, to: &'a Inventory) -> Vec<Pinned<'a>> {
    let candidates = pairs.iter().enumerate().filter(|(_, p)| p.role == Role::Workload && !p.beside);
    let here = |s: &'a Service| s.build.as_ref().filter(|b| b.context.is_some());
    let mut builds: BTreeMap<String, &Build> = BTreeMap::new();
    for (image, build) in from.services.iter().chain(&to.services).filter_map(|s| Some((s.image()?, here(s)?))) {
        builds.entry(image.name()).or_insert(build);
    }
    let pinned = |(pair, p): (usize, &'a Pair<'a>)| {
        let service = p.to?;
        let written = service.software.as_ref()?;
        let known = written.value.known();
        if known.is_some_and(|s| s.image.is_none() || s.kind.is_some() && s.built_from.is_none()) {
            return None;
        }
        let elsewhere = || service.image().and_then(|image| builds.get(&image.name()).copied());
        let build = p.from.and_then(here).or_else(|| here(service)).or_else(elsewhere);
        Some(Pinned { pair, name: &p.name, service, build })
    };
    candidates.filter_map(pinned).collect()
}

/// Is an image called like the repository: `acme/shop` or `acme/shop-web` of `github.com/acme/shop`?
pub(super) fn is_called_like(image: &ImageRef, remotes: &[String]) -> bool {
    remotes.iter().filter_map(|r| r.rsplit_once('/')).any(|(owner, name)| {
        let owner = owner.rsplit('/').next().unwrap_or(owner);
        let mut parts = image.repository.split('/');
        let inside = parts.any(|p| p == owner) || image.registry.split('.').next() == Some(owner);
        let last = image.repository.rsplit('/').next().unwrap_or("");
        let of = |p: &str| p == name || p.strip_prefix(name).is_some_and(|rest| rest.starts_with(['-', '_', '.']));
        // A registry of one's own names no owner.
        (inside || image.registry != "docker.io") && (of(last) || image.repository.split('/').any(|p| p == name))
    })
}

/// Those of this repository, by the remotes where the build does not say.
pub(super) fn remotes(git: &Git<'_>, pinned: &[Pinned<'_>]) -> Vec<String> {
    if pinned.iter().all(|p| p.build.is_some()) { Vec::new() } else { git.remotes() }
}
