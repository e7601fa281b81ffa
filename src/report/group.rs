//! Findings → groups that a person reads as one: many keys of one service that all say the same.

use std::collections::{BTreeMap, BTreeSet};

use super::summary::some_names;
use crate::finding::Finding;

/// Up to so many keys are named in the sentence; more are counted.
const KEYS: usize = 3;

/// So many services are named in it.
const SERVICES: usize = 6;

/// Findings that say the same of several subjects; at least one.
#[derive(Debug, Clone)]
pub struct Group<'a> {
    /// The first of them.
    pub first: &'a Finding,
    /// The others, in their order.
    pub rest: Vec<&'a Finding>,
}

impl<'a> Group<'a> {
    /// How many findings it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        1 + self.rest.len()
    }

    /// Never: a group holds at least one finding.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Every finding, in order.
    pub fn findings(&self) -> impl Iterator<Item = &'a Finding> + '_ {
        std::iter::once(self.first).chain(self.rest.iter().copied())
    }

    /// The keys, where the sentence counts them and names none.
    #[must_use]
    pub fn counted(&self) -> Vec<&'a str> {
        let keys = if said(self.first).is_some_and(|s| s.key) { self.distinct(|f| &f.subject) } else { Vec::new() };
        if keys.len() > KEYS { keys } else { Vec::new() }
    }

    /// The different names in a field of its findings, sorted.
    fn distinct(&self, of: fn(&'a Finding) -> &'a str) -> Vec<&'a str> {
        let names: BTreeSet<&str> = self.findings().map(of).collect();
        names.into_iter().collect()
    }

    /// The sentence: that of its finding, "each of 3 keys is set ..." or "each of 3 services has ...".
    #[must_use]
    pub fn message(&self) -> String {
        let Some(said) = said(self.first).filter(|_| self.len() > 1) else { return self.first.message.clone() };
        let services = self.distinct(|f| &f.service);
        if !said.key {
            return match services.as_slice() {
                [_] => self.first.message.clone(),
                all => format!("each of {} services ({}){}", all.len(), some_names(all.iter().copied(), SERVICES), said.rest),
            };
        }
        let keys = self.distinct(|f| &f.subject);
        let rest = match services.as_slice() {
            [_] => said.rest,
            _ => {
                let all = some_names(services.iter().copied(), SERVICES);
                said.rest.replacen(&format!("`{}`", self.first.service), &all, 1)
            }
        };
        match keys.as_slice() {
            [key] => format!("`{key}`{rest}"),
            few if few.len() <= KEYS => format!("each of {}{rest}", some_names(few.iter().copied(), KEYS)),
            _ => format!("each of {} keys{rest}", keys.len()),
        }
    }

    /// The help, where it is the same for all.
    #[must_use]
    pub fn help(&self) -> Option<&'a str> {
        self.first.help.as_deref()
    }
}

/// What a message says of the key, or of the service, that it begins with.
struct Said {
    /// It begins with a key, and speaks of a service after it.
    key: bool,
    /// What it says of it.
    rest: String,
}

/// `None` where a message begins with neither.
fn said(finding: &Finding) -> Option<Said> {
    let after = |name: &str| {
        let rest = finding.message.strip_prefix('`')?.strip_prefix(name)?.strip_prefix('`')?;
        rest.starts_with(' ').then(|| rest.to_owned())
    };
    if finding.rule.starts_with("config/") {
        return after(&finding.subject).map(|rest| Said { key: true, rest });
    }
    after(&finding.service).map(|rest| Said { key: false, rest })
}

/// Groups findings; each group stands where its first finding stood. Keys of one service that all say the same are one
/// group, findings in the same words are one, and services of which the same is said of the same keys are one again.
#[must_use]
pub fn groups<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut known = BTreeMap::new();
    for finding in findings {
        let of = (finding.rule, finding.severity, finding.state, &finding.from, &finding.to, &finding.unit);
        // What names neither key nor service may be said of many in the same words: the end of a version's life.
        let (service, rest) = match said(finding) {
            Some(said) => (if said.key { finding.service.as_str() } else { "" }, said.rest),
            None => ("", finding.message.clone()),
        };
        let key = (of, service, rest, &finding.help, &finding.since);
        let at = *known.entry(key).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.rest.push(finding),
            None => groups.push(Group { first: finding, rest: Vec::new() }),
        }
    }
    of_services(groups)
}

/// Joins the groups of services that say the same of the same keys: they share a source.
fn of_services(groups: Vec<Group<'_>>) -> Vec<Group<'_>> {
    let mut out: Vec<Group<'_>> = Vec::new();
    let mut known = BTreeMap::new();
    for group in groups {
        let first = group.first;
        let Some(said) = said(first).filter(|s| s.key) else {
            out.push(group);
            continue;
        };
        let rest = said.rest.replacen(&format!("`{}`", first.service), "``", 1);
        let keys: Vec<&str> = group.findings().map(|f| f.subject.as_str()).collect();
        let of = (first.rule, first.severity, first.state, &first.from, &first.to, &first.unit);
        let at = *known.entry((of, rest, keys, &first.help, &first.since)).or_insert(out.len());
        match out.get_mut(at) {
            Some(joined) => joined.rest.extend(group.findings()),
            None => out.push(group),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Place, Which};
    use crate::rules::Severity;
    use crate::source::Source;

    fn finding(rule: &'static str, service: &str, subject: &str, message: &str) -> Finding {
        Finding {
            rule,
            severity: Severity::Error,
            from: "dev".into(),
            to: "prod".into(),
            unit: String::new(),
            service: service.into(),
            subject: subject.into(),
            message: message.into(),
            help: None,
            places: vec![Place::new(Which::From, Source::new("a", "").whole(), "")],
            state: None,
            fix: None,
            since: None,
        }
    }

    #[test]
    fn what_says_the_same_is_one_group() {
        let all = [
            finding("config/missing-in-prod", "web", "A", "`A` is set for `web` in dev and in no form in prod"),
            finding("config/missing-in-prod", "web", "B", "`B` is set for `web` in dev and in no form in prod"),
            finding("config/missing-in-prod", "api", "A", "`A` is set for `api` in dev and in no form in prod"),
            finding("config/missing-in-prod", "worker", "A", "`A` is set for `worker` in dev and in no form in prod"),
            finding("config/missing-in-prod", "worker", "B", "`B` is set for `worker` in dev and in no form in prod"),
            finding("config/likely-renamed", "web", "C", "`C` in dev is nearly `D` in prod"),
            finding("tools/probe", "api", "probe", "`api` has a health check in prod and none in dev"),
            finding("tools/probe", "web", "probe", "`web` has a health check in prod and none in dev"),
            finding("tools/version-major", "db", "db", "`db` is set"),
            finding("tools/version-major", "db", "db", "`db` is set"),
            finding("tools/end-of-life", "api", "nodejs 14", "Node.js 14 is past its end of life"),
            finding("tools/end-of-life", "web", "nodejs 14", "Node.js 14 is past its end of life"),
        ];
        let groups = groups(&all);
        assert_eq!(groups.iter().map(Group::len).collect::<Vec<_>>(), [4, 1, 1, 2, 2, 2]);
        assert_eq!(groups[0].message(), "each of `A`, `B` is set for `web`, `worker` in dev and in no form in prod");
        assert_eq!(groups[1].message(), all[2].message);
        assert_eq!(groups[3].message(), "each of 2 services (`api`, `web`) has a health check in prod and none in dev");
        assert_eq!(groups[4].message(), "`db` is set");
        assert_eq!(groups[5].message(), all[10].message);
    }

    #[test]
    fn keys_that_are_counted_are_told_once() {
        let said =
            |service: &str, key: &str| finding("config/missing-in-prod", service, key, &format!("`{key}` is set for `{service}` in dev"));
        let all: Vec<Finding> = ["api", "web"].iter().flat_map(|s| ["A", "B", "C", "D"].iter().map(|k| said(s, k))).collect();
        let groups = groups(&all);
        assert_eq!(groups.iter().map(Group::message).collect::<Vec<_>>(), ["each of 4 keys is set for `api`, `web` in dev"]);
        assert_eq!(groups[0].counted(), ["A", "B", "C", "D"]);
        // It speaks of keys, and counts none.
        let words = [
            finding("tools/extension", "db", "db", "`db` has keys of two"),
            finding("tools/extension", "db", "db", "`db` has keys of two"),
        ];
        assert_eq!(super::groups(&words)[0].counted(), [""; 0]);
    }
}
