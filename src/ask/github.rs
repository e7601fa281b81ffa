//! A repository on GitHub → questions to its API: octocrab over the client of [`super::http`], within that client's limits.
//!
//! The token goes to the host of the API alone, and a remote on any other server than the API's is not asked about at all:
//! the configuration of a checked repository cannot choose who is told it.

use octocrab::Octocrab;
use reqwest::Url;
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;

use super::http::{Client, Get, HttpError, Secret, is_loopback};
use crate::publish::Repository;

/// The server where no other is named.
const SERVER: &str = "https://github.com";
/// Most bytes of an answer.
const BYTES: usize = 4 * 1024 * 1024;
/// The form of answers (docs.github.com, "API Versions").
const HEADERS: [(&str, &str); 1] = [("x-github-api-version", "2022-11-28")];

/// What GitHub is asked with.
#[derive(Debug, Default, Clone)]
pub struct Settings {
    /// The server, as `GITHUB_SERVER_URL` says it.
    pub server: Option<String>,
    /// Its API, as `GITHUB_API_URL` says it.
    pub api: Option<String>,
    /// What proves who asks; the public without one.
    pub token: Option<Secret>,
}

impl Settings {
    /// The repository of a remote, where it is on this server: of `upstream` before `origin` before others.
    #[must_use]
    pub fn repository(&self, remotes: &[(String, String)]) -> Option<Repository> {
        let server = Url::parse(self.server.as_deref().unwrap_or(SERVER)).ok()?;
        let ours = |(name, url): &(String, String)| {
            let (host, path) = host_and_path(url)?;
            let order = ["upstream", "origin"].iter().position(|n| n == name).unwrap_or(2);
            (Some(host.as_str()) == server.host_str()).then(|| Some((order, Repository::parse(&path).ok()?))).flatten()
        };
        remotes.iter().filter_map(ours).min_by_key(|(order, _)| *order).map(|(_, repository)| repository)
    }

    /// The address of the API.
    fn address(&self) -> Result<Url, HttpError> {
        let bad = || HttpError::new("the address of GitHub's API (`GITHUB_API_URL`) is no plain https URL");
        let server = self.server.as_deref().unwrap_or(SERVER).trim_end_matches('/');
        let own = || if server == SERVER { "https://api.github.com".to_owned() } else { format!("{server}/api/v3") };
        let url = Url::parse(&self.api.clone().unwrap_or_else(own)).map_err(|_| bad())?;
        let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
        // Without TLS the token would be anybody's to read.
        let safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
        if plain && safe && url.host_str().is_some() { Ok(url) } else { Err(bad()) }
    }
}

/// Host and path of a remote: `https://user@host/owner/name.git`, `git@host:owner/name`, `ssh://git@host:22/owner/name`.
fn host_and_path(url: &str) -> Option<(String, String)> {
    let (host, path) = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?,
        None => url.split_once(':')?,
    };
    let host = host.rsplit('@').next()?.split(':').next()?.to_ascii_lowercase();
    let host = match host.as_str() {
        // For networks that let nothing but 443 through (docs.github.com, "Using SSH over the HTTPS port").
        "ssh.github.com" | "www.github.com" => "github.com".to_owned(),
        _ => host,
    };
    let path = path.trim_matches('/');
    Some((host, path.strip_suffix(".git").unwrap_or(path).to_owned()))
}

/// One repository, asked.
pub(super) struct Api<'a> {
    client: &'a Client,
    octocrab: Octocrab,
    base: Url,
    repository: &'a Repository,
    token: bool,
}

impl<'a> Api<'a> {
    /// Must be called inside the runtime.
    pub(super) fn new(client: &'a Client, settings: &Settings, repository: &'a Repository) -> Result<Self, HttpError> {
        let base = settings.address()?;
        let cannot = |_| HttpError::new("GitHub's API cannot be asked with these settings");
        let mut builder = Octocrab::builder().base_uri(base.as_str().trim_end_matches('/')).map_err(cannot)?;
        if let Some(token) = &settings.token {
            if !token.expose().bytes().all(|b| b.is_ascii_graphic()) {
                return Err(HttpError::new("the token of `GITHUB_TOKEN` holds a character that no token has"));
            }
            builder = builder.personal_token(token.expose().to_owned());
        }
        let octocrab = builder.build_with_reqwest(client.of(&base).clone()).map_err(cannot)?;
        Ok(Self { client, octocrab, base, repository, token: settings.token.is_some() })
    }

    /// An answer about the repository; `None` where there is no such thing.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, HttpError> {
        let route = self.repository.path(path);
        let url = format!("{}{route}", self.base.as_str().trim_end_matches('/'));
        let url = Url::parse(&url).map_err(|_| HttpError::new("the name makes no URL"))?;
        let get = Get {
            url,
            named: &self.base,
            accept: "application/vnd.github+json",
            headers: &HEADERS,
            authorization: None,
            through: Some(&self.octocrab),
            limit: BYTES,
        };
        let answer = self.client.get(&get).await?;
        match answer.status {
            200 => serde_json::from_slice(&answer.body).map(Some).map_err(|_| HttpError::new("its answer is not what GitHub documents")),
            404 => Ok(None),
            401 => Err(HttpError::new("it does not accept the token")),
            403 => Err(HttpError::new(if self.token { "the token may not read this" } else { "it is not shown to the public" })),
            status => Err(HttpError::new(format!("it answers with status {status}"))),
        }
    }

    /// Who asks, for words.
    pub(super) fn who(&self) -> &'static str {
        if self.token { "this token" } else { "the public" }
    }
}

/// The answer of octocrab as reqwest has it, so that its body is read within the limit.
pub(super) async fn send(octocrab: &Octocrab, url: &Url, headers: HeaderMap) -> Result<reqwest::Response, octocrab::Error> {
    let answer = octocrab._get_with_headers(url.as_str(), Some(headers)).await?;
    Ok(reqwest::Response::from(answer.map(reqwest::Body::wrap)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(settings: &Settings, remotes: &[(&str, &str)]) -> Option<String> {
        let remotes: Vec<(String, String)> = remotes.iter().map(|(n, u)| ((*n).to_owned(), (*u).to_owned())).collect();
        settings.repository(&remotes).map(|r| r.path(""))
    }

    #[test]
    fn remotes_of_the_server_alone() {
        let open = Settings::default();
        for url in [
            "https://github.com/acme/shop.git",
            "https://user:canary@github.com/acme/shop/",
            "git@github.com:acme/shop.git",
            "ssh://git@ssh.github.com:443/acme/shop",
            "https://GitHub.com/acme/shop",
        ] {
            assert_eq!(of(&open, &[("origin", url)]).as_deref(), Some("/repos/acme/shop/"), "{url}");
        }
        for url in [
            "https://gitlab.com/acme/shop",
            "https://github.com.evil.example/acme/shop",
            "https://github.com@evil.example/acme/shop",
            "/srv/github.com/acme/shop",
            "https://github.com/acme",
            "https://github.com/acme/shop/../../user",
            "https://github.com/acme/shop?x=1",
        ] {
            assert_eq!(of(&open, &[("origin", url)]), None, "{url}");
        }
        let both = [("fork", "git@github.com:eve/shop"), ("origin", "git@github.com:ada/shop"), ("upstream", "git@github.com:acme/shop")];
        assert_eq!(of(&open, &both).as_deref(), Some("/repos/acme/shop/"));
        assert_eq!(of(&open, &both[..2]).as_deref(), Some("/repos/ada/shop/"));
        let own = Settings { server: Some("https://git.acme.example".into()), ..Settings::default() };
        assert_eq!(of(&own, &[("origin", "git@git.acme.example:web/shop.git")]).as_deref(), Some("/repos/web/shop/"));
        assert_eq!(of(&own, &both), None, "a token of one server is not for another");
    }

    #[test]
    fn the_address_is_safe_or_not_used() {
        let address = |server: Option<&str>, api: Option<&str>| {
            let settings = Settings { server: server.map(str::to_owned), api: api.map(str::to_owned), token: None };
            settings.address().map(|u| u.to_string()).map_err(|e| e.to_string())
        };
        assert_eq!(address(None, None).as_deref(), Ok("https://api.github.com/"));
        assert_eq!(address(Some("https://github.com/"), None).as_deref(), Ok("https://api.github.com/"));
        assert_eq!(address(Some("https://git.acme.example"), None).as_deref(), Ok("https://git.acme.example/api/v3"));
        assert_eq!(address(None, Some("http://127.0.0.1:8080/api/v3")).as_deref(), Ok("http://127.0.0.1:8080/api/v3"));
        for api in ["http://api.github.com", "https://u:p@api.github.com", "file:///x", "x", "https://api.github.com/?a=b"] {
            assert!(address(None, Some(api)).is_err_and(|e| !e.contains(api)), "{api}");
        }
    }
}
