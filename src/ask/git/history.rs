//! History as `git` tells it: which commits a walk meets, what they changed, and where a clone's history ends.

use std::collections::BTreeMap;

use super::{Git, GitError};

/// Most objects asked for in one run.
pub const OBJECTS: usize = 20_000;

/// A commit of a walk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commit {
    /// Its full id.
    pub id: String,
    /// Committer date, seconds since 1970.
    pub time: i64,
    /// Does git know a parent? None in a shallow clone is where the history ends.
    pub has_parent: bool,
    /// What it changed, where the walk asked.
    pub changes: Vec<Change>,
}

/// A file that a commit changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Relative to the root.
    pub path: String,
    /// The blob before; `None` where the file is new.
    pub before: Option<String>,
    /// The blob after; `None` where the file is gone.
    pub after: Option<String>,
}

/// A commit on one side of two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apart {
    /// In the first and not in the second.
    pub left: bool,
    /// On both sides as another commit with the same change (a cherry-pick).
    pub equal: bool,
    /// The commit's id.
    pub id: String,
    /// Committer date, seconds since 1970.
    pub time: i64,
}

/// What a name that may be a commit's turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// The commit's full id.
    Commit(String),
    /// Several commits begin so.
    Ambiguous,
    /// No commit.
    No,
}

impl Git<'_> {
    /// The full id of each name that is a commit, in one run.
    ///
    /// # Errors
    /// As [`Git::ask`].
    pub fn commits(&self, names: &[String]) -> Result<Vec<Named>, GitError> {
        // Only the name alone is said to be ambiguous; only as a commit's is it told from blobs that begin alike.
        let input: String = names.iter().map(|n| format!("{n}^{{commit}}\n{n}\n")).collect();
        if input.is_empty() {
            return Ok(Vec::new());
        }
        let out = self.with(&["cat-file", "--batch-check=%(objectname) %(objecttype)"], input.as_bytes())?.text();
        let mut lines = out.lines();
        let mut found = Vec::new();
        while let (Some(commit), Some(alone)) = (lines.next(), lines.next()) {
            found.push(match (commit.rsplit_once(' '), alone.rsplit_once(' ')) {
                (Some((id, "commit")), _) => Named::Commit(id.to_owned()),
                (_, Some((_, "ambiguous"))) => Named::Ambiguous,
                _ => Named::No,
            });
        }
        found.resize(names.len(), Named::No);
        Ok(found)
    }

    /// Every git tag and the commit that it names, in one run.
    ///
    /// # Errors
    /// As [`Git::ask`].
    pub fn tags(&self) -> Result<BTreeMap<String, String>, GitError> {
        let out = self.ask(&["for-each-ref", "--format=%(refname:lstrip=2) %(objectname) %(*objectname)", "refs/tags"])?.text();
        let one = |line: &str| {
            let mut words = line.split(' ');
            let (name, own) = (words.next()?, words.next()?);
            Some((name.to_owned(), words.next().filter(|w| !w.is_empty()).unwrap_or(own).to_owned()))
        };
        Ok(out.lines().filter_map(one).collect())
    }

    /// The commits of the main line that changed one of these files, newest first, with the blobs before and after.
    ///
    /// # Errors
    /// As [`Git::ask`].
    pub fn main_line(&self, head: &str, files: &[String], most: usize) -> Result<Vec<Commit>, GitError> {
        let most = format!("-n{most}");
        let paths: Vec<String> = files.iter().map(|f| format!(":(literal){f}")).collect();
        let mut args = vec!["log", "--first-parent", "--diff-merges=first-parent", "--raw", "--no-abbrev", "--no-renames", "-z", &most];
        args.extend(["--format=%x01%H %ct %P", "--end-of-options", head, "--"]);
        args.extend(paths.iter().map(String::as_str));
        Ok(self.parse(&self.ask(&args)?.text()))
    }

    /// `\x01ID TIME PARENTS`, then the raw entries, all between NULs.
    fn parse(&self, text: &str) -> Vec<Commit> {
        let prefix = if self.prefix().is_empty() { String::new() } else { format!("{}/", self.prefix()) };
        let commit = |record: &str| {
            let mut fields = record.split('\0');
            let mut head = fields.next()?.split_whitespace();
            let (id, time) = (head.next()?.to_owned(), head.next()?.parse().ok()?);
            let mut commit = Commit { id, time, has_parent: head.next().is_some(), changes: Vec::new() };
            while let (Some(entry), Some(path)) = (fields.next(), fields.next()) {
                // `:MODE MODE BLOB BLOB STATUS`
                let words: Vec<&str> = entry.trim_start_matches('\n').split(' ').collect();
                let [_, _, before, after, _] = words.as_slice() else { continue };
                let blob = |id: &str| (!id.bytes().all(|b| b == b'0')).then(|| id.to_owned());
                let Some(path) = path.strip_prefix(&prefix) else { continue };
                commit.changes.push(Change { path: path.to_owned(), before: blob(before), after: blob(after) });
            }
            Some(commit)
        };
        text.split('\u{1}').filter_map(commit).collect()
    }

    /// The commits that only one of two has and that touch the paths, merges left out.
    ///
    /// # Errors
    /// As [`Git::ask`]; telling cherry-picks needs the contents of files, which a partial clone has not.
    pub fn apart(&self, left: &str, right: &str, paths: &[String]) -> Result<Vec<Apart>, GitError> {
        let range = format!("{left}...{right}");
        let mut args = vec!["log", "--no-merges", "--left-right", "--cherry-mark", "--format=%m %H %ct", "--end-of-options", &range, "--"];
        // The side is told by a second walk's mark where both have the change.
        args.extend(paths.iter().map(String::as_str));
        let out = self.ask(&args)?.text();
        let one = |line: &str| {
            let mut words = line.split(' ');
            let mark = words.next()?;
            let (id, time) = (words.next()?.to_owned(), words.next()?.parse().ok()?);
            Some(Apart { left: mark == "<", equal: mark == "=", id, time })
        };
        Ok(out.lines().filter_map(one).collect())
    }

    /// The commits that some have and others have not, with their parents.
    ///
    /// # Errors
    /// As [`Git::ask`].
    pub fn graph(&self, have: &[String], lack: &[String]) -> Result<BTreeMap<String, Vec<String>>, GitError> {
        let input = revisions(have, lack);
        let out = self.with(&["rev-list", "--parents", "--stdin"], input.as_bytes())?.text();
        let one = |line: &str| {
            let mut words = line.split(' ').map(str::to_owned);
            Some((words.next()?, words.collect()))
        };
        Ok(out.lines().filter_map(one).collect())
    }

    /// The committer dates of those commits that touch the paths: of all but merges, or of the main line.
    ///
    /// # Errors
    /// As [`Git::ask`].
    pub fn touching(&self, have: &[String], lack: &[String], paths: &[String], main_line: bool) -> Result<BTreeMap<String, i64>, GitError> {
        let how: &[&str] = if main_line { &["--first-parent", "--diff-merges=first-parent"] } else { &["--no-merges"] };
        let mut args = vec!["log", "--format=%H %ct", "--stdin"];
        args.extend(how);
        args.push("--");
        args.extend(paths.iter().map(String::as_str));
        let out = self.with(&args, revisions(have, lack).as_bytes())?.text();
        Ok(out.lines().filter_map(|l| l.split_once(' ')).filter_map(|(id, t)| Some((id.to_owned(), t.parse().ok()?))).collect())
    }

    /// Committer dates of commits, in one run.
    ///
    /// # Errors
    /// As [`Git::ask`].
    pub fn dates(&self, commits: &[String]) -> Result<BTreeMap<String, i64>, GitError> {
        if commits.is_empty() {
            return Ok(BTreeMap::new());
        }
        let input = commits.iter().map(|c| format!("{c}\n")).collect::<String>();
        let out = self.with(&["log", "--no-walk", "--format=%H %ct", "--stdin"], input.as_bytes())?.text();
        Ok(out.lines().filter_map(|l| l.split_once(' ')).filter_map(|(id, t)| Some((id.to_owned(), t.parse().ok()?))).collect())
    }

    /// The last commit of the main line before a moment (as git writes dates), and whether its history goes on.
    ///
    /// # Errors
    /// As [`Git::ask`].
    pub fn before(&self, head: &str, moment: &str) -> Result<Option<Commit>, GitError> {
        let moment = format!("--before={moment}");
        let out = self.ask(&["log", "-1", "--first-parent", &moment, "--format=%x01%H %ct %P", "--end-of-options", head, "--"])?;
        Ok(self.parse(&out.text()).pop())
    }

    /// Does the set of commits that only one of two has reach the end of a shallow clone's history? Then it is not whole.
    ///
    /// # Errors
    /// As [`Git::ask`].
    pub fn is_cut(&self, left: &str, right: &str) -> Result<bool, GitError> {
        let range = format!("{left}...{right}");
        Ok(!self.ask(&["rev-list", "--max-parents=0", "-n1", "--end-of-options", &range, "--"])?.stdout.is_empty())
    }

    /// Is one commit an ancestor of the other?
    ///
    /// # Errors
    /// As [`Git::ask`].
    pub fn is_ancestor(&self, old: &str, new: &str) -> Result<bool, GitError> {
        let range = format!("{new}..{old}");
        Ok(self.ask(&["rev-list", "-n1", "--end-of-options", &range, "--"])?.stdout.is_empty())
    }

    /// The contents of blobs, in one run. What the clone lacks is left out.
    ///
    /// # Errors
    /// As [`Git::ask`]; more than [`OBJECTS`] of them.
    pub fn blobs(&self, ids: &[String]) -> Result<BTreeMap<String, Vec<u8>>, GitError> {
        let mut found = BTreeMap::new();
        if ids.is_empty() {
            return Ok(found);
        }
        if ids.len() > OBJECTS {
            return Err(GitError::Objects(OBJECTS));
        }
        let input: String = ids.iter().map(|id| format!("{id}\n")).collect();
        let out = self.with(&["cat-file", "--batch"], input.as_bytes())?;
        let mut rest = out.stdout.as_slice();
        // `ID TYPE SIZE\nCONTENT\n`, or `ID missing\n`
        while let Some(line) = rest.iter().position(|b| *b == b'\n') {
            let head = String::from_utf8_lossy(rest.get(..line).unwrap_or_default()).into_owned();
            rest = rest.get(line + 1..).unwrap_or_default();
            let mut words = head.split(' ');
            let (Some(id), Some(size)) = (words.next(), words.nth(1).and_then(|s| s.parse::<usize>().ok())) else { continue };
            found.insert(id.to_owned(), rest.get(..size).unwrap_or_default().to_vec());
            rest = rest.get(size + 1..).unwrap_or_default();
        }
        Ok(found)
    }

    /// The branch that is shipped: the one that is named, else the remote's default branch, else what is checked out.
    ///
    /// # Errors
    /// The named branch is not there, or nothing is committed yet.
    pub fn shipped(&self, branch: Option<&str>) -> Result<String, GitError> {
        let Some(branch) = branch else {
            let names = ["refs/remotes/origin/HEAD", "HEAD"].map(str::to_owned);
            let first = self.commits(&names)?.into_iter().find_map(|n| if let Named::Commit(id) = n { Some(id) } else { None });
            return first.ok_or_else(|| GitError::NotThere("nothing is committed yet".to_owned()));
        };
        let names = [format!("refs/remotes/origin/{branch}"), format!("refs/heads/{branch}"), branch.to_owned()];
        if names.iter().any(|n| n.contains(char::is_whitespace)) {
            return Err(GitError::NotThere(format!("`{branch}` is no branch")));
        }
        let first = self.commits(&names)?.into_iter().find_map(|n| if let Named::Commit(id) = n { Some(id) } else { None });
        first.ok_or_else(|| GitError::NotThere(format!("there is no branch `{branch}`")))
    }

    /// The repository's remotes: name and URL, which may hold credentials.
    #[must_use]
    pub fn remote_urls(&self) -> Vec<(String, String)> {
        let Ok(out) = self.ask(&["config", "--get-regexp", r"^remote\..*\.url$"]) else { return Vec::new() };
        let one = |line: &str| {
            let (key, url) = line.split_once(' ')?;
            Some((key.strip_prefix("remote.")?.strip_suffix(".url")?.to_owned(), url.to_owned()))
        };
        out.text().lines().filter_map(one).collect()
    }

    /// The paths (`owner/name`) of the repository's remotes, lower case.
    #[must_use]
    pub fn remotes(&self) -> Vec<String> {
        let path = |(_, url): &(String, String)| {
            let url = url.trim_end_matches('/').trim_end_matches(".git");
            // `https://user@host/owner/name` or `git@host:owner/name`
            let path = match url.split_once("://") {
                Some((_, rest)) => rest.split_once('/')?.1,
                None => url.split_once(':')?.1,
            };
            Some(path.to_lowercase())
        };
        self.remote_urls().iter().filter_map(path).collect()
    }
}

/// Revisions for `--stdin`.
fn revisions(have: &[String], lack: &[String]) -> String {
    have.iter().map(|c| format!("{c}\n")).chain(lack.iter().map(|c| format!("^{c}\n"))).collect()
}
