//! What says how tags are made (the user, Flux, Argo CD Image Updater) → which part of a tag names a commit, a version, a day.
//!
//! Expressions are those of Go's RE2, over bytes: `\d` and `\w` are those of ASCII, as there.

use regex::bytes::{Captures, Regex, RegexBuilder};

use super::forms;
use super::own::Whose;

/// Largest compiled expression, in bytes.
const EXPRESSION: usize = 256 * 1024;

/// Names of groups that are a commit's id, a version, and a moment.
const COMMITS: [&str; 9] = ["sha", "commit", "rev", "revision", "hash", "git_sha", "gitsha", "short_sha", "shortsha"];
const VERSIONS: [&str; 3] = ["version", "semver", "ver"];
const MOMENTS: [&str; 6] = ["ts", "timestamp", "date", "time", "datetime", "build_date"];

/// A form of tags.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    expression: Regex,
    /// What is made of its groups, and is it a version?
    extract: Option<(String, bool)>,
    /// The images that it is for; empty: all.
    images: Vec<String>,
    /// The mark beside the tags that it moves: `NAMESPACE:NAME`.
    mark: Option<String>,
    /// Who says it, in words.
    by: String,
}

/// What a pattern says of a tag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) sha: Option<String>,
    pub(super) version: Option<String>,
    pub(super) date: Option<String>,
    pub(super) by: String,
}

impl Pattern {
    /// A pattern of the configuration: `{branch}-{sha}`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn of_user(text: &str) -> Result<Self, String> {
        let mut expression = String::from("^");
        let mut rest = text;
        let mut says = false;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or("a `{` is not closed")?;
            expression.push_str(&regex::escape(before));
            says |= matches!(name, "sha" | "version" | "date");
            expression.push_str(match name {
                "sha" => "(?P<sha>[0-9a-f]{7,64})",
                "version" => r"(?P<version>[0-9A-Za-z][0-9A-Za-z._-]*?)",
                "date" => r"(?P<date>[0-9]{4}[.-]?[0-9]{2}[.-]?[0-9]{2}[0-9]{0,6}|[0-9]{10})",
                _ => "[0-9A-Za-z_.-]+?",
            });
            rest = after;
        }
        if !says {
            return Err("it names neither `{sha}` nor `{version}` nor `{date}`".to_owned());
        }
        expression.push_str(&regex::escape(rest));
        expression.push('$');
        let expression = compiled(&expression).ok_or("it cannot be used")?;
        Ok(Self { expression, extract: None, images: Vec::new(), mark: None, by: format!("`{text}` of `time.tags`") })
    }

    /// An expression whose groups, by their names, say what they are; `extract` makes of them what is compared, which is a version
    /// or a moment. `None` where it cannot be used.
    pub(super) fn of_expression(text: &str, extract: Option<(&str, bool)>, by: String) -> Option<Self> {
        let extract = extract.map(|(template, version)| (template.to_owned(), version));
        Some(Self { expression: compiled(text)?, extract, images: Vec::new(), mark: None, by })
    }

    /// The same for some images alone, and for the tags that stand beside a mark.
    pub(super) fn only_for(self, images: Vec<String>, mark: Option<String>) -> Self {
        Self { images, mark, ..self }
    }

    /// Is it for the tags of a service?
    fn is_for(&self, whose: &Whose<'_>) -> bool {
        if self.mark.is_some() && whose.mark.is_some() {
            return self.mark == whose.mark;
        }
        let all = self.images.is_empty() && self.mark.is_none();
        all || whose.image.as_ref().is_some_and(|image| self.images.contains(image))
    }

    /// What it says of a service's tag; `None` where the tag is of another form or nothing is said.
    pub(super) fn said(&self, tag: &str, whose: &Whose<'_>) -> Option<Said> {
        self.is_for(whose).then(|| self.of(tag)).flatten()
    }

    /// What it says of a tag, whosever it is.
    pub(super) fn of(&self, tag: &str) -> Option<Said> {
        let captures = self.expression.captures(tag.as_bytes())?;
        let group = |names: &[&str]| names.iter().find_map(|name| text(captures.name(name)?.as_bytes()));
        let mut said = Said { sha: group(&COMMITS), version: group(&VERSIONS), date: group(&MOMENTS), by: self.by.clone() };
        if let Some((template, version)) = &self.extract {
            let made = expanded(&captures, template);
            match version {
                true if said.version.is_none() => said.version = made,
                false if said.date.is_none() => said.date = made.filter(|d| forms::day(d).is_some()),
                _ => {}
            }
        }
        // Only letters and digits of an id, a day that there is.
        said.sha = said.sha.filter(|s| (7..=64).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_hexdigit()));
        said.date = said.date.filter(|d| forms::day(d).is_some());
        (said.sha.is_some() || said.version.is_some() || said.date.is_some()).then_some(said)
    }
}

fn compiled(text: &str) -> Option<Regex> {
    RegexBuilder::new(text).unicode(false).size_limit(EXPRESSION).build().ok()
}

fn text(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().filter(|t| !t.is_empty()).map(str::to_owned)
}

fn expanded(captures: &Captures<'_>, template: &str) -> Option<String> {
    let mut out = Vec::new();
    captures.expand(template.as_bytes(), &mut out);
    text(&out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(pattern: &str, tag: &str) -> Option<Said> {
        Pattern::of_user(pattern).expect("a pattern").of(tag)
    }

    #[test]
    fn patterns_of_the_user() {
        let said = user("{branch}-{sha}-{date}", "main-abc1234-20240101").expect("said");
        assert_eq!((said.sha.as_deref(), said.date.as_deref()), (Some("abc1234"), Some("20240101")));
        assert_eq!(user("v{version}", "v1.4.2").and_then(|s| s.version).as_deref(), Some("1.4.2"));
        assert_eq!(user("build.{sha}", "build-abc1234"), None);
        for (pattern, why) in [("{sha", "not closed"), ("release", "neither"), ("{branch}", "neither")] {
            assert!(Pattern::of_user(pattern).expect_err(pattern).contains(why), "{pattern}");
        }
    }

    #[test]
    fn expressions_of_others() {
        let flux = |pattern: &str, extract: Option<(&str, bool)>, tag: &str| Pattern::of_expression(pattern, extract, "x".into())?.of(tag);
        let said = flux("^main-[a-f0-9]+-(?P<ts>[0-9]+)", Some(("$ts", false)), "main-abc1234-1618254954").expect("said");
        assert_eq!((said.sha, said.date.as_deref()), (None, Some("1618254954")));
        let said = flux(r"^shop-(?P<x>\d+\.\d+\.\d+)$", Some(("$x", true)), "shop-1.4.2").expect("said");
        assert_eq!(said.version.as_deref(), Some("1.4.2"));
        // A number of a build is no day.
        assert_eq!(flux(r"^main-(\d+)$", Some(("$1", false)), "main-142"), None);
        assert_eq!(flux("^main-(?P<sha>[a-f0-9]{7})$", None, "main-abc1234").and_then(|s| s.sha).as_deref(), Some("abc1234"));
        assert!(flux("(", None, "x").is_none());
    }
}
