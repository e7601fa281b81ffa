//! `tools/missing-in-prod`: does dev run a backing service that prod has not, in any form?

use crate::catalogue::{Category, Kind};
use crate::finding::{Finding, Place, Which};
use crate::inventory::{EnvVar, Inventory, Process, Role};
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

use super::words;

/// The rule `tools/missing-in-prod`.
#[derive(Debug)]
pub struct MissingInProd;

static META: Meta = Meta {
    id: "tools/missing-in-prod",
    severity: Severity::Error,
    question: "Does dev run a backing service that prod has not, in any form?",
    why: "The app was written against a service that is not there.",
    drift: "`rabbitmq:3.13` in dev and nothing in prod",
    parity: "`adminer` in dev: a tool for developers (info)",
    opt_in: false,
};

impl Rule for MissingInProd {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        let Some(from) = pair.from.filter(|_| pair.role == Role::Backing && pair.to.is_none()) else { return Vec::new() };
        let Some(kind) = from.kind() else { return Vec::new() };
        // A job or an init container of a database's image is a client of the database.
        if from.process != Process::Service {
            return Vec::new();
        }
        // Another service of the kind is there: this one is a replica, a test instance, a second database.
        let another = comparison.to.services.iter().any(|s| s.kind() == Some(kind));
        let reached = evidence(comparison.to, kind);
        let from_env = &comparison.from.environment;
        let to = &comparison.to.environment;
        let mut message = format!("`{}` runs `{}` in {from_env}, and {to} declares no {}", pair.name, words::stated(from), kind.name);
        let place = Place::new(Which::From, from.stated_at().clone(), words::stated(from));
        let mut places = vec![place];
        let mut severity = META.severity;
        if kind.dev_only || matches!(kind.category, Category::Proxy | Category::Observability | Category::DevTool) || another {
            severity = Severity::Info;
        }
        // An object store or an emulator beside the app stands in for one of the cloud, which manifests seldom declare.
        if matches!(kind.category, Category::ObjectStore | Category::Emulator) {
            severity = Severity::Info;
            message.push_str("; it may stand in for a service of the cloud");
        }
        if let Some(var) = reached {
            severity = Severity::Info;
            message = format!(
                "`{}` runs `{}` in {from_env}; {to} reaches {} by `{}` alone, so its version is not known",
                pair.name,
                words::stated(from),
                kind.name,
                var.key
            );
            places.push(Place::secret(Which::To, var.at.clone(), format!("`{}`", var.key)));
        }
        if !from.profiles.is_empty() {
            severity = severity.lower();
        }
        let mut finding = comparison.finding(&META, &pair.name, kind.id.clone(), message, places);
        finding.severity = severity;
        vec![finding]
    }
}

/// A key of a workload that names a service of this kind, though nothing declares it.
fn evidence<'i>(inventory: &'i Inventory, kind: &Kind) -> Option<&'i EnvVar> {
    let names = |key: &str| {
        kind.env.iter().any(|k| k == key && !matches!(k.as_str(), "DATABASE_URL" | "DB_HOST" | "DB_PORT"))
            || key.split('_').any(|word| word.eq_ignore_ascii_case(&kind.id))
                && ["_URL", "_URI", "_HOST", "_ENDPOINT", "_ADDR", "_DSN"].iter().any(|e| key.ends_with(e))
            || (key == "DATABASE_URL" && kind.category == Category::Database && kind.env.iter().any(|k| k == key))
    };
    let workloads = inventory.services.iter().filter(|s| s.role == Role::Workload);
    workloads.flat_map(|s| &s.environ.vars).find(|v| names(&v.key) || v.value.kind_of_url() == Some(kind))
}
