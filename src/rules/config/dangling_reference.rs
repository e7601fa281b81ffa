//! `config/dangling-reference`: does prod read a key that the object it names does not have?

use crate::finding::{Finding, Place, Which};
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `config/dangling-reference`.
#[derive(Debug)]
pub struct DanglingReference;

static META: Meta = Meta {
    id: "config/dangling-reference",
    severity: Severity::Error,
    question: "Does prod read a key from a ConfigMap or Secret that is declared in the same manifests and has no such key?",
    why: "The container does not start: CreateContainerConfigError.",
    drift: "`secretKeyRef: {name: web, key: db-url}` and a Secret `web` without `db-url`",
    parity: "the Secret is in no manifest, so its keys are not known",
    opt_in: false,
};

impl Rule for DanglingReference {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        let vars = pair.to.into_iter().flat_map(|s| &s.environ.vars);
        let one = |var: &crate::inventory::EnvVar| {
            let object = var.refers_to.as_deref().unwrap_or("?");
            let message =
                format!("`{}` of `{}` is read from `{object}` in {}, which has no such key", var.key, pair.name, comparison.to.environment);
            let place = Place::secret(Which::To, var.at.clone(), "read here");
            comparison.finding(&META, &pair.name, var.key.clone(), message, vec![place])
        };
        vars.filter(|v| v.dangling).map(one).collect()
    }
}
