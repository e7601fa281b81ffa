//! `config/undocumented`: is a key used on a side and absent from `.env.example`, where the repository has one?

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::{injected, matches};
use crate::finding::{Finding, Place, Which};
use crate::inventory::{EnvSource, EnvVar, Process, Role, Service};
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `config/undocumented`.
#[derive(Debug)]
pub struct Undocumented;

static META: Meta = Meta {
    id: "config/undocumented",
    severity: Severity::Info,
    question: "Is a key used on a side and absent from `.env.example`, where the repository has one?",
    why: "A new developer learns of the key when the app fails.",
    drift: "`STRIPE_KEY` in docker-compose.yml and not in `.env.example`",
    parity: "the key is in `.env.example`, if commented out",
    opt_in: false,
};

impl Rule for Undocumented {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn whole(&self, comparison: &Comparison<'_>) -> Vec<Finding> {
        if comparison.is_of_one_side() {
            return Vec::new();
        }
        let documents = comparison.from.documented.iter().chain(&comparison.to.documented);
        let documented: BTreeMap<&str, &crate::source::Location> = documents.map(|d| (d.key.as_str(), &d.at)).collect();
        let platforms = comparison.from.injected.iter().chain(&comparison.to.injected).map(String::as_str);
        let patterns: Vec<&str> = injected("any").iter().chain(injected("kubernetes")).copied().chain(platforms).collect();
        let counts = |var: &EnvVar| !matches!(var.source, EnvSource::Injected | EnvSource::Dockerfile | EnvSource::Binding);
        // A file that names few of a service's keys documents something else.
        let documents = |service: &Service| {
            let keys = || service.environ.vars.iter().filter(|v| v.source != EnvSource::Injected);
            let known = keys().filter(|v| documented.contains_key(v.key.as_str())).count();
            known > 0 && 2 * known >= keys().count()
        };
        let used = [(Which::From, comparison.from), (Which::To, comparison.to)]
            .into_iter()
            .flat_map(|(side, inventory)| inventory.services.iter().map(move |s| (side, s)))
            .filter(|(_, s)| s.role == Role::Workload && s.process == Process::Service && documents(s))
            .flat_map(|(side, s)| s.environ.vars.iter().map(move |v| (side, s, v)))
            .filter(|(_, _, v)| counts(v));
        let mut said = BTreeSet::new();
        let mut out = Vec::new();
        for (side, service, var) in used {
            let known = documented.contains_key(var.key.as_str()) || patterns.iter().any(|p| matches(p, &var.key));
            if known || !said.insert(var.key.as_str()) {
                continue;
            }
            let file = documented.values().next().map_or("", |at| at.path());
            let message = format!("`{}` is set for `{}` and not named in `{file}`", var.key, service.name);
            let place = Place::secret(side, var.at.clone(), format!("`{}`", var.key));
            let mut finding = comparison.finding(&META, &service.name, var.key.clone(), message, vec![place]);
            finding.help = Some(format!("name it in `{file}`, with an empty or an example value"));
            out.push(finding);
        }
        out
    }
}
