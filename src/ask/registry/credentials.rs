//! Docker's `config.json` → the credentials of a registry. Those that it keeps in a program are not asked for: no
//! program is run.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::ask::http::Secret;

/// What `config.json` holds for registries.
#[derive(Default)]
pub struct Credentials {
    /// User and password, joined by a colon, by host or `host/path`.
    auths: BTreeMap<String, Secret>,
    /// Hosts whose credentials a program keeps; `*` for all.
    programs: Vec<String>,
    /// Hosts with a token that is exchanged by POST.
    tokens: Vec<String>,
    /// The file could not be read.
    unread: bool,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({} hosts)", self.auths.len())
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct File {
    auths: BTreeMap<String, Auth>,
    #[serde(rename = "credHelpers")]
    helpers: BTreeMap<String, serde_json::Value>,
    #[serde(rename = "credsStore")]
    store: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Auth {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
}

/// `https://index.docker.io/v1/` → `docker.io`; other keys without scheme, version and slash.
fn key(written: &str) -> String {
    let bare = written.split_once("://").map_or(written, |(_, rest)| rest).trim_end_matches('/');
    let bare = bare.strip_suffix("/v1").or_else(|| bare.strip_suffix("/v2")).unwrap_or(bare);
    match bare {
        "index.docker.io" | "registry-1.docker.io" => "docker.io".to_owned(),
        bare => bare.to_ascii_lowercase(),
    }
}

impl Credentials {
    /// Those of a file that cannot be read: none, and that is said where they would be needed.
    #[must_use]
    pub fn unread() -> Self {
        Self { unread: true, ..Self::default() }
    }

    /// Reads the text of the file.
    ///
    /// # Errors
    /// It is no JSON object of this form. The error quotes nothing of it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = serde_json::from_str(text).map_err(|e| format!("it cannot be read at line {}", e.line()))?;
        let mut out = Self { programs: file.helpers.keys().map(|k| key(k)).collect(), ..Self::default() };
        out.programs.extend(file.store.filter(|s| !s.is_empty()).map(|_| "*".to_owned()));
        for (written, auth) in file.auths {
            let host = key(&written);
            let decoded = auth.auth.filter(|a| !a.is_empty()).and_then(|a| STANDARD.decode(a.trim()).ok());
            let decoded = decoded.and_then(|d| String::from_utf8(d).ok()).map(|d| d.trim_end_matches('\0').to_owned());
            let pair = decoded.or_else(|| Some(format!("{}:{}", auth.username?, auth.password?)));
            if auth.identitytoken.is_some_and(|t| !t.is_empty()) {
                out.tokens.push(host);
            } else if let Some(pair) = pair.filter(|p| p.contains(':')) {
                out.auths.insert(host, Secret::new(pair));
            }
        }
        Ok(out)
    }

    /// The value of `Authorization` for a registry: of the longest key that its host and repository begin with.
    #[must_use]
    pub fn basic(&self, registry: &str, repository: &str) -> Option<Secret> {
        let name = format!("{registry}/{repository}").to_ascii_lowercase();
        let fits = |key: &&String| name.strip_prefix(key.as_str()).is_some_and(|rest| rest.starts_with('/'));
        let (_, pair) = self.auths.iter().filter(|(k, _)| fits(k)).max_by_key(|(k, _)| k.len())?;
        Some(Secret::new(format!("Basic {}", STANDARD.encode(pair.expose()))))
    }

    /// Why there are none for a registry, where the file knows it.
    #[must_use]
    pub fn why_not(&self, registry: &str) -> Option<&'static str> {
        let is = |list: &[String]| list.iter().any(|h| h == registry || h == "*");
        if self.unread {
            return Some("docker's config.json cannot be read");
        }
        if is(&self.tokens) {
            return Some("docker's config.json has an identity token for it, which only a POST can use");
        }
        is(&self.programs).then_some("docker's config.json keeps its credentials in a program, and no program is run")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Credentials {
        Credentials::parse(text).expect("a file")
    }

    #[test]
    fn the_longest_key_counts() {
        let file = of(r#"{"auths": {"https://index.docker.io/v1/": {"auth": "dTpw"}, "r.example": {"username": "a", "password": "b"},
            "r.example/team": {"auth": "Yzpk"}, "empty.example": {}, "odd.example": {"auth": "!"}}, "HttpHeaders": {"X": "y"}}"#);
        let basic = |registry: &str, repository: &str| file.basic(registry, repository).map(|s| s.expose().to_owned());
        assert_eq!(basic("docker.io", "library/postgres").as_deref(), Some("Basic dTpw"));
        assert_eq!(basic("r.example", "web").as_deref(), Some("Basic YTpi"));
        assert_eq!(basic("r.example", "team/web").as_deref(), Some("Basic Yzpk"));
        assert_eq!(basic("r.example", "teams/web").as_deref(), Some("Basic YTpi"));
        for registry in ["r.example.org", "empty.example", "odd.example", "ghcr.io"] {
            assert_eq!(basic(registry, "x"), None, "{registry}");
        }
    }

    #[test]
    fn what_a_program_keeps_is_said() {
        let file = of(r#"{"credHelpers": {"gcr.io": "gcloud"}, "auths": {"t.example": {"auth": "dTpw", "identitytoken": "x"}}}"#);
        assert!(file.why_not("gcr.io").is_some_and(|w| w.contains("program")));
        assert!(file.why_not("t.example").is_some_and(|w| w.contains("token")));
        assert!(file.basic("t.example", "a").is_none());
        assert_eq!(file.why_not("quay.io"), None);
        assert!(of(r#"{"credsStore": "desktop", "auths": {"quay.io": {}}}"#).why_not("quay.io").is_some());
    }

    #[test]
    fn an_odd_file_is_an_error_that_quotes_nothing() {
        for text in ["", "{\"auths\": 1}", "{\"auths\": {\"x\": \"canary-7\"}}"] {
            let why = Credentials::parse(text).expect_err(text);
            assert!(!why.contains("canary"), "{why}");
        }
    }
}
