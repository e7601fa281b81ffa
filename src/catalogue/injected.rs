//! A platform, or an add-on of one → the environment keys that it sets by itself.

/// Keys that the platform sets in every service: names, or a prefix with `*` at the end. `any` names those that
/// systems and shells set everywhere; empty for a platform that is not known. From the platforms' own pages on
/// predefined variables; those of the larger ones are cited below.
#[must_use]
pub fn injected(platform: &str) -> &'static [&'static str] {
    match platform {
        "any" => &ANY,
        "kubernetes" => &["KUBERNETES_*"],
        "heroku" => &HEROKU,
        "render" => &["PORT", "RENDER", "RENDER_*", "IS_PULL_REQUEST"],
        "fly" => &["FLY_*", "PRIMARY_REGION"],
        "cloudrun" => &CLOUD_RUN,
        "appengine" => &["PORT", "GAE_*", "GOOGLE_CLOUD_PROJECT"],
        "aws" => &AWS,
        "azure" => &AZURE,
        "railway" => &["PORT", "RAILWAY_*"],
        "vercel" => &["VERCEL", "VERCEL_*", "NEXT_PUBLIC_VERCEL_*", "CI"],
        "netlify" => &NETLIFY,
        "platformsh" => &["PLATFORM_*", "PORT", "SOCKET"],
        "digitalocean" => &["PORT", "APP_DOMAIN", "APP_URL", "APP_ID"],
        "nomad" => &["NOMAD_*"],
        "kamal" => &["KAMAL_*"],
        "cloudfoundry" => &["VCAP_*", "CF_*", "MEMORY_LIMIT", "PORT"],
        "ci" => &["CI", "GITHUB_*", "RUNNER_*", "GITLAB_*", "CI_*", "CIRCLE*", "BUILDKITE*", "JENKINS_*"],
        _ => &[],
    }
}

/// Keys that an add-on of Heroku sets, by the add-on's name without its plan (each add-on's page at devcenter.heroku.com).
#[must_use]
pub fn of_addon(addon: &str) -> &'static [&'static str] {
    match addon.split(':').next().unwrap_or(addon) {
        "heroku-postgresql" => &["DATABASE_URL"],
        "heroku-redis" => &["REDIS_URL", "REDIS_TLS_URL"],
        "heroku-kafka" => &["KAFKA_URL", "KAFKA_TRUSTED_CERT", "KAFKA_CLIENT_CERT", "KAFKA_CLIENT_CERT_KEY", "KAFKA_PREFIX"],
        "cloudamqp" => &["CLOUDAMQP_URL"],
        "bonsai" => &["BONSAI_URL"],
        "searchbox" => &["SEARCHBOX_URL"],
        "rediscloud" => &["REDISCLOUD_URL"],
        "jawsdb" => &["JAWSDB_URL"],
        "jawsdb-maria" => &["JAWSDB_MARIA_URL"],
        "cleardb" => &["CLEARDB_DATABASE_URL"],
        "memcachier" => &["MEMCACHIER_SERVERS", "MEMCACHIER_USERNAME", "MEMCACHIER_PASSWORD"],
        "sendgrid" => &["SENDGRID_USERNAME", "SENDGRID_PASSWORD"],
        "mailgun" => &["MAILGUN_API_KEY", "MAILGUN_DOMAIN"],
        "papertrail" => &["PAPERTRAIL_API_TOKEN"],
        "cloudinary" => &["CLOUDINARY_URL"],
        "redistogo" => &["REDISTOGO_URL"],
        _ => &[],
    }
}

const ANY: [&str; 23] = [
    "HOSTNAME",
    "HOME",
    "PATH",
    "PWD",
    "OLDPWD",
    "SHLVL",
    "TERM",
    "LANG",
    "LC_*",
    "TZ",
    "USER",
    "LOGNAME",
    "SHELL",
    "TMPDIR",
    "_",
    "NO_PROXY",
    "no_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// Dynos set the first of them, buildpacks the modes (devcenter.heroku.com: Dynos, Node.js support, Ruby support).
const HEROKU: [&str; 10] =
    ["PORT", "DYNO", "DYNO_RAM", "WEB_CONCURRENCY", "HEROKU_*", "STACK", "SOURCE_VERSION", "NODE_ENV", "RAILS_ENV", "RACK_ENV"];

/// <https://cloud.google.com/run/docs/container-contract#env-vars>
const CLOUD_RUN: [&str; 9] = [
    "PORT",
    "K_SERVICE",
    "K_REVISION",
    "K_CONFIGURATION",
    "CLOUD_RUN_*",
    "X_GOOGLE_*",
    "FUNCTION_TARGET",
    "FUNCTION_SIGNATURE_TYPE",
    "GOOGLE_CLOUD_PROJECT",
];

/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>, and the task metadata of ECS.
const AWS: [&str; 18] = [
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_*",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
    "ECS_CONTAINER_METADATA_URI*",
    "ECS_AGENT_URI",
    "AWS_CONTAINER_*",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_STS_REGIONAL_ENDPOINTS",
    "AWS_APP_RUNNER_*",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];

/// <https://learn.microsoft.com/azure/app-service/reference-app-settings>
const AZURE: [&str; 13] = [
    "CONTAINER_APP_*",
    "WEBSITE_*",
    "WEBSITES_*",
    "APPSETTING_*",
    "SQLCONNSTR_*",
    "CUSTOMCONNSTR_*",
    "SCM_*",
    "FUNCTIONS_*",
    "AzureWebJobs*",
    "APPLICATIONINSIGHTS_CONNECTION_STRING",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "MSI_*",
];

/// <https://docs.netlify.com/build/configure-builds/environment-variables/>
const NETLIFY: [&str; 11] =
    ["NETLIFY", "URL", "DEPLOY_URL", "DEPLOY_PRIME_URL", "CONTEXT", "BRANCH", "HEAD", "COMMIT_REF", "SITE_ID", "SITE_NAME", "BUILD_ID"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::matches;

    #[test]
    fn a_platform_sets_its_own_keys_and_no_others() {
        let set = |platform, key| injected(platform).iter().any(|pattern| matches(pattern, key));
        assert!(set("heroku", "PORT") && set("heroku", "HEROKU_APP_NAME"));
        assert!(set("aws", "ECS_CONTAINER_METADATA_URI_V4"));
        assert!(!set("heroku", "PORTAL_URL") && !set("kubernetes", "PORT") && !set("nowhere", "PORT"));
        assert_eq!(of_addon("heroku-redis:mini"), ["REDIS_URL", "REDIS_TLS_URL"]);
    }
}
