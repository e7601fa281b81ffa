//! Resources that run the app: tasks, functions, container and web apps → workloads with their environment.

use super::document;
use super::resource::{Resource, dig, each};
use super::runtime;
use super::value::{as_text, is_null, map, settled, text};
use crate::document::{Entry, Node};
use crate::formats::{Reading, declared, ecs};
use crate::inventory::{EnvSource, EnvValue, EnvVar, Environ, Fact, Process, Provider, Runtime, Service, Value};
use crate::report::Problem;

/// How a type of resource runs the app.
enum Shape {
    /// JSON of container definitions under an argument.
    Task(&'static str),
    /// Blocks of containers at a path.
    Containers(&'static [&'static str], Process),
    /// A function: its runtime, its image, mappings of variables, mappings or blocks of secrets.
    Function {
        runtime: &'static [&'static str],
        image: &'static [&'static str],
        env: &'static [&'static [&'static str]],
        secrets: &'static [&'static [&'static str]],
    },
    /// App Service of Azure.
    WebApp,
    /// Elastic Beanstalk.
    Beanstalk,
    /// A container of Docker's provider.
    Docker,
}
use Shape::{Containers, Function, Task};

const SERVICE: Process = Process::Service;
const ADMIN: Process = Process::Admin;

static SHAPES: &[(&str, Shape)] = &[
    ("aws_ecs_task_definition", Task("container_definitions")),
    ("aws_batch_job_definition", Task("container_properties")),
    ("aws_lambda_function", Function { runtime: &["runtime"], image: &["image_uri"], env: &[&["environment", "variables"]], secrets: &[] }),
    (
        "aws_apprunner_service",
        Function {
            runtime: &["source_configuration", "code_repository", "code_configuration", "code_configuration_values", "runtime"],
            image: &["source_configuration", "image_repository", "image_identifier"],
            env: &[
                &["source_configuration", "image_repository", "image_configuration", "runtime_environment_variables"],
                &[
                    "source_configuration",
                    "code_repository",
                    "code_configuration",
                    "code_configuration_values",
                    "runtime_environment_variables",
                ],
            ],
            secrets: &[
                &["source_configuration", "image_repository", "image_configuration", "runtime_environment_secrets"],
                &[
                    "source_configuration",
                    "code_repository",
                    "code_configuration",
                    "code_configuration_values",
                    "runtime_environment_secrets",
                ],
            ],
        },
    ),
    ("aws_lightsail_container_service_deployment_version", Containers(&["container"], SERVICE)),
    ("aws_elastic_beanstalk_environment", Shape::Beanstalk),
    ("google_cloud_run_service", Containers(&["template", "spec", "containers"], SERVICE)),
    ("google_cloud_run_v2_service", Containers(&["template", "containers"], SERVICE)),
    ("google_cloud_run_v2_worker_pool", Containers(&["template", "containers"], SERVICE)),
    ("google_cloud_run_v2_job", Containers(&["template", "template", "containers"], ADMIN)),
    (
        "google_cloudfunctions2_function",
        Function {
            runtime: &["build_config", "runtime"],
            image: &[],
            env: &[&["service_config", "environment_variables"]],
            secrets: &[&["service_config", "secret_environment_variables"]],
        },
    ),
    (
        "google_cloudfunctions_function",
        Function { runtime: &["runtime"], image: &[], env: &[&["environment_variables"]], secrets: &[&["secret_environment_variables"]] },
    ),
    ("google_app_engine_standard_app_version", Function { runtime: &["runtime"], image: &[], env: &[&["env_variables"]], secrets: &[] }),
    (
        "google_app_engine_flexible_app_version",
        Function { runtime: &["runtime"], image: &["deployment", "container", "image"], env: &[&["env_variables"]], secrets: &[] },
    ),
    ("azurerm_container_app", Containers(&["template", "container"], SERVICE)),
    ("azurerm_container_app_job", Containers(&["template", "container"], ADMIN)),
    ("azurerm_container_group", Containers(&["container"], SERVICE)),
    ("azurerm_linux_web_app", Shape::WebApp),
    ("azurerm_windows_web_app", Shape::WebApp),
    ("azurerm_linux_function_app", Shape::WebApp),
    ("azurerm_windows_function_app", Shape::WebApp),
    ("azurerm_app_service", Shape::WebApp),
    ("azurerm_function_app", Shape::WebApp),
    ("docker_container", Shape::Docker),
];

fn shape(kind: &str) -> Option<&'static Shape> {
    SHAPES.iter().find(|(k, _)| *k == kind).map(|(_, shape)| shape)
}

/// Is it a type that runs the app?
pub(super) fn knows(kind: &str) -> bool {
    shape(kind).is_some()
}

/// The workloads of a resource.
pub(super) fn services(resource: &Resource, reading: &mut Reading) {
    let Some(shape) = shape(&resource.kind) else { return };
    let first = reading.services.len();
    match shape {
        Task(argument) => task(resource, argument, reading),
        Containers(path, process) => {
            for node in each(&resource.body, path) {
                let mut service = container(resource, node);
                service.process = *process;
                reading.services.push(service);
            }
        }
        Function { runtime, image, env, secrets } => function(resource, (runtime, image, env, secrets), reading),
        Shape::WebApp => web_app(resource, reading),
        Shape::Beanstalk => beanstalk(resource, reading),
        Shape::Docker => docker(resource, reading),
    }
    for service in reading.services.iter_mut().skip(first) {
        service.conditional.clone_from(&resource.conditional);
    }
}

/// The containers of a task definition.
fn task(resource: &Resource, argument: &str, reading: &mut Reading) {
    let Some(node) = resource.get(&[argument]) else { return };
    let list = match document::read(node) {
        Ok(list) => settled(list),
        Err(why) => {
            reading
                .problems
                .push(Problem::at(node.at.clone(), format!("the containers of `{}` are not known: {why}", resource.name())).warning());
            return;
        }
    };
    containers(resource, &list, reading);
}

/// Container definitions as ECS has them, of a resource or of a module.
pub(super) fn containers(resource: &Resource, list: &Node, reading: &mut Reading) {
    let mut entries = Vec::new();
    for (argument, key) in [("family", "family"), ("runtime_platform", "runtimePlatform")] {
        if let Some(node) = dig(&resource.body, &[argument]) {
            let node = node.items().first().unwrap_or(node);
            entries.push(Entry { key: text(key, &node.at), value: settled(node.clone()) });
        }
    }
    let first = reading.services.len();
    ecs::container_definitions(list, Some(&map(entries, &resource.at)), reading);
    let made = reading.services.len() - first;
    for service in reading.services.iter_mut().skip(first) {
        let unnamed = service.name == "container";
        if unnamed {
            service.name = resource.name();
        }
        // The task's own names, where the task is one container.
        if made == 1 {
            let names = resource.aliases().into_iter().chain([resource.name()]);
            let new: Vec<String> = names.filter(|n| *n != service.name && !service.aliases.contains(n)).collect();
            service.aliases.extend(new);
        }
        service.conditional.clone_from(&resource.conditional);
    }
}

/// A workload named after its resource.
fn app(resource: &Resource, named: Option<&Node>) -> Service {
    let mut service = Service::new(resource.name(), resource.at.clone(), Provider::Container);
    service.aliases = resource.aliases();
    service.aliases.extend(named.and_then(|n| as_text(n).ok()).filter(|n| *n != service.name));
    service
}

/// One block of a container of Cloud Run, Container Apps and their like.
fn container(resource: &Resource, node: &Node) -> Service {
    let node = &settled(node.clone());
    let name = node.get("name").or_else(|| node.get("container_name"));
    let mut service = app(resource, name);
    service.software = node.get("image").and_then(declared::software);
    service.command = node.get("command").or_else(|| node.get("args")).and_then(declared::command);
    for port in [&["ports", "container_port"][..], &["ports", "port"]] {
        service.ports.extend(dig(node, port).and_then(declared::port));
    }
    // Lightsail writes them as keys: `ports = { 8080 = "HTTP" }`.
    service.ports.extend(node.get("ports").map(Node::entries).unwrap_or_default().iter().filter_map(|e| declared::port(&e.key)));
    let probes = ["liveness_probe", "readiness_probe", "startup_probe"];
    service.probe = probes.iter().find_map(|p| node.entry(p)).map(|e| e.key.at.clone());
    for entry in each(node, &["env"]) {
        variable(&mut service.environ, entry);
    }
    for key in ["environment", "environment_variables"] {
        if let Some(node) = node.get(key) {
            declared::settings(&mut service.environ, node, EnvSource::Environment);
        }
    }
    if let Some(node) = node.get("secure_environment_variables") {
        declared::settings(&mut service.environ, node, EnvSource::Secret);
    }
    service
}

/// `env { name, value }`, or with a reference to a secret.
fn variable(environ: &mut Environ, entry: &Node) {
    let Some(name) = entry.get("name").or_else(|| entry.get("key")) else {
        if let Some(why) = super::value::why(entry) {
            declared::unlisted(environ, why.as_ref(), &entry.at);
        }
        return;
    };
    let Some(key) = name.text() else { return declared::unlisted(environ, "the name of a variable is not known", &name.at) };
    let secret = ["value_source", "value_from", "secret_name", "secret"].iter().find_map(|k| entry.get(k)).filter(|n| !is_null(n));
    let (value, source) = match (entry.get("value").filter(|n| !is_null(n)), secret) {
        (_, Some(node)) => {
            let named = [&["secret_key_ref", "secret"][..], &["secret_key_ref", "name"]];
            let name = node.text().or_else(|| named.iter().find_map(|p| dig(node, p)?.text()));
            (EnvValue::Elsewhere(name.map_or_else(|| "a secret".to_owned(), |n| format!("the secret `{n}`"))), EnvSource::Secret)
        }
        (Some(value), None) => (declared::setting(value), EnvSource::Env),
        (None, None) if entry.text_at(&["type"]) == Some("SECRET") => (EnvValue::Elsewhere("a secret".into()), EnvSource::Secret),
        (None, None) => (EnvValue::Empty, EnvSource::Env),
    };
    environ.set(EnvVar::new(key, name.at.clone(), value, source));
}

type Paths = (&'static [&'static str], &'static [&'static str], &'static [&'static [&'static str]], &'static [&'static [&'static str]]);

/// A function or a single image with mappings of variables; also of a module (`terraform-aws-modules/lambda`).
pub(super) fn function(resource: &Resource, (runtime, image, env, secrets): Paths, reading: &mut Reading) {
    let named = ["function_name", "name", "service_name", "service"].iter().find_map(|n| resource.get(&[n]));
    let mut service = app(resource, named);
    let written =
        |path: &[&str]| (!path.is_empty()).then(|| resource.get(path)).flatten().filter(|n| !is_null(n)).map(|n| settled(n.clone()));
    service.software = written(image).as_ref().and_then(declared::software);
    for path in env {
        if let Some(node) = written(path) {
            declared::settings(&mut service.environ, &node, EnvSource::Environment);
        }
    }
    for path in secrets {
        let Some(node) = written(path) else { continue };
        declared::settings(&mut service.environ, &node, EnvSource::Secret);
        for block in node.items() {
            let Some(key) = block.get("key") else { continue };
            let value = EnvValue::Elsewhere("a secret".into());
            service.environ.set(EnvVar::new(key.text().unwrap_or_default(), key.at.clone(), value, EnvSource::Secret));
        }
    }
    if let Some(node) = written(runtime)
        && let Some(software) = runtime::read(&node)
    {
        reading.runtimes.push(Runtime { software, service: Some(service.name.clone()), unit: String::new() });
    }
    reading.services.push(service);
}

/// App Service: `app_settings` are its variables, `application_stack` its image or runtime.
fn web_app(resource: &Resource, reading: &mut Reading) {
    let mut service = app(resource, resource.get(&["name"]));
    if let Some(node) = resource.get(&["app_settings"]) {
        declared::settings(&mut service.environ, &settled(node.clone()), EnvSource::Environment);
    }
    if let Some(stack) = resource.get(&["site_config", "application_stack"]) {
        let stack = settled(stack.items().first().unwrap_or(stack).clone());
        let named = ["docker_image_name", "docker_image", "docker"].iter().find_map(|k| stack.get(k)).filter(|n| !is_null(n));
        service.software = named.and_then(|n| {
            let node = match (n.text(), stack.text_at(&["docker_image_tag"])) {
                (Some(image), Some(tag)) if !image.contains(':') => text(format!("{image}:{tag}"), &n.at),
                _ => n.items().first().and_then(|d| d.get("image_name")).unwrap_or(n).clone(),
            };
            declared::software(&node)
        });
        for entry in stack.entries() {
            let language = entry.key.text().and_then(|k| k.strip_suffix("_version"));
            if let Some(software) = language.and_then(|l| runtime::stack(l, &entry.value)) {
                reading.runtimes.push(Runtime { software, service: Some(service.name.clone()), unit: String::new() });
            }
        }
    }
    // The older form: `DOCKER|acme/shop:1.2`, `NODE|20-lts`.
    if let Some(node) = resource.get(&["site_config", "linux_fx_version"])
        && let Ok(version) = as_text(node)
        && let Some((what, rest)) = version.split_once('|')
    {
        if what.eq_ignore_ascii_case("docker") {
            service.software = declared::software(&text(rest, &node.at));
        } else if let Some(software) = runtime::stack(what, &text(rest, &node.at)) {
            reading.runtimes.push(Runtime { software, service: Some(service.name.clone()), unit: String::new() });
        }
    }
    reading.services.push(service);
}

/// Elastic Beanstalk: settings of one namespace are the app's variables.
fn beanstalk(resource: &Resource, reading: &mut Reading) {
    let mut service = app(resource, resource.get(&["name"]));
    for setting in each(&resource.body, &["setting"]) {
        if setting.text_at(&["namespace"]) == Some("aws:elasticbeanstalk:application:environment") {
            variable(&mut service.environ, &settled(setting.clone()));
        }
    }
    reading.services.push(service);
}

/// A container of Docker's provider: `env` is a set of `KEY=value`.
fn docker(resource: &Resource, reading: &mut Reading) {
    let mut service = app(resource, resource.get(&["name"]));
    let image = resource.get(&["image"]).map(|n| settled(n.clone()));
    service.software = image.as_ref().and_then(declared::software);
    if let (Some(Fact { value: Value::Unknown(_), .. }), Some(named)) = (&service.software, resource.get(&["image_name"])) {
        service.software = declared::software(&settled(named.clone()));
    }
    for item in each(&resource.body, &["env"]) {
        let item = &settled(item.clone());
        match item.text().and_then(|t| t.split_once('=')) {
            Some((key, value)) => {
                service.environ.set(EnvVar::new(key, item.at.clone(), EnvValue::set(value), EnvSource::Env));
            }
            None => declared::unlisted(&mut service.environ, "a variable is not known", &item.at),
        }
    }
    reading.services.push(service);
}
