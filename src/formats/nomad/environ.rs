//! `env` and `template` blocks of a task → its environment.

use super::jobspec::{dotenv, each, plain};
use crate::document::{Content, Node};
use crate::formats::declared;
use crate::inventory::{EnvSource, Environ};

/// The environment of a task. Later blocks win; the keys of templates win over those of `env`
/// (developer.hashicorp.com/nomad: env block, template block).
pub(super) fn environ(task: &Node) -> Environ {
    let mut out = Environ::default();
    for block in each(task, &["env"]) {
        declared::settings(&mut out, &plain(block), EnvSource::Env);
    }
    if let Some(node) = task.get("env")
        && let Content::Expression(why) = &node.content
    {
        declared::unlisted(&mut out, why.as_ref(), &node.at);
    }
    for block in each(task, &["template"]) {
        template(block, &mut out);
    }
    out
}

/// A `template` that is read as variables.
fn template(block: &Node, out: &mut Environ) {
    if let Content::Expression(why) = &block.content {
        return declared::unlisted(out, why.as_ref(), &block.at);
    }
    let Some(asked) = block.get("env").map(plain) else { return };
    if asked.text() == Some("false") {
        return;
    }
    let Some(data) = block.get("data") else {
        let at = block.get("source").map_or(&block.at, |n| &n.at);
        return declared::unlisted(out, "a template of variables is on the node, not in the job", at);
    };
    match dotenv(data) {
        Ok(variables) => {
            let secret = data.at.text().contains("secret");
            declared::settings(out, &variables, if secret { EnvSource::Secret } else { EnvSource::Environment });
        }
        Err(why) => declared::unlisted(out, format!("a template of variables is not known: {why}"), &data.at),
    }
}
