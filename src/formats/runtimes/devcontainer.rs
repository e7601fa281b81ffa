//! A dev container's image, Dockerfile and features → the runtimes that developers use.

use std::collections::BTreeMap;

use crate::catalogue::Category;
use crate::catalogue::runtime_version;
use crate::document::{Node, dockerfile};
use crate::formats::{ReadContext, Reading};
use crate::inventory::{Fact, ImageRef, Runtime, Software};
use crate::workspace::{join, parent};

/// Names of the images and features of containers.dev → kind.
const NAMES: [(&str, &str); 14] = [
    ("python", "python"),
    ("anaconda", "python"),
    ("javascript-node", "node"),
    ("typescript-node", "node"),
    ("node", "node"),
    ("go", "go"),
    ("java", "java"),
    ("ruby", "ruby"),
    ("php", "php"),
    ("rust", "rust"),
    ("dotnet", "dotnet"),
    ("elixir", "elixir"),
    ("bun", "bun"),
    ("deno", "deno"),
];

/// Reads what a `devcontainer.json` says of runtimes.
pub(in crate::formats) fn read(path: &str, root: &Node, cx: &ReadContext<'_>, reading: &mut Reading) {
    if let Some(node) = root.get("image")
        && let Some(software) = node.text().filter(|t| !t.contains("${")).and_then(|t| ImageRef::parse(t).ok()).and_then(|i| of_image(&i))
    {
        push(Fact::known(software, node.at.clone()), reading);
    }
    let build = root.get("build");
    let file = root.get("dockerFile").or_else(|| build?.get("dockerfile"));
    if let Some(file) = file.and_then(|n| join(parent(path), n.text()?))
        && let Ok(source) = cx.workspace.read(&file)
    {
        let arguments = build.and_then(|b| b.get("args")).map(Node::entries).unwrap_or_default();
        let arguments: BTreeMap<String, Result<String, String>> =
            arguments.iter().filter_map(|e| Some((e.key.text()?.to_owned(), Ok(e.value.text()?.to_owned())))).collect();
        let target = build.and_then(|b| b.text_at(&["target"]));
        if let Some(base) = dockerfile::read(&source, target, &arguments).base
            && let Some(software) = base.value.known().and_then(|s| of_image(s.image.as_ref()?))
        {
            push(Fact::known(software, base.at), reading);
        }
    }
    for entry in root.get("features").map(Node::entries).unwrap_or_default() {
        let feature = entry.key.text().filter(|f| f.contains("/features/")).and_then(|f| f.rsplit('/').next()?.split(':').next());
        let Some((_, kind)) = feature.and_then(|f| NAMES.iter().find(|(n, _)| *n == f)) else { continue };
        let version = entry.value.get("version").unwrap_or(&entry.value);
        if let Some(software) = version.text().filter(|t| !matches!(*t, "none" | "os-provided")).and_then(|t| runtime_version(kind, t)) {
            push(Fact::known(software, version.at.clone()), reading);
        }
    }
}

fn push(software: Fact<Software>, reading: &mut Reading) {
    reading.runtimes.push(Runtime { software, service: None, unit: String::new() });
}

/// A runtime's own image, or one of the images for dev containers, whose tag is `[their version-]runtime[-system]`.
fn of_image(image: &ImageRef) -> Option<Software> {
    let own = Software::of_image(image);
    if own.kind.is_some_and(|k| k.category == Category::Runtime) {
        return Some(own);
    }
    let name = image.repository.split_once("devcontainers/").map(|(_, name)| name)?;
    let (_, kind) = NAMES.iter().find(|(n, _)| *n == name)?;
    let mut parts = image.tag.as_deref().unwrap_or_default().split('-');
    let number = |t: &&str| t.starts_with(|c: char| c.is_ascii_digit());
    let (first, second) = (parts.next().filter(number)?, parts.next().filter(number));
    // A single digit alone is the version of the image, not of the runtime.
    let version = second.or_else(|| Some(first).filter(|f| f.len() > 1))?;
    let software = runtime_version(kind, version)?;
    Some(Software { text: image.text.clone(), ..software })
}
