//! What must hold of any bytes: one function a target. A law that does not hold is a panic.
//!
//! Input of several files has a line `--- PATH` before each, as `fixtures/compose` has.

use std::collections::BTreeMap;
use std::sync::{Arc, Once};

use parity::catalogue::compare::{Outcome, Verdict, compare};
use parity::catalogue::statement;
use parity::config::{self, Options};
use parity::document::{Documents, Node, TreeLimits, dockerfile, dotenv as env_file, hcl as blocks, yaml as documents};
use parity::inventory::{Flag, ImageRef, Software, Version};
use parity::report::{self, Look, escape as inert};
use parity::run;
use parity::source::{Location, Source};
use parity::workspace::{MemoryWorkspace, join};

fn source(path: &str, data: &[u8]) -> Option<Arc<Source>> {
    std::str::from_utf8(data).ok().map(|text| Source::new(path, text))
}

/// A place lies inside its file and has a position.
fn place(at: &Location) {
    let (span, length) = (at.span(), at.source().text().len());
    assert!(span.start <= span.end && span.end <= length, "{span:?} of {length}");
    let _text = at.text();
    assert!(at.position() <= at.end());
}

fn node(node: &Node, depth: usize) {
    assert!(depth <= TreeLimits::default().depth + 1, "the limit of nesting holds");
    place(&node.at);
    node.items().iter().for_each(|item| self::node(item, depth + 1));
    for entry in node.entries() {
        self::node(&entry.key, depth + 1);
        self::node(&entry.value, depth + 1);
    }
}

fn tree(read: &Documents) {
    read.documents.iter().for_each(|d| node(&d.root, 0));
    read.comments.iter().for_each(|c| place(&c.at));
    read.errors.iter().for_each(|e| place(&e.at));
}

/// YAML, and JSON that YAML contains: every node and every error has a place.
pub fn yaml(data: &[u8]) {
    let Some(source) = source("a.yaml", data) else { return };
    tree(&documents::read(&source));
    tree(&parity::document::json::read(&source));
    tree(&parity::document::toml::read(&source));
}

/// The files of an input; what stands before the first `--- PATH` is called `first`.
fn files(data: &[u8], first: &str) -> Option<MemoryWorkspace> {
    let text = std::str::from_utf8(data).ok()?;
    let mut out: BTreeMap<String, String> = BTreeMap::new();
    let mut path = first.to_owned();
    for line in text.split_inclusive('\n') {
        let named = line.strip_prefix("--- ").map(str::trim).filter(|p| !p.contains([' ', ':', '{', '"', '\'']));
        match named.and_then(|p| join("", p)).filter(|p| !p.is_empty()) {
            Some(named) => path = named,
            None => out.entry(path.clone()).or_default().push_str(line),
        }
    }
    Some(MemoryWorkspace::new(out))
}

fn options() -> Options {
    Options { today: jiff::civil::date(2026, 9, 1), ..Options::default() }
}

/// One comparison of what is at two paths (found, where there are none), in every form of a report now and then.
fn diff(data: &[u8], first: &str, manifests: &[(&str, &str)]) {
    static HERE: Once = Once::new();
    HERE.call_once(|| drop(rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global()));
    let Some(workspace) = files(data, first) else { return };
    let manifests = manifests.iter().map(|(side, path)| ((*side).to_owned(), (*path).to_owned())).collect();
    let Ok(report) = run::diff(&workspace, &Options { manifests, ..options() }) else { return };
    for finding in &report.findings {
        finding.places.iter().for_each(|p| place(&p.at));
        assert!(!finding.message.is_empty());
    }
    report.problems.iter().filter_map(|p| p.at.as_ref()).for_each(place);
    if data.len() % 16 == 3 {
        for form in report::ALL {
            let mut out = Vec::new();
            form.render(&report, Look::default(), &mut out).expect("a form is written");
            assert!(std::str::from_utf8(&out).is_ok());
        }
    }
}

/// A compose project with its other files, against itself.
pub fn compose(data: &[u8]) {
    diff(data, "compose.yaml", &[("dev", "compose.yaml"), ("prod", "compose.yaml")]);
}

/// A folder of Kubernetes objects, against itself.
pub fn kubernetes(data: &[u8]) {
    diff(data, "k8s/a.yaml", &[("dev", "k8s"), ("prod", "k8s")]);
}

/// HCL, and a Terraform module of it against itself.
pub fn hcl(data: &[u8]) {
    if let Some(source) = source("main.tf", data) {
        let _read = blocks::read(&source);
    }
    diff(data, "infra/main.tf", &[("dev", "infra"), ("prod", "infra")]);
}

/// A repository, in which everything is found.
pub fn repository(data: &[u8]) {
    diff(data, "docker-compose.yml", &[]);
}

/// Dotenv text: keys have places.
pub fn dotenv(data: &[u8]) {
    let Some(source) = source(".env", data) else { return };
    let (entries, wrong) = env_file::read(&source);
    for entry in entries {
        place(&entry.at);
    }
    wrong.iter().for_each(place);
    diff(&[b"--- .env\n", data].concat(), ".env", &[("dev", ".env"), ("prod", ".env")]);
}

/// A Dockerfile, with and without arguments.
pub fn dockerfile(data: &[u8]) {
    let Some(source) = source("Dockerfile", data) else { return };
    let given = BTreeMap::from([("VERSION".to_owned(), Ok("1".to_owned())), ("TAG".to_owned(), Err("it is not known".to_owned()))]);
    for arguments in [&BTreeMap::new(), &given] {
        for target in [None, Some("build")] {
            let built = dockerfile::read(&source, target, arguments);
            built.ports.iter().for_each(|p| place(&p.at));
            if let Some((at, _)) = &built.stopped {
                place(at);
            }
        }
    }
}

/// A reference keeps its text, and its text is the same reference again.
pub fn image(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(image) = ImageRef::parse(text) else { return };
    assert_eq!(image.text, text);
    assert_eq!(ImageRef::parse(&image.to_string()).as_ref(), Ok(&image));
    assert!(!image.repository.is_empty() && !image.registry.is_empty());
    let full = [
        format!("{}/{}", image.registry, image.repository),
        image.tag.as_ref().map(|t| format!(":{t}")).unwrap_or_default(),
        image.digest.as_ref().map(|d| format!("@{d}")).unwrap_or_default(),
    ]
    .concat();
    if full.len() < 1000 {
        let again = ImageRef::parse(&full).expect("the full name of a reference is one");
        assert_eq!(
            (again.registry, again.repository, again.tag, again.digest),
            (image.registry, image.repository, image.tag, image.digest)
        );
    }
    let _of = Software::of_image(&ImageRef::parse(text).expect("again"));
}

/// A tag keeps its text, and is read the same twice.
pub fn tag(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let version = Version::parse(text);
    assert_eq!(version.text, text);
    assert_eq!(Version::parse(text), version);
    if let Some(number) = version.number() {
        assert!(!number.is_empty());
    }
    for engine in ["rds:postgres", "rds:aurora-mysql", "rds:sqlserver-ee", "elasticache:redis", "cloudsql:postgres"] {
        let _managed = Software::managed(engine, Some(text));
    }
}

fn mirrored(outcome: &Outcome) -> Vec<Flag> {
    let turn = |flag: &Flag| match flag {
        Flag::DevFloats => Flag::ProdFloats,
        Flag::ProdFloats => Flag::DevFloats,
        other => *other,
    };
    let mut flags: Vec<Flag> = outcome.flags.iter().map(turn).collect();
    flags.sort_unstable();
    flags
}

/// Three lines, each a statement: comparing is a mirror, itself is the same, and `same` is transitive at equal precision.
pub fn comparison(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let all: Vec<Software> = text.split('\n').take(3).filter_map(|line| statement::parse(line).ok()).collect();
    for a in &all {
        let own = compare(a, a).verdict;
        assert!(matches!(own, Verdict::Same | Verdict::Unpinned), "{own:?}: `{}`", a.text);
        for b in &all {
            let (there, back) = (compare(a, b), compare(b, a));
            assert_eq!(there.verdict, back.verdict, "`{}` `{}`", a.text, b.text);
            assert_eq!(there.direction, back.direction.map(std::cmp::Ordering::reverse), "`{}` `{}`", a.text, b.text);
            assert_eq!(there.flags, mirrored(&back), "`{}` `{}`", a.text, b.text);
            assert!(!there.because.is_empty() && !there.because.ends_with('.'));
        }
    }
    let [a, b, c] = all.as_slice() else { return };
    // A managed engine states no base system: against an image, none differs. And one digest is one content, whatever the
    // names beside it say: that is no matter of precision.
    if all.iter().any(|s| s.image.as_ref().is_some_and(|image| image.digest.is_some())) {
        return;
    }
    let precision = |s: &Software| (s.version.components.len(), s.image.is_some());
    let equal = precision(a) == precision(b) && precision(b) == precision(c);
    let same = |a: &Software, b: &Software| compare(a, b).verdict == Verdict::Same;
    if equal && same(a, b) && same(b, c) {
        assert!(same(a, c), "`{}` `{}` `{}`", a.text, b.text, c.text);
    }
}

/// A configuration is understood, or refused with words and a place.
pub fn config(data: &[u8]) {
    let workspace = MemoryWorkspace::new([("parity.yml", data)]);
    match config::load(&workspace, None) {
        Ok(config) => {
            let workspace = MemoryWorkspace::new([
                ("parity.yml", data),
                ("docker-compose.yml", b"services: {db: {image: postgres:15}}"),
                ("k8s/db.yaml", b"apiVersion: v1\nkind: Pod\nmetadata: {name: db}\nspec: {containers: [{name: db, image: postgres:16}]}"),
            ]);
            let _report = run::diff(&workspace, &Options { config, ..options() });
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Whatever was written is inert where it is shown.
pub fn escape(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // A mark that we put in ourselves, which breaks what would act.
    let quiet = |text: &str| text.chars().all(|c| !inert::acts(c) || c == '\u{200b}');
    let printable = inert::printable(text);
    assert!(!printable.chars().any(inert::acts));
    assert_eq!(inert::printable(&printable), printable);
    let terminal = inert::terminal(text);
    assert!(!terminal.chars().any(inert::acts) && !terminal.contains("##["), "{terminal:?}");
    for markdown in [inert::markdown(text), inert::markdown_code(text), inert::markdown_sentence(text)] {
        assert!(quiet(&markdown) && !markdown.contains("<!--"), "{markdown:?}");
        assert!(!markdown.replace("\\|", "").contains('|'), "{markdown:?}");
    }
    let words = inert::markdown(text);
    assert!(!words.contains(['<', '>', '`']) && !words.contains("://"), "{words:?}");
    let code = inert::markdown_code(text);
    assert!(code.matches('`').count() % 2 == 0, "{code:?}");
    let uri = inert::uri(text);
    assert!(uri.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/%".contains(&b)), "{uri:?}");
    for command in [inert::command_data(text), inert::command_property(text)] {
        assert!(!command.chars().any(inert::acts) && !command.contains("##["), "{command:?}");
    }
    assert!(!inert::command_property(text).contains([':', ',']));
    let spoken: String = inert::spoken(text)
        .iter()
        .map(|s| match s {
            inert::Spoken::Words(w) | inert::Spoken::Name(w) => *w,
        })
        .collect();
    assert_eq!(spoken.replace('`', ""), text.replace('`', ""));
}
