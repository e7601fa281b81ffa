//! CloudFormation and SAM templates, also those that CDK writes → the managed services, tasks and functions they make.
//!
//! Source: the template and resource reference (docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide) and the schemas of
//! its resource types. Parameters have their defaults unless a file of parameters is given (`--var-file`).

use std::collections::BTreeMap;

use crate::document::{Node, yaml};
use crate::report::Problem;
use crate::workspace::{Workspace, file_name, join, parent};

use super::{Claim, Format, Gives, Manifest, ReadContext, Reading, Side, declared};

mod backing;
mod functions;
mod parameters;
mod resolve;
mod workloads;

use resolve::{Resolver, Stands};

/// The format.
#[derive(Debug)]
pub struct CloudFormation;

/// Beginnings of the resource types of which something is read; a template with none of them runs nothing.
const TYPES: [&str; 26] = [
    "AWS::AmazonMQ::",
    "AWS::AppRunner::Service",
    "AWS::Batch::JobDefinition",
    "AWS::Cassandra::",
    "AWS::CloudFormation::Stack",
    "AWS::DSQL::",
    "AWS::DocDB::",
    "AWS::DocDBElastic::",
    "AWS::DynamoDB::",
    "AWS::ECS::TaskDefinition",
    "AWS::ElastiCache::",
    "AWS::ElasticBeanstalk::",
    "AWS::Elasticsearch::",
    "AWS::Lambda::Function",
    "AWS::Lightsail::",
    "AWS::MSK::",
    "AWS::MemoryDB::",
    "AWS::Neptune::",
    "AWS::OpenSearchService::",
    "AWS::RDS::",
    "AWS::Redshift::",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::Serverless::",
    "AWS::Timestream::",
];

/// Deepest chain of nested stacks.
const NESTED: usize = 8;

impl Format for CloudFormation {
    fn id(&self) -> &'static str {
        "cloudformation"
    }

    fn name(&self) -> &'static str {
        "AWS CloudFormation"
    }

    fn deploys(&self) -> bool {
        true
    }

    fn gives(&self) -> Gives {
        Gives {
            versions: "`EngineVersion` of RDS, ElastiCache, OpenSearch, MQ and others; images of task definitions; Lambda runtimes",
            env: "`Environment`, `Secrets` of tasks and functions",
            processes: "services and tasks",
            unknown: "parameters without a default; imports of other stacks; what the account decides",
        }
    }

    fn may_claim(&self, path: &str) -> bool {
        let ending = file_name(path).rsplit('.').next().unwrap_or("");
        // What `sam build` writes is a copy.
        matches!(ending, "yaml" | "yml" | "json" | "template") && !path.contains(".aws-sam/")
    }

    fn claims(&self, path: &str, head: &str) -> Claim {
        // Resources at the top level: Serverless and others hold some deeper.
        let yaml = head.lines().any(|l| l.starts_with("Resources:"));
        let json = head.contains("\"Resources\"") && head.trim_start().starts_with('{');
        if (yaml || json) && TYPES.iter().any(|t| head.contains(t)) && !head.contains("apiVersion:") {
            Claim::Yes { manifest: path.to_owned(), side: Side::Prod }
        } else {
            Claim::No
        }
    }

    fn parts(&self, path: &str, workspace: &dyn Workspace) -> Vec<String> {
        let Ok(source) = workspace.read(path) else { return Vec::new() };
        if !source.text().contains("AWS::CloudFormation::Stack") && !source.text().contains("AWS::Serverless::Application") {
            return Vec::new();
        }
        let documents = yaml::read(&source);
        let resources = documents.documents.first().and_then(|d| d.root.get("Resources")).map(Node::entries).unwrap_or_default();
        resources.iter().filter_map(|r| nested(path, r.value.get("Properties")?)).filter(|p| workspace.is_file(p)).collect()
    }

    fn read(&self, manifest: &Manifest, cx: &ReadContext<'_>) -> Reading {
        let mut reading = declared::reading("aws");
        for path in &manifest.paths {
            let Some((root, _)) = declared::root(path, cx, &mut reading) else { continue };
            if root.get("Resources").is_none() {
                let message = format!("`{path}` has no `Resources`, so it is no template of CloudFormation");
                reading.problems.push(Problem::at(root.at.clone(), message));
                continue;
            }
            let given = parameters::given(path, cx, &mut reading);
            template(path, &root, &given, cx, &mut reading, 0);
        }
        reading
    }
}

/// Reads the resources of a template. `given` are its parameters' values from outside.
pub(super) fn template(path: &str, root: &Node, given: &BTreeMap<String, Node>, cx: &ReadContext<'_>, reading: &mut Reading, depth: usize) {
    let parameters = parameters::of(path, root, given, cx.environment, reading);
    let resolver = Resolver::new(root, parameters);
    let mut once = backing::Once::default();
    for entry in root.get("Resources").map(Node::entries).unwrap_or_default() {
        let Some(name) = entry.key.text() else { continue };
        let Some(kind) = entry.value.text_at(&["Type"]) else {
            reading.problems.extend(made_by_macro(name, entry));
            continue;
        };
        let conditional = match resolver.stands(&entry.value) {
            Stands::Yes => None,
            Stands::No(condition) => {
                reading.notes.push(format!("`{name}` of `{path}` is left out: its condition `{condition}` is false"));
                continue;
            }
            Stands::Perhaps(why) => Some(why),
        };
        let before = reading.services.len();
        if nested_kind(kind) {
            stack(path, &entry.value, &resolver, cx, reading, depth);
        } else {
            let resource = Resource { path, name, kind, entry, resolver: &resolver, root };
            backing::read(&resource, &mut once, reading);
            workloads::read(&resource, cx, reading);
        }
        for service in reading.services.iter_mut().skip(before) {
            service.conditional = service.conditional.take().or_else(|| conditional.clone());
        }
    }
    if resolver.is_spent() {
        let message = format!("`{path}` takes more than the limit of {} steps to resolve; the rest is not known", resolve::STEPS);
        reading.problems.push(Problem::at(root.at.part(0, 0), message));
    }
}

/// `Fn::ForEach::Name` and `Fn::Transform` in place of a resource (docs.aws.amazon.com: AWS::LanguageExtensions, AWS::Include).
fn made_by_macro(name: &str, entry: &crate::document::Entry) -> Option<Problem> {
    let message = format!("what `{name}` makes is known only to CloudFormation: its resources are not seen");
    name.starts_with("Fn::").then(|| Problem::at(entry.key.at.clone(), message).warning())
}

/// A node beside a template (Serverless has functions of its own) with what refers to the template resolved.
pub(super) fn resolved(template: &Node, node: &Node) -> Node {
    Resolver::new(template, BTreeMap::new()).resolve(node)
}

/// One resource of a template.
struct Resource<'t> {
    path: &'t str,
    /// Its logical id.
    name: &'t str,
    kind: &'t str,
    entry: &'t crate::document::Entry,
    resolver: &'t Resolver<'t>,
    root: &'t Node,
}

impl Resource<'_> {
    /// Its properties with all that can be resolved.
    fn properties(&self) -> Node {
        match self.entry.value.get("Properties") {
            Some(properties) => self.resolver.resolve(properties),
            None => Node { content: crate::document::Content::Empty, at: self.entry.value.at.clone(), tag: None },
        }
    }
}

fn nested_kind(kind: &str) -> bool {
    matches!(kind, "AWS::CloudFormation::Stack" | "AWS::Serverless::Application")
}

/// The file of a nested stack, where it lies in the repository.
fn nested(path: &str, properties: &Node) -> Option<String> {
    let url = properties.get("TemplateURL").or_else(|| properties.get("Location"))?;
    let text = url.text().filter(|t| url.tag.is_none() && !t.contains("://") && !t.contains("${"))?;
    join(parent(path), text)
}

/// A nested stack: its template with the parameters that it is given.
fn stack(path: &str, resource: &Node, resolver: &Resolver<'_>, cx: &ReadContext<'_>, reading: &mut Reading, depth: usize) {
    let Some(properties) = resource.get("Properties") else { return };
    let file = nested(path, properties).filter(|f| cx.workspace.is_file(f));
    if file.is_some() && depth >= NESTED {
        let message = format!("stacks are nested deeper than the limit of {NESTED}; what this one makes is not known");
        reading.problems.push(Problem::at(properties.at.clone(), message));
        return;
    }
    let Some(file) = file else {
        let message = "the template of a nested stack is not in the repository; what it makes is not known";
        reading.problems.push(Problem::at(properties.at.clone(), message).info());
        return;
    };
    let Some((root, _)) = declared::root(&file, cx, reading) else { return };
    let given = properties.get("Parameters").map(|p| resolver.resolve(p));
    let given = given.iter().flat_map(Node::entries).filter_map(|e| Some((e.key.text()?.to_owned(), e.value.clone()))).collect();
    template(&file, &root, &given, cx, reading, depth + 1);
}

#[cfg(test)]
mod tests;
