//! A key that one side sets alone → whether that is usual, and no drift that anybody would mend.

use crate::catalogue::matches;
use crate::catalogue::secrets::words;
use crate::finding::Which;

/// Words of keys that size a process or set its patience: right where the machine is, not the same everywhere.
const SIZES: [&str; 14] = [
    "CONCURRENCY",
    "CONCURRENT",
    "TIMEOUT",
    "TIMEOUTS",
    "THREADS",
    "WORKERS",
    "POOL",
    "INTERVAL",
    "RETRIES",
    "ATTEMPTS",
    "BATCH",
    "HEAP",
    "REPLICAS",
    "NICE",
];

/// Keys of runtimes and of logging, which change how an app runs and not what it does.
const RUNTIME: [&str; 21] = [
    "*LOG_LEVEL",
    "*LOGLEVEL",
    "*LOGGING_LEVEL*",
    "*LOG_FORMAT",
    "*LOG_TO_STDOUT",
    "JAVA_OPTS",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "JVM_*",
    "CATALINA_OPTS",
    "NODE_OPTIONS",
    "GOGC",
    "GOMAXPROCS",
    "GOMEMLIMIT",
    "MALLOC_*",
    "RUBYOPT",
    "RUBY_YJIT_ENABLE",
    "PYTHONUNBUFFERED",
    "PYTHONDONTWRITEBYTECODE",
    "NO_COLOR",
    "FORCE_COLOR",
];

/// Words of keys by which an app reports to whoever watches production.
const REPORTING: [&str; 16] = [
    "SENTRY",
    "ROLLBAR",
    "HONEYBADGER",
    "BUGSNAG",
    "AIRBRAKE",
    "APPSIGNAL",
    "SKYLIGHT",
    "NEWRELIC",
    "DATADOG",
    "INSTANA",
    "DYNATRACE",
    "OTEL",
    "OPENTELEMETRY",
    "STATSD",
    "LOGTAIL",
    "TELEMETRY",
];
const REPORTING_KEYS: [&str; 4] = ["NEW_RELIC_*", "DD_*", "ELASTIC_APM_*", "SCOUT_*"];

/// In which mode a framework runs: images set it, and without it a framework has a mode of its own.
const MODES: [&str; 10] = [
    "RAILS_ENV",
    "RACK_ENV",
    "NODE_ENV",
    "MIX_ENV",
    "APP_ENV",
    "FLASK_ENV",
    "ASPNETCORE_ENVIRONMENT",
    "DOTNET_ENVIRONMENT",
    "SPRING_PROFILES_ACTIVE",
    "DJANGO_SETTINGS_MODULE",
];

/// What frameworks and SDKs have a value for on a developer's machine: the key of sessions, what a role or a profile gives
/// (Rails, Django; docs.aws.amazon.com: AWS SDKs and tools, environment variables).
const HAS_A_DEFAULT: [&str; 7] = [
    "DJANGO_CONFIGURATION",
    "SECRET_KEY_BASE",
    "RAILS_MASTER_KEY",
    "RAILS_SERVE_STATIC_FILES",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "*_SSL_REDIRECT",
];

/// Keys by which platforms that build an app are told the version of its language (render.com/docs, docs.digitalocean.com,
/// docs.netlify.com): `tools/base-image` compares that.
const LANGUAGES: [&str; 7] = ["PYTHON_VERSION", "NODE_VERSION", "RUBY_VERSION", "GO_VERSION", "PHP_VERSION", "JAVA_VERSION", "BUN_VERSION"];

/// Keys that belong to development alone where production has none: switches for debugging and for reloading code while it
/// is written. Nobody misses them there.
const SWITCHES: [&str; 8] =
    ["DEBUG", "*_DEBUG", "XDEBUG_*", "HOT_RELOAD", "LIVERELOAD*", "CHOKIDAR_USEPOLLING", "WATCHPACK_POLLING", "WDS_SOCKET_*"];

/// Credentials that a developer has by a profile and production by its role, or the other way round.
const CREDENTIALS: [&str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/// Does a key say in which mode a framework runs?
pub(super) fn is_mode(key: &str) -> bool {
    MODES.contains(&key)
}

/// Is it usual that the environment on this side alone sets a key?
pub(in crate::rules) fn usual(key: &str, on: Which) -> bool {
    let words = words(key);
    let word = |of: &[&str]| words.iter().any(|w| of.contains(&w.as_str()));
    let named = |patterns: &[&str]| patterns.iter().any(|pattern| matches(pattern, key));
    let of_tests = word(&["TEST", "TESTS", "E2E"]);
    let own = match on {
        Which::From => named(&SWITCHES) || word(&["DEV", "DEVELOPMENT", "LOCAL", "LOCALHOST"]),
        Which::To => {
            let reports = word(&REPORTING) || named(&REPORTING_KEYS);
            reports || word(&["PROD", "PRODUCTION"]) || is_mode(key) || named(&HAS_A_DEFAULT) || named(&CREDENTIALS) || named(&LANGUAGES)
        }
    };
    of_tests || word(&SIZES) || named(&RUNTIME) || own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_one_side_has_alone() {
        for (key, dev, prod) in [
            ("WEB_CONCURRENCY", true, true),
            ("DB_POOL_SIZE", true, true),
            ("shop.http.timeout", true, true),
            ("ACME_LOG_LEVEL", true, true),
            ("JAVA_OPTS", true, true),
            ("DATABASE_URL_TEST", true, true),
            ("SHOP_DEBUG", true, false),
            ("CUBE_DEV_MODE", true, false),
            ("SENTRY_DSN", false, true),
            ("NEW_RELIC_APP_NAME", false, true),
            ("RAILS_ENV", false, true),
            ("AWS_ACCESS_KEY_ID", false, true),
            ("PYTHON_VERSION", false, true),
            ("STRIPE_KEY", false, false),
            ("DATABASE_URL", false, false),
            ("DEVICE_ID", false, false),
            ("POOLED_URL", false, false),
            ("CONTEST_URL", false, false),
            ("", false, false),
        ] {
            assert_eq!((usual(key, Which::From), usual(key, Which::To)), (dev, prod), "{key}");
        }
    }
}
