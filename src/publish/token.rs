//! A secret word → a value that cannot be printed.

use std::fmt;

/// The token. It has no `Display`, and `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A token; `None` where it is empty.
    ///
    /// # Errors
    /// It holds what no header may hold; the text is not repeated.
    pub fn new(text: &str) -> Result<Option<Self>, String> {
        let text = text.trim();
        match text {
            "" => Ok(None),
            _ if text.chars().all(|c| c.is_ascii_graphic()) => Ok(Some(Self(text.to_owned()))),
            _ => Err("the token holds a character that no token has".into()),
        }
    }

    /// For the header alone.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    /// The token of an app's installation, as a workflow's own is.
    pub(super) fn is_installation(&self) -> bool {
        self.0.starts_with("ghs_")
    }

    /// A text without the token.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        text.replace(&self.0, "***")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::Token;

    #[test]
    fn shows_nothing() {
        let token = Token::new(" ghs_secret\n").expect("a token").expect("not empty");
        assert_eq!(format!("{token:?}"), "Token(***)");
        assert_eq!(token.redact("bad ghs_secret here"), "bad *** here");
        assert!(!Token::new("ghs_\u{1b}[2Jsecret").expect_err("no token").contains("secret"));
        assert!(Token::new("  ").expect("empty").is_none());
    }
}
