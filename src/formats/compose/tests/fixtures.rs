//! `fixtures/compose/*.txt`: what is read, and what Compose 2 makes of it; `fixtures/dotenv.toml` the same for dotenv.

use super::*;
use crate::formats::compose::{default_of, layers, of_machine, variables::Variables};
use crate::source::Source;

/// One case: the first lines say how it is read, `--- PATH` begins a file, `=== want` what should come out.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) files: Vec<(String, String)>,
    pub(super) args: Vec<String>,
    pub(super) env: BTreeMap<String, String>,
    pub(super) profiles: Vec<String>,
    /// `None`: Compose refuses it.
    pub(super) want: Option<Said>,
}

pub(super) fn all() -> Vec<Case> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(root().join("fixtures/compose")).expect("fixtures").map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    paths.iter().map(|path| parse(path)).collect()
}

fn parse(path: &Path) -> Case {
    let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
    let mut case = Case { name, files: vec![], args: vec![], env: BTreeMap::new(), profiles: vec![], want: Some(Said::new()) };
    let text = std::fs::read_to_string(path).expect("text").replace("\r\n", "\n");
    let (given, want) = text.split_once("=== want\n").expect("`=== want`");
    for line in given.lines() {
        if let Some(path) = line.strip_prefix("--- ") {
            case.files.push((path.to_owned(), String::new()));
        } else if let Some((_, text)) = case.files.last_mut() {
            text.push_str(line);
            text.push('\n');
        } else if let Some(files) = line.strip_prefix("files ") {
            case.args = files.split(' ').map(str::to_owned).collect();
        } else if let Some((key, value)) = line.strip_prefix("env ").and_then(|l| l.split_once('=')) {
            case.env.insert(key.to_owned(), value.to_owned());
        } else if let Some(profile) = line.strip_prefix("profile ") {
            case.profiles.push(profile.to_owned());
        }
    }
    let mut last = String::new();
    for line in want.lines() {
        if line == "refused" {
            case.want = None;
        } else if let Some(service) = line.strip_prefix("service ") {
            let words: Vec<&str> = service.split(' ').collect();
            last = words[0].to_owned();
            case.want.as_mut().expect("services").insert(last.clone(), (words[1].to_owned(), words.len() > 2, BTreeMap::new()));
        } else {
            let line = line.strip_prefix("  ").expect("a variable");
            let unescaped = |v: &str| v.replace("\\n", "\n").replace("\\\\", "\\");
            let (key, value) = line.split_once('=').map_or((line, None), |(k, v)| (k, Some(unescaped(v))));
            case.want.as_mut().and_then(|w| w.get_mut(&last)).expect("a service").2.insert(key.to_owned(), value);
        }
    }
    case
}

/// Reads a case as the program does: the files given, those of `COMPOSE_FILE`, or what discovery takes.
pub(super) fn read_case(case: &Case) -> Reading {
    let workspace = MemoryWorkspace::new(case.files.clone());
    let mut paths = if case.args.is_empty() { of_machine(&case.env) } else { case.args.clone() };
    if paths.is_empty() {
        let env = case.files.iter().find(|(path, _)| path == ".env").map(|(path, text)| layers::of_env(path, text)).unwrap_or_default();
        let first = env.into_iter().next().or_else(|| default_of("", &workspace)).expect("a compose file");
        paths = Compose.layers(&first, &workspace);
    }
    let options = ReadOptions { process_env: Some(case.env.clone()), profiles: case.profiles.clone(), ..ReadOptions::default() };
    let mut reading = read(&workspace, &paths, &options);
    // What only a profile starts is marked, and without profiles Compose does not start it.
    if case.profiles.is_empty() && !case.env.contains_key("COMPOSE_PROFILES") {
        reading.services.retain(|s| s.profiles.is_empty());
    }
    reading
}

#[test]
fn every_case_is_read_as_compose_reads_it() {
    let mut wrong = Vec::new();
    let cases = all();
    assert!(cases.len() >= 80, "{} cases", cases.len());
    for case in &cases {
        let reading = read_case(case);
        let mut unknown = 0;
        let differ = match &case.want {
            Some(want) => differences(&reading.services, want, &mut unknown),
            None if errors(&reading).is_empty() => vec!["no problem".to_owned()],
            None => Vec::new(),
        };
        wrong.extend(differ.into_iter().map(|d| format!("{}: {d}", case.name)));
        let none = case.want.as_ref().is_some_and(|w| w.values().all(|(image, built, _)| image != "-" || *built));
        if none && !errors(&reading).is_empty() {
            wrong.push(format!("{}: {}", case.name, errors(&reading)[0].message));
        }
        if unknown > 0 {
            wrong.push(format!("{}: {unknown} unknown", case.name));
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

#[derive(serde::Deserialize)]
struct Dotenvs {
    case: Vec<DotenvCase>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct DotenvCase {
    name: String,
    text: String,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    refused: bool,
    #[serde(default)]
    want: BTreeMap<String, String>,
}

#[test]
fn every_dotenv_case_is_read_as_compose_reads_it() {
    let text = std::fs::read_to_string(root().join("fixtures/dotenv.toml")).expect("fixtures");
    let cases: Dotenvs = toml::from_str(&text).expect("cases");
    let mut wrong = Vec::new();
    for case in cases.case {
        let options = ReadOptions { process_env: Some(case.env.clone()), ..ReadOptions::default() };
        let mut set = BTreeMap::new();
        let mut problems = Vec::new();
        Variables::of_machine(&options).load(&Source::new(".env", case.text.as_str()), false, &mut set, &mut problems);
        if case.refused {
            // A byte order mark is refused in text, and taken off in the files that it reads.
            if problems.is_empty() && !case.text.starts_with('\u{feff}') {
                wrong.push(format!("{}: no problem", case.name));
            }
            continue;
        }
        let got: BTreeMap<String, String> = set.into_iter().filter_map(|(k, v)| Some((k, v.ok()?))).collect();
        if got != case.want || !problems.is_empty() {
            let keys: Vec<&String> = case.want.keys().filter(|k| case.want.get(*k) != got.get(*k)).collect();
            wrong.push(format!("{}: {keys:?} of {} keys, {} problems", case.name, got.len(), problems.len()));
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}
