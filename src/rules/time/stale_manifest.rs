//! `time/stale-manifest`: was production's tag not changed for long, while work waits?

use super::{days, days_since, entry, finding, is_measured};
use crate::finding::Finding;
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `time/stale-manifest`.
#[derive(Debug)]
pub struct StaleManifest;

static META: Meta = Meta {
    id: "time/stale-manifest",
    severity: Severity::Info,
    question: "When was production's tag last changed, while work waits or cannot be told?",
    why: "A release that is made once a season brings a season's changes at once. Past the window of deployments (90 days, `time.window-days`, or `days`) it is said.",
    drift: "The tag was last changed 120 days ago, and 9 commits wait.",
    parity: "The tag was last changed 120 days ago, and nothing waits.",
    opt_in: false,
};

impl Rule for StaleManifest {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn thresholds(&self) -> &'static [&'static str] {
        &["days"]
    }

    fn knows(&self, comparison: &Comparison<'_>) -> bool {
        is_measured(comparison) && comparison.context.time.iter().all(|e| e.report.last_deploy.is_some())
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        let Some(entry) = entry(pair, comparison) else { return Vec::new() };
        let report = &entry.report;
        let context = comparison.context;
        let most = context.rules.get(META.id).and_then(|s| s.days).unwrap_or(context.window_days);
        let Some(last) = &report.last_deploy else { return Vec::new() };
        let Some(age) = days_since(last, context.today).filter(|age| *age > most) else { return Vec::new() };
        let waits = match report.waiting {
            Some(0) => return Vec::new(),
            Some(1) => "1 commit waits".to_owned(),
            Some(n) => format!("{n} commits wait"),
            None => "what waits is not known".to_owned(),
        };
        let day = last.get(..10).unwrap_or(last);
        let message = format!(
            "the tag of `{}` in {} was last changed on {day}, {} ago, and {waits}",
            pair.name,
            comparison.to.environment,
            days(age)
        );
        vec![finding(&META, pair, comparison, entry, message)]
    }
}
