//! Why git could not tell.

use crate::ask::process::ProcessError;

/// Why git could not tell, in words that name no value of a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GitError {
    /// The program did not run to its end.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The folder lies in no repository.
    #[error("this is no git repository")]
    NoRepository,
    /// Git does not read what another user owns (git-config(1), `safe.directory`).
    #[error("the repository belongs to another user; `git config --global --add safe.directory FOLDER` lets git read it")]
    OtherUser,
    /// The clone was made with a filter, and the contents were not fetched (git-clone(1), `--filter`).
    #[error("this partial clone does not hold the contents that are needed")]
    Partial,
    /// A revision or branch that is not there, or no name of one: a sentence.
    #[error("{0}")]
    NotThere(String),
    /// More was asked for than is read in one run.
    #[error("more than the limit of {0} objects are needed")]
    Objects(usize),
    /// Git's own first line of error.
    #[error("{0}")]
    Failed(String),
    /// Git failed and wrote nothing, as with `--quiet` or after a signal.
    #[error("git failed and did not say why")]
    Silent,
}

impl GitError {
    /// What git's standard error says.
    pub(super) fn said(stderr: &[u8]) -> Self {
        let said = String::from_utf8_lossy(stderr);
        let says = |words: &str| said.contains(words);
        if says("lazy fetching disabled") || says("promisor remote") || says("' not allowed") {
            return Self::Partial;
        }
        let lines = || said.lines().filter(|l| !l.trim().is_empty());
        let Some(first) = lines().find(|l| l.starts_with("fatal:") || l.starts_with("error:")).or_else(|| lines().next()) else {
            return Self::Silent;
        };
        let first = first.trim_start_matches("fatal: ").trim_start_matches("error: ");
        if first.contains("not a git repository") {
            Self::NoRepository
        } else if first.contains("dubious ownership") {
            Self::OtherUser
        } else {
            Self::Failed(first.to_owned())
        }
    }

    /// What would mend it; nothing where the error says so itself, or nothing in the repository would.
    #[must_use]
    pub fn mend(&self) -> Option<&'static str> {
        match self {
            Self::Partial => Some("`git fetch --refetch --no-filter`"),
            Self::Process(ProcessError::Time(..)) => Some("raise `limits.process-seconds` in parity.yml"),
            Self::Failed(_) | Self::Silent => Some("`git fsck`"),
            Self::Process(_) | Self::NoRepository | Self::OtherUser | Self::NotThere(_) | Self::Objects(_) => None,
        }
    }
}

/// Where git is one of several reasons, each a sentence.
impl From<GitError> for String {
    fn from(error: GitError) -> Self {
        error.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_writes_is_told_apart() {
        for (stderr, wanted) in [
            ("fatal: not a git repository (or any of the parent directories): .git\n", GitError::NoRepository),
            ("fatal: detected dubious ownership in repository at '/x'\nTo add\n", GitError::OtherUser),
            ("warning: x\nfatal: could not fetch 1 from promisor remote\n", GitError::Partial),
            ("warning: a\n\nfatal: bad revision 'x'\n", GitError::Failed("bad revision 'x'".to_owned())),
            ("something\n", GitError::Failed("something".to_owned())),
            (" \n", GitError::Silent),
        ] {
            assert_eq!(GitError::said(stderr.as_bytes()), wanted, "{stderr}");
        }
    }
}
