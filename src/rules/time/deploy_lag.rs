//! `time/deploy-lag`: what waits behind the commit that production runs?

use super::{are_commits_known, days, days_since, entry, finding, short};
use crate::finding::Finding;
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `time/deploy-lag`.
#[derive(Debug)]
pub struct DeployLag;

/// Days and commits after which it is a warning, and days after which it is an error.
const DAYS: u32 = 14;
const COMMITS: u32 = 50;
const LONG: u32 = 60;

static META: Meta = Meta {
    id: "time/deploy-lag",
    severity: Severity::Info,
    question: "How many commits of a service wait to be deployed, and for how long?",
    why: "What waits was not run by anyone but its authors. A warning past 14 days or 50 commits (`days`, `commits`), an error past 60 days. A service with nothing waiting has no lag, however old its release.",
    drift: "Production runs `v1.4.2`; 9 commits of `src/web` wait, the oldest for 6 days.",
    parity: "Production runs `v1.4.2`, and nothing under `src/web` was changed since.",
    opt_in: false,
};

impl Rule for DeployLag {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn thresholds(&self) -> &'static [&'static str] {
        &["days", "commits"]
    }

    fn knows(&self, comparison: &Comparison<'_>) -> bool {
        are_commits_known(comparison)
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        let Some(entry) = entry(pair, comparison) else { return Vec::new() };
        let report = &entry.report;
        let (Some(waiting), Some(commit)) = (report.waiting.filter(|n| *n > 0), &report.commit) else { return Vec::new() };
        let context = comparison.context;
        let oldest = report.oldest_waiting.as_deref().and_then(|m| days_since(m, context.today)).unwrap_or(0);
        let setting = context.rules.get(META.id).copied().unwrap_or_default();
        let (most_days, most_commits) = (setting.days.unwrap_or(DAYS), setting.commits.unwrap_or(COMMITS));
        let whole = report.paths.iter().any(|p| p == ".");
        // A deployment is of the whole repository: with several services it may be another's.
        let sure = report.evidence == "exact" || (report.evidence == "observed" && context.time.len() == 1);
        let wait = if waiting == 1 { "waits" } else { "wait" };
        let commits = crate::report::summary::count(usize::try_from(waiting).unwrap_or(usize::MAX), "commit");
        let tag = report.tag.as_ref().map(|t| format!(" (tag `{t}`, {})", report.evidence));
        let deployed = report.because.as_ref().filter(|_| report.evidence == "observed").map(|because| format!(" ({because})"));
        let tag = deployed.or(tag).unwrap_or_default();
        let dated = report.commit_date.as_deref().and_then(|d| d.get(..10)).map_or_else(String::new, |d| format!(" of {d}"));
        let age = if waiting == 1 { format!("for {}", days(oldest)) } else { format!("the oldest for {}", days(oldest)) };
        let mut message = format!(
            "`{}` runs {}{dated}{tag} in {}: {commits} {wait}{} {age}",
            pair.name,
            short(commit),
            comparison.to.environment,
            if waiting == 1 { "" } else { "," }
        );
        let of = if whole { "the whole repository".to_owned() } else { format!("`{}`", report.paths.join("`, `")) };
        message.push_str(&format!(" (counted in {of})"));
        if let Some(own) = report.production_only.filter(|n| *n > 0) {
            let count = crate::report::summary::count(usize::try_from(own).unwrap_or(usize::MAX), "commit");
            message.push_str(&format!("; it has {count} that the branch has not"));
        }
        let mut finding = finding(&META, pair, comparison, entry, message);
        // An estimate, and a count over all files, are no ground for more.
        finding.severity = if sure && !whole && oldest > LONG.max(most_days) {
            Severity::Error
        } else if sure && (oldest > most_days || waiting > u64::from(most_commits)) {
            Severity::Warning
        } else {
            Severity::Info
        };
        if whole {
            finding.help = Some("name the service's paths in `time.paths` of parity.yml, so that other work is not counted".to_owned());
        }
        vec![finding]
    }
}
