//! What keys a compose file may have (compose-spec: schema/compose-spec.json).

use crate::document::Node;

const TOP: [&str; 9] = ["version", "name", "include", "services", "models", "networks", "volumes", "secrets", "configs"];

const SERVICE: &str = "annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name \
    cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset credential_spec depends_on deploy \
    develop device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint env_file environment expose extends external_links \
    extra_hosts gpus group_add healthcheck hostname image init ipc isolation label_file labels links logging mac_address mem_limit \
    mem_reservation mem_swappiness memswap_limit models network_mode networks oom_kill_disable oom_score_adj pid pids_limit platform \
    ports post_start pre_start pre_stop privileged profiles provider pull_policy pull_refresh_after read_only restart runtime scale \
    secrets security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket user \
    userns_mode uts volumes volumes_from working_dir";

const BUILD: &str = "additional_contexts args cache_from cache_to context dockerfile dockerfile_inline entitlements extra_hosts \
    isolation labels network no_cache no_cache_filter platforms privileged provenance pull sbom secrets shm_size ssh tags target ulimits";

/// Keys of a mapping that Compose does not know.
pub(super) fn unknown(node: &Node, of: Part) -> impl Iterator<Item = &Node> {
    let known = move |key: &str| match of {
        Part::Top => TOP.contains(&key),
        Part::Service => SERVICE.split_ascii_whitespace().any(|k| k == key),
        Part::Build => BUILD.split_ascii_whitespace().any(|k| k == key),
    };
    node.entries().iter().map(|e| &e.key).filter(move |k| k.text().is_none_or(|t| !t.starts_with("x-") && !known(t)))
}

/// A part of a compose file whose keys are fixed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    /// The file.
    Top,
    /// A service.
    Service,
    /// `build` of a service.
    Build,
}
