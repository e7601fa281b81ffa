//! `# parity: ignore[rule] reason` in a manifest → exceptions of the line that it stands on, or that follows it.
//!
//! In YAML, TOML, HCL, dotenv files and Dockerfiles alike; `ignore[rule, until 2027-01-31]` ends on a day. Several rules
//! are separated by commas; `group/*` is a group.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use crate::finding::Finding;
use crate::report::{Exception, Problem, Report};
use crate::rules::{self, ALL};
use crate::source::{Location, Source, Span};
use crate::workspace::Workspace;

/// One comment.
struct Comment {
    rules: Vec<String>,
    reason: String,
    until: Option<Date>,
    at: Location,
    /// The line that it speaks of, from one.
    line: u32,
    hides: usize,
}

impl Comment {
    /// What tells the line that it speaks of from others: its beginning.
    fn code(&self) -> &str {
        let source = self.at.source();
        let line = source.line_span(self.line).and_then(|span| source.text().get(span.start..span.end)).unwrap_or("").trim();
        line.char_indices().nth(CODE).and_then(|(end, _)| line.get(..end)).unwrap_or(line)
    }

    /// What stands before the value of that line.
    fn key(&self) -> &str {
        self.code().split([':', '=']).next().unwrap_or("").trim_end()
    }
}

/// The comments of all files that a report speaks of.
pub(super) struct Comments {
    /// By the line that they speak of.
    by_path: BTreeMap<String, BTreeMap<u32, Vec<Comment>>>,
    problems: Vec<Problem>,
    today: Date,
}

const SIGN: &str = "parity: ignore";

/// So many characters tell one line from another.
const CODE: usize = 1000;

impl Comments {
    /// Finds the comments in every file that a report has a place in.
    /// Those that the base revision has not, where there is one, hide nothing yet.
    pub(super) fn of(report: &Report, today: Date, base: Option<&dyn Workspace>) -> Self {
        let mut out = Self { by_path: BTreeMap::new(), problems: Vec::new(), today };
        let mut sources: BTreeMap<&str, &Arc<Source>> = BTreeMap::new();
        let services = report.comparisons.iter().flat_map(|c| &c.services).flat_map(|p| [&p.from, &p.to]).flatten();
        for service in services {
            let base = service.build.as_ref().and_then(|b| b.base.as_ref()).map(|f| &f.at);
            let vars = service.environ.vars.iter().map(|v| &v.at);
            for at in [Some(&service.at), Some(service.stated_at()), base].into_iter().flatten().chain(vars) {
                sources.insert(at.path(), at.source());
            }
        }
        for place in report.findings.iter().flat_map(|f| &f.places) {
            sources.insert(place.at.path(), place.at.source());
        }
        for (path, source) in sources {
            let (mut comments, problems) = read(source);
            out.problems.extend(problems);
            if let Some(base) = base {
                let before = base.read(path).map(|b| read(&b).0).unwrap_or_default();
                let (old, new) = parted(comments, before);
                let words = "this comment hides nothing yet: it counts once the base revision has it";
                out.problems.extend(new.into_iter().map(|c| Problem::at(c.at, words).info()));
                comments = old;
            }
            for comment in comments {
                out.by_path.entry(path.to_owned()).or_default().entry(comment.line).or_default().push(comment);
            }
        }
        out
    }

    /// Does a comment on a line of one of its places hide a finding?
    pub(super) fn hide(&mut self, finding: &Finding) -> bool {
        let mut hidden = false;
        for place in &finding.places {
            let Some(of_file) = self.by_path.get_mut(place.at.path()) else { continue };
            for comment in of_file.get_mut(&place.at.position().line.get()).into_iter().flatten() {
                let fits = |rule: &String| rules::is_named(finding.rule, rule);
                if comment.until.is_none_or(|day| day >= self.today) && comment.rules.iter().any(fits) {
                    comment.hides += 1;
                    hidden = true;
                }
            }
        }
        hidden
    }

    /// What the comments are, for the report: each is an exception; a stale one is a problem.
    pub(super) fn finish(self, report: &mut Report, whole: bool) {
        report.problems.extend(self.problems);
        for comment in self.by_path.into_values().flat_map(BTreeMap::into_values).flatten() {
            let what = format!("a comment that ignores `{}`", comment.rules.join("`, `"));
            let known = whole && comment.rules.iter().all(|rule| report.is_sure(rule));
            report.problems.extend(super::stale(&what, (comment.hides, known), comment.until, &comment.at, self.today));
            report.exceptions.push(Exception {
                rule: comment.rules.join(", "),
                service: None,
                subject: Some(format!("{}:{}", comment.at.path(), comment.line)),
                reason: comment.reason,
                expires: comment.until.map(|d| d.to_string()),
                hides: comment.hides,
            });
        }
    }
}

/// The comments of a file, and those that say nothing.
fn read(source: &Arc<Source>) -> (Vec<Comment>, Vec<Problem>) {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    let (mut line, mut line_start) = (0, 0);
    for text in source.text().split_inclusive('\n') {
        line += 1;
        let signs: Vec<(usize, usize)> = text.match_indices(SIGN).filter_map(|(sign, _)| Some((mark(text.get(..sign)?)?, sign))).collect();
        for (i, (mark, sign)) in signs.iter().enumerate() {
            // A comment ends where the next one of its line begins.
            let end = signs.get(i + 1).map_or(text.len(), |(next, _)| *next);
            let own = text.get(*sign..end).unwrap_or("").trim_end();
            let at = source.at(Span { start: line_start + sign, end: line_start + sign + own.len() });
            // Alone on its line it speaks of the next.
            let alone = text.get(..*mark).is_some_and(|code| code.trim_start().is_empty());
            let of = if alone { line + 1 } else { line };
            match comment(own.get(SIGN.len()..).unwrap_or("")) {
                Ok((rules, until, reason)) => found.push(Comment { rules, reason, until, at, line: of, hides: 0 }),
                Err(why) => problems.push(Problem::at(at, format!("this comment hides nothing: {why}")).warning()),
            }
        }
        line_start += text.len();
    }
    (found, problems)
}

/// Where the mark of a comment stands, at the end of what is before its words.
fn mark(before: &str) -> Option<usize> {
    let before = before.trim_end();
    before.strip_suffix('#').or_else(|| before.strip_suffix("//")).map(str::len)
}

/// The comments that were there before, and those that are new. Each of before stands for one of now, on the same line if it is
/// there, else on one of the same key: a copy of a comment is a new one.
fn parted(mut now: Vec<Comment>, mut before: Vec<Comment>) -> (Vec<Comment>, Vec<Comment>) {
    let mut old = Vec::new();
    for of in [Comment::code, Comment::key] {
        let (same, new) = one_to_one(now, &mut before, of);
        old.extend(same);
        now = new;
    }
    (old, now)
}

/// The comments that have one of before with the same text and the same code, and the others; each of before is used up by one.
fn one_to_one(now: Vec<Comment>, before: &mut Vec<Comment>, of: fn(&Comment) -> &str) -> (Vec<Comment>, Vec<Comment>) {
    let key = |c: &Comment| (c.at.text().to_owned(), of(c).to_owned());
    let mut left: BTreeMap<(String, String), usize> = BTreeMap::new();
    for comment in before.iter() {
        *left.entry(key(comment)).or_default() += 1;
    }
    let mut used: BTreeMap<(String, String), usize> = BTreeMap::new();
    let take = |from: &mut BTreeMap<(String, String), usize>, comment: &Comment| {
        let Some(n) = from.get_mut(&key(comment)).filter(|n| **n > 0) else { return false };
        *n -= 1;
        true
    };
    let (same, new) = now.into_iter().partition(|comment| {
        let had = take(&mut left, comment);
        if had {
            *used.entry(key(comment)).or_default() += 1;
        }
        had
    });
    before.retain(|comment| !take(&mut used, comment));
    (same, new)
}

/// `[rule, rule, until DAY] reason`.
fn comment(text: &str) -> Result<(Vec<String>, Option<Date>, String), String> {
    let inside = text.strip_prefix('[').and_then(|t| t.split_once(']'));
    let Some((list, reason)) = inside else { return Err("write `parity: ignore[rule] reason`".into()) };
    let (mut rules, mut until) = (Vec::new(), None);
    for word in list.split(',').map(str::trim).filter(|w| !w.is_empty()) {
        if let Some(day) = word.strip_prefix("until") {
            let day = day.trim_start_matches(['=', ':']).trim();
            until = Some(day.parse().map_err(|_| format!("`{day}` is no day; write it as 2027-01-31"))?);
            continue;
        }
        let known = match word.strip_suffix("/*") {
            Some(group) => ALL.iter().any(|r| r.meta().id.split('/').next() == Some(group)),
            None => ALL.iter().any(|r| r.meta().id == word),
        };
        if !known {
            return Err(format!("there is no rule `{word}`"));
        }
        rules.push(word.to_owned());
    }
    if rules.is_empty() {
        return Err("it names no rule".into());
    }
    let reason = reason.trim().trim_start_matches([':', '-']).trim();
    if reason.is_empty() {
        return Err("it gives no reason".into());
    }
    Ok((rules, until, reason.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first rule, the reason and the line of each comment.
    fn comments(text: &str) -> Vec<(String, String, u32)> {
        let (found, problems) = read(&Source::new("a.yml", text.to_owned()));
        assert!(problems.is_empty(), "{}", problems.len());
        found.into_iter().map(|c| (c.rules.concat(), c.reason, c.line)).collect()
    }

    #[test]
    fn lines_and_ends() {
        let one = |rule: &str, reason: &str, line| (rule.to_owned(), reason.to_owned(), line);
        assert_eq!(comments("a: b # parity: ignore[tools/*] x\r\n"), [one("tools/*", "x", 1)]);
        assert_eq!(comments("\n  # parity: ignore[tools/*] x\n"), [one("tools/*", "x", 3)]);
        assert_eq!(comments("a // parity: ignore[tools/*] the words parity: ignore"), [one("tools/*", "the words parity: ignore", 1)]);
        let two = "a: b # parity: ignore[tools/*] x # parity: ignore[config/*] y";
        assert_eq!(comments(two), [one("tools/*", "x", 1), one("config/*", "y", 1)]);
        assert_eq!(comments("a: parity: ignore[tools/*] x"), []);
    }

    #[test]
    fn a_copy_is_new_and_what_moved_is_not() {
        let of = |text: &str| read(&Source::new("a.yml", text.to_owned())).0;
        let lines = |all: &[Comment]| all.iter().map(|c| c.line).collect::<Vec<_>>();
        let line = |value: &str| format!("image: {value} # parity: ignore[tools/*] x\n");
        let (old, new) = parted(of(&(line("a") + &line("a") + &line("b"))), of(&(line("a") + &line("c"))));
        assert_eq!((lines(&old), lines(&new)), (vec![1, 2], vec![3]), "one by its line, one by its key");
        let (old, new) = parted(of(&line("a")), of(""));
        assert_eq!((lines(&old), lines(&new)), (vec![], vec![1]));
    }

    #[test]
    fn forms() {
        let ok = |text: &str| comment(text).map(|(rules, until, reason)| (rules.join("+"), until.map(|d| d.to_string()), reason));
        assert_eq!(ok("[tools/version-minor] until the move"), Ok(("tools/version-minor".into(), None, "until the move".into())));
        assert_eq!(
            ok("[tools/*, until 2027-01-31]: we move then"),
            Ok(("tools/*".into(), Some("2027-01-31".into()), "we move then".into()))
        );
        for bad in ["", " tools/version-minor", "[] x", "[tools/version-minor]", "[tools/nothing] x", "[tools/*, until soon] x"] {
            assert!(comment(bad).is_err(), "{bad}");
        }
    }
}
