//! Image references: the grammar of `distribution/reference` (github.com/distribution/reference: reference.go, normalize.go).

use std::fmt;

/// A parsed image reference, with the text it came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageRef {
    /// As written.
    pub text: String,
    /// Registry host, `docker.io` when none is written.
    pub registry: String,
    /// Repository below the registry; `library/` is written out on Docker Hub.
    pub repository: String,
    /// Tag, where one is written.
    pub tag: Option<String>,
    /// Digest (`sha256:...`), where one is written.
    pub digest: Option<String>,
}

/// Why a text is no image reference: one lower-case sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAnImage(pub String);

/// Longest repository below the registry, `library/` included (`RepositoryNameTotalLengthMax` of distribution/reference).
const REPOSITORY_BYTES: usize = 255;

impl ImageRef {
    /// Parses a reference.
    ///
    /// # Errors
    /// The text is no reference: it is empty, holds an unresolved expression, or breaks the grammar.
    pub fn parse(text: &str) -> Result<Self, NotAnImage> {
        let no = |why: &str| Err(NotAnImage(why.to_owned()));
        if text.is_empty() {
            return no("the image is empty");
        }
        if text.contains(['$', '{', '<', '\u{e000}']) || text.contains("__") && text.contains(":__") {
            return no("the image is an expression that is not resolved");
        }
        if text.len() > 1024 {
            return no("the image reference is longer than 1024 characters");
        }
        if text.contains(char::is_whitespace) {
            return no("the image reference holds white space");
        }
        if text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
            return no("the image is an id, not a name");
        }
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) if is_digest(digest) => (rest, Some(digest.to_owned())),
            Some(_) => return no("what follows the `@` of the image is no digest"),
            None => (text, None),
        };
        let (head, path) = match rest.split_once('/') {
            Some((head, path)) if head == "localhost" || head.contains(['.', ':']) || head.bytes().any(|b| b.is_ascii_uppercase()) => {
                (Some(head), path)
            }
            _ => (None, rest),
        };
        if head.is_some_and(|h| !is_domain(h)) {
            return no("the registry of the image is no host name");
        }
        let slash = path.rfind('/').map_or(0, |i| i + 1);
        let (name, tag) = match path.get(slash..).and_then(|last| last.find(':')) {
            Some(i) => (path.get(..slash + i).unwrap_or(""), path.get(slash + i + 1..)),
            None => (path, None),
        };
        if tag.is_some_and(|t| !is_tag(t)) {
            return no("the tag of the image is not valid");
        }
        if name.is_empty() || !name.split('/').all(is_component) {
            return no("the name of the image is not valid (lower-case letters, digits and separators)");
        }
        let registry = match head {
            None | Some("index.docker.io" | "registry-1.docker.io" | "registry.hub.docker.com") => "docker.io",
            Some(head) => head,
        };
        let repository = if registry == "docker.io" && !name.contains('/') { format!("library/{name}") } else { name.to_owned() };
        if repository.len() > REPOSITORY_BYTES {
            return no("the name of the image is longer than 255 characters");
        }
        Ok(Self { text: text.to_owned(), registry: registry.to_owned(), repository, tag: tag.map(str::to_owned), digest })
    }

    /// The name in the catalogue's form: host left out for Docker Hub, `library/` removed.
    #[must_use]
    pub fn name(&self) -> String {
        if self.registry == "docker.io" {
            self.repository.strip_prefix("library/").unwrap_or(&self.repository).to_owned()
        } else {
            format!("{}/{}", self.registry, self.repository)
        }
    }
}

/// Digits of a digest that are shown in a sentence: it is known by its first.
const DIGITS: usize = 12;

/// A sentence with its digests shortened: `postgres@sha256:0123456789ab…`. Facts keep all of them.
#[must_use]
pub fn short_digests(text: &str) -> String {
    const MARK: &str = "sha256:";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(MARK) {
        let digits = after.bytes().take_while(u8::is_ascii_hexdigit).count();
        let (shown, end) = if digits > DIGITS { (DIGITS, "…") } else { (digits, "") };
        out.extend([before, MARK, after.get(..shown).unwrap_or_default(), end]);
        rest = after.get(digits..).unwrap_or_default();
    }
    out + rest
}

/// `component = [a-z0-9]+ (separator [a-z0-9]+)*`, separators `.`, `_`, `__`, `-`+.
fn is_component(text: &str) -> bool {
    let alnum = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    if !bytes.first().copied().is_some_and(alnum) || !bytes.last().copied().is_some_and(alnum) {
        return false;
    }
    text.split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        .all(|separator| matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|b| b == b'-'))
}

fn is_domain(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|t| t.split_once(']')) {
        Some((v6, rest)) => {
            let valid = !v6.is_empty() && v6.bytes().all(|b| b.is_ascii_hexdigit() || b == b':' || b == b'.');
            return valid && (rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port));
        }
        None => text.split_once(':').map_or((text, None), |(h, p)| (h, Some(p))),
    };
    let label =
        |l: &str| !l.is_empty() && !l.starts_with('-') && !l.ends_with('-') && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    host.split('.').all(label) && port.is_none_or(is_port)
}

fn is_port(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_tag(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    text.len() <= 128 && text.bytes().next().is_some_and(word) && text.bytes().all(|b| word(b) || b == b'.' || b == b'-')
}

fn is_digest(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else { return false };
    let part = |p: &str| p.starts_with(|c: char| c.is_ascii_alphabetic()) && p.bytes().all(|b| b.is_ascii_alphanumeric());
    algorithm.split(['-', '_', '+', '.']).all(part) && hex.len() >= 32 && hex.bytes().all(|b| b.is_ascii_hexdigit())
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::ImageRef;

    #[test]
    fn the_longest_name_is_counted_with_what_docker_hub_adds() {
        for (name, valid) in [("n".repeat(247), true), ("n".repeat(248), false), (format!("o/{}", "n".repeat(253)), true)] {
            let read = ImageRef::parse(&name);
            assert_eq!(read.is_ok(), valid, "{name}");
            if let Ok(image) = read {
                let full = ImageRef::parse(&format!("{}/{}", image.registry, image.repository)).expect("the full name");
                assert_eq!(full.repository, image.repository);
            }
        }
    }
}
