//! Templates of workloads → whether values may add keys to their environment: with a chart's default values alone, what is not
//! set there may be set where it is installed.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::Node;
use crate::formats::declared;
use crate::inventory::Service;

/// Functions that write as many keys as they are given.
const WRITES: [&str; 7] = ["range", "with", "toYaml", "tpl", "include", "indent", "omit"];

/// The names of the objects whose templates take keys from values.
pub(super) fn names(trees: &[Node]) -> BTreeSet<String> {
    // A template makes many objects, and is looked at once.
    let mut known: BTreeMap<*const u8, bool> = BTreeMap::new();
    let mut takes = |text: &str| *known.entry(text.as_ptr()).or_insert_with(|| takes_keys(text));
    let open = |tree: &&Node| tree.get("kind").is_some_and(|kind| takes(kind.at.source().text()));
    trees.iter().filter(open).filter_map(|tree| tree.text_at(&["metadata", "name"])).map(str::to_owned).collect()
}

/// Says of the containers of these objects that values may add to their keys.
pub(super) fn mark(services: &mut [Service], names: &BTreeSet<String>, chart: &str) {
    for service in services {
        let of = service.name.split('/').next().unwrap_or_default();
        if names.contains(of) {
            let why = format!("`{chart}` is read with its default values, and takes more keys from others");
            let at = service.at.clone();
            declared::unlisted(&mut service.environ, why, &at);
        }
    }
}

/// Does an action of a template write a list of keys: `{{- range $k, $v := .Values.env }}`, `{{ include "shop.env" . }}`?
fn takes_keys(text: &str) -> bool {
    let actions =
        text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")).map(|(action, _)| action.trim_start_matches('-').trim());
    // `nindent` is one of them too.
    let writes = |word: &str| WRITES.contains(&word) || word.strip_prefix('n').is_some_and(|bare| WRITES.contains(&bare));
    let writes = |action: &str| action.split(|c: char| !c.is_ascii_alphanumeric()).any(writes);
    let names = |action: &str| action.split(['.', '"', '$', ' ', '(', ')']).any(|name| name.to_ascii_lowercase().contains("env"));
    actions.filter(|a| !a.starts_with("/*")).any(|a| writes(a) && names(a))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_that_take_keys() {
        for (text, wanted) in [
            ("env:\n{{- range $key, $value := .Values.env }}\n", true),
            ("{{ toYaml .Values.extraEnvVars | nindent 12 }}", true),
            ("{{- include \"shop.environment\" . | nindent 12 }}", true),
            ("{{- with .Values.web.envFrom }}", true),
            ("{{- $envVars | indent 12 }}", true),
            ("env:\n- name: MODE\n  value: {{ .Values.environment }}\n", false),
            ("{{/* range over env */}}", false),
            ("{{- toYaml .Values.resources | nindent 12 }}", false),
            ("{{ toYaml .Values.env", false),
            ("", false),
        ] {
            assert_eq!(takes_keys(text), wanted, "{text}");
        }
    }
}
