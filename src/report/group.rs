//! Findings → groups that a person reads as one: many keys of one service that all say the same.

use std::collections::BTreeMap;

use crate::finding::Finding;

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

    /// The sentence: that of its finding, or "each of 3 keys is set ...".
    #[must_use]
    pub fn message(&self) -> String {
        match predicate(self.first) {
            Some(rest) if self.len() > 1 => format!("each of {} keys{rest}", self.len()),
            _ => self.first.message.clone(),
        }
    }

    /// The help, where it is the same for all.
    #[must_use]
    pub fn help(&self) -> Option<&'a str> {
        self.first.help.as_deref()
    }
}

/// What a message says of the key that it begins with; `None` where it does not, or the rule is not about keys.
fn predicate(finding: &Finding) -> Option<&str> {
    if !finding.rule.starts_with("config/") {
        return None;
    }
    let rest = finding.message.strip_prefix('`')?.strip_prefix(finding.subject.as_str())?.strip_prefix('`')?;
    rest.starts_with(' ').then_some(rest)
}

/// Groups findings; each group stands where its first finding stood.
#[must_use]
pub fn groups<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut known = BTreeMap::new();
    for finding in findings {
        let Some(rest) = predicate(finding) else {
            groups.push(Group { first: finding, rest: Vec::new() });
            continue;
        };
        let of = (finding.rule, finding.severity, finding.state, &finding.from, &finding.to);
        let key = (of, &finding.service, rest, &finding.help, &finding.since);
        let at = *known.entry(key).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.rest.push(finding),
            None => groups.push(Group { first: finding, rest: Vec::new() }),
        }
    }
    groups
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
    fn keys_of_one_service_that_say_the_same_are_one_group() {
        let all = [
            finding("config/missing-in-prod", "web", "A", "`A` is set for `web` in dev and in no form in prod"),
            finding("config/missing-in-prod", "web", "B", "`B` is set for `web` in dev and in no form in prod"),
            finding("config/missing-in-prod", "api", "A", "`A` is set for `api` in dev and in no form in prod"),
            finding("config/likely-renamed", "web", "C", "`C` in dev is nearly `D` in prod"),
            finding("tools/version-major", "db", "db", "`db` is set"),
            finding("tools/version-major", "db", "db", "`db` is set"),
        ];
        let groups = groups(&all);
        assert_eq!(groups.iter().map(Group::len).collect::<Vec<_>>(), [2, 1, 1, 1, 1]);
        assert_eq!(groups[0].message(), "each of 2 keys is set for `web` in dev and in no form in prod");
        assert_eq!(groups[1].message(), all[2].message);
    }
}
