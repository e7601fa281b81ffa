//! A group of findings → the files and lines that show it: shared by the forms that show lines.

use std::collections::BTreeMap;

use super::excerpt::{Excerpt, excerpt};
use super::group::Group;
use crate::finding::{Finding, Place};

/// So many lines of a file are shown; the keys beyond are named.
const LINES: usize = 6;

/// Lines of one file further apart than this are shown by their places alone: a picture is built of all lines between.
const REACH: usize = 5_000;

/// What is shown of one file for one side.
#[derive(Debug)]
pub struct File {
    /// Its path.
    pub path: String,
    /// The first place in it.
    pub place: Place,
    /// By line: what may be shown, and its label.
    pub lines: BTreeMap<u32, (Excerpt, String)>,
    /// Subjects that are to be seen.
    pub shown: Vec<String>,
    /// Whose file it is.
    pub environment: String,
}

/// The files of a group: of the first side first, each once.
#[must_use]
pub fn files(group: &Group<'_>) -> Vec<File> {
    let mut files: Vec<File> = Vec::new();
    for finding in group.findings() {
        for place in &finding.places {
            let environment = finding.environment(place.side);
            let known = files.iter().position(|f| f.path == place.at.path() && f.place.side == place.side);
            let at = known.unwrap_or(files.len());
            if known.is_none() {
                files.push(File {
                    path: place.at.path().to_owned(),
                    place: place.clone(),
                    lines: BTreeMap::new(),
                    shown: Vec::new(),
                    environment: environment.to_owned(),
                });
            }
            if let (Some(file), Some(shown)) = (files.get_mut(at), excerpt(finding, place)) {
                file.show(finding, place, shown);
            }
        }
    }
    let first = group.first.places.first().map(|p| p.side);
    files.sort_by_key(|f| Some(f.place.side) != first);
    files
}

impl File {
    fn show(&mut self, finding: &Finding, place: &Place, excerpt: Excerpt) {
        let line = place.at.position().line.get();
        let near = self.lines.first_key_value().is_none_or(|(first, _)| first.abs_diff(line) as usize <= REACH);
        if self.lines.len() < LINES && near && !self.lines.contains_key(&line) {
            self.shown.push(finding.subject.clone());
            let label = label(finding, place, &excerpt);
            self.lines.insert(line, (excerpt, label));
        }
    }
}

/// What is said beside the marked text; nothing that stands there already.
fn label(finding: &Finding, place: &Place, shown: &Excerpt) -> String {
    let marked = shown.marked().trim_matches(['"', '\'']);
    let name = format!("`{}`", finding.subject);
    if place.label == marked || place.label == name && marked == finding.subject {
        return String::new();
    }
    let rest = place.label.strip_prefix(&name).and_then(|rest| rest.strip_prefix(" is "));
    rest.filter(|_| marked == finding.subject).unwrap_or(&place.label).to_owned()
}

/// The keys that no shown line holds, each once: several services may lack the same.
#[must_use]
pub fn unseen<'a>(group: &Group<'a>, files: &[File]) -> Vec<&'a str> {
    let seen = |f: &Finding| files.iter().any(|file| file.shown.contains(&f.subject));
    let mut unseen: Vec<&str> = group.findings().filter(|f| group.len() > 1 && !seen(f)).map(|f| f.subject.as_str()).collect();
    unseen.sort_unstable();
    unseen.dedup();
    unseen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_key_that_two_services_lack_is_named_once() {
        let mut report = sample::report();
        let one = report.findings.remove(2);
        let of = |subject: &str, service: &str| Finding { subject: subject.into(), service: service.into(), ..one.clone() };
        let all = [of("B", "web"), of("A", "web"), of("B", "worker"), of("A", "worker")];
        let [first, rest @ ..] = &all;
        let group = Group { first, rest: rest.iter().collect() };
        assert_eq!(unseen(&group, &[]), ["A", "B"]);
    }
}
