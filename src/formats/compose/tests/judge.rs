//! Compose itself as the judge over the fixtures, and the corpus: `scripts/e2e-compose` gives the program.
#![expect(clippy::disallowed_methods, reason = "these tests are asked for by the environment and run the judge")]

use std::process::Command;

use super::fixtures::{all, read_case};
use super::*;
use crate::document::yaml;
use crate::limits::Limits;
use crate::workspace::DiskWorkspace;

/// What Compose says of a project; `None` where it refuses it.
fn judged(program: &str, dir: &Path, args: &[String], env: &BTreeMap<String, String>) -> Option<Said> {
    let mut command = Command::new(program);
    command.args(args).args(["config", "--format", "json", "--no-consistency"]).current_dir(dir).env_clear().envs(env);
    let out = command.env("HOME", "/nonexistent").output().expect("the judge runs");
    if !out.status.success() {
        return None;
    }
    let model: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let mut said = Said::new();
    for (name, service) in model["services"].as_object().into_iter().flatten() {
        let image = service["image"].as_str().unwrap_or("-").to_owned();
        // `config` doubles every dollar, so that its output can be read again.
        let value = |v: &serde_json::Value| v.as_str().map(|t| t.replace("$$", "$"));
        let vars = service["environment"].as_object().into_iter().flatten().map(|(k, v)| (k.replace("$$", "$"), value(v))).collect();
        said.insert(name.clone(), (image, !service["build"].is_null(), vars));
    }
    Some(said)
}

fn program() -> Option<String> {
    let program = std::env::var("PARITY_COMPOSE").ok().filter(|p| !p.is_empty());
    if program.is_none() {
        println!("NOT RUN: PARITY_COMPOSE is not set: Compose itself is not asked (scripts/e2e-compose sets it)");
    }
    program
}

#[test]
fn compose_says_the_same_of_the_fixtures() {
    let Some(program) = program() else { return };
    let mut wrong = Vec::new();
    let (mut services, mut keys, mut refused) = (0, 0, 0);
    for case in all() {
        let dir = tempfile::tempdir().expect("a folder");
        for (path, text) in &case.files {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text).expect("written");
        }
        let mut args: Vec<String> = case.args.iter().flat_map(|a| ["-f".to_owned(), a.clone()]).collect();
        args.extend(case.profiles.iter().flat_map(|p| ["--profile".to_owned(), p.clone()]));
        let said = judged(&program, dir.path(), &args, &case.env);
        match (said, &case.want) {
            (None, None) => refused += 1,
            (Some(said), Some(_)) => {
                services += said.len();
                keys += said.values().map(|(_, _, vars)| vars.len()).sum::<usize>();
                let differ = differences(&read_case(&case).services, &said, &mut 0);
                wrong.extend(differ.into_iter().map(|d| format!("{}: {d}", case.name)));
            }
            (said, _) => wrong.push(format!("{}: the judge {} it", case.name, if said.is_some() { "takes" } else { "refuses" })),
        }
    }
    println!("Compose and the fixtures: {services} services, {keys} keys, {refused} refused by both");
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

/// The compose files of the corpus: a flat folder.
fn corpus() -> Option<PathBuf> {
    match std::env::var_os("PARITY_CORPUS").filter(|c| !c.is_empty()) {
        Some(path) => Some(PathBuf::from(path).join("compose")).filter(|p| p.is_dir()),
        None => {
            println!("NOT RUN: PARITY_CORPUS is not set: no compose file of a real repository is read");
            None
        }
    }
}

fn files(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).expect("the corpus");
    let mut names: Vec<String> = entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// What Compose itself refuses: a list of commands, a key that there is not, a key that is misspelt.
const BROKEN: [(&str, &str); 3] = [
    ("compose-spec__conformance-tests__commands__compose-ref.yml", "at its top, which Compose refuses"),
    ("docker__compose__pkg__e2e__fixtures__wrong-composefile__compose.yml", "has `wrongField`, which Compose refuses"),
    ("runtipi__runtipi-appstore__apps__watchyourlan__docker-compose.yml", "has `network-mode`, which Compose refuses"),
];

/// What is said of a file that names another, which the corpus does not hold.
const NEIGHBOUR: &str = "does not exist";

/// What is said of a file that only changes another one, when it is read alone as it is here.
const ALONE: &str = "has neither `image` nor `build`";

#[test]
fn every_file_of_the_corpus_is_read() {
    let Some(dir) = corpus() else { return };
    let workspace = DiskWorkspace::new(&dir, Limits::default()).expect("the corpus");
    let mut wrong = Vec::new();
    let names = files(&dir);
    let mut services = 0;
    for name in &names {
        let reading = read(&workspace, std::slice::from_ref(name), &ReadOptions::default());
        services += reading.services.len();
        for problem in errors(&reading) {
            let expected = BROKEN.iter().any(|(file, why)| file == name && problem.message.contains(why));
            if !expected && ![ALONE, NEIGHBOUR].iter().any(|part| problem.message.contains(part)) {
                wrong.push(format!("{name}: {}", problem.message));
            }
        }
    }
    println!("corpus: {} files, {services} services", names.len());
    assert!(wrong.is_empty(), "{} problems\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn compose_says_the_same_of_the_corpus() {
    let (Some(program), Some(dir)) = (program(), corpus()) else { return };
    let workspace = DiskWorkspace::new(&dir, Limits::default()).expect("the corpus");
    let (mut wrong, mut refused_alone) = (Vec::new(), Vec::new());
    let (mut taken, mut refused, mut services, mut keys, mut unknown) = (0, 0, 0, 0, 0);
    for name in files(&dir) {
        let args = ["-f".to_owned(), name.clone(), "--profile".to_owned(), "*".to_owned()];
        let reading = read(&workspace, std::slice::from_ref(&name), &ReadOptions::default());
        match judged(&program, &dir, &args, &BTreeMap::new()) {
            None => {
                refused += 1;
                if errors(&reading).is_empty() {
                    refused_alone.push(name);
                }
            }
            Some(said) => {
                taken += 1;
                services += said.len();
                keys += said.values().map(|(_, _, vars)| vars.len()).sum::<usize>();
                wrong.extend(differences(&reading.services, &said, &mut unknown).into_iter().map(|d| format!("{name}: {d}")));
                let refused = errors(&reading).into_iter().filter(|p| !p.message.contains(ALONE));
                wrong.extend(refused.map(|p| format!("{name}: taken by the judge, ours says: {}", p.message)));
            }
        }
    }
    println!(
        "Compose and the corpus: {taken} files, {services} services, {keys} keys ({unknown} unknown without the machine), {refused} refused"
    );
    println!("refused by this Compose alone (newer keys, variables and files of the machine): {}", refused_alone.join(", "));
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_typed_view_loses_little_of_the_corpus() {
    let Some(dir) = corpus() else { return };
    let workspace = DiskWorkspace::new(&dir, Limits::default()).expect("the corpus");
    let (mut services, mut lost) = (0, 0);
    for name in files(&dir) {
        let Ok(source) = workspace.read(&name) else { continue };
        for document in yaml::read(&source).documents {
            let root = super::super::keys::merge_keys(document.root, &mut Vec::new());
            for service in root.get("services").map(|s| s.entries()).unwrap_or_default() {
                services += 1;
                lost += super::super::typed::view(&service.value).1.len();
            }
        }
    }
    println!("typed: {lost} keys of {services} services are not decoded");
    assert!(lost * 100 < services, "{lost} of {services}");
}
