//! Functions over numbers and versions.

use super::{Given, at};
use crate::formats::gotemplate::eval::Engine;
use crate::formats::gotemplate::value::{Kind, Val};

/// A value as an integer (sprig: toInt64).
pub(super) fn integer(value: &Val) -> Option<i64> {
    match &value.kind {
        Kind::Int(n) => Some(*n),
        Kind::Float(n) => Some(*n as i64),
        Kind::Bool(b) => Some(i64::from(*b)),
        Kind::Str(text) => Some(text.as_str().parse::<f64>().map_or(0, |n| n as i64)),
        Kind::Null => Some(0),
        _ => None,
    }
}

fn float(value: &Val) -> Option<f64> {
    match &value.kind {
        Kind::Float(n) => Some(*n),
        Kind::Str(text) => Some(text.as_str().parse().unwrap_or(0.0)),
        _ => integer(value).map(|n| n as f64),
    }
}

pub(super) fn call(_engine: &mut Engine<'_>, name: &str, args: &[Val]) -> Option<Given> {
    let from = args.iter().rev().find_map(|a| a.at.clone());
    let value = match name {
        "int" | "int64" | "atoi" | "toDecimal" => Kind::Int(integer(&at(args, 0))?),
        "float64" => Kind::Float(float(&at(args, 0))?),
        "add" | "mul" | "max" | "min" | "biggest" => {
            let mut numbers = args.iter().map(integer).collect::<Option<Vec<_>>>()?.into_iter();
            let first = numbers.next()?;
            Kind::Int(numbers.fold(first, |a, b| match name {
                "add" => a.wrapping_add(b),
                "mul" => a.wrapping_mul(b),
                "min" => a.min(b),
                _ => a.max(b),
            }))
        }
        "add1" => Kind::Int(integer(&at(args, 0))?.wrapping_add(1)),
        "sub" => Kind::Int(integer(&at(args, 0))?.wrapping_sub(integer(&at(args, 1))?)),
        "div" => Kind::Int(integer(&at(args, 0))?.checked_div(integer(&at(args, 1))?)?),
        "mod" => Kind::Int(integer(&at(args, 0))?.checked_rem(integer(&at(args, 1))?)?),
        "addf" | "mulf" | "subf" | "divf" => {
            let mut numbers = args.iter().map(float).collect::<Option<Vec<_>>>()?.into_iter();
            let first = numbers.next()?;
            Kind::Float(numbers.fold(first, |a, b| match name {
                "addf" => a + b,
                "mulf" => a * b,
                "subf" => a - b,
                _ => a / b,
            }))
        }
        "floor" => Kind::Float(float(&at(args, 0))?.floor()),
        "ceil" => Kind::Float(float(&at(args, 0))?.ceil()),
        "round" => {
            let scale = 10_f64.powi(i32::try_from(integer(&at(args, 1))?.clamp(0, 15)).unwrap_or(0));
            Kind::Float((float(&at(args, 0))? * scale).round() / scale)
        }
        "semver" => return semver(at(args, 0).as_str()?).map(|parts| Ok(Val { at: from, ..parts })),
        "semverCompare" => Kind::Bool(in_range(at(args, 0).as_str()?, at(args, 1).as_str()?)?),
        _ => return None,
    };
    Some(Ok(Val { kind: value, at: from }))
}

/// The parts of a version, as a template asks for them.
fn semver(text: &str) -> Option<Val> {
    let ([major, minor, patch], _) = triple(text)?;
    let number = |n: u64| i64::try_from(n).ok().map(Val::int);
    let (rest, metadata) = text.split_once('+').unwrap_or((text, ""));
    let pre = rest.split_once('-').map_or("", |(_, pre)| pre);
    Some(Val::pairs([
        ("Major", number(major)?),
        ("Minor", number(minor)?),
        ("Patch", number(patch)?),
        ("Prerelease", Val::str(pre)),
        ("Metadata", Val::str(metadata)),
        ("Original", Val::str(text)),
    ]))
}

/// Is a version in a range (github.com/Masterminds/semver)? `None` where the range has a form that is not read.
fn in_range(range: &str, version: &str) -> Option<bool> {
    let version = triple(version)?.0;
    let all = |range: &str| -> Option<bool> {
        let signs = |c: char| matches!(c, '>' | '<' | '=' | '!' | '^' | '~');
        let joined = range.replace(',', " ");
        let mut words = joined.split_whitespace().peekable();
        let mut holds = true;
        while let Some(word) = words.next() {
            let end = word.find(|c| !signs(c)).unwrap_or(word.len());
            let (sign, rest) = word.split_at(end);
            let rest = if rest.is_empty() { words.next()? } else { rest };
            let (low, written) = triple(rest)?;
            let next = |i: usize| {
                let mut out = [0; 3];
                for (j, slot) in out.iter_mut().enumerate().take(i + 1) {
                    *slot = low.get(j).copied().unwrap_or(0) + u64::from(j == i);
                }
                out
            };
            holds &= match sign {
                ">=" => version >= low,
                ">" => version > low,
                "<=" => version <= low,
                "<" => version < low,
                "!=" => version != low,
                "^" => version >= low && version < next(if low.first() != Some(&0) { 0 } else { 1 }),
                "~" => version >= low && version < next(if written == 1 { 0 } else { 1 }),
                "" | "=" => {
                    if written == 3 {
                        version == low
                    } else {
                        version >= low && version < next(written - 1)
                    }
                }
                _ => return None,
            };
        }
        Some(holds)
    };
    range.split("||").map(all).try_fold(false, |any, one| Some(any | one?))
}

/// The three numbers of a version, and how many are written.
fn triple(text: &str) -> Option<([u64; 3], usize)> {
    let text = text.trim().trim_start_matches('v');
    let core = text.split(['-', '+']).next()?;
    let mut out = [0; 3];
    let mut written = 0;
    for part in core.split('.') {
        if matches!(part, "x" | "X" | "*") {
            break;
        }
        *out.get_mut(written)? = part.parse().ok()?;
        written += 1;
    }
    (written > 0).then_some((out, written))
}

#[cfg(test)]
mod tests {
    use super::in_range;

    #[test]
    fn ranges() {
        for (range, want) in [
            (">=1.19-0", Some(true)),
            ("<1.14-0", Some(false)),
            (">=1.18-0 <1.20", Some(false)),
            (">= 1.30, < 1.40", Some(true)),
            ("^1.20", Some(true)),
            ("~1.33", Some(true)),
            ("1.32.x", Some(false)),
            ("<1.0 || >1.2", Some(true)),
            ("1.0 - 2.0", None),
        ] {
            assert_eq!(in_range(range, "v1.33.0"), want, "{range}");
        }
    }
}
