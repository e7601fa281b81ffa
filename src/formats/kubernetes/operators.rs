//! Custom resources that declare a backing service → that service.
//!
//! The table is in [`table`]; here is how a row is read.

use super::objects::{Object, Objects};
use crate::catalogue::{kind, kind_of_crd};
use crate::document::template::in_reference;
use crate::document::{Content, Node};
use crate::formats::declared::software as image;
use crate::inventory::{Fact, Provider, Service, Software, Value, Version};
use crate::source::Location;

mod table;

use table::{Row, Stated, TABLE};

/// Is it an object that this module reads?
pub(super) fn known(group: &str, resource: &str) -> bool {
    row(group, resource).is_some()
        || kind_of_crd(group, resource).is_some()
        || matches!(
            (group, resource),
            ("apiextensions.crossplane.io", "Composition") | ("postgresql.cnpg.io", "ImageCatalog" | "ClusterImageCatalog")
        )
}

/// The row of a resource. Crossplane's namespaced resources (`rds.aws.m.upbound.io`) are those of the cluster.
fn row(group: &str, resource: &str) -> Option<&'static Row> {
    let group = group.replace(".m.upbound.io", ".upbound.io");
    TABLE.iter().find(|r| r.group == group && r.kinds.contains(&resource))
}

/// The service that a custom resource declares, if it is one that is known.
pub(super) fn service(object: &Object, objects: &Objects) -> Option<Service> {
    let at = object.named_at().clone();
    let Some(row) = row(&object.group, &object.kind) else {
        let kind = kind_of_crd(&object.group, &object.kind)?;
        let mut service = Service::new(object.name.clone(), at.clone(), Provider::Operator);
        service.software = Software::of_kind(&kind.id, None).map(|s| Fact::known(s, at));
        return Some(service);
    };
    // An instance of a cluster is a part of what the cluster declares.
    if object.node.path(&["spec", "dbClusterIdentifier"]).is_some() && object.kind == "DBInstance" {
        return None;
    }
    let provider = if row.managed() { Provider::Managed } else { Provider::Operator };
    let mut service = Service::new(object.name.clone(), at, provider);
    service.software = if row.managed() { managed(row, object) } else { operated(row, object, objects) };
    if let Some(extension) = object.node.path(&["spec", "postGISVersion"]).and_then(Node::text)
        && let Some(Fact { value: Value::Known(software), .. }) = service.software.as_mut()
    {
        software.extension = Some("postgis".into());
        software.version.extension = Some(extension.to_owned());
    }
    Some(service)
}

/// The software of a resource that an operator turns into containers.
fn operated(row: &Row, object: &Object, objects: &Objects) -> Option<Fact<Software>> {
    if let Some(fact) = catalogued(row, object, objects) {
        return Some(fact);
    }
    // Another server of the same operator counts its own versions.
    let server = object.node.text_at(&["spec", "serverType"]).or_else(|| object.node.text_at(&["spec", "cassandra", "serverType"]));
    let other = server.is_some_and(|t| t != "cassandra");
    for stated in row.stated {
        let Some(node) = find(&object.node, stated.path()).filter(|n| !n.is_null()) else { continue };
        if let Some(text) = later(object, stated.path(), node)
            && !matches!(stated, Stated::Image(_))
        {
            return Some(Fact::known(filled_in(Software::of_kind(row.software, None)?, &text), node.at.clone()));
        }
        match stated {
            Stated::Image(_) => match image(node) {
                Some(fact) => return Some(with_kind(fact, row.software)),
                None => continue,
            },
            // Names of versions that say more than a number (`valkey-8.1`, `timescaledb-2.14-pg14`) are the operator's own.
            Stated::Version(_) if !other && node.text().is_some_and(numbered) => {
                return Software::of_kind(row.software, node.text()).map(|s| Fact::known(s, node.at.clone()));
            }
            Stated::Version(_) | Stated::Own(_) => {
                let mut software = Software::of_kind(row.software, None)?;
                node.text()?.clone_into(&mut software.text);
                software.version = Version::opaque(node.text()?);
                return Some(Fact::known(software, node.at.clone()));
            }
        }
    }
    Software::of_kind(row.software, None).map(|s| Fact::known(s, object.named_at().clone()))
}

/// Does a text start with a number, or say that it moves?
fn numbered(text: &str) -> bool {
    text.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()) || text == "latest"
}

/// `imageCatalogRef` of CloudNativePG: the image that a catalogue lists for a major version, else that version.
fn catalogued(row: &Row, object: &Object, objects: &Objects) -> Option<Fact<Software>> {
    let reference = object.node.path(&["spec", "imageCatalogRef"])?;
    let (name, major) = (reference.text_at(&["name"])?, reference.get("major")?);
    let kind = reference.text_at(&["kind"]).unwrap_or("ImageCatalog");
    let catalogues = objects.all.iter().filter(|o| o.group == object.group && o.kind == kind && o.name == name);
    let mut images = catalogues.flat_map(|c| c.node.path(&["spec", "images"]).map(Node::items).unwrap_or_default());
    let listed = images.find(|i| i.text_at(&["major"]) == major.text()).and_then(|i| i.get("image")).and_then(image);
    listed
        .map(|fact| with_kind(fact, row.software))
        .or_else(|| Software::of_kind(row.software, major.text()).map(|s| Fact::known(s, major.at.clone())))
}

/// The software of a resource that a cloud runs.
fn managed(row: &Row, object: &Object) -> Option<Fact<Software>> {
    let spec = &object.node;
    let version = row.stated.iter().find_map(|s| Some((s, find(spec, s.path()).filter(|n| !n.is_null())?)));
    let at = version.map_or_else(|| object.named_at(), |(_, node)| &node.at);
    let engine = match row.engine {
        None => row.software.to_owned(),
        Some((path, default)) => {
            let node = find(spec, path).filter(|n| !n.is_null());
            let said = node.and_then(Node::text).or(default);
            let why = match (said, node) {
                (None, _) => Some(format!("`{path}` is not stated")),
                (_, Some(node)) => later(object, path, node).map(|text| format!("the engine is {text}")),
                _ => None,
            };
            if let Some(why) = why {
                return Some(Fact::unknown(why, node.map_or(at, |n| &n.at).clone()));
            }
            // `POSTGRES_15` names the engine and the version.
            let name = said.unwrap_or_default().split('_').next().unwrap_or_default().to_ascii_lowercase();
            format!("{}:{name}", row.software)
        }
    };
    let engine = match (engine.as_str(), spec.text_at(&["spec", "kind"])) {
        ("cosmos", Some("MongoDB")) => "cosmos-mongo".to_owned(),
        ("cosmos", _) => "cosmosdb".to_owned(),
        _ => engine,
    };
    let later = version.and_then(|(stated, node)| later(object, stated.path(), node));
    let software = match &later {
        Some(text) => Software::managed(&engine, None).map(|s| filled_in(s, text)),
        None => Software::managed(&engine, version.and_then(|(_, node)| node.text())),
    };
    Some(software.map_or_else(
        || Fact::unknown(format!("the engine `{engine}` is not known"), at.clone()),
        |software| Fact::known(software, at.clone()),
    ))
}

/// What stands at a path in place of a version that is filled in later.
fn later(object: &Object, path: &str, node: &Node) -> Option<String> {
    let written = || node.at.text().trim_matches(['"', '\'']).to_owned();
    match &node.content {
        Content::Expression(_) => Some(written()),
        _ if object.patched.iter().any(|p| p == path) => Some("what the claim says".to_owned()),
        Content::Scalar(text, _) => in_reference(text).map(|_| written()),
        _ => None,
    }
}

/// Software whose version is filled in later.
fn filled_in(software: Software, text: &str) -> Software {
    Software { text: text.to_owned(), version: Version::opaque(text), ..software }
}

/// The operator says the kind, whatever the image is called, and also where the image is not known.
fn with_kind(fact: Fact<Software>, id: &str) -> Fact<Software> {
    let value = match fact.value {
        Value::Known(software) => Value::Known(Software { kind: software.kind.or_else(|| kind(id)), ..software }),
        Value::Unknown(why) => match Software::of_kind(id, None) {
            Some(software) => Value::Known(filled_in(software, fact.at.text().trim_matches(['"', '\'']))),
            None => Value::Unknown(why),
        },
    };
    Fact { value, at: fact.at }
}

/// The node at a dotted path; `[]` is the first item that has the rest, `[x]` the one of this name.
fn find<'n>(node: &'n Node, path: &str) -> Option<&'n Node> {
    let Some((list, rest)) = path.split_once('[') else { return at(node, path) };
    let (name, rest) = rest.split_once("].")?;
    let meant = |item: &&Node| name.is_empty() || item.text_at(&["name"]) == Some(name);
    at(node, list)?.items().iter().filter(meant).find_map(|item| find(item, rest))
}

fn at<'n>(node: &'n Node, path: &str) -> Option<&'n Node> {
    path.split('.').try_fold(node, Node::get)
}

/// The place of an object without a name of its own.
pub(super) fn first_place(node: &Node) -> &Location {
    node.entry("kind").map_or(&node.at, |e| &e.value.at)
}
