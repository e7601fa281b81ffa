//! Repository → manifests of each environment, and why.
