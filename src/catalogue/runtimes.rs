//! The identifier of a runtime as a platform writes it (`nodejs20.x`, `PYTHON_311`, `php:8.4`) → language and version.

use crate::inventory::Software;

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
    let mut software = Software::of_kind(id, (!number.is_empty()).then_some(number.as_str()))?;
    text.trim().clone_into(&mut software.text);
    Some(software)
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
