//! A chart's name and version → the kind that it installs and the server's series, for values that set no image tag.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{Kind, kind, kinds};

/// A chart version, `major.minor.patch`.
type Triple = [u64; 3];

/// What is known of one chart.
struct Chart {
    kind: &'static str,
    majors: Vec<u64>,
    /// First chart version of each series, ascending.
    steps: Vec<(Triple, &'static str)>,
}

static CHARTS: LazyLock<BTreeMap<&'static str, Chart>> =
    LazyLock::new(|| include_str!("charts.tsv").lines().filter(|l| !l.starts_with('#')).filter_map(row).collect());

static BY_NAME: LazyLock<BTreeMap<&'static str, &'static Kind>> = LazyLock::new(|| {
    let listed = kinds().iter().flat_map(|k| k.charts.iter().map(move |c| (c.as_str(), k)));
    // The chart table last: it knows its own charts best.
    listed.chain(CHARTS.iter().filter_map(|(name, chart)| Some((*name, kind(chart.kind)?)))).collect()
});

fn row(line: &'static str) -> Option<(&'static str, Chart)> {
    let mut cells = line.split('\t');
    let (name, kind, majors, steps) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    let majors = majors.split(',').filter_map(|m| m.parse().ok()).collect();
    let step = |s: &'static str| s.split_once('=').and_then(|(at, series)| Some((numbers(at)?.0, series)));
    let mut steps: Vec<_> = steps.split(' ').filter_map(step).collect();
    steps.sort_unstable();
    Some((name, Chart { kind, majors, steps }))
}

/// The kind that a chart installs. `repository` is where the chart comes from, where that is written: `cluster` is
/// PostgreSQL only from CloudNativePG's own.
#[must_use]
pub fn kind_of_chart(chart: &str, repository: Option<&str>) -> Option<&'static Kind> {
    let name = chart.rsplit('/').next().unwrap_or(chart);
    if name == "cluster" && !repository.unwrap_or(chart).contains("cloudnative-pg") {
        return None;
    }
    BY_NAME.get(name).copied()
}

/// The kind and the series of the server that a version of a Bitnami chart installs: `("postgresql", "12.1.2")` is
/// PostgreSQL 15. A range is answered where all of it installs one series (`~12.1`, `12.x.x`); `None` for charts and
/// chart majors that are not in the table. The version of a chart is never the version of the server.
#[must_use]
pub fn chart_version(chart: &str, chart_version: &str) -> Option<(&'static str, &'static str)> {
    let name = chart.rsplit('/').next().unwrap_or(chart);
    let known = CHARTS.get(name)?;
    let (low, high) = range(chart_version)?;
    if !known.majors.contains(low.first()?) {
        return None;
    }
    let (_, series) = known.steps.iter().rev().find(|(at, _)| *at <= low)?;
    let one = known.steps.iter().filter(|(at, _)| *at > low && *at < high).all(|(_, s)| s == series);
    one.then_some((known.kind, *series))
}

/// Up to three numbers, the missing ones zero, and how many were written. `None` for anything else.
fn numbers(text: &str) -> Option<(Triple, usize)> {
    let mut out = [0; 3];
    let mut count = 0;
    for part in text.split('.') {
        if matches!(part, "x" | "X" | "*") {
            break;
        }
        *out.get_mut(count)? = part.parse().ok()?;
        count += 1;
    }
    (count > 0).then_some((out, count))
}

/// The versions from which a chart version or range chooses: the lowest, and the first one beyond.
/// Caret, tilde and wildcards as Helm reads them (github.com/Masterminds/semver); other ranges are not answered.
fn range(text: &str) -> Option<(Triple, Triple)> {
    let text = text.trim();
    let (sign, rest) = match text.strip_prefix(['^', '~', '=']) {
        Some(rest) => (text.chars().next().unwrap_or('='), rest.trim()),
        None => ('=', text),
    };
    let rest = rest.strip_prefix('v').unwrap_or(rest);
    let rest = rest.split(['+', '-']).next().unwrap_or(rest);
    let (low, written) = numbers(rest)?;
    let [major, minor, patch] = low;
    let next_major = [major.saturating_add(1), 0, 0];
    let next_minor = [major, minor.saturating_add(1), 0];
    let high = match (sign, written) {
        ('^', _) if major > 0 || written == 1 => next_major,
        ('^', _) if minor > 0 || written == 2 => next_minor,
        ('^', _) => [major, minor, patch.saturating_add(1)],
        (_, 1) => next_major,
        (_, 2) | ('~', _) => next_minor,
        _ => [major, minor, patch.saturating_add(1)],
    };
    Some((low, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chart_version_is_not_the_servers() {
        assert_eq!(chart_version("postgresql", "12.1.2"), Some(("postgresql", "15")));
        assert_eq!(chart_version("bitnami/postgresql", "v8.6.2"), Some(("postgresql", "10")));
        assert_eq!(chart_version("postgresql", "8.6.3"), Some(("postgresql", "11")));
        assert_eq!(chart_version("mysql", "11.1.0"), Some(("mysql", "8.4")));
        assert_eq!(chart_version("redis", "17.15.4"), Some(("redis", "7.2")));
    }

    #[test]
    fn a_range_is_answered_where_it_is_one_series() {
        assert_eq!(chart_version("postgresql", "~12.1.2"), Some(("postgresql", "15")));
        assert_eq!(chart_version("postgresql", "12.x.x"), Some(("postgresql", "15")));
        assert_eq!(chart_version("postgresql", "^12.0.0"), Some(("postgresql", "15")));
        assert_eq!(chart_version("postgresql", "8.x.x"), None, "10, and 11 from 8.6.3 on");
        assert_eq!(chart_version("postgresql", ">=12.0.0"), None);
    }

    #[test]
    fn what_was_never_published_is_not_known() {
        assert_eq!(chart_version("postgresql", "5.3.1"), None);
        assert_eq!(chart_version("postgresql", "99.0.0"), None);
        assert_eq!(chart_version("postgresql", "${VERSION}"), None);
        assert_eq!(chart_version("acme-api", "1.0.0"), None);
    }

    #[test]
    fn names() {
        let id = |chart, repository| kind_of_chart(chart, repository).map(|k| k.id.as_str());
        assert_eq!(id("postgresql-ha", None), Some("postgresql"));
        assert_eq!(id("keydb", None), Some("keydb"));
        assert_eq!(id("cluster", Some("https://cloudnative-pg.github.io/charts")), Some("postgresql"));
        assert_eq!(id("cluster", Some("https://charts.example.com")), None);
        assert_eq!(id("kube-prometheus-stack-addons", None), None);
    }

    #[test]
    fn every_row_is_read() {
        let rows = include_str!("charts.tsv").lines().filter(|l| !l.starts_with('#')).count();
        assert_eq!(CHARTS.len(), rows);
        for (name, chart) in CHARTS.iter() {
            assert!(kind(chart.kind).is_some(), "{name}: {}", chart.kind);
            assert!(!chart.majors.is_empty() && !chart.steps.is_empty(), "{name}");
        }
    }
}
