//! What registries and GitHub say of production → the commit of a service where its manifest does not tell, and what waits
//! where the clone's history does not reach.

use std::collections::BTreeMap;

use super::own::Pinned;
use super::revisions::{Evidence, Revision, Revisions};
use super::{Asked, Entry, moment};
use crate::ask::World;
use crate::ask::deployments::{Between, Deployment};
use crate::ask::git::Git;
use crate::ask::registry::Labels;
use crate::publish::Repository;
use crate::report::{Problem, summary};

/// How many names of one commit are tried.
const NAMES: usize = 3;

/// What was asked of the world, and what it said.
pub(super) struct Outside<'a> {
    github: Option<(&'a World, Repository)>,
    /// What images state of themselves, by their references.
    images: &'a BTreeMap<String, Labels>,
    /// The newest deployment.
    pub(super) deployment: Option<Deployment>,
    /// What could not be asked.
    pub(super) problems: Vec<Problem>,
}

impl<'a> Outside<'a> {
    /// Asks what is deployed, where it may ask and the repository is on GitHub.
    pub(super) fn ask(asked: &Asked<'a>, git: &Git<'_>, images: &'a BTreeMap<String, Labels>, environment: &str) -> Self {
        let mut out = Self { github: None, images, deployment: None, problems: Vec::new() };
        let Some(world) = asked.online else { return out };
        let Some(repository) = world.repository(&git.remote_urls()) else { return out };
        match world.deployed(&repository, environment) {
            Ok(found) => out.deployment = found,
            Err(why) => out.problem(format!("GitHub does not say what is deployed to `{environment}`: {why}"), "deployments: read"),
        }
        out.github = Some((world, repository));
        out
    }

    fn problem(&mut self, message: String, permission: &str) {
        let help = format!("a token in `GITHUB_TOKEN` or `GH_TOKEN` needs `{permission}`");
        self.problems.push(Problem::of_run(message).warning().help(help));
    }

    /// What is said of a service beyond its tag: the label of its image before the tag, a deployment after it.
    pub(super) fn revise(&self, pinned: &Pinned<'_>, written: Revision, revisions: &Revisions<'_>) -> Revision {
        if let Some(commit) = label(pinned, self.images).and_then(|id| revisions.of_id(id)) {
            return Revision::known(commit, Evidence::Exact, "the image's label `org.opencontainers.image.revision`".to_owned());
        }
        let Some(deployment) = self.deployment.as_ref().filter(|_| written.commit.is_none()) else { return written };
        let mut out = Revision::known(&deployment.commit, Evidence::Observed, words(deployment));
        if revisions.of_id(&deployment.commit).is_none() {
            out.why = Some(format!("this clone does not hold the commit {} that is deployed", short(&deployment.commit)));
            out.mend = Some("`git fetch --unshallow` (in actions/checkout: `fetch-depth: 0`)".to_owned());
            out.elsewhere = vec![deployment.commit.clone()];
        }
        out
    }

    /// What a deployment says beside a commit that is known otherwise.
    pub(super) fn note(&self, entry: &mut Entry, environment: &str) {
        match (&self.deployment, &entry.report.commit) {
            (Some(d), Some(commit)) if d.commit != *commit => {
                entry.report.notes.push(format!("{} is of {}", words(d), short(&d.commit)));
            }
            (None, None) if self.github.is_some() && self.problems.is_empty() => {
                entry.report.notes.push(format!("among the newest that GitHub shows, no deployment to `{environment}` succeeded"));
            }
            _ => {}
        }
    }

    /// Asks GitHub what waits behind commits that this clone does not reach.
    pub(super) fn compare(&mut self, head: &str, entries: &mut [Entry]) {
        let Some((world, repository)) = self.github.clone() else { return };
        for entry in entries.iter_mut().filter(|e| !e.elsewhere.is_empty()) {
            for name in entry.elsewhere.clone().iter().take(NAMES) {
                match world.between(&repository, name, head) {
                    Ok(Some(found)) => {
                        count(entry, &found);
                        break;
                    }
                    Ok(None) => {}
                    Err(why) => {
                        self.problem(format!("GitHub does not say how far two commits are apart: {why}"), "contents: read");
                        return;
                    }
                }
            }
        }
    }
}

/// The commit that the image of a service says it was built from.
pub(super) fn label<'l>(pinned: &Pinned<'_>, images: &'l BTreeMap<String, Labels>) -> Option<&'l str> {
    let revision = images.get(&pinned.service.image()?.text)?.revision.as_deref()?;
    let id = (7..=64).contains(&revision.len()) && revision.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    id.then_some(revision)
}

/// Fills in what GitHub counts. It counts over all files: of a part of them that is only known where there is nothing.
fn count(entry: &mut Entry, found: &Between) {
    let report = &mut entry.report;
    report.commit = Some(found.base.clone());
    report.commit_date = found.base_time.map(moment);
    if report.evidence == Evidence::Unknown.as_str() {
        report.evidence = Evidence::Exact.as_str().to_owned();
    }
    if found.ahead > 0 && report.paths.iter().any(|p| p != ".") {
        let all = summary::count(usize::try_from(found.ahead).unwrap_or(usize::MAX), "commit");
        report.unknown = Some(format!(
            "by GitHub's count {all} of the whole repository came since, and this shallow clone does not tell which touch `{}`",
            report.paths.join("`, `")
        ));
        return;
    }
    (report.waiting, report.production_only, report.oldest_waiting) = (Some(found.ahead), Some(found.behind), found.oldest.map(moment));
    report.notes.push("counted by GitHub, merges included: this clone is shallow".to_owned());
    (report.unknown, entry.mend) = (None, None);
}

fn words(deployment: &Deployment) -> String {
    format!("GitHub's deployment to `{}` of {}", deployment.environment, deployment.created.get(..10).unwrap_or_default())
}

fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}
