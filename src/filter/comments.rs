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
    /// The line that it speaks of.
    fn code(&self) -> &str {
        let source = self.at.source();
        source.line_span(self.line).and_then(|span| source.text().get(span.start..span.end)).unwrap_or("").trim()
    }

    /// What stands before the value of that line.
    fn key(&self) -> &str {
        self.code().split([':', '=']).next().unwrap_or("").trim_end()
    }
}

/// The comments of all files that a report speaks of.
pub(super) struct Comments {
    by_path: BTreeMap<String, Vec<Comment>>,
    problems: Vec<Problem>,
    today: Date,
}

const SIGN: &str = "parity: ignore";

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
            if !comments.is_empty() {
                out.by_path.insert(path.to_owned(), comments);
            }
        }
        out
    }

    /// Does a comment on a line of one of its places hide a finding?
    pub(super) fn hide(&mut self, finding: &Finding) -> bool {
        let mut hidden = false;
        for place in &finding.places {
            let line = place.at.position().line.get();
            for comment in self.by_path.get_mut(place.at.path()).into_iter().flatten() {
                let fits = |rule: &String| rules::is_named(finding.rule, rule);
                if comment.line == line && comment.until.is_none_or(|day| day >= self.today) && comment.rules.iter().any(fits) {
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
        for comment in self.by_path.into_values().flatten() {
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
    let text = source.text();
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for (start, _) in text.match_indices(SIGN) {
        let line_start = text.get(..start).and_then(|t| t.rfind('\n')).map_or(0, |i| i + 1);
        let before = text.get(line_start..start).unwrap_or("");
        let trimmed = before.trim_end();
        let Some(code) = trimmed.strip_suffix('#').or_else(|| trimmed.strip_suffix("//")) else { continue };
        let end = text.get(start..).and_then(|t| t.find('\n')).map_or(text.len(), |i| start + i);
        let at = source.at(Span { start, end: start + text.get(start..end).unwrap_or("").trim_end().len() });
        let line = at.position().line.get();
        // Alone on its line it speaks of the next.
        let of = if code.trim().is_empty() { line + 1 } else { line };
        match comment(text.get(start + SIGN.len()..end).unwrap_or("")) {
            Ok((rules, until, reason)) => found.push(Comment { rules, reason, until, at, line: of, hides: 0 }),
            Err(why) => problems.push(Problem::at(at, format!("this comment hides nothing: {why}")).warning()),
        }
    }
    (found, problems)
}

/// The comments that were there before, and those that are new. Each of before stands for one of now, on the same line if it is
/// there, else on one of the same key: a copy of a comment is a new one.
fn parted(mut now: Vec<Comment>, mut before: Vec<Comment>) -> (Vec<Comment>, Vec<Comment>) {
    let mut old = Vec::new();
    for of in [Comment::code, Comment::key] {
        let mut rest = Vec::new();
        for comment in now {
            match before.iter().position(|b| b.at.text() == comment.at.text() && of(b) == of(&comment)) {
                Some(i) => {
                    before.remove(i);
                    old.push(comment);
                }
                None => rest.push(comment),
            }
        }
        now = rest;
    }
    (old, now)
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
    use super::comment;

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
