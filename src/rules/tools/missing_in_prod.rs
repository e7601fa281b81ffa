//! `tools/missing-in-prod`: does dev run a backing service that prod has not, in any form?

use crate::catalogue::Category;
use crate::finding::{Finding, Place, Which};
use crate::inventory::{Process, Provider, Role, Service};
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
        let Some(kind) = from.kind().filter(|_| comparison.to.undeclared.is_none()) else { return Vec::new() };
        // A job or an init container of a database's image is a client of the database.
        if from.process != Process::Service {
            return Vec::new();
        }
        // Another service of the kind is there: this one is a replica, a test instance, a second database.
        let another = comparison.to.services.iter().any(|s| s.kind() == Some(kind));
        let from_env = &comparison.from.environment;
        let to = &comparison.to.environment;
        let mut message = format!("`{}` runs `{}` in {from_env}, and {to} declares no {}", pair.name, words::stated(from), kind.noun());
        let places = vec![Place::new(Which::From, from.stated_at().clone(), words::stated(from))];
        let mut severity = META.severity;
        if kind.dev_only || matches!(kind.category, Category::Proxy | Category::Observability | Category::DevTool) || another {
            severity = Severity::Info;
        }
        if let Some(user) = words::serves_what_is_missing(from, comparison).filter(|_| severity != Severity::Info) {
            severity = Severity::Info;
            message.push_str(&format!("; `{user}`, which uses it, is not there either"));
        }
        let used = || comparison.users(from).filter_map(|p| p.from).any(|user| user.role == Role::Workload);
        // What keeps the state of another service is that one's own: a managed Kafka brings its ZooKeeper.
        if kind.category == Category::Coordination && severity != Severity::Info && !used() {
            severity = Severity::Info;
            message.push_str("; no process of the app says that it uses it");
        }
        // One of several databases that the app may be run on, of which production has another.
        if kind.category == Category::Database && !used() {
            let meets = |p: &Pair<'_>| p.from.and_then(Service::kind).is_some_and(|k| k.category == kind.category) && p.to.is_some();
            if let Some(other) = comparison.pairs.iter().find(|p| p.role == Role::Backing && meets(p)) {
                severity = Severity::Info;
                message.push_str(&format!("; `{}` is on both sides", other.name));
            }
        }
        // An object store or an emulator beside the app stands in for one of the cloud, which manifests seldom declare.
        if matches!(kind.category, Category::ObjectStore | Category::Emulator) {
            severity = Severity::Info;
            message.push_str("; it may stand in for a service of the cloud");
        }
        // Where nothing else is said, an app keeps its data as the developers' does, or in a server of which nothing is written.
        if from.provider == Provider::File {
            severity = Severity::Info;
            message = format!("{from_env} keeps data in a file ({}), and {to} says nothing of a database", kind.name);
        }
        if !from.profiles.is_empty() {
            severity = severity.lower();
        }
        let defaults = || words::defaults(comparison.to).filter(|_| severity != Severity::Info);
        let open = words::unread(comparison.to).or_else(defaults);
        for why in [words::conditional(from), open].into_iter().flatten() {
            severity = severity.lower();
            message.push_str(&why);
        }
        let mut finding = comparison.finding(&META, &pair.name, kind.id.clone(), message, places);
        finding.severity = severity;
        vec![finding]
    }
}
