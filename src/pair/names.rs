//! A service → the names by which it is compared: its own, its image's, its folder's.

use std::collections::BTreeSet;

use crate::inventory::Service;

/// Words that say nothing of which service of a kind it is.
const GENERIC: [&str; 37] = [
    "db",
    "database",
    "postgres",
    "postgresql",
    "pg",
    "mysql",
    "mariadb",
    "mongo",
    "mongodb",
    "redis",
    "cache",
    "queue",
    "broker",
    "rabbitmq",
    "kafka",
    "server",
    "service",
    "svc",
    "store",
    "main",
    "default",
    "primary",
    "master",
    "prod",
    "production",
    "dev",
    "development",
    "local",
    "this",
    "app",
    "rds",
    "aurora",
    "cluster",
    "instance",
    "elasticache",
    "the",
    "data",
];

/// Words by which processes of an app are called, and the part that they play.
const PARTS: [(&str, &[&str]); 3] = [
    ("scheduler", &["scheduler", "beat", "clock", "cron", "clockwork"]),
    ("worker", &["worker", "workers", "celery", "sidekiq", "resque", "jobs", "job", "queue", "horizon", "delayed"]),
    ("web", &["web", "app", "server", "backend", "django", "rails", "flask", "puma", "http"]),
];

/// Words of tags that say for which environment an image is built.
const STAGES: [&str; 9] = ["dev", "devel", "development", "local", "prod", "production", "test", "ci", "latest"];

/// The names of a service, in one form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Names {
    /// Its own name.
    pub(super) own: String,
    /// Every name by which it may be known.
    pub(super) all: Vec<String>,
    /// The last part of its image's repository.
    pub(super) image: Option<String>,
    /// The name of an image that is built here and tagged with the part of the app that it holds: `shop:api-dev` is `shop-api`.
    pub(super) tagged: Option<String>,
    /// The folder that it is built from.
    pub(super) folder: Option<String>,
    /// The words of its names that tell it from others of its kind.
    pub(super) words: BTreeSet<String>,
}

impl Names {
    pub(super) fn of(service: &Service) -> Self {
        let label = ["app.kubernetes.io/name", "app.kubernetes.io/component"].into_iter().filter_map(|l| service.labels.get(l).cloned());
        let all = std::iter::once(service.name.clone()).chain(service.aliases.clone()).chain(label.take(1));
        let mut all: Vec<String> = all.map(|n| normal(&n)).collect();
        all.dedup();
        let last = |path: &str| normal(path.trim_end_matches('/').rsplit('/').next().unwrap_or(""));
        let folder = service.build.as_ref().and_then(|b| b.context.as_deref()).map(last).filter(|f| !f.is_empty());
        let words = all.iter().flat_map(|n| n.split('-')).filter(|w| w.len() > 2 && !GENERIC.contains(w)).map(str::to_owned).collect();
        let image = service.image().map(|i| last(&i.repository));
        let tag = service.image().filter(|_| service.build.is_some()).and_then(|i| i.tag.as_deref()).map(normal);
        let parts = tag.map(|t| t.split('-').filter(|w| !STAGES.contains(w)).map(str::to_owned).collect::<Vec<_>>());
        let parts = parts.filter(|p| !p.is_empty() && p.iter().all(|w| w.chars().all(|c| c.is_ascii_lowercase())));
        let tagged = image.as_ref().zip(parts).map(|(image, parts)| format!("{image}-{}", parts.join("-")));
        Self { own: normal(&service.name), all, image, tagged, folder, words }
    }

    /// Is any name one of the other's?
    pub(super) fn equal(&self, other: &Self) -> bool {
        self.all.iter().any(|x| other.all.contains(x))
    }

    /// Is its image called like that of the other, where a tag may be a part of the name?
    pub(super) fn tagged_alike(&self, other: &Self) -> bool {
        let like = |x: &Self, y: &Self| x.tagged.is_some() && (x.tagged == y.image || x.tagged == y.tagged);
        like(self, other) || like(other, self)
    }

    /// The part that it plays in the app, where its own name begins or ends with a word that says so: what alerts of a
    /// server's state (`alert-server-state`) is none.
    pub(super) fn part_played(&self) -> Option<&'static str> {
        let part = |word: &str| PARTS.iter().find(|(_, words)| words.contains(&word)).map(|(part, _)| *part);
        self.own.split('-').next().and_then(part).or_else(|| self.own.rsplit('-').next().and_then(part))
    }

    /// Is it called as what serves an app, and no more?
    pub(super) fn is_called_web(&self) -> bool {
        PARTS.iter().any(|(part, words)| *part == "web" && words.contains(&self.own.as_str()))
    }

    /// Is a name of one a part of a name of the other: `api` and `acme-api`?
    pub(super) fn part(&self, other: &Self) -> bool {
        let part = |x: &str, y: &str| {
            let longer = x.len() > 2 && y.len() > x.len();
            longer && (y.strip_prefix(x).is_some_and(|r| r.starts_with('-')) || y.strip_suffix(x).is_some_and(|r| r.ends_with('-')))
        };
        self.all.iter().any(|x| other.all.iter().any(|y| part(x, y) || part(y, x)))
    }

    /// Is a name of one a part of a name of the other, and more than a word for a part of any app (`worker`)?
    pub(super) fn telling_part(&self, other: &Self) -> bool {
        let plain = |name: &&String| !PARTS.iter().any(|(_, words)| words.contains(&name.as_str()));
        let telling = |names: &Self| Self { all: names.all.iter().filter(plain).cloned().collect(), ..Self::default() };
        telling(self).part(other) && self.part(&telling(other))
    }
}

/// Does a name say nothing of which service of a kind it is?
pub(super) fn is_generic(name: &str) -> bool {
    normal(name).split('-').all(|word| GENERIC.contains(&word))
}

/// `web_api` and `Web-API` are one name.
pub(super) fn normal(name: &str) -> String {
    name.to_lowercase().replace(['_', '.', '/'], "-")
}
