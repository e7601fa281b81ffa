//! The identifier of a runtime as a platform writes it (`nodejs20.x`, `PYTHON_311`, `php:8.4`) → language and version.

use crate::inventory::{Software, Version};

/// Names of languages in identifiers → the kind's id. Longer names before their beginnings.
const NAMES: [(&str, &str); 15] = [
    ("nodejs", "node"),
    ("node", "node"),
    ("python", "python"),
    ("corretto", "java"),
    ("openjdk", "java"),
    ("java", "java"),
    ("golang", "go"),
    ("go", "go"),
    ("dotnetcore", "dotnet"),
    ("dotnet", "dotnet"),
    ("ruby", "ruby"),
    ("php", "php"),
    ("bun", "bun"),
    ("deno", "deno"),
    ("aspnet", "dotnet"),
];

/// The software of a runtime's identifier; `None` for one that names no language (`provided.al2023`).
///
/// Sources: Lambda's and App Runner's lists of runtimes (docs.aws.amazon.com), App Engine's (cloud.google.com/appengine),
/// Platform.sh's registry, App Service's stacks (learn.microsoft.com).
#[must_use]
pub fn runtime(text: &str) -> Option<Software> {
    let lower = text.trim().to_ascii_lowercase();
    let (name, id) = NAMES.iter().find(|(name, _)| lower.starts_with(name))?;
    let rest = lower.get(name.len()..)?;
    // What goes on with letters is another word: `gosu`, `javascript`.
    if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let rest = rest.trim_start_matches(['_', ':', '|', '~', '-', ' ', 'v']);
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let number = rest.get(..end)?.trim_end_matches('.');
    // `311` is 3.11: these languages have never had a major version of two digits.
    let joined = matches!(*id, "python" | "php" | "ruby" | "go") && !number.contains('.') && number.len() > 1;
    let number = if joined { format!("{}.{}", number.get(..1)?, number.get(1..)?) } else { number.to_owned() };
    let mut software = if number.is_empty() { Software::of_kind(id, None)? } else { runtime_version(id, &number)? };
    text.trim().clone_into(&mut software.text);
    Some(software)
}

/// Names of Node.js's long-term releases (github.com/nodejs/Release: CODENAMES.md).
const LTS: [(&str, &str); 11] = [
    ("argon", "4"),
    ("boron", "6"),
    ("carbon", "8"),
    ("dubnium", "10"),
    ("erbium", "12"),
    ("fermium", "14"),
    ("gallium", "16"),
    ("hydrogen", "18"),
    ("iron", "20"),
    ("jod", "22"),
    ("krypton", "24"),
];

/// What a version text states of a runtime. `None` where it allows several series (`>=18`), or names another
/// implementation (`pypy3.10`).
pub(crate) fn runtime_version(id: &str, text: &str) -> Option<Software> {
    let text = text.trim().trim_matches(['"', '\'']);
    let lower = text.to_ascii_lowercase();
    let mut out = Software::of_kind(&super::kind(id)?.id, None)?;
    text.clone_into(&mut out.text);
    if let Some((_, number)) = lower.strip_prefix("lts/").and_then(|name| LTS.iter().find(|(n, _)| *n == name)) {
        out.version = Version { text: text.to_owned(), ..Version::parse(number) };
        return Some(out);
    }
    if matches!(lower.as_str(), "lts" | "lts/*" | "latest" | "stable" | "node" | "current" | "nightly" | "*" | "x" | "beta") {
        out.version = Version::floating(text);
        return Some(out);
    }
    if lower.is_empty() || lower.contains(['<', '>', '|', ',', '!', '$', '{']) && !lower.starts_with("~>") || lower.contains(" - ") {
        return None;
    }
    let start = lower.find(|c: char| c.is_ascii_digit())?;
    let (before, number) = lower.split_at(start);
    let kept = number.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '*' | '-'))).map_or(number, |i| &number[..i]);
    let components: Vec<&str> = kept.split('.').collect();
    // The component that an operator lets move: `^20.1` is any 20, `~20.1.3` any 20.1, `~> 3.2` any 3.
    let fixed = match before.trim() {
        "" | "v" | "=" | "==" | "python" | "python-" | "ruby-" | "node-" | "node/v" | "go" | "php-" => components.len(),
        "^" => 1,
        "~" | "~=" if id == "node" => components.len().min(2),
        "~>" | "~" | "~=" => components.len().saturating_sub(1).max(1),
        word if id == "java" && !word.contains("graal") => components.len(),
        _ => return None,
    };
    let mut version = components.get(..fixed).unwrap_or(&components).join(".");
    if id == "java" {
        // `21.0.2-tem`, `1.8`: a vendor behind, and Java's old way to count.
        version = version.split('-').next().unwrap_or_default().to_owned();
        if let Some(old) = version.strip_prefix("1.") {
            version = old.to_owned();
        }
    }
    let parsed = Version::parse(&version);
    if parsed.components.is_empty() {
        return None;
    }
    out.version = Version { text: text.to_owned(), ..parsed };
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers() {
        let read = |text: &str| {
            let software = runtime(text)?;
            Some(format!("{} {}", software.kind.map_or("", |k| &k.id), software.version.number().unwrap_or_default()))
        };
        for (text, wanted) in [
            ("nodejs20.x", "node 20"),
            ("python3.12", "python 3.12"),
            ("java8.al2", "java 8"),
            ("java17.al2023", "java 17"),
            ("dotnet8", "dotnet 8"),
            ("go1.x", "go 1"),
            ("PYTHON_311", "python 3.11"),
            ("NODEJS_22", "node 22"),
            ("CORRETTO_11", "java 11"),
            ("PHP_81", "php 8.1"),
            ("python312", "python 3.12"),
            ("go122", "go 1.22"),
            ("php:8.4", "php 8.4"),
            ("NODE|20-lts", "node 20"),
            ("ruby33", "ruby 3.3"),
        ] {
            assert_eq!(read(text).as_deref(), Some(wanted), "{text}");
        }
        assert_eq!((read("provided.al2023"), read("javascript"), read("")), (None, None, None));
    }
}
