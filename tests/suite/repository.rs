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

    /// The files of a folder with a history. A line of the script is a day and what was done on it: `add PATHS` commits these,
    /// `change PATH` adds a line to one and commits it, `by NAME change PATH` in another's name, `tag NAME`.
    pub(crate) fn play(from: &Path, script: &str) -> Self {
        let new = Self::new();
        copy(from, new.path());
        for line in script.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (day, done) = words.split_first().expect("a day");
            new.on(day);
            match done {
                ["add", paths @ ..] => {
                    new.git(&[&["add", "--"], paths].concat());
                    new.git(&["commit", "-q", "-m", line]);
                }
                ["change", path] => new.change("Ada", path, line),
                ["by", name, "change", path] => new.change(name, path, line),
                ["tag", name] => drop(new.git(&["tag", name])),
                _ => panic!("{line}: not known"),
            }
        }
        new
    }

    /// Adds a line to a file and commits it. What the file says afterwards is as before: the line is a comment.
    fn change(&self, name: &str, path: &str, line: &str) {
        let now = fs::read_to_string(self.path().join(path)).unwrap_or_default();
        self.write(path, &format!("{now}# {line}\n"));
        self.git(&["add", "--", path]);
        let author = format!("{name} <{name}@example.com>");
        self.git(&["commit", "-q", "-m", line, "--author", &author, "--", path]);
    }

    /// A repository that keeps its objects or its references otherwise; `None` where this git cannot.
    pub(crate) fn try_init(how: &[&str]) -> Option<Self> {
        let new = Self { dir: tempfile::tempdir().expect("a folder"), clock: std::cell::Cell::new(START) };
        let out = Command::new("git").args(["init", "-q", "-b", "main"]).args(how).current_dir(new.path()).output().expect("git runs");
        out.status.success().then_some(new)
    }

    /// A clone over the file protocol, as a server would give it.
    pub(crate) fn cloned(&self, how: &[&str]) -> Self {
        self.git(&["config", "uploadpack.allowFilter", "true"]);
        let new = Self { dir: tempfile::tempdir().expect("a folder"), clock: self.clock.clone() };
        let url = format!("file://{}", self.path().display());
        new.git(&[&["clone", "-q"], how, &[&url, "."]].concat());
        new
    }

    /// The clock goes to the noon of a day.
    pub(crate) fn on(&self, day: &str) {
        let day: jiff::civil::Date = day.parse().expect("a day");
        let days = jiff::civil::date(1970, 1, 1).until(day).expect("a span").get_days();
        self.clock.set(i64::from(days) * 86_400 + 43_200);
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

    /// Adds commits to `main` that change files round robin (none where there are none), a minute apart, without a checkout.
    pub(crate) fn many(&self, commits: usize, files: &[&str]) {
        let mut script = String::new();
        for i in 0..commits {
            let time = self.clock.get() + i64::try_from(i).expect("small") * 60;
            let message = format!("commit {i}");
            let changed = if files.is_empty() {
                String::new()
            } else {
                let text = format!("{i}\n");
                format!("M 100644 inline {}\ndata {}\n{text}\n", files[i % files.len()], text.len())
            };
            let from = if i == 0 { "from refs/heads/main^0\n" } else { "" };
            script.push_str(&format!(
                "commit refs/heads/main\ncommitter Ada <ada@example.com> {time} +0000\ndata {}\n{message}\n{from}{changed}",
                message.len(),
            ));
        }
        fs::write(self.path().join(".git/script"), script).expect("written");
        let script = fs::File::open(self.path().join(".git/script")).expect("read");
        let status =
            Command::new("git").args(["fast-import", "--quiet"]).current_dir(self.path()).stdin(script).status().expect("git runs");
        assert!(status.success());
        self.git(&["reset", "-q", "--hard", "main"]);
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
        self.parity_with(args, &[])
    }

    /// The same with these variables.
    pub(crate) fn parity_with(&self, args: &[&str], env: &[(&str, &str)]) -> (String, Option<i32>) {
        let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_parity"))
            .args(args)
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").expect("PATH"))
            .env("HOME", self.path())
            .envs(env.iter().copied())
            .output()
            .expect("parity runs");
        (String::from_utf8([stdout, stderr].concat()).expect("UTF-8"), status.code())
    }

    /// The JSON report of `parity diff` with more arguments.
    pub(crate) fn report(&self, args: &[&str]) -> serde_json::Value {
        let today: &[&str] = if args.contains(&"--today") { &[] } else { &["--today", "2026-09-01"] };
        let all = [&["diff", "--report", "json"], today, args].concat();
        let (text, _) = self.parity(&all);
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
    }
}

/// Copies what is in a folder.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("a folder").map(|e| e.expect("an entry")) {
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}
