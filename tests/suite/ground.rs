//! A repository beside a folder that may not be read, with programs that leave a mark where they are run: what tests of hostile
//! repositories stand on.

#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "a test runs the program and writes files itself")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a file says that may not be read: an image that nothing else names.
pub(crate) const OUTSIDE: &str = "services:\n  outside:\n    image: memcached:1.6.1\n";
/// The word of it that a report shows.
pub(crate) const SEEN: &str = "memcached";

/// A repository with one drift beside a folder `outside`, programs of its own, and a file that is there once something ran.
pub(crate) struct Ground {
    dir: tempfile::TempDir,
}

impl Ground {
    pub(crate) fn new() -> Self {
        let new = Self { dir: tempfile::tempdir().expect("a folder") };
        new.write("repo/docker-compose.yml", "services:\n  db:\n    image: postgres:15\n");
        new.write("repo/k8s/db.yaml", &object("db", "postgres:16"));
        new.write("outside/compose.yml", OUTSIDE);
        new.write("outside/object.yaml", &object("outside", "memcached:1.6.1"));
        fs::create_dir(new.at("bin")).expect("made");
        new
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    pub(crate) fn repo(&self) -> PathBuf {
        self.at("repo")
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    /// A script that may be run.
    pub(crate) fn script(&self, path: &str, text: &str) -> PathBuf {
        self.write(path, &format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(self.at(path), fs::Permissions::from_mode(0o755)).expect("may run");
        self.at(path)
    }

    /// A script that leaves the mark.
    pub(crate) fn marker(&self, path: &str) -> PathBuf {
        self.script(path, &format!("echo \"$0 $*\" >> '{}'\ncat 2>/dev/null", self.at("mark").display()))
    }

    /// What left the mark, since the last time.
    pub(crate) fn mark(&self) -> Option<String> {
        let text = fs::read_to_string(self.at("mark")).ok()?;
        fs::remove_file(self.at("mark")).expect("removed");
        Some(text)
    }

    /// A program by hand, as a user would run it: whether the mark is left then.
    pub(crate) fn by_hand(&self, program: &Path, args: &[&str]) -> bool {
        let mut command = Command::new(program);
        command.args(args).current_dir(self.repo()).env_clear().env("PATH", self.path()).env("HOME", self.at("home"));
        let _out = command.output().expect("runs");
        self.mark().is_some()
    }

    pub(crate) fn path(&self) -> String {
        format!("{}:/usr/local/bin:/usr/bin:/bin", self.at("bin").display())
    }

    /// What `parity diff` says.
    pub(crate) fn diff(&self, more: &[&str]) -> String {
        let out = Command::new(env!("CARGO_BIN_EXE_parity"))
            .args(["diff", "--all"])
            .args(more)
            .env_clear()
            .env("PATH", self.path())
            .env("HOME", self.at("home"))
            .current_dir(self.repo())
            .output()
            .expect("parity runs");
        String::from_utf8([out.stdout, out.stderr].concat()).expect("UTF-8")
    }

    /// The drift is found, and what lies outside is not seen.
    pub(crate) fn stands(&self, more: &[&str]) -> String {
        let text = self.diff(more);
        assert!(text.contains("PostgreSQL 15 and 16 are different major series"), "{text}");
        assert!(!text.contains(SEEN), "{text}");
        text
    }
}

pub(crate) fn object(name: &str, image: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  template:\n    spec:\n      containers:\n        - name: {name}\n          image: {image}\n"
    )
}
