//! `generators`, `transformers`, `helmCharts` → what their built-in kinds do; a kind that is not known is a problem that names it.

use super::build::Build;
use super::edit::{mapping, text};
use super::generators::{Made, generate};
use super::resource::Resource;
use super::{patches, transform};
use crate::catalogue::{chart_version, kind_of_chart};
use crate::document::Node;
use crate::inventory::{Fact, Flag, Provider, Service, Software};
use crate::report::Problem;

/// Puts a list of plugin configurations into effect: files, folders, or text in place.
pub(super) fn all(build: &mut Build<'_>, dir: &str, root: &Node, field: &str, all: &mut Vec<Resource>) {
    for (node, path) in super::file::list(root, field) {
        let configurations: Vec<Resource> = if super::file::is_inline(path) {
            patches::inlined(build, "the configuration of a plugin", node).into_iter().filter_map(Resource::new).collect()
        } else if crate::workspace::join(dir, path).is_some_and(|p| build.workspace.is_dir(&p)) {
            let path = crate::workspace::join(dir, path).unwrap_or_default();
            build.folder(&path, Some(&node.at), Vec::new())
        } else {
            build.objects(dir, node)
        };
        // Paths in a configuration start at the folder of the kustomization that names it.
        for configuration in configurations {
            if !build.spend(all.len(), &node.at) {
                return;
            }
            one(build, dir, &configuration, all);
        }
    }
}

fn one(build: &mut Build<'_>, dir: &str, plugin: &Resource, all: &mut Vec<Resource>) {
    let node = &plugin.node;
    let builtin = node.text_at(&["apiVersion"]) == Some("builtin");
    let said = |field: &str| node.text_at(&[field]).unwrap_or("");
    match plugin.kind() {
        "AnnotationsTransformer" | "HashTransformer" | "LegacyOrderTransformer" | "SortOrderTransformer" if builtin => {}
        "LabelTransformer" if builtin => {
            let specs = node.get("fieldSpecs").map(Node::items).unwrap_or_default();
            let has = |word: &str| specs.iter().any(|s| s.text_at(&["path"]).is_some_and(|p| p.contains(word)));
            if let Some(labels) = node.get("labels") {
                build.labels(all, labels, has("template"), has("elector"));
            }
        }
        "PrefixTransformer" | "SuffixTransformer" | "PrefixSuffixTransformer" if builtin => {
            build.affix(node, all, said("prefix"), said("suffix"));
        }
        "NamespaceTransformer" if builtin => {
            if let Some(namespace) = node.path(&["metadata", "namespace"]) {
                transform::namespace(all, namespace);
            }
        }
        "ImageTagTransformer" if builtin => {
            if let Some(entry) = node.get("imageTag") {
                build.image(all, entry);
            }
        }
        "ReplicaCountTransformer" if builtin => {
            if let Some(entry) = node.get("replica") {
                transform::replicas(all, entry);
            }
        }
        "PatchTransformer" | "PatchJson6902Transformer" if builtin => patches::one(build, dir, node, all),
        "PatchStrategicMergeTransformer" if builtin => {
            let at = &node.at;
            let root = |list: &Node| mapping(vec![(text("patchesStrategicMerge", at), list.clone())], at);
            if let Some(paths) = node.get("paths") {
                patches::strategic(build, dir, &root(paths), all);
            }
            if node.get("patches").is_some() {
                unknown(build, plugin);
            }
        }
        "ReplacementTransformer" if builtin => {
            for entry in node.get("replacements").map(Node::items).unwrap_or_default() {
                build.replacement(dir, entry, all);
            }
        }
        "ConfigMapGenerator" | "SecretGenerator" if builtin => {
            let made = if plugin.kind() == "SecretGenerator" { Made::Secret } else { Made::ConfigMap };
            let mut entry = node.clone();
            if let Some(name) = node.path(&["metadata", "name"]) {
                super::edit::set(&mut entry, &text("name", &name.at), name.clone());
            }
            generate(made, &entry, dir, build.workspace, all, &mut build.problems);
        }
        _ => unknown(build, plugin),
    }
}

fn unknown(build: &mut Build<'_>, plugin: &Resource) {
    build.unknown = true;
    let place = plugin.node.get("kind").map_or(&plugin.node.at, |k| &k.at);
    let what = format!("`{}` is a transformer or generator that is not known; what it changes is not seen", plugin.kind());
    build.problems.push(Problem::at(place.clone(), what));
}

/// Charts: never rendered here; what a chart of a catalogue kind installs is stated.
pub(super) fn charts(build: &mut Build<'_>, root: &Node) {
    for field in ["helmCharts", "helmChartInflationGenerator"] {
        for entry in root.get(field).map(Node::items).unwrap_or_default() {
            build.incomplete = true;
            let Some(name) = entry.get("name").or_else(|| entry.get("chartName")) else { continue };
            let chart = name.text().unwrap_or("");
            let repository = ["repo", "chartRepo"].iter().find_map(|k| entry.text_at(&[k]));
            let problem = Problem::at(name.at.clone(), format!("the chart `{chart}` is not rendered; what it installs is not seen"));
            let Some(kind) = kind_of_chart(chart, repository) else {
                build.problems.push(problem);
                continue;
            };
            build.problems.push(problem.warning());
            let release = entry.get("releaseName").unwrap_or(name);
            let mut service = Service::new(release.text().unwrap_or(chart), release.at.clone(), Provider::Container);
            // Values may choose another image than the chart's own.
            let values = ["valuesFile", "additionalValuesFiles", "valuesInline", "values"].iter().any(|k| entry.get(k).is_some());
            let version = entry.get("version").or_else(|| entry.get("chartVersion")).filter(|_| !values);
            let series = version.and_then(|v| Some((chart_version(chart, v.text()?)?.1, v)));
            service.software = match series {
                Some((series, at)) => Software::of_kind(&kind.id, Some(series)).map(|mut software| {
                    // The chart's version is what is written; the table says which series that installs.
                    software.text = format!("{series} (chart {chart} {})", at.text().unwrap_or(""));
                    software.flags.push(Flag::Mapped);
                    Fact::known(software, at.at.clone())
                }),
                None => Software::of_kind(&kind.id, None).map(|s| Fact::known(s, name.at.clone())),
            };
            build.services.push(service);
        }
    }
}
