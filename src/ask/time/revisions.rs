//! An image's tag → the commit that it was built from, how that is known, and what would mend it where it is not.
//!
//! The first form that fits wins: the user's patterns, `git describe`, a commit's id, a git tag, a series, a date.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use regex::Regex;

use super::forms;
use crate::ask::git::{Git, Named};

/// How a commit is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// The tag names it.
    Exact,
    /// The tag names a series; this is its newest.
    Floating,
    /// The tag names a day; this is the last commit before its end.
    Estimated,
    /// It is not known.
    Unknown,
}

impl Evidence {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Floating => "floating",
            Self::Estimated => "estimated",
            Self::Unknown => "unknown",
        }
    }
}

/// The commit of a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Its full id.
    pub commit: Option<String>,
    /// How it is known.
    pub evidence: Evidence,
    /// Where it is not known: why.
    pub why: Option<String>,
    /// What would mend that.
    pub mend: Option<String>,
}

impl Revision {
    fn known(commit: String, evidence: Evidence) -> Self {
        Self { commit: Some(commit), evidence, why: None, mend: None }
    }

    /// What is not known, and what would mend it.
    #[must_use]
    pub fn unknown(why: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { commit: None, evidence: Evidence::Unknown, why: Some(why.into()), mend: Some(mend.into()) }
    }
}

/// Asks one repository about tags.
pub struct Revisions<'g> {
    git: &'g Git<'g>,
    head: &'g str,
    shallow: bool,
    patterns: Vec<Regex>,
    tags: OnceCell<Result<BTreeMap<String, String>, String>>,
    named: BTreeMap<String, Named>,
}

impl<'g> Revisions<'g> {
    /// For a repository whose main line ends at `head`.
    #[must_use]
    pub fn new(git: &'g Git<'g>, head: &'g str, shallow: bool, patterns: &[String]) -> Self {
        let patterns = patterns.iter().filter_map(|p| forms::pattern(p)).collect();
        Self { git, head, shallow, patterns, tags: OnceCell::new(), named: BTreeMap::new() }
    }

    /// Asks about every id that these tags may hold, in one run.
    ///
    /// # Errors
    /// As [`Git::ask`].
    pub fn prepare<'t>(&mut self, tags: impl IntoIterator<Item = &'t str>) -> Result<(), String> {
        let mut ids: Vec<String> = tags.into_iter().flat_map(|t| self.ids(t)).filter(|id| !self.named.contains_key(id)).collect();
        ids.sort_unstable();
        ids.dedup();
        let named = self.git.commits(&ids)?;
        self.named.extend(ids.into_iter().zip(named));
        Ok(())
    }

    fn ids(&self, tag: &str) -> Vec<String> {
        self.asked(tag, "sha").into_iter().chain(forms::ids(tag)).collect()
    }

    /// What the user's patterns say of a tag.
    fn asked(&self, tag: &str, group: &str) -> Option<String> {
        self.patterns.iter().find_map(|p| Some(p.captures(tag)?.name(group)?.as_str().to_owned()))
    }

    /// Does the tag hold the id of a commit of this repository?
    #[must_use]
    pub fn holds_commit(&self, tag: &str) -> bool {
        self.ids(tag).iter().any(|id| !forms::is_date(id) && matches!(self.named.get(id), Some(Named::Commit(_))))
    }

    fn tags(&self) -> Result<&BTreeMap<String, String>, &String> {
        self.tags.get_or_init(|| self.git.tags()).as_ref()
    }

    /// The commit of a tag; `names` are those of the service, for tags that begin with them.
    #[must_use]
    pub fn resolve(&self, tag: &str, names: &[&str]) -> Revision {
        let (dates, ids): (Vec<String>, Vec<String>) = self.ids(tag).into_iter().partition(|id| forms::is_date(id));
        if let Some(found) = self.commit_of(&ids) {
            return found;
        }
        let tags = match self.tags() {
            Ok(tags) => tags,
            Err(why) => return Revision::unknown(format!("git cannot list its tags: {why}"), "run `git fsck`"),
        };
        let asked = self.asked(tag, "version");
        let written = asked.as_deref().unwrap_or(tag);
        if let Some(commit) = forms::spellings(written, names).iter().find_map(|name| tags.get(name)) {
            return Revision::known(commit.clone(), Evidence::Exact);
        }
        if let Some(commit) = forms::newest_of_series(written, names, tags) {
            return Revision::known(commit, Evidence::Floating);
        }
        if let Some(found) = self.commit_of(&dates) {
            return found;
        }
        let day = self.asked(tag, "date").and_then(|d| forms::day(&d)).or_else(|| forms::day_in(tag));
        match day {
            Some(day) => self.last_before(&day),
            None => self.no_commit(tag, &ids, tags.is_empty()),
        }
    }

    fn commit_of(&self, ids: &[String]) -> Option<Revision> {
        for id in ids {
            match self.named.get(id) {
                Some(Named::Commit(commit)) => return Some(Revision::known(commit.clone(), Evidence::Exact)),
                Some(Named::Ambiguous) => {
                    let why = format!("several commits begin with `{id}`");
                    return Some(Revision::unknown(why, "put a longer commit id in the tag"));
                }
                Some(Named::No) | None => {}
            }
        }
        None
    }

    /// The last commit of the main line before the end of a day.
    fn last_before(&self, day: &str) -> Revision {
        match self.git.before(self.head, &format!("{day}T23:59:59Z")) {
            Ok(Some(commit)) if commit.has_parent || !self.shallow => Revision::known(commit.id, Evidence::Estimated),
            Ok(_) if self.shallow => Revision::unknown(
                format!("the tag names the day {day}, and the history of this shallow clone does not reach back to it"),
                format!("`git fetch --shallow-since={day}`"),
            ),
            Ok(_) => Revision::unknown(format!("no commit is older than {day}, which the tag names"), "tag images with the commit's id"),
            Err(why) => Revision::unknown(why, "run `git fsck`"),
        }
    }

    /// Why a tag leads to no commit.
    fn no_commit(&self, tag: &str, ids: &[String], no_tags: bool) -> Revision {
        let fetch = "`git fetch --unshallow --tags` (in actions/checkout: `fetch-depth: 0`)";
        let version = forms::is_version(tag);
        if let Some(id) = ids.first().filter(|_| !version) {
            return if self.shallow {
                Revision::unknown(format!("this clone is shallow and does not hold a commit `{id}`"), fetch)
            } else {
                Revision::unknown(
                    format!("no commit of this repository begins with `{id}`"),
                    "`git fetch --all`; if the image is built elsewhere, say so in `time.paths` or leave it out with an ignore",
                )
            };
        }
        if forms::is_build_number(tag) {
            return Revision::unknown(format!("`{tag}` is a number, which names no commit"), "tag images with the commit's id");
        }
        if version && self.shallow {
            return Revision::unknown(format!("this clone is shallow and holds no git tag `{tag}` or `v{tag}`"), fetch);
        }
        if version && no_tags {
            return Revision::unknown(format!("this clone holds no git tags, so `{tag}` names no commit"), "`git fetch --tags`");
        }
        if version {
            return Revision::unknown(
                format!("there is no git tag for the version `{tag}`"),
                "`git fetch --tags`; tag the commit of each release, or tag images with the commit's id",
            );
        }
        Revision::unknown(format!("the tag `{tag}` names no commit"), "pin a version or a commit's id in production")
    }
}
