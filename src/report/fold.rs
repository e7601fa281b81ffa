//! Pairs → the lines of a services table: pairs that say the same are one line. Shared by every form that shows one.

use std::collections::BTreeMap;

use super::json::statement;
use super::summary::{first_few, is_same};
use super::{ComparisonReport, PairReport};
use crate::catalogue::compare::Verdict;
use crate::inventory::{Role, Service, short_digests};

/// So many workloads that say the same are one line.
const MANY: usize = 4;

/// One line: a pair, or several of which the same is said.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    /// The pairs.
    pub pairs: Vec<&'a PairReport>,
    /// The kind of a backing service; `workload` for all else.
    pub kind: &'a str,
    /// What the first side states.
    pub from: String,
    /// What the second side states.
    pub to: String,
    /// The verdict in words; of other kinds their relation.
    pub verdict: String,
}

impl Line<'_> {
    /// The names: all of them, or the first few and how many more.
    #[must_use]
    pub fn names(&self, show: usize) -> String {
        first_few(&self.pairs, show, |p| p.name.clone())
    }

    /// Is it a line of parity?
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.pairs.first().is_some_and(|p| is_same(p.outcome.verdict))
    }
}

/// The lines, in the order of their first pairs; folded where that is wanted: many workloads that differ in their name and
/// tag alone say the same.
#[must_use]
pub fn lines(comparison: &ComparisonReport, folded: bool) -> Vec<Line<'_>> {
    let pairs = &comparison.services;
    let words = |pair: &PairReport| match pair.outcome.verdict {
        Verdict::MissingTo => format!("only in {}", comparison.from),
        Verdict::MissingFrom => format!("only in {}", comparison.to),
        _ => verdict(pair).to_owned(),
    };
    let alone = |pair| Line {
        pairs: vec![pair],
        kind: kind(pair),
        from: side(pair.from.as_ref()),
        to: side(pair.to.as_ref()),
        verdict: words(pair),
    };
    let key = |pair: &PairReport| (pair.role, verdict(pair), pair.from.as_ref().map(shape), pair.to.as_ref().map(shape));
    let mut same: BTreeMap<_, Vec<&PairReport>> = BTreeMap::new();
    for pair in pairs.iter().filter(|p| folded && p.role == Role::Workload) {
        same.entry(key(pair)).or_default().push(pair);
    }
    let mut out = Vec::new();
    for pair in pairs {
        let many = same.get(&key(pair)).filter(|all| pair.role == Role::Workload && all.len() >= MANY);
        match many {
            None => out.push(alone(pair)),
            Some(all) if all.first().is_some_and(|first| std::ptr::eq(*first, pair)) => {
                let differ = |of: fn(&PairReport) -> Option<&Service>| all.iter().any(|p| side(of(p)) != side(of(pair)));
                let said = |of: fn(&PairReport) -> Option<&Service>| {
                    if differ(of) { of(pair).map_or("-", shape).to_owned() } else { side(of(pair)) }
                };
                let (from, to) = (said(|p| p.from.as_ref()), said(|p| p.to.as_ref()));
                out.push(Line { pairs: all.clone(), kind: kind(pair), from, to, verdict: words(pair) });
            }
            Some(_) => {}
        }
    }
    out
}

/// What a side is, whatever its name and tag.
fn shape(service: &Service) -> &'static str {
    match (service.known_software().is_some(), &service.build) {
        (true, _) => "an image each",
        (false, Some(_)) => "built here",
        (false, None) => "?",
    }
}

/// The verdict; of other kinds their relation.
#[must_use]
pub fn verdict(pair: &PairReport) -> &'static str {
    pair.outcome.relation.map_or_else(|| pair.outcome.verdict.as_str(), |r| r.as_str())
}

/// The kind of a backing service; `workload` for all else.
#[must_use]
pub fn kind(pair: &PairReport) -> &str {
    let kind = || [&pair.to, &pair.from].into_iter().flatten().find_map(Service::kind);
    match pair.role {
        Role::Workload => "workload",
        Role::Backing => kind().map_or("", |k| &k.name),
    }
}

/// What one side states; not escaped.
#[must_use]
pub fn side(service: Option<&Service>) -> String {
    let Some(service) = service else { return "-".into() };
    let text = match (service.known_software(), &service.build) {
        (Some(s), _) if s.image.is_none() => match s.version.number() {
            Some(version) => format!("{} {version}", s.kind.map_or("", |k| &k.name)),
            None => statement(service).unwrap_or_default(),
        },
        (Some(_), _) => statement(service).unwrap_or_default(),
        (None, Some(_)) => "built here".into(),
        (None, None) => "?".into(),
    };
    short_digests(&text)
}

/// `dev of services/api compared with prod`.
#[must_use]
pub fn title(comparison: &ComparisonReport) -> String {
    let unit = if comparison.unit.is_empty() { String::new() } else { format!(" of {}", comparison.unit) };
    format!("{}{unit} compared with {}", comparison.from, comparison.to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::compare::{Outcome, Verdict};
    use crate::inventory::Provider;
    use crate::source::Source;

    #[test]
    fn many_workloads_of_which_the_same_is_said_are_one_line() {
        let service = |name: &str| Service::new(name, Source::new("a", "").whole(), Provider::Container);
        let pair = |name: &str, both: bool| PairReport {
            name: name.into(),
            role: Role::Workload,
            from: Some(service(name)),
            to: both.then(|| service(name)),
            outcome: Outcome::of(if both { Verdict::Same } else { Verdict::MissingTo }, ""),
            because: String::new(),
            env: None,
        };
        let pairs: Vec<PairReport> = ["a", "b", "c", "d", "e"].iter().map(|n| pair(n, *n == "c")).collect();
        let comparison = ComparisonReport { services: pairs, ..ComparisonReport::default() };
        let names = |folded| lines(&comparison, folded).iter().map(|l| l.names(2)).collect::<Vec<_>>();
        assert_eq!(names(true), ["a, b and 2 more", "c"]);
        assert_eq!(names(false).len(), 5);
        assert_eq!(short_digests("a@sha256:0123456789abcdef and sha256:01"), "a@sha256:0123456789ab… and sha256:01");
    }
}
