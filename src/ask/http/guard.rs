//! A host → the addresses that may be connected to: what a manifest names may be anywhere, what an answer names may not
//! lead from the public network into a private one.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Longest wait for a name.
const NAME_TIME: Duration = Duration::from_secs(5);

/// From where an address can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// From everywhere.
    Public,
    /// Within an organisation (RFC 1918, RFC 4193, RFC 6598).
    Private,
    /// On this machine.
    Loopback,
    /// On this link, by many at once, or never: where clouds keep the credentials of machines.
    Other,
}

pub(super) fn reach(ip: IpAddr) -> Reach {
    match ip {
        IpAddr::V4(ip) => v4(ip),
        IpAddr::V6(ip) => {
            let s = ip.segments();
            let embedded = |high: u16, low: u16| {
                let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
                v4(Ipv4Addr::new(a, b, c, d))
            };
            match s {
                [0, 0, 0, 0, 0, 0, 0, 0 | 1] => Reach::Loopback,
                // Addresses of IPv4 in other clothes: mapped, compatible, NAT64 (RFC 6052), 6to4 (RFC 3056).
                [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
                    embedded(high, low)
                }
                [first, ..] if first & 0xfe00 == 0xfc00 => Reach::Private,
                [first, ..] if first & 0xe000 == 0x2000 => Reach::Public,
                _ => Reach::Other,
            }
        }
    }
}

fn v4(ip: Ipv4Addr) -> Reach {
    match ip.octets() {
        [127 | 0, ..] => Reach::Loopback,
        [10, ..] | [192, 168, ..] | [172, 16..=31, ..] | [100, 64..=127, ..] => Reach::Private,
        [169, 254, ..] | [224..=255, ..] | [192, 0, 0, _] => Reach::Other,
        _ => Reach::Public,
    }
}

/// Does this URL lead to this machine, by its own words?
pub(in crate::ask) fn is_loopback(url: &Url) -> bool {
    match literal(url) {
        Some(ip) => reach(ip) == Reach::Loopback,
        None => url.host_str().is_some_and(|h| h == "localhost" || h.ends_with(".localhost")),
    }
}

fn literal(url: &Url) -> Option<IpAddr> {
    url.host_str()?.trim_matches(['[', ']']).parse().ok()
}

/// Host and port: what an image names, and what credentials belong to.
pub(super) fn host(url: &Url) -> String {
    match url.port() {
        Some(port) => format!("{}:{port}", url.host_str().unwrap_or("")),
        None => url.host_str().unwrap_or("").to_owned(),
    }
}

/// Names that were looked up, once each; the client connects to these addresses and to no other, so that what was
/// permitted is what is asked.
#[derive(Clone, Default)]
pub(super) struct Names {
    found: Arc<Mutex<BTreeMap<String, Vec<IpAddr>>>>,
    proxies: Arc<BTreeSet<String>>,
}

impl Names {
    /// `proxies`: hosts of the user's own proxies.
    pub(super) fn new(proxies: BTreeSet<String>) -> Self {
        Self { found: Arc::default(), proxies: Arc::new(proxies) }
    }

    /// The addresses of a URL's host; none where the name is not known here.
    pub(super) async fn of(&self, url: &Url) -> Vec<IpAddr> {
        if let Some(ip) = literal(url) {
            return vec![ip];
        }
        let Some(name) = url.host_str().map(str::to_owned) else { return Vec::new() };
        if let Some(known) = self.found.lock().unwrap_or_else(PoisonError::into_inner).get(&name) {
            return known.clone();
        }
        let found: Vec<IpAddr> = look_up(name.clone()).await.iter().map(SocketAddr::ip).collect();
        if !found.is_empty() {
            self.found.lock().unwrap_or_else(PoisonError::into_inner).insert(name, found.clone());
        }
        found
    }

    /// May an answer of `named` lead to `url`?
    pub(super) async fn may_lead(&self, named: &Url, url: &Url) -> bool {
        if host(named) == host(url) {
            return true;
        }
        let from: BTreeSet<Reach> = self.of(named).await.into_iter().map(reach).collect();
        let to = self.of(url).await;
        to.into_iter().map(reach).all(|r| r == Reach::Public || (r != Reach::Other && from.contains(&r)))
    }
}

async fn look_up(name: String) -> Vec<SocketAddr> {
    let found = tokio::task::spawn_blocking(move || (name.as_str(), 0).to_socket_addrs().map(Iterator::collect).unwrap_or_default());
    tokio::time::timeout(NAME_TIME, found).await.ok().and_then(Result::ok).unwrap_or_default()
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner).get(name.as_str()).cloned();
        let proxy = self.proxies.contains(name.as_str());
        Box::pin(async move {
            let found: Vec<SocketAddr> = match found {
                Some(found) => found.into_iter().map(|ip| SocketAddr::new(ip, 0)).collect(),
                None if proxy => look_up(name.as_str().to_owned()).await,
                None => Vec::new(),
            };
            if found.is_empty() {
                return Err("the name is not known".into());
            }
            let addrs: Addrs = Box::new(found.into_iter());
            Ok(addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_apart() {
        let of = |ip: &str| reach(ip.parse().expect("an address"));
        for ip in ["93.184.216.34", "2606:4700::6810:84e5", "2002:5db8:d822::1", "::ffff:93.184.216.34"] {
            assert_eq!(of(ip), Reach::Public, "{ip}");
        }
        for ip in ["10.1.2.3", "172.31.0.1", "192.168.1.1", "100.100.0.1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1"] {
            assert_eq!(of(ip), Reach::Private, "{ip}");
        }
        for ip in ["127.0.0.1", "127.9.9.9", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1", "2002:7f00:1::"] {
            assert_eq!(of(ip), Reach::Loopback, "{ip}");
        }
        for ip in ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "ff02::1", "255.255.255.255", "64:ff9b::a9fe:a9fe"] {
            assert_eq!(of(ip), Reach::Other, "{ip}");
        }
    }

    #[test]
    fn an_answer_leads_to_its_own_network_or_the_public_one() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let names = Names::default();
        let may = |from: &str, to: &str| runtime.block_on(names.may_lead(&from.parse().expect("a URL"), &to.parse().expect("a URL")));
        assert!(may("https://93.184.216.34/v2/", "https://1.1.1.1/token"));
        assert!(!may("https://93.184.216.34/v2/", "https://10.0.0.1/token"));
        assert!(!may("https://93.184.216.34/v2/", "https://127.0.0.1/token"));
        assert!(!may("https://93.184.216.34/v2/", "https://[::ffff:7f00:1]/token"));
        assert!(!may("https://93.184.216.34/v2/", "https://2130706433/token"));
        assert!(may("https://10.0.0.1:5000/v2/", "https://10.0.0.2/token"));
        assert!(!may("https://10.0.0.1:5000/v2/", "https://127.0.0.1/"));
        assert!(may("http://localhost:5000/v2/", "http://127.0.0.1:5001/"));
        assert!(!may("http://169.254.1.1/v2/", "http://169.254.169.254/latest"));
    }
}
