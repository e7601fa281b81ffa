//! Cases are folders `fixtures/cases/GROUP/NAME`, found by walking: `repo/` is what is read, `command` (optional, one
//! line, default `diff`) the arguments, `expected` what it prints and its exit.
//!
//! `UPDATE_EXPECTED=1 cargo test --test suite cases` writes `expected` anew: read the difference before you keep it.

#![expect(clippy::disallowed_methods, reason = "a test runs the program and reads files itself")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every case, in order.
pub(crate) fn all() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases");
    let folders = |path: &Path| -> Vec<PathBuf> {
        let mut out: Vec<PathBuf> =
            fs::read_dir(path).expect("a folder").map(|e| e.expect("an entry").path()).filter(|p| p.is_dir()).collect();
        out.sort();
        out
    };
    folders(&root).iter().flat_map(|group| folders(group)).collect()
}

/// The arguments that a case asks for.
pub(crate) fn arguments(case: &Path) -> Vec<String> {
    let line = fs::read_to_string(case.join("command")).unwrap_or_else(|_| "diff".to_owned());
    line.split_whitespace().map(str::to_owned).collect()
}

/// Runs `parity` in the case's `repo`: standard output, errors after it, and the exit.
pub(crate) fn run(case: &Path, arguments: &[String]) -> String {
    let out = Command::new(env!("CARGO_BIN_EXE_parity"))
        .args(arguments)
        .env_clear()
        .env("COLUMNS", "100")
        .current_dir(case.join("repo"))
        .output()
        .expect("parity runs");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("parity prints UTF-8");
    let errors = text(&out.stderr);
    let errors = if errors.is_empty() { errors } else { format!("--- stderr\n{errors}") };
    format!("{}{errors}--- exit {}\n", text(&out.stdout), out.status.code().map_or("by signal".to_owned(), |c| c.to_string()))
}

#[test]
fn every_case_prints_what_is_expected() {
    let write = std::env::var_os("UPDATE_EXPECTED").is_some();
    let mut wrong = Vec::new();
    let cases = all();
    assert!(!cases.is_empty(), "no case was found");
    for case in cases {
        // A diff of a file with line ends of Windows has them.
        let got = run(&case, &arguments(&case)).replace("\r\n", "\n");
        let path = case.join("expected");
        if write {
            fs::write(&path, &got).expect("written");
        }
        let want = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        if got != want {
            let diff = similar::TextDiff::from_lines(&want, &got).unified_diff().header("expected", "printed").to_string();
            wrong.push(format!("{}\n{diff}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{} case(s) differ; UPDATE_EXPECTED=1 writes them\n\n{}", wrong.len(), wrong.join("\n"));
}
