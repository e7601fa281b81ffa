//! The report before and after edits → do they do what they say, and nothing else?

use std::collections::{BTreeMap, BTreeSet};

use super::Group;
use crate::catalogue::compare::{Verdict, compare};
use crate::finding::{Finding, Fix, Which};
use crate::formats::Manifest;
use crate::inventory::{Service, Software};
use crate::report::{ComparisonReport, PairReport, Report};
use crate::source::{Location, Span};

/// Does development say what production says, as far as it says anything?
pub(super) fn alike(is: &Software, to: &Software) -> bool {
    matches!(compare(is, to).verdict, Verdict::Same | Verdict::Covers | Verdict::Flavour)
}

/// The manifest that states something at a place.
pub(super) fn manifest_of<'r>(report: &'r Report, finding: &Finding, at: &Location) -> Option<&'r Manifest> {
    let comparison = report.comparisons.iter().find(|c| c.unit == finding.unit && c.from == finding.from)?;
    let services = comparison.services.iter().filter_map(|p| p.from.as_ref());
    let base = |s: &Service| s.build.as_ref().and_then(|b| b.base.as_ref()).is_some_and(|b| b.at == *at);
    let service = services.flat_map(|s| std::iter::once(s).chain(&s.also)).find(|s| s.stated_at() == at || base(s))?;
    comparison.from_manifests.get(service.manifest)
}

fn place(at: &Location) -> (&str, Span) {
    (at.path(), at.span())
}

/// What tells a finding from others: its fingerprint, and the file of its first side.
type Key = (String, Option<String>);

fn key(finding: &Finding) -> Key {
    let file = finding.places.iter().find(|p| p.side == Which::From).map(|p| p.at.path().to_owned());
    (finding.fingerprint(), file)
}

/// How many findings there are of each key.
fn counted<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> BTreeMap<Key, usize> {
    let mut out = BTreeMap::new();
    for finding in findings {
        *out.entry(key(finding)).or_default() += 1;
    }
    out
}

/// The report before the edits, as those after them are held against it.
pub(super) struct Before {
    findings: BTreeMap<Key, usize>,
    fingerprints: BTreeSet<String>,
    problems: BTreeSet<String>,
    said: Vec<Said>,
}

impl Before {
    pub(super) fn of(report: &Report) -> Self {
        let findings = counted(&report.findings);
        Self {
            fingerprints: findings.keys().map(|(fingerprint, _)| fingerprint.clone()).collect(),
            findings,
            problems: report.problems.iter().map(|p| p.message.clone()).collect(),
            said: said(report),
        }
    }

    /// Do the edits of all groups do what they say, and nothing else?
    ///
    /// # Errors
    /// Why the edits are not made: one lower-case phrase.
    pub(super) fn holds(&self, groups: &[&Group], after: &Report) -> Result<(), String> {
        // Several findings may have one name: each that is mended takes one away. Where some statements stay, it stays as well.
        let mended: Vec<&Finding> = groups.iter().filter(|g| g.left.is_empty()).flat_map(|g| &g.findings).collect();
        let (is, gone) = (counted(&after.findings), counted(mended.iter().copied()));
        let of = |counts: &BTreeMap<Key, usize>, f: &Finding| counts.get(&key(f)).copied().unwrap_or_default();
        if let Some(stays) = mended.iter().find(|f| of(&is, f) + of(&gone, f) > of(&self.findings, f)) {
            return Err(format!("`{}` of `{}` would stay", stays.rule, stays.service));
        }
        self.brings(groups, after)?;
        if after.problems.iter().any(|p| !self.problems.contains(&p.message)) {
            return Err("the file could not be read as before".into());
        }
        self.says(groups, after)
    }

    /// Is there a finding that was not there? Once the version is the same, what else differs is seen, and what production's version
    /// has of its own.
    fn brings(&self, groups: &[&Group], after: &Report) -> Result<(), String> {
        let news = after.findings.iter().filter(|f| !self.fingerprints.contains(&f.fingerprint()));
        let texts: BTreeSet<&str> = groups.iter().flat_map(|g| &g.texts).map(|(_, new)| new.as_str()).collect();
        // The services that say a new text.
        let pairs = after.comparisons.iter().flat_map(|c| &c.services);
        let of_new = |p: &&PairReport| p.from.as_ref().and_then(Service::known_software).is_some_and(|s| texts.contains(s.text.as_str()));
        let renewed: BTreeSet<&str> = pairs.filter(of_new).map(|p| p.name.as_str()).collect();
        for new in news {
            let less = |g: &Finding| g.service == new.service && matches!(g.fix, Some(Fix::Version { .. })) && g.severity >= new.severity;
            let other = !new.rule.starts_with("tools/version-") && new.rule.starts_with("tools/");
            let old = new.rule == "tools/end-of-life" && renewed.contains(new.service.as_str());
            if !(old || other && groups.iter().flat_map(|g| &g.findings).any(less)) {
                return Err(format!("it would bring `{}` of `{}`", new.rule, new.service));
            }
        }
        Ok(())
    }

    /// Does every service say what it said, but for what the groups change?
    fn says(&self, groups: &[&Group], after: &Report) -> Result<(), String> {
        let (old, new) = (&self.said, said(after));
        let texts: BTreeSet<(&str, &str)> = groups.iter().flat_map(|g| &g.texts).map(|(was, is)| (was.as_str(), is.as_str())).collect();
        let named = groups.iter().flat_map(|g| &g.findings).filter_map(|f| match &f.fix {
            Some(Fix::Key { key, service }) => Some((key.as_str(), place(service))),
            _ => None,
        });
        let named: BTreeSet<(&str, (&str, Span))> = named.collect();
        let text =
            |a: &Said, b: &Said| a.text == b.text || a.environment != a.second && texts.contains(&(a.text.as_str(), b.text.as_str()));
        let keys = |a: &Said, b: &Said| {
            a.keys.is_subset(&b.keys) && b.keys.difference(&a.keys).all(|key| named.contains(&(key.as_str(), place(&a.at))))
        };
        // Jobs that say the same are one service: each said something that fits, before and after.
        let fits = |a: &Said, b: &Said| text(a, b) && keys(a, b);
        let (was, is) = (by_service(old), by_service(&new));
        let lost = |a: &&Said| !is.get(&a.service()).is_some_and(|all| all.iter().any(|b| fits(a, b)));
        let come = |b: &&Said| !was.get(&b.service()).is_some_and(|all| all.iter().any(|a| fits(a, b)));
        match old.iter().find(lost).or_else(|| new.iter().find(come)) {
            Some(said) => Err(format!("it would change what `{}` of {} says", said.name, said.environment)),
            None => Ok(()),
        }
    }
}

/// What a service says: its software and its keys, in which environment, and the one that is compared with.
struct Said {
    unit: String,
    environment: String,
    second: String,
    name: String,
    text: String,
    keys: BTreeSet<String>,
    at: Location,
}

impl Said {
    /// Of which service it is said, and in which file.
    fn service(&self) -> [&str; 5] {
        [&self.name, &self.environment, &self.unit, &self.second, self.at.path()]
    }
}

fn by_service(all: &[Said]) -> BTreeMap<[&str; 5], Vec<&Said>> {
    let mut out: BTreeMap<_, Vec<&Said>> = BTreeMap::new();
    all.iter().for_each(|said| out.entry(said.service()).or_default().push(said));
    out
}

/// What every service says.
fn said(report: &Report) -> Vec<Said> {
    let mut out = Vec::new();
    for comparison in &report.comparisons {
        for pair in &comparison.services {
            for (service, environment) in [(&pair.from, &comparison.from), (&pair.to, &comparison.to)] {
                let all = service.iter().flat_map(|s| std::iter::once(s).chain(&s.also));
                out.extend(all.map(|s| of(s, comparison, environment)));
            }
        }
    }
    out
}

fn of(service: &Service, comparison: &ComparisonReport, environment: &str) -> Said {
    let text = service.known_software().map_or_else(String::new, |s| s.text.clone());
    let keys = service.environ.vars.iter().map(|v| v.key.clone()).collect();
    let (unit, second) = (comparison.unit.clone(), comparison.to.clone());
    Said { unit, environment: environment.to_owned(), second, name: service.name.clone(), text, keys, at: service.at.clone() }
}
