//! Findings → those that are shown: settings of rules, differences that are meant, ignores. It counts what it hides, and
//! says which exceptions hide nothing or are over.

use std::collections::BTreeMap;

use globset::{Glob, GlobMatcher};
use jiff::civil::Date;

use crate::catalogue::Level;
use crate::catalogue::compare::Verdict;
use crate::config::{Ahead, Allow, Config, Ignore};
use crate::finding::Finding;
use crate::inventory::Service;
use crate::report::{ComparisonReport, Exception, PairReport, Problem, ProblemKind, Report};
use crate::rules::{self, Severity};
use crate::source::Location;
use crate::workspace::Workspace;

mod base;
mod baseline;
mod comments;

pub use baseline::{Baseline, Known};
use comments::Comments;

/// The rules whose findings an allowed difference hides.
const VERSIONS: [&str; 3] = ["tools/version-major", "tools/version-minor", "tools/version-patch"];

/// What findings are held against beside the configuration.
#[derive(Clone, Copy, Default)]
pub struct Against<'a> {
    /// The baseline, and the path that it is shown under.
    pub baseline: Option<(&'a Baseline, &'a str)>,
    /// The files of the base revision: comments that are not in them hide nothing yet, so that a change cannot approve itself.
    pub base: Option<&'a dyn Workspace>,
    /// Is a part of it compared alone? Then what hides nothing may be for the rest.
    pub part: bool,
}

/// Compares the findings of a report with those of the base revision, once both are filtered. What one of the two could not read
/// and the other could, hides what is new, or what is fixed: then neither is said.
pub fn compare_with(report: &mut Report, base: Report) {
    let errors = |of: &Report| -> Vec<Problem> { of.problems.iter().filter(|p| p.severity == Severity::Error).cloned().collect() };
    let same = |a: &Problem, b: &Problem| {
        let path = |p: &Problem| p.at.as_ref().map(|at| at.path().to_owned());
        path(a) == path(b) && a.message == b.message
    };
    let hidden = |one: &Report, other: &Report| -> Vec<Problem> {
        let also = errors(other);
        errors(one).into_iter().filter(|p| !also.iter().any(|o| same(p, o))).collect()
    };
    // Where a side had no manifest, nothing was there: that is known.
    let before = hidden(&base, report).into_iter().find(|p| p.kind != ProblemKind::NoManifest).map(|p| p.message);
    let told = base::Told { new: before.is_none(), fixed: hidden(report, &base).is_empty() };
    base::states(&mut report.findings, base.findings, told);
    if let Some(why) = before {
        let message = format!("the base revision could not be read in full, so what is new is not known: {why}");
        report.problems.push(Problem::of_run(message).warning());
        report.problems.sort();
    }
}

/// Applies the configuration to a report: severities, `allow`, `ignore`, the comments in manifests; then the baseline.
pub fn apply(report: &mut Report, config: &Config, today: Date, against: &Against<'_>) {
    let before = report.findings.len();
    // What could not be read may have what an exception is for.
    let whole = !against.part && !report.problems.iter().any(|p| p.severity == Severity::Error);
    settings(&mut report.findings, config);
    report.hidden.off = before - report.findings.len();
    let mut comments = Comments::of(report, today, against.base);
    let mut filter = Filter { hides: vec![0; config.ignore.len() + config.allow.len()], today };
    let findings = std::mem::take(&mut report.findings);
    let ignores: Vec<Matcher<'_>> = config.ignore.iter().map(Matcher::of).collect();
    let pairs = if config.allow.is_empty() { Pairs::new() } else { pairs(&report.comparisons) };
    for finding in findings {
        let pair = pairs.get(&(finding.from.as_str(), finding.to.as_str(), finding.unit.as_str(), finding.service.as_str())).copied();
        // Every exception that fits is counted, so that none of them seems stale.
        let hides =
            [filter.ignored(&ignores, &finding), pair.is_some_and(|p| filter.allowed(config, p, &finding)), comments.hide(&finding)];
        let hidden = hides.contains(&true);
        if hidden {
            report.hidden.ignored += 1;
        } else {
            report.findings.push(finding);
        }
    }
    report.findings.sort();
    for (i, ignore) in config.ignore.iter().enumerate() {
        let hides = filter.hides.get(i).copied().unwrap_or(0);
        let what = format!("an ignore of `{}`", ignore.rule);
        report.problems.extend(stale(&what, (hides, whole && report.is_sure(&ignore.rule)), ignore.until, &ignore.at, today));
        report.exceptions.push(Exception {
            rule: ignore.rule.clone(),
            service: ignore.service.clone(),
            subject: ignore.subject.clone().or_else(|| ignore.path.clone()),
            reason: ignore.reason.clone(),
            expires: ignore.until.map(|d| d.to_string()),
            hides,
        });
    }
    for (i, allow) in config.allow.iter().enumerate() {
        let hides = filter.hides.get(config.ignore.len() + i).copied().unwrap_or(0);
        let whose = allow.service.as_deref().or(allow.kind.as_deref()).unwrap_or("?");
        let (what, known) = (format!("an allowed difference of `{whose}`"), whole && VERSIONS.iter().all(|rule| report.is_sure(rule)));
        report.problems.extend(stale(&what, (hides, known), allow.until, &allow.at, today));
        report.exceptions.push(Exception {
            rule: "tools/version-*".to_owned(),
            service: allow.service.clone(),
            subject: allow.kind.clone(),
            reason: allow.reason.clone(),
            expires: allow.until.map(|d| d.to_string()),
            hides,
        });
    }
    comments.finish(report, whole);
    if let Some((baseline, path)) = against.baseline {
        baseline.apply(report, path, whole);
    }
    report.exceptions.sort();
    report.problems.sort();
}

/// Rules that are off are not shown; severities are those of the configuration. An opt-in rule is shown where it is on.
fn settings(findings: &mut Vec<Finding>, config: &Config) {
    findings.retain_mut(|finding| {
        let setting = config.rules.get(finding.rule).copied().unwrap_or_default();
        let opt_in = rules::by_id(finding.rule).is_ok_and(|m| m.opt_in);
        if let Some(severity) = setting.severity {
            finding.severity = severity;
        }
        // A rule that is off by default says nothing anyway.
        setting.on.unwrap_or(!opt_in)
    });
}

/// An exception that is over, or that nothing needs any more; the latter is known where the whole was looked at, by rules that knew all
/// that they ask for.
fn stale(what: &str, (hides, whole): (usize, bool), until: Option<Date>, at: &Location, today: Date) -> Option<Problem> {
    match until {
        Some(day) if day < today => Some(Problem::at(at.clone(), format!("{what} ended on {day}; it hides nothing")).warning()),
        _ if hides == 0 && whole => Some(Problem::at(at.clone(), format!("{what} matches nothing")).warning().help("delete it")),
        _ => None,
    }
}

/// The pairs by what findings say of them: both environments, the part, the service.
type Pairs<'r> = BTreeMap<(&'r str, &'r str, &'r str, &'r str), &'r PairReport>;

/// The first pair of each name.
fn pairs(comparisons: &[ComparisonReport]) -> Pairs<'_> {
    let mut out = Pairs::new();
    for comparison in comparisons {
        for pair in &comparison.services {
            out.entry((&comparison.from, &comparison.to, &comparison.unit, &pair.name)).or_insert(pair);
        }
    }
    out
}

struct Filter {
    /// How many findings each exception hides: the ignores, then the allowed differences.
    hides: Vec<usize>,
    today: Date,
}

impl Filter {
    /// Does an ignore hide the finding? Every one that does is counted: none of them is stale.
    fn ignored(&mut self, ignores: &[Matcher<'_>], finding: &Finding) -> bool {
        let mut hidden = false;
        for (i, matcher) in ignores.iter().enumerate() {
            if self.holds(matcher.ignore.until) && matcher.fits(finding) {
                self.count(i);
                hidden = true;
            }
        }
        hidden
    }

    fn allowed(&mut self, config: &Config, pair: &PairReport, finding: &Finding) -> bool {
        let mut hidden = false;
        for (i, allow) in config.allow.iter().enumerate() {
            if self.holds(allow.until) && VERSIONS.contains(&finding.rule) && allows(allow, pair) {
                self.count(config.ignore.len() + i);
                hidden = true;
            }
        }
        hidden
    }

    fn holds(&self, until: Option<Date>) -> bool {
        until.is_none_or(|day| day >= self.today)
    }

    fn count(&mut self, i: usize) {
        if let Some(n) = self.hides.get_mut(i) {
            *n += 1;
        }
    }
}

/// An ignore, ready to be asked.
struct Matcher<'i> {
    ignore: &'i Ignore,
    path: Option<GlobMatcher>,
}

impl<'i> Matcher<'i> {
    fn of(ignore: &'i Ignore) -> Self {
        let path = ignore.path.as_deref().and_then(|p| Glob::new(p).ok()).map(|g| g.compile_matcher());
        Self { ignore, path }
    }

    fn fits(&self, finding: &Finding) -> bool {
        let path = |m: &GlobMatcher| finding.places.iter().any(|p| m.is_match(p.at.path()));
        rules::is_named(finding.rule, &self.ignore.rule)
            && like(self.ignore.service.as_deref(), &finding.service)
            && like(self.ignore.subject.as_deref(), &finding.subject)
            && (self.ignore.path.is_none() || self.path.as_ref().is_some_and(path))
    }
}

/// Does a name fit a pattern with any number of `*`? No pattern fits all.
fn like(pattern: Option<&str>, name: &str) -> bool {
    let Some(pattern) = pattern else { return true };
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(i) = rest.find(part) else { return false };
        rest = rest.get(i + part.len()..).unwrap_or("");
    }
    rest.ends_with(last)
}

/// Is the difference of a pair one that is meant?
fn allows(allow: &Allow, pair: &PairReport) -> bool {
    let kind = [&pair.from, &pair.to].into_iter().flatten().find_map(Service::kind);
    let of_kind = allow.kind.as_ref().is_none_or(|id| kind.is_some_and(|k| k.id == *id));
    if !of_kind || !like(allow.service.as_deref(), &pair.name) {
        return false;
    }
    let ahead = match pair.outcome.direction {
        Some(std::cmp::Ordering::Less) => allow.to_ahead,
        Some(std::cmp::Ordering::Greater) => allow.from_ahead,
        _ => None,
    };
    ahead.is_some_and(|ahead| within(ahead, pair))
}

/// Is a difference no larger than this?
fn within(ahead: Ahead, pair: &PairReport) -> bool {
    let level = match pair.outcome.verdict {
        Verdict::Patch => Level::Patch,
        Verdict::Minor => Level::Minor,
        Verdict::Major => Level::Major,
        _ => return false,
    };
    // Levels are ordered from the largest difference to the smallest.
    if level != ahead.level {
        return level > ahead.level;
    }
    let components = |s: &Option<Service>| s.as_ref().and_then(Service::known_software).map(|s| s.version.components.clone());
    let (Some(a), Some(b)) = (components(&pair.from), components(&pair.to)) else { return false };
    let steps = a.iter().zip(&b).map(|(x, y)| x.abs_diff(*y)).find(|n| *n > 0);
    ahead.steps.is_none_or(|most| steps.is_some_and(|n| n <= most))
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn patterns() {
        for (pattern, name, wanted) in [
            ("*", "anything", true),
            ("FEATURE_*", "FEATURE_A", true),
            ("FEATURE_*", "A_FEATURE_", false),
            ("*_URL", "DATABASE_URL", true),
            ("A*B*C", "A-x-B-y-C", true),
            ("A*B*C", "A-x-C", false),
            ("db", "db", true),
            ("db", "db2", false),
            ("a*a", "a", false),
        ] {
            assert_eq!(like(Some(pattern), name), wanted, "{pattern} {name}");
        }
        assert!(like(None, "x"));
    }
}
