//! Rules → their list and their explanation, from what each says of itself.

use std::io::{self, Write};

use crate::rules::{ALL, Meta};

/// Every rule with its severity and question.
///
/// # Errors
/// Those of the writer.
pub fn list(out: &mut dyn Write) -> io::Result<()> {
    for rule in ALL {
        let meta = rule.meta();
        writeln!(out, "{:<28} {:<8} {}", meta.id, meta.severity.as_str(), meta.question)?;
    }
    Ok(())
}

/// One rule.
///
/// # Errors
/// Those of the writer.
pub fn one(meta: &Meta, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{} ({})\n\n{}\n{}\n\ndrift:  {}\nparity: {}",
        meta.id,
        meta.severity.as_str(),
        meta.question,
        meta.why,
        meta.drift,
        meta.parity
    )
}
