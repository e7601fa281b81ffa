//! What may be asked of a value: each answer is a fact about it, never its text.

use super::EnvValue;
use crate::catalogue::{self, Kind};

/// Where a host is, seen from the container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// The container itself, or the developer's machine: `localhost`, `127.0.0.1`, `host.docker.internal`.
    Loopback,
    /// A name that only development uses: `*.test`, `*.nip.io`, a tunnel.
    Development,
    /// One word, which the network of a compose file or a cluster answers: `db`.
    Word,
    /// Any other.
    Other,
}

/// Starts of values that refer to a value elsewhere.
const REFERENCES: [&str; 18] = [
    "$",
    "{{",
    "<",
    "op://",
    "vault:",
    "ssm:",
    "arn:",
    "projects/",
    "ENC[",
    "@Microsoft.KeyVault(",
    "file:",
    "/",
    "sm://",
    "secretref:",
    "ref+",
    "gcp:",
    "awssm:",
    "keyvault:",
];

/// Whole values that stand for a value to come.
const PLACEHOLDERS: [&str; 44] = [
    "changeme",
    "changeit",
    "change",
    "secret",
    "secrets",
    "password",
    "passw0rd",
    "pass",
    "admin",
    "root",
    "test",
    "testing",
    "dev",
    "development",
    "example",
    "sample",
    "dummy",
    "fake",
    "foo",
    "bar",
    "baz",
    "foobar",
    "todo",
    "tbd",
    "fixme",
    "none",
    "null",
    "default",
    "placeholder",
    "replaceme",
    "qwerty",
    "letmein",
    "abc123",
    "postgres",
    "mysql",
    "redis",
    "guest",
    "minioadmin",
    "user",
    "undefined",
    "your",
    "notsecret",
    "supersecret",
    "topsecret",
];

/// Parts of values that nobody writes in production.
const PARTS: [&str; 15] = [
    "dev-only",
    "not-for-production",
    "insecure",
    "do-not-use",
    "changeme",
    "change-me",
    "change_me",
    "change-this",
    "change_this",
    "replace-me",
    "replace_me",
    "your-",
    "your_",
    "sk_test_",
    "rk_test_",
];

/// Credentials that servers ship with, or tutorials do.
const DEFAULTS: [&str; 10] = [
    "postgres:postgres",
    "root:root",
    "admin:admin",
    "guest:guest",
    "minioadmin:minioadmin",
    "user:password",
    "user:pass",
    "test:test",
    "postgres:password",
    "root:password",
];

/// Starts of URLs of databases in a file or in memory.
const EMBEDDED: [&str; 13] = [
    "sqlite:",
    "sqlite3:",
    "sqlite+",
    "jdbc:sqlite:",
    "jdbc:h2:",
    "jdbc:hsqldb:",
    "jdbc:derby:",
    "memory://",
    "locmemcache://",
    "dummycache://",
    "consolemail://",
    "filemail://",
    "memorymail://",
];

impl EnvValue {
    /// The text, for the questions of this file alone.
    fn text(&self) -> &str {
        match self {
            Self::Set(text) => text.0.trim().trim_matches(['"', '\'']),
            _ => "",
        }
    }

    /// Is it written, and not empty?
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.text().is_empty()
    }

    /// Is it written as the empty text?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::Empty || matches!(self, Self::Set(text) if text.0.trim().trim_matches(['"', '\'']).is_empty())
    }

    /// Are both values known, and the same?
    #[must_use]
    pub fn equals(&self, other: &Self) -> bool {
        self.is_known() && self.text() == other.text()
    }

    /// Is it one of these words, in any case?
    #[must_use]
    pub fn one_of(&self, words: &[&str]) -> bool {
        let text = self.text();
        words.iter().any(|w| w.eq_ignore_ascii_case(text))
    }

    /// Is it a word that switches something on?
    #[must_use]
    pub fn is_truthy(&self) -> bool {
        self.one_of(&["1", "true", "yes", "on", "t", "y", "enabled"])
    }

    /// Does it refer to a value that is elsewhere (`${VAR}`, `arn:aws:...`, `vault:...`, a path)?
    #[must_use]
    pub fn is_reference(&self) -> bool {
        let text = self.text();
        REFERENCES.iter().any(|r| text.starts_with(r)) || text.contains("${") || text.contains("{{") || text.contains("$(")
    }

    /// Does it stand for a value to come (`changeme`, `your-key-here`, `xxx`)?
    #[must_use]
    pub fn is_placeholder(&self) -> bool {
        let text = self.text().to_ascii_lowercase();
        let plain: String = text.chars().filter(|c| !matches!(c, '-' | '_' | ' ' | '!' | '.')).collect();
        let plain = plain.trim_end_matches(|c: char| c.is_ascii_digit());
        let first = text.chars().next();
        !text.is_empty()
            && (PLACEHOLDERS.contains(&plain)
                || PARTS.iter().any(|p| text.contains(p))
                || (text.starts_with('<') && text.ends_with('>'))
                || text.chars().all(|c| Some(c) == first)
                || "1234567890".starts_with(&text))
    }

    /// The URL's scheme, user part and hosts, where it is one.
    fn url(&self) -> Option<(&str, Option<&str>, &str)> {
        let (scheme, rest) = self.text().split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        let (user, hosts) = authority.rsplit_once('@').map_or((None, authority), |(u, h)| (Some(u), h));
        Some((scheme, user, hosts))
    }

    /// Does it look like a secret whatever its key is called: a URL with a password in it, a private key?
    #[must_use]
    pub fn looks_secret(&self) -> bool {
        let password = |user: &str| user.split_once(':').is_some_and(|(_, p)| !p.is_empty() && !p.starts_with(['$', '{', '<', '*']));
        self.text().starts_with("-----BEGIN ") && self.text().contains("PRIVATE KEY")
            || self.url().is_some_and(|(_, u, _)| u.is_some_and(password))
    }

    /// Is it a URL with credentials that servers or tutorials come with?
    #[must_use]
    pub fn has_default_credentials(&self) -> bool {
        self.url().and_then(|(_, user, _)| user).is_some_and(|user| DEFAULTS.iter().any(|d| d.eq_ignore_ascii_case(user)))
    }

    /// The kind of service that a URL's scheme names.
    #[must_use]
    pub fn kind_of_url(&self) -> Option<&'static Kind> {
        let text = self.text();
        let jdbc = ["jdbc:", "r2dbc:"].iter().any(|p| text.starts_with(p));
        let end = text.char_indices().filter(|(_, c)| *c == ':').map(|(i, _)| i).nth(usize::from(jdbc))?;
        let scheme = text.get(..end)?;
        let found = catalogue::kind_of_scheme(scheme)?;
        // `file:` and `es:` are schemes of other things too.
        (text.contains("://") || jdbc || found.family == "embedded").then_some(found).filter(|_| scheme != "file")
    }

    /// Is it a URL of a database in a file or in memory?
    #[must_use]
    pub fn names_a_file_database(&self) -> bool {
        let text = self.text().to_ascii_lowercase();
        EMBEDDED.iter().any(|e| text.starts_with(e))
    }

    /// Where the host is that a URL, or the value of a `*_HOST` key, names.
    #[must_use]
    pub fn host(&self) -> Option<Host> {
        let host = self.host_text()?.to_ascii_lowercase();
        let ends = |ends: &[&str]| ends.iter().any(|e| host.ends_with(e));
        let loopback = ["localhost", "::1", "0.0.0.0", "host.docker.internal", "host.containers.internal"];
        Some(if loopback.contains(&host.as_str()) || host.starts_with("127.") || ends(&[".localhost"]) {
            Host::Loopback
        } else if ends(&[".test", ".lvh.me", ".nip.io", ".ngrok.io", ".ngrok.app", ".ngrok-free.app", ".sslip.io"]) {
            Host::Development
        } else if !host.contains(['.', ':']) {
            Host::Word
        } else {
            Host::Other
        })
    }

    /// Is its host one of these names? The host's first word counts too: `db.prod.svc` is `db`.
    #[must_use]
    pub fn host_is(&self, mut is: impl FnMut(&str) -> bool) -> bool {
        self.hosts().any(|host| is(host) || host.contains(".svc") && host.split('.').next().is_some_and(&mut is))
    }

    /// Is it a URL?
    #[must_use]
    pub fn is_url(&self) -> bool {
        self.url().is_some()
    }

    /// Does its URL or `host:port` name one of these ports?
    #[must_use]
    pub fn names_port(&self, ports: &[u16]) -> bool {
        let text = self.text();
        ports.iter().any(|p| text.split(['/', '@', ',']).any(|part| part.ends_with(&format!(":{p}"))))
    }

    fn host_text(&self) -> Option<&str> {
        self.hosts().next()
    }

    /// The hosts of a URL, or of `host:port,host:port`.
    fn hosts(&self) -> impl Iterator<Item = &str> {
        let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | ',');
        let text = self.text();
        let bare = || Some(text).filter(|t| t.len() < 254 && t.chars().all(name));
        let all = self.url().map(|(_, _, hosts)| hosts).or_else(bare).unwrap_or("");
        all.split(',').map(host_of).filter(|h| !h.is_empty())
    }
}

/// The host of `host:port`.
fn host_of(first: &str) -> &str {
    if let Some(v6) = first.strip_prefix('[') {
        return v6.split(']').next().unwrap_or(v6);
    }
    match first.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') && port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => first,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(text: &str) -> EnvValue {
        EnvValue::set(text)
    }

    #[test]
    fn hosts() {
        for (text, host) in [
            ("postgres://u:p@localhost:5432/x", Some(Host::Loopback)),
            ("http://127.0.0.1:9000", Some(Host::Loopback)),
            ("http://[::1]:80/", Some(Host::Loopback)),
            ("redis://cache:6379/0", Some(Host::Word)),
            ("shop.test", Some(Host::Development)),
            ("db.example.com:5432", Some(Host::Other)),
            ("two words", None),
            ("", None),
        ] {
            assert_eq!(v(text).host(), host, "{text}");
        }
        assert!(v("amqp://broker.shop.svc:5672").host_is(|h| h == "broker"));
        assert!(v("redis://u:p@cache:6379,other/0").host_is(|h| h == "other") && !v("redis://u:p@cache").host_is(|h| h == "u"));
    }

    #[test]
    fn kinds_of_urls() {
        let kind = |text: &str| v(text).kind_of_url().map(|k| k.id.clone());
        assert_eq!(kind("postgresql+asyncpg://db/x").as_deref(), Some("postgresql"));
        assert_eq!(kind("jdbc:mysql://db/x").as_deref(), Some("mysql"));
        assert_eq!(kind("sqlite:///app.db").as_deref(), Some("sqlite"));
        assert_eq!(kind("file:/etc/x"), None);
        assert_eq!(kind("https://example.com"), None);
        assert_eq!(kind("es:x"), None);
    }

    #[test]
    fn placeholders_and_secrets() {
        for text in ["changeme", "Change-Me", "xxxxx", "<your token>", "your-key-here", "password123", "sk_test_abc", "1234"] {
            assert!(v(text).is_placeholder(), "{text}");
        }
        for text in ["", "k3J9x-22mQ", "${SECRET}", "production"] {
            assert!(!v(text).is_placeholder(), "{text}");
        }
        assert!(v("postgres://shop:hunter2@db/x").looks_secret());
        assert!(!v("postgres://shop:${PW}@db/x").looks_secret() && !v("https://example.com").looks_secret());
        assert!(v("arn:aws:secretsmanager:x").is_reference() && v("/run/secrets/x").is_reference() && !v("abc").is_reference());
    }

    #[test]
    fn nothing_shows_a_value() {
        assert_eq!(format!("{:?}", v("hunter2")), "set");
    }
}
