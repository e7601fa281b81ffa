//! The file as written → what it means; what it cannot mean is an error with its place.

use std::sync::Arc;

use jiff::civil::Date;

use super::de::{Spanned, nearest};
use super::{Ahead, Allow, Compare, Config, Environment, Ignore, Paired, RuleSetting, Time, file};
use crate::ask::time::check_pattern;
use crate::catalogue::{self, Level};
use crate::document::TreeLimits;
use crate::error::Error;
use crate::limits::Limits;
use crate::report::FailOn;
use crate::rules::{ALL, Severity};
use crate::source::{Location, Source};

/// Checks what was written.
pub(super) fn check(file: file::File, source: Arc<Source>) -> Result<Config, Error> {
    let cx = Checker { source: &source };
    let mut config = Config { fail_on: file.fail_on.map(FailOn::from), limits: limits(&file.limits), ..Config::default() };
    for (name, environment) in file.environments {
        let at = cx.at(&name);
        if name.value.is_empty() || name.value.contains(|c: char| c.is_whitespace() || c == '=') {
            return Err(Error::usage("the name of an environment is a word without spaces").at(at));
        }
        config.environments.insert(name.value, cx.environment(environment, at));
    }
    for compare in file.compare {
        let side = |name: Spanned<String>| (name.value.clone(), cx.at(&name));
        let (from, to) = (side(compare.from), side(compare.to));
        if from.0 == to.0 {
            return Err(Error::usage(format!("`{}` is compared with itself", from.0)).at(to.1));
        }
        config.compare.push(Compare { from, to });
    }
    for (id, rule) in file.rules {
        config.rules.insert(cx.rule(&id)?, setting(&rule));
    }
    for (image, kind) in file.images {
        let found = catalogue::kind(&kind.value).ok_or_else(|| {
            let known = catalogue::kinds().iter().map(|k| k.id.as_str());
            cx.unknown(&kind, format!("`{}` is no kind of the catalogue", kind.value), nearest(&kind.value, known))
        })?;
        config.images.push((image.value, found));
    }
    for pair in file.pairs {
        let Some(at) = pair.from.as_ref().or(pair.to.as_ref()).map(|name| cx.at(name)) else {
            return Err(Error::usage("an entry of `pairs` names no service").at(source.whole()).help("write `from:`, `to:` or both"));
        };
        config.pairs.push(Paired { from: pair.from.map(|n| n.value), to: pair.to.map(|n| n.value), at });
    }
    for allow in file.allow {
        config.allow.push(cx.allow(allow)?);
    }
    for ignore in file.ignore {
        config.ignore.push(cx.ignore(ignore)?);
    }
    config.time = cx.time(file.time)?;
    config.baseline = file.baseline.map(|b| b.value);
    config.source = Some(source);
    Ok(config)
}

struct Checker<'s> {
    source: &'s Arc<Source>,
}

impl Checker<'_> {
    fn at<T>(&self, spanned: &Spanned<T>) -> Location {
        self.source.at(spanned.span)
    }

    fn unknown<T>(&self, spanned: &Spanned<T>, message: String, help: Option<String>) -> Error {
        let error = Error::usage(message).at(self.at(spanned));
        match help {
            Some(help) => error.help(help),
            None => error,
        }
    }

    fn environment(&self, environment: file::Environment, at: Location) -> Environment {
        let plain = |paths: Vec<Spanned<String>>| paths.into_iter().map(|p| p.value).collect::<Vec<_>>();
        Environment {
            at,
            manifests: environment.manifests.iter().map(|p| (p.value.clone(), self.at(p))).collect(),
            var_files: plain(environment.var_files),
            env_files: plain(environment.env_files),
            set: environment.set,
            profiles: environment.profiles,
        }
    }

    /// The id of a rule that is known.
    fn rule(&self, id: &Spanned<String>) -> Result<&'static str, Error> {
        let ids = || ALL.iter().map(|r| r.meta().id);
        ids()
            .find(|known| *known == id.value)
            .ok_or_else(|| self.unknown(id, format!("there is no rule `{}`", id.value), nearest(&id.value, ids())))
    }

    fn reason(&self, reason: &Spanned<String>) -> Result<String, Error> {
        let text = reason.value.trim();
        if text.is_empty() {
            return Err(Error::usage("the reason is empty").at(self.at(reason)).help("say why this is meant, for those who come after"));
        }
        Ok(text.to_owned())
    }

    fn until(&self, until: Option<&Spanned<String>>) -> Result<Option<Date>, Error> {
        let Some(until) = until else { return Ok(None) };
        until
            .value
            .parse()
            .map(Some)
            .map_err(|_| Error::usage(format!("`{}` is no day", until.value)).at(self.at(until)).help("write it as 2027-01-31"))
    }

    fn allow(&self, allow: file::Allow) -> Result<Allow, Error> {
        let at = self.at(&allow.reason);
        if allow.service.is_none() && allow.kind.is_none() {
            return Err(Error::usage("an entry of `allow` names neither `service` nor `kind`").at(at));
        }
        if allow.to_ahead.is_none() && allow.from_ahead.is_none() {
            return Err(Error::usage("an entry of `allow` allows nothing")
                .at(at)
                .help("write `to-ahead: minor`, `from-ahead: 1 major`, or both"));
        }
        if let Some(kind) = allow.kind.as_ref().filter(|k| catalogue::kind(&k.value).is_none()) {
            let known = catalogue::kinds().iter().map(|k| k.id.as_str());
            return Err(self.unknown(kind, format!("`{}` is no kind of the catalogue", kind.value), nearest(&kind.value, known)));
        }
        Ok(Allow {
            service: allow.service.map(|s| s.value),
            kind: allow.kind.map(|s| s.value),
            to_ahead: self.ahead(allow.to_ahead.as_ref())?,
            from_ahead: self.ahead(allow.from_ahead.as_ref())?,
            reason: self.reason(&allow.reason)?,
            until: self.until(allow.until.as_ref())?,
            at,
        })
    }

    fn ahead(&self, ahead: Option<&Spanned<String>>) -> Result<Option<Ahead>, Error> {
        let Some(ahead) = ahead else { return Ok(None) };
        let words: Vec<&str> = ahead.value.split_whitespace().collect();
        let level = |word: &str| match word.trim_end_matches('s') {
            "patch" | "patche" => Some(Level::Patch),
            "minor" => Some(Level::Minor),
            "major" => Some(Level::Major),
            _ => None,
        };
        let read = match words.as_slice() {
            [word] => level(word).map(|level| Ahead { level, steps: None }),
            [number, word] => number.parse().ok().zip(level(word)).map(|(steps, level)| Ahead { level, steps: Some(steps) }),
            _ => None,
        };
        read.map(Some).ok_or_else(|| {
            Error::usage(format!("`{}` is no distance", ahead.value))
                .at(self.at(ahead))
                .help("write `patch`, `minor`, `major`, or a number of them: `1 minor`")
        })
    }

    fn time(&self, time: file::Time) -> Result<Time, Error> {
        let plain = |list: Vec<Spanned<String>>| list.into_iter().map(|s| s.value).collect::<Vec<_>>();
        for tag in &time.tags {
            check_pattern(&tag.value).map_err(|why| {
                let error = Error::usage(format!("`{}` is no pattern of tags: {why}", tag.value)).at(self.at(tag));
                error.help("write `{sha}`, `v{version}` or `{branch}-{sha}-{date}`")
            })?;
        }
        Ok(Time {
            paths: time.paths.into_iter().map(|(service, paths)| (service.value, plain(paths))).collect(),
            tags: plain(time.tags),
            branch: time.branch.map(|b| b.value),
            window_days: time.window_days,
        })
    }

    fn ignore(&self, ignore: file::Ignore) -> Result<Ignore, Error> {
        let group = ignore.rule.value.strip_suffix("/*");
        let known = |group: &str| ALL.iter().any(|r| r.meta().id.split('/').next() == Some(group));
        if !group.is_some_and(known) {
            self.rule(&ignore.rule)?;
        }
        if let Some(path) = &ignore.path
            && let Err(e) = globset::Glob::new(&path.value)
        {
            return Err(Error::usage(format!("`{}` is no path pattern: {}", path.value, e.kind())).at(self.at(path)));
        }
        Ok(Ignore {
            at: self.at(&ignore.rule),
            reason: self.reason(&ignore.reason)?,
            until: self.until(ignore.until.as_ref())?,
            rule: ignore.rule.value,
            service: ignore.service.map(|s| s.value),
            subject: ignore.subject.map(|s| s.value),
            path: ignore.path.map(|s| s.value),
        })
    }
}

fn setting(rule: &file::Rule) -> RuleSetting {
    let (on, severity) = match rule.severity {
        None => (None, None),
        Some(file::Severity::Off) => (Some(false), None),
        Some(file::Severity::On) => (Some(true), None),
        Some(file::Severity::Info) => (Some(true), Some(Severity::Info)),
        Some(file::Severity::Warning) => (Some(true), Some(Severity::Warning)),
        Some(file::Severity::Error) => (Some(true), Some(Severity::Error)),
    };
    RuleSetting { on, severity, days: rule.days, commits: rule.commits }
}

fn limits(set: &file::Limits) -> Limits {
    let default = Limits::default();
    let size = |n: Option<u64>, default: usize| n.map_or(default, |n| usize::try_from(n).unwrap_or(usize::MAX));
    Limits {
        file_bytes: set.file_bytes.unwrap_or(default.file_bytes),
        total_bytes: set.total_bytes.unwrap_or(default.total_bytes),
        again_bytes: set.again_bytes.unwrap_or(default.again_bytes),
        files: size(set.files, default.files),
        depth: size(set.depth, default.depth),
        total_nodes: size(set.total_nodes, default.total_nodes),
        tree: TreeLimits {
            depth: size(set.nesting, default.tree.depth),
            nodes: size(set.nodes, default.tree.nodes),
            aliases: size(set.alias_nodes, default.tree.aliases),
        },
        services: size(set.services, default.services),
        variables: size(set.variables, default.variables),
        includes: size(set.includes, default.includes),
        rendered_bytes: size(set.rendered_bytes, default.rendered_bytes),
        process_seconds: set.process_seconds.unwrap_or(default.process_seconds),
        network_seconds: set.network_seconds.unwrap_or(default.network_seconds),
    }
}

impl From<file::FailOn> for FailOn {
    fn from(fail_on: file::FailOn) -> Self {
        match fail_on {
            file::FailOn::Error => Self::Error,
            file::FailOn::Warning => Self::Warning,
            file::FailOn::Info => Self::Info,
            file::FailOn::Never => Self::Never,
        }
    }
}
