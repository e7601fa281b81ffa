//! `config/backing-scheme`: does the URL under one key name another kind of service on each side?

use crate::catalogue::{Kind, Relation, relation};
use crate::finding::{Finding, Place, Which};
use crate::inventory::{EnvVar, Role};
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `config/backing-scheme`.
#[derive(Debug)]
pub struct BackingScheme;

static META: Meta = Meta {
    id: "config/backing-scheme",
    severity: Severity::Error,
    question: "Does the URL under one key name another kind of service on each side?",
    why: "The app talks to other software in production than it was written against.",
    drift: "`DATABASE_URL` is `sqlite:///` in dev and `postgresql://` in prod",
    parity: "`postgres://` in dev and `postgresql+psycopg://` in prod",
    opt_in: false,
};

impl Rule for BackingScheme {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        let (Some(from), Some(to)) = (pair.from, pair.to) else { return Vec::new() };
        if pair.role != Role::Workload {
            return Vec::new();
        }
        let (a, b) = (&comparison.from.environment, &comparison.to.environment);
        let mut out = Vec::new();
        for var in &from.environ.vars {
            let Some(other) = to.environ.get(&var.key) else { continue };
            let (Some(x), Some(y)) = (var.names_kind(), other.names_kind()) else { continue };
            let Some(relation) = relation(x, y) else { continue };
            let message = format!("`{}` of `{}` names {} in {a} and {} in {b}", var.key, pair.name, x.name, y.name);
            let place = |side, v: &EnvVar, k: &Kind| Place::secret(side, v.at.clone(), k.name.clone());
            let places = vec![place(Which::From, var, x), place(Which::To, other, y)];
            let mut finding = comparison.finding(&META, &pair.name, var.key.clone(), message, places);
            finding.severity = match relation {
                Relation::StandIn => Severity::Info,
                Relation::CompatibleFork | Relation::WireCompatible => Severity::Warning,
                Relation::DivergedFork | Relation::Unrelated => Severity::Error,
            };
            finding.help = Some(format!("run {} in {a} as well", y.name));
            out.push(finding);
        }
        out
    }
}
