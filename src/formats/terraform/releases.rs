//! Helm releases, add-ons and apps of platforms, Nomad jobs → what they run, as far as the configuration says.

use super::document;
use super::resource::{Resource, dig, each};
use super::value::{is_null, settled};
use crate::catalogue::{chart_version, kind_of_chart};
use crate::document::Node;
use crate::formats::{Reading, declared};
use crate::inventory::{EnvSource, EnvValue, EnvVar, Environ, Fact, Flag, Process, Provider, Service, Software};

/// Is it one of these types?
pub(super) fn knows(kind: &str) -> bool {
    matches!(kind, "helm_release" | "heroku_addon" | "heroku_app" | "heroku_app_config_association" | "digitalocean_app")
}

/// The services of a resource.
pub(super) fn services(resource: &Resource, reading: &mut Reading) {
    let first = reading.services.len();
    match resource.kind.as_str() {
        "helm_release" => reading.services.extend(release(resource)),
        "heroku_addon" => reading.services.extend(addon(resource)),
        "heroku_app" | "heroku_app_config_association" => reading.services.extend(heroku(resource)),
        "digitalocean_app" => digitalocean(resource, reading),
        _ => {}
    }
    for service in reading.services.iter_mut().skip(first) {
        service.conditional.clone_from(&resource.conditional);
    }
}

/// A chart whose kind is known; the tag of its image in the values, else what the chart's version installs.
fn release(resource: &Resource) -> Option<Service> {
    let chart = resource.text(&["chart"])?;
    let repository = resource.text(&["repository"]);
    let kind = kind_of_chart(&chart, repository.as_deref())?;
    let mut service = Service::new(resource.name(), resource.at.clone(), Provider::Container);
    service.aliases = resource.aliases();
    service.aliases.extend(resource.text(&["name"]).filter(|n| *n != service.name));
    let tag = values(resource).into_iter().find_map(|(path, node)| (path == "image.tag").then_some(node));
    let stated = resource.get(&["version"]).filter(|n| !is_null(n));
    let bitnami = |r: &str| r.contains("bitnami");
    let series = || {
        let known = repository.as_deref().is_none_or(bitnami) || bitnami(&chart);
        stated.filter(|_| known && !hidden(resource)).and_then(|n| Some((n, chart_version(&chart, n.text()?)?.1)))
    };
    service.software = match (&tag, series()) {
        (Some(tag), _) => Software::of_kind(&kind.id, tag.text()).map(|s| Fact::known(s, tag.at.clone())),
        // The chart's version is what is written; the table says which series that installs.
        (None, Some((node, version))) => Software::of_kind(&kind.id, Some(version)).map(|mut software| {
            software.text = format!("{version} (chart {chart} {})", node.text().unwrap_or_default());
            software.flags.push(Flag::Mapped);
            Fact::known(software, node.at.clone())
        }),
        (None, None) => {
            let at = resource.get(&["chart"]).map_or(&resource.at, |n| &n.at);
            Software::of_kind(&kind.id, None).map(|s| Fact::known(s, at.clone()))
        }
    };
    Some(service)
}

/// Could values that are not known choose another image?
fn hidden(resource: &Resource) -> bool {
    resource.get(&["values"]).is_some_and(|n| super::value::why(n).is_some())
        || each(&resource.body, &["values"]).iter().any(|text| document::read(text).is_err())
}

/// Values of a release that are set by name, or stand in its `values`; the later wins, so it comes first.
fn values(resource: &Resource) -> Vec<(String, Node)> {
    let mut out = Vec::new();
    for set in each(&resource.body, &["set"]) {
        if let (Some(name), Some(value)) = (set.text_at(&["name"]), set.get("value")) {
            out.push((name.to_owned(), settled(value.clone())));
        }
    }
    out.reverse();
    for text in each(&resource.body, &["values"]).into_iter().rev() {
        if let Ok(tree) = document::read(text)
            && let Some(tag) = tree.path(&["image", "tag"]).filter(|n| !is_null(n))
        {
            out.push(("image.tag".into(), settled(tag.clone())));
        }
    }
    out
}

/// `plan = "heroku-postgresql:standard-0"`, `config = { version = "16" }`.
fn addon(resource: &Resource) -> Option<Service> {
    let plan = resource.get(&["plan"])?;
    let text = plan.text()?;
    let product = text.split(':').next().unwrap_or(text);
    let version = resource.get(&["config", "version"]).map(|n| settled(n.clone()));
    let mut service = declared::managed(&resource.name(), &resource.at, Provider::Addon, &format!("heroku:{product}"), version.as_ref())?;
    service.aliases = resource.aliases();
    service.aliases.push(product.to_owned());
    if version.is_none()
        && let Some(fact) = &mut service.software
    {
        fact.at = plan.at.clone();
    }
    Some(service)
}

/// An app's config vars.
fn heroku(resource: &Resource) -> Option<Service> {
    let mut environ = Environ::default();
    for (key, source) in [
        ("config_vars", EnvSource::Environment),
        ("vars", EnvSource::Environment),
        ("sensitive_config_vars", EnvSource::Secret),
        ("sensitive_vars", EnvSource::Secret),
    ] {
        for node in each(&resource.body, &[key]) {
            declared::settings(&mut environ, &settled(node.clone()), source);
        }
    }
    let mut service = Service::new(resource.name(), resource.at.clone(), Provider::Container);
    service.aliases = resource.aliases();
    service.environ = environ;
    Some(service)
}

/// `spec { service {} worker {} job {} database {} env {} }`
fn digitalocean(resource: &Resource, reading: &mut Reading) {
    let Some(spec) = resource.get(&["spec"]).map(|s| settled(s.items().first().unwrap_or(s).clone())) else { return };
    let named = |node: &Node| {
        node.get("name").and_then(|n| Some((n.text()?.to_owned(), n.at.clone()))).unwrap_or((resource.name(), node.at.clone()))
    };
    for database in each(&spec, &["database"]) {
        let (name, at) = named(database);
        // "PG" where none is named (docs.digitalocean.com: App Spec).
        let engine = database.text_at(&["engine"]).unwrap_or("PG").to_ascii_lowercase();
        let version = database.get("version");
        reading.services.extend(declared::managed(&name, &at, Provider::Managed, &format!("digitalocean:{engine}"), version));
    }
    for (block, process) in
        [("service", Process::Service), ("worker", Process::Service), ("job", Process::Admin), ("function", Process::Service)]
    {
        for node in each(&spec, &[block]) {
            let (name, at) = named(node);
            let mut service = Service::new(name, at, Provider::Container);
            service.process = process;
            service.software = image(node);
            for entry in each(&spec, &["env"]).into_iter().chain(each(node, &["env"])) {
                let Some(key) = entry.get("key") else { continue };
                let secret = entry.text_at(&["type"]) == Some("SECRET");
                let value = entry.get("value").map_or(EnvValue::Elsewhere("the app's settings".into()), declared::setting);
                let source = if secret { EnvSource::Secret } else { EnvSource::Env };
                service.environ.set(EnvVar::new(key.text().unwrap_or_default(), key.at.clone(), value, source));
            }
            reading.services.push(service);
        }
    }
}

/// `image { registry, repository, tag }`
fn image(node: &Node) -> Option<Fact<Software>> {
    let part = |key: &str| dig(node, &["image", key]).and_then(Node::text);
    let repository = dig(node, &["image", "repository"])?;
    let name = [part("registry"), repository.text()].into_iter().flatten().collect::<Vec<_>>().join("/");
    let (tag, digest) = (part("tag").map(|t| format!(":{t}")), part("digest").map(|d| format!("@{d}")));
    Some(declared::image_text(&format!("{name}{}{}", tag.unwrap_or_default(), digest.unwrap_or_default()), &repository.at))
}
