//! The helpers of Bitnami's `common` chart that charts use most, for where that chart is not vendored.
//!
//! What they give is documented in its README (github.com/bitnami/charts: bitnami/common); these are our own words for it.

use super::chart::Chart;
use crate::formats::gotemplate::{Engine, Text};

const HELPERS: &str = r#"
{{- define "common.names.name" -}}{{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}{{- end -}}
{{- define "common.names.chart" -}}{{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}{{- end -}}
{{- define "common.names.namespace" -}}{{ default .Release.Namespace .Values.namespaceOverride }}{{- end -}}
{{- define "common.names.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}{{ .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains $name .Release.Name -}}{{ .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else -}}{{ printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}{{- end -}}
{{- end -}}
{{- define "common.labels.matchLabels" -}}
app.kubernetes.io/name: {{ include "common.names.name" (default . .context) }}
app.kubernetes.io/instance: {{ (default . .context).Release.Name }}
{{- end -}}
{{- define "common.labels.standard" -}}
{{ include "common.labels.matchLabels" . }}
helm.sh/chart: {{ include "common.names.chart" (default . .context) }}
app.kubernetes.io/managed-by: {{ (default . .context).Release.Service }}
{{- end -}}
{{- define "common.tplvalues.render" -}}
{{- if kindIs "string" .value -}}{{ tpl .value .context }}{{- else -}}{{ tpl (toYaml .value) .context }}{{- end -}}
{{- end -}}
{{- define "common.images.image" -}}
{{- $registry := default .imageRoot.registry ((.global).imageRegistry) -}}
{{- if $registry -}}{{ $registry }}/{{- end -}}{{ .imageRoot.repository }}
{{- if .imageRoot.digest -}}@{{ .imageRoot.digest }}{{- else -}}:{{ .imageRoot.tag }}{{- end -}}
{{- end -}}
{{- define "common.capabilities.deployment.apiVersion" -}}apps/v1{{- end -}}
{{- define "common.capabilities.statefulset.apiVersion" -}}apps/v1{{- end -}}
{{- define "common.capabilities.cronjob.apiVersion" -}}batch/v1{{- end -}}
{{- define "common.capabilities.ingress.apiVersion" -}}networking.k8s.io/v1{{- end -}}
"#;

/// Defines the helpers where a chart depends on `common` and it is not here.
pub(super) fn define(chart: &Chart, engine: &mut Engine<'_>) {
    let common = |d: &&super::chart::Dependency| {
        d.name == "common" && d.chart.is_none() && d.repository.as_deref().is_none_or(|r| r.contains("bitnami"))
    };
    if chart.dependencies.iter().any(|d| common(&d)) {
        let known = engine.add(Text::plain(HELPERS));
        debug_assert!(known.is_ok(), "the helpers are templates");
    }
}
