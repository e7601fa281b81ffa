//! Which variable files count for an environment → the values of the root module's variables.

use std::collections::BTreeMap;

use super::source::{self, Given};
use crate::formats::{ReadContext, Reading};
use crate::workspace::{file_name, parent};

/// Words of the environments that are looked for, by their usual name.
const PRODUCTION: [&str; 4] = ["prod", "production", "prd", "live"];

/// Reads the files that Terraform loads by itself, then those of the environment (`--var-file`, else by their name).
pub(super) fn given(dir: &str, cx: &ReadContext<'_>, values: &mut BTreeMap<String, Given>, reading: &mut Reading) {
    let (files, _) = cx.workspace.list(dir);
    let own = |f: &&String| parent(f) == dir;
    // In this order: terraform.tfvars, terraform.tfvars.json, *.auto.tfvars by name (developer.hashicorp.com: Input Variables).
    let mut loaded: Vec<&String> = ["terraform.tfvars", "terraform.tfvars.json"]
        .iter()
        .flat_map(|name| files.iter().filter(own).filter(move |f| file_name(f) == *name))
        .collect();
    loaded.extend(files.iter().filter(own).filter(|f| f.ends_with(".auto.tfvars") || f.ends_with(".auto.tfvars.json")));
    for path in &loaded {
        source::variables(cx.workspace, path, values, &mut reading.problems);
    }
    let asked: Vec<&String> = cx.options.var_files.iter().filter(|f| f.contains(".tfvars")).collect();
    if !asked.is_empty() {
        for path in asked {
            source::variables(cx.workspace, path, values, &mut reading.problems);
        }
        return;
    }
    let by_name: Vec<&String> =
        files.iter().filter(|f| is_variables(f) && !loaded.contains(f) && speaks_of(f, dir, cx.environment)).collect();
    let shortest = by_name.iter().map(|f| (f.matches('/').count(), words(file_name(f)).len())).min();
    let nearest: Vec<&&String> = by_name.iter().filter(|f| Some((f.matches('/').count(), words(file_name(f)).len())) == shortest).collect();
    match nearest.as_slice() {
        [] => {}
        [one] => {
            source::variables(cx.workspace, one, values, &mut reading.problems);
            reading.notes.push(format!("`{}`: variables from `{one}`", shown(dir)));
        }
        several => {
            let list = several.iter().map(|f| format!("`{f}`")).collect::<Vec<_>>().join(", ");
            reading
                .notes
                .push(format!("`{}`: several files of variables could be meant, none is taken: {list}; choose by --var-file", shown(dir)));
        }
    }
}

fn shown(dir: &str) -> &str {
    if dir.is_empty() { "." } else { dir }
}

fn is_variables(path: &str) -> bool {
    path.ends_with(".tfvars") || path.ends_with(".tfvars.json")
}

fn words(name: &str) -> Vec<String> {
    let stem = name.strip_suffix(".json").unwrap_or(name);
    let stem = stem.strip_suffix(".tfvars").unwrap_or(stem);
    stem.split(['-', '_', '.']).filter(|w| !w.is_empty()).map(str::to_ascii_lowercase).collect()
}

/// Does a file below the module speak of the environment: by its name, or by its folder's? What configures the backend
/// (`production_backend.tfvars`) holds no variables.
fn speaks_of(path: &str, dir: &str, environment: &str) -> bool {
    let below = path.strip_prefix(dir).unwrap_or(path).trim_start_matches('/');
    let named = words(file_name(below));
    if named.iter().any(|w| w == "backend" || w == "example" || w == "sample" || w == "nonprod" || w == "non" || w == "pre") {
        return false;
    }
    let wanted = |w: &str| w == environment || (environment == "prod" && PRODUCTION.contains(&w));
    let folder = parent(below).rsplit('/').next().unwrap_or("");
    named.iter().any(|w| wanted(w)) || words(folder).iter().any(|w| wanted(w)) && !folder.is_empty()
}
