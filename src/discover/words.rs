//! A path → what its words say: for which environment it is, whether it is meant at all, and to which part of the
//! repository it belongs.

/// What a path says about its environment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Named {
    /// Production.
    Production,
    /// Development: `dev`, `local`.
    Development,
    /// Another environment, under its usual name: `staging`.
    Other(String),
    /// An example, a test, documentation: the word that says so.
    NotMeant(String),
    /// Nothing.
    Plain,
}

const PRODUCTION: [&str; 4] = ["prod", "production", "prd", "live"];
const DEVELOPMENT: [&str; 7] = ["dev", "devel", "development", "local", "localhost", "minikube", "k3d"];
/// Words for other environments, and the name of the environment.
const OTHER: [(&str, &str); 18] = [
    ("acceptance", "acceptance"),
    ("ci", "ci"),
    ("demo", "demo"),
    ("nonprod", "nonprod"),
    ("preprod", "preprod"),
    ("preproduction", "preprod"),
    ("preview", "preview"),
    ("previews", "preview"),
    ("qa", "qa"),
    ("review", "review"),
    ("sandbox", "sandbox"),
    ("stage", "staging"),
    ("staging", "staging"),
    ("stg", "staging"),
    ("stag", "staging"),
    ("training", "training"),
    ("uat", "uat"),
    ("integration", "integration"),
];
/// Words for other environments that are as often a part of a product's name: `acme-store-demo`, `code-review`.
const WEAK: [&str; 8] = ["acceptance", "demo", "integration", "preview", "review", "sandbox", "stage", "training"];
const NOT_MEANT: [&str; 31] = [
    "archive",
    "archived",
    "backup",
    "bench",
    "benchmark",
    "benchmarks",
    "deprecated",
    "doc",
    "docs",
    "documentation",
    "e2e",
    "example",
    "examples",
    "fixture",
    "fixtures",
    "legacy",
    "load",
    "loadtest",
    "old",
    "perf",
    "sample",
    "samples",
    "spec",
    "test",
    "testdata",
    "testing",
    "tests",
    "tutorial",
    "tutorials",
    "vendor",
    "website",
];
/// Words of folders that say how or where something is run, not which part of the repository it is.
const DEPLOYMENT: [&str; 37] = [
    "ansible",
    "aws",
    "azure",
    "chart",
    "charts",
    "circleci",
    "cloud",
    "cloudformation",
    "compose",
    "config",
    "copilot",
    "deploy",
    "deployment",
    "deployments",
    "devcontainer",
    "devops",
    "docker",
    "ecs",
    "env",
    "environments",
    "gcp",
    "github",
    "gitlab",
    "gitops",
    "helm",
    "infra",
    "infrastructure",
    "k8s",
    "kube",
    "kubernetes",
    "kustomize",
    "manifests",
    "nomad",
    "openshift",
    "ops",
    "terraform",
    "tofu",
];
/// Words of the names of manifests that say nothing of what they are for.
const FILES: [&str; 12] = ["app", "deploy", "json", "overlay", "overlays", "override", "service", "tmpl", "toml", "values", "yaml", "yml"];
/// Folders that hold the parts of a repository, and are none.
const HOLDERS: [&str; 6] = ["apps", "modules", "packages", "projects", "services", "src"];

/// The words of a path, in lower case.
pub(super) fn words(path: &str) -> Vec<String> {
    path.split(['/', '-', '_', '.']).filter(|w| !w.is_empty()).map(str::to_ascii_lowercase).collect()
}

/// What a path says about its environment. An example of production is an example.
pub(super) fn named(path: &str) -> Named {
    let words = words(path);
    if let Some(word) = words.iter().find(|w| NOT_MEANT.contains(&w.as_str())) {
        return Named::NotMeant(word.clone());
    }
    // `live/staging`: what is live may be any environment, where another word names one.
    let other = |w: &String| DEVELOPMENT.contains(&w.as_str()) || OTHER.iter().any(|(o, _)| o == w);
    let holds = words.iter().any(other);
    for (i, word) in words.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| words.get(i)).map(String::as_str);
        if PRODUCTION.contains(&word.as_str()) && !(word == "live" && holds) {
            return match before {
                Some("pre") => Named::Other("preprod".into()),
                Some("non" | "not") => Named::Other("nonprod".into()),
                _ => Named::Production,
            };
        }
    }
    // The last word counts: `dev/compose.staging.yml` is staging's.
    for word in words.iter().rev().filter(|w| !WEAK.contains(&w.as_str()) || alone(path, w)) {
        if DEVELOPMENT.contains(&word.as_str()) {
            return Named::Development;
        }
        if let Some((_, name)) = OTHER.iter().find(|(w, _)| w == word) {
            return Named::Other((*name).to_owned());
        }
    }
    Named::Plain
}

/// Does a word stand in the path as the name of a folder or file, beside words of deployment at most?
fn alone(path: &str, word: &str) -> bool {
    let beside = |w: &String| w == word || DEPLOYMENT.contains(&w.as_str()) || FILES.contains(&w.as_str());
    path.split('/').any(|part| {
        let words = words(part);
        words.iter().any(|w| w == word) && words.iter().all(beside)
    })
}

/// The part of the repository that a manifest belongs to: the folders before the first that says how or where it is run.
/// `services/api/k8s/prod` belongs to `services/api`, `deploy/prod` to the whole, which is "".
pub(super) fn home(path: &str, folder: bool) -> String {
    let mut parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
    if !folder {
        parts.pop();
    }
    // A hidden folder holds settings of a tool or platform (`.do`, `.upsun`), never a part of its own.
    let end = parts.iter().position(|p| says(p) || p.starts_with('.')).unwrap_or(parts.len());
    parts.truncate(end);
    while parts.last().is_some_and(|p| HOLDERS.contains(&p.to_ascii_lowercase().as_str())) {
        parts.pop();
    }
    parts.join("/")
}

/// Is a file named after its format, and its environment at most: `docker-compose.yml`, not `docker-compose.seed.yml`?
pub(super) fn is_main(name: &str) -> bool {
    let known = |w: &str| DEPLOYMENT.contains(&w) || DEVELOPMENT.contains(&w) || PRODUCTION.contains(&w);
    words(name).iter().all(|w| known(w) || FILES.contains(&w.as_str()))
}

/// Does a folder say how or where something is run?
pub(super) fn says(part: &str) -> bool {
    words(part).iter().any(|w| {
        let w = w.as_str();
        DEPLOYMENT.contains(&w) || PRODUCTION.contains(&w) || DEVELOPMENT.contains(&w) || OTHER.iter().any(|(o, _)| *o == w)
    })
}

/// The folders up to the last that says how or where something is run: what lies below it is run together.
pub(super) fn run_together(folder: &str) -> &str {
    let mut end = None;
    let mut at = 0;
    for part in folder.split('/') {
        at += part.len();
        if says(part) {
            end = Some(at);
        }
        at += 1;
    }
    end.and_then(|end| folder.get(..end)).unwrap_or(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environments() {
        let other = |n: &str| Named::Other(n.to_owned());
        for (path, wanted) in [
            ("docker-compose.yml", Named::Plain),
            ("docker-compose.prod.yml", Named::Production),
            ("docker/production/compose.yml", Named::Production),
            ("k8s/overlays/pre-prod", other("preprod")),
            ("k8s/overlays/stg", other("staging")),
            ("live/staging/db", other("staging")),
            ("live/db", Named::Production),
            ("deploy/non-prod/app.yaml", other("nonprod")),
            ("docker-compose.local.yml", Named::Development),
            ("examples/production/k8s", Named::NotMeant("examples".into())),
            ("devops/k8s", Named::Plain),
            ("charts/acme-store-demo", Named::Plain),
            ("deploy/demo-values.yaml", other("demo")),
            ("products/k8s", Named::Plain),
        ] {
            assert_eq!(named(path), wanted, "{path}");
        }
    }

    #[test]
    fn homes() {
        for (path, folder, wanted) in [
            ("docker-compose.yml", false, ""),
            ("docker/development/compose.yml", false, ""),
            ("services/api/docker-compose.yml", false, "services/api"),
            ("services/api/k8s/prod", true, "services/api"),
            ("src/helm/impress", true, ""),
            ("src/cart/chart", true, "src/cart"),
            ("K8s/helm", true, ""),
            ("backend/docker-compose.prod.yml", false, "backend"),
            ("aws-cloudformation/ecs-fargate/a.yaml", false, ""),
            (".github/workflows/ci.yml", false, ""),
            ("helm_deploy/app", true, ""),
            (".do/app.yaml", false, ""),
            ("services/api/.upsun/config.yaml", false, "services/api"),
        ] {
            assert_eq!(home(path, folder), wanted, "{path}");
        }
    }
}
