//! What `kustomize build` prints → trees whose nodes stand at the places that the built-in reading knows.

use std::collections::BTreeSet;

use super::build::shown;
use super::resource::Resource;
use crate::ask::process::{Call, ProcessError};
use crate::document::{Content, Entry, Node, yaml};
use crate::formats::{ReadContext, Reading};
use crate::inventory::Service;
use crate::report::Problem;
use crate::source::{Location, Source};

/// Length of the hash at the end of a generated name.
const HASH: usize = 10;

/// No network: what a build would fetch is refused before, and here once more.
const OFFLINE: [(&str, &str); 4] = [
    ("GIT_ALLOW_PROTOCOL", "none"),
    ("HTTP_PROXY", "http://127.0.0.1:9"),
    ("HTTPS_PROXY", "http://127.0.0.1:9"),
    ("KUSTOMIZE_PLUGIN_HOME", "/nonexistent"),
];

/// Runs the program that is there: its name and what it printed, or why it gave nothing. `None`: there is none to run.
pub(super) fn run(dir: &str, cx: &ReadContext<'_>) -> Option<Result<(&'static str, String), Problem>> {
    let root = cx.workspace.on_disk()?;
    let (program, verb) = [("kustomize", "build"), ("kubectl", "kustomize")].into_iter().find(|(p, _)| cx.programs.find(p).is_some())?;
    let folder = format!("./{dir}");
    let output = cx.programs.run(&Call { env: &OFFLINE, ..Call::new(program, &[verb, &folder], root) });
    let problem = |why: String| Err(Problem::file(shown(dir), why).warning());
    Some(match output {
        Ok(output) if output.success => Ok((program, output.text())),
        Ok(_) => problem(format!("is not built by `{program} {verb}`; the built-in reading stands")),
        Err(ProcessError::Absent(_)) => return None,
        Err(error) => problem(format!("is not rendered: {error}; the built-in reading stands")),
    })
}

/// The printed objects, placed.
pub(super) fn placed(dir: &str, text: &str, all: &[Resource]) -> Vec<Node> {
    let path = super::file::NAMES.iter().find_map(|n| crate::workspace::join(dir, n)).unwrap_or_default();
    let own = all.first().map_or_else(|| Source::new(path, "").whole(), |r| r.node.at.part(0, 0));
    let generated: BTreeSet<&str> = all.iter().filter(|r| r.generated).map(Resource::name).collect();
    let documents = yaml::read(&own.source().inner(text)).documents;
    let place = |document: &Node| {
        let field = |keys: &[&str]| document.text_at(keys).unwrap_or("");
        let (kind, name) = (field(&["kind"]), field(&["metadata", "name"]));
        let ours = all
            .iter()
            .find(|r| r.kind() == kind && r.name() == name)
            .or_else(|| all.iter().find(|r| r.generated && r.kind() == kind && unhashed(name, r.name())));
        put(document, ours.map(|r| &r.node), &own, &generated)
    };
    documents.iter().map(|d| place(&d.root)).collect()
}

/// Is a printed name one of ours with a hash?
fn unhashed(printed: &str, ours: &str) -> bool {
    let rest = printed.strip_prefix(ours).and_then(|r| r.strip_prefix('-'));
    rest.is_some_and(|r| r.len() == HASH && r.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// A printed node at the place of ours; where we have none, at the place of what it lies in.
fn put(printed: &Node, ours: Option<&Node>, around: &Location, generated: &BTreeSet<&str>) -> Node {
    let at = ours.map_or(around, |o| &o.at).clone();
    let inside = at.part(0, 0);
    let content = match &printed.content {
        Content::Scalar(text, _) => {
            let said = ours.and_then(Node::text);
            let same = said.is_some_and(|s| s == &**text || (generated.contains(s) && unhashed(text, s)));
            match ours {
                Some(ours) if same => return ours.clone(),
                _ => printed.content.clone(),
            }
        }
        Content::Mapping(entries) => {
            // The keys of a Secret are printed encoded, whichever field they are written in.
            let lookup = |key: &str| {
                let ours = ours?;
                ours.entry(key).or_else(|| if key == "data" { ours.entry("stringData") } else { None })
            };
            let one = |e: &Entry| {
                let mine = e.key.text().and_then(lookup);
                let key_at = mine.map_or(&inside, |m| &m.key.at).clone();
                Entry {
                    key: Node { content: e.key.content.clone(), at: key_at, tag: None },
                    value: put(&e.value, mine.map(|m| &m.value), &inside, generated),
                }
            };
            Content::Mapping(entries.iter().map(one).collect())
        }
        Content::Sequence(items) => {
            let mine = ours.map(Node::items).unwrap_or_default();
            let id = |n: &Node| ["name", "mountPath", "containerPort", "port"].iter().find_map(|k| n.text_at(&[k])).map(str::to_owned);
            let find = |i: usize, item: &Node| match id(item) {
                Some(name) => mine.iter().find(|m| id(m).as_ref() == Some(&name)),
                None => mine.get(i),
            };
            Content::Sequence(items.iter().enumerate().map(|(i, item)| put(item, find(i, item), &inside, generated)).collect())
        }
        other => other.clone(),
    };
    Node { content, at, tag: printed.tag.clone() }
}

/// Where the program and the built-in reading say different things, the program's word stands; that is said, unless it is
/// what a transformer does that only the program knows.
pub(super) fn differ(program: &str, ours: &Reading, theirs: &Reading, expected: bool) -> Vec<Problem> {
    if expected {
        return Vec::new();
    }
    let image = |s: &Service| s.known_software().map(|s| s.text.clone());
    let keys = |s: &Service| s.environ.vars.iter().map(|v| v.key.clone()).collect::<Vec<_>>();
    let mut out = Vec::new();
    for their in &theirs.services {
        let what = match ours.services.iter().find(|o| o.name == their.name && o.process == their.process) {
            None => "the service",
            Some(our) if image(our).is_some() && image(our) != image(their) => "the image of",
            Some(our) if keys(our) != keys(their) => "the environment of",
            Some(_) => continue,
        };
        let message = format!("{program} prints {what} `{}` otherwise than it is read; what it prints stands", their.name);
        out.push(Problem::at(their.stated_at().clone(), message).info());
    }
    out
}
