//! History and CODEOWNERS → how many of those who change the app also change production's manifests.
//!
//! Names and addresses are compared in memory as salted hashes and are in no output: nothing here can show one. What is too
//! little to hide a person in a number is not told.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher;

use super::{Asked, DAY, paths};
use crate::ask::git::{Git, GitError};
use crate::formats::Manifest;
use crate::workspace::{Workspace, root_of};

/// Days that are looked at.
const WINDOW: i64 = 365;

/// Fewest days of history of which anything is told.
const SHORTEST: i64 = 90;

/// Fewest changes to production's manifests, and fewest people on either side, of which anything is told.
const CHANGES: usize = 20;
const PEOPLE: usize = 4;

/// Who may, and who did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Teams {
    /// What CODEOWNERS says of both, or why it cannot be read; `None` without a rule for production's manifests.
    pub owners: Result<Option<Owners>, String>,
    /// What history says, or why that is not told.
    pub changes: Result<Changes, String>,
}

/// The owners of both, compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owners {
    /// Have they none in common?
    pub apart: bool,
    /// Both, in words: teams by their handle, people by their number.
    pub words: String,
}

/// Changes and people, as numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Changes to production's manifests.
    pub production: usize,
    /// Of these, by people who also changed the app.
    pub by_both: usize,
    /// People who changed the app.
    pub writers: usize,
    /// Of these, who also changed production's manifests.
    pub shippers: usize,
}

/// One commit: its people and where it was.
struct Work {
    people: BTreeSet<u64>,
    bot: bool,
    app: bool,
    production: bool,
}

/// What history and CODEOWNERS tell of the app and of production's manifests.
#[must_use]
pub fn teams(asked: &Asked<'_>, manifests: &[Manifest]) -> Teams {
    let production = paths::excluded(asked.workspace, manifests);
    let elsewhere = |m: &Manifest| m.paths.iter().all(|p| !root_of(asked.workspace, p).is_empty());
    if !manifests.is_empty() && manifests.iter().all(elsewhere) {
        return Teams { owners: Ok(None), changes: Err("production's manifests lie in another repository".to_owned()) };
    }
    Teams { owners: owners(asked.workspace, &production), changes: changes(asked, &production) }
}

fn changes(asked: &Asked<'_>, production: &[String]) -> Result<Changes, String> {
    if production.is_empty() {
        return Err("production's manifests are not in a place of their own".to_owned());
    }
    let git = Git::open(asked.programs, asked.dir)?;
    if git.is_shallow() {
        return Err("this clone is shallow; `git fetch --unshallow` brings the history".to_owned());
    }
    let head = asked.head.map_or_else(|| git.shipped(asked.config.time.branch.as_deref()), |h| Ok(h.to_owned()))?;
    let now = asked.now();
    let work = work(&git, &head, now - WINDOW * DAY, production)?;
    let first = git.before(&head, &super::moment(now - SHORTEST * DAY))?;
    if first.is_none() {
        return Err(format!("there are fewer than {SHORTEST} days of history"));
    }
    told(&work)
}

/// What may be told of it.
fn told(work: &[Work]) -> Result<Changes, String> {
    let production: Vec<&Work> = work.iter().filter(|w| w.production).collect();
    let human: Vec<&&Work> = production.iter().filter(|w| !w.bot).collect();
    if (production.len() - human.len()) * 5 > production.len() * 4 {
        return Err("more than four of five changes to production's manifests were made by bots".to_owned());
    }
    if human.len() < CHANGES {
        return Err(format!("fewer than {CHANGES} changes to production's manifests were made by people in the last year"));
    }
    let people = |of: &mut dyn Iterator<Item = &Work>| of.flat_map(|w| w.people.iter().copied()).collect::<BTreeSet<u64>>();
    let writers = people(&mut work.iter().filter(|w| w.app && !w.bot));
    let shippers = people(&mut human.iter().map(|w| **w));
    if writers.len() < PEOPLE || shippers.len() < PEOPLE {
        return Err(format!("fewer than {PEOPLE} people changed the app, or production's manifests, in the last year"));
    }
    Ok(Changes {
        production: human.len(),
        by_both: human.iter().filter(|w| w.people.iter().any(|p| writers.contains(p))).count(),
        writers: writers.len(),
        shippers: writers.intersection(&shippers).count(),
    })
}

/// Every commit of the time, with its people as numbers that mean nothing outside this run.
fn work(git: &Git<'_>, head: &str, since: i64, production: &[String]) -> Result<Vec<Work>, GitError> {
    let since = format!("--since={}", super::moment(since));
    let format = "--format=%x01%aN%x02%aE%x02%(trailers:key=Co-authored-by,valueonly,separator=%x03)%x02";
    let args = [
        "-c",
        "log.mailmap=true",
        "log",
        "--no-merges",
        "--relative",
        "--name-only",
        "--no-renames",
        "-z",
        &since,
        format,
        "--end-of-options",
        head,
        "--",
        ".",
    ];
    let out = git.ask(&args)?.text();
    let salt = RandomState::new();
    Ok(out.split('\u{1}').filter_map(|record| one(record, production, &salt)).collect())
}

fn one(record: &str, production: &[String], salt: &RandomState) -> Option<Work> {
    let mut fields = record.splitn(4, '\u{2}');
    let (name, address, others, files) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let mut work = Work { people: BTreeSet::from([person(address, salt)]), bot: is_bot(name, address), app: false, production: false };
    for other in others.split('\u{3}').filter_map(|o| o.rsplit_once('<')) {
        if !is_bot(other.0.trim(), other.1) {
            work.people.insert(person(other.1.trim_end_matches(['>', ' ', '\n']), salt));
        }
    }
    for file in files.split('\0').map(|f| f.trim_start_matches('\n')).filter(|f| !f.is_empty()) {
        if production.iter().any(|p| file == p || file.strip_prefix(p.as_str()).is_some_and(|rest| rest.starts_with('/'))) {
            work.production = true;
        } else if !file.ends_with(".md") && !file.starts_with(".github/") {
            work.app = true;
        }
    }
    Some(work)
}

/// A person as a number: the address, where GitHub's own addresses are those of their login.
fn person(address: &str, salt: &RandomState) -> u64 {
    let address = address.trim().to_lowercase();
    let login = address.strip_suffix("@users.noreply.github.com").map(|login| login.split_once('+').map_or(login, |(_, l)| l).to_owned());
    salt.hash_one(login.unwrap_or(address))
}

/// Names of programs that commit.
const BOTS: [&str; 9] = [
    "renovate",
    "dependabot",
    "github-actions",
    "github action",
    "argocd-image-updater",
    "fluxcdbot",
    "fluxbot",
    "weblate",
    "pre-commit-ci",
];

fn is_bot(name: &str, address: &str) -> bool {
    let (name, address) = (name.to_lowercase(), address.to_lowercase());
    name.ends_with("[bot]")
        || address.contains("[bot]@")
        || name.ends_with("-robot")
        || name.ends_with("-bot")
        || BOTS.iter().any(|b| name.starts_with(b))
}

/// What CODEOWNERS says of production's manifests and of the rest. GitHub reads the first that is there (docs.github.com, "About code
/// owners").
fn owners(workspace: &dyn Workspace, production: &[String]) -> Result<Option<Owners>, String> {
    let files = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];
    let Some(file) = files.into_iter().find(|f| workspace.exists(f)) else { return Ok(None) };
    let source = workspace.read(file).map_err(|problem| problem.message)?;
    Ok(stated(source.text(), production))
}

/// What the text of CODEOWNERS says: the last rule that fits a path counts.
fn stated(text: &str, production: &[String]) -> Option<Owners> {
    let rules: Vec<(&str, BTreeSet<&str>)> = text.lines().filter_map(rule).collect();
    let last = |path: &str| rules.iter().rev().find(|(pattern, _)| fits(pattern, path)).map(|(_, owners)| owners);
    let ours: BTreeSet<&str> = production.iter().filter_map(|p| last(p)).flatten().copied().collect();
    let of_production = |pattern: &str| production.iter().any(|p| fits(pattern, p));
    let app: BTreeSet<&str> =
        rules.iter().filter(|(pattern, _)| *pattern == "*" || !of_production(pattern)).flat_map(|(_, o)| o).copied().collect();
    if ours.is_empty() || app.is_empty() {
        return None;
    }
    Some(Owners { apart: ours.is_disjoint(&app), words: format!("{} for the app, {} for production", words(&app), words(&ours)) })
}

/// `PATTERN OWNER...`
fn rule(line: &str) -> Option<(&str, BTreeSet<&str>)> {
    let line = line.split(" #").next()?.trim();
    let mut words = line.split_whitespace();
    let pattern = words.next().filter(|p| !p.starts_with('#') && !p.starts_with('['))?;
    Some((pattern, words.collect()))
}

/// Does a pattern of CODEOWNERS (gitignore's, github.com docs "About code owners") hold for a path?
fn fits(pattern: &str, path: &str) -> bool {
    let anchored = pattern.trim_end_matches('/').contains('/');
    let bare = pattern.trim_start_matches('/').trim_end_matches('/').trim_end_matches("/**").trim_end_matches("/*");
    if bare == "*" || bare == "**" {
        return true;
    }
    let glob = if anchored { bare.to_owned() } else { format!("**/{bare}") };
    let below = format!("{glob}/**");
    [glob, below]
        .iter()
        .any(|g| globset::GlobBuilder::new(g).literal_separator(true).build().is_ok_and(|g| g.compile_matcher().is_match(path)))
}

/// Teams by their handle; people only by their number.
fn words(owners: &BTreeSet<&str>) -> String {
    let (teams, people): (Vec<&str>, Vec<&str>) = owners.iter().partition(|o| o.starts_with('@') && o.contains('/'));
    let mut parts: BTreeMap<usize, String> = teams.iter().enumerate().map(|(i, t)| (i, format!("`{t}`"))).collect();
    if !people.is_empty() {
        let one = if people.len() == 1 { "person" } else { "people" };
        parts.insert(usize::MAX, format!("{} {one}", people.len()));
    }
    parts.into_values().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::MemoryWorkspace;

    #[test]
    fn the_last_rule_that_fits_counts_and_people_are_not_named() {
        let text = "# owners\n* @acme/devs @ada\n/deploy/ @acme/ops bob@example.com\n";
        let workspace = MemoryWorkspace::new([("CODEOWNERS", text)]);
        let found = |workspace: &MemoryWorkspace| owners(workspace, &["deploy/prod".to_owned()]).expect("read").expect("owners");
        let (owned, workspace) = (found(&workspace), MemoryWorkspace::new([("CODEOWNERS", "* @acme/devs\n")]));
        assert!(owned.apart);
        assert_eq!(owned.words, "`@acme/devs`, 1 person for the app, `@acme/ops`, 1 person for production");
        assert!(!found(&workspace).apart);
        assert_eq!(owners(&MemoryWorkspace::default(), &["deploy".to_owned()]), Ok(None));
        let broken = MemoryWorkspace::new([(".github/CODEOWNERS", b"\xff".to_vec()), ("CODEOWNERS", b"* @acme/devs\n".to_vec())]);
        assert_eq!(owners(&broken, &["deploy".to_owned()]), Err("`.github/CODEOWNERS` is not valid UTF-8 (line 1)".to_owned()));
    }

    #[test]
    fn two_addresses_of_github_are_one_person_and_bots_are_none() {
        let salt = RandomState::new();
        assert_eq!(person("12+ada@users.noreply.github.com", &salt), person("Ada@users.noreply.github.com", &salt));
        assert_ne!(person("ada@example.com", &salt), person("bob@example.com", &salt));
        assert!(is_bot("renovate[bot]", "x@y") && is_bot("k8s-ci-robot", "x@y") && !is_bot("Ada", "ada@example.com"));
    }

    #[test]
    fn too_few_are_not_told() {
        let commit = |who: u64, production: bool| Work { people: BTreeSet::from([who]), bot: false, app: !production, production };
        let few: Vec<Work> = (0..30).map(|i| commit(i % 3, true)).collect();
        assert!(told(&few).expect_err("too few people").contains("people"));
        let mut all: Vec<Work> = (0..30).map(|i| commit(i % 5, true)).collect();
        all.extend((3..9).map(|i| commit(i, false)));
        let changes = told(&all).expect("enough");
        assert_eq!((changes.production, changes.by_both, changes.writers, changes.shippers), (30, 12, 6, 2));
        assert!(told(&all[..10]).is_err());
    }
}
