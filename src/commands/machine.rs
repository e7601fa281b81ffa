//! What is asked of the machine: its environment, its clock, its terminal. Each is read here, once, and passed in.

use std::io::{self, IsTerminal, Read};
use std::path::Path;

use parity::ask::http::{Proxies, Secret};
use parity::ask::online::Settings;
use parity::ask::process::Programs;
use parity::ask::registry::Credentials;
use parity::ask::{World, github};
use parity::cli::{Color, Common};
use parity::limits::Limits;
use parity::report::Look;

/// Most bytes of docker's `config.json`: it holds a few hosts.
const DOCKER_CONFIG: u64 = 1024 * 1024;

/// How a report is shown on standard output.
#[expect(clippy::disallowed_methods, reason = "the environment is read here, once")]
pub(super) fn look(common: &Common) -> Look {
    let set = |key: &str| std::env::var(key).is_ok_and(|v| !v.is_empty() && v != "0");
    let color = match common.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            !set("NO_COLOR") && (set("CLICOLOR_FORCE") || (io::stdout().is_terminal() && std::env::var("CLICOLOR").as_deref() != Ok("0")))
        }
    };
    // Exported only where somebody means it; a shell keeps its own COLUMNS to itself.
    let asked = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok()).filter(|c| *c > 0);
    let seen = || terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
    let width: Option<usize> = asked.or_else(seen);
    Look { width: width.unwrap_or(100).clamp(40, 1000), color, wrap: width.is_some(), all: common.all }
}

/// Lets this thread work with those of the pool: one stack and one heap less.
pub(super) fn pool() {
    // Err: the pool was made before.
    let _made = rayon::ThreadPoolBuilder::new().use_current_thread().build_global();
}

/// Where programs are.
pub(super) fn programs() -> Programs {
    Programs::new(std::env::var_os("PATH"), std::env::var_os("HOME"))
}

/// The network, as the machine says that it is asked: proxies, and what docker keeps for registries.
#[expect(clippy::disallowed_methods, reason = "the environment is read here, once")]
pub(super) fn world(limits: Limits) -> World {
    let var = |keys: &[&str]| keys.iter().find_map(|k| std::env::var(k).ok()).filter(|v| !v.is_empty());
    let proxy = |keys: &[&str]| var(keys).map(Secret::new);
    let proxies = Proxies {
        // Not HTTP_PROXY: in CGI a request's header sets it (https://httpoxy.org).
        http: proxy(&["http_proxy", "all_proxy", "ALL_PROXY"]),
        https: proxy(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
        no_proxy: var(&["no_proxy", "NO_PROXY"]),
    };
    let dir = std::env::var_os("DOCKER_CONFIG").or_else(|| std::env::var_os("HOME").map(|h| Path::new(&h).join(".docker").into()));
    let credentials = dir.map(|dir| credentials(&Path::new(&dir).join("config.json"))).unwrap_or_default();
    // As workflows and `gh` name them.
    let token = var(&["GITHUB_TOKEN", "GH_TOKEN"]).map(|t| Secret::new(t.trim()));
    let github = github::Settings { server: var(&["GITHUB_SERVER_URL"]), api: var(&["GITHUB_API_URL"]), token };
    // A mirror.
    let endoflife = var(&["PARITY_ENDOFLIFE_URL"]);
    World::new(Settings { proxies, credentials, github, endoflife, limits: limits.network() })
}

/// What docker keeps for registries; one that is there and cannot be read is said where it would be needed.
fn credentials(path: &Path) -> Credentials {
    let mut text = String::new();
    match std::fs::File::open(path).and_then(|f| f.take(DOCKER_CONFIG).read_to_string(&mut text)) {
        Ok(_) => Credentials::parse(&text).unwrap_or_else(|_| Credentials::unread()),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Credentials::default(),
        Err(_) => Credentials::unread(),
    }
}

/// Every variable that is text.
pub(super) fn environment() -> Vec<(String, String)> {
    std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect()
}

/// The day in UTC.
#[expect(clippy::disallowed_methods, reason = "the clock is read here, once")]
pub(super) fn today() -> jiff::civil::Date {
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let days = i64::try_from(seconds / 86_400).unwrap_or(0);
    jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(days))
}
