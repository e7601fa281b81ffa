//! Files of one folder → those that are applied together: of two that declare the same workloads, the fuller one.

use std::collections::BTreeSet;

use crate::document::Node;
use crate::report::Problem;
use crate::source::Span;

/// The least workloads that two files have in common, to be taken for two forms of one deployment.
const LEAST: usize = 2;

/// Takes out the files that declare again what a fuller file declares (`quickstart.yaml` beside `all-in-one.yaml`):
/// applied together they would overwrite each other.
pub(super) fn leave(files: Vec<Vec<Node>>) -> (Vec<Node>, Vec<Problem>) {
    let workloads: Vec<BTreeSet<[String; 3]>> = files.iter().map(|f| f.iter().filter_map(workload).collect()).collect();
    let mut order: Vec<usize> = (0..files.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(workloads.get(*i).map_or(0, BTreeSet::len)));
    let mut kept: Vec<usize> = Vec::new();
    let mut problems = Vec::new();
    for i in order {
        let Some(own) = workloads.get(i) else { continue };
        let same = |j: &&usize| {
            let common = workloads.get(**j).map_or(0, |other| own.intersection(other).count());
            common >= LEAST && common * 2 >= own.len()
        };
        let Some((taken, first)) = kept.iter().find(same).map(|j| path(&files, *j)).zip(files.get(i).and_then(|f| f.first())) else {
            kept.push(i);
            continue;
        };
        let message =
            format!("`{}` declares the workloads of `{taken}` again: it is another way to deploy the same, and left", first.at.path());
        problems.push(
            Problem::at(first.at.source().at(Span { start: 0, end: 0 }), message)
                .info()
                .help("where it is what runs, name this file alone"),
        );
    }
    let trees = files.into_iter().enumerate().filter(|(i, _)| kept.contains(i)).flat_map(|(_, f)| f).collect();
    (trees, problems)
}

fn path(files: &[Vec<Node>], i: usize) -> String {
    files.get(i).and_then(|f| f.first()).map_or_else(String::new, |n| n.at.path().to_owned())
}

fn workload(object: &Node) -> Option<[String; 3]> {
    let kind =
        object.text_at(&["kind"]).filter(|k| ["Deployment", "StatefulSet", "DaemonSet", "DeploymentConfig", "Rollout"].contains(k))?;
    let text = |key: &str| object.text_at(&["metadata", key]).unwrap_or_default().to_owned();
    Some([kind.to_owned(), text("namespace"), text("name")]).filter(|[_, _, name]| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::yaml;
    use crate::source::Source;

    fn file(path: &str, names: &[&str]) -> Vec<Node> {
        let one = |n: &&str| format!("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {n}\n");
        let text = names.iter().map(one).collect::<Vec<_>>().join("---\n");
        yaml::read(&Source::new(path, text)).documents.into_iter().map(|d| d.root).collect()
    }

    #[test]
    fn the_fuller_of_two_forms_is_read() {
        let left = |files: Vec<Vec<Node>>| {
            let (trees, problems) = leave(files);
            (trees.len(), problems.iter().filter_map(|p| p.at.as_ref().map(|a| a.path().to_owned())).collect::<Vec<_>>())
        };
        let all = file("all.yaml", &["api", "web", "db"]);
        assert_eq!(left(vec![file("a-quick.yaml", &["api", "web"]), all.clone()]), (3, vec!["a-quick.yaml".to_owned()]));
        assert_eq!(left(vec![all.clone(), file("more.yaml", &["api", "jobs", "mail"])]), (6, vec![]));
        assert_eq!(left(vec![all, Vec::new(), file("api.yaml", &["api"])]), (4, vec![]));
    }
}
