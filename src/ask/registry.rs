//! An image reference → what the image states of itself, from its registry (OCI Distribution Specification 1.1).
//!
//! Only the registry that the image names is asked, and the token server that this registry names. What comes back is
//! checked against its digest. Nothing is pulled but manifests and the configuration, a few kilobytes each.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use reqwest::Url;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::inventory::ImageRef;

use super::http::{Answer, Client, Get, HttpError, Secret};

mod challenge;
mod config;
mod credentials;
#[cfg(test)]
mod tests;

use challenge::Challenge;
pub use config::Labels;
pub use credentials::Credentials;

/// Most bytes of a manifest (the specification's own advice) and of a configuration.
const BYTES: usize = 4 * 1024 * 1024;
/// Most bytes of a token server's answer.
const TOKEN_BYTES: usize = 64 * 1024;

const INDEXES: [&str; 2] = ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"];
const MANIFESTS: [&str; 2] = ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"];
const CONFIGS: [&str; 2] = ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

/// What registries are asked with.
pub struct Registry<'a> {
    /// The client.
    pub client: &'a Client,
    /// The user's credentials.
    pub credentials: &'a Credentials,
    /// `Authorization` by registry and repository, once it is known to be taken.
    pub taken: &'a Mutex<BTreeMap<(String, String), Secret>>,
}

#[derive(Deserialize)]
struct Descriptor {
    #[serde(rename = "mediaType", default)]
    media_type: String,
    digest: String,
    size: u64,
    platform: Option<Platform>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Platform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Manifest {
    #[serde(rename = "schemaVersion")]
    schema: u64,
    #[serde(rename = "mediaType")]
    media_type: Option<String>,
    manifests: Option<Vec<Descriptor>>,
    config: Option<Descriptor>,
    annotations: Option<BTreeMap<String, String>>,
}

impl Registry<'_> {
    /// What an image states of itself; of an index, the platform asked for (`linux/arm64`), else `linux/amd64`.
    ///
    /// # Errors
    /// Why it is not known: one lower-case phrase.
    pub async fn labels(&self, image: &ImageRef, platform: Option<&str>) -> Result<Labels, String> {
        let host = if image.registry == "docker.io" { "registry-1.docker.io" } else { &image.registry };
        let url = |scheme: &str| Url::parse(&format!("{scheme}://{host}/v2/")).map_err(|_| "the registry is no host".to_owned());
        let at = At { base: url("https")?, image };
        let done = self.of(&at, platform).await;
        match done {
            // As docker does: a registry on this machine may do without TLS, and no other.
            Err(why) if why.unconnected && at.is_local() => {
                let at = At { base: url("http")?, image };
                self.client.forgive(&at.base);
                self.of(&at, platform).await
            }
            done => done,
        }
        .map_err(|why| why.to_string())
    }

    async fn of(&self, at: &At<'_>, platform: Option<&str>) -> Result<Labels, HttpError> {
        let named = at.image.digest.as_deref().or(at.image.tag.as_deref()).unwrap_or("latest");
        let (first, digest) = self.manifest(at, named, at.image.digest.as_deref(), None).await?;
        let mut annotations = first.annotations.clone().unwrap_or_default();
        let manifest = match &first.manifests {
            None => first,
            Some(list) => {
                let chosen = choose(list, platform)?;
                is_sha256(&chosen.digest)?;
                self.manifest(at, &chosen.digest, Some(&chosen.digest), Some(chosen.size)).await?.0
            }
        };
        annotations.extend(manifest.annotations.unwrap_or_default());
        let config = manifest.config.ok_or_else(|| HttpError::new("it is no container image"))?;
        if !CONFIGS.contains(&config.media_type.as_str()) {
            return Err(HttpError::new("it is no container image"));
        }
        is_sha256(&config.digest)?;
        let answer = self.ask(at, &format!("blobs/{}", config.digest), "*/*").await?;
        check(&answer.body, &config.digest, Some(config.size))?;
        config::read(&answer.body, &annotations, digest).map_err(HttpError::new)
    }

    /// A manifest or an index, with its digest.
    async fn manifest(&self, at: &At<'_>, name: &str, digest: Option<&str>, size: Option<u64>) -> Result<(Manifest, String), HttpError> {
        let accept = [INDEXES, MANIFESTS].concat().join(", ");
        let answer = self.ask(at, &format!("manifests/{name}"), &accept).await?;
        let stated = digest.or_else(|| answer.header("docker-content-digest"));
        let digest = stated.map_or_else(|| sha256(&answer.body), str::to_owned);
        check(&answer.body, &digest, size)?;
        let manifest: Manifest = serde_json::from_slice(&answer.body).map_err(|_| HttpError::new("its manifest cannot be read"))?;
        let typed = manifest.media_type.as_deref().or_else(|| answer.header("content-type")).unwrap_or("");
        let typed = typed.split(';').next().unwrap_or("").trim();
        if manifest.schema == 1 || typed.contains(".v1+prettyjws") {
            return Err(HttpError::new("its manifest is of the first schema, which states no configuration"));
        }
        let is_index = INDEXES.contains(&typed);
        if is_index != manifest.manifests.is_some() || !(is_index || MANIFESTS.contains(&typed)) {
            return Err(HttpError::new("its manifest is of a form that is not known"));
        }
        Ok((manifest, digest))
    }

    /// One question about the repository, with who asks where the registry wants to know.
    async fn ask(&self, at: &At<'_>, path: &str, accept: &str) -> Result<Answer, HttpError> {
        let url = at.base.join(&format!("{}/{path}", at.image.repository)).map_err(|_| HttpError::new("the image makes no URL"))?;
        let key = (at.image.registry.clone(), at.image.repository.clone());
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let mut get = Get { url, named: &at.base, accept, headers: &[], authorization: taken, through: None, limit: BYTES };
        let mut answer = self.client.get(&get).await?;
        if answer.status == 401 {
            let headers = answer.headers.get_all("www-authenticate").iter().filter_map(|v| v.to_str().ok());
            let authorization = self.authorize(at, &challenge::parse(headers)).await?;
            get.authorization = Some(authorization.clone());
            answer = self.client.get(&get).await?;
            if answer.status != 401 {
                self.taken.lock().unwrap_or_else(PoisonError::into_inner).insert(key, authorization);
            }
        }
        match answer.status {
            200 => Ok(answer),
            404 => Err(HttpError::new(format!("`{}` has no such image", at.image.registry))),
            401 | 403 => Err(self.refused(at)),
            status => Err(HttpError::new(format!("`{}` answers with status {status}", at.image.registry))),
        }
    }

    /// Answers a challenge: with the user's credentials, or with a token that is given for them or for nothing.
    async fn authorize(&self, at: &At<'_>, challenges: &[Challenge]) -> Result<Secret, HttpError> {
        let basic = self.credentials.basic(&at.image.registry, &at.image.repository);
        for challenge in challenges {
            match challenge {
                Challenge::Basic => {
                    if let Some(basic) = &basic {
                        return Ok(basic.clone());
                    }
                }
                Challenge::Bearer { realm, service } => {
                    let bad = || HttpError::new(format!("`{}` names no token server that can be asked", at.image.registry));
                    let mut url = Url::parse(realm).map_err(|_| bad())?;
                    if url.scheme() != at.base.scheme() || !url.username().is_empty() || url.password().is_some() {
                        return Err(bad());
                    }
                    if let Some(service) = service {
                        url.query_pairs_mut().append_pair("service", service);
                    }
                    url.query_pairs_mut().append_pair("scope", &format!("repository:{}:pull", at.image.repository));
                    let get = Get {
                        url,
                        named: &at.base,
                        accept: "application/json",
                        headers: &[],
                        authorization: basic,
                        through: None,
                        limit: TOKEN_BYTES,
                    };
                    let answer = self.client.get(&get).await?;
                    return match answer.status {
                        200 => token(&answer.body).ok_or_else(|| HttpError::new("the token server gave no token")),
                        _ => Err(self.refused(at)),
                    };
                }
            }
        }
        Err(self.refused(at))
    }

    fn refused(&self, at: &At<'_>) -> HttpError {
        let registry = &at.image.registry;
        let known = self.credentials.basic(registry, &at.image.repository).is_some();
        let why = self.credentials.why_not(registry).filter(|_| !known);
        let who = if known { "the user of docker's config.json" } else { "the public" };
        HttpError::new(format!("`{registry}` does not show it to {who}{}", why.map_or_else(String::new, |w| format!(" ({w})"))))
    }
}

/// Where a question goes.
struct At<'a> {
    base: Url,
    image: &'a ImageRef,
}

impl At<'_> {
    fn is_local(&self) -> bool {
        super::http::is_loopback(&self.base)
    }
}

fn token(body: &[u8]) -> Option<Secret> {
    #[derive(Deserialize)]
    struct Token {
        token: Option<String>,
        access_token: Option<String>,
    }
    let found: Token = serde_json::from_slice(body).ok()?;
    let text = found.token.or(found.access_token).filter(|t| !t.is_empty())?;
    Some(Secret::new(format!("Bearer {text}")))
}

/// The manifest of a platform; attestations are of no platform.
fn choose<'a>(list: &'a [Descriptor], platform: Option<&str>) -> Result<&'a Descriptor, HttpError> {
    let name = |d: &Descriptor| d.platform.as_ref().map(|p| (format!("{}/{}", p.os, p.architecture), p.variant.clone()));
    let images = || list.iter().filter(|d| MANIFESTS.contains(&d.media_type.as_str()));
    let wanted = platform.unwrap_or("linux/amd64");
    let (wanted, variant) = match wanted.match_indices('/').nth(1) {
        Some((i, _)) => (wanted.get(..i).unwrap_or(wanted), wanted.get(i + 1..)),
        None => (wanted, None),
    };
    let fits = |d: &&Descriptor| name(d).is_some_and(|(n, v)| n == wanted && (variant.is_none() || v.as_deref() == variant));
    let any = |d: &&Descriptor| name(d).is_none_or(|(n, _)| n != "unknown/unknown");
    let found = images().find(fits).or_else(|| if platform.is_none() { images().find(any) } else { None });
    found.ok_or_else(|| HttpError::new("it has no image of this platform"))
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |out, byte| out + &format!("{byte:02x}"))
}

/// Other kinds are not checked, and what is no digest is not put into a URL.
fn is_sha256(digest: &str) -> Result<(), HttpError> {
    let hex = digest.strip_prefix("sha256:").is_some_and(|h| h.len() == 64 && h.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
    hex.then_some(()).ok_or_else(|| HttpError::new("its digest is of a kind that is not checked here"))
}

/// Is this what was asked for?
fn check(bytes: &[u8], digest: &str, size: Option<u64>) -> Result<(), HttpError> {
    is_sha256(digest)?;
    if sha256(bytes) != digest || size.is_some_and(|s| s != bytes.len() as u64) {
        return Err(HttpError::new("what came is not what its digest says"));
    }
    Ok(())
}
