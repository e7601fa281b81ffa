//! Hostile and odd charts: each ends within the limits, and says why.

use crate::ask::process::Programs;
use crate::formats::{Format, Manifest, ReadContext, ReadOptions, Reading};
use crate::workspace::MemoryWorkspace;

fn read(files: &[(&str, &str)], set: &[&str]) -> Reading {
    let mut workspace = MemoryWorkspace::new(files.iter().copied());
    workspace.insert(
        "c/Chart.yaml",
        files.iter().find(|(p, _)| *p == "c/Chart.yaml").map_or("apiVersion: v2\nname: shop\nversion: 1.0.0\n", |f| f.1),
    );
    let options = ReadOptions { set: set.iter().map(|s| (*s).to_owned()).collect(), ..ReadOptions::default() };
    let cx = ReadContext { workspace: &workspace, options: &options, environment: "prod", programs: &Programs::default() };
    let manifest = Manifest { format: "helm".into(), paths: vec!["c".into()], ..Manifest::default() };
    super::Helm.read(&manifest, &cx)
}

/// A pod whose image is an expression.
fn pod(image: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  containers:\n    - name: p\n      image: {image}\n")
}

fn problems(reading: &Reading) -> String {
    reading.problems.iter().map(|p| p.message.clone()).collect::<Vec<_>>().join("\n")
}

#[test]
fn bombs_stop_at_the_limits_and_lose_nothing_beside_them() {
    let good = pod("redis:7");
    for (bomb, said) in [
        ("{{ define \"a\" }}{{ include \"a\" . }}{{ end }}{{ include \"a\" . }}", "deeper than the limit"),
        ("{{ define \"a\" }}{{ template \"a\" . }}{{ end }}{{ template \"a\" . }}", "deeper than the limit"),
        ("{{ tpl .Values.loop . }}", "deeper than the limit"),
        ("{{ range until 99999 }}{{ range until 99999 }}x{{ end }}{{ end }}", "limit of"),
        ("{{ range until 100000000 }}x{{ end }}", "longer than the limit"),
        ("{{ $s := \"xxxxxxxxxxxxxxxx\" }}{{ range until 60 }}{{ $s = print $s $s }}{{ end }}{{ $s }}", "writes more than the limit"),
        ("{{ repeat 100000 (repeat 100000 \"x\") }}", "writes more than the limit"),
        ("{{ $d := dict }}{{ $_ := set $d \"self\" $d }}{{ toYaml $d }}", "nested deeper"),
        ("{{ $d := dict }}{{ $_ := set $d \"self\" $d }}{{ $e := merge (dict) $d }}{{ deepCopy $d | toYaml }}", "nested deeper"),
        ("{{ $x := list }}{{ range until 10000 }}{{ $x = list $x }}{{ end }}{{ toYaml $x }}", "nested deeper"),
    ] {
        let values = "loop: '{{ tpl .Values.loop . }}'\n";
        let reading = read(&[("c/values.yaml", values), ("c/templates/a.yaml", bomb), ("c/templates/b.yaml", &good)], &[]);
        let said_all = problems(&reading);
        assert!(said_all.contains(said), "{bomb}: {said_all}");
        assert_eq!(reading.services.len(), 1, "{bomb}: {said_all}");
    }
}

#[test]
fn nests_of_signs_are_refused() {
    for odd in [
        "{{",
        "{{ ",
        "{{ \"",
        "{{ if",
        "{{ if }}{{ end }}",
        "{{ end }}",
        "{{ else }}",
        "{{ . | }}",
        "{{ | }}",
        "{{ ) }}",
        "{{ ( }}",
        "{{ $ := 1 }}x{{ $.a }}",
        "{{ .a = 1 }}",
        "{{ define }}",
        "{{ \u{e000}0\u{e001} }}",
        "{{ 0x }}",
        "{{ `a }}",
        "{{/* a",
        "{{ range $a, $b := . }}",
        "{{- -}}",
    ] {
        let _reading = read(&[("c/templates/a.yaml", odd)], &[]);
    }
    let deep = format!("{}{}", "{{ if . }}".repeat(5000), "{{ end }}".repeat(5000));
    assert!(problems(&read(&[("c/templates/a.yaml", &deep)], &[])).contains("limit"));
    let parens = format!("{{{{ {}1{} }}}}", "(".repeat(50_000), ")".repeat(50_000));
    assert!(problems(&read(&[("c/templates/a.yaml", &parens)], &[])).contains("limit"));
}

#[test]
fn every_cut_of_a_chart_is_read_without_panic() {
    let template = pod("\"{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion | quote }}\"");
    for end in (0..template.len()).filter(|i| template.is_char_boundary(*i)) {
        let _reading = read(&[("c/values.yaml", "image: {repository: redis, tag: '7'}\n"), ("c/templates/a.yaml", &template[..end])], &[]);
    }
}

#[test]
fn what_is_not_known_says_why() {
    for (image, why) in [
        ("{{ randAlphaNum 5 }}", "another value each time"),
        ("{{ .Values.tag | wrapWith 5 \"a\" }}", "`wrapWith` is not evaluated"),
        ("{{ regexReplaceAll \"a\" (randAlpha 3) \"c\" }}", "another value each time"),
        ("{{ .Values.a.b.c }}", "is not set"),
        ("{{ required \"x\" .Values.image }}", "requires a value"),
        ("{{ if (randAlpha 3) }}redis:7{{ else }}redis:6{{ end }}", "another value each time"),
    ] {
        let reading = read(&[("c/templates/a.yaml", &pod(image))], &[]);
        let software = reading.services.first().and_then(|s| s.software.as_ref()).and_then(|s| s.value.why_unknown()).unwrap_or("known");
        assert!(software.contains(why), "{image}: {software}; {}", problems(&reading));
    }
}

#[test]
fn an_image_stands_where_its_tag_is_written() {
    let values = "image:\n  repository: redis\n  tag: \"7.2\"\n";
    for (image, set, text, place) in [
        ("{{ .Values.image.repository }}:{{ .Values.image.tag }}", None, "redis:7.2", "c/values.yaml:3:9"),
        ("redis:{{ .Values.image.tag | quote }}", None, "redis:7.2", ""),
        ("redis:7.0", None, "redis:7.0", "c/templates/a.yaml:8:14"),
        ("{{ with .Values.image }}{{ .repository }}:{{ .tag }}{{ end }}", Some("image.tag=7.4"), "redis:7.4", "--set:1:11"),
        ("{{ .Values.image.repository }}", None, "redis", "c/values.yaml:2:15"),
    ] {
        let reading = read(&[("c/values.yaml", values), ("c/templates/a.yaml", &pod(image))], &set.map_or(vec![], |s| vec![s]));
        let fact = reading.services.first().and_then(|s| s.software.clone()).expect("software");
        if place.is_empty() {
            continue; // `redis:"7.2"`: the quotes are part of the text
        }
        assert_eq!(fact.value.known().map(|s| s.text.as_str()), Some(text), "{image}");
        assert_eq!(fact.at.to_string(), place, "{image}");
    }
}

#[test]
fn numbers_are_what_go_makes_of_them() {
    let values = "a: 1.10\nb: 16\nc: 1234567\nd: \"1.10\"\n";
    let template = pod("acme/api:{{ .Values.a }}-{{ .Values.b }}-{{ .Values.c | int }}-{{ .Values.d }}");
    let reading = read(&[("c/values.yaml", values), ("c/templates/a.yaml", &template)], &[]);
    assert_eq!(reading.services.first().and_then(|s| s.image()).and_then(|i| i.tag.clone()).as_deref(), Some("1.1-16-1234567-1.10"));
}

#[test]
fn dependencies_that_are_not_here() {
    let chart = "apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies:\n  - name: postgresql\n    version: 12.1.2\n    repository: https://charts.bitnami.com/bitnami\n    condition: postgresql.enabled\n  - name: acme-api\n    version: 1.0.0\n    tags: [extra]\n";
    let reading = read(&[("c/Chart.yaml", chart), ("c/values.yaml", "tags:\n  extra: false\n")], &[]);
    assert_eq!(reading.services.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["postgresql"]);
    assert_eq!(reading.services[0].software.as_ref().map(|s| s.at.to_string()).as_deref(), Some("c/Chart.yaml:6:14"));
    let off = read(&[("c/Chart.yaml", chart)], &["postgresql.enabled=false", "tags.extra=true"]);
    assert!(off.services.is_empty());
    assert!(problems(&off).contains("`acme-api` is not in this repository"));
    let tagged = read(&[("c/Chart.yaml", chart), ("c/values.yaml", "postgresql:\n  image:\n    tag: 16.4.0\ntags: {extra: false}\n")], &[]);
    assert_eq!(tagged.services[0].software.as_ref().map(|s| s.at.to_string()).as_deref(), Some("c/values.yaml:3:10"));
}

#[test]
fn templates_that_are_made_to_hurt_end() {
    let doubled = "{{- $l := list \"a\" }}{{- $m := list \"a\" }}".to_owned() + &"{{- $l = list $l $l }}{{- $m = list $m $m }}".repeat(60);
    for text in ["{{- $x := deepCopy $l }}", "{{- $x := eq $l $m }}", "{{- $x := has $l (list $m) }}", "{{ mustÄbc }}"] {
        let reading = read(&[("c/templates/a.yaml", &format!("{doubled}{text}")), ("c/templates/b.yaml", &pod("redis:7"))], &[]);
        assert_eq!(reading.services.len(), 1, "{text}: {}", problems(&reading));
    }
    let many = "{{- $l := until 100000 }}{{- range $l }}{{- $x := reverse $l }}{{- end }}";
    assert!(problems(&read(&[("c/templates/a.yaml", many)], &[])).contains("more than the limit"));
}

#[test]
fn a_list_with_what_is_not_known_may_have_it() {
    let template = pod("{{ if has \"a\" (list \"b\" (randAlpha 3)) }}redis:7{{ else }}redis:6{{ end }}");
    let reading = read(&[("c/templates/a.yaml", &template)], &[]);
    let why = reading.services.first().and_then(|s| s.software.as_ref()).and_then(|s| s.value.why_unknown()).unwrap_or("known");
    assert!(why.contains("another value each time"), "{why}");
}

#[test]
fn charts_that_take_in_each_other_many_times_end() {
    let mut files = Vec::new();
    for i in 0..8 {
        let one = |k: usize| format!("  - {{name: c{0}, alias: x{k}, version: 1.x, repository: 'file://../c{0}'}}\n", i + 1);
        let others: String = if i < 7 { (0..8).map(one).collect() } else { String::new() };
        let folder = if i == 0 { "c".to_owned() } else { format!("c{i}") };
        let named = if others.is_empty() { String::new() } else { format!("dependencies:\n{others}") };
        files.push((format!("{folder}/Chart.yaml"), format!("apiVersion: v2\nname: c{i}\nversion: 1.0.0\n{named}")));
    }
    files.push(("c7/templates/a.yaml".to_owned(), pod("redis:7")));
    let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    let said = problems(&read(&files, &[]));
    assert_eq!(said.matches("more than the limit of 500 charts").count(), 1, "{said}");
    // The chart itself is one of them.
    let said = |others: usize| {
        let one = |k: usize| format!("  - {{name: s, alias: x{k}, version: 1.x, repository: 'file://../s'}}\n");
        let about = format!("apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies:\n{}", (0..others).map(one).collect::<String>());
        problems(&read(&[("c/Chart.yaml", &about), ("s/Chart.yaml", "apiVersion: v2\nname: s\nversion: 1.0.0\n")], &[]))
    };
    assert!(!said(499).contains("more than the limit"), "{}", said(499));
    assert!(said(500).contains("more than the limit of 500 charts"), "{}", said(500));
}

#[test]
fn values_of_charts_that_are_taken_in_many_times_end() {
    let keys: String = (0..10_000).map(|i| format!("k{i}: x\n")).collect();
    let said = |times: usize| {
        let one = |k: usize| format!("  - {{name: s, alias: x{k}, version: 1.x, repository: 'file://../s'}}\n");
        let about = format!("apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies:\n{}", (0..times).map(one).collect::<String>());
        let files = [("c/Chart.yaml", &*about), ("s/Chart.yaml", "apiVersion: v2\nname: s\nversion: 1.0.0\n"), ("s/values.yaml", &keys)];
        problems(&read(&files, &[]))
    };
    assert!(!said(20).contains("more than the limit"), "{}", said(20));
    assert_eq!(said(21).matches("400000 nodes of values").count(), 1, "{}", said(21));
}

#[test]
fn helmfiles_that_take_in_each_other_many_times_end() {
    let many = |other: &str| format!("helmfiles: [{}]\n", vec![format!("helmfile.{other}.yaml"); 40].join(", "));
    let files = [("a", many("b")), ("b", many("d")), ("d", many("e"))].map(|(name, text)| (format!("helmfile.{name}.yaml"), text));
    let workspace = MemoryWorkspace::new(files.iter().map(|(p, t)| (p.as_str(), t.as_str())));
    let cx = ReadContext { workspace: &workspace, options: &ReadOptions::default(), environment: "prod", programs: &Programs::default() };
    let manifest = Manifest { format: "helm".into(), paths: vec!["helmfile.a.yaml".into()], ..Manifest::default() };
    let said = problems(&super::Helm.read(&manifest, &cx));
    assert_eq!(said.matches("more than the limit of 200 files").count(), 1, "{said}");
}

/// What an Application of Argo CD installs, of which this is `source` or `sources`.
fn application(sources: &str) -> Reading {
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: shop}}\nspec:\n  destination: {{namespace: shop}}\n{sources}"
    );
    let template = "{{ if .Values.db.enabled }}\n".to_owned() + &pod("\"postgres:{{ .Values.db.tag }}\"") + "{{ end }}\n";
    let files = [
        ("c/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n"),
        ("c/values.yaml", "db: {enabled: true, tag: '15'}\n"),
        ("c/templates/a.yaml", template.as_str()),
        ("app.yaml", text.as_str()),
    ];
    let workspace = MemoryWorkspace::new(files);
    let cx = ReadContext { workspace: &workspace, options: &ReadOptions::default(), environment: "prod", programs: &Programs::default() };
    super::Helm.read(&Manifest { format: "helm".into(), paths: vec!["app.yaml".into()], ..Manifest::default() }, &cx)
}

fn tags(reading: &Reading) -> Vec<String> {
    reading.services.iter().filter_map(|s| Some(s.known_software()?.text.clone())).collect()
}

#[test]
fn parameters_of_an_application_are_what_helm_makes_of_them() {
    let with = |parameters: &str| application(&format!("  source:\n    path: c\n    helm:\n      parameters: [{parameters}]\n"));
    // What is quoted is no text to `--set`.
    assert_eq!(tags(&with("{name: db.enabled, value: 'false'}")), Vec::<String>::new());
    assert_eq!(tags(&with("{name: db.enabled, value: 'false', forceString: true}")), ["postgres:15"]);
    assert_eq!(tags(&with("{name: db.tag, value: '16'}")), ["postgres:16"]);
    let said = problems(&with("{name: 'hosts[0].name', value: a}"));
    assert!(said.contains("the path of a parameter is not read"), "{said}");
    let deep = format!("{{name: '{}', value: a}}", "a.".repeat(100_000) + "a");
    assert!(problems(&with(&deep)).contains("the path of a parameter is not read"));
    let many: Vec<String> = (0..1100).map(|i| format!("{{name: a{i}, value: b}}")).collect();
    assert!(problems(&with(&many.join(", "))).contains("limit of 1000 parameters"));
}

#[test]
fn of_what_an_application_says_twice_one_counts() {
    let both = "  source:\n    path: c\n    helm:\n      values: 'db: {tag: \"13\"}'\n      valuesObject: {db: {enabled: true}}\n";
    assert_eq!(tags(&application(both)), ["postgres:15"]);
    let none = "  source:\n    path: c\n    helm:\n      values: 'db: {tag: \"13\"}'\n      valuesObject:\n";
    assert_eq!(tags(&application(none)), ["postgres:13"]);
    let several = "  source: {path: c}\n  sources:\n    - {path: c, helm: {valuesObject: {db: {tag: '17'}}}}\n";
    assert_eq!(tags(&application(several)), ["postgres:17"]);
}

#[test]
fn charts_beside_that_a_chart_takes_in_are_its_parts() {
    let chart = "dependencies:\n  - {name: web, version: 0.1.0, repository: \"file://../web\"}\n  - name: api\n    repository: file://../api # ours\n";
    let workspace = MemoryWorkspace::new([("charts/all/Chart.yaml", chart), ("charts/web/Chart.yaml", ""), ("charts/api/Chart.yaml", "")]);
    let parts = super::Helm.parts("charts/all", &workspace);
    assert!(["charts/web", "charts/api"].iter().all(|p| parts.iter().any(|q| q == p)), "{parts:?}");
}
