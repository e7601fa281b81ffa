//! A job → one service a task.

use super::environ::environ;
use super::jobspec::{each, plain};
use super::text;
use crate::document::{Content, Node};
use crate::formats::{Reading, declared};
use crate::inventory::{Fact, Process, Provider, Service, Value};
use crate::report::Problem;

/// Most tasks of one job that are read.
const MOST: usize = 500;

/// The tasks of a job.
pub(crate) fn services(job: &Node, reading: &mut Reading) {
    let (name, process) = (text(job, "label"), process(job));
    let groups = each(job, &["group"]);
    let mut all: Vec<(Option<&Node>, &Node)> = Vec::new();
    for group in &groups {
        if let Content::Expression(why) = &group.content {
            reading.problems.push(Problem::at(group.at.clone(), format!("a group of the job is not known: {why}")).warning());
        }
        all.extend(each(group, &["task"]).into_iter().map(|task| (Some(*group), task)));
    }
    // A task without a group is a group of its own.
    all.extend(each(job, &["task"]).into_iter().map(|task| (None, task)));
    if all.len() > MOST {
        reading.problems.push(Problem::at(job.at.clone(), format!("has more than the limit of {MOST} tasks; the rest is not read")));
        all.truncate(MOST);
    }
    let mains = |group: Option<&Node>| group.map_or(1, |g| each(g, &["task"]).iter().filter(|t| t.get("lifecycle").is_none()).count());
    let called = |task: &Node| all.iter().filter(|(_, t)| t.text_at(&["label"]) == task.text_at(&["label"])).count();
    for (group, task) in &all {
        if let Content::Expression(why) = &task.content {
            reading.problems.push(Problem::at(task.at.clone(), format!("a task of the job is not known: {why}")).warning());
            continue;
        }
        let main = task.get("lifecycle").is_none() && mains(*group) == 1;
        let mut service = service(task, *group, main);
        service.process = if ends(task) { Process::Admin } else { process };
        if group.is_some_and(|g| text(g, "count").as_deref() == Some("0")) {
            service.conditional = Some("its group runs no instance".into());
        }
        let group_name = group.and_then(|g| text(g, "label"));
        let job_name = name.clone().filter(|_| main && groups.len() <= 1);
        let others: Vec<String> = group_name.clone().filter(|_| main).into_iter().chain(job_name).collect();
        // Tasks of one name in several groups are told apart by their groups.
        if called(task) > 1
            && let Some(group) = group_name
        {
            let own = std::mem::take(&mut service.name);
            service.name = if main { group } else { format!("{group}/{own}") };
        }
        for other in others {
            if other != service.name && !service.aliases.contains(&other) {
                service.aliases.push(other);
            }
        }
        reading.services.push(service);
    }
}

/// What part the tasks of a job play.
fn process(job: &Node) -> Process {
    if job.get("periodic").is_some() {
        return Process::Scheduled;
    }
    let batch = matches!(text(job, "type").as_deref(), Some("batch" | "sysbatch"));
    if batch || job.get("parameterized").is_some() { Process::Admin } else { Process::Service }
}

/// Does a task end before, beside or after the main ones? One with `sidecar` runs as long as they do.
fn ends(task: &Node) -> bool {
    let lifecycle = each(task, &["lifecycle"]);
    lifecycle.first().is_some_and(|l| text(l, "sidecar").as_deref() != Some("true"))
}

fn service(task: &Node, group: Option<&Node>, main: bool) -> Service {
    let label = task.get("label");
    let at = label.map_or(&task.at, |n| &n.at).clone();
    let mut service = Service::new(label.and_then(Node::text).unwrap_or("task"), at, Provider::Container);
    let config = each(task, &["config"]).first().map(|n| plain(n));
    if let Some(config) = &config {
        service.software = config.get("image").and_then(declared::software);
        service.command = command(config);
    }
    service.environ = environ(task);
    service.stop_grace = task.get("kill_timeout").map(plain).map(|n| {
        let seconds = n.text().and_then(declared::seconds).map(Value::Known);
        Fact { value: seconds.unwrap_or_else(|| Value::Unknown("the time to stop is no duration that is known".into())), at: n.at }
    });
    service.ports = ports(group, config.as_ref(), main);
    // A service of the group is that of its main task, unless it names another.
    let of_group = group.map(|g| each(g, &["service"])).unwrap_or_default();
    let mine = |s: &&&Node| text(s, "task").map_or(main, |t| t == service.name);
    let registered: Vec<&Node> = each(task, &["service"]).into_iter().chain(of_group.iter().filter(mine).copied()).collect();
    service.probe = registered.iter().find_map(|s| each(s, &["check"]).first().map(|c| c.at.clone()));
    for name in registered.iter().filter_map(|s| text(s, "name")) {
        if name != service.name && !service.aliases.contains(&name) {
            service.aliases.push(name);
        }
    }
    service
}

/// `command` with `args`, as the drivers of containers have them.
fn command(config: &Node) -> Option<Fact<String>> {
    let parts: Vec<&Node> = ["entrypoint", "command", "args"].iter().filter_map(|k| config.get(k)).collect();
    let words: Vec<String> = parts.iter().filter_map(|n| declared::command(n)).filter_map(|c| c.value.known().cloned()).collect();
    (!words.is_empty()).then(|| parts.first().map(|n| Fact::known(words.join(" "), n.at.clone())))?
}

/// The ports inside the container: those of the group's network that the task takes, all for a task alone.
fn ports(group: Option<&Node>, config: Option<&Node>, main: bool) -> Vec<Fact<u16>> {
    let taken = config.and_then(|c| c.get("ports"));
    let named = |label: Option<&str>| taken.is_some_and(|t| t.items().iter().any(|n| n.text() == label));
    let networks = group.map(|g| each(g, &["network"])).unwrap_or_default();
    let all = networks.iter().flat_map(|n| each(n, &["port"]));
    let mine = all.filter(|p| named(p.text_at(&["label"])) || taken.is_none() && main);
    mine.filter_map(|p| p.get("to").or_else(|| p.get("static")).map(plain)).filter_map(|n| declared::port(&n)).collect()
}
