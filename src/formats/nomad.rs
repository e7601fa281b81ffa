//! Nomad job files, in HCL and in JSON → the tasks of their groups.
//!
//! Source: the job specification (developer.hashicorp.com/nomad/docs/job-specification).

use crate::document::Node;
use crate::report::Problem;
use crate::workspace::file_name;

use super::terraform::jobspec;
use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, declared};

mod environ;
mod job;

pub(crate) use job::services;

/// The format.
#[derive(Debug)]
pub struct Nomad;

impl Format for Nomad {
    fn id(&self) -> &'static str {
        "nomad"
    }

    fn name(&self) -> &'static str {
        "Nomad"
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "`image` of the `config` of a task, after variables and locals; also of jobs in JSON (`*.nomad.json`)",
            env: "`env`, and `template` blocks with `env = true`: keys that stand in their data",
            processes: "tasks; those of `lifecycle` that end, batch and periodic jobs are beside the others",
            unknown: "variables without a value; what Consul, Vault and Nomad's variables hold; templates of the node",
        }
    }

    fn may_claim(&self, path: &str) -> bool {
        let name = file_name(path);
        is_json(path) || name.ends_with(".nomad") || name.ends_with(".hcl") && !name.ends_with(".lock.hcl") && name != "terragrunt.hcl"
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        if is_json(path) {
            let job = head.contains("\"job\"") || head.contains("\"TaskGroups\"");
            return if job { Claim::Yes { manifest: path.to_owned(), side: Side::Prod } } else { Claim::No };
        }
        let starts = |word: &str| head.lines().any(|l| l.trim_start().strip_prefix(word).is_some_and(|r| r.starts_with([' ', '"', '{'])));
        // A name without Nomad in it needs what only a job of Nomad has.
        let named = file_name(path).ends_with(".nomad") || file_name(path).contains(".nomad.");
        let ours = head.lines().any(|l| l.starts_with("job ") || l.starts_with("job\"")) && (named || starts("group") && starts("task"));
        if ours { Claim::Yes { manifest: path.to_owned(), side: Side::Prod } } else { Claim::No }
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = declared::reading("nomad");
        let files: Vec<&String> = cx.options.var_files.iter().filter(|f| f.ends_with(".hcl") || f.ends_with(".vars")).collect();
        for path in &manifest.paths {
            let before = reading.problems.len();
            let jobs = jobspec::read(path, &files, cx, &mut reading.problems);
            if jobs.is_empty() && reading.problems.len() == before {
                reading.problems.push(Problem::file(path, "holds no `job`"));
            }
            for job in &jobs {
                let before = (reading.services.len(), reading.problems.len());
                services(job, &mut reading);
                if before == (reading.services.len(), reading.problems.len()) {
                    reading.problems.push(Problem::at(job.at.part(0, 0), format!("`{path}` has a job that runs no task")).warning());
                }
            }
        }
        reading
    }
}

/// Is it a job in JSON, by its name?
fn is_json(path: &str) -> bool {
    path.ends_with(".nomad.json")
}

/// The text of a label or an argument of a block, where it is known.
fn text(node: &Node, key: &str) -> Option<String> {
    jobspec::plain(node.get(key)?).text().map(str::to_owned)
}

#[cfg(test)]
mod tests;
