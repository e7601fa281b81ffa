//! The text of a tag → what it may name: ids of commits, versions, days.

use std::collections::BTreeMap;

/// Words behind a version that say how the image is made, not which code is in it.
const FLAVOURS: [&str; 10] = ["alpine", "slim", "debian", "bookworm", "bullseye", "trixie", "distroless", "amd64", "arm64", "prod"];

/// The parts of a tag that may be a commit's id: that of `git describe` first, then the longest first.
pub(super) fn ids(tag: &str) -> Vec<String> {
    let tokens = || tag.split(['-', '_', '.']);
    let hex = |t: &str| (7..=64).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let described = tokens().next_back().and_then(|t| t.strip_prefix('g')).filter(|t| hex(t)).map(str::to_owned);
    let mut ids: Vec<String> = tokens().map(|t| t.strip_prefix("sha").unwrap_or(t)).filter(|t| hex(t)).map(str::to_owned).collect();
    ids.sort_by_key(|t| std::cmp::Reverse(t.len()));
    described.into_iter().chain(ids).collect()
}

/// Is this run of digits a day or a moment rather than an id?
pub(super) fn is_date(id: &str) -> bool {
    day(id).is_some()
}

/// A day, as git reads it: of `20240115`, `2024.01.15`, `20240115103000`, or of seconds since 1970.
pub(super) fn day(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.len() + text.matches(['.', '-']).count() != text.len() {
        return None;
    }
    if digits.len() == 10 && digits.len() == text.len() && digits.starts_with('1') {
        return jiff::Timestamp::from_second(digits.parse().ok()?).ok().map(|t| super::day(t.as_second()));
    }
    if !matches!(digits.len(), 8 | 12 | 14) {
        return None;
    }
    let (year, month, date) = (digits.get(..4)?.parse().ok()?, digits.get(4..6)?.parse().ok()?, digits.get(6..8)?.parse().ok()?);
    let day = jiff::civil::Date::new(year, month, date).ok()?;
    (2000..2100).contains(&day.year()).then(|| day.to_string())
}

/// The day that a tag holds: `2024.01.15`, `v20240115`, `20240101.3`, `main-1618254954`.
pub(super) fn day_in(tag: &str) -> Option<String> {
    let tag = tag.strip_prefix('v').unwrap_or(tag);
    let parts: Vec<&str> = tag.split(['.', '-', '_']).collect();
    let written = parts.windows(3).find_map(|w| {
        let three = w.iter().map(|p| p.len()).collect::<Vec<_>>() == [4, 2, 2];
        if three { day(&w.join(".")) } else { None }
    });
    written.or_else(|| parts.iter().find_map(|p| day(p)))
}

/// `1.4.2`, `v1.4`, `web-1.4.2-rc1`: something with a number of several parts.
pub(super) fn is_version(tag: &str) -> bool {
    let start = tag.find(|c: char| c.is_ascii_digit()).unwrap_or(tag.len());
    let rest = tag.get(start..).unwrap_or("");
    let (number, more) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
    !number.is_empty() && number.len() < 6 && more.starts_with('.') && more.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
}

/// A number alone.
pub(super) fn is_build_number(tag: &str) -> bool {
    !tag.is_empty() && tag.bytes().all(|b| b.is_ascii_digit())
}

/// The git tags that an image tag may stand for, in the order in which they are tried.
pub(super) fn spellings(tag: &str, names: &[&str]) -> Vec<String> {
    let mut out = Vec::new();
    for written in [Some(tag), without_flavour(tag)].into_iter().flatten() {
        let bare = written.strip_prefix('v').filter(|b| b.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(written);
        // A service's own tags say more than those of the whole repository.
        for name in names {
            for mark in ["-v", "/v", "@v", "@", "-", "/"] {
                out.push(format!("{name}{mark}{bare}"));
            }
        }
        out.extend([written.to_owned(), format!("v{bare}"), bare.to_owned(), format!("release-{bare}"), format!("release/{bare}")]);
    }
    out
}

/// `1.4.2` of `1.4.2-alpine`; never of `1.4.2-rc1`.
fn without_flavour(tag: &str) -> Option<&str> {
    let (version, last) = tag.rsplit_once('-')?;
    let word = last.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    FLAVOURS.contains(&word).then_some(version)
}

/// The newest git tag of the series `1.4` or `1`, and its commit.
pub(super) fn newest_of_series<'t>(tag: &str, names: &[&str], tags: &'t BTreeMap<String, String>) -> Option<(&'t str, &'t str)> {
    let series = numbers(tag.strip_prefix('v').unwrap_or(tag))?;
    if series.len() > 2 {
        return None;
    }
    let version = |name: &str| {
        let own = names.iter().find_map(|n| name.strip_prefix(n)?.strip_prefix(['-', '/', '@']));
        let bare = own.unwrap_or(name);
        let numbers = numbers(bare.strip_prefix('v').unwrap_or(bare))?;
        (numbers.len() > series.len() && numbers.starts_with(&series)).then_some(numbers)
    };
    let newest = tags.iter().filter_map(|(name, commit)| Some((version(name)?, name.as_str(), commit.as_str()))).max();
    newest.map(|(_, name, commit)| (name, commit))
}

/// `[1, 4, 2]` of `1.4.2`; nothing of what holds anything else.
fn numbers(text: &str) -> Option<Vec<u64>> {
    text.split('.').map(|part| if part.len() < 6 { part.parse().ok() } else { None }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_tags() {
        for (tag, wanted) in [
            ("sha-abc1234", vec!["abc1234"]),
            ("main-abc1234-1618254954", vec!["1618254954", "abc1234"]),
            ("v1.4.2-12-gabc1234", vec!["abc1234"]),
            ("v20240101-abc1234def", vec!["abc1234def"]),
            ("0012345", vec!["0012345"]),
            ("12345e7", vec!["12345e7"]),
            ("1.4.2", vec![]),
            ("latest", vec![]),
            ("ABC1234", vec![]),
        ] {
            assert_eq!(ids(tag), wanted, "{tag}");
        }
    }

    #[test]
    fn days_of_tags() {
        for (tag, wanted) in [
            ("2024.01.15", Some("2024-01-15")),
            ("20240101.3", Some("2024-01-01")),
            ("v20240101-abc1234", Some("2024-01-01")),
            ("main-1618254954", Some("2021-04-12")),
            ("20241399", None),
            ("1.4.2", None),
            ("12345678", None),
            ("142", None),
        ] {
            assert_eq!(day_in(tag).as_deref(), wanted, "{tag}");
        }
    }

    #[test]
    fn versions_spell_git_tags() {
        assert!(spellings("1.4.2", &["web"]).starts_with(&["web-v1.4.2".into(), "web/v1.4.2".into()]));
        assert!(spellings("1.4.2-alpine", &[]).contains(&"v1.4.2".to_owned()));
        assert!(!spellings("1.4.2-rc1", &[]).contains(&"v1.4.2".to_owned()));
        assert!(is_version("v1.4.2") && is_version("web-1.4") && !is_version("main") && !is_version("142") && !is_version("20240101.3"));
    }

    #[test]
    fn the_newest_of_a_series_is_by_number() {
        let tags = ["v1.4.2", "v1.4.10", "v1.5.0", "v1.4.11-rc1", "web-v1.4.12", "v2.0.0"];
        let tags = tags.into_iter().map(|t| (t.to_owned(), t.to_owned())).collect();
        assert_eq!(newest_of_series("1.4", &[], &tags).map(|(name, _)| name), Some("v1.4.10"));
        assert_eq!(newest_of_series("1.4", &["web"], &tags).map(|(name, _)| name), Some("web-v1.4.12"));
        assert_eq!(newest_of_series("1", &[], &tags).map(|(name, _)| name), Some("v1.5.0"));
        assert_eq!(newest_of_series("1.4.2", &[], &tags), None);
        assert_eq!(newest_of_series("latest", &[], &tags), None);
    }
}
