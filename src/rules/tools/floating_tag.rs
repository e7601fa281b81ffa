//! `tools/floating-tag`: is the tag one that moves?

use crate::finding::{Finding, Place, Which};
use crate::inventory::Role;
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `tools/floating-tag`.
#[derive(Debug)]
pub struct FloatingTag;

static META: Meta = Meta {
    id: "tools/floating-tag",
    severity: Severity::Warning,
    question: "Is the tag one that moves?",
    why: "What runs changes without a commit, and nobody can say what ran yesterday. A series such as `postgres:15` is precise enough in dev.",
    drift: "`redis:latest` in prod",
    parity: "`postgres:15` in dev",
    opt_in: false,
};

impl Rule for FloatingTag {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        let mut out = Vec::new();
        for (side, service) in [(Which::From, pair.from), (Which::To, pair.to)] {
            let Some(service) = service else { continue };
            let Some(software) = service.known_software() else { continue };
            let Some(image) = software.image.as_ref().filter(|i| i.digest.is_none()) else { continue };
            let own = pair.role == Role::Workload || software.built_from.is_some();
            // What development builds itself has no version yet.
            if !software.floats() || (side == Which::From && (own || service.build.is_some())) {
                continue;
            }
            let environment = if side == Which::From { &comparison.from.environment } else { &comparison.to.environment };
            let how = if image.tag.is_some() { "a tag that moves" } else { "no tag, so `latest`" };
            let today = software.today.as_ref().map_or_else(String::new, |v| format!(", today {v}"));
            let message = format!("`{}` runs `{}` in {environment}: {how}{today}", service.name, software.text);
            let place = Place::new(side, service.stated_at().clone(), how);
            let mut finding = comparison.finding(&META, &pair.name, format!("{environment} {}", image.name()), message, vec![place]);
            if side == Which::From {
                finding.severity = Severity::Info;
            }
            let asked = comparison.context.images.get(&image.text);
            finding.help = Some(asked.map_or_else(
                || "name a version".into(),
                |labels| format!("name a version, or pin what it is today: `{}@{}`", image.text, labels.digest),
            ));
            out.push(finding);
        }
        out
    }
}
