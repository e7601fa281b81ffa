//! `images` → the image of every container that one of them names (kustomize: `api/filters/imagetag`).

use super::edit::{each_mapping, get_mut, items_mut, text, unknown};
use crate::document::Node;

/// Puts an entry of `images` into effect.
pub(in crate::formats) fn apply(target: &mut Node, entry: &Node) {
    if target.text_at(&["kind"]) == Some("CustomResourceDefinition") {
        return;
    }
    let Some(name) = entry.text_at(&["name"]) else { return };
    each_mapping(target, &mut |node| {
        for list in ["containers", "initContainers"] {
            for container in get_mut(node, list).and_then(items_mut).into_iter().flatten() {
                if let Some(image) = get_mut(container, "image")
                    && let Some(new) = changed(image, name, entry)
                {
                    *image = new;
                }
            }
        }
    });
}

/// The image that an entry makes of another, at the place that decides most: tag, digest, name.
fn changed(image: &Node, name: &str, entry: &Node) -> Option<Node> {
    let rest = image.text()?.strip_prefix(name)?;
    if !(rest.is_empty() || rest.starts_with([':', '@'])) || rest.contains('/') {
        return None;
    }
    let (tag, digest) = match rest.split_once('@') {
        Some((tag, digest)) => (tag.trim_start_matches(':'), digest),
        None => (rest.trim_start_matches(':'), ""),
    };
    let field = |key: &str| entry.get(key).filter(|n| !n.is_null());
    let (new_name, new_tag, new_digest) = (field("newName"), field("newTag"), field("digest"));
    let suffix = field("tagSuffix");
    let stated = new_tag.or(new_digest).or(suffix).or(new_name)?;
    if let Some(open) = [new_tag, new_digest, new_name, suffix].into_iter().flatten().find(|n| n.text().is_none()) {
        return Some(unknown("the entry of `images` is not a text", &open.at));
    }
    let said = |node: Option<&Node>| node.and_then(Node::text).unwrap_or("").to_owned();
    let (tag, digest) = match (new_tag, new_digest, suffix) {
        (None, None, None) => (tag.to_owned(), digest.to_owned()),
        (None, None, Some(suffix)) => (format!("{tag}{}", suffix.text().unwrap_or("")), String::new()),
        (tag, digest, _) => (said(tag), said(digest)),
    };
    let mut out = new_name.and_then(Node::text).unwrap_or(name).to_owned();
    for (sign, part) in [(':', tag), ('@', digest)] {
        if !part.is_empty() {
            out.push(sign);
            out.push_str(&part);
        }
    }
    Some(text(&out, &stated.at))
}
