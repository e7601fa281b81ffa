//! The report to GitHub: pull-request comment, nightly issue.
