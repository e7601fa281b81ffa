//! HCL text → its top-level blocks by their headings, without a look at what is in them.
//!
//! Most blocks of a module are never needed, and reading one in full costs a hundred times what finding its end costs.
//! Of strings, templates, heredocs and comments just so much is known as the end of a block needs (HCL native syntax
//! specification: Lexical Elements, Template Expressions).

use crate::source::Span;

/// A top-level block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// Its type: `resource`, `module`, ...
    pub ident: String,
    /// Its labels and where they stand, with their quotes.
    pub labels: Vec<(String, Span)>,
    /// From its type to its last label.
    pub heading: Span,
    /// From its type to its closing brace.
    pub whole: Span,
}

/// The blocks of a text that is nothing but blocks and comments; `None` where it is something else, or an end is missing.
#[must_use]
pub fn outline(text: &str) -> Option<Vec<Heading>> {
    let mut reader = Reader::new(text);
    let mut out = Vec::new();
    loop {
        reader.trivia(true)?;
        if reader.at >= reader.bytes.len() {
            return Some(out);
        }
        let start = reader.at;
        let ident = reader.word()?;
        let (mut labels, mut end) = (Vec::new(), reader.at);
        loop {
            reader.trivia(false)?;
            let start = reader.at;
            let label = match reader.peek()? {
                b'{' => break,
                b'"' => reader.label()?,
                _ => reader.word()?,
            };
            end = reader.at;
            labels.push((label, Span { start, end }));
        }
        reader.block()?;
        out.push(Heading { ident, labels, heading: Span { start, end }, whole: Span { start, end: reader.at } });
        // One block a line.
        reader.trivia(false)?;
        if !matches!(reader.peek(), None | Some(b'\n' | b'\r')) {
            return None;
        }
    }
}

/// Most levels of braces and templates; what is deeper is read in full, where the limit has its words.
const DEEPEST: usize = 256;

pub(super) struct Reader<'t> {
    bytes: &'t [u8],
    pub(super) at: usize,
}

/// What a closing brace closes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    Brace,
    /// `${` or `%{` in a quoted text.
    Template,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { bytes: text.as_bytes(), at: if text.starts_with('\u{feff}') { 3 } else { 0 } }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(super) fn starts(&self, with: &[u8]) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(with))
    }

    /// To the next one of these, or the end.
    fn until(&mut self, byte: u8) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|b| *b == byte).unwrap_or(rest.len());
    }

    /// Spaces and comments; line ends too where they do not matter. `None`: a comment without an end.
    fn trivia(&mut self, lines: bool) -> Option<()> {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' => self.at += 1,
                b'\n' | b'\r' if lines => self.at += 1,
                b'#' | b'/' if self.comment()? => {}
                _ => break,
            }
        }
        Some(())
    }

    /// A comment, if one stands here.
    pub(super) fn comment(&mut self) -> Option<bool> {
        if self.starts(b"#") || self.starts(b"//") {
            self.until(b'\n');
        } else if self.starts(b"/*") {
            let rest = self.bytes.get(self.at + 2..)?;
            self.at += 2 + rest.windows(2).position(|two| two == b"*/")? + 2;
        } else {
            return Some(false);
        }
        Some(true)
    }

    /// A name of ASCII letters; others are read in full.
    fn word(&mut self) -> Option<String> {
        let rest = self.bytes.get(self.at..)?;
        let len = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
        let word = rest.get(..len).filter(|w| w.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_'))?;
        self.at += len;
        Some(String::from_utf8_lossy(word).into_owned())
    }

    /// A quoted label without escapes or templates.
    fn label(&mut self) -> Option<String> {
        let rest = self.bytes.get(self.at + 1..)?;
        let len = rest.iter().position(|b| *b == b'"')?;
        let label = rest.get(..len).filter(|l| !l.iter().any(|b| matches!(b, b'\\' | b'$' | b'%' | b'\n')))?;
        self.at += len + 2;
        String::from_utf8(label.to_vec()).ok()
    }

    /// From an opening brace past its closing one.
    fn block(&mut self) -> Option<()> {
        let mut open: Vec<Open> = Vec::new();
        loop {
            match self.peek()? {
                b'{' => open.push(Open::Brace),
                b'}' => match open.pop()? {
                    Open::Brace if open.is_empty() => {
                        self.at += 1;
                        return Some(());
                    }
                    Open::Brace => {}
                    Open::Template => {
                        self.at += 1;
                        self.quoted(&mut open)?;
                        continue;
                    }
                },
                b'"' => {
                    self.at += 1;
                    self.quoted(&mut open)?;
                    continue;
                }
                b'<' if self.starts(b"<<") => {
                    self.heredoc()?;
                    continue;
                }
                b'#' | b'/' if self.comment()? => continue,
                _ => {}
            }
            self.at += 1;
            if open.len() > DEEPEST {
                return None;
            }
        }
    }

    /// In a quoted text: past its end, or into a template in it.
    pub(super) fn quoted(&mut self, open: &mut Vec<Open>) -> Option<()> {
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'"' => return Some(()),
                b'\\' => self.at += 1,
                b'\n' => return None,
                b'$' | b'%' if self.peek() == Some(byte) => {
                    // `$${` is `${`; of `$$$` the last one may open.
                    self.at += usize::from(self.bytes.get(self.at + 1) == Some(&b'{'));
                }
                b'$' | b'%' if self.peek() == Some(b'{') => {
                    self.at += 1;
                    open.push(Open::Template);
                    return Some(());
                }
                _ => {}
            }
        }
    }

    /// Past the line that ends a heredoc. Where `<<` opens none, nothing is known.
    pub(super) fn heredoc(&mut self) -> Option<()> {
        self.at += 2 + usize::from(self.starts(b"<<-") || self.starts(b"<<~"));
        let mark = self.word()?;
        if self.peek() == Some(b'\r') {
            self.at += 1;
        }
        if self.peek()? != b'\n' {
            return None;
        }
        loop {
            self.at += 1;
            let start = self.at;
            self.until(b'\n');
            let line = self.bytes.get(start..self.at)?;
            if line.trim_ascii() == mark.as_bytes() {
                return Some(());
            }
            self.peek()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heads(text: &str) -> Option<Vec<String>> {
        let heads = outline(text)?;
        Some(heads.iter().map(|h| text.get(h.whole.start..h.whole.end).unwrap_or_default().to_owned()).collect())
    }

    #[test]
    fn blocks_end_where_they_end() {
        for body in [
            "a = \"}\"",
            "a = \"${x[\"}\"]}\"",
            "a = \"$${\"",
            "a = \"%%{\"",
            "a = \"${\"${b}\"}{\"",
            "a = \"\\\"{\"",
            "# }\n",
            "// }\n",
            "/* } */",
            "a = <<EOT\n}\n\"\nEOT\n",
            "a = <<-EOT\n  } ${b}\n  EOT\n",
            "a = f(<<EOT\n}\nEOT\n)",
            "b { c { d = {} } }",
            "a = [\"${join(\",\", [for s in x : \"${s}}\"])}\"]",
            "a = 1 < 2 ? \"<<\" : \">>\"",
        ] {
            let block = format!("resource \"x\" y {{\n  {body}\n}}");
            let text = format!("# head\n{block} // tail\r\nlocals {{}}\n");
            assert_eq!(heads(&text), Some(vec![block, "locals {}".to_owned()]), "{body}");
        }
    }

    /// The same, by the parser.
    fn parsed(text: &str) -> Option<Vec<Heading>> {
        use hcl_edit::Span as _;
        let span = |range: Option<std::ops::Range<usize>>| range.map_or(Span { start: 0, end: 0 }, |r| Span { start: r.start, end: r.end });
        let body = hcl_edit::parser::parse_body(text).ok()?;
        let block = |block: &hcl_edit::structure::Block| {
            let ident = span(block.ident.span());
            let labels: Vec<_> = block.labels.iter().map(|l| (l.as_str().to_owned(), span(l.span()))).collect();
            let heading = Span { start: ident.start, end: labels.last().map_or(ident.end, |(_, at)| at.end) };
            Heading { ident: block.ident.to_string(), labels, heading, whole: span(block.span()) }
        };
        body.iter().map(|s| s.as_block().map(block)).collect()
    }

    #[test]
    fn every_file_of_the_fixtures_has_the_blocks_that_the_parser_finds() {
        let (mut folders, mut seen) = (vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"))], 0);
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|e| e == "tf") {
                    let text = std::fs::read_to_string(&path).expect("text");
                    let (Some(outline), Some(parsed)) = (outline(&text), parsed(&text)) else { continue };
                    assert_eq!(outline, parsed, "{}", path.display());
                    seen += 1;
                }
            }
        }
        assert!(seen > 10, "{seen}");
    }

    #[test]
    fn what_is_no_block_is_not_outlined() {
        for text in
            ["a = 1\n", "a {", "a { b = \"x }\n", "a {}}\n", "a {} b {}\n", "a \"${x}\" {}\n", "/* a {}", "a { b = <<EOT\n}\n", "{}"]
        {
            assert_eq!(outline(text), None, "{text}");
        }
        assert_eq!(outline("\u{feff}\n# nothing\n"), Some(Vec::new()));
    }

    #[test]
    fn headings_have_their_labels_and_places() {
        let text = "resource \"aws_db\" main {}\n";
        let heads = outline(text).unwrap_or_default();
        let head = heads.first().expect("one");
        let labels: Vec<_> = head.labels.iter().map(|(name, at)| (name.as_str(), text.get(at.start..at.end).unwrap_or_default())).collect();
        assert_eq!((head.ident.as_str(), labels), ("resource", vec![("aws_db", "\"aws_db\""), ("main", "main")]));
        assert_eq!(text.get(head.heading.start..head.heading.end), Some("resource \"aws_db\" main"));
    }
}
