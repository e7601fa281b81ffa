//! `tools/missing-in-dev`: does prod use a backing service that dev has not?

use crate::catalogue::Category;
use crate::finding::{Finding, Place, Which};
use crate::inventory::{Process, Role};
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

use super::words;

/// The rule `tools/missing-in-dev`.
#[derive(Debug)]
pub struct MissingInDev;

static META: Meta = Meta {
    id: "tools/missing-in-dev",
    severity: Severity::Warning,
    question: "Does prod use a backing service that dev has not?",
    why: "What was never run while developing is met for the first time in production.",
    drift: "ElastiCache in prod and no Redis in dev",
    parity: "an S3 bucket in prod and `minio` in dev",
    opt_in: false,
};

impl Rule for MissingInDev {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        let Some(to) = pair.to.filter(|_| pair.role == Role::Backing && pair.from.is_none()) else { return Vec::new() };
        let Some(kind) = to.kind().filter(|_| comparison.from.undeclared.is_none()) else { return Vec::new() };
        // A job or an init container of a database's image is a client of the database.
        if to.process != Process::Service || kind.dev_only || kind.category == Category::DevTool {
            return Vec::new();
        }
        // A workflow starts what its tests need, and no more: that says nothing of what the team develops on.
        if comparison.from.environment == "ci" {
            return Vec::new();
        }
        let another = comparison.from.services.iter().any(|s| s.kind() == Some(kind));
        let mut message = format!(
            "{} uses `{}` (`{}`), and {} runs no {}",
            comparison.to.environment,
            pair.name,
            words::stated(to),
            comparison.from.environment,
            kind.noun()
        );
        let perhaps = [words::conditional(to), words::unread(comparison.from)];
        perhaps.iter().flatten().for_each(|why| message.push_str(why));
        let place = Place::new(Which::To, to.stated_at().clone(), words::stated(to));
        let mut finding = comparison.finding(&META, &pair.name, kind.id.clone(), message, vec![place]);
        // Buckets hold logs and files of the infrastructure as often as those of the app.
        let beside = matches!(kind.category, Category::ObjectStore | Category::Mail);
        if another || beside || matches!(kind.category, Category::Proxy | Category::Observability) {
            finding.severity = Severity::Info;
        }
        for _ in perhaps.iter().flatten() {
            finding.severity = finding.severity.lower();
        }
        vec![finding]
    }
}
