//! Values of a chart that is not here → the images and variables that they name, as far as names tell.

use super::backing;
use crate::catalogue;
use crate::formats::gotemplate::{Kind, Map, Text, Val};
use crate::inventory::{EnvSource, EnvValue, EnvVar, Environ, Fact, Provider, Service, Software, UnlistedKeys};
use crate::source::Location;

/// Deepest mapping that is looked into.
const DEPTH: usize = 8;
/// Keys under which charts take variables.
const ENV: [&str; 12] = [
    "env",
    "envs",
    "envVars",
    "extraEnv",
    "extraEnvs",
    "extraEnvVars",
    "environment",
    "environmentVariables",
    "extraEnvironment",
    "envVariables",
    "env_vars",
    "extraEnvironmentVariables",
];

/// The services that values speak of. `name` is what they are called where nothing closer says it.
pub(super) fn services(values: &Val, name: &str, chart: &str) -> Vec<Service> {
    let mut out = Vec::new();
    walk(values, name, chart, &mut out, DEPTH);
    out
}

fn walk(values: &Val, name: &str, chart: &str, out: &mut Vec<Service>, depth: usize) {
    let Some(map) = values.as_map().cloned() else { return };
    if depth == 0 || off(values) {
        return;
    }
    let map = map.borrow();
    let text = |key: &str| map.entries.get(key).and_then(|(_, v)| v.as_str().map(str::to_owned)).filter(|t| !t.is_empty());
    if let Some(service) = operated(values, name) {
        out.push(service);
        return;
    }
    let name = text("fullnameOverride").or_else(|| text("nameOverride")).unwrap_or_else(|| name.to_owned());
    // Variables beside no image are a workload's whose image is given elsewhere (`--set`, the chart's default).
    if !map.entries.contains_key("image") {
        let environ = environ(&map, chart);
        if let Some(first) = environ.vars.iter().map(|v| &v.at).min().cloned() {
            let mut service = Service::new(name.clone(), first, Provider::Container);
            service.environ = environ;
            out.push(service);
        }
    }
    for (key, (at, value)) in &map.entries {
        let Some(at) = at.as_ref().map(crate::formats::gotemplate::Origin::at) else { continue };
        let image = key.to_ascii_lowercase().ends_with("image");
        if image && let Some(software) = backing::of_image(value, None) {
            let own = key.len() == "image".len();
            let shown =
                if own { name.clone() } else { format!("{name}/{}", key.get(..key.len() - 5).unwrap_or("").trim_end_matches(['_', '-'])) };
            let mut service = Service::new(shown, at, Provider::Container);
            service.software = Some(software);
            if own {
                service.environ = environ(&map, chart);
            }
            out.push(service);
        } else if !image && value.as_map().is_some() {
            let declared =
                catalogue::kind_of_chart(key, None).is_some() && value.get("enabled").is_some_and(|e| matches!(e.kind, Kind::Bool(true)));
            if declared {
                out.extend(backing::service(key, Some(""), None, value, key, &at));
            } else {
                walk(value, key, chart, out, depth - 1);
            }
        }
    }
}

/// PostgreSQL by the operator of Crunchy Data, whose charts take the fields of its resource as values.
fn operated(values: &Val, name: &str) -> Option<Service> {
    let version = values.get("postgresVersion")?;
    let at = version.place()?;
    let mut software = Software::of_kind("postgresql", Some(at.text().trim_matches(['"', '\''])))?;
    if let Some(extension) = values.get("postGISVersion").and_then(|v| v.place()) {
        software.extension = Some("postgis".into());
        software.version.extension = Some(extension.text().trim_matches(['"', '\'']).to_owned());
    }
    let mut service = Service::new(name, at.clone(), Provider::Operator);
    service.software = Some(Fact::known(software, at));
    Some(service)
}

/// Do values say that what they configure is not installed?
fn off(values: &Val) -> bool {
    ["enabled", "create", "deploy"].iter().any(|k| values.get(k).is_some_and(|v| matches!(v.kind, Kind::Bool(false))))
}

/// The variables beside an image; the chart may set others.
fn environ(map: &Map, chart: &str) -> Environ {
    let mut out = Environ::default();
    for (key, (at, value)) in &map.entries {
        if (key == "image" || ENV.contains(&key.as_str()))
            && out.unlisted.is_empty()
            && let Some(at) = at
        {
            let why = format!("the chart {chart} is not in this repository: it may set more keys");
            out.unlisted.push(UnlistedKeys { why, at: at.at(), prefix: String::new() });
        }
        if !ENV.contains(&key.as_str()) {
            continue;
        }
        match &value.kind {
            Kind::Map(vars) => {
                for (key, (at, value)) in &vars.borrow().entries {
                    if let Some(at) = at {
                        out.set(variable(key, at.at(), Some(value)));
                    }
                }
            }
            Kind::List(items) => {
                for item in items.iter() {
                    let Some(name) = item.get("name") else { continue };
                    if let (Some(key), Some(at)) = (name.as_str(), name.place()) {
                        let from = item.get("valueFrom").filter(|f| f.as_map().is_some());
                        let value = from.or_else(|| item.get("value"));
                        out.set(variable(key, at, value.as_ref()));
                    }
                }
            }
            _ => {}
        }
    }
    out
}

fn variable(key: &str, at: Location, value: Option<&Val>) -> EnvVar {
    let (value, source) = match value.map(|v| &v.kind) {
        None | Some(Kind::Null) => (EnvValue::Empty, EnvSource::Env),
        Some(Kind::Str(text)) if shell(text) => {
            (EnvValue::Unknown("the value holds a variable of the shell that deploys".into()), EnvSource::Env)
        }
        Some(Kind::Str(text)) => (EnvValue::set(text.as_str()), EnvSource::Env),
        Some(Kind::Bool(b)) => (EnvValue::set(&b.to_string()), EnvSource::Env),
        Some(Kind::Int(n)) => (EnvValue::set(&n.to_string()), EnvSource::Env),
        Some(Kind::Float(n)) => (EnvValue::set(&crate::formats::gotemplate::shown(*n)), EnvSource::Env),
        Some(Kind::Unknown(why)) => (EnvValue::Unknown(why.to_string()), EnvSource::Env),
        Some(Kind::Map(map)) => {
            let map = map.borrow();
            let has = |key: &str| map.entries.contains_key(key);
            if has("secretKeyRef") {
                (EnvValue::Elsewhere("a Secret".into()), EnvSource::Secret)
            } else if has("configMapKeyRef") {
                (EnvValue::Elsewhere("a ConfigMap".into()), EnvSource::ConfigMap)
            } else {
                (EnvValue::Unknown("the value is a mapping that only its chart can read".into()), EnvSource::Env)
            }
        }
        Some(_) => (EnvValue::Unknown("the value is not a scalar".into()), EnvSource::Env),
    };
    EnvVar::new(key, at, value, source)
}

/// Is it filled in by `envsubst` or a shell before Helm sees it?
fn shell(text: &Text) -> bool {
    let text = text.as_str();
    text.match_indices('$').any(|(i, _)| text.get(i + 1..).is_some_and(|t| t.starts_with(|c: char| c.is_ascii_alphabetic() || c == '{')))
}
