//! Report → its closing sentences: one a gap, with counts and what could not be compared. No score.

use std::collections::BTreeSet;

use super::{ComparisonReport, PairReport, Report};
use crate::catalogue::compare::Verdict;
use crate::finding::State;
use crate::inventory::Role;
use crate::rules::Severity;

/// What is said about one gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// `Tools`, `Config`, `Time`.
    pub gap: &'static str,
    /// The sentence without the gap's name, ends with a full stop. Holds names from files between backticks.
    pub text: String,
    /// More than a quarter could not be compared: "no drift" says little.
    pub incomplete: bool,
    /// Its most severe finding.
    pub worst: Option<Severity>,
}

impl std::fmt::Display for Sentence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}{}", self.gap, if self.incomplete { "incomplete: " } else { "" }, self.text)
    }
}

/// `1 service`, `2 services`.
#[must_use]
pub fn count(n: usize, one: &str) -> String {
    match (n, one.strip_suffix('y')) {
        (1, _) => format!("1 {one}"),
        (_, Some(stem)) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{n} {stem}ies"),
        _ => format!("{n} {one}s"),
    }
}

/// `1 error, 2 warnings`; `no findings` where there are none.
#[must_use]
pub fn severities(report: &Report, group: &str) -> String {
    let of = |severity| report.present().filter(|f| f.severity == severity && f.rule.starts_with(group)).count();
    let words = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "note")];
    let parts: Vec<String> = words.iter().map(|(s, w)| (of(*s), w)).filter(|(n, _)| *n > 0).map(|(n, w)| count(n, w)).collect();
    if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") }
}

/// The sentences, in the order of the gaps.
#[must_use]
pub fn sentences(report: &Report) -> Vec<Sentence> {
    let mut sentences = vec![tools(report), config(report), time(report)];
    if report.findings.iter().any(|f| f.rule.starts_with("personnel/")) {
        let text = format!("{}.", severities(report, "personnel/"));
        sentences.push(Sentence { gap: "Personnel", text, incomplete: false, worst: worst(report, "personnel/") });
    }
    sentences
}

fn worst(report: &Report, group: &str) -> Option<Severity> {
    report.present().filter(|f| f.rule.starts_with(group)).map(|f| f.severity).max()
}

fn pairs(report: &Report, role: Role) -> Vec<(&ComparisonReport, &PairReport)> {
    report.comparisons.iter().flat_map(|c| c.services.iter().map(move |s| (c, s))).filter(|(_, s)| s.role == role).collect()
}

fn tools(report: &Report) -> Sentence {
    let (backing, workloads) = (pairs(report, Role::Backing), pairs(report, Role::Workload));
    let unknown: Vec<String> = backing.iter().filter(|(_, s)| uncompared(s)).map(|(_, s)| reason(&s.name, &s.outcome.because)).collect();
    let alike = backing.iter().filter(|(_, s)| is_same(s.outcome.verdict)).count();
    let compared = backing.len() - unknown.len();
    let mut text = format!("{}; looked at {}", severities(report, "tools/"), count(backing.len(), "backing service"));
    if !workloads.is_empty() {
        text.push_str(&format!(" and {}", count(workloads.len(), "workload")));
    }
    if compared > 0 {
        text.push_str(&format!(", {alike} of {compared} compared backing services alike"));
    }
    text.push_str(&not_compared(&unknown));
    text.push('.');
    Sentence { gap: "Tools", text, incomplete: unknown.len() * 4 > backing.len(), worst: worst(report, "tools/") }
}

fn config(report: &Report) -> Sentence {
    let workloads: Vec<_> = pairs(report, Role::Workload).into_iter().filter_map(|(_, s)| Some((s, s.env.as_ref()?))).collect();
    let both: usize = workloads.iter().map(|(_, e)| e.both.len()).sum();
    let all: usize = both + workloads.iter().map(|(_, e)| e.from_only.len() + e.to_only.len()).sum::<usize>();
    let unknown: Vec<String> = workloads
        .iter()
        .filter(|(_, e)| !e.unknown.is_empty())
        .map(|(s, e)| reason(&s.name, &e.unknown.first().cloned().unwrap_or_default()))
        .collect();
    let mut text = severities(report, "config/");
    text.push_str(&match workloads.len() {
        0 => "; no workload was found on both sides".to_owned(),
        n => format!("; looked at {} of {}, {both} on both sides", count(all, "key"), count(n, "workload")),
    });
    if !unknown.is_empty() {
        text.push_str(&format!("; keys of {} could not be listed in full: {}", count(unknown.len(), "workload"), some(&unknown)));
    }
    text.push('.');
    Sentence { gap: "Config", text, incomplete: unknown.len() * 4 > workloads.len(), worst: worst(report, "config/") }
}

fn time(report: &Report) -> Sentence {
    let entries: Vec<_> = report.comparisons.iter().flat_map(|c| &c.time).collect();
    let unknown: Vec<String> = entries.iter().filter_map(|t| Some(reason(&t.service, t.unknown.as_deref()?))).collect();
    let known = entries.len() - unknown.len();
    let waiting = entries.iter().filter_map(|t| Some((t.oldest_waiting.as_deref()?, t))).min_by_key(|(date, _)| *date);
    let mut text = severities(report, "time/");
    text.push_str(&match entries.len() {
        0 => match report.comparisons.iter().find_map(|c| c.not_measured.as_deref()) {
            Some(why) => format!("; not measured: {why}"),
            None => "; not measured: no image of this repository is pinned in production".to_owned(),
        },
        n => format!("; {known} of {} traced to a commit", count(n, "service")),
    });
    if let Some((date, entry)) = waiting {
        let day = date.get(..10).unwrap_or(date);
        text.push_str(&format!(", the oldest waiting commit is of {day} (`{}`)", entry.service));
    } else if known > 0 {
        text.push_str(", nothing waits");
    }
    if !unknown.is_empty() {
        text.push_str(&format!("; not known: {}", some(&unknown)));
    }
    text.push('.');
    Sentence { gap: "Time", text, incomplete: unknown.len() * 4 > entries.len(), worst: worst(report, "time/") }
}

/// Could this pair not be compared?
#[must_use]
pub fn uncompared(pair: &PairReport) -> bool {
    matches!(pair.outcome.verdict, Verdict::Unpinned | Verdict::Incomparable)
}

/// Is this a verdict of parity?
#[must_use]
pub fn is_same(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Same | Verdict::Covers)
}

fn reason(name: &str, because: &str) -> String {
    if because.is_empty() { format!("`{name}`") } else { format!("`{name}` ({because})") }
}

fn not_compared(unknown: &[String]) -> String {
    if unknown.is_empty() { String::new() } else { format!("; {} could not be compared: {}", unknown.len(), some(unknown)) }
}

/// The first three, and how many more; what is said of two comparisons alike is said once.
fn some(all: &[String]) -> String {
    let mut seen = BTreeSet::new();
    let all: Vec<&String> = all.iter().filter(|reason| seen.insert(*reason)).collect();
    let shown = all.iter().take(3).map(|reason| reason.as_str()).collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(3) {
        0 => shown,
        more => format!("{shown}, and {more} more"),
    }
}

/// What became of the findings since the base revision, as a sentence; `None` without one.
#[must_use]
pub fn since(report: &Report) -> Option<String> {
    let base = report.base.as_ref()?;
    let states = [State::New, State::Worse, State::Better, State::Fixed, State::Unchanged];
    let parts: Vec<String> =
        states.iter().map(|s| (report.states(*s), s.as_str())).filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    let what = if parts.is_empty() { "no findings then and now".to_owned() } else { parts.join(", ") };
    Some(format!("since {} ({}): {what}", base.revision, base.commit.get(..10).unwrap_or(&base.commit)))
}

/// What the change since the base revision deploys: a sentence for each service whose tag it moves.
#[must_use]
pub fn releases(report: &Report) -> Vec<String> {
    report.releases.iter().map(release).collect()
}

fn release(release: &super::Release) -> String {
    let tag = |t: &Option<String>| t.as_ref().map_or_else(|| "no tag".to_owned(), |t| format!("`{t}`"));
    let unit = if release.unit.is_empty() { String::new() } else { format!(" of {}", release.unit) };
    let what = format!("`{}`{unit} in {}, {} to {}", release.service, release.environment, tag(&release.from_tag), tag(&release.to_tag));
    if let Some(why) = &release.unknown {
        return format!("this change deploys {what}: what it brings is not known: {why}");
    }
    if release.rollback {
        let back = release.taken_back.unwrap_or(0);
        return format!("this change takes back {what}: {} leave production", count(usize::try_from(back).unwrap_or(usize::MAX), "commit"));
    }
    let commits = count(usize::try_from(release.commits.unwrap_or(0)).unwrap_or(usize::MAX), "commit");
    let oldest = release.oldest.as_deref().and_then(|d| d.get(..10)).map_or_else(String::new, |d| format!(", the oldest of {d}"));
    let back = match release.taken_back {
        None | Some(0) => String::new(),
        Some(n) => format!(", and takes out {}", count(usize::try_from(n).unwrap_or(usize::MAX), "commit")),
    };
    format!("this change deploys {what}: {commits}{oldest}{back}")
}

/// What was hidden, as a sentence; `None` where nothing was.
#[must_use]
pub fn hidden(report: &Report) -> Option<String> {
    let parts: Vec<String> = [
        (report.hidden.ignored, "by an exception"),
        (report.hidden.baselined, "by the baseline"),
        (report.hidden.off, "of rules that are off"),
    ]
    .iter()
    .filter(|(n, _)| *n > 0)
    .map(|(n, by)| format!("{} {by}", count(*n, "finding")))
    .collect();
    (!parts.is_empty()).then(|| format!("hidden: {}", parts.join(", ")))
}

/// What could not be read or understood, as a count; `None` where everything could.
#[must_use]
pub fn problems(report: &Report) -> Option<String> {
    let of = |severity| report.problems.iter().filter(|p| p.severity == severity).count();
    let words = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "note")];
    let parts: Vec<String> = words.iter().map(|(s, w)| (of(*s), w)).filter(|(n, _)| *n > 0).map(|(n, w)| count(n, w)).collect();
    (!parts.is_empty()).then(|| format!("{} ({})", count(report.problems.len(), "problem"), parts.join(", ")))
}

/// Everything that is said of the whole, a sentence each: the gaps, what is hidden, what could not be read, how it ends.
#[must_use]
pub fn closing(report: &Report) -> Vec<String> {
    let more = [since(report), hidden(report), problems(report), Some(exit(report))].into_iter().flatten().map(|s| format!("{s}."));
    sentences(report).iter().map(ToString::to_string).chain(more).collect()
}

/// `a`, `b` and 3 more.
#[must_use]
pub fn some_names<'a>(all: impl IntoIterator<Item = &'a str>, show: usize) -> String {
    let mut seen = std::collections::BTreeSet::new();
    let all: Vec<&str> = all.into_iter().filter(|n| seen.insert(*n)).collect();
    first_few(all, show, |n| format!("`{n}`"))
}

/// The first few of a list, each in words, and how many more there are.
pub fn first_few<T>(all: impl IntoIterator<Item = T>, show: usize, words: impl Fn(T) -> String) -> String {
    let mut all = all.into_iter();
    let shown = all.by_ref().take(show).map(words).collect::<Vec<_>>().join(", ");
    match all.count() {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// How the run ends, in words.
#[must_use]
pub fn exit(report: &Report) -> String {
    let threshold = match report.fail_on {
        super::FailOn::Error => "error",
        super::FailOn::Warning => "warning",
        super::FailOn::Info => "info",
        super::FailOn::Never => return "exit 0: never fails (`--fail-on never`)".to_owned(),
    };
    match report.exit() {
        super::Exit::Clean if report.base.is_some() => format!("exit 0: no new drift at or above `{threshold}`"),
        super::Exit::Clean => format!("exit 0: no drift at or above `{threshold}`"),
        super::Exit::Drift if report.base.is_some() => format!("exit 1: new drift at or above `{threshold}`"),
        super::Exit::Drift => format!("exit 1: drift at or above `{threshold}`"),
        super::Exit::Usage => "exit 2: usage or configuration".to_owned(),
        super::Exit::Unknown => "exit 3: could not tell: something that the comparison needs could not be read".to_owned(),
    }
}
