//! `build` of a service → how its image is built, and through the Dockerfile what it starts from.

use std::collections::BTreeMap;

use super::service::{Reader, text};
use crate::document::{Content, Node, dockerfile};
use crate::formats::declared;
use crate::inventory::{Build, Fact};
use crate::report::Problem;
use crate::source::Source;
use crate::workspace::join;

impl Reader<'_> {
    /// Reads `build`; the ports that its Dockerfile exposes go to `ports`.
    pub(super) fn build(&mut self, node: &Node, ports: &mut Vec<Fact<u16>>) -> Build {
        let part = |key: &str| node.get(key).filter(|n| !n.is_null());
        let known = |key: &str| part(key).and_then(Node::text).map(str::to_owned);
        let mut build = Build {
            context: known("context"),
            dockerfile: None,
            target: known("target"),
            base: None,
            env: Default::default(),
            at: node.at.clone(),
        };
        // A stage whose name is not known is not the last one.
        if let Some(target) = part("target")
            && let Err(why) = text(target)
        {
            build.base = Some(Fact::unknown(why, target.at.clone()));
            return build;
        }
        let arguments: BTreeMap<String, Result<String, String>> = part("args")
            .map(Node::entries)
            .unwrap_or_default()
            .iter()
            .filter_map(|e| {
                let name = e.key.text()?.to_owned();
                let value = match &e.value.content {
                    Content::Expression(why) => Err(why.to_string()),
                    _ if e.value.is_null() => self.variables.get(&name)?,
                    _ => Ok(super::scalar::text_of(&e.value)?),
                };
                Some((name, value))
            })
            .collect();
        let source = if let Some(inline) = part("dockerfile_inline") {
            let Some(content) = inline.text() else { return build };
            // Places inside the inline text are the places of the text in the compose file.
            let own = Source::new(inline.at.path(), content);
            let mut built = dockerfile::read(&own, build.target.as_deref(), &arguments);
            let stopped = built.stopped.iter().map(|(_, why)| declared::not_understood(inline.at.path(), inline.at.clone(), why));
            self.problems.extend(stopped);
            let here = |at: &mut crate::source::Location| *at = inline.at.clone();
            built.base.iter_mut().for_each(|f| here(&mut f.at));
            built.env.iter_mut().for_each(|v| here(&mut v.at));
            built.ports.iter_mut().for_each(|f| here(&mut f.at));
            built
        } else {
            let file = match part("dockerfile").map_or(Ok("Dockerfile"), text) {
                Ok(file) => file,
                Err(why) => {
                    build.base = Some(Fact::unknown(why, node.at.clone()));
                    return build;
                }
            };
            let Some(context) = part("context").and_then(Node::text) else {
                if let Some(Content::Expression(why)) = part("context").map(|n| &n.content) {
                    build.base = Some(Fact::unknown(format!("the build context cannot be read: {why}"), node.at.clone()));
                }
                return build;
            };
            build.dockerfile = join(context, file);
            let Some(path) = build.dockerfile.clone() else {
                build.base = Some(Fact::unknown("the Dockerfile lies outside the root", node.at.clone()));
                return build;
            };
            match self.cx.workspace.read(&path) {
                Ok(source) => {
                    let built = dockerfile::read(&source, build.target.as_deref(), &arguments);
                    self.problems.extend(built.stopped.iter().map(|(at, why)| declared::not_understood(&path, at.clone(), why)));
                    built
                }
                Err(problem) => {
                    self.problems.push(Problem { at: problem.at.or_else(|| Some(node.at.clone())), ..problem }.warning());
                    return build;
                }
            }
        };
        build.base = source.base;
        build.env = source.env;
        ports.extend(source.ports);
        build
    }
}
