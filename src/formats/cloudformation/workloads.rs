//! A resource that runs the app (a task, a function, a service) → its image, runtime and environment.

use super::Resource;
use super::resolve::maker;
use crate::document::{Content, Node};
use crate::formats::ecs::{container_definitions, environment, secrets};
use crate::formats::{ReadContext, Reading, declared};
use crate::inventory::{Build, EnvSource, EnvValue, EnvVar, Process, Provider, Service};
use crate::workspace::{join, parent};

pub(super) fn read(resource: &Resource<'_>, cx: &ReadContext<'_>, reading: &mut Reading) {
    let before = reading.services.len();
    match resource.kind {
        "AWS::ECS::TaskDefinition" => {
            let properties = resource.properties();
            if let Some(list) = properties.get("ContainerDefinitions") {
                container_definitions(list, Some(&properties), reading);
            }
        }
        "AWS::Lambda::Function" | "AWS::Serverless::Function" => function(resource, cx, reading),
        "AWS::AppRunner::Service" => app_runner(resource, reading),
        "AWS::Lightsail::Container" => lightsail(resource, reading),
        "AWS::ElasticBeanstalk::Environment" | "AWS::ElasticBeanstalk::ConfigurationTemplate" => beanstalk(resource, reading),
        "AWS::Batch::JobDefinition" => {
            let properties = resource.properties();
            if let Some(container) = properties.get("ContainerProperties") {
                container_definitions(container, None, reading);
            }
            for service in reading.services.iter_mut().skip(before) {
                service.name = resource.name.to_owned();
                service.at = resource.entry.key.at.clone();
                service.process = Process::Admin;
            }
        }
        _ => {}
    }
    for service in reading.services.iter_mut().skip(before) {
        if service.name != resource.name {
            service.aliases.push(resource.name.to_owned());
        }
        refer(service);
    }
}

/// What a value takes from a resource is what the service needs.
fn refer(service: &mut Service) {
    for var in &mut service.environ.vars {
        let EnvValue::Elsewhere(what) = &var.value else { continue };
        let Some(name) = maker(what) else { continue };
        var.refers_to = Some(name.to_owned());
        if !service.needs.iter().any(|n| n == name) {
            service.needs.push(name.to_owned());
        }
    }
}

fn new(resource: &Resource<'_>, properties: &Node, name_key: &str) -> Service {
    let mut service = Service::new(resource.name, resource.entry.key.at.clone(), Provider::Managed);
    service.aliases.extend(properties.get(name_key).and_then(Node::text).map(str::to_owned));
    service
}

/// A function of Lambda, in SAM with what all functions share.
fn function(resource: &Resource<'_>, cx: &ReadContext<'_>, reading: &mut Reading) {
    let properties = resource.properties();
    let sam = resource.kind == "AWS::Serverless::Function";
    let globals = resource.root.path(&["Globals", "Function"]).filter(|_| sam).map(|n| resource.resolver.resolve(n));
    let get = |key: &str| properties.get(key).or_else(|| globals.as_ref()?.get(key));
    let mut service = new(resource, &properties, "FunctionName");
    for level in [globals.as_ref(), Some(&properties)].into_iter().flatten() {
        if let Some(variables) = level.path(&["Environment", "Variables"]) {
            declared::settings(&mut service.environ, variables, EnvSource::Environment);
        } else if let Some(Content::Expression(why)) = level.get("Environment").map(|n| &n.content) {
            declared::unlisted(&mut service.environ, why.as_ref(), &level.at);
        }
    }
    let image = properties.path(&["Code", "ImageUri"]).or_else(|| get("ImageUri"));
    service.software = image.and_then(declared::software);
    let metadata = resource.entry.value.get("Metadata").filter(|_| sam);
    if let Some(file) = metadata.and_then(|m| m.get("Dockerfile")) {
        let folder = metadata.and_then(|m| m.text_at(&["DockerContext"])).unwrap_or(".");
        let context = join(parent(resource.path), folder);
        let dockerfile = context.as_ref().and_then(|c| join(c, file.text()?));
        service.build = Some(Build { context, dockerfile, target: None, base: None, env: Default::default(), at: file.at.clone() });
        declared::built(&mut service, true, cx, reading);
    }
    let events = properties.get("Events").map(Node::entries).unwrap_or_default();
    let scheduled = |e: &Node| e.text_at(&["Type"]).is_some_and(|t| t.starts_with("Schedule"));
    if !events.is_empty() && events.iter().all(|e| scheduled(&e.value)) {
        service.process = Process::Scheduled;
    }
    let image_package = get("PackageType").and_then(Node::text) == Some("Image");
    if !image_package {
        let unit = get("CodeUri").and_then(Node::text).and_then(|u| join(parent(resource.path), u));
        declared::names_runtime(get("Runtime"), &service, unit.as_deref().unwrap_or(""), reading);
    }
    reading.services.push(service);
}

fn app_runner(resource: &Resource<'_>, reading: &mut Reading) {
    let properties = resource.properties();
    let mut service = new(resource, &properties, "ServiceName");
    let repository = properties.path(&["SourceConfiguration", "ImageRepository"]);
    service.software = repository.and_then(|r| r.get("ImageIdentifier")).and_then(declared::software);
    let values = ["SourceConfiguration", "CodeRepository", "CodeConfiguration", "CodeConfigurationValues"];
    let code = properties.path(&values);
    let configuration = repository.and_then(|r| r.get("ImageConfiguration")).or(code);
    environment(&mut service.environ, configuration.and_then(|c| c.get("RuntimeEnvironmentVariables")));
    secrets(&mut service.environ, configuration.and_then(|c| c.get("RuntimeEnvironmentSecrets")));
    service.ports.extend(configuration.and_then(|c| c.get("Port")).and_then(declared::port));
    let start = configuration.and_then(|c| c.get("StartCommand"));
    service.command = start.and_then(declared::command);
    if let Some(code) = properties.path(&["SourceConfiguration", "CodeRepository"]).filter(|_| code.is_none()) {
        declared::unlisted(&mut service.environ, "the environment is in `apprunner.yaml` of the source", &code.at);
    }
    declared::names_runtime(code.and_then(|c| c.get("Runtime")), &service, "", reading);
    reading.services.push(service);
}

/// The containers of a container service of Lightsail (docs.aws.amazon.com: `AWS::Lightsail::Container`).
fn lightsail(resource: &Resource<'_>, reading: &mut Reading) {
    let properties = resource.properties();
    let deployment = properties.path(&["ContainerServiceDeployment", "Containers"]).map(Node::items).unwrap_or_default();
    for container in deployment {
        let mut service = new(resource, &properties, "ServiceName");
        service.provider = Provider::Container;
        if let Some((name, text)) = container.get("ContainerName").and_then(|n| Some((n, n.text()?))) {
            text.clone_into(&mut service.name);
            service.at = name.at.clone();
        }
        service.software = container.get("Image").and_then(declared::software);
        service.command = container.get("Command").and_then(declared::command);
        for variable in container.get("Environment").map(Node::items).unwrap_or_default() {
            let Some((name, key)) = variable.get("Variable").and_then(|n| Some((n, n.text()?))) else {
                declared::unlisted(&mut service.environ, "the name of a variable is not known", &variable.at);
                continue;
            };
            let value = variable.get("Value").map_or(EnvValue::Empty, declared::setting);
            service.environ.set(EnvVar::new(key, name.at.clone(), value, EnvSource::Environment));
        }
        let ports = container.get("Ports").map(Node::items).unwrap_or_default();
        service.ports.extend(ports.iter().filter_map(|p| declared::port(p.get("Port")?)));
        reading.services.push(service);
    }
}

/// An environment of Elastic Beanstalk: settings by namespace.
fn beanstalk(resource: &Resource<'_>, reading: &mut Reading) {
    let properties = resource.properties();
    let mut service = new(resource, &properties, "EnvironmentName");
    if let Some(Node { content: Content::Expression(why), at, .. }) = properties.get("OptionSettings") {
        declared::unlisted(&mut service.environ, why.as_ref(), at);
    }
    for setting in properties.get("OptionSettings").map(Node::items).unwrap_or_default() {
        if setting.text_at(&["Namespace"]) != Some("aws:elasticbeanstalk:application:environment") {
            continue;
        }
        let Some((name, key)) = setting.get("OptionName").and_then(|n| Some((n, n.text()?))) else {
            declared::unlisted(&mut service.environ, "the name of a variable is not known", &setting.at);
            continue;
        };
        let value = setting.get("Value").map_or(EnvValue::Empty, declared::setting);
        service.environ.set(EnvVar::new(key, name.at.clone(), value, EnvSource::Environment));
    }
    reading.services.push(service);
}
