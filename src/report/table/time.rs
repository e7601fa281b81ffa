//! How far production lags → a table, or stacked blocks where the terminal is narrow.

use std::io::{self, Write};

use jiff::civil::Date;

use super::overview::{NARROW, table};
use super::text::{paint, sentence};
use crate::report::escape::terminal;
use crate::report::summary::count;
use crate::report::time::{day, days_since, short};
use crate::report::{ComparisonReport, Look, Report, TimeReport};

/// The heads of the table.
const HEADS: [&str; 6] = ["service", "production runs", "evidence", "behind", "oldest waiting", "last deploy"];

/// What stands where there is nothing to say.
const NONE: &str = "-";

/// Writes the figures of a comparison, with an empty line behind them; nothing where nothing was measured.
pub(super) fn time(comparison: &ComparisonReport, report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if comparison.time.is_empty() {
        return Ok(());
    }
    writeln!(out, "  {}", paint(&format!("time: how far {} lags", terminal(&comparison.to)), "1", look))?;
    let rows: Vec<[String; 6]> = comparison.time.iter().map(|entry| row(entry, report.today)).collect();
    if look.width < NARROW {
        for row in &rows {
            stacked(row, look, out)?;
        }
    } else {
        let mut table = table(&HEADS, look);
        for row in &rows {
            table.add_row(row.iter().map(|cell| terminal(cell).into_owned()));
        }
        for line in table.to_string().lines() {
            writeln!(out, " {}", line.trim_end())?;
        }
    }
    for entry in &comparison.time {
        let unknown = entry.unknown.iter().map(|why| format!("not known: {why}"));
        for words in unknown.chain(entry.notes.iter().cloned()) {
            sentence(&format!("  {}:", terminal(&entry.service)), "", &words, 4, look, out)?;
        }
    }
    writeln!(out)
}

/// A service under its name, each figure on a line of its own.
fn stacked(row: &[String; 6], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let width = HEADS.iter().map(|h| h.len()).max().unwrap_or(0);
    for (i, (head, cell)) in HEADS.iter().zip(row).enumerate() {
        match i {
            0 => writeln!(out, "  {}", paint(&terminal(cell), "1", look))?,
            _ if cell == NONE => {}
            _ => sentence(&format!("    {head:width$}"), "", cell, width + 5, look, out)?,
        }
    }
    Ok(())
}

fn row(entry: &TimeReport, today: Option<Date>) -> [String; 6] {
    let tag = entry.tag.as_ref().map(|tag| format!("`{tag}`"));
    let runs: Vec<String> = tag.into_iter().chain(entry.commit.as_deref().map(|c| short(c).to_owned())).collect();
    let behind = match entry.waiting {
        Some(waiting) => count(usize::try_from(waiting).unwrap_or(usize::MAX), "commit"),
        None if entry.unknown.is_some() => "not known".to_owned(),
        None => NONE.to_owned(),
    };
    let own = entry.production_only.filter(|n| *n > 0).map_or_else(String::new, |n| format!(", {n} ahead"));
    let deploy = entry.last_deploy.as_deref().map(|moment| aged(moment, today));
    let deploys = entry.deploys.as_ref().map(|d| format!("{} in {} d", d.count, d.window_days));
    let deploy: Vec<String> = deploy.into_iter().chain(deploys).collect();
    let or = |words: Vec<String>| if words.is_empty() { NONE.to_owned() } else { words.join(", ") };
    [
        entry.service.clone(),
        or(runs),
        entry.evidence.clone(),
        behind + &own,
        entry.oldest_waiting.as_deref().map_or_else(|| NONE.to_owned(), |moment| aged(moment, today)),
        or(deploy),
    ]
}

/// `2026-03-10 (83 d)`
fn aged(moment: &str, today: Option<Date>) -> String {
    let age = today.and_then(|today| days_since(moment, today)).map_or_else(String::new, |n| format!(" ({n} d)"));
    format!("{}{age}", day(moment))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn written(width: usize) -> String {
        let report = sample::report();
        let mut out = Vec::new();
        let look = Look { width, wrap: true, ..Look::default() };
        time(&report.comparisons[0], &report, look, &mut out).expect("written");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn a_table_where_it_is_wide() {
        let text = written(120);
        let lines: Vec<Vec<&str>> = text.lines().map(|l| l.split("  ").map(str::trim).filter(|w| !w.is_empty()).collect()).collect();
        assert_eq!(lines[0], ["time: how far prod lags"]);
        assert_eq!(lines[1], HEADS);
        let web = ["web", "`2`, 9f3e2c1aa0", "exact", "9 commits", "2026-08-16 (16 d)", "2026-08-20 (12 d), 12 in 90 d"];
        assert_eq!(lines[2], web);
        assert_eq!(lines[3], ["billing", "`stable`", "unknown", "not known", "-", "-"]);
        assert_eq!(lines[4], ["billing: not known: the tag `stable` names no commit"]);
        assert_eq!(text, written(120));
    }

    #[test]
    fn stacked_where_it_is_narrow() {
        let text = written(72);
        assert!(text.lines().all(|l| l.chars().count() <= 72), "{text}");
        assert!(text.contains("  web\n    production runs `2`, 9f3e2c1aa0\n    evidence        exact\n"), "{text}");
        assert!(text.contains("    last deploy     2026-08-20 (12 d), 12 in 90 d\n  billing\n"), "{text}");
    }
}
