//! A question by HTTP → the whole answer, or why there is none. The only place that opens a socket, and only where
//! `--online` asked for it.
//!
//! Only GET. What an answer may cost is limited: time, bytes, redirects, repetitions, and how long a server may ask to
//! wait. A host that does not answer is not asked again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{NoProxy, Proxy, Response, Url};

mod guard;

use super::github;
use guard::Names;
pub(super) use guard::is_loopback;

/// Who asks.
pub const USER_AGENT: &str = concat!("parity/", env!("CARGO_PKG_VERSION"), " (+", env!("CARGO_PKG_REPOSITORY"), ")");

/// Something that must not be shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text from view.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the request that needs it.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The proxies of the machine, as `https_proxy` and its relatives name them.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    /// For `http:`.
    pub http: Option<Secret>,
    /// For `https:`.
    pub https: Option<Secret>,
    /// Hosts that are asked without one.
    pub no_proxy: Option<String>,
}

/// What a question may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Longest time of one request with its answer.
    pub request: Duration,
    /// Longest time of all requests.
    pub whole: Duration,
    /// Longest time that a server may ask to wait before the next try.
    pub wait: Duration,
    /// First pause before the next try; it doubles.
    pub pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { request: seconds(10), whole: seconds(90), wait: seconds(10), pause: Duration::from_millis(300) }
    }
}

/// How often one question is put.
const TRIES: u32 = 3;
/// Most redirects.
const REDIRECTS: usize = 5;

/// Why there is no answer: one lower-case phrase. It quotes hosts, and nothing else that came from outside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct HttpError {
    message: String,
    /// Is it the host that fails, whatever is asked?
    host: bool,
    /// Could the connection itself not be made?
    pub(super) unconnected: bool,
    /// Is the answer larger than may be read?
    pub(super) large: bool,
}

impl HttpError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), host: false, unconnected: false, large: false }
    }

    fn of_host(message: impl Into<String>) -> Self {
        Self { host: true, ..Self::new(message) }
    }
}

/// A question.
#[derive(Clone)]
pub struct Get<'a> {
    /// What is asked.
    pub url: Url,
    /// The URL that the user named: its host may be anywhere. What leads away from it may not lead into another network.
    pub named: &'a Url,
    /// Media types.
    pub accept: &'a str,
    /// Other headers.
    pub headers: &'a [(&'static str, &'a str)],
    /// `Authorization`, for the host of `url` alone.
    pub authorization: Option<Secret>,
    /// Who sends it to the host of `url`, over this client, instead of the client itself.
    pub through: Option<&'a octocrab::Octocrab>,
    /// Most bytes of the answer.
    pub limit: usize,
}

/// An answer.
#[derive(Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }
}

/// A client in the making, with the cryptography that this program is built with.
pub fn builder() -> reqwest::ClientBuilder {
    // Err: it was installed before.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
}

/// The client.
pub struct Client {
    proxied: reqwest::Client,
    direct: reqwest::Client,
    has_proxy: bool,
    names: Names,
    limits: Limits,
    end: Instant,
    down: Mutex<BTreeMap<String, HttpError>>,
}

impl Client {
    /// A client.
    ///
    /// # Errors
    /// A proxy that is no URL, or no certificates on this machine.
    pub fn new(proxies: &Proxies, limits: Limits) -> Result<Self, HttpError> {
        let no_proxy = proxies.no_proxy.as_deref().and_then(NoProxy::from_string);
        let mut hosts = BTreeSet::new();
        let mut list = Vec::new();
        for (name, proxy, make) in [
            ("http_proxy", &proxies.http, Proxy::http::<Url> as fn(Url) -> reqwest::Result<Proxy>),
            ("https_proxy", &proxies.https, Proxy::https::<Url>),
        ] {
            let Some(proxy) = proxy.as_ref().map(Secret::expose).filter(|p| !p.is_empty()) else { continue };
            let url = if proxy.contains("://") { Url::parse(proxy) } else { Url::parse(&format!("http://{proxy}")) };
            let url = url.ok().filter(|u| matches!(u.scheme(), "http" | "https"));
            let bad = || HttpError::new(format!("the proxy of `{name}` is no URL of http or https"));
            let url = url.ok_or_else(bad)?;
            hosts.extend(url.host_str().map(str::to_owned));
            list.push(make(url).map_err(|_| bad())?.no_proxy(no_proxy.clone()));
        }
        let names = Names::new(hosts);
        let has_proxy = !list.is_empty();
        let build = |proxies: Vec<Proxy>| {
            let mut builder = builder()
                .user_agent(USER_AGENT)
                .redirect(Policy::none())
                .timeout(limits.request)
                .connect_timeout(limits.request / 2)
                .no_proxy()
                .dns_resolver(names.clone());
            for proxy in proxies {
                builder = builder.proxy(proxy);
            }
            builder.build().map_err(|_| HttpError::new("no HTTP client could be made: are there CA certificates on this machine?"))
        };
        let (direct, proxied) = (build(Vec::new())?, build(list)?);
        let end = Instant::now() + limits.whole;
        Ok(Self { proxied, direct, has_proxy, names, limits, end, down: Mutex::default() })
    }

    /// The client of a URL.
    pub(super) fn of(&self, url: &Url) -> &reqwest::Client {
        // As docker does: what is on this machine is never asked through a proxy.
        if guard::is_loopback(url) { &self.direct } else { &self.proxied }
    }

    /// Forgets that a host did not answer: it is asked by another scheme.
    pub(super) fn forgive(&self, url: &Url) {
        self.down.lock().unwrap_or_else(PoisonError::into_inner).remove(&guard::host(url));
    }

    /// Puts a question, again where that may help.
    ///
    /// # Errors
    /// Why there is no answer. A refusal of the server (404, 401) is an answer.
    pub async fn get(&self, get: &Get<'_>) -> Result<Answer, HttpError> {
        let host = guard::host(&get.url);
        if let Some(why) = self.down.lock().unwrap_or_else(PoisonError::into_inner).get(&host) {
            return Err(why.clone());
        }
        let done = self.tries(get, &host).await;
        if let Err(why) = &done
            && why.host
        {
            self.down.lock().unwrap_or_else(PoisonError::into_inner).insert(host, why.clone());
        }
        done
    }

    async fn tries(&self, get: &Get<'_>, host: &str) -> Result<Answer, HttpError> {
        let mut pause = self.limits.pause;
        for n in 1..=TRIES {
            let (why, wait) = match self.follow(get).await {
                Ok(answer) => match refusal(answer.status, &answer.headers) {
                    Some((words, wait)) => (HttpError::of_host(format!("`{host}` {words}")), wait.unwrap_or(pause)),
                    None => return Ok(answer),
                },
                // There the next try is without TLS.
                Err(why) if why.unconnected && guard::is_loopback(&get.url) => return Err(why),
                Err(why) if why.host => (why, pause),
                Err(why) => return Err(why),
            };
            if n == TRIES || wait > self.limits.wait || self.end.saturating_duration_since(Instant::now()) <= wait {
                return Err(why);
            }
            tokio::time::sleep(wait).await;
            pause *= 2;
        }
        Err(HttpError::of_host(format!("`{host}` gave no answer")))
    }

    /// One try, with the redirects that it needs.
    async fn follow(&self, get: &Get<'_>) -> Result<Answer, HttpError> {
        let mut url = get.url.clone();
        for _ in 0..=REDIRECTS {
            let host = guard::host(&url);
            if Instant::now() >= self.end {
                return Err(HttpError::of_host(format!(
                    "`{host}` was not asked: the network took longer than {} s",
                    self.limits.whole.as_secs()
                )));
            }
            // First, so that what is permitted below is what was found here.
            if self.names.of(&url).await.is_empty() && !self.has_proxy {
                return Err(HttpError { unconnected: true, ..HttpError::of_host(format!("the host `{host}` is not known")) });
            }
            if !self.names.may_lead(get.named, &url).await {
                let from = guard::host(get.named);
                return Err(HttpError::new(format!("`{from}` leads to `{host}`, an address of another network")));
            }
            let mut headers: HeaderMap =
                get.headers.iter().filter_map(|(k, v)| Some((HeaderName::from_static(k), HeaderValue::from_str(v).ok()?))).collect();
            headers.extend(HeaderValue::from_str(get.accept).map(|accept| (ACCEPT, accept)));
            if let Some(secret) = get.authorization.as_ref().filter(|_| host == guard::host(&get.url)) {
                let mut value = HeaderValue::from_str(secret.expose()).map_err(|_| HttpError::new("the credentials are no header"))?;
                value.set_sensitive(true);
                headers.insert(AUTHORIZATION, value);
            }
            let response = match get.through.filter(|_| host == guard::host(&get.url)) {
                Some(api) => github::send(api, &url, headers).await.map_err(|e| self.words(&host, &e))?,
                None => self.of(&url).get(url.clone()).headers(headers).send().await.map_err(|e| self.words(&host, &e))?,
            };
            if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
                return self.whole(response, &host, get.limit).await;
            }
            let next = response.headers().get(LOCATION).and_then(|l| l.to_str().ok()).and_then(|l| url.join(l).ok());
            let next = next.ok_or_else(|| HttpError::new(format!("`{host}` leads nowhere: a redirect without a place")))?;
            if next.scheme() != url.scheme() {
                return Err(HttpError::new(format!("`{host}` leads from {} to {}", url.scheme(), safe(next.scheme()))));
            }
            url = next;
        }
        Err(HttpError::new(format!("`{}` leads on more than {REDIRECTS} times", guard::host(&get.url))))
    }

    /// The whole body, within its limit.
    async fn whole(&self, mut response: Response, host: &str, limit: usize) -> Result<Answer, HttpError> {
        let words = || format!("the answer of `{host}` is larger than the limit of {limit} bytes");
        let large = || HttpError { large: true, ..HttpError::new(words()) };
        if response.content_length().is_some_and(|n| n > limit as u64) {
            return Err(large());
        }
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > limit => return Err(large()),
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(e) if e.is_timeout() => return Err(self.words(host, &e)),
                Err(_) => return Err(HttpError::new(format!("the answer of `{host}` ends early"))),
            }
        }
        Ok(Answer { status: response.status().as_u16(), headers: response.headers().clone(), body })
    }

    /// The client's errors quote whole URLs; these are our own words.
    fn words(&self, host: &str, error: &(dyn std::error::Error + 'static)) -> HttpError {
        let mut cause = Some(error);
        let (mut certificate, mut timeout, mut connect) = (false, false, false);
        while let Some(e) = cause {
            certificate |= e.to_string().to_ascii_lowercase().contains("certificate");
            let own = e.downcast_ref::<reqwest::Error>();
            timeout |= own.is_some_and(reqwest::Error::is_timeout);
            connect |= own.is_some_and(reqwest::Error::is_connect);
            cause = e.source();
        }
        if timeout {
            return HttpError::of_host(format!("`{host}` did not answer within {} s", self.limits.request.as_secs()));
        }
        let why = if certificate { "its certificate is not trusted" } else { "no connection" };
        HttpError { unconnected: connect && !certificate, ..HttpError::of_host(format!("`{host}` could not be reached: {why}")) }
    }
}

/// What a server says that wants no more requests now, and how long it asks to wait.
fn refusal(status: u16, headers: &HeaderMap) -> Option<(String, Option<Duration>)> {
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::trim);
    // `Retry-After` in seconds; a day of the calendar counts as far away (RFC 9110, 10.2.3).
    let after = header("retry-after").map(|text| Duration::from_secs(text.parse().unwrap_or(3600)));
    // GitHub says it with 403 as well (docs.github.com, "Rate limits for the REST API"): an hour at most, and not waited for.
    let spent = header("x-ratelimit-remaining") == Some("0");
    let words = match status {
        429 => "allows no more requests now",
        403 if spent || after.is_some() => "allows no more requests now",
        502..=504 => "is not available now",
        _ => return None,
    };
    let reset = || header("x-ratelimit-reset").filter(|_| spent)?.parse().ok().and_then(|s| jiff::Timestamp::from_second(s).ok());
    match (after, reset()) {
        (Some(after), _) => Some((format!("{words} (it asks to wait {} s)", after.as_secs()), Some(after))),
        (None, Some(reset)) => Some((format!("{words} (until {} UTC)", reset.to_string().get(11..16)?), Some(Duration::MAX))),
        (None, None) => Some((words.to_owned(), spent.then_some(Duration::MAX))),
    }
}

fn safe(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).take(12).collect()
}
