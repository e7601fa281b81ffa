//! The name of a key → does it name a secret?
//!
//! Words from the keyword lists of detect-secrets (`plugins/keyword.py`) and gitleaks (`generic-api-key`), exceptions
//! from gitleaks' allow list.

/// Words that say "secret" alone.
const WORDS: [&str; 13] = [
    "PASSWORD",
    "PASSWD",
    "PASS",
    "PWD",
    "PASSPHRASE",
    "SECRET",
    "SECRETS",
    "TOKEN",
    "APIKEY",
    "CREDENTIAL",
    "CREDENTIALS",
    "CREDS",
    "SALT",
];

/// Words that make a secret of the `KEY` after them.
const KEYS: [&str; 19] = [
    "PRIVATE",
    "SIGNING",
    "ENCRYPTION",
    "API",
    "ACCESS",
    "AUTH",
    "SERVICE",
    "ACCOUNT",
    "DB",
    "DATABASE",
    "PRIV",
    "CLIENT",
    "MASTER",
    "SESSION",
    "JWT",
    "APP",
    "COOKIE",
    "STRIPE",
    "LICENSE",
];

/// Words after which a secret's word names something about it: its id, its place, its life.
const ABOUT: [&str; 41] = [
    "ID",
    "NAME",
    "NAMES",
    "URL",
    "URI",
    "ENDPOINT",
    "FILE",
    "PATH",
    "DIR",
    "TTL",
    "EXPIRY",
    "EXPIRE",
    "EXPIRES",
    "EXPIRATION",
    "LENGTH",
    "SIZE",
    "ARN",
    "PREFIX",
    "ALIAS",
    "MIN",
    "MAX",
    "RESET",
    "HASHERS",
    "POLICY",
    "AGE",
    "LIFETIME",
    "TIMEOUT",
    "SECONDS",
    "MINUTES",
    "HOURS",
    "DAYS",
    "ALGORITHM",
    "ALG",
    "HEADER",
    "ISSUER",
    "AUDIENCE",
    "ENABLED",
    "DISABLED",
    "TYPE",
    "VERSION",
    "REQUIRED",
];

/// Prefixes of keys that end in a browser: what they hold is public.
const PUBLIC: [&str; 9] =
    ["NEXT_PUBLIC_", "VITE_", "REACT_APP_", "EXPO_PUBLIC_", "NUXT_PUBLIC_", "PUBLIC_", "GATSBY_", "VUE_APP_", "NG_APP_"];

/// Words that make what follows or precedes public, or a switch.
const HARMLESS: [&str; 14] =
    ["PUBLISHABLE", "SITE", "ALLOW", "ALLOWED", "ENABLE", "DISABLE", "USE", "REQUIRE", "CSRF", "HIDE", "MASK", "WITHOUT", "NO", "SKIP"];

/// The words of a key: parts between `_`, `-`, `.`, `:` and at a change of case, in capitals.
#[must_use]
pub fn words(key: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut before = '_';
    for c in key.chars() {
        let separator = matches!(c, '_' | '-' | '.' | ':' | '/');
        if separator || (c.is_ascii_uppercase() && before.is_ascii_lowercase()) {
            out.push(String::new());
        }
        if let Some(word) = out.last_mut().filter(|_| !separator) {
            word.push(c.to_ascii_uppercase());
        }
        before = c;
    }
    out.retain(|w| !w.is_empty());
    out
}

/// Does a key name a secret, so that its value should stand in no manifest?
#[must_use]
pub fn names_a_secret(key: &str) -> bool {
    if PUBLIC.iter().any(|p| key.starts_with(p)) {
        return false;
    }
    let words = words(key);
    let word = |i: usize| words.get(i).map_or("", String::as_str);
    let last = word(words.len().wrapping_sub(1));
    if HARMLESS.iter().any(|h| words.iter().any(|w| w == h)) || ABOUT.contains(&last) {
        return false;
    }
    if words.iter().any(|w| WORDS.contains(&w.as_str())) {
        return true;
    }
    // `API_KEY`, `SECRET_KEY_BASE`, `DB_KEY`; never `PRIMARY_KEY`, `SORT_KEY`, `PUBLIC_KEY`.
    (1..words.len()).any(|i| word(i) == "KEY" && KEYS.contains(&word(i - 1))) && (last == "KEY" || last == "BASE")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for key in ["DB_PASSWORD", "SECRET_KEY_BASE", "stripeApiKey", "JWT_SECRET", "GITHUB_TOKEN", "spring.datasource.password", "API_KEY"]
        {
            assert!(names_a_secret(key), "{key}");
        }
        for key in [
            "PUBLIC_KEY",
            "NEXT_PUBLIC_API_KEY",
            "AWS_ACCESS_KEY_ID",
            "TOKEN_URL",
            "SECRET_NAME",
            "PASSWORD_MIN_LENGTH",
            "AUTHOR",
            "STRIPE_PUBLISHABLE_KEY",
            "SORT_KEY",
            "COMPASS",
            "ACCESS_TOKEN_EXPIRE_MINUTES",
            "MYSQL_ALLOW_EMPTY_PASSWORD",
            "KEYCLOAK_URL",
            "APP_PRIVATE_TRANSPORT",
            "DATABASE_HOST",
        ] {
            assert!(!names_a_secret(key), "{key}");
        }
    }
}
