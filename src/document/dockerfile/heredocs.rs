//! The text of a Dockerfile → the same without what stands in here-documents (docs.docker.com: Dockerfile reference, Here-Documents).

use std::collections::VecDeque;

/// The text with every here-document as a comment of the same length: the parser knows those alone that begin an
/// instruction, and a line of another may look like a `FROM`.
pub(super) fn blanked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: VecDeque<String> = VecDeque::new();
    let mut logical = false;
    for line in text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        if !logical && let Some(end) = open.front() {
            if body.trim_start_matches('\t') == end {
                open.pop_front();
            }
            out.push_str(&"#".repeat(body.len()));
            out.push_str(line.get(body.len()..).unwrap_or_default());
            continue;
        }
        let word = body.trim_start().split(char::is_whitespace).next().unwrap_or_default().to_ascii_uppercase();
        let takes = logical || matches!(word.as_str(), "RUN" | "COPY" | "ADD");
        let named = if takes { ends(body) } else { Vec::new() };
        logical = takes && body.trim_end().ends_with('\\');
        out.push_str(&if named.is_empty() { line.to_owned() } else { line.replace("<<", "__") });
        open.extend(named);
    }
    out
}

/// The words that end the here-documents which a line begins: `<<EOF`, `<<-"EOF"`; not `<<<` and no shift of numbers.
fn ends(line: &str) -> Vec<String> {
    let mut out = Vec::new();
    for after in line.split("<<").skip(1) {
        let after = after.strip_prefix('-').unwrap_or(after);
        let after = after.strip_prefix(['"', '\'']).unwrap_or(after);
        let word: String = after.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        if word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            out.push(word);
        }
    }
    out
}
