//! Findings now and findings of the base revision → what is new, worse, better, unchanged or fixed.

use std::collections::BTreeMap;

use crate::finding::{Finding, State};

/// What a finding is about, whatever its severity: a difference that grew from minor to major is one finding that got worse.
type Subject = [String; 6];

fn subject(finding: &Finding) -> Subject {
    let rule = if finding.rule.starts_with("tools/version-") { "tools/version" } else { finding.rule };
    [rule, &finding.from, &finding.to, &finding.unit, &finding.service, &finding.subject].map(str::to_owned)
}

/// How grave: the severity, then within versions the rule.
fn grave(finding: &Finding) -> (crate::rules::Severity, u8) {
    let step = match finding.rule {
        "tools/version-major" => 3,
        "tools/version-minor" => 2,
        "tools/version-patch" => 1,
        _ => 0,
    };
    (finding.severity, step)
}

/// What can be told: of what one of two runs could not read, it is not known whether it is new or fixed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    /// What is new.
    pub(super) new: bool,
    /// What is fixed.
    pub(super) fixed: bool,
}

/// Gives every finding its state where that can be told, and adds those that are gone as [`State::Fixed`].
pub(super) fn states(findings: &mut Vec<Finding>, base: Vec<Finding>, told: Told) {
    let mut before: BTreeMap<Subject, Vec<&Finding>> = BTreeMap::new();
    for finding in &base {
        before.entry(subject(finding)).or_default().push(finding);
    }
    for finding in findings.iter_mut() {
        let old = before.get_mut(&subject(finding)).and_then(|list| if list.is_empty() { None } else { Some(list.remove(0)) });
        let state = match old {
            None => told.new.then_some(State::New),
            Some(old) => Some(match grave(finding).cmp(&grave(old)) {
                std::cmp::Ordering::Greater => State::Worse,
                std::cmp::Ordering::Less => State::Better,
                std::cmp::Ordering::Equal => State::Unchanged,
            }),
        };
        finding.state = state;
    }
    if !told.fixed {
        return;
    }
    let fixed: Vec<Finding> =
        before.into_values().flatten().map(|old| Finding { state: Some(State::Fixed), fix: None, ..old.clone() }).collect();
    findings.extend(fixed);
    findings.sort();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Place, Which};
    use crate::report::sample;
    use crate::rules::Severity;
    use crate::source::Source;

    fn finding(rule: &'static str, severity: Severity, line: &str) -> Finding {
        let place = Place::new(Which::From, Source::new("a", line.to_owned()).whole(), "");
        Finding { places: vec![place], ..sample::finding(rule, severity, "postgresql", line, None) }
    }

    fn after(now: Vec<Finding>, base: Vec<Finding>) -> Vec<(&'static str, Option<State>)> {
        let mut now = now;
        states(&mut now, base, Told { new: true, fixed: true });
        now.iter().map(|f| (f.rule, f.state)).collect()
    }

    #[test]
    fn what_only_moved_is_unchanged() {
        let (now, base) = (finding("tools/flavour", Severity::Info, "\n\nx"), finding("tools/flavour", Severity::Info, "x"));
        assert_eq!(after(vec![now], vec![base]), [("tools/flavour", Some(State::Unchanged))]);
    }

    #[test]
    fn a_version_that_drifts_further_is_worse_and_nearer_is_better() {
        let (minor, major) = (finding("tools/version-minor", Severity::Warning, ""), finding("tools/version-major", Severity::Error, ""));
        assert_eq!(after(vec![major.clone()], vec![minor.clone()]), [("tools/version-major", Some(State::Worse))]);
        assert_eq!(after(vec![minor], vec![major]), [("tools/version-minor", Some(State::Better))]);
    }

    #[test]
    fn new_and_fixed() {
        let (a, b) = (finding("tools/flavour", Severity::Info, ""), finding("tools/extension", Severity::Warning, ""));
        let mut all = after(vec![a], vec![b]);
        all.sort();
        assert_eq!(all, [("tools/extension", Some(State::Fixed)), ("tools/flavour", Some(State::New))]);
    }
}
