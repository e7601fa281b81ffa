//! The baseline: what was there when a team began to look, by names alone. It never grows on its own.

use std::collections::BTreeSet;
use std::io;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::finding::Finding;
use crate::report::{Problem, Report, json};
use crate::workspace::Workspace;

/// The file `parity baseline write` makes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// `parity-baseline/1`.
    pub schema: String,
    /// What is known, sorted; no lines and no values.
    pub findings: BTreeSet<Known>,
}

/// One known finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The rule.
    pub rule: String,
    /// The first environment.
    pub from: String,
    /// The second.
    pub to: String,
    /// The part of the repository.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// The service.
    pub service: String,
    /// What of it.
    pub subject: String,
}

/// The name of the file's form.
const SCHEMA: &str = "parity-baseline/1";

impl Known {
    fn of(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.to_owned(),
            from: finding.from.clone(),
            to: finding.to.clone(),
            unit: finding.unit.clone(),
            service: finding.service.clone(),
            subject: finding.subject.clone(),
        }
    }
}

impl Baseline {
    /// The baseline of what a report shows.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        Self { schema: SCHEMA.to_owned(), findings: report.findings.iter().map(Known::of).collect() }
    }

    /// Reads a baseline.
    ///
    /// # Errors
    /// The file does not exist, or is no baseline.
    pub fn read(workspace: &dyn Workspace, path: &str) -> Result<Self, Error> {
        let help = format!("`parity baseline write {path}` makes one");
        let source = workspace.read(path).map_err(|problem| Error::usage(problem.message).help(help.clone()))?;
        let read: Self = serde_json::from_str(source.text())
            .map_err(|e| Error::usage(format!("`{path}` is no baseline (line {}, column {})", e.line(), e.column())).help(help.clone()))?;
        if read.schema == SCHEMA {
            Ok(read)
        } else {
            Err(Error::usage(format!("`{path}` is no baseline: its schema is not {SCHEMA}")).help(help))
        }
    }

    /// Writes it.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        json::write(self, out)
    }

    /// Hides what is known, and says which entries are fixed, where the whole was looked at.
    pub(super) fn apply(&self, report: &mut Report, path: &str, whole: bool) {
        let before = report.findings.len();
        let mut seen = BTreeSet::new();
        report.findings.retain(|finding| {
            let known = Known::of(finding);
            let hidden = self.findings.contains(&known);
            if hidden {
                seen.insert(known);
            }
            !hidden
        });
        report.hidden.baselined += before - report.findings.len();
        let fixed: Vec<&Known> = self.findings.difference(&seen).filter(|known| report.is_sure(&known.rule)).collect();
        if let Some(first) = fixed.first().filter(|_| whole) {
            let more = if fixed.len() > 1 { format!(" and {} more", fixed.len() - 1) } else { String::new() };
            let what = format!("has entries that are fixed: {} of `{}` ({}){more}", first.rule, first.service, first.subject);
            report.problems.push(Problem::file(path, what).info().help(format!("`parity baseline write {path}` drops them")));
        }
    }
}
