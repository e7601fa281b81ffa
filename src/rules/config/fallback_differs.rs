//! `config/fallback-differs`: does a default in a compose file differ from what `.env` sets?

use crate::finding::{Finding, Place, Which};
use crate::pair::Pair;
use crate::rules::{Comparison, Meta, Rule, Severity};

/// The rule `config/fallback-differs`.
#[derive(Debug)]
pub struct FallbackDiffers;

static META: Meta = Meta {
    id: "config/fallback-differs",
    severity: Severity::Info,
    question: "Does a default in a compose file differ from what `.env` sets?",
    why: "Whoever starts it without the `.env` file runs something else.",
    drift: "`${LOG_LEVEL:-info}` and `LOG_LEVEL=debug` in `.env`",
    parity: "`${LOG_LEVEL:-info}` and no `.env`, or the same value in it",
    opt_in: false,
};

impl Rule for FallbackDiffers {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        if comparison.is_of_one_side() {
            return Vec::new();
        }
        let sides = [(Which::From, pair.from, comparison.from), (Which::To, pair.to, comparison.to)];
        let mut out = Vec::new();
        for (side, service, inventory) in sides {
            for (what, at) in service.map(|s| s.fallbacks.as_slice()).unwrap_or_default() {
                let name = &inventory.environment;
                let message = format!("`{what}` of `{}` falls back to another value than the one that a file sets in {name}", pair.name);
                let place = Place::secret(side, at.clone(), "its default is not what is set");
                let mut finding = comparison.finding(&META, &pair.name, format!("{what} {name}"), message, vec![place]);
                finding.help = Some("write one value, or no default".to_owned());
                out.push(finding);
            }
        }
        out
    }
}
