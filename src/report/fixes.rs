//! What `parity fix` changes and leaves → lines of text.

use std::io::{self, Write};

use super::escape::terminal;
use super::summary::count;
use crate::fix::Plan;

/// The changes as a unified diff. The lines are those of the files, for `git apply --unidiff-zero`; none of them holds a
/// character that acts on a terminal, or a value of an environment variable.
///
/// # Errors
/// Those of the writer.
pub fn diff(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    plan.files.iter().try_for_each(|file| out.write_all(file.diff().as_bytes()))
}

/// The changes in words, what is left, and how much of each.
///
/// # Errors
/// Those of the writer.
pub fn words(plan: &Plan, dry_run: bool, out: &mut dyn Write) -> io::Result<()> {
    if !dry_run {
        for (at, what) in &plan.done {
            writeln!(out, "{} {}", terminal(&at.to_string()), terminal(what))?;
        }
    }
    for left in &plan.left {
        let (at, service, why) = (left.at.to_string(), terminal(&left.service), terminal(&left.why));
        writeln!(out, "left: {} `{service}` ({}): {why}", terminal(&at), left.rule)?;
    }
    let verb = if dry_run { "to make" } else { "made" };
    let files = count(plan.files.len(), "file");
    write!(out, "{} {verb} in {files}, {} left", count(plan.done.len(), "change"), plan.left.len())?;
    if plan.others > 0 {
        write!(out, "; {} not about what development states: see `parity diff`", be(plan.others))?;
    }
    writeln!(out)
}

fn be(others: usize) -> String {
    format!("{} {}", count(others, "other finding"), if others == 1 { "is" } else { "are" })
}
