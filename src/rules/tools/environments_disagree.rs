//! `tools/environments-disagree`: do two manifests of the same environment declare different versions of one service?

use crate::catalogue::compare::{Verdict, compare};
use crate::finding::{Finding, Place, Which};
use crate::inventory::{Role, Service};
use crate::pair::{Pair, used_by};
use crate::rules::{Comparison, Meta, Rule, Severity};

use super::words;

/// The rule `tools/environments-disagree`.
#[derive(Debug)]
pub struct EnvironmentsDisagree;

static META: Meta = Meta {
    id: "tools/environments-disagree",
    severity: Severity::Warning,
    question: "Do two sources of the same environment declare different versions of one service?",
    why: "Where an environment is written down twice, one of the two is wrong, and the comparison is with the first of them.",
    drift: "a StatefulSet with `postgres:15` and an RDS instance with PostgreSQL 16.3, both for prod",
    parity: "a chart with `postgres:16.3` and plain manifests with `postgres:16.3`",
    opt_in: false,
};

impl Rule for EnvironmentsDisagree {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        let sides = [(pair.from, Which::From, &comparison.from.environment), (pair.to, Which::To, &comparison.to.environment)];
        let backing = sides.into_iter().filter(|_| pair.role == Role::Backing);
        backing.filter_map(|(service, side, name)| disagreement(pair, service?, side, name, comparison)).collect()
    }
}

fn disagreement(pair: &Pair<'_>, service: &Service, side: Which, environment: &str, comparison: &Comparison<'_>) -> Option<Finding> {
    let first = service.known_software()?;
    let other = service.also.iter().find(|other| {
        let verdict = other.known_software().map(|o| compare(first, o).verdict);
        matches!(verdict, Some(Verdict::Patch | Verdict::Minor | Verdict::Major | Verdict::KindMismatch))
    })?;
    let services = if side == Which::From { &comparison.from.services } else { &comparison.to.services };
    let message = format!(
        "{environment} declares `{}` twice: `{}` in `{}` and `{}` in `{}`; it is compared as {}",
        service.name,
        words::stated(service),
        service.stated_at().path(),
        words::stated(other),
        other.stated_at().path(),
        used_by(service, services).map_or("the first".to_owned(), |key| format!("the first, which `{key}` names")),
    );
    let place = |s: &Service| Place::new(side, s.stated_at().clone(), words::stated(s));
    let subject = format!("{} {environment}", words::subject(pair));
    let mut finding = comparison.finding(&META, &pair.name, subject, message, vec![place(service), place(other)]);
    finding.help = Some("delete the one that is not used, or name the manifests of this environment with a flag".to_owned());
    Some(finding)
}
