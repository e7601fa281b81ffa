//! Backing services, images, runtimes.

pub mod admin_process;
pub mod base_image;
pub mod end_of_life;
pub mod environments_disagree;
pub mod extension;
pub mod flavour;
pub mod floating_tag;
pub mod kind_mismatch;
pub mod missing_in_dev;
pub mod missing_in_prod;
pub mod platform;
pub mod port;
pub mod probe;
pub mod process_missing;
pub mod version_major;
pub mod version_minor;
pub mod version_patch;
pub mod version_unknown;
pub mod words;
