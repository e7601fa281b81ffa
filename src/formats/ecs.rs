//! Amazon ECS task definitions (JSON or YAML files of a repository) → their containers.
//!
//! Source: the task definition parameters (docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html).
//! Pipelines fill these files in, so that a file may be no JSON yet, or name no image.

use crate::document::Node;
use crate::report::Problem;
use crate::workspace::file_name;

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, declared};

mod containers;

pub(crate) use containers::{container_definitions, environment, secrets};

/// The format.
#[derive(Debug)]
pub struct Ecs;

/// Endings of the files, alone or before that of a template.
const ENDINGS: [&str; 3] = ["json", "yaml", "yml"];
/// Endings of templates.
const TEMPLATES: [&str; 7] = ["tpl", "tmpl", "tftpl", "template", "j2", "erb", "dist"];

impl Format for Ecs {
    fn id(&self) -> &'static str {
        "ecs"
    }

    fn name(&self) -> &'static str {
        "Amazon ECS"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "images of `containerDefinitions`",
            env: "`environment`, `secrets`",
            processes: "containers of each task; those that are not essential are beside the others",
            unknown: "`environmentFiles`; images that the deployment fills in",
        }
    }

    fn may_claim(&self, path: &str) -> bool {
        let name = file_name(path);
        let plain = TEMPLATES.iter().find_map(|t| name.strip_suffix(t)?.strip_suffix('.')).unwrap_or(name);
        ENDINGS.iter().any(|e| plain.strip_suffix(e).is_some_and(|rest| rest.ends_with('.')))
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        // The key in camel case is that of ECS alone: CloudFormation writes `ContainerDefinitions`.
        let json = head.contains("\"containerDefinitions\"");
        let yaml = || head.lines().any(|l| l.trim_start_matches(' ').starts_with("containerDefinitions:"));
        let says = ["environment", "image", "essential", "family", "secrets"].iter().filter(|k| head.contains(*k)).count() >= 2;
        // `"apiVersion"`: an object of Kubernetes (Crossplane, ACK) that holds one.
        if (json || yaml()) && says && !head.contains("apiVersion") && !head.contains("AWS::") {
            Claim::Yes { manifest: path.to_owned(), side: Side::Prod }
        } else {
            Claim::No
        }
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = declared::reading("aws");
        for path in &manifest.paths {
            if file_name(path).contains(".json") {
                match cx.workspace.read(path) {
                    Ok(source) => {
                        declared::json_root(&source, &mut reading.problems).iter().for_each(|root| task(path, root, &mut reading))
                    }
                    Err(problem) => reading.problems.push(problem),
                }
            } else if let Some((root, _)) = declared::root(path, cx, &mut reading) {
                task(path, &root, &mut reading);
            }
        }
        reading
    }
}

/// A task definition: as registered, as `describe-task-definition` prints it, or the list of containers alone.
fn task(path: &str, root: &Node, reading: &mut Reading) {
    let root = root.get("taskDefinition").filter(|t| t.is_mapping()).unwrap_or(root);
    let list = if root.is_sequence() { Some(root) } else { root.get("containerDefinitions") };
    let Some(list) = list else {
        reading.problems.push(Problem::at(root.at.clone(), format!("`{path}` has no `containerDefinitions`")));
        return;
    };
    container_definitions(list, Some(root), reading);
}

#[cfg(test)]
mod tests;
