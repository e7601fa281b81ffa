//! HCL text → how many keys its largest object has. The parser looks for every key among those before it.

use super::outline::{Open, Reader};

/// Most keys of one object; 100,000 of them take the parser minutes.
const MOST: usize = 5000;

/// Why a text is not parsed: it has an object with more keys than are read.
pub(super) fn too_many(text: &str) -> Option<String> {
    // Every key has one of these signs.
    let signs = text.bytes().filter(|b| matches!(b, b'=' | b':')).count();
    (signs > MOST && largest(text) > MOST).then(|| format!("has an object with more than the limit of {MOST} keys"))
}

/// What has been opened.
struct Level {
    open: Open,
    /// Is it no block? Only an object has keys.
    object: bool,
    keys: usize,
    /// Parentheses and brackets that are open in it.
    lists: usize,
}

/// The keys of the largest object. Past what is not understood, every sign of a key counts.
fn largest(text: &str) -> usize {
    let mut reader = Reader::new(text);
    let (mut levels, mut most, mut before) = (Vec::<Level>::new(), 0, b'\n');
    while let Some(byte) = reader.peek() {
        let at = reader.at;
        match byte {
            b'{' => {
                // A block stands in a block, behind a name or a label.
                let named = before.is_ascii_alphanumeric() || matches!(before, b'"' | b'_' | b'-');
                let inside = levels.last().is_some_and(|l| l.object || l.lists > 0);
                levels.push(Level { open: Open::Brace, object: inside || !named, keys: 0, lists: 0 });
            }
            b'(' | b'[' => levels.last_mut().into_iter().for_each(|l| l.lists += 1),
            b')' | b']' => levels.last_mut().into_iter().for_each(|l| l.lists = l.lists.saturating_sub(1)),
            b'}' => {
                let closed = levels.pop();
                most = most.max(closed.as_ref().map_or(0, |l| l.keys));
                if closed.is_some_and(|l| l.open == Open::Template) {
                    reader.at += 1;
                    if inside(&mut reader, &mut levels).is_none() {
                        break;
                    }
                    before = behind(&levels);
                    continue;
                }
            }
            b'=' | b':' => {
                // `==`, `=>`, `<=` and their like are no keys.
                let next = text.as_bytes().get(at + 1).copied();
                let operator = matches!(next, Some(b'=' | b'>')) || matches!(before, b'=' | b'!' | b'<' | b'>');
                if let Some(level) = levels.last_mut().filter(|l| l.object && l.lists == 0 && !operator) {
                    level.keys += 1;
                }
            }
            b'"' => {
                reader.at += 1;
                if inside(&mut reader, &mut levels).is_none() {
                    break;
                }
                before = behind(&levels);
                continue;
            }
            b'<' if reader.starts(b"<<") => {
                if reader.heredoc().is_none() {
                    break;
                }
                before = b'"';
                continue;
            }
            b'#' | b'/' => match reader.comment() {
                Some(true) => continue,
                Some(false) => {}
                None => break,
            },
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            before = byte;
        }
        reader.at += 1;
    }
    let rest = text.as_bytes().get(reader.at..).unwrap_or_default();
    let more = rest.iter().filter(|b| matches!(b, b'=' | b':')).count();
    levels.iter().map(|l| l.keys).max().unwrap_or(0).max(most) + more
}

/// What stands before what follows: the sign that opened a template, or the end of a text.
fn behind(levels: &[Level]) -> u8 {
    if levels.last().is_some_and(|l| l.open == Open::Template) { b'(' } else { b'"' }
}

/// Past the end of a quoted text, or into a template in it.
fn inside(reader: &mut Reader<'_>, levels: &mut Vec<Level>) -> Option<()> {
    let mut open = Vec::new();
    reader.quoted(&mut open)?;
    levels.extend(open.into_iter().map(|open| Level { open, object: true, keys: 0, lists: 0 }));
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_the_largest_object() {
        for (text, wanted) in [
            ("locals {\n  a = 1\n  b = { c = 1, d : 2, \"e\" = 3 }\n}\n", 3),
            ("a = { b = { c = 1 }, d = x == 1 ? 2 : 3 }\n", 3),
            ("a = { \"x=y\" = \"${{ b = 1, c = \"=\" }.b}=\", d = 1 } # = = =\n", 2),
            ("a = { b = <<E\nx = 1\ny = 2\nz = 3\nE\n}\n", 1),
            ("resource \"a\" \"b\" {\n  c = 1\n  d = 2\n  e = 3\n}\n", 0),
            ("a = { b = 1\n", 1),
            ("locals {\n  a = [for x in { b = 1, c = 2 } : x]\n}\n", 2),
            ("a = \"${x}\"\nb = \"${f({ c = 1, d = 2 })}\"\n", 2),
            ("a = \"\nb = 1\nc = 2\n", 2),
        ] {
            assert_eq!(largest(text), wanted, "{text}");
        }
    }

    #[test]
    fn an_object_with_very_many_keys_is_refused() {
        let text = |n: usize| format!("locals {{\n  a = {{\n{}  }}\n}}\n", (0..n).map(|i| format!("k{i} = 1\n")).collect::<String>());
        assert!(too_many(&text(MOST)).is_none() && too_many(&text(MOST + 1)).is_some());
        let list = format!("a = [{}]\n", "{ b = 1 }, ".repeat(MOST + 1));
        assert!(too_many(&list).is_none());
    }
}
