//! `parity.yml` as it is written: the types from which it is read and from which its JSON Schema is made.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, MapAccess, SeqAccess, Visitor};

use super::de::Spanned;

/// The configuration of `parity`. Every key has a default: an empty file is valid.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(title = "parity.yml")]
pub(super) struct File {
    /// The environments by name, and what declares them. What is not named is found.
    pub(super) environments: BTreeMap<Spanned<String>, Environment>,
    /// What is compared with what; default: every environment with `prod`.
    pub(super) compare: Vec<Compare>,
    /// When the run ends with 1.
    pub(super) fail_on: Option<FailOn>,
    /// Severity and thresholds of rules, by id.
    pub(super) rules: BTreeMap<Spanned<String>, Rule>,
    /// The kind of images that the catalogue does not know: a repository, `*` at the end for all below it, to a kind's id.
    pub(super) images: BTreeMap<Spanned<String>, Spanned<String>>,
    /// Services that are one need, whatever they are called.
    pub(super) pairs: Vec<Pair>,
    /// Version differences that are meant.
    pub(super) allow: Vec<Allow>,
    /// Findings that are not shown, each with its reason.
    pub(super) ignore: Vec<Ignore>,
    /// The baseline that `parity baseline write` made: what is in it is not shown.
    pub(super) baseline: Option<Spanned<String>>,
    /// How the time gap is measured.
    pub(super) time: Time,
    /// Limits of reading.
    pub(super) limits: Limits,
}

/// One environment: its manifests, alone or with how they are read.
#[derive(Debug, Default)]
pub(super) struct Environment {
    /// Files and folders, relative to the root.
    pub(super) manifests: Vec<Spanned<String>>,
    /// Values files of charts and variable files of infrastructure code.
    pub(super) var_files: Vec<Spanned<String>>,
    /// Dotenv files for interpolation.
    pub(super) env_files: Vec<Spanned<String>>,
    /// Values of charts, `key=value`.
    pub(super) set: Vec<String>,
    /// Compose profiles that are started; default: all.
    pub(super) profiles: Vec<String>,
}

/// The long form of an environment.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct EnvironmentMapping {
    /// Files and folders, relative to the root.
    manifests: Vec<Spanned<String>>,
    /// Values files of charts and variable files of infrastructure code.
    var_files: Vec<Spanned<String>>,
    /// Dotenv files for interpolation.
    env_files: Vec<Spanned<String>>,
    /// Values of charts, `key=value`.
    set: Vec<String>,
    /// Compose profiles that are started; default: all.
    profiles: Vec<String>,
}

/// The forms of an environment, for the schema.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it is the schema of `Environment`")]
enum EnvironmentForms {
    Paths(Vec<String>),
    Mapping(EnvironmentMapping),
}

impl JsonSchema for Environment {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Environment".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        EnvironmentForms::json_schema(generator)
    }
}

impl<'de> Deserialize<'de> for Environment {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms;
        impl<'de> Visitor<'de> for Forms {
            type Value = Environment;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of paths, or a mapping with `manifests`")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Environment, A::Error> {
                let mut manifests = Vec::new();
                while let Some(path) = seq.next_element()? {
                    manifests.push(path);
                }
                Ok(Environment { manifests, ..Environment::default() })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Environment, A::Error> {
                let m = EnvironmentMapping::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Environment { manifests: m.manifests, var_files: m.var_files, env_files: m.env_files, set: m.set, profiles: m.profiles })
            }
        }
        deserializer.deserialize_any(Forms)
    }
}

/// Two environments that are compared.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Compare {
    /// The first environment.
    pub(super) from: Spanned<String>,
    /// The second.
    pub(super) to: Spanned<String>,
}

/// `fail-on`.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FailOn {
    /// At errors.
    Error,
    /// At warnings and errors.
    Warning,
    /// At anything.
    Info,
    /// Never.
    Never,
}

/// The severity of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Severity {
    /// The rule is not asked.
    Off,
    /// As the rule decides; switches a rule on that is off by default.
    On,
    /// Worth knowing.
    Info,
    /// Worth mending.
    Warning,
    /// Will break, or has broken.
    Error,
}

/// What is set for one rule: its severity alone, or with thresholds.
#[derive(Debug, Default)]
pub(super) struct Rule {
    /// Its severity.
    pub(super) severity: Option<Severity>,
    /// Days after which `time/deploy-lag` is a warning.
    pub(super) days: Option<u32>,
    /// Commits after which `time/deploy-lag` is a warning.
    pub(super) commits: Option<u32>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct RuleMapping {
    /// Its severity.
    severity: Option<Severity>,
    /// Days after which `time/deploy-lag` is a warning.
    days: Option<u32>,
    /// Commits after which `time/deploy-lag` is a warning.
    commits: Option<u32>,
}

/// The forms of a rule's entry, for the schema.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it is the schema of `Rule`")]
enum RuleForms {
    Severity(Severity),
    Mapping(RuleMapping),
}

impl JsonSchema for Rule {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Rule".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        RuleForms::json_schema(generator)
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Forms;
        impl<'de> Visitor<'de> for Forms {
            type Value = Rule;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a severity (off, on, info, warning, error), or a mapping with `severity`")
            }
            fn visit_str<E: de::Error>(self, word: &str) -> Result<Rule, E> {
                let severity = Severity::deserialize(de::value::StrDeserializer::<E>::new(word))?;
                Ok(Rule { severity: Some(severity), ..Rule::default() })
            }
            fn visit_bool<E: de::Error>(self, on: bool) -> Result<Rule, E> {
                Ok(Rule { severity: Some(if on { Severity::On } else { Severity::Off }), ..Rule::default() })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Rule, A::Error> {
                let m = RuleMapping::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Rule { severity: m.severity, days: m.days, commits: m.commits })
            }
        }
        deserializer.deserialize_any(Forms)
    }
}

/// Two services that are one need.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Pair {
    /// The service's name in the first environment; left out, it is only in the second.
    pub(super) from: Option<Spanned<String>>,
    /// The service's name in the second.
    pub(super) to: Option<Spanned<String>>,
}

/// A version difference that is meant.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Allow {
    /// The service, `*` for any characters.
    pub(super) service: Option<Spanned<String>>,
    /// The kind: `postgresql`.
    pub(super) kind: Option<Spanned<String>>,
    /// How far the second environment may be ahead: `patch`, `minor`, `major`, or a number of them: `1 minor`.
    pub(super) to_ahead: Option<Spanned<String>>,
    /// How far the first environment may be ahead.
    pub(super) from_ahead: Option<Spanned<String>>,
    /// Why this is meant.
    pub(super) reason: Spanned<String>,
    /// The last day on which it holds.
    pub(super) until: Option<Spanned<String>>,
}

/// Findings that are not shown.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Ignore {
    /// The rule, or `group/*`.
    pub(super) rule: Spanned<String>,
    /// The service, `*` for any characters.
    pub(super) service: Option<Spanned<String>>,
    /// What of the service: a key, a kind, an image; `*` for any characters.
    pub(super) subject: Option<Spanned<String>>,
    /// Files in which one of its places lies, as a glob.
    pub(super) path: Option<Spanned<String>>,
    /// Why it is not shown.
    pub(super) reason: Spanned<String>,
    /// The last day on which it is not shown.
    pub(super) until: Option<Spanned<String>>,
}

/// How the time gap is measured.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Time {
    /// The paths of a service's code, by the service's name.
    pub(super) paths: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
    /// How image tags name a commit: `{sha}`, `v{version}`, `{branch}-{sha}-{date}`.
    pub(super) tags: Vec<Spanned<String>>,
    /// The branch that is shipped; default: the remote's default branch, else the one that is checked out.
    pub(super) branch: Option<Spanned<String>>,
    /// Days over which deployments are counted.
    pub(super) window_days: Option<u32>,
}

/// What a run may cost. Each limit has an error that names it (docs/limits.md).
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Limits {
    /// Largest file that is read, in bytes.
    pub(super) file_bytes: Option<u64>,
    /// Most bytes of all files that are read.
    pub(super) total_bytes: Option<u64>,
    /// Most bytes of files that were read before and are needed again.
    pub(super) again_bytes: Option<u64>,
    /// Most files that are listed below the root.
    pub(super) files: Option<u64>,
    /// Deepest folder that is listed.
    pub(super) depth: Option<u64>,
    /// Most nodes of one file, aliases counted as what they expand to.
    pub(super) nodes: Option<u64>,
    /// Most nodes that all files which are read may become.
    pub(super) total_nodes: Option<u64>,
    /// Most nodes that the aliases of one file expand to.
    pub(super) alias_nodes: Option<u64>,
    /// Deepest nesting of lists and mappings.
    pub(super) nesting: Option<u64>,
    /// Most services of one environment.
    pub(super) services: Option<u64>,
    /// Most variables of all services together.
    pub(super) variables: Option<u64>,
    /// Longest chain of files that take in files.
    pub(super) includes: Option<u64>,
    /// Most bytes that a program which renders manifests may write.
    pub(super) rendered_bytes: Option<u64>,
    /// Longest time that a program may take, in seconds.
    pub(super) process_seconds: Option<u64>,
    /// Longest time of all that is asked of the network, in seconds.
    pub(super) network_seconds: Option<u64>,
}
