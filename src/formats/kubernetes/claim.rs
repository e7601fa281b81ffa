//! A file's name and text → does it hold an object that we read, without parsing it?

use super::{operators, workload};
use crate::document::template::plain_name;
use crate::workspace::{STDIN, file_name};

/// Could it be a file of objects, by its name?
pub(super) fn by_name(path: &str) -> bool {
    if path == STDIN {
        return true;
    }
    let (name, template) = plain_name(file_name(path));
    let ending = name.rsplit_once('.').map(|(_, e)| e);
    let yaml = ending.is_some_and(|e| matches!(e, "yaml" | "yml" | "json"));
    (yaml || (template && ending.is_none())) && !name.starts_with("kustomization") && !name.starts_with("helmfile")
}

/// Is it a part of a chart, which means nothing on its own?
pub(super) fn of_a_chart(path: &str) -> bool {
    format!("/{path}").contains("/templates/")
}

/// Does the text name an object that declares something: a workload, configuration, a secret, a service?
pub(super) fn declares(text: &str) -> bool {
    if !(text.contains("apiVersion") && text.contains("kind")) {
        return false;
    }
    let start = text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
    if start.starts_with('{') {
        return any(&fields(start, |line| line.trim_start().trim_start_matches(['{', ' '])));
    }
    documents(text.trim_start_matches('\u{feff}')).any(|document| {
        let top = fields(document, |line| line);
        let list = top.iter().any(|(key, value)| *key == "kind" && value.ends_with("List"));
        let composed = top.iter().any(|(key, value)| *key == "kind" && *value == "Composition");
        if list || composed { composed || any(&fields(document, |l| l.trim_start().trim_start_matches("- "))) } else { any(&top) }
    })
}

/// The documents of a text.
fn documents(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let mark = text.find("\n---");
        rest = mark.and_then(|i| text.get(i + 4..));
        Some(mark.and_then(|i| text.get(..i)).unwrap_or(text))
    })
}

/// `apiVersion` and `kind` of lines, as `line` cuts them.
fn fields(text: &str, line: fn(&str) -> &str) -> Vec<(&str, &str)> {
    let field = |l| {
        let (key, value) = line(l).split_once(':')?;
        let key = ["apiVersion", "kind"].into_iter().find(|k| *k == unquoted(key))?;
        let value = value.trim().trim_end_matches([',', '}']);
        Some((key, unquoted(value.split(" #").next().unwrap_or(value))))
    };
    text.lines().filter_map(field).collect()
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['"', '\''])
}

/// Is any of the kinds one that we read, in any of the groups?
fn any(fields: &[(&str, &str)]) -> bool {
    let of = |wanted: &'static str| fields.iter().filter(move |(key, _)| *key == wanted).map(|(_, value)| *value);
    of("apiVersion").any(|version| {
        let group = version.rsplit_once('/').map_or("", |(group, _)| group);
        of("kind").any(|kind| known(group, kind))
    })
}

/// Objects that we read.
fn known(group: &str, kind: &str) -> bool {
    let config = matches!(
        (group, kind),
        ("", "ConfigMap" | "Secret" | "Service")
            | ("bitnami.com", "SealedSecret")
            | ("external-secrets.io", "ExternalSecret" | "ClusterExternalSecret")
            | ("secrets-store.csi.x-k8s.io", "SecretProviderClass")
            | ("isindir.github.com", "SopsSecret")
            | ("secrets.hashicorp.com", _)
            | ("secrets.doppler.com", "DopplerSecret")
            | ("secrets.infisical.com", "InfisicalSecret")
            | ("onepassword.com", "OnePasswordItem")
    );
    config || workload::known(group, kind) || operators::known(group, kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for path in ["k8s/web.yaml", "a.yml", "a.json", "deploy/web.yaml.erb", "kubernetes/deployment-production.tmpl", "a.yaml.j2"] {
            assert!(by_name(path), "{path}");
        }
        for path in ["kustomization.yaml", "page.html.erb", "README.md", "_helpers.tpl.txt", "web.html.tmpl", "a.tf"] {
            assert!(!by_name(path), "{path}");
        }
    }

    #[test]
    fn what_declares_something() {
        for text in [
            "apiVersion: apps/v1\nkind: Deployment\n",
            "# x\r\n---\r\napiVersion: v1\r\nkind: \"Secret\" # s\r\n",
            "kind: Namespace\napiVersion: v1\n---\napiVersion: batch/v1\nkind: Job\n",
            "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n",
            "{\n  \"apiVersion\": \"apps/v1\",\n  \"kind\": \"Deployment\",\n}",
            "{\"kind\": \"Service\",\n\"apiVersion\": \"v1\"}",
            "apiVersion: postgresql.cnpg.io/v1\nkind: Cluster\n",
            "\u{feff}apiVersion: v1\nkind: Service\n",
        ] {
            assert!(declares(text), "{text}");
        }
        for text in [
            "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n",
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
            "apiVersion: skaffold/v4beta1\nkind: Config\n",
            "apiVersion: tekton.dev/v1\nkind: Task\n",
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  names:\n    kind: Deployment\n",
            "apiVersion: v1\nkind: Namespace\n",
            "apiVersion: v2\nname: chart\n# kind: Deployment\n",
            "image: web\nkind: Deployment\n",
            "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Namespace\n",
        ] {
            assert!(!declares(text), "{text}");
        }
    }
}
