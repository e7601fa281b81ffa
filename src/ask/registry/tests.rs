//! A registry on this machine that answers as it is told.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;
use crate::ask::http::{Limits, Proxies};
use crate::ask::online::{Settings, World};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// What comes back: status, headers, body, and how much of the body is really sent.
#[derive(Clone, Default)]
struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    cut: bool,
}

fn reply(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Reply {
    let headers = headers.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Reply { status, headers, body: body.into(), cut: false }
}

/// A request: path with query, and `Authorization`.
type Request = (String, Option<String>);

struct Fake {
    host: String,
    asked: Arc<Mutex<Vec<Request>>>,
}

fn fake(answer: impl Fn(&str, Option<&str>, &str, usize) -> Reply + Send + 'static) -> Fake {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let host = listener.local_addr().expect("an address").to_string();
    let asked: Arc<Mutex<Vec<Request>>> = Arc::default();
    let (seen, own) = (Arc::clone(&asked), host.clone());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let _limit = stream.set_read_timeout(Some(Duration::from_secs(2)));
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n == 1) {
                head.push(byte[0]);
                if head[0] == 0x16 {
                    break; // TLS
                }
            }
            let text = String::from_utf8_lossy(&head).into_owned();
            let Some(path) = text.strip_prefix("GET ").and_then(|t| t.split(' ').next()) else { continue };
            let auth = text.lines().find_map(|l| l.strip_prefix("authorization: ")).map(str::to_owned);
            let n = seen.lock().expect("a lock").len();
            seen.lock().expect("a lock").push((path.to_owned(), auth.clone()));
            let reply = answer(path, auth.as_deref(), &own, n);
            let mut out = format!("HTTP/1.1 {} X\r\nconnection: close\r\ncontent-length: {}\r\n", reply.status, reply.body.len());
            for (key, value) in &reply.headers {
                out += &format!("{key}: {value}\r\n");
            }
            let body = if reply.cut { &reply.body[..reply.body.len() / 2] } else { &reply.body };
            let _sent = stream.write_all(out.as_bytes()).and_then(|()| stream.write_all(b"\r\n")).and_then(|()| stream.write_all(body));
        }
    });
    Fake { host, asked }
}

impl Fake {
    fn labels_with(&self, name: &str, config: &str, platform: Option<&str>) -> Result<Labels, String> {
        let limits =
            Limits { request: Duration::from_secs(3), pause: Duration::from_millis(5), wait: Duration::from_secs(2), ..Limits::default() };
        let credentials = Credentials::parse(&config.replace("HOST", &self.host)).expect("a file");
        let world = World::new(Settings { proxies: Proxies::default(), credentials, limits, ..Settings::default() });
        world.labels(&ImageRef::parse(&format!("{}/{name}", self.host)).expect("an image"), platform)
    }

    fn labels(&self, name: &str) -> Result<Labels, String> {
        self.labels_with(name, "{}", None)
    }

    fn why(&self) -> String {
        self.labels("acme/web:1").expect_err("no answer").replace(&self.host, "HOST")
    }

    fn asked(&self) -> Vec<Request> {
        self.asked.lock().expect("a lock").clone()
    }
}

fn config(version: &str) -> String {
    format!(r#"{{"created": "2026-05-01T00:00:00Z", "config": {{"Env": ["PG_VERSION={version}"]}}}}"#)
}

fn manifest(config: &str) -> String {
    let (digest, size) = (sha256(config.as_bytes()), config.len());
    format!(
        r#"{{"schemaVersion": 2, "mediaType": "{MANIFEST}", "config": {{"mediaType": "{}", "digest": "{digest}", "size": {size}}}}}"#,
        CONFIGS[0]
    )
}

/// The good image, with everything by its right name.
fn good(path: &str) -> Reply {
    let (config, manifest) = (config("18.1"), manifest(&config("18.1")));
    if path.contains("/manifests/") {
        reply(200, &[("content-type", MANIFEST)], manifest)
    } else if path.ends_with(&sha256(config.as_bytes())) {
        reply(200, &[], config)
    } else {
        reply(404, &[], "")
    }
}

#[test]
fn an_open_registry_is_asked_for_manifest_and_configuration() {
    let fake = fake(|path, _, _, _| good(path));
    let labels = fake.labels("acme/db:latest").expect("labels");
    assert_eq!(labels.numbers["PG_VERSION"], "18.1");
    assert_eq!(labels.created.map(|d| d.to_string()).as_deref(), Some("2026-05-01"));
    let asked = fake.asked();
    assert_eq!((asked.len(), asked[0].0.as_str()), (2, "/v2/acme/db/manifests/latest"));
}

#[test]
fn an_index_is_asked_for_a_platform() {
    let fake = fake(|path, _, _, _| {
        let parts: Vec<(String, String)> = ["17.0", "18.1"].map(|v| (config(v), manifest(&config(v)))).to_vec();
        let entry = |i: usize, platform: &str| {
            let (os, arch) = platform.split_once('/').expect("a platform");
            let m = &parts[i].1;
            let digest = sha256(m.as_bytes());
            format!(
                r#"{{"mediaType": "{MANIFEST}", "digest": "{digest}", "size": {}, "platform": {{"os": "{os}", "architecture": "{arch}"}}}}"#,
                m.len()
            )
        };
        let list = [entry(1, "unknown/unknown"), entry(0, "linux/arm64"), entry(1, "linux/amd64")].join(",");
        let index = format!(r#"{{"schemaVersion": 2, "manifests": [{list}]}}"#);
        let all = parts.iter().flat_map(|(c, m)| [(c, "application/json"), (m, MANIFEST)]);
        match all.into_iter().find(|(text, _)| path.ends_with(&sha256(text.as_bytes()))) {
            Some((text, kind)) => reply(200, &[("content-type", kind)], text.as_str()),
            None => reply(200, &[("content-type", INDEX)], index),
        }
    });
    let version = |platform: Option<&str>| fake.labels_with("db", "{}", platform).map(|l| l.numbers["PG_VERSION"].clone());
    assert_eq!(version(None).as_deref(), Ok("18.1"));
    assert_eq!(version(Some("linux/arm64")).as_deref(), Ok("17.0"));
    assert_eq!(version(Some("linux/arm64/v8")).expect_err("none"), "it has no image of this platform");
    assert_eq!(version(Some("windows/amd64")).expect_err("none"), "it has no image of this platform");
}

#[test]
fn a_basic_challenge_is_answered_with_the_users_credentials() {
    let fake = fake(|path, auth, _, _| match auth {
        Some("Basic dTpw") => good(path),
        _ => reply(401, &[("www-authenticate", "Basic realm=\"r\"")], ""),
    });
    assert!(fake.labels_with("acme/web:1", r#"{"auths": {"HOST": {"auth": "dTpw"}}}"#, None).is_ok());
    assert_eq!(fake.why(), "`HOST` does not show it to the public");
    let helper = fake.labels_with("acme/web:1", r#"{"credHelpers": {"HOST": "evil"}}"#, None).expect_err("refused");
    assert!(helper.contains("no program is run"), "{helper}");
}

#[test]
fn a_bearer_challenge_is_answered_with_a_token_for_pulling_this_alone() {
    let fake = fake(|path, auth, host, _| match auth {
        _ if path.starts_with("/token?") => reply(200, &[], r#"{"access_token": "canary"}"#),
        Some("Bearer canary") => good(path),
        _ => reply(401, &[("www-authenticate", &format!("Bearer realm=\"http://{host}/token\",service=\"r\",scope=\"all:*:push\""))], ""),
    });
    fake.labels_with("acme/web:1", r#"{"auths": {"HOST": {"auth": "dTpw"}}}"#, None).expect("labels");
    let asked = fake.asked();
    assert_eq!(asked[1], ("/token?service=r&scope=repository%3Aacme%2Fweb%3Apull".into(), Some("Basic dTpw".into())));
    assert_eq!(asked.len(), 4, "the token is kept");
}

#[test]
fn refusals_end() {
    let again = |path: &str, _: Option<&str>, host: &str, _| match path.starts_with("/token?") {
        true => reply(200, &[], r#"{"token": "x"}"#),
        false => reply(401, &[("www-authenticate", &format!("Bearer realm=\"http://{host}/token\""))], ""),
    };
    let fake_ = fake(again);
    assert_eq!(fake_.why(), "`HOST` does not show it to the public");
    assert_eq!(fake_.asked().len(), 3);
    assert_eq!(fake(|_, _, _, _| reply(404, &[], "")).why(), "`HOST` has no such image");
    assert_eq!(fake(|_, _, _, _| reply(401, &[], "")).why(), "`HOST` does not show it to the public");
    assert_eq!(fake(|_, _, _, _| reply(418, &[], "")).why(), "`HOST` answers with status 418");
}

#[test]
fn a_busy_registry_is_waited_for_but_not_for_long() {
    let busy = fake(|path, _, _, n| if n == 0 { reply(429, &[("retry-after", "1")], "") } else { good(path) });
    assert!(busy.labels("acme/web:1").is_ok());
    let long = fake(|_, _, _, _| reply(429, &[("retry-after", "3600")], ""));
    assert_eq!((long.why().as_str(), long.asked().len()), ("`HOST` allows no more requests now (it asks to wait 3600 s)", 1));
    let never = fake(|_, _, _, _| reply(503, &[], ""));
    assert_eq!((never.why().as_str(), never.asked().len()), ("`HOST` is not available now", 3));
}

#[test]
fn what_is_not_what_it_says_is_not_taken() {
    let cut = fake(|path, _, _, _| Reply { cut: true, ..good(path) });
    assert_eq!(cut.why(), "the answer of `HOST` ends early");
    let large = fake(|_, _, _, _| reply(200, &[("content-type", MANIFEST)], vec![b' '; BYTES + 1]));
    assert!(large.why().contains("larger than the limit"), "{}", large.why());
    let other = fake(|path, _, _, _| if path.contains("/blobs/") { reply(200, &[], config("99")) } else { good(path) });
    assert_eq!(other.why(), "what came is not what its digest says");
    let header = format!("sha256:{}", "0".repeat(64));
    let stated = fake(move |path, _, _, _| Reply { headers: vec![("docker-content-digest".into(), header.clone())], ..good(path) });
    assert_eq!(stated.why(), "what came is not what its digest says");
    let page = fake(|_, _, _, _| reply(200, &[("content-type", "text/html")], "<html>"));
    assert_eq!(page.why(), "its manifest cannot be read");
    let path = r#"{"schemaVersion": 2, "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "sha256:../../x", "size": 1}}"#;
    let up = fake(move |_, _, _, _| reply(200, &[("content-type", MANIFEST)], path));
    assert_eq!(up.why(), "its digest is of a kind that is not checked here");
}

#[test]
fn redirects_keep_to_the_network_and_take_no_credentials_along() {
    let store = fake(|path, _, _, _| good(path));
    let to = store.host.clone();
    let sends = fake(move |path, auth, _, _| match (auth, path.contains("/blobs/")) {
        (None, _) => reply(401, &[("www-authenticate", "Basic")], ""),
        (_, true) => reply(307, &[("location", &format!("http://{to}{path}"))], ""),
        _ => good(path),
    });
    sends.labels_with("acme/web:1", r#"{"auths": {"HOST": {"auth": "dTpw"}}}"#, None).expect("labels");
    assert_eq!(store.asked().iter().map(|(_, auth)| auth.clone()).collect::<Vec<_>>(), [None]);
    let lead = |location: &'static str| fake(move |_, _, _, _| reply(302, &[("location", location)], "")).why();
    assert_eq!(lead("http://169.254.169.254/latest/meta-data"), "`HOST` leads to `169.254.169.254`, an address of another network");
    assert_eq!(lead("http://10.0.0.1/"), "`HOST` leads to `10.0.0.1`, an address of another network");
    assert_eq!(lead("https://example.com/"), "`HOST` leads from http to https");
    assert_eq!(lead("file:///etc/passwd"), "`HOST` leads from http to file");
    assert_eq!(lead("/again"), "`HOST` leads on more than 5 times");
}
