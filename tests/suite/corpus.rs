//! Real Kubernetes files (`PARITY_CORPUS`): each is read without panic, and each that is not read whole is listed in
//! `corpus.expected` by name and reason.
//!
//! `UPDATE_EXPECTED=1 cargo test --test suite corpus` writes the list anew: read the difference before you keep it.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use parity::ask::process::Programs;
use parity::formats::{self, Manifest, ReadContext, ReadOptions};
use parity::rules::Severity;
use parity::workspace::MemoryWorkspace;
use rayon::prelude::*;

#[test]
fn every_file_of_the_corpus_is_read() {
    let Some(corpus) = std::env::var_os("PARITY_CORPUS").filter(|c| !c.is_empty()) else {
        // Not `eprintln!`, which a passing test keeps to itself.
        let _closed = writeln!(std::io::stderr(), "NOT RUN: every_file_of_the_corpus_is_read (PARITY_CORPUS names no corpus)");
        return;
    };
    let root = Path::new(&corpus).join("kubernetes");
    let mut files = Vec::new();
    walk(&root, &root, &mut files);
    assert!(files.len() > 2_000, "{} files below {}", files.len(), root.display());
    let wrong: Vec<Vec<String>> = files.into_par_iter().map(|(path, bytes)| errors(path, bytes)).collect();
    let mut got = String::new();
    for line in wrong.into_iter().flatten() {
        let _never = writeln!(got, "{line}");
    }
    let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/corpus.expected");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&expected, &got).expect("written");
    }
    let want = fs::read_to_string(&expected).expect("the list");
    let diff = similar::TextDiff::from_lines(&want, &got).unified_diff().header("expected", "found").to_string();
    assert!(want == got, "{diff}");
}

/// What is wrong with a file, as errors; nothing where it holds no object of Kubernetes and is none of ours.
fn errors(path: String, bytes: Vec<u8>) -> Vec<String> {
    let workspace = MemoryWorkspace::new([(path.clone(), bytes)]);
    let format = formats::by_id("kubernetes").expect("the format");
    if !format.may_claim(&path) {
        return Vec::new();
    }
    let (options, programs) = (ReadOptions::default(), Programs::new(None, None));
    let cx = ReadContext { workspace: &workspace, options: &options, environment: "prod", programs: &programs };
    let manifest = Manifest { format: "kubernetes".into(), paths: vec![path], ..Manifest::default() };
    let reading = format.read(&manifest, &cx);
    let wrong = reading.problems.into_iter().filter(|p| p.severity == Severity::Error);
    wrong.map(|p| format!("{} {}", p.at.map_or_else(String::new, |at| format!("{}:", at.position().line)), p.message)).collect()
}

fn walk(root: &Path, dir: &Path, out: &mut Vec<(String, Vec<u8>)>) {
    let mut entries: Vec<_> = fs::read_dir(dir).expect("a folder").map(|e| e.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(root, &path, out);
        } else {
            let name = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
            out.push((name, fs::read(&path).expect("a file")));
        }
    }
}
