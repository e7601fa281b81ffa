//! `config/likely-renamed`: is a key that is missing on one side nearly the same name as a key that is missing on the other?

use crate::finding::{Finding, Place, Which};
use crate::inventory::EnvVar;
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `config/likely-renamed`.
#[derive(Debug)]
pub struct LikelyRenamed;

static META: Meta = Meta {
    id: "config/likely-renamed",
    severity: Severity::Error,
    question: "Is a key that is missing on one side nearly the same name as a key that is missing on the other?",
    why: "A typing error or half a renaming: the app reads one of the two names.",
    drift: "`DATABSE_URL` in dev and `DATABASE_URL` in prod",
    parity: "`DB_HOST` on both sides and `DB_PORT` in prod alone",
    opt_in: false,
};

impl Rule for LikelyRenamed {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        let Some(difference) = comparison.difference(pair) else { return Vec::new() };
        let (a, b) = (&comparison.from.environment, &comparison.to.environment);
        let unlisted = [pair.from, pair.to].into_iter().flatten().any(|s| !s.environ.unlisted.is_empty());
        let place = |side, var: &EnvVar| Place::secret(side, var.at.clone(), format!("`{}`", var.key));
        let mut out = Vec::new();
        for rename in &difference.renames {
            let (from, to) = (&rename.from.key, &rename.to.key);
            let message = format!("`{from}` of `{}` is set in {a} alone, and {b} has `{to}`: likely one key under two names", pair.name);
            let places = vec![place(Which::From, rename.from), place(Which::To, rename.to)];
            let mut finding = comparison.finding(&META, &pair.name, format!("{from} {to}"), message, places);
            // A source that could not be listed may hold the very key.
            if unlisted {
                finding.severity = META.severity.lower();
            }
            finding.help = Some(format!("write one name on both sides: the one that the app reads, `{to}` if {b} works"));
            out.push(finding);
        }
        for form in &difference.forms {
            let names = |vars: &[&EnvVar]| vars.iter().map(|v| format!("`{}`", v.key)).collect::<Vec<_>>().join(", ");
            let message = format!(
                "`{}` reaches its {} by {} in {a} and by {} in {b}: the same service in another form",
                pair.name,
                form.family,
                names(&form.from),
                names(&form.to)
            );
            let first = |side, vars: &[&EnvVar]| vars.first().map(|v| place(side, v));
            let places = first(Which::From, &form.from).into_iter().chain(first(Which::To, &form.to)).collect();
            let mut finding = comparison.finding(&META, &pair.name, format!("form of {}", form.family), message, places);
            finding.severity = META.severity.lower();
            finding.help = Some("use one form on both sides, so that the code that reads it is run while developing".to_owned());
            out.push(finding);
        }
        out
    }
}
