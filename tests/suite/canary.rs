//! A value of an environment variable is in no output, whatever the format it is written in, whole or broken, and however the
//! program is asked: every value of every fixture is replaced by a word that is then looked for.

#![expect(clippy::disallowed_methods, reason = "a test runs the program and writes files itself")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parity::config::Options;
use parity::report::{self, Look};
use parity::run;
use parity::workspace::MemoryWorkspace;
use rayon::prelude::*;
use regex::{Captures, Regex};

use crate::laws;

/// The word. It begins with a `c`, so that it is a value of any kind that is text.
const CANARY: &str = "canary5ecret";

/// The word as it may come out: plain, in base64 at any offset, in hexadecimal, in percent.
fn seen(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let offsets = (0..3).map(|n| STANDARD.encode(format!("{}{CANARY}", "_".repeat(n))));
    // What the characters around it change is left out.
    let inner = offsets.map(|e| e.get(4..e.len() - 4).unwrap_or_default().to_lowercase());
    let hex: String = CANARY.bytes().map(|b| format!("{b:02x}")).collect();
    let words: Vec<String> = inner.chain([CANARY.to_owned(), hex]).collect();
    let at = words.iter().find_map(|w| lower.find(w.as_str()))?;
    let around = lower.as_bytes().get(at.saturating_sub(150)..(at + 60).min(lower.len()))?;
    Some(String::from_utf8_lossy(around).into_owned())
}

/// Words in keys whose values are no secret: they are images, versions and addresses of them.
const SHOWN: [&str; 14] =
    ["IMAGE", "TAG", "VERSION", "REGISTRY", "REPO", "RUNTIME", "FROM", "BASE", "IMG", "DIGEST", "PROFILES", "FILE", "NAME", "PATH"];

/// A key whose value is replaced; what is put together from it elsewhere may be an image.
fn secret(key: &str, all: &str) -> bool {
    let used = ["${", "$", "var.", "(", "{{", "."].iter().any(|before| all.contains(&format!("{before}{key}")));
    !key.split('_').any(|word| SHOWN.contains(&word)) && !used
}

struct Plants {
    lines: Vec<Regex>,
    named: Regex,
    data: Regex,
}

impl Plants {
    fn new() -> Self {
        let of = |text: &str| Regex::new(text).expect("an expression");
        Self {
            // `KEY: value`, `KEY=value`, `"KEY": "value"`, `- KEY=value`, `ENV KEY value`, `export KEY=value`
            lines: vec![
                of(
                    r#"(?m)^(?<head>[\s-]*["']?(?<key>[A-Z][A-Z0-9_]{2,})["']?[ \t]*[:=][ \t]*["']?)(?<value>[A-Za-z0-9][^\s"'{}\[\]&*!|>$<,#]*)"#,
                ),
                of(r#"(?m)^(?<head>[\s]*(?:ENV|export|SetEnv)[ \t]+(?<key>[A-Z][A-Z0-9_]{2,})[ =])(?<value>[A-Za-z0-9][^\s"'{}$]*)"#),
                of(r#"(?<head>[{,][ \t]*["']?(?<key>[A-Z][A-Z0-9_]{2,})["']?[ \t]*:[ \t]*["']?)(?<value>[A-Za-z0-9][^\s"'{}\[\]$,]*)"#),
            ],
            // `name: KEY` and its `value:`, in any of the forms of YAML, JSON and HCL
            named: of(
                r#"(?i)(?<head>["']?(?:name|key|Name)["']?[ \t]*[:=][ \t]*["']?(?<key>[A-Z][A-Z0-9_]{2,})["']?[ \t]*,?\s*["']?(?:value|Value)["']?[ \t]*[:=][ \t]*["']?)(?<value>[A-Za-z0-9][^\s"'{}\[\]$<,]*)"#,
            ),
            data: of(r"(?m)^(?<head>data:\n(?:  .*\n)*)"),
        }
    }

    /// A text with the word for every value, and the keys of those.
    fn plant(&self, text: &str, all: &str, keys: &mut BTreeSet<String>) -> String {
        let secrets = text.contains("kind: Secret");
        let mut out = text.to_owned();
        for expression in self.lines.iter().chain([&self.named]) {
            let encoded = self.data.find(&out).filter(|_| secrets).map(|m| m.range());
            out = expression
                .replace_all(&out, |found: &Captures<'_>| {
                    let (head, key, value) = (&found["head"], &found["key"], &found["value"]);
                    if !secret(key, all) || value.contains("${") {
                        return found[0].to_owned();
                    }
                    keys.insert(key.to_owned());
                    let at = found.get(0).map_or(0, |m| m.start());
                    let in_data = encoded.as_ref().is_some_and(|range| range.contains(&at));
                    let word = if in_data {
                        STANDARD.encode(format!("x{CANARY}xyz"))
                    } else if let Some((scheme, _)) = value.split_once("://") {
                        // A URL stays one, so that who reaches what is still told from it.
                        format!("{scheme}://{CANARY}:{CANARY}@{CANARY}.example/{CANARY}")
                    } else {
                        CANARY.to_owned()
                    };
                    format!("{head}{word}")
                })
                .into_owned();
        }
        out
    }
}

/// A fixture with the word in it, and the keys that have it.
struct Planted {
    name: String,
    files: Vec<(String, Vec<u8>)>,
    keys: BTreeSet<String>,
}

fn planted() -> Vec<Planted> {
    let plants = Plants::new();
    let one = |repository: &std::path::PathBuf| {
        let files = laws::files(repository);
        let all: String = files.iter().map(|(_, b)| String::from_utf8_lossy(b).into_owned()).collect();
        let mut keys = BTreeSet::new();
        let mut plant = |(path, bytes): (String, Vec<u8>)| match String::from_utf8(bytes) {
            Ok(text) => (path, plants.plant(&text, &all, &mut keys).into_bytes()),
            Err(e) => (path, e.into_bytes()),
        };
        let files = files.into_iter().map(&mut plant).collect();
        Planted { name: repository.display().to_string(), files, keys }
    };
    let mut out: Vec<Planted> = laws::repositories().par_iter().map(one).filter(|p| !p.keys.is_empty()).collect();
    out.extend(by_hand());
    out
}

/// What no fixture has a plain value in.
fn by_hand() -> [Planted; 2] {
    let files = [
        (
            ".gitlab-ci.yml",
            "variables: {API_TOKEN: canary5ecret}\ntest:\n  image: node:20\n  services:\n    - name: postgres:15\n      variables: {POSTGRES_PASSWORD: canary5ecret, OTHER_TOKEN: $BUILD_TOKEN}\n  variables:\n    BUILD_TOKEN: canary5ecret\n  parallel: {matrix: [{OTHER_TOKEN: [canary5ecret, b]}]}\n  script: [make]\n",
        ),
        (
            ".woodpecker.yml",
            "services:\n  db:\n    image: postgres:15\n    environment:\n      POSTGRES_PASSWORD: canary5ecret\nmatrix: {OTHER_TOKEN: [canary5ecret, b]}\n",
        ),
        ("vercel.json", "{\"env\": {\"API_TOKEN\": \"canary5ecret\"}, \"build\": {\"env\": {\"BUILD_TOKEN\": \"canary5ecret\"}}}"),
        ("netlify.toml", "[build.environment]\nAPI_TOKEN = \"canary5ecret\"\n"),
        (
            "openshift/app.yaml",
            "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: app}\nparameters: [{name: SECRET, value: canary5ecret}]\nobjects:\n  - apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: app}\n    spec: {template: {spec: {containers: [{name: app, image: 'acme/app:1', env: [{name: API_TOKEN, value: '${SECRET}'}, {name: OTHER_TOKEN, value: canary5ecret}]}]}}}\n",
        ),
    ];
    // A Dockerfile is read where no manifest says more.
    let alone = [
        (".env", "API_TOKEN=canary5ecret\n"),
        ("Dockerfile", "FROM node:20\nARG OTHER_TOKEN=canary5ecret\nENV API_TOKEN=canary5ecret\nENV BUILD_TOKEN canary5ecret\n"),
    ];
    [("by hand", &files[..]), ("by hand, alone", &alone[..])].map(|(name, files)| Planted {
        name: name.into(),
        files: files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect(),
        keys: ["API_TOKEN", "BUILD_TOKEN", "OTHER_TOKEN", "POSTGRES_PASSWORD"].map(str::to_owned).into(),
    })
}

fn options() -> Options {
    Options { today: jiff::civil::date(2026, 9, 1), ..Options::default() }
}

/// All that is said of files, in every form and as `{:?}`.
fn said(files: &[(String, Vec<u8>)]) -> String {
    let workspace = MemoryWorkspace::new(files.iter().cloned());
    let mut out = Vec::new();
    match parity::config::load(&workspace, None) {
        Ok(config) => {
            let options = Options { config, ..options() };
            match run::diff(&workspace, &options) {
                Ok(report) => {
                    for form in report::ALL {
                        form.render(&report, Look { all: true, ..Look::default() }, &mut out).expect("written");
                    }
                    out.extend(format!("{report:?}{options:?}").into_bytes());
                }
                Err(error) => out.extend(format!("{error} {error:?}").into_bytes()),
            }
            if let Ok(plan) = parity::fix::plan(&workspace, &options) {
                out.extend(plan.files.iter().flat_map(|f| f.diff().into_bytes()));
                out.extend(format!("{plan:?}").into_bytes());
            }
            for environment in ["dev", "ci", "staging", "prod"] {
                if let Ok(report) = run::inventory(&workspace, &options, environment) {
                    report.json(&mut out).expect("written");
                    report.table(Look { all: true, ..Look::default() }, &mut out).expect("written");
                    out.extend(format!("{report:?}").into_bytes());
                }
            }
        }
        Err(error) => out.extend(format!("{error} {error:?}").into_bytes()),
    }
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn the_word_is_found_however_it_comes_out() {
    for text in [CANARY.to_owned(), STANDARD.encode(CANARY), STANDARD.encode(format!("postgres://a:{CANARY}@b")), CANARY.to_uppercase()] {
        assert!(seen(&format!("before {text} behind")).is_some(), "{text}");
    }
    assert_eq!(seen("canary and nothing else"), None);
}

#[test]
fn a_value_of_any_format_is_in_no_form() {
    let all = planted();
    // Every format that gives keys has one whose value is the word.
    let read = |p: &Planted| -> BTreeMap<String, usize> {
        let workspace = MemoryWorkspace::new(p.files.iter().cloned());
        let mut found = BTreeMap::new();
        for environment in ["dev", "ci", "staging", "prod"] {
            let Ok(report) = run::inventory(&workspace, &options(), environment) else { continue };
            for service in &report.inventory.services {
                let Some(manifest) = report.manifests.get(service.manifest) else { continue };
                let built = service.build.iter().flat_map(|b| &b.env);
                let count = service.environ.vars.iter().chain(built).filter(|v| p.keys.contains(&v.key)).count();
                *found.entry(manifest.format.clone()).or_default() += count;
            }
            for documented in &report.inventory.documented {
                *found.entry("dotenv".into()).or_default() += usize::from(p.keys.contains(&documented.key));
            }
        }
        found
    };
    let mut read_of: BTreeMap<String, usize> = BTreeMap::new();
    for (format, count) in all.par_iter().map(read).collect::<Vec<_>>().into_iter().flatten() {
        *read_of.entry(format).or_default() += count;
    }
    let none: Vec<&str> = parity::formats::ALL
        .iter()
        .filter(|f| f.gives().env != "-" && read_of.get(f.id()).is_none_or(|n| *n == 0))
        .map(|f| f.id())
        .collect();
    assert!(none.is_empty(), "no value was planted in a manifest of {none:?}; {read_of:?}");
    let leaks = |p: &Planted| seen(&said(&p.files)).map(|at| format!("{}: …{at}", p.name));
    let leaks: Vec<String> = all.par_iter().filter_map(leaks).collect();
    assert!(leaks.is_empty(), "{}\n{}", leaks.len(), leaks.join("\n"));
}

#[test]
fn a_value_in_a_file_that_is_broken_is_in_no_form() {
    // What a parser says of what it does not understand likes to quote it.
    let broken = |text: &str, nth: usize| -> Option<String> {
        let at: Vec<usize> = text.match_indices(CANARY).map(|(i, _)| i).collect();
        let at = *at.get(nth / 8)?;
        let word = at + CANARY.len();
        let sign = ["\"", "'", ": ", "\t", "{", "]", "\u{0}", "${"].get(nth % 8)?;
        Some(match nth % 3 {
            0 => text.get(..word)?.to_owned() + sign,
            1 => format!("{}{sign}{}", text.get(..at)?, text.get(at..)?),
            _ => format!("{}{sign}{}", text.get(..word)?, text.get(word..)?),
        })
    };
    let mut seen_texts = BTreeSet::new();
    let mut inputs = Vec::new();
    for p in planted() {
        for (i, (path, bytes)) in p.files.iter().enumerate() {
            let Ok(text) = std::str::from_utf8(bytes) else { continue };
            if !seen_texts.insert(text.to_owned()) {
                continue;
            }
            for broken in (0..16).filter_map(|nth| broken(text, nth)) {
                let mut files = p.files.clone();
                files[i].1 = broken.into_bytes();
                inputs.push((format!("{}: {path}", p.name), files));
            }
        }
    }
    assert!(inputs.len() > 500, "{}", inputs.len());
    // All of them where `PARITY_THOROUGH` is set, as it is in CI.
    let step = if std::env::var_os("PARITY_THOROUGH").is_some() { 1 } else { 5 };
    let chosen: Vec<_> = inputs.into_iter().step_by(step).collect();
    let leak = |(name, files): &(String, Vec<(String, Vec<u8>)>)| seen(&said(files)).map(|at| format!("{name}: …{at}"));
    let leaks: Vec<String> = chosen.par_iter().filter_map(leak).collect();
    assert!(leaks.is_empty(), "{}\n{}", leaks.len(), leaks.join("\n"));
}

/// What a command says with the word in files, options, the environment and the user's own folder; what it leaves there.
fn ran(args: &[&str], more: &[(&str, &str)]) -> String {
    let dir = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text.replace("CANARY", CANARY)).expect("written");
    };
    write(
        "repo/docker-compose.yml",
        "services:\n  db: {image: 'postgres:15', environment: {POSTGRES_PASSWORD: CANARY}}\n  web:\n    image: acme/web:1\n    command: [serve, --token=CANARY]\n    labels: {token: CANARY}\n    build: {context: ., args: {TOKEN: CANARY}}\n    healthcheck: {test: [CMD, curl, -H, 'Authorization: CANARY', localhost]}\n    env_file: app.env\n    environment: [\"TOKEN=CANARY\", \"OTHER=${FROM_MACHINE}\", \"URL=postgres://u:CANARY@db/x\", FROM_MACHINE]\n",
    );
    write("repo/Dockerfile", "FROM node:20\nARG TOKEN=CANARY\nENV KEY=CANARY\n");
    write("repo/app.env", "API_KEY=CANARY\n");
    write(
        "repo/k8s/all.yaml",
        &format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: s, annotations: {{kubectl.kubernetes.io/last-applied-configuration: '{{\"stringData\":{{\"A\":\"CANARY\"}}}}'}}}}\ndata: {{PASSWORD: {}}}\nstringData: {{TOKEN: CANARY}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata: {{app.env: \"KEY=CANARY\", URL: 'redis://:CANARY@cache:6379'}}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{template: {{spec: {{containers: [{{name: web, image: 'acme/web:1', args: ['--token=CANARY'], env: [{{name: TOKEN, value: CANARY}}], envFrom: [{{secretRef: {{name: s}}}}, {{configMapRef: {{name: c}}}}], livenessProbe: {{httpGet: {{httpHeaders: [{{name: Authorization, value: CANARY}}]}}}}}}]}}}}}}\n---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: db}}\nspec: {{template: {{spec: {{containers: [{{name: db, image: 'postgres:16', env: [{{name: POSTGRES_PASSWORD, value: CANARY}}]}}]}}}}}}\n",
            STANDARD.encode(CANARY)
        ),
    );
    write("repo/chart/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n");
    write("repo/chart/values.yaml", "token: CANARY\n");
    write(
        "repo/chart/templates/a.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: 'redis:7', env: [{name: T, value: '{{ .Values.token }}'}, {name: S, value: '{{ fail .Values.token }}'}]}]}\n",
    );
    write("home/.docker/config.json", "{\"auths\": {\"127.0.0.1:1\": {\"auth\": \"CANARY\"}}}");
    write("repo/parity.yml", "environments:\n  staging:\n    manifests: [chart]\n    set: [token=CANARY]\n");
    let out = Command::new(env!("CARGO_BIN_EXE_parity"))
        .args(args.iter().map(|a| a.replace("CANARY", CANARY)))
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", dir.path().join("home"))
        .envs([("RUST_LOG", "trace"), ("RUST_BACKTRACE", "full"), ("FROM_MACHINE", CANARY), ("GITHUB_TOKEN", CANARY)])
        .envs([("https_proxy", format!("http://u:{CANARY}@127.0.0.1:1")), ("http_proxy", format!("http://u:{CANARY}@127.0.0.1:1"))])
        .envs(more.iter().map(|(k, v)| (*k, v.replace("CANARY", CANARY))))
        .current_dir(dir.path().join("repo"))
        .output()
        .expect("parity runs");
    let code = out.status.code();
    assert!(matches!(code, Some(0..=3)), "{args:?}: {code:?}");
    let mut text = String::from_utf8([out.stdout, out.stderr].concat()).expect("UTF-8");
    let kept: Vec<String> = laws::files(&dir.path().join("home")).into_iter().map(|(path, _)| path).collect();
    assert_eq!(kept, [".docker/config.json"], "nothing is kept between runs");
    for file in ["out", "baseline.json"] {
        text.push_str(&fs::read_to_string(dir.path().join("repo").join(file)).unwrap_or_default());
    }
    text
}

#[test]
fn a_value_is_in_no_output_of_any_command() {
    for form in report::ALL {
        let to_file = format!("{}=out", form.id());
        for args in [vec!["diff", "--all", "--report", form.id()], vec!["diff", "--report", &to_file]] {
            let text = ran(&args, &[]);
            assert_eq!(seen(&text), None, "{args:?}");
        }
    }
    for args in [
        vec!["diff", "--online"],
        vec!["diff", "--interpolate-from-environment"],
        vec!["diff", "--env-file", "app.env"],
        vec!["diff", "--prod", "chart", "--set", "token=CANARY"],
        vec!["diff", "--prod", "chart", "--set", "token=[CANARY"],
        vec!["diff", "--base", "HEAD"],
        vec!["inventory", "prod", "--report", "json"],
        vec!["inventory", "dev", "--all"],
        vec!["inventory", "staging", "--all"],
        vec!["history"],
        vec!["fix", "--dry-run"],
        vec!["fix"],
        vec!["baseline", "write", "baseline.json"],
        vec!["export", "renovate"],
        vec!["init", "--force"],
    ] {
        let text = ran(&args, &[]);
        assert!(!text.is_empty(), "{args:?}");
        assert_eq!(seen(&text), None, "{args:?}");
    }
}

#[test]
fn what_is_planted_by_hand_is_read() {
    let text = ran(&["inventory", "prod", "--report", "json"], &[]);
    for key in ["PASSWORD", "TOKEN", "URL", "POSTGRES_PASSWORD"] {
        assert!(text.contains(&format!("\"{key}\"")), "{key}: {text}");
    }
    assert!(Path::new(env!("CARGO_BIN_EXE_parity")).exists());
}
