//! A quoted scalar that goes on at its parent's indent, which libyaml reads and the specification does not → a text of the
//! same length in which it stands on one line (YAML 1.2: s-flow-line-prefix; kubectl prints such scalars).

/// Most scalars of one file that are mended.
pub(super) const MOST: usize = 64;

/// Bytes that are looked at for one file.
const BUDGET: usize = 8 << 20;

/// What may be spent on one file.
pub(super) struct Mender {
    left: usize,
}

impl Mender {
    pub(super) fn new() -> Self {
        Self { left: BUDGET }
    }

    /// The text with the scalar that is open at an offset on one line; `None` where none is open there.
    pub(super) fn mend(&mut self, text: &str, offset: usize) -> Option<String> {
        let (start, end) = self.open_at(text, offset.min(text.len()))?;
        let mut out = text.as_bytes().to_vec();
        for byte in out.get_mut(start..end)? {
            if matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
        String::from_utf8(out).ok()
    }

    /// The quoted scalar that starts on an earlier line and closes at or after the offset's line.
    fn open_at(&mut self, text: &str, offset: usize) -> Option<(usize, usize)> {
        let line = text.as_bytes().get(..offset)?.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let mut end = line.checked_sub(1)?;
        loop {
            let start = text.as_bytes().get(..end)?.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
            self.left = self.left.checked_sub(end - start + 1)?;
            if let Some(quote) = value_start(text.get(start..end)?).map(|i| start + i)
                && let Some(close) = self.close(text.as_bytes(), quote)?
                && close >= line
            {
                return Some((quote, close));
            }
            end = start.checked_sub(1)?;
        }
    }

    /// Where a quoted scalar closes; `None` in `Some` where it does not, `None` when too much was looked at.
    #[expect(clippy::option_option, reason = "not closed, and given up, are two things")]
    fn close(&mut self, bytes: &[u8], quote: usize) -> Option<Option<usize>> {
        let mark = bytes.get(quote).copied().unwrap_or_default();
        let mut i = quote + 1;
        while let Some(byte) = bytes.get(i).copied() {
            self.left = self.left.checked_sub(1)?;
            let doubled = mark == b'\'' && bytes.get(i + 1) == Some(&b'\'');
            match byte {
                b'\\' if mark == b'"' => i += 1,
                b if b == mark && doubled => i += 1,
                b if b == mark => return Some(Some(i)),
                _ => {}
            }
            i += 1;
        }
        Some(None)
    }
}

/// Where a value that is quoted starts on a line: after `: `, `- ` or blanks alone.
fn value_start(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let starts = |i: usize| {
        let before = line.get(..i).unwrap_or("").trim_end();
        before.is_empty() || ((before.ends_with(':') || before.ends_with('-')) && before.len() < i)
    };
    (0..bytes.len()).find(|i| matches!(bytes.get(*i), Some(b'"' | b'\'')) && starts(*i))
}
