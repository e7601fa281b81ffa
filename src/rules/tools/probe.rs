//! `tools/probe`: has one side a health check and the other none, or another grace period before it is killed?

use crate::finding::{Finding, Place, Which};
use crate::inventory::{Process, Role};
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `tools/probe`.
#[derive(Debug)]
pub struct Probe;

static META: Meta = Meta {
    id: "tools/probe",
    severity: Severity::Info,
    question: "Has one side a health check and the other none, or another grace period before it is killed?",
    why: "A process that starts slowly or stops slowly is treated in another way on each side.",
    drift: "`healthcheck` in dev and no probe in prod",
    parity: "a probe on both sides, whatever it asks",
    opt_in: false,
};

impl Rule for Probe {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        let (Some(from), Some(to)) = (pair.from, pair.to) else { return Vec::new() };
        if pair.role != Role::Workload || from.process != Process::Service || to.process != Process::Service {
            return Vec::new();
        }
        let (a, b) = (&comparison.from.environment, &comparison.to.environment);
        let mut out = Vec::new();
        let checks = match (&from.probe, &to.probe) {
            (Some(at), None) => {
                Some((a, b, Place::new(Which::From, at.clone(), "health check"), Place::new(Which::To, to.at.clone(), "none here")))
            }
            (None, Some(at)) => {
                Some((b, a, Place::new(Which::From, from.at.clone(), "none here"), Place::new(Which::To, at.clone(), "health check")))
            }
            _ => None,
        };
        if let Some((has, has_not, first, second)) = checks {
            let message = format!("`{}` has a health check in {has} and none in {has_not}", pair.name);
            let mut finding = comparison.finding(&META, &pair.name, "health check", message, vec![first, second]);
            finding.help = Some(format!("declare one in {has_not} as well"));
            out.push(finding);
        }
        if let (Some(x), Some(y)) = (&from.stop_grace, &to.stop_grace)
            && let (Some(p), Some(q)) = (x.value.known(), y.value.known())
            && p != q
        {
            let message = format!("`{}` has {p} seconds to stop in {a} and {q} in {b}", pair.name);
            let places = vec![
                Place::new(Which::From, x.at.clone(), format!("{p} seconds")),
                Place::new(Which::To, y.at.clone(), format!("{q} seconds")),
            ];
            let mut finding = comparison.finding(&META, &pair.name, "grace period", message, places);
            finding.help = Some("give it the same time on both sides".to_owned());
            out.push(finding);
        }
        out
    }
}
