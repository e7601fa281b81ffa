//! `tools/port`: does the app listen on another port on each side?

use crate::finding::{Finding, Place, Which};
use crate::inventory::{Fact, Process, Role};
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `tools/port`.
#[derive(Debug)]
pub struct Port;

static META: Meta = Meta {
    id: "tools/port",
    severity: Severity::Info,
    question: "Does the app listen on another port on each side?",
    why: "What reaches it by its port (a proxy, a probe, another service) is configured for one of the two.",
    drift: "`expose: 3000` in dev, `containerPort: 8080` in prod",
    parity: "the platform says the port (`PORT`)",
    opt_in: false,
};

impl Rule for Port {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        let (Some(from), Some(to)) = (pair.from, pair.to) else { return Vec::new() };
        let platform = comparison.from.injected.iter().chain(&comparison.to.injected).any(|k| k == "PORT");
        if pair.role != Role::Workload || platform || from.process != Process::Service || to.process != Process::Service {
            return Vec::new();
        }
        let known = |ports: &[Fact<u16>]| -> Option<Vec<u16>> { ports.iter().map(|p| p.value.known().copied()).collect() };
        let (Some(x), Some(y)) = (known(&from.ports), known(&to.ports)) else { return Vec::new() };
        let (Some(first), Some(other)) = (from.ports.first(), to.ports.first()) else { return Vec::new() };
        if x.iter().any(|p| y.contains(p)) {
            return Vec::new();
        }
        let list = |ports: &[u16]| {
            let mut ports = ports.to_vec();
            ports.sort_unstable();
            ports.dedup();
            ports.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")
        };
        let (a, b) = (&comparison.from.environment, &comparison.to.environment);
        let message = format!("`{}` listens on port {} in {a} and on {} in {b}", pair.name, list(&x), list(&y));
        let places = vec![Place::new(Which::From, first.at.clone(), "port"), Place::new(Which::To, other.at.clone(), "port")];
        let mut finding = comparison.finding(&META, &pair.name, "port", message, places);
        finding.help = Some("let it listen on one port, and map it outside of the container".to_owned());
        vec![finding]
    }
}
