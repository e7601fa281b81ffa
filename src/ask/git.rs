//! The `git` program, asked about the repository that holds the root: revisions, and the files of one.
//!
//! A checked repository is not trusted: nothing that its configuration names is run (no hooks, no fsmonitor, no external
//! diff, no filter, no pager), nothing is fetched, and what a user or a manifest names stands behind `--end-of-options`.

use std::path::Path;

use super::process::{Call, Limits, Output, Programs};

mod error;
mod history;
mod tree;

pub use error::GitError;
pub use history::{Apart, Change, Commit, Named, OBJECTS};
pub use tree::TreeWorkspace;

/// Settings that keep the configuration of the repository from running anything (git-config(1)).
const SETTINGS: [&str; 14] = [
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "diff.external=",
    "-c",
    "core.pager=cat",
    "-c",
    "protocol.allow=never",
    "-c",
    "log.showSignature=false",
    "-c",
    "core.quotePath=false",
];

/// What keeps git from asking, writing and fetching.
const ENVIRONMENT: [(&str, &str); 5] = [
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_ATTR_NOSYSTEM", "1"),
];

/// Most bytes that one run may write.
const BYTES: usize = 64 * 1024 * 1024;

/// A repository, as `git` sees it from a folder.
#[derive(Debug, Clone)]
pub struct Git<'p> {
    programs: &'p Programs,
    dir: &'p Path,
    prefix: String,
    shallow: bool,
}

impl<'p> Git<'p> {
    /// The repository in which a folder lies.
    ///
    /// # Errors
    /// Why it cannot be asked: no git, no repository, a repository of another user.
    pub fn open(programs: &'p Programs, dir: &'p Path) -> Result<Self, GitError> {
        let git = Self { programs, dir, prefix: String::new(), shallow: false };
        let out = git.ask(&["rev-parse", "--show-prefix", "--is-shallow-repository"])?;
        let text = out.text();
        let (prefix, shallow) = text.trim_end_matches('\n').rsplit_once('\n').unwrap_or_default();
        Ok(Self { prefix: prefix.trim_end_matches('/').to_owned(), shallow: shallow == "true", ..git })
    }

    /// The folder of the root below that of the repository; "" where they are the same.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Runs git and returns what it wrote.
    ///
    /// # Errors
    /// It could not be run, or it failed: its first line of error, which names no value of a file.
    pub fn ask(&self, args: &[&str]) -> Result<Output, GitError> {
        self.with(args, &[])
    }

    /// Runs git with a text on its standard input.
    ///
    /// # Errors
    /// As [`Git::ask`].
    pub fn with(&self, args: &[&str], input: &[u8]) -> Result<Output, GitError> {
        let all: Vec<&str> = SETTINGS.iter().chain(args).copied().collect();
        let limits = Limits { output: BYTES, ..self.programs.limits() };
        let call = Call { env: &ENVIRONMENT, input, limits: Some(limits), ..Call::new("git", &all, self.dir) };
        let out = self.programs.run(&call)?;
        if out.success { Ok(out) } else { Err(GitError::said(&out.stderr)) }
    }

    /// The full id of the commit that a revision names.
    ///
    /// # Errors
    /// There is none: what a shallow clone lacks, or a name that is not known.
    pub fn commit(&self, revision: &str) -> Result<String, GitError> {
        if revision.starts_with('-') {
            return Err(GitError::NotThere(format!("`{revision}` is no revision")));
        }
        let wanted = format!("{revision}^{{commit}}");
        match self.ask(&["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted]) {
            Ok(out) => Ok(out.text().trim().to_owned()),
            Err(GitError::Silent) if self.is_shallow() => Err(GitError::NotThere(format!(
                "this clone is shallow and has no revision `{revision}`; fetch it, or clone with more depth (`git fetch --deepen=1`)"
            ))),
            Err(GitError::Silent) => Err(GitError::NotThere(format!("there is no revision `{revision}`"))),
            Err(why) => Err(why),
        }
    }

    /// Does the clone lack history?
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        self.shallow
    }
}
