//! `time/version-spread`: do services that are built from this repository run at different commits?

use std::collections::BTreeMap;

use super::{are_commits_known, short};
use crate::ask::time::Entry;
use crate::finding::{Finding, Place, Which};
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `time/version-spread`.
#[derive(Debug)]
pub struct VersionSpread;

static META: Meta = Meta {
    id: "time/version-spread",
    severity: Severity::Warning,
    question: "Do services that are built from the same code run in production at different commits?",
    why: "Processes of one app share tables and messages; two releases of it at once is what no other environment runs. Services with code of their own are only named.",
    drift: "`web` runs `v1.4.2` and `worker`, built from the same folder, `v1.3.9`.",
    parity: "`web` and `worker` both run `v1.4.2`.",
    opt_in: false,
};

impl Rule for VersionSpread {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn knows(&self, comparison: &Comparison<'_>) -> bool {
        are_commits_known(comparison)
    }

    fn whole(&self, comparison: &Comparison<'_>) -> Vec<Finding> {
        let known = || comparison.context.time.iter().filter(|e| e.report.evidence == "exact" && e.report.commit.is_some());
        let mut groups: BTreeMap<&[String], Vec<&Entry>> = BTreeMap::new();
        for entry in known() {
            groups.entry(entry.report.paths.as_slice()).or_default().push(entry);
        }
        let alike: Vec<Finding> = groups.values().filter_map(|group| spread(group, true, comparison)).collect();
        if alike.is_empty() { spread(&known().collect::<Vec<_>>(), false, comparison).into_iter().collect() } else { alike }
    }
}

/// The finding of services that run at several commits.
fn spread(group: &[&Entry], same_code: bool, comparison: &Comparison<'_>) -> Option<Finding> {
    let mut commits: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in group {
        commits.entry(entry.report.commit.as_deref()?).or_default().push(entry);
    }
    if commits.len() < 2 {
        return None;
    }
    let one = |(commit, entries): (&&str, &Vec<&Entry>)| {
        let names: Vec<String> = entries.iter().map(|e| format!("`{}`", e.report.service)).collect();
        let date = entries.first().and_then(|e| e.report.commit_date.as_deref()).and_then(|d| d.get(..10));
        let dated = date.map_or_else(String::new, |d| format!(" of {d}"));
        (date.unwrap_or("").to_owned(), format!("{} at {}{dated}", names.join(", "), short(commit)))
    };
    let mut parts: Vec<(String, String)> = commits.iter().map(one).collect();
    parts.sort();
    let said: Vec<String> = parts.into_iter().map(|(_, text)| text).collect();
    let of = if same_code { "built from the same code" } else { "built from this repository, each from paths of its own," };
    let message = format!("services {of} run at {} commits in {}: {}", commits.len(), comparison.to.environment, said.join("; "));
    let place = |e: &&Entry| {
        let service = comparison.pairs.get(e.pair)?.to?;
        Some(Place::new(Which::To, service.stated_at().clone(), format!("`{}`", e.report.tag.as_deref().unwrap_or_default())))
    };
    let places: Vec<Place> = group.iter().filter_map(place).collect();
    let names: Vec<&str> = group.iter().map(|e| e.report.service.as_str()).collect();
    let name = names.iter().min().copied().unwrap_or_default();
    let mut finding = comparison.finding(&META, name, names.join(" "), message, places);
    if !same_code {
        finding.severity = Severity::Info;
    }
    Some(finding)
}
