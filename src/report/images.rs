//! What registries say of images → the list in the reports.

use std::collections::BTreeMap;

use crate::ask::registry::Labels;
use crate::inventory::{ImageRef, Software};

/// What an image is today, as its registry says.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct ImageReport {
    /// As the manifest names it.
    pub image: String,
    /// The digest that it names today; of the index, where there is one.
    pub digest: String,
    /// The version that the image states of what it is known to hold.
    pub version: Option<String>,
    /// The day on which it was built; absent where the build wrote no real one.
    pub created: Option<String>,
    /// The commit that it says it was built from (`org.opencontainers.image.revision`).
    pub revision: Option<String>,
    /// The repository of that commit (`org.opencontainers.image.source`).
    pub source: Option<String>,
}

impl ImageReport {
    /// What it is today, in one line.
    #[must_use]
    pub fn words(&self) -> String {
        let day = self.created.as_ref().map(|day| format!("built on {day}"));
        let commit = self.revision.as_ref().map(|commit| format!("of {}", commit.chars().take(10).collect::<String>()));
        [self.version.clone(), day, commit, Some(self.digest.clone())].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// The list of what was answered, by image.
#[must_use]
pub fn images(answers: &BTreeMap<String, Labels>) -> Vec<ImageReport> {
    let one = |(image, labels): (&String, &Labels)| {
        let version = ImageRef::parse(image).ok().and_then(|i| labels.version_of(&Software::of_image(&i)));
        ImageReport {
            image: image.clone(),
            digest: labels.digest.clone(),
            version: version.and_then(|v| v.number().map(|n| n + &v.prerelease)),
            created: labels.created.map(|day| day.to_string()),
            revision: labels.revision.clone(),
            source: labels.source.clone(),
        }
    };
    answers.iter().map(one).collect()
}
