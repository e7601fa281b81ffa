//! Findings → edits that bring development to production, never to the newest, and keep the file's formatting.
//!
//! Every edit is tried on a copy first: it stays where the files are read again without a new problem, the finding is
//! gone, and no other service says anything else. What cannot be mended is said, with the reason.

use std::collections::BTreeMap;

use crate::config::Options;
use crate::error::Error;
use crate::finding::{Finding, Fix};
use crate::inventory::{Fact, Software};
use crate::report::{ComparisonReport, Problem, Report, Suggestion};
use crate::rules::Severity;
use crate::run;
use crate::source::Location;
use crate::workspace::Workspace;

mod check;
mod edit;
mod keys;
mod origin;
mod place;
mod tag;

use check::Before;
use edit::{Edit, Edited};

/// Environments that are brought to the other without being named.
const DEVELOPMENT: [&str; 6] = ["dev", "development", "local", "ci", "test", "testing"];

/// What is changed, and what is left.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The files that change, in order.
    pub files: Vec<Changed>,
    /// What the changes do: place and words, in order.
    pub done: Vec<(Location, String)>,
    /// What is left of what could be mended by an edit: place, finding and reason, in order.
    pub left: Vec<Left>,
    /// How many findings are about something else than what development states.
    pub others: usize,
    /// What could not be read or understood, and may hold what would be mended.
    pub problems: Vec<Problem>,
    /// The edits, by the fingerprint of each finding that they mend.
    pub edits: BTreeMap<String, Vec<Suggestion>>,
}

/// A file with its text before and after.
#[derive(Clone)]
pub struct Changed {
    /// Its path.
    pub path: String,
    /// Its text as it was read.
    pub before: String,
    /// Its new text.
    pub after: String,
}

impl std::fmt::Debug for Changed {
    /// The path alone: a file may hold values of environment variables.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Changed({:?})", self.path)
    }
}

impl Changed {
    /// The change as a unified diff without context.
    #[must_use]
    pub fn diff(&self) -> String {
        edit::diff(&self.path, &self.before, &self.after)
    }
}

/// A finding that no edit mends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Left {
    /// Where.
    pub at: Location,
    /// The finding's rule.
    pub rule: &'static str,
    /// The service it is about.
    pub service: String,
    /// Why it is left: one lower-case phrase.
    pub why: String,
}

/// The edits of findings that are made together or not at all.
struct Group {
    findings: Vec<Finding>,
    edits: Vec<Edit>,
    /// The texts of the statements that change: before and after.
    texts: Vec<(String, String)>,
    words: Vec<(Location, String)>,
    /// Statements of the same findings that stay.
    left: Vec<Left>,
}

/// What would bring the first environments of all comparisons to the second.
///
/// # Errors
/// Those of [`run::diff`].
pub fn plan(workspace: &dyn Workspace, options: &Options) -> Result<Plan, Error> {
    let before = run::diff(workspace, options)?;
    let (mut plan, mut groups) = (Plan::default(), Vec::new());
    let mut keys: BTreeMap<(String, usize), (Location, Vec<Finding>)> = BTreeMap::new();
    for finding in before.findings.iter().filter(|f| options.from.is_some() || DEVELOPMENT.contains(&f.from.as_str())) {
        match &finding.fix {
            Some(Fix::Version { stated, to }) => match versions(finding, stated, to, &before, workspace, options) {
                Ok(group) => groups.push(group),
                Err(left) => plan.left.extend(left),
            },
            Some(Fix::Key { service, .. }) => {
                let place = (service.path().to_owned(), service.span().start);
                keys.entry(place).or_insert_with(|| (service.clone(), Vec::new())).1.push(finding.clone());
            }
            None if finding.rule == "tools/kind-mismatch" && finding.severity > Severity::Info => {
                plan.left.extend(left(finding, None, "other software is a decision, not an edit"));
            }
            None => plan.others += 1,
        }
    }
    for (service, findings) in keys.into_values() {
        match named(&service, findings, &before, workspace) {
            Ok(group) => groups.push(group),
            Err(left) => plan.left.extend(left),
        }
    }
    let accepted = tried(groups, &before, workspace, options, &mut plan.left);
    let edits: Vec<Edit> = accepted.iter().flat_map(|g| g.edits.clone()).collect();
    for (path, (source, after)) in edit::apply(&edits) {
        plan.files.push(Changed { path, before: source.text().to_owned(), after });
    }
    for group in accepted {
        for finding in group.findings.iter().filter(|_| group.left.is_empty()) {
            let edits = group.edits.iter().map(|e| Suggestion { at: e.at.clone(), with: e.with.clone() });
            plan.edits.entry(finding.fingerprint()).or_default().extend(edits);
        }
        plan.done.extend(group.words);
        plan.left.extend(group.left);
    }
    plan.problems = before.problems;
    plan.done.sort();
    plan.done.dedup();
    plan.left.sort();
    plan.left.dedup();
    Ok(plan)
}

fn left(finding: &Finding, at: Option<&Location>, why: impl Into<String>) -> Option<Left> {
    let at = at.or_else(|| finding.places.first().map(|p| &p.at))?.clone();
    Some(Left { at, rule: finding.rule, service: finding.service.clone(), why: why.into() })
}

/// The edits that bring every statement of a service to what production states.
fn versions(
    finding: &Finding,
    stated: &[Fact<Software>],
    to: &Fact<Software>,
    report: &Report,
    workspace: &dyn Workspace,
    options: &Options,
) -> Result<Group, Vec<Left>> {
    let mut group = Group { findings: vec![finding.clone()], edits: Vec::new(), texts: Vec::new(), words: Vec::new(), left: Vec::new() };
    let given = options.read_of(&finding.from).env_files;
    for (i, fact) in stated.iter().enumerate() {
        let made = match (&fact.value.known(), to.value.known()) {
            (None, _) => Err(fact.value.why_unknown().unwrap_or_default().to_owned()),
            (_, None) => Err("what production runs is not known".to_owned()),
            // What another manifest says of the same need may be right already.
            (Some(is), Some(to)) if i > 0 && check::alike(is, to) => continue,
            (Some(is), Some(to)) => tag::toward(is, to).and_then(|new| {
                let manifest = check::manifest_of(report, finding, &fact.at);
                let edits = place::edits(&fact.at, &is.text, &new, workspace, &given, manifest)?;
                Ok((is.text.clone(), new.text, edits))
            }),
        };
        match made {
            Ok((is, new, edits)) => {
                let to = &to.at;
                let words = format!("`{}`: `{is}` → `{new}`, as {} has it at {to}", finding.service, finding.to);
                group.words.push((fact.at.clone(), words));
                group.texts.push((is, new));
                group.edits.extend(edits);
            }
            Err(why) => group.left.extend(left(finding, Some(&fact.at), why)),
        }
    }
    if group.edits.is_empty() { Err(group.left) } else { Ok(group) }
}

/// The edits that name missing keys of a service.
fn named(service: &Location, findings: Vec<Finding>, report: &Report, workspace: &dyn Workspace) -> Result<Group, Vec<Left>> {
    let mut names: Vec<String> = findings.iter().map(|f| f.subject.clone()).collect();
    names.sort();
    names.dedup();
    let plain =
        |key: &String| key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !key.starts_with(|c: char| c.is_ascii_digit());
    let refused = |why: &str| Err(findings.iter().filter_map(|f| left(f, None, why)).collect());
    if !names.iter().all(plain) {
        return refused("a key among them is no plain name, which a file may read otherwise");
    }
    let Some(first) = findings.first() else { return Err(Vec::new()) };
    let of = |c: &&ComparisonReport| c.unit == first.unit && c.from == first.from;
    let manifests = report.comparisons.iter().filter(of).flat_map(|c| &c.from_manifests);
    let example = manifests.filter(|m| m.format == "dotenv").find_map(|m| m.paths.first());
    let documented = example.and_then(|path| keys::documented(path, &names, workspace));
    let set = keys::compose(service, &names, workspace);
    let edits: Vec<Edit> = [documented, set].into_iter().flatten().collect();
    if edits.is_empty() {
        return refused("there is no `.env.example`, and no `environment` of a compose service that could take it on a line of its own");
    }
    let places = edits.iter().map(|e| format!("`{}`", e.at.path())).collect::<Vec<_>>().join(" and ");
    let words = names.iter().map(|key| (service.clone(), format!("`{}`: `{key}` is named in {places}, without a value", first.service)));
    Ok(Group { words: words.collect(), findings, edits, texts: Vec::new(), left: Vec::new() })
}

/// The groups that do what they say and nothing else.
fn tried(groups: Vec<Group>, before: &Report, workspace: &dyn Workspace, options: &Options, out: &mut Vec<Left>) -> Vec<Group> {
    let mut fits: Vec<Group> = Vec::new();
    for group in groups {
        let clash = fits.iter().flat_map(|g| &g.edits).any(|a| group.edits.iter().any(|b| a.clashes(b)));
        if clash {
            out.extend(refused(&group, "another finding wants another text at the same place"));
        } else {
            fits.push(group);
        }
    }
    let before = Before::of(before);
    let judge = |groups: &[&Group]| {
        let edits: Vec<Edit> = groups.iter().flat_map(|g| g.edits.clone()).collect();
        let after = run::diff(&Edited::new(workspace, &edit::apply(&edits)), options).map_err(|e| e.message)?;
        before.holds(groups, &after)
    };
    let mut trial = Trial { judge, tries: TRIES, holds: Vec::new(), refused: BTreeMap::new() };
    let numbers: Vec<usize> = (0..fits.len()).collect();
    trial.of(&fits, &numbers);
    let (refusals, mut accepted) = (trial.refused, Vec::new());
    for (number, group) in fits.into_iter().enumerate() {
        match refusals.get(&number) {
            Some(why) => out.extend(refused(&group, why)),
            None => accepted.push(group),
        }
    }
    accepted
}

fn refused(group: &Group, why: &str) -> Vec<Left> {
    group.findings.iter().filter_map(|f| left(f, None, why)).collect()
}

/// So often everything is read again to find the edits that do something else.
const TRIES: usize = 64;

/// Which groups hold together, found by halves: each try reads everything again.
struct Trial<J> {
    judge: J,
    /// How many tries are left.
    tries: usize,
    /// The numbers of the groups that hold.
    holds: Vec<usize>,
    /// Why the others do not.
    refused: BTreeMap<usize, String>,
}

impl<J: Fn(&[&Group]) -> Result<(), String>> Trial<J> {
    /// Tries groups with those that hold: all of them, else each half.
    fn of(&mut self, all: &[Group], numbers: &[usize]) {
        if numbers.is_empty() {
            return;
        }
        let Some(left) = self.tries.checked_sub(1) else {
            let why = format!("which edits can be made was not found within {TRIES} tries; `parity fix` again tries what is left");
            self.refused.extend(numbers.iter().map(|n| (*n, why.clone())));
            return;
        };
        self.tries = left;
        let groups: Vec<&Group> = self.holds.iter().chain(numbers).filter_map(|n| all.get(*n)).collect();
        match ((self.judge)(&groups), numbers) {
            (Ok(()), _) => self.holds.extend(numbers),
            (Err(why), [one]) => drop(self.refused.insert(*one, why)),
            (Err(_), _) => {
                let (first, second) = numbers.split_at(numbers.len() / 2);
                self.of(all, first);
                self.of(all, second);
            }
        }
    }
}
