//! `config/literal-secret`: is a value under a secret-looking key written in prod's manifest in clear?

use super::secrets;
use crate::finding::{Finding, Place, Which};
use crate::inventory::{EnvSource, EnvVar, Service};
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `config/literal-secret`.
#[derive(Debug)]
pub struct LiteralSecret;

static META: Meta = Meta {
    id: "config/literal-secret",
    severity: Severity::Error,
    question: "Is a value under a secret-looking key written in prod's manifest in clear?",
    why: "Whoever can read the repository has the secret, and its history keeps it.",
    drift: "`STRIPE_SECRET_KEY: ...` in a ConfigMap of prod",
    parity: "the key comes from a Secret that is in no manifest, or the value is `${STRIPE_SECRET_KEY}`",
    opt_in: false,
};

impl Rule for LiteralSecret {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn whole(&self, comparison: &Comparison<'_>) -> Vec<Finding> {
        super::once_a_place(comparison, Which::To, |pair| of(pair, comparison))
    }
}

fn of(pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
    let Some(to) = pair.to else { return Vec::new() };
    let own = |v: &&EnvVar| !secrets::of_workloads(v, to, comparison.to);
    let clear = |v: &&EnvVar| secrets::written(v) && !secrets::placeholder(v, pair.from.map(|s: &Service| &s.environ));
    let one = |var: &EnvVar| {
        let b = &comparison.to.environment;
        let how = match var.source {
            EnvSource::Secret => "a Secret that is written in the manifests, where base64 hides nothing",
            EnvSource::EnvFile => "a file in the repository, in clear",
            _ => "the manifest, in clear",
        };
        let message = format!("`{}` of `{}` is written in {b} in {how}", var.key, pair.name);
        let place = Place::secret(Which::To, var.at.clone(), format!("`{}` is written here", var.key));
        let mut finding = comparison.finding(&META, &pair.name, var.key.clone(), message, vec![place]);
        finding.help = Some("take the value from a secret store or a Secret that is not in the repository, and change it".to_owned());
        finding
    };
    to.environ.vars.iter().filter(own).filter(clear).map(one).collect()
}
