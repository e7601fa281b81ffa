//! An image's tag → the commit that it was built from, how that is known, and what would mend it where it is not.
//!
//! The first form that fits wins: the user's patterns, `git describe`, a commit's id, a git tag, a series, a date.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::forms;
use super::own::Whose;
use super::patterns::{Pattern, Said};
use crate::ask::git::{Git, GitError, Named};

/// How a commit is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// The tag names it.
    Exact,
    /// The tag names a series; this is its newest.
    Floating,
    /// The tag names a day; this is the last commit before its end.
    Estimated,
    /// GitHub's newest deployment that succeeded is of it.
    Observed,
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
            Self::Observed => "observed",
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
    /// What leads to it, in words.
    pub because: Option<String>,
    /// Where it is not known: why.
    pub why: Option<String>,
    /// What would mend that.
    pub mend: Option<String>,
    /// Names of the commit that only the whole history knows.
    pub elsewhere: Vec<String>,
}

impl Revision {
    pub(super) fn known(commit: impl Into<String>, evidence: Evidence, because: String) -> Self {
        Self { commit: Some(commit.into()), evidence, because: Some(because), why: None, mend: None, elsewhere: Vec::new() }
    }

    /// What is not known, and what would mend it.
    #[must_use]
    pub fn unknown(why: impl Into<String>, mend: impl Into<String>) -> Self {
        let (because, elsewhere) = (None, Vec::new());
        Self { commit: None, evidence: Evidence::Unknown, because, why: Some(why.into()), mend: Some(mend.into()), elsewhere }
    }
}

/// Asks one repository about tags.
pub struct Revisions<'g> {
    git: &'g Git<'g>,
    head: &'g str,
    shallow: bool,
    patterns: Vec<Pattern>,
    tags: OnceCell<Result<BTreeMap<String, String>, GitError>>,
    named: BTreeMap<String, Named>,
}

impl<'g> Revisions<'g> {
    /// For a repository whose main line ends at `head`; of the patterns the first that fits a tag says what it means.
    #[must_use]
    pub(super) fn new(git: &'g Git<'g>, head: &'g str, shallow: bool, patterns: Vec<Pattern>) -> Self {
        Self { git, head, shallow, patterns, tags: OnceCell::new(), named: BTreeMap::new() }
    }

    /// Asks about every id that these tags may hold, in one run.
    ///
    /// # Errors
    /// As [`Git::ask`].
    pub fn prepare<'t>(&mut self, tags: impl IntoIterator<Item = &'t str>) -> Result<(), GitError> {
        let mut ids: Vec<String> = tags.into_iter().flat_map(|t| self.ids(t)).filter(|id| !self.named.contains_key(id)).collect();
        ids.sort_unstable();
        ids.dedup();
        let named = self.git.commits(&ids)?;
        self.named.extend(ids.into_iter().zip(named));
        Ok(())
    }

    /// What may be a commit's id.
    fn ids(&self, tag: &str) -> Vec<String> {
        self.patterns.iter().filter_map(|p| p.of(tag)?.sha).chain(forms::ids(tag)).collect()
    }

    /// Does the tag hold the id of a commit of this repository?
    #[must_use]
    pub fn holds_commit(&self, tag: &str) -> bool {
        self.ids(tag).iter().any(|id| !forms::is_date(id) && matches!(self.named.get(id), Some(Named::Commit(_))))
    }

    /// The commit of this repository that an id names.
    pub(super) fn of_id(&self, id: &str) -> Option<&str> {
        self.named.get(id).and_then(|named| if let Named::Commit(commit) = named { Some(commit.as_str()) } else { None })
    }

    fn tags(&self) -> Result<&BTreeMap<String, String>, &GitError> {
        self.tags.get_or_init(|| self.git.tags()).as_ref()
    }

    /// The commit of a service's tag.
    #[must_use]
    pub fn resolve(&self, tag: &str, whose: &Whose<'_>) -> Revision {
        match self.patterns.iter().find_map(|p| p.said(tag, whose)) {
            Some(said) => self.as_said(tag, &said, whose),
            None => self.by_form(tag, whose),
        }
    }

    /// The commit of a tag of which it is said what it is made of.
    fn as_said(&self, tag: &str, said: &Said, whose: &Whose<'_>) -> Revision {
        let mut found = if let Some(sha) = &said.sha {
            let ids = std::slice::from_ref(sha);
            self.commit_of(ids).unwrap_or_else(|| self.no_commit(tag, ids, false, false))
        } else if let Some(version) = &said.version {
            match self.tags() {
                Ok(tags) => self.of_version(version, whose, tags).unwrap_or_else(|| self.no_commit(version, &[], true, tags.is_empty())),
                Err(why) => return by_git("git cannot list its tags", why),
            }
        } else {
            let date = said.date.as_deref().unwrap_or_default();
            let ids: Vec<String> = forms::ids(tag).into_iter().filter(|id| !forms::is_date(id)).collect();
            let day = forms::day(date).unwrap_or_default();
            self.commit_of(&ids).unwrap_or_else(|| self.last_before(&day))
        };
        let by = |words: String| format!("{words}, as {} says", said.by);
        found.because = found.because.map(by);
        found.why = found.why.map(by);
        found
    }

    /// The commit of a tag, by the first form that fits.
    fn by_form(&self, tag: &str, whose: &Whose<'_>) -> Revision {
        let (dates, ids): (Vec<String>, Vec<String>) = forms::ids(tag).into_iter().partition(|id| forms::is_date(id));
        if let Some(found) = self.commit_of(&ids) {
            return found;
        }
        let tags = match self.tags() {
            Ok(tags) => tags,
            Err(why) => return by_git("git cannot list its tags", why),
        };
        if let Some(found) = self.of_version(tag, whose, tags).or_else(|| self.commit_of(&dates)) {
            return found;
        }
        match forms::day_in(tag) {
            Some(day) => self.last_before(&day),
            None => self.no_commit(tag, &ids, forms::is_version(tag), tags.is_empty()),
        }
    }

    /// The git tag of a version, else the newest of the series that it names.
    fn of_version(&self, version: &str, whose: &Whose<'_>, tags: &BTreeMap<String, String>) -> Option<Revision> {
        let spelled = forms::spellings(version, &whose.names).into_iter().find_map(|name| Some((tags.get(&name)?, name)));
        if let Some((commit, name)) = spelled {
            return Some(Revision::known(commit, Evidence::Exact, format!("git tag `{name}`")));
        }
        let (name, commit) = forms::newest_of_series(version, &whose.names, tags)?;
        Some(Revision::known(commit, Evidence::Floating, format!("git tag `{name}`, the newest of the series `{version}`")))
    }

    fn commit_of(&self, ids: &[String]) -> Option<Revision> {
        for id in ids {
            match self.named.get(id) {
                Some(Named::Commit(commit)) => {
                    return Some(Revision::known(commit, Evidence::Exact, format!("the tag holds the commit's id `{id}`")));
                }
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
            Ok(Some(commit)) if commit.has_parent || !self.shallow => {
                Revision::known(commit.id, Evidence::Estimated, format!("the last commit before the end of {day}, the day in the tag"))
            }
            Ok(_) if self.shallow => Revision::unknown(
                format!("the tag names the day {day}, and the history of this shallow clone does not reach back to it"),
                format!("`git fetch --shallow-since={day}`"),
            ),
            Ok(_) => Revision::unknown(format!("no commit is older than {day}, which the tag names"), "tag images with the commit's id"),
            Err(why) => by_git("git cannot list its commits", &why),
        }
    }

    /// Why a tag leads to no commit.
    fn no_commit(&self, tag: &str, ids: &[String], version: bool, no_tags: bool) -> Revision {
        let fetch = "`git fetch --unshallow --tags` (in actions/checkout: `fetch-depth: 0`)";
        if let Some(id) = ids.first().filter(|_| !version) {
            return if self.shallow {
                let unknown = Revision::unknown(format!("this clone is shallow and does not hold a commit `{id}`"), fetch);
                Revision { elsewhere: vec![id.clone()], ..unknown }
            } else {
                Revision::unknown(
                    format!("no commit of this repository begins with `{id}`"),
                    "`git fetch --all`; if the image is built elsewhere, say so in `time.paths` or leave it out with an ignore",
                )
            };
        }
        if !version && forms::is_build_number(tag) {
            return Revision::unknown(format!("`{tag}` is a number, which names no commit"), "tag images with the commit's id");
        }
        if version && self.shallow {
            let unknown = Revision::unknown(format!("this clone is shallow and holds no git tag `{tag}` or `v{tag}`"), fetch);
            let bare = tag.trim_start_matches('v');
            return Revision { elsewhere: vec![tag.to_owned(), format!("v{bare}"), bare.to_owned()], ..unknown };
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

/// What git could not tell.
fn by_git(what: &str, why: &GitError) -> Revision {
    Revision { mend: why.mend().map(str::to_owned), ..Revision::unknown(format!("{what}: {why}"), "") }
}
