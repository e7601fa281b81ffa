//! Report → the JSON of a shields.io endpoint badge: counts in words, no score.

use std::io;

use serde_json::json;

use super::summary::count;
use super::{Exit, Look, Render, Report, json as form};
use crate::rules::Severity;

/// The form.
#[derive(Debug)]
pub struct Badge;

impl Render for Badge {
    fn id(&self) -> &'static str {
        "badge"
    }

    fn about(&self) -> &'static str {
        "JSON of a shields.io endpoint badge"
    }

    fn render(&self, report: &Report, _: Look, out: &mut dyn io::Write) -> io::Result<()> {
        let (message, color) = words(report);
        form::write(&json!({ "schemaVersion": 1, "label": "dev/prod parity", "message": message, "color": color }), out)
    }
}

/// <https://shields.io/badges/endpoint-badge>; the words say all that the colour says.
fn words(report: &Report) -> (String, &'static str) {
    let [errors, warnings] = [Severity::Error, Severity::Warning].map(|s| report.count(s));
    let (first, color) = match report.exit() {
        Exit::Drift => (Some("drift"), "red"),
        Exit::Usage | Exit::Unknown => (Some("could not tell"), "lightgrey"),
        Exit::Clean if errors > 0 => (None, "orange"),
        Exit::Clean if warnings > 0 => (None, "yellow"),
        Exit::Clean => (Some("no drift"), "brightgreen"),
    };
    let hidden = report.hidden.ignored + report.hidden.baselined + report.hidden.off;
    let counts = [(errors, "error", ""), (warnings, "warning", ""), (report.problems.len(), "problem", ""), (hidden, "hidden", "hidden")];
    let counts = counts
        .into_iter()
        .filter(|(n, ..)| *n > 0)
        .map(|(n, one, same)| if same.is_empty() { count(n, one) } else { format!("{n} {same}") });
    let all: Vec<String> = first.map(str::to_owned).into_iter().chain(counts).collect();
    (all.join(", "), color)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{FailOn, sample};

    #[test]
    fn says_in_words_what_the_colour_says() {
        assert_eq!(words(&Report::default()), ("no drift".to_owned(), "brightgreen"));
        let report = sample::report();
        assert_eq!(words(&report), ("drift, 2 errors, 1 warning, 1 problem, 6 hidden".to_owned(), "red"));
        assert_eq!(words(&Report { fail_on: FailOn::Never, ..report.clone() }).1, "orange");
        assert_eq!(words(&Report { findings: Vec::new(), ..report }).0, "could not tell, 1 problem, 6 hidden");
    }
}
