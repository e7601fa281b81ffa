//! Laws that hold of every fixture, whatever it shows: a snapshot proves that output did not change, a law that it is right.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use parity::config::Options;
use parity::discover;
use parity::inventory::{EnvSource, Flag, Value};
use parity::report::{self, Look, Report};
use parity::run;
use parity::workspace::MemoryWorkspace;

use crate::cases;

/// Every fixture that is a repository: the cases, the rules' own, the sample.
pub(crate) fn repositories() -> Vec<PathBuf> {
    fn walk(dir: &Path, out: &mut Vec<PathBuf>) {
        let Ok(entries) = fs::read_dir(dir) else { return };
        let mut folders: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).filter(|p| p.is_dir()).collect();
        folders.sort();
        for folder in folders {
            if folder.ends_with("repo") { out.push(folder) } else { walk(&folder, out) }
        }
    }
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut out = vec![fixtures.join("sample")];
    walk(&fixtures.join("cases"), &mut out);
    walk(&fixtures.join("rules"), &mut out);
    assert!(out.len() > 2, "no fixture was found");
    out
}

/// Path and bytes of every file below a folder, in order.
pub(crate) fn files(root: &Path) -> Vec<(String, Vec<u8>)> {
    fn walk(root: &Path, dir: &Path, out: &mut Vec<(String, Vec<u8>)>) {
        for entry in fs::read_dir(dir).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(root, &path, out);
            } else if let (Ok(bytes), Ok(name)) = (fs::read(&path), path.strip_prefix(root)) {
                out.push((name.to_string_lossy().replace('\\', "/"), bytes));
            }
        }
    }
    let mut out = Vec::new();
    walk(root, root, &mut out);
    out.sort();
    out
}

/// The day on which every law is judged, so that no test depends on the clock.
fn options() -> Options {
    Options { today: jiff::civil::date(2026, 9, 1), ..Options::default() }
}

fn diff(files: &[(String, Vec<u8>)], options: &Options) -> Option<Report> {
    run::diff(&MemoryWorkspace::new(files.iter().cloned()), options).ok()
}

/// The report in every form, one after the other.
fn forms(report: &Report) -> String {
    let mut out = Vec::new();
    for form in report::ALL {
        for look in [Look::default(), Look { width: 72, color: true, wrap: true, all: true }] {
            form.render(report, look, &mut out).expect("written");
        }
    }
    String::from_utf8(out).expect("every form is UTF-8")
}

/// What is said, without places: the same however the documents are ordered.
fn said(report: &Report) -> BTreeSet<String> {
    report.findings.iter().map(|f| format!("{} {} {} {} {}", f.rule, f.severity.as_str(), f.service, f.subject, f.fingerprint())).collect()
}

#[test]
fn two_runs_are_the_same_bytes() {
    for repository in repositories() {
        let files = files(&repository);
        let (one, two) = (diff(&files, &options()), diff(&files, &options()));
        assert_eq!(one.as_ref().map(forms), two.as_ref().map(forms), "{}", repository.display());
    }
}

#[test]
fn the_order_of_documents_says_nothing() {
    let mut turned = 0;
    for repository in repositories() {
        let files = files(&repository);
        let mut reversed = files.clone();
        for (path, bytes) in &mut reversed {
            let text = String::from_utf8_lossy(bytes).into_owned();
            // Compose merges later documents over earlier ones, and a helmfile is evaluated part by part: there, order is meaning.
            let ordered = ["compose", "stack", "helmfile"].iter().any(|w| path.contains(w));
            if ordered || !(path.ends_with(".yaml") || path.ends_with(".yml")) || !text.contains("\n---\n") {
                continue;
            }
            let documents: Vec<&str> = text.trim_start_matches("---\n").split("\n---\n").collect();
            *bytes = documents.into_iter().rev().map(str::trim_end).collect::<Vec<_>>().join("\n---\n").into_bytes();
            bytes.push(b'\n');
            turned += 1;
        }
        let (one, two) = (diff(&files, &options()), diff(&reversed, &options()));
        assert_eq!(one.as_ref().map(said), two.as_ref().map(said), "{}", repository.display());
    }
    assert!(turned > 0, "no fixture has a file of several documents");
}

/// Rules that look at one side alone: they speak of a side that is compared with itself as well.
const OF_ONE_SIDE: [&str; 13] = [
    "tools/floating-tag",
    "tools/end-of-life",
    "tools/environments-disagree",
    "tools/version-unknown",
    "tools/admin-process",
    "tools/runtime-unsupported",
    "config/dangling-reference",
    "config/literal-secret",
    "config/placeholder-secret",
    "config/dev-value-in-prod",
    "config/shadowed",
    "config/fallback-differs",
    "config/undocumented",
];

#[test]
fn a_side_does_not_drift_from_itself() {
    let mut compared = 0;
    for repository in repositories() {
        let workspace = MemoryWorkspace::new(files(&repository));
        for unit in discover::discover(&workspace).units {
            for (environment, manifests) in unit.environments {
                let paths: Vec<String> = manifests.into_iter().flat_map(|m| m.paths).collect();
                let of = |name: &str| paths.iter().map(|p| (name.to_owned(), p.clone())).collect::<Vec<_>>();
                let both =
                    Options { from: Some("one".into()), to: Some("two".into()), manifests: [of("one"), of("two")].concat(), ..options() };
                let Ok(report) = run::diff(&workspace, &both) else { continue };
                compared += 1;
                let name = format!("{} ({environment})", repository.display());
                let drift = report.findings.iter().find(|f| !OF_ONE_SIDE.contains(&f.rule));
                assert!(drift.is_none(), "{name}: {:?}", drift.map(|f| (f.rule, &f.message)));
                for pair in report.comparisons.iter().flat_map(|c| &c.services) {
                    let verdict = pair.outcome.verdict.as_str();
                    assert!(matches!(verdict, "same" | "unpinned" | "incomparable"), "{name}: {} is {verdict}", pair.name);
                    if let Some(env) = &pair.env {
                        assert!(env.from_only.is_empty() && env.to_only.is_empty(), "{name}: {}", pair.name);
                    }
                }
            }
        }
    }
    assert!(compared > 2, "nothing was compared");
}

#[test]
fn the_text_at_a_place_is_the_text_of_the_fact() {
    let mut facts = 0;
    for repository in repositories() {
        let workspace = MemoryWorkspace::new(files(&repository));
        for environment in ["dev", "ci", "prod"] {
            let Ok(report) = run::inventory(&workspace, &options(), environment) else { continue };
            for service in &report.inventory.services {
                let name = format!("{} {environment}: {}", repository.display(), service.name);
                assert!(!service.at.path().is_empty(), "{name} has a place");
                if let Some(fact) = &service.software
                    && let Value::Known(software) = &fact.value
                {
                    let written = fact.at.text().trim_matches(['"', '\'']);
                    let resolved = written.contains(['$', '{', '<', '(', '%']);
                    // A managed service without a version is stated by its heading.
                    let heading = software.image.is_none() && software.version.components.is_empty();
                    // A chart's version is translated to that of the server it installs.
                    let resolved = resolved || software.flags.contains(&Flag::Mapped);
                    let same = !written.is_empty() && (software.text.contains(written) || written.contains(&software.text));
                    assert!(resolved || heading || same, "{name}: `{}` at {} reads `{written}`", software.text, fact.at);
                    facts += 1;
                }
                for var in service.environ.vars.iter().filter(|v| !matches!(v.source, EnvSource::Binding | EnvSource::Injected)) {
                    let written = var.at.text();
                    // A prefix of `envFrom`, or the relaxed form of a framework, is not at the place.
                    // A key that a template writes is stated by the action.
                    let same = written.contains("{{")
                        || written.contains(&var.key)
                        || (!written.is_empty() && var.key.ends_with(written.trim_matches(['"', '\''])));
                    assert!(same, "{name}: the place of `{}` is {}", var.key, var.at);
                    facts += 1;
                }
            }
        }
    }
    assert!(facts > 20, "only {facts} facts were looked at");
}

#[test]
fn any_file_cut_at_any_byte_is_read_without_panic() {
    // Many cases share a file: each text is cut once.
    let mut seen = BTreeSet::new();
    for repository in repositories() {
        let files = files(&repository);
        // The rules' examples are many, and all of the same two formats.
        let example = repository.to_string_lossy().replace('\\', "/").contains("fixtures/rules/");
        let cuts = match (std::env::var_os("PARITY_THOROUGH").is_some(), example) {
            (true, _) => 60,
            (false, true) => 4,
            (false, false) => 12,
        };
        for (i, (path, bytes)) in files.iter().enumerate() {
            if !seen.insert((path.clone(), bytes.clone())) {
                continue;
            }
            // A spread over the file; every byte of a short one where `PARITY_THOROUGH` is set, as it is in CI.
            let step = (bytes.len() / cuts).max(1);
            for (nth, cut) in (0..bytes.len()).step_by(step).enumerate() {
                let mut half = files.clone();
                half[i].1.truncate(cut);
                let report = diff(&half, &options());
                // Writing takes longer than reading: every form of some of the cuts.
                if let Some(report) = report.filter(|_| nth % 12 == 5) {
                    assert!(!forms(&report).is_empty(), "{path}");
                }
            }
        }
    }
}

/// Values that no output may hold begin with this word, in every fixture that has some.
const CANARY: &str = "canary";
/// The same word as a Secret's `data` holds it.
const CANARY_BASE64: &str = "Y2FuYXJ5";

#[test]
fn no_form_shows_a_value() {
    let mut planted = 0;
    for repository in repositories() {
        let files = files(&repository);
        // A fixture may say the word in base64, too.
        planted += files.iter().filter(|(_, b)| String::from_utf8_lossy(b).to_lowercase().contains(CANARY)).count();
        let workspace = MemoryWorkspace::new(files.clone());
        let mut all = diff(&files, &options()).map(|r| format!("{}\n{r:?}", forms(&r))).unwrap_or_default();
        for environment in ["dev", "ci", "prod", "staging"] {
            if let Ok(report) = run::inventory(&workspace, &options(), environment) {
                let mut out = Vec::new();
                report.json(&mut out).expect("written");
                report.table(Look { all: true, ..Look::default() }, &mut out).expect("written");
                all.push_str(&String::from_utf8_lossy(&out));
                all.push_str(&format!("{report:?}"));
            }
        }
        let all = all.to_lowercase();
        let at = all.find(CANARY).or_else(|| all.find(&CANARY_BASE64.to_lowercase()));
        assert!(at.is_none(), "{}: …{}", repository.display(), at.and_then(|i| all.get(i.saturating_sub(120)..i + 20)).unwrap_or(""));
    }
    assert!(planted > 0, "no fixture holds a canary");
}

#[test]
fn the_exit_is_the_same_in_every_form() {
    for case in cases::all() {
        let arguments = cases::arguments(&case);
        if arguments.first().map(String::as_str) != Some("diff") || arguments.iter().any(|a| a == "--report") {
            continue;
        }
        let exits: BTreeSet<String> = report::ALL
            .iter()
            .map(|form| {
                let printed = cases::run(&case, &[arguments.clone(), vec!["--report".into(), form.id().into()]].concat());
                printed.rsplit("--- exit ").next().unwrap_or("").to_owned()
            })
            .collect();
        assert_eq!(exits.len(), 1, "{}: {exits:?}", case.display());
    }
}
