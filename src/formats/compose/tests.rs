//! Compose files as Compose 2 reads them: fixtures, hostile input, the corpus, and Compose itself as the judge.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Compose;
use crate::ask::process::Programs;
use crate::formats::{Format, Manifest, ReadContext, ReadOptions, Reading};
use crate::inventory::{EnvValue, Service};
use crate::report::Problem;
use crate::rules::Severity;
use crate::workspace::{MemoryWorkspace, Workspace};

mod fixtures;
mod hostile;
mod judge;

/// Reads the files at these paths together.
fn read(workspace: &dyn Workspace, paths: &[String], options: &ReadOptions) -> Reading {
    let manifest = Manifest { format: "compose".into(), paths: paths.to_vec(), ..Manifest::default() };
    let programs = Programs::default();
    Compose.read(&manifest, &ReadContext { workspace, options, environment: "dev", programs: &programs })
}

/// Reads one file with the machine's environment known to be empty.
fn of(text: &str) -> Reading {
    let workspace = MemoryWorkspace::new([("compose.yaml", text)]);
    read(&workspace, &["compose.yaml".to_owned()], &ReadOptions::default())
}

fn errors(reading: &Reading) -> Vec<&Problem> {
    reading.problems.iter().filter(|p| p.severity == Severity::Error).collect()
}

/// What is said of a service in a fixture: `image`, built or not, variables.
type Said = BTreeMap<String, (String, bool, BTreeMap<String, Option<String>>)>;

/// The image as it is written, after variables.
fn image(service: &Service) -> String {
    service.image().map_or_else(|| "-".to_owned(), |i| i.text.clone())
}

/// How what was read differs from what should be: names of services and keys, never values.
fn differences(services: &[Service], want: &Said, unknown: &mut usize) -> Vec<String> {
    let mut out = Vec::new();
    let names: Vec<&str> = services.iter().map(|s| s.name.as_str()).collect();
    out.extend(want.keys().filter(|n| !names.contains(&n.as_str())).map(|n| format!("lacks the service {n}")));
    for service in services {
        let name = &service.name;
        let Some((wanted, built, vars)) = want.get(name) else {
            out.push(format!("has the service {name}"));
            continue;
        };
        let fact = service.software.as_ref();
        if fact.is_some_and(|f| f.value.known().is_none()) {
            *unknown += 1;
        } else if image(service) != *wanted {
            out.push(format!("{name}: image {} for {wanted}", image(service)));
        }
        if service.build.is_some() != *built {
            out.push(format!("{name}: build"));
        }
        let keys: Vec<&str> = service.environ.vars.iter().map(|v| v.key.as_str()).collect();
        out.extend(vars.keys().filter(|k| !keys.contains(&k.as_str())).map(|k| format!("{name}: lacks {k}")));
        for var in &service.environ.vars {
            match vars.get(&var.key) {
                None => out.push(format!("{name}: has {}", var.key)),
                Some(_) if matches!(var.value, EnvValue::Unknown(_)) => *unknown += 1,
                Some(text) if var.value.is(text.as_deref()) => {}
                Some(_) => out.push(format!("{name}: another value of {}", var.key)),
            }
        }
    }
    out
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
