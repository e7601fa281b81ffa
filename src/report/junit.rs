//! Report → JUnit XML: a suite for each comparison, a case for each finding and for each service without one.

use std::collections::BTreeSet;
use std::io;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::escape::printable;
use super::{ComparisonReport, Exit, FailOn, Look, Render, Report, summary};
use crate::finding::{Finding, State};
use crate::rules::Severity;

/// The form.
#[derive(Debug)]
pub struct Junit;

impl Render for Junit {
    fn id(&self) -> &'static str {
        "junit"
    }

    fn about(&self) -> &'static str {
        "JUnit XML; what fails the run is a failure, all else is skipped with its reason"
    }

    fn render(&self, report: &Report, _: Look, out: &mut dyn io::Write) -> io::Result<()> {
        let mut document = quick_junit::Report::new("parity");
        for comparison in &report.comparisons {
            document.add_test_suite(suite(report, comparison));
        }
        let known = |f: &Finding| report.comparisons.iter().any(|c| of(f, c));
        let mut rest = TestSuite::new("parity: the run");
        rest.add_test_cases(report.findings.iter().filter(|f| !known(f)).map(|f| finding(report, f)));
        rest.add_test_cases(report.problems.iter().map(|p| problem(report, p)));
        for (i, sentence) in summary::closing(report).iter().enumerate() {
            rest.add_property((format!("summary.{}", i + 1), printable(sentence).into_owned()));
        }
        rest.add_property(("exit", (report.exit() as u8).to_string().as_str()));
        document.add_test_suite(rest);
        let text = document.to_string().map_err(io::Error::other)?;
        out.write_all(without_skipped(&text).as_bytes())
    }
}

/// The text without the count of skipped cases of the root, which the schema of Jenkins refuses there
/// (jenkinsci/xunit-plugin, junit-10.xsd). Suites keep theirs.
fn without_skipped(text: &str) -> String {
    let count = || {
        let root = text.find("<testsuites ")?;
        let end = root + text.get(root..)?.find('>')?;
        let start = root + text.get(root..end)?.find(" skipped=\"")?;
        let length = text.get(start..end)?.match_indices('"').nth(1)?.0 + 1;
        Some(start..start + length)
    };
    let mut out = text.to_owned();
    if let Some(range) = count() {
        out.replace_range(range, "");
    }
    out
}

fn of(finding: &Finding, comparison: &ComparisonReport) -> bool {
    (&finding.from, &finding.to, &finding.unit) == (&comparison.from, &comparison.to, &comparison.unit)
}

fn suite(report: &Report, comparison: &ComparisonReport) -> TestSuite {
    let unit = if comparison.unit.is_empty() { String::new() } else { format!(" of {}", comparison.unit) };
    let mut suite = TestSuite::new(printable(&format!("parity: {}{unit} and {}", comparison.from, comparison.to)).as_ref());
    let findings: Vec<&Finding> = report.findings.iter().filter(|f| of(f, comparison)).collect();
    let spoken_of: BTreeSet<&str> = findings.iter().filter(|f| f.state != Some(State::Fixed)).map(|f| f.service.as_str()).collect();
    suite.add_test_cases(findings.iter().map(|f| finding(report, f)));
    for pair in comparison.services.iter().filter(|p| !spoken_of.contains(p.name.as_str())) {
        let status = if summary::uncompared(pair) {
            skipped(&format!("could not be compared: {}", pair.outcome.because))
        } else {
            TestCaseStatus::success()
        };
        suite.add_test_case(case("service", &pair.name, status));
    }
    suite
}

fn finding(report: &Report, finding: &Finding) -> TestCase {
    let name =
        if finding.subject == finding.service { finding.service.clone() } else { format!("{}: {}", finding.service, finding.subject) };
    let places: Vec<String> = finding.places.iter().map(|p| format!("{}: {}", finding.environment(p.side), p.at)).collect();
    let said: Vec<&str> =
        std::iter::once(finding.message.as_str()).chain(finding.help.as_deref()).chain(places.iter().map(String::as_str)).collect();
    let said: Vec<_> = said.iter().map(|line| printable(line)).collect();
    let state = finding.state.map(|s| format!(" ({})", s.as_str())).unwrap_or_default();
    let status = if finding.state == Some(State::Fixed) {
        TestCaseStatus::success()
    } else if report.fails(finding) {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type(finding.severity.as_str()).set_message(printable(&finding.message).as_ref()).set_description(said.join("\n"));
        status
    } else {
        skipped(&format!("{}{state}: {}", finding.severity.as_str(), finding.message))
    };
    let mut case = case(finding.rule, &name, status);
    case.set_system_out(said.join("\n"));
    case
}

fn problem(report: &Report, problem: &super::Problem) -> TestCase {
    let place = problem.at.as_ref().map_or_else(|| "the run".to_owned(), ToString::to_string);
    let fails = problem.severity == Severity::Error && report.fail_on != FailOn::Never && report.exit() != Exit::Clean;
    let status = if fails {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        let help = problem.help.as_ref().map(|h| format!("\n{}", printable(h))).unwrap_or_default();
        status.set_type("problem").set_message(printable(&problem.message).as_ref());
        status.set_description(format!("{}{help}", printable(&problem.message)));
        status
    } else {
        skipped(&format!("{}: {}", problem.severity.as_str(), problem.message))
    };
    case("problem", &place, status)
}

fn case(class: &str, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(printable(name).as_ref(), status);
    case.set_classname(printable(class).as_ref());
    case
}

fn skipped(why: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(printable(why).as_ref());
    status
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn text(report: &Report) -> String {
        let mut out = Vec::new();
        Junit.render(report, Look::default(), &mut out).expect("written");
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn what_fails_the_run_is_a_failure_and_nothing_else() {
        let report = sample::report();
        let drift = text(&report);
        assert!(drift.contains(r#"failures="1" errors="1""#), "{drift}");
        assert!(drift.contains(r#"<property name="exit" value="1""#), "{drift}");
        let never = text(&Report { fail_on: FailOn::Never, ..report });
        assert!(never.contains(r#"failures="0" errors="0""#), "{never}");
        let root = drift.lines().nth(1).unwrap_or_default();
        assert!(root.starts_with("<testsuites name=\"parity\" tests=") && root.ends_with('>') && !root.contains("skipped"), "{root}");
        assert!(drift.lines().nth(2).is_some_and(|suite| suite.contains("skipped=\"")), "{drift}");
    }
}
