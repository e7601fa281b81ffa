//! Files that a format may claim and whose text cannot be read → the manifests that they are by their names and places, so that
//! their readers say what is wrong with them. What says nothing by its name is as often no manifest at all.

use super::candidates::{Candidate, Claimed, inside};
use super::words::words;
use crate::formats::{ALL, Format, Side};
use crate::workspace::{file_name, parent};

/// Words of files and folders that say which format of many names (`.yaml`, `.json`, `.hcl`) a file has.
const SAY: [(&str, &str); 22] = [
    ("cfn", "cloudformation"),
    ("cloudformation", "cloudformation"),
    ("chart", "helm"),
    ("charts", "helm"),
    ("containerapp", "containerapps"),
    ("containerapps", "containerapps"),
    ("deploy", "kubernetes"),
    ("deployment", "kubernetes"),
    ("deployments", "kubernetes"),
    ("ecs", "ecs"),
    ("gitops", "kubernetes"),
    ("helm", "helm"),
    ("helmfile", "helm"),
    ("k8s", "kubernetes"),
    ("kube", "kubernetes"),
    ("kubernetes", "kubernetes"),
    ("manifests", "kubernetes"),
    ("nomad", "nomad"),
    ("openshift", "openshift"),
    ("statefulset", "kubernetes"),
    ("taskdef", "ecs"),
    ("values", "helm"),
];
/// Names of files that a tool gives them.
const NAMED: [(&str, &str); 2] = [("template.yaml", "cloudformation"), ("template.yml", "cloudformation")];
/// Endings of data of any kind.
const DATA: [&str; 5] = ["yaml", "yml", "json", "hcl", "toml"];

/// The candidate that a file is, where something says so. One whose folder is read as a whole is in that.
pub(super) fn candidate(file: &str, claims: &[Claimed], all: &[Candidate]) -> Option<Candidate> {
    // What a package manager writes.
    if words(file_name(file)).iter().any(|w| w == "lock") {
        return None;
    }
    let (format, side) = beside(file, claims).or_else(|| named(file).map(|f| (f, f.side())))?;
    let held = |c: &Candidate| c.folder && c.files.is_empty() && c.format.may_claim(file) && inside(file, &c.path);
    if all.iter().any(held) {
        return None;
    }
    Some(Candidate { format, path: file.to_owned(), side, folder: false, files: Vec::new(), live: None })
}

/// The format of what lies in the same folder and has the same ending.
fn beside(file: &str, claims: &[Claimed]) -> Option<(&'static dyn Format, Side)> {
    let like = |c: &&Claimed| parent(&c.file) == parent(file) && ending(&c.file) == ending(file) && c.format.may_claim(file);
    // A folder of many kinds of files says nothing of one more.
    let ours = |c: &&Claimed| !c.format.beside() && !c.format.fills_in();
    claims.iter().filter(like).find(ours).map(|c| (c.format, c.side))
}

/// The format that the name of a file, or of a folder that it lies in, says.
fn named(file: &str) -> Option<&'static dyn Format> {
    let own = || ALL.iter().copied().find(|f| f.may_claim(file) && !of_any_name(*f, file));
    let of = |id: &str| ALL.iter().copied().find(|f| f.id() == id && f.may_claim(file));
    let given = NAMED.iter().find(|(name, _)| *name == file_name(file)).and_then(|(_, id)| of(id));
    // Objects of Kubernetes are written in JSON by programs alone, and much else of that lies beside them.
    let data = ending(file) == "json";
    let says = |word: &String| {
        let id = SAY.iter().find(|(w, _)| w == word).map(|(_, id)| *id)?;
        of(id).filter(|_| !(data && matches!(id, "kubernetes" | "helm")))
    };
    given.or_else(own).or_else(|| words(file).iter().rev().find_map(says))
}

/// Would a format also look into a file of another name that has this ending?
fn of_any_name(format: &dyn Format, file: &str) -> bool {
    DATA.contains(&ending(file)) && format.may_claim(&format!("0.{}", ending(file)))
}

/// The ending of a name; the two of YAML are one.
fn ending(file: &str) -> &str {
    match file_name(file).rsplit_once('.').map_or("", |(_, ending)| ending) {
        "yml" => "yaml",
        other => other,
    }
}
