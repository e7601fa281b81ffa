//! The merged tree of a project → its services.

use std::collections::BTreeMap;

use super::interpolate::resolve;
use crate::document::{Content, Documents, Entry, Node, Style, dockerfile, dotenv};
use crate::formats::{ReadContext, Reading};
use crate::inventory::{Build, EnvSource, EnvValue, EnvVar, Environ, Fact, ImageRef, Provider, Service, Software, UnlistedKeys};
use crate::report::Problem;
use crate::source::Location;
use crate::workspace::{join, parent};

/// What services are read with.
pub(super) struct Reader<'r> {
    pub(super) dir: &'r str,
    pub(super) files: &'r [String],
    pub(super) env: &'r BTreeMap<String, String>,
    pub(super) comments: &'r [Documents],
    pub(super) cx: &'r ReadContext<'r>,
    pub(super) reading: &'r mut Reading,
}

impl Reader<'_> {
    /// Every service of the project.
    pub(super) fn services(&mut self, tree: &Node) {
        let Some(services) = tree.get("services") else { return };
        if !services.is_mapping() && !services.is_null() {
            self.reading.problems.push(Problem::at(services.at.clone(), "`services` is not a mapping"));
        }
        for entry in services.entries() {
            let Some(name) = entry.key.text() else { continue };
            if !entry.value.is_mapping() {
                self.reading.problems.push(Problem::at(entry.key.at.clone(), format!("the service `{name}` is not a mapping")));
                continue;
            }
            let service = self.service(name, entry);
            let wanted = &self.cx.options.profiles;
            let on = service.profiles.is_empty() || wanted.is_empty() || wanted.iter().any(|w| w == "*" || service.profiles.contains(w));
            if on {
                self.reading.services.push(service);
            }
        }
    }

    /// The folder against which a path written at a node is resolved: that of the project, or of the included file.
    fn base<'n>(&'n self, node: &'n Node) -> &'n str {
        if self.files.iter().any(|f| f == node.at.path()) { self.dir } else { parent(node.at.path()) }
    }

    fn text(&self, node: &Node) -> Result<String, String> {
        let text = node.text().ok_or("it is not a scalar")?;
        resolve(text, &|n| self.env.get(n).cloned())
    }

    fn service(&mut self, name: &str, entry: &Entry) -> Service {
        let node = &entry.value;
        let mut service = Service::new(name, entry.key.at.clone(), Provider::Container);
        for key in ["container_name", "hostname"] {
            service.aliases.extend(node.get(key).and_then(|n| self.text(n).ok()));
        }
        if let Some(image) = node.get("image").filter(|n| !n.is_null()) {
            let value = self.text(image).and_then(|t| ImageRef::parse(&t).map_err(|e| e.to_string()));
            service.software = Some(match value {
                Ok(image_ref) => Fact::known(Software::of_image(&image_ref), image.at.clone()),
                Err(why) => Fact::unknown(why, image.at.clone()),
            });
            if image.text().is_some_and(|t| self.falls_back(t).1) {
                service.fallbacks.push(("image".to_owned(), image.at.clone()));
            }
            let near = self.comments.iter().find_map(|d| d.comment_near(&image.at).filter(|c| c.at.path() == image.at.path()));
            service.comment = near.map(|c| (c.text.to_string(), c.at.clone()));
        }
        service.build = node.get("build").filter(|n| !n.is_null()).map(|build| self.build(build, &mut service.ports));
        if service.software.is_none() && service.build.is_none() && node.get("provider").is_none() {
            self.reading.problems.push(Problem::at(entry.key.at.clone(), format!("the service `{name}` has neither `image` nor `build`")));
        }
        service.environ = self.environ(node, &mut service.fallbacks);
        for key in ["ports", "expose"] {
            for port in node.get(key).map(Node::items).unwrap_or_default() {
                let inner = port.get("target").unwrap_or(port);
                let text = self.text(inner).unwrap_or_default();
                let number = text.rsplit(':').next().unwrap_or("").split(['/', '-']).next().unwrap_or("").parse().ok();
                service.ports.extend(number.map(|p| Fact::known(p, inner.at.clone())));
            }
        }
        service.platform = node.get("platform").and_then(|n| Some(Fact::known(self.text(n).ok()?, n.at.clone())));
        service.probe = node.entry("healthcheck").map(|e| e.key.at.clone());
        service.profiles =
            node.get("profiles").map(Node::items).unwrap_or_default().iter().filter_map(Node::text).map(str::to_owned).collect();
        let command = node.get("command").or_else(|| node.get("entrypoint"));
        service.command = command.map(|c| {
            let words: Vec<&str> =
                if c.is_sequence() { c.items().iter().filter_map(Node::text).collect() } else { c.text().into_iter().collect() };
            Fact::known(words.join(" "), c.at.clone())
        });
        for key in ["depends_on", "links"] {
            let Some(list) = node.get(key) else { continue };
            service.needs.extend(list.items().iter().filter_map(Node::text).map(|t| t.split(':').next().unwrap_or(t).to_owned()));
            service.needs.extend(list.entries().iter().filter_map(|e| e.key.text().map(str::to_owned)));
        }
        if let Some(labels) = node.get("labels") {
            service
                .labels
                .extend(labels.items().iter().filter_map(|n| n.text()?.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())));
            service
                .labels
                .extend(labels.entries().iter().filter_map(|e| Some((e.key.text()?.to_owned(), e.value.text().unwrap_or("").to_owned()))));
        }
        service
    }

    fn build(&mut self, node: &Node, ports: &mut Vec<Fact<u16>>) -> Build {
        let part = |key: &str| node.get(key).and_then(|n| self.text(n).ok());
        let base = self.base(node).to_owned();
        let context = if node.is_mapping() { part("context").unwrap_or_else(|| ".".into()) } else { self.text(node).unwrap_or_default() };
        let context = join(&base, &context);
        let file = part("dockerfile").unwrap_or_else(|| "Dockerfile".into());
        let dockerfile = context.as_ref().and_then(|c| join(c, &file));
        let target = part("target");
        let mut arguments: BTreeMap<String, String> = BTreeMap::new();
        if let Some(args) = node.get("args") {
            let listed = args.items().iter().filter_map(|n| self.text(n).ok()?.split_once('=').map(|(k, v)| (k.to_owned(), v.to_owned())));
            arguments.extend(listed);
            arguments.extend(args.entries().iter().filter_map(|e| Some((e.key.text()?.to_owned(), self.text(&e.value).ok()?))));
        }
        let mut build = Build { context, dockerfile, target, base: None, env: Vec::new(), at: node.at.clone() };
        let Some(path) = build.dockerfile.clone().filter(|_| node.get("dockerfile_inline").is_none()) else { return build };
        match self.cx.workspace.read(&path) {
            Ok(source) => {
                let built = dockerfile::read(&source, build.target.as_deref(), &arguments);
                build.base = built.base;
                build.env = built.env;
                ports.extend(built.ports);
            }
            Err(problem) => self.reading.problems.push(problem.warning()),
        }
        build
    }

    fn environ(&mut self, node: &Node, fallbacks: &mut Vec<(String, Location)>) -> Environ {
        let mut out = Environ::default();
        let mut files: BTreeMap<String, String> = self.env.clone();
        let listed = node.get("env_file").map(|n| if n.is_sequence() { n.items().to_vec() } else { vec![n.clone()] }).unwrap_or_default();
        for item in listed {
            self.env_file(&item, &mut files, &mut out);
        }
        let Some(environment) = node.get("environment") else { return out };
        for item in environment.items() {
            let Some(text) = item.text() else { continue };
            let key = text.split('=').next().unwrap_or(text);
            let value = match text.split_once('=') {
                Some((_, raw)) => self.value(raw),
                None => self.env.get(key).map_or(EnvValue::Unset, |v| EnvValue::set(v)),
            };
            let quote = usize::from(item.at.text().starts_with(['"', '\'']));
            let mut var = EnvVar::new(key, item.at.part(quote, key.len() + quote), value, EnvSource::Environment);
            let (by_default, differs) = self.falls_back(text);
            var.by_default = by_default;
            fallbacks.extend(differs.then(|| (var.key.clone(), var.at.clone())));
            out.set(var);
        }
        for entry in environment.entries() {
            let Some(key) = entry.key.text() else { continue };
            let value = match &entry.value.content {
                _ if entry.value.is_null() => self.env.get(key).map_or(EnvValue::Unset, |v| EnvValue::set(v)),
                Content::Scalar(text, Style::Plain) => self.value(&plain(text)),
                Content::Scalar(text, _) => self.value(text),
                _ => EnvValue::Unknown("the value is not a scalar".into()),
            };
            let mut var = EnvVar::new(key, entry.key.at.clone(), value, EnvSource::Environment);
            let (by_default, differs) = entry.value.text().map_or((false, false), |t| self.falls_back(t));
            var.by_default = by_default;
            fallbacks.extend(differs.then(|| (var.key.clone(), var.at.clone())));
            out.set(var);
        }
        out
    }

    /// Does a text say what its default says, and does it say something else than its default, where it has one?
    fn falls_back(&self, text: &str) -> (bool, bool) {
        if !text.contains("${") {
            return (false, false);
        }
        let alone = resolve(text, &|_| None);
        match (resolve(text, &|n| self.env.get(n).cloned()), alone) {
            (Ok(value), Ok(alone)) => (value == alone, value != alone && text.contains('-') && !alone.is_empty()),
            _ => (false, false),
        }
    }

    fn value(&self, raw: &str) -> EnvValue {
        match resolve(raw, &|n| self.env.get(n).cloned()) {
            Ok(value) => EnvValue::set(&value),
            Err(why) => EnvValue::Unknown(why),
        }
    }

    fn env_file(&mut self, item: &Node, vars: &mut BTreeMap<String, String>, out: &mut Environ) {
        let node = item.get("path").unwrap_or(item);
        let required = item.text_at(&["required"]) != Some("false");
        let raw = item.text_at(&["format"]) == Some("raw");
        let path = self.text(node).ok().and_then(|t| join(self.base(node), &t));
        let source = path
            .as_ref()
            .ok_or_else(|| Problem::at(node.at.clone(), "`env_file` names a file outside the root"))
            .and_then(|p| self.cx.workspace.read(p));
        let source = match source {
            Ok(source) => source,
            Err(problem) => {
                // A dotenv file is often kept out of the repository: its keys cannot be listed.
                let why = problem.message.clone();
                if required {
                    let problem = Problem { at: Some(node.at.clone()), ..problem };
                    self.reading.problems.push(problem.warning());
                }
                out.unlisted.push(UnlistedKeys { why, at: node.at.clone(), prefix: String::new() });
                return;
            }
        };
        for entry in dotenv::read(&source).0 {
            let value = match entry.value {
                Some((text, expand)) if expand && !raw => {
                    resolve(&text, &|n| vars.get(n).cloned().or_else(|| Some(String::new()))).unwrap_or(text)
                }
                Some((text, _)) => text,
                None => match self.env.get(&entry.key) {
                    Some(value) => value.clone(),
                    None => continue,
                },
            };
            vars.insert(entry.key.clone(), value.clone());
            out.set(EnvVar::new(entry.key, entry.at, EnvValue::set(&value), EnvSource::EnvFile));
        }
    }
}

/// What Compose hands to the container for an unquoted scalar of a mapping (go-yaml's numbers: `1.10` is `1.1`).
fn plain(text: &str) -> String {
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if digits(text)
        && text.len() > 1
        && text.starts_with('0')
        && let Ok(n) = i64::from_str_radix(text, 8)
    {
        return n.to_string();
    }
    if let Some((a, b)) = text.split_once('.')
        && digits(a)
        && digits(b)
    {
        let b = b.trim_end_matches('0');
        return if b.is_empty() { a.to_owned() } else { format!("{a}.{b}") };
    }
    text.to_owned()
}
