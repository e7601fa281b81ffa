//! The merged tree of a project → its services.

use std::collections::{BTreeMap, BTreeSet};

use super::interpolate::resolve;
use super::typed;
use super::variables::Variables;
use crate::document::{Content, Documents, Entry, Node};
use crate::formats::ReadContext;
use crate::inventory::{Build, Fact, ImageRef, Process, Provider, Service, Software};
use crate::report::Problem;
use crate::source::Location;

/// What services are read with.
pub(super) struct Reader<'r> {
    pub(super) variables: &'r Variables,
    pub(super) comments: &'r [Documents],
    pub(super) cx: &'r ReadContext<'r>,
    pub(super) problems: Vec<Problem>,
}

/// An image that one service builds is built here for every service that names it.
fn share_builds(services: &mut [Service]) {
    let mut built: BTreeMap<String, Build> = BTreeMap::new();
    for service in services.iter() {
        if let (Some(image), Some(build)) = (service.image(), &service.build) {
            built.entry(image.text.clone()).or_insert_with(|| build.clone());
        }
    }
    for service in services.iter_mut().filter(|s| s.build.is_none()) {
        service.build = service.image().and_then(|image| built.get(&image.text)).cloned();
    }
}

/// The text of a scalar, or why there is none.
pub(super) fn text(node: &Node) -> Result<&str, String> {
    match &node.content {
        Content::Expression(why) => Err(why.to_string()),
        _ => node.text().ok_or_else(|| "it is not a scalar".to_owned()),
    }
}

fn texts(node: Option<&Node>) -> impl Iterator<Item = &str> {
    node.into_iter().flat_map(Node::items).filter_map(Node::text)
}

impl Reader<'_> {
    /// Every service of the project that the profiles start; without any, all of them.
    pub(super) fn services(&mut self, tree: &Node) -> Vec<Service> {
        let wanted = &self.cx.options.profiles;
        let named: Vec<String> = match self.variables.text("COMPOSE_PROFILES") {
            Some(list) if wanted.is_empty() => list.split(',').map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect(),
            _ => wanted.clone(),
        };
        let mut out = Vec::new();
        for entry in tree.get("services").map(Node::entries).unwrap_or_default() {
            let Some(name) = entry.key.text() else { continue };
            if !entry.value.is_mapping() {
                continue;
            }
            let profiles: Vec<&str> = texts(entry.value.get("profiles")).collect();
            if profiles.is_empty() || named.is_empty() || named.iter().any(|w| w == "*" || profiles.contains(&w.as_str())) {
                out.push(self.service(name, entry));
            }
        }
        share_builds(&mut out);
        // compose-spec: `service_completed_successfully` waits for a service to end.
        let all = tree.get("services").map(Node::entries).unwrap_or_default();
        let awaited = all.iter().filter_map(|e| e.value.get("depends_on")).flat_map(Node::entries);
        let ends = |e: &&Entry| e.value.text_at(&["condition"]) == Some("service_completed_successfully");
        let ends: BTreeSet<&str> = awaited.filter(ends).filter_map(|e| e.key.text()).collect();
        for service in out.iter_mut().filter(|s| ends.contains(s.name.as_str())) {
            service.process = Process::Admin;
        }
        out
    }

    /// Does the text at a place say what its default says, and does it say something else than its default, where it has one?
    pub(super) fn falls_back(&self, at: &Location) -> (bool, bool) {
        let text = at.text();
        if !text.contains("${") {
            return (false, false);
        }
        match (resolve(text, &|n| self.variables.text(n).map(str::to_owned)), resolve(text, &|_| None)) {
            (Ok(value), Ok(alone)) => (value == alone, value != alone && text.contains('-') && !alone.is_empty()),
            _ => (false, false),
        }
    }

    fn service(&mut self, name: &str, entry: &Entry) -> Service {
        let node = &entry.value;
        let mut service = Service::new(name, entry.key.at.clone(), Provider::Container);
        service.aliases.extend(["container_name", "hostname"].iter().filter_map(|k| node.text_at(&[k]).map(str::to_owned)));
        for network in node.get("networks").map(Node::entries).unwrap_or_default() {
            service.aliases.extend(texts(network.value.get("aliases")).map(str::to_owned));
        }
        if let Some(image) = node.get("image").filter(|n| !n.is_null()) {
            if self.falls_back(&image.at).1 {
                service.fallbacks.push(("image".to_owned(), image.at.clone()));
            }
            let value = text(image).and_then(|t| ImageRef::parse(t).map_err(|e| e.to_string()));
            service.software = Some(match value {
                Ok(image_ref) => Fact::known(Software::of_image(&image_ref), image.at.clone()),
                Err(why) => Fact::unknown(why, image.at.clone()),
            });
            let near = self.comments.iter().find_map(|d| d.comment_near(&image.at));
            service.comment = near.map(|c| (c.text.to_string(), c.at.clone()));
        }
        service.build = node.get("build").filter(|n| !n.is_null()).map(|build| self.build(build, &mut service.ports));
        // What could not be extended has its own problem.
        let stands = node.get("provider").is_some() || node.get("extends").is_some();
        if service.software.is_none() && service.build.is_none() && !stands {
            self.problems.push(Problem::at(entry.key.at.clone(), format!("the service `{name}` has neither `image` nor `build`")));
        }
        service.environ = self.environ(name, node, &mut service.fallbacks);
        for port in ["ports", "expose"].iter().filter_map(|k| node.get(k)).flat_map(Node::items) {
            let inner = port.get("target").unwrap_or(port);
            let text = inner.text().unwrap_or_default();
            let number = text.rsplit(':').next().unwrap_or("").split(['/', '-']).next().unwrap_or("").parse().ok();
            service.ports.extend(number.filter(|p| *p != 0).map(|p| Fact::known(p, inner.at.clone())));
        }
        service.platform = node.get("platform").and_then(|n| Some(Fact::known(n.text()?.to_owned(), n.at.clone())));
        service.profiles = texts(node.get("profiles")).map(str::to_owned).collect();
        for key in ["depends_on", "links"] {
            let Some(list) = node.get(key) else { continue };
            service.needs.extend(list.items().iter().filter_map(Node::text).map(|t| t.split(':').next().unwrap_or(t).to_owned()));
            service.needs.extend(list.entries().iter().filter_map(|e| e.key.text().map(str::to_owned)));
        }
        let labels = node.get("labels").map(Node::entries).unwrap_or_default();
        let label = |e: &Entry| Some((e.key.text()?.to_owned(), e.value.text().unwrap_or_default().to_owned()));
        service.labels.extend(labels.iter().filter_map(label));
        typed::fill(node, &mut service);
        service
    }
}
