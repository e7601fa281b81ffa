//! Rules: each answers one question about a pair, or about a whole comparison. The engine owns every loop.

use std::cell::OnceCell;

use crate::finding::{Finding, Place, Which};
use crate::inventory::{Inventory, Service, short_digests};
use crate::pair::Pair;
use config::keys::{self, Difference, UsedKeys};
use users::Users;

pub mod config;
pub mod personnel;
pub mod time;
pub mod tools;
mod users;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth mending.
    Warning,
    /// Will break, or has broken.
    Error,
}

impl Severity {
    /// The word in reports and options.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// One step less.
    #[must_use]
    pub fn lower(self) -> Self {
        match self {
            Self::Error => Self::Warning,
            Self::Warning | Self::Info => Self::Info,
        }
    }
}

/// What a rule says of itself; docs, `explain`, SARIF and the schema are derived from it.
#[derive(Debug)]
pub struct Meta {
    /// `group/name`. Never changes, never reused.
    pub id: &'static str,
    /// Default severity.
    pub severity: Severity,
    /// The question it answers, ends with `?`.
    pub question: &'static str,
    /// Why it matters: one or two sentences.
    pub why: &'static str,
    /// An example of drift.
    pub drift: &'static str,
    /// An example of parity.
    pub parity: &'static str,
    /// Off unless asked for.
    pub opt_in: bool,
}

/// Two inventories and their pairs.
pub struct Comparison<'a> {
    /// The first environment.
    pub from: &'a Inventory,
    /// The second.
    pub to: &'a Inventory,
    /// Which service is which.
    pub pairs: &'a [Pair<'a>],
    /// What was answered by the world outside the files.
    pub context: &'a Context,
    users: OnceCell<Users<'a>>,
    differences: OnceCell<Vec<Option<Difference<'a>>>>,
    /// Keys that each side has on both sides, as they are written in the first and in the second environment.
    used: [OnceCell<UsedKeys<'a>>; 2],
}

/// How far a question to the world outside the files was answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Answered {
    /// Nobody was asked.
    #[default]
    No,
    /// Something that was asked for is not known.
    InPart,
    /// All of it.
    InFull,
    /// With another comparison of the same run.
    Elsewhere,
}

/// What rules may know beside the pair.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// The day at which time is judged.
    pub today: jiff::civil::Date,
    /// How far production lags, by service.
    pub time: Vec<crate::ask::time::Entry>,
    /// Days over which deployments are counted.
    pub window_days: u32,
    /// Who ships; only where it was asked for.
    pub teams: Option<crate::ask::time::teams::Teams>,
    /// Thresholds that are set.
    pub rules: std::collections::BTreeMap<&'static str, crate::config::RuleSetting>,
    /// The day at which end of life is judged: the data's own, unless another was given.
    pub eol_day: jiff::civil::Date,
    /// When release lines end, where endoflife.date was asked; else the table of this program counts.
    pub ends: Option<crate::catalogue::eol::Table>,
    /// What images state of themselves, by their references; empty unless `--online` asked.
    pub images: std::collections::BTreeMap<String, crate::ask::registry::Labels>,
    /// Did registries say all that they were asked?
    pub registries: Answered,
    /// Did git?
    pub history: Answered,
}

impl<'a> Comparison<'a> {
    /// Two inventories, their pairs, and what else rules may know.
    #[must_use]
    pub fn new(from: &'a Inventory, to: &'a Inventory, pairs: &'a [Pair<'a>], context: &'a Context) -> Self {
        Self { from, to, pairs, context, users: OnceCell::new(), differences: OnceCell::new(), used: Default::default() }
    }

    /// Which of the pairs this one is; they lie in their order.
    fn number(&self, pair: &Pair<'_>) -> Option<usize> {
        let place = |p: &Pair<'_>| std::ptr::from_ref(p).cast::<()>();
        self.pairs.binary_search_by_key(&place(pair), place).ok()
    }

    /// What the keys of one of the pairs differ in; `None` where it is no workload of both sides.
    fn difference(&self, pair: &Pair<'_>) -> Option<&Difference<'a>> {
        let all = self.differences.get_or_init(|| self.pairs.iter().map(|pair| keys::difference(pair, self)).collect());
        all.get(self.number(pair)?)?.as_ref()
    }

    /// The keys of a side that the other side of the same service has too.
    fn used(&self, on: Which) -> &UsedKeys<'a> {
        let [of_from, of_to] = &self.used;
        let side = if on == Which::From { of_from } else { of_to };
        side.get_or_init(|| UsedKeys::new(self.pairs, on))
    }

    /// The pairs whose service in the first environment says that it uses this one: by name, or by a URL's host.
    pub fn users(&self, service: &Service) -> impl Iterator<Item = &'a Pair<'a>> {
        let users = self.users.get_or_init(|| Users::new(self.pairs)).of(service);
        users.into_iter().filter_map(|i| self.pairs.get(i))
    }

    /// Are both sides read from the very same places? A side does not drift from itself, whatever it holds.
    #[must_use]
    pub fn is_of_one_side(&self) -> bool {
        let places = |s: &'a crate::inventory::Service| (&s.at, s.stated_at(), s.environ.vars.iter().map(|v| &v.at).collect::<Vec<_>>());
        let same = |p: &Pair<'a>| p.from.zip(p.to).is_some_and(|(a, b)| places(a) == places(b));
        !self.pairs.is_empty() && self.pairs.iter().all(same)
    }

    /// A finding of a rule about a pair, with the rule's severity.
    pub fn finding(
        &self,
        meta: &'static Meta,
        service: &str,
        subject: impl Into<String>,
        message: impl Into<String>,
        places: Vec<Place>,
    ) -> Finding {
        Finding {
            rule: meta.id,
            severity: meta.severity,
            from: self.from.environment.clone(),
            to: self.to.environment.clone(),
            service: service.to_owned(),
            subject: subject.into(),
            message: short_digests(&message.into()),
            help: None,
            places: places.into_iter().map(|p| Place { label: short_digests(&p.label), ..p }).collect(),
            state: None,
            fix: None,
            since: None,
            unit: String::new(),
        }
    }
}

/// A rule.
pub trait Rule: Sync {
    /// What it says of itself.
    fn meta(&self) -> &'static Meta;

    /// Answers for one pair.
    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        let _ = (pair, comparison);
        Vec::new()
    }

    /// The thresholds that may be set for it: `days`, `commits`.
    fn thresholds(&self) -> &'static [&'static str] {
        &[]
    }

    /// Is all known that it asks for? Where not, that it says nothing does not mean that nothing is so.
    fn knows(&self, comparison: &Comparison<'_>) -> bool {
        let _ = comparison;
        true
    }

    /// Answers for the comparison as a whole.
    fn whole(&self, comparison: &Comparison<'_>) -> Vec<Finding> {
        let _ = comparison;
        Vec::new()
    }
}

/// Every rule, in the order of the docs.
pub static ALL: &[&dyn Rule] = &[
    &tools::kind_mismatch::KindMismatch,
    &tools::missing_in_prod::MissingInProd,
    &tools::missing_in_dev::MissingInDev,
    &tools::version_major::VersionMajor,
    &tools::version_minor::VersionMinor,
    &tools::version_patch::VersionPatch,
    &tools::version_unknown::VersionUnknown,
    &tools::floating_tag::FloatingTag,
    &tools::flavour::Flavour,
    &tools::extension::Extension,
    &tools::base_image::BaseImage,
    &tools::platform::Platform,
    &tools::end_of_life::EndOfLife,
    &tools::process_missing::ProcessMissing,
    &tools::admin_process::AdminProcess,
    &tools::port::Port,
    &tools::probe::Probe,
    &tools::environments_disagree::EnvironmentsDisagree,
    &config::missing_in_prod::MissingInProd,
    &config::missing_in_dev::MissingInDev,
    &config::likely_renamed::LikelyRenamed,
    &config::dangling_reference::DanglingReference,
    &config::literal_secret::LiteralSecret,
    &config::placeholder_secret::PlaceholderSecret,
    &config::dev_value_in_prod::DevValueInProd,
    &config::backing_scheme::BackingScheme,
    &config::empty_in_prod::EmptyInProd,
    &config::shadowed::Shadowed,
    &config::fallback_differs::FallbackDiffers,
    &config::undocumented::Undocumented,
    &time::deploy_lag::DeployLag,
    &time::unknown_revision::UnknownRevision,
    &time::version_spread::VersionSpread,
    &time::stale_manifest::StaleManifest,
    &personnel::disjoint_teams::DisjointTeams,
    &time::image_age::ImageAge,
];

/// Asks every rule about every pair; sorted.
#[must_use]
pub fn compare(comparison: &Comparison<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for rule in ALL {
        for pair in comparison.pairs.iter().filter(|p| !p.beside) {
            findings.extend(rule.pair(pair, comparison));
        }
        findings.extend(rule.whole(comparison));
    }
    findings.sort();
    findings
}

/// The rules that do not know all that they ask for.
pub fn unsure<'c>(comparison: &'c Comparison<'_>) -> impl Iterator<Item = &'static str> + 'c {
    ALL.iter().filter(|rule| !rule.knows(comparison)).map(|rule| rule.meta().id)
}

/// Does a pattern (`group/name`, `group/*`) name a rule?
#[must_use]
pub fn is_named(rule: &str, pattern: &str) -> bool {
    match pattern.strip_suffix("/*") {
        Some(group) => rule.split('/').next() == Some(group),
        None => rule == pattern,
    }
}

/// What the rule of an id says of itself.
///
/// # Errors
/// No rule has this id; the error names the nearest.
pub fn by_id(id: &str) -> Result<&'static Meta, crate::error::Error> {
    let metas = || ALL.iter().map(|r| r.meta());
    metas().find(|m| m.id == id).ok_or_else(|| {
        let near = metas().max_by(|a, b| strsim::jaro_winkler(a.id, id).total_cmp(&strsim::jaro_winkler(b.id, id)));
        let error = crate::error::Error::usage(format!("there is no rule `{id}`"));
        match near {
            Some(near) => error.help(format!("did you mean `{}`?", near.id)),
            None => error,
        }
    })
}
