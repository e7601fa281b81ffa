//! Sprig's functions over regular expressions (masterminds.github.io/sprig: String Functions).

use regex::bytes::Regex;

use super::{Given, at, text};
use crate::formats::gotemplate::eval::{Engine, Fail};
use crate::formats::gotemplate::text::Text;
use crate::formats::gotemplate::value::{Kind, Val};
use crate::formats::re2::expression;

pub(super) fn call(engine: &mut Engine<'_>, name: &str, args: &[Val]) -> Option<Given> {
    let name = name.strip_prefix("mustRegex").or_else(|| name.strip_prefix("regex"))?;
    let (pattern, subject) = (text(engine, &at(args, 0)), text(engine, &at(args, 1)));
    if name == "QuoteMeta" {
        return Some(Ok(Val::text(Text::made(regex::escape(pattern.as_str()), &pattern))));
    }
    let last = match name {
        "ReplaceAll" | "ReplaceAllLiteral" => text(engine, &at(args, 2)),
        "FindAll" | "Split" | "Match" | "Find" => Text::default(),
        _ => return None,
    };
    if let Err(fail) = charge(engine, subject.len(), last.len()) {
        return Some(Err(fail));
    }
    // Over bytes a sign that is not ASCII is several, and a part of one may be found.
    if !pattern.as_str().is_ascii() || !subject.as_str().is_ascii() {
        return Some(Ok(Val::unknown("regular expressions are evaluated over ASCII alone")));
    }
    let Some(regex) = expression(pattern.as_str()) else {
        return Some(Ok(Val::unknown("a template has a regular expression that is not evaluated")));
    };
    Some(Ok(apply(name, &regex, &subject, &last, args)))
}

/// Counts the work of one call: to look for every match in turn may take the square of the length (docs.rs/regex: Untrusted input).
fn charge(engine: &mut Engine<'_>, subject: usize, replacement: usize) -> Result<(), Fail> {
    engine.step(64 + subject.saturating_mul(subject) / 16)?;
    // At most one replacement stands before each sign and one at the end; each may take in what it replaces.
    engine.wrote(subject.saturating_add(1).saturating_mul(replacement).saturating_add(subject))
}

fn apply(name: &str, regex: &Regex, subject: &Text, replacement: &Text, args: &[Val]) -> Val {
    let whole = subject.as_str();
    let most = match at(args, 2).kind {
        Kind::Int(n) => usize::try_from(n).unwrap_or(usize::MAX),
        _ => usize::MAX,
    };
    let made = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(same) if same == whole => Val::text(subject.clone()),
        Ok(other) => Val::text(Text::made(other, subject)),
        Err(_) => Val::unknown("a regular expression gives what is no text"),
    };
    let with = replacement.as_str().as_bytes();
    match name {
        "Match" => Val::bool(regex.is_match(whole.as_bytes())),
        "Find" => regex.find(whole.as_bytes()).map_or_else(|| Val::str(""), |m| Val::text(subject.slice(m.start(), m.end()))),
        "FindAll" => {
            let all = regex.find_iter(whole.as_bytes()).take(most);
            Val::list(all.map(|m| Val::text(subject.slice(m.start(), m.end()))).collect())
        }
        // `$1` and `${1}` are groups, as in Go (pkg.go.dev/regexp: Expand).
        "ReplaceAll" => made(&regex.replace_all(whole.as_bytes(), with)),
        "ReplaceAllLiteral" => made(&regex.replace_all(whole.as_bytes(), regex::bytes::NoExpand(with))),
        _ if regex.is_match(b"") => Val::unknown("text is split where nothing stands, which is not evaluated"),
        _ if most == 0 => Val::list(Vec::new()),
        _ => {
            let mut start = 0;
            let mut parts = Vec::new();
            for found in regex.find_iter(whole.as_bytes()).take(most - 1) {
                parts.push(Val::text(subject.slice(start, found.start())));
                start = found.end();
            }
            parts.push(Val::text(subject.slice(start, whole.len())));
            Val::list(parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str, args: &[&str]) -> String {
        let mut engine = Engine::new(None);
        let args: Vec<Val> = args.iter().map(|a| a.parse().map_or_else(|_| Val::str(*a), Val::int)).collect();
        match call(&mut engine, name, &args) {
            Some(Ok(value)) => match &value.kind {
                Kind::Unknown(why) => format!("? {why}"),
                Kind::List(items) => items.iter().map(|v| v.as_str().unwrap_or("?").to_owned()).collect::<Vec<_>>().join("|"),
                _ => engine.show(&value).as_str().to_owned(),
            },
            Some(Err(fail)) => format!("! {}", fail.why),
            None => "-".into(),
        }
    }

    #[test]
    fn what_go_gives() {
        for (name, args, want) in [
            ("regexReplaceAll", &["a(x*)b", "-ab-axxb-", "${1}W"][..], "-W-xxW-"),
            ("regexReplaceAll", &["a(x*)b", "-ab-axxb-", "$1W"], "---"),
            ("regexReplaceAll", &["a*", "baaac", "x"], "xbxcx"),
            ("mustRegexReplaceAll", &[r"\W+", "a b.c", "-"], "a-b-c"),
            ("regexReplaceAllLiteral", &["a(x*)b", "-ab-", "${1}"], "-${1}-"),
            ("regexMatch", &["^v[0-9]+$", "v15"], "true"),
            ("regexMatch", &["^dev.*", "prod"], "false"),
            ("regexFind", &["[a-z]+[0-9]", "--abc1"], "abc1"),
            ("regexFind", &["z", "abc"], ""),
            ("regexFindAll", &["[2468]", "123456", "2"], "2|4"),
            ("regexSplit", &["z+", "pizza", "-1"], "pi|a"),
            ("regexSplit", &["z", "pizza", "2"], "pi|za"),
            ("regexQuoteMeta", &["1.2"], r"1\.2"),
            ("regexMatch", &["(?=a)", "a"], "? a template has a regular expression that is not evaluated"),
            ("regexMatch", &[r"\pL", "a"], "? a template has a regular expression that is not evaluated"),
            ("regexMatch", &["é", "a"], "? regular expressions are evaluated over ASCII alone"),
            ("regexNone", &["a", "a"], "-"),
        ] {
            assert_eq!(shown(name, args), want, "{name} {args:?}");
        }
    }

    #[test]
    fn what_is_made_to_hurt_ends() {
        let long = "A".repeat(200_000);
        assert!(shown("regexReplaceAll", &[".*[^A-Z]|[A-Z]", &long, "x"]).contains("steps"));
        assert!(shown("regexMatch", &["(((a{100}){100}){100})", "a"]).starts_with('?'));
        assert!(shown("regexReplaceAll", &["", &"A".repeat(1000), &"x".repeat(100_000)]).contains("bytes"));
    }
}
