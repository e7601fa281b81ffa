//! Git repositories that tests build: fixed names and dates, nothing of the machine's own settings.

#![expect(clippy::disallowed_methods, reason = "a test runs the programs and writes files itself")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// A repository in a folder of its own.
pub(crate) struct Repository {
    dir: tempfile::TempDir,
    clock: std::cell::Cell<i64>,
}

/// The first commit is made at this second, each next one an hour later: 2026-01-01 00:00 UTC.
const START: i64 = 1_767_225_600;

impl Repository {
    pub(crate) fn new() -> Self {
        let new = Self { dir: tempfile::tempdir().expect("a folder"), clock: std::cell::Cell::new(START) };
        new.git(&["init", "-q", "-b", "main"]);
        new
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    /// Runs git; it must succeed.
    pub(crate) fn git(&self, args: &[&str]) -> String {
        let date = format!("{} +0000", self.clock.get());
        let out = Command::new("git")
            .args(args)
            .current_dir(self.path())
            .env_clear()
            .envs([("PATH", std::env::var("PATH").expect("PATH")), ("HOME", self.path().display().to_string())])
            .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1"), ("LC_ALL", "C")])
            .envs([("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@example.com"), ("GIT_COMMITTER_NAME", "Ada")])
            .envs([("GIT_COMMITTER_EMAIL", "ada@example.com"), ("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)])
            .output()
            .expect("git runs");
        assert!(out.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).trim().to_owned()
    }

    /// Commits everything; the clock goes on by an hour.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.clock.set(self.clock.get() + 3600);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Runs `parity` here, with git on its path and nothing else of the environment.
    pub(crate) fn parity(&self, args: &[&str]) -> (String, Option<i32>) {
        let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_parity"))
            .args(args)
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").expect("PATH"))
            .env("HOME", self.path())
            .output()
            .expect("parity runs");
        (String::from_utf8([stdout, stderr].concat()).expect("UTF-8"), status.code())
    }

    /// The JSON report of `parity diff` with more arguments.
    pub(crate) fn report(&self, args: &[&str]) -> serde_json::Value {
        let all = [&["diff", "--today", "2026-09-01", "--report", "json"], args].concat();
        let (text, _) = self.parity(&all);
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
    }
}
