//! Versions as tags and engine attributes state them; the generic grammar of tags.

/// What a tag or an attribute says about a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum State {
    /// It names a version.
    Version,
    /// It names a channel that moves: `latest`, `stable`, `alpine`, nothing.
    #[default]
    Floating,
    /// It names a day.
    Date,
    /// It names something that cannot be compared: a git sha, a digest alone, a code name.
    Opaque,
}

impl State {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Floating => "floating",
            Self::Date => "date",
            Self::Opaque => "opaque",
        }
    }
}

/// A version statement: components as far as they were written, and what stood beside them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Version {
    /// The text it was read from.
    pub text: String,
    /// What it says.
    pub state: State,
    /// Components, `15.7` → `[15, 7]`; their number is the precision.
    pub components: Vec<u64>,
    /// Pre-release: `rc1`, `beta3`; empty for none.
    pub prerelease: String,
    /// Build or packaging revision: `r4`, `37`.
    pub revision: Vec<String>,
    /// Base system, variant, features: `alpine3.19`, `management`.
    pub flavours: Vec<String>,
    /// Version of the extension that the tag states (`16-3.4` of postgis).
    pub extension: Option<String>,
}

const CHANNELS: [&str; 30] = [
    "latest",
    "stable",
    "edge",
    "nightly",
    "main",
    "master",
    "develop",
    "dev",
    "lts",
    "lta",
    "mainline",
    "current",
    "innovation",
    "rolling",
    "canary",
    "next",
    "test",
    "unstable",
    "fresh",
    "old",
    "snapshot",
    "trunk",
    "preview",
    "beta",
    "alpha",
    "rc",
    "development",
    "production",
    "staging",
    "release",
];
const SYSTEMS: [&str; 29] = [
    "alpine",
    "slim",
    "trixie",
    "bookworm",
    "bullseye",
    "buster",
    "stretch",
    "jessie",
    "debian",
    "ubuntu",
    "noble",
    "jammy",
    "focal",
    "bionic",
    "xenial",
    "ubi",
    "rhel",
    "centos",
    "rockylinux",
    "oraclelinux",
    "ol",
    "photon",
    "wolfi",
    "windowsservercore",
    "nanoserver",
    "ltsc",
    "scratch",
    "distroless",
    "fedora",
];
const FEATURES: [&str; 22] = [
    "management",
    "apache",
    "fpm",
    "cli",
    "oss",
    "enterprise",
    "community",
    "perl",
    "otel",
    "unprivileged",
    "system",
    "minimal",
    "standard",
    "zts",
    "jre",
    "jdk",
    "headless",
    "full",
    "security",
    "ce",
    "ee",
    "server",
];
const PRERELEASES: [&str; 9] = ["alpha", "beta", "rc", "m", "ea", "pre", "preview", "snapshot", "dev"];
const BEFORE_NUMBER: [&str; 9] = ["v", "version", "release", "rel", "ps", "enterprise", "community", "ce", "ee"];

impl Version {
    /// Components joined by dots: what reports show as the version. `None` when the state is no version or date.
    #[must_use]
    pub fn number(&self) -> Option<String> {
        if self.components.is_empty() {
            return None;
        }
        let numbers: Vec<String> = self.components.iter().map(u64::to_string).collect();
        Some(numbers.join("."))
    }

    /// A statement that names no version.
    #[must_use]
    pub fn floating(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    /// A statement that cannot be compared.
    #[must_use]
    pub fn opaque(text: &str) -> Self {
        Self { text: text.to_owned(), state: State::Opaque, ..Self::default() }
    }

    /// Reads a tag by the generic grammar. Never fails: what is no version is floating or opaque.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        if is_sha(&lower) {
            return Self::opaque(text);
        }
        if let Some(day) = date(&lower) {
            return Self { text: text.to_owned(), state: State::Date, components: day, ..Self::default() };
        }
        if lower.len() >= 7 && lower.bytes().all(|b| b.is_ascii_digit()) {
            return Self::opaque(text);
        }
        let tokens: Vec<&str> = lower.split('-').collect();
        let mut out = Self { text: text.to_owned(), ..Self::default() };
        let found = tokens.iter().enumerate().find_map(|(i, token)| {
            let previous = i.checked_sub(1).and_then(|p| tokens.get(p)).copied();
            Some((i, numbered(token, previous)?))
        });
        let Some((at, number)) = found else {
            let channel = tokens.iter().any(|t| CHANNELS.contains(t));
            let words = tokens.iter().enumerate().all(|(i, t)| {
                is_system(t) || FEATURES.contains(t) || (i > 0 && is_number(t) && tokens.get(i - 1).is_some_and(|p| is_system(p)))
            });
            out.state = if channel || words { State::Floating } else { State::Opaque };
            if out.state == State::Floating {
                out.flavours = tokens.iter().filter(|t| is_system(t)).map(|t| (*t).to_owned()).collect();
            }
            return out;
        };
        out.state = State::Version;
        out.components = number.components;
        out.prerelease = number.prerelease;
        out.revision = number.revision;
        let mut others: Vec<&str> =
            tokens.get(..at).unwrap_or_default().iter().copied().filter(|t| !BEFORE_NUMBER.contains(t) || FEATURES.contains(t)).collect();
        others.extend(tokens.get(at + 1..).unwrap_or_default());
        out.flavours = flavours(&others, &mut out.revision, &mut out.prerelease);
        out
    }
}

/// What a version token holds.
struct Numbered {
    components: Vec<u64>,
    prerelease: String,
    revision: Vec<String>,
}

/// `v?N(.N){0,4}` with wildcards, an attached pre-release or a Java build. `None` for all that is no version.
fn numbered(token: &str, previous: Option<&str>) -> Option<Numbered> {
    let bare = token.strip_prefix('v').filter(|t| t.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(token);
    if !bare.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if is_number(token) {
        match previous {
            None => {}
            Some(word) if BEFORE_NUMBER.contains(&word) => {}
            Some(_) => return None,
        }
    } else if previous.is_some_and(is_system) {
        return None; // `ubuntu-22.04`
    }
    // `8u502`: Java's way to write 8.0.502
    if let Some((major, update)) = bare.split_once('u')
        && let (Ok(major), Ok(update)) = (major.parse(), update.parse())
    {
        return Some(Numbered { components: vec![major, 0, update], prerelease: String::new(), revision: Vec::new() });
    }
    let bare = bare.split('_').next().unwrap_or(bare);
    let mut components = Vec::new();
    let mut prerelease = String::new();
    for part in bare.split('.') {
        if matches!(part, "x" | "*") {
            break;
        }
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        if number.is_empty() || !prerelease.is_empty() {
            return None;
        }
        components.push(number.parse().ok()?);
        if !rest.is_empty() {
            let word = rest.trim_end_matches(|c: char| c.is_ascii_digit());
            if !PRERELEASES.contains(&word) && !matches!(word, "a" | "b") {
                return None;
            }
            rest.clone_into(&mut prerelease);
        }
    }
    (components.len() <= 5).then_some(Numbered { components, prerelease, revision: Vec::new() })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_system(token: &str) -> bool {
    let word = token.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    SYSTEMS.contains(&word)
}

/// Sorts what stands beside the number into flavours, revision and pre-release.
fn flavours(tokens: &[&str], revision: &mut Vec<String>, prerelease: &mut String) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        let previous = i.checked_sub(1).and_then(|p| tokens.get(p)).copied();
        let mut dotted = token.split('.');
        let first = dotted.next().unwrap_or("");
        let word = first.trim_end_matches(|c: char| c.is_ascii_digit());
        let number = |t: &str, letter: char| t.strip_prefix(letter).is_some_and(is_number);
        if token.is_empty() {
            continue;
        } else if is_number(token) && previous.is_some_and(|p| matches!(p, "debian" | "ubuntu" | "photon" | "alpine" | "ubi")) {
            if let Some(last) = out.last_mut() {
                last.push('-');
                last.push_str(token);
            }
        } else if number(token, 'r')
            || number(token, 'p')
            || number(token, 'b')
            || (is_number(token) && token.len() <= 4)
            || token.starts_with("rds.")
        {
            revision.push((*token).to_owned());
        } else if prerelease.is_empty() && PRERELEASES.contains(&word) && dotted.all(is_number) {
            (*token).clone_into(prerelease);
        } else {
            out.push((*token).to_owned());
        }
    }
    out
}

/// A commit: hexadecimal, 7 to 40 characters, not all digits; alone, behind a word, or before a time stamp.
fn is_sha(text: &str) -> bool {
    if text.len() > 2 && text.as_bytes()[..2].first().is_some_and(u8::is_ascii_digit) && text.as_bytes().get(1) == Some(&b'.') {
        return false;
    }
    let hex =
        |t: &str| (7..=40).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_hexdigit()) && t.bytes().any(|b| b.is_ascii_alphabetic());
    if hex(text) || text.strip_prefix('g').is_some_and(hex) {
        return true;
    }
    let parts: Vec<&str> = text.split(['-', '_', '.']).collect();
    match parts.as_slice() {
        [.., sha, stamp] if hex(sha) && is_number(stamp) && (9..=14).contains(&stamp.len()) => true,
        [words @ .., sha] if hex(sha.strip_prefix('g').unwrap_or(sha)) && !words.is_empty() => words.iter().all(|w| {
            !w.is_empty()
                && !w.starts_with(|c: char| c.is_ascii_digit())
                && !w.strip_prefix('v').is_some_and(|v| v.starts_with(|c: char| c.is_ascii_digit()))
        }),
        _ => false,
    }
}

/// `20240115`, `2024-01-15`, `20240115.1`, also behind a word. Dots alone are calendar versions.
fn date(text: &str) -> Option<Vec<u64>> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let (word, rest) = text.split_at(start);
    if !word.is_empty() && (!word.ends_with('-') || !word.trim_end_matches('-').bytes().all(|b| b.is_ascii_lowercase())) {
        return None;
    }
    let rest = rest.split('.').next().unwrap_or(rest);
    let (y, m, d) = match rest.split('-').collect::<Vec<_>>().as_slice() {
        [all] if all.len() == 8 && is_number(all) => (all.get(..4)?, all.get(4..6)?, all.get(6..)?),
        [y, m, d] if y.len() == 4 && m.len() == 2 && d.len() == 2 => (*y, *m, *d),
        _ => return None,
    };
    let (y, m, d): (u64, u64, u64) = (y.parse().ok()?, m.parse().ok()?, d.parse().ok()?);
    ((1990..2100).contains(&y) && (1..=12).contains(&m) && (1..=31).contains(&d)).then(|| vec![y, m, d])
}
