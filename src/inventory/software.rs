//! What one side states of the software that a service runs.

use super::{ImageRef, Version};
use crate::catalogue::Kind;

/// How sure it is that an image is of a catalogue kind (TAGS: the order of candidates).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Named by the user: configuration or a label.
    Override,
    /// The catalogue lists this name.
    Exact,
    /// A known pass-through registry of a listed name.
    Mirror,
    /// A listed name below another registry's prefix.
    Suffix,
    /// Container variables that only this kind uses.
    Variables,
    /// The last path component alone.
    Guess,
}

/// A word beside a verdict, as the JSON report spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flag {
    /// The development side states less than the production side.
    DevFloats,
    /// The production side states less.
    ProdFloats,
    /// A side states less than one supported series (`mysql:8`).
    BelowSeries,
    /// Both digests are equal.
    SameDigest,
    /// Equal full tags, other digests.
    DigestDiffers,
    /// A version was translated by a table (Aurora, Confluent Platform, ElastiCache).
    Mapped,
    /// The kind is a guess from the last path component.
    GuessedKind,
    /// One side carries an extension that the other has not.
    ExtensionDiffers,
    /// Both carry it, in other versions.
    ExtensionVersion,
    /// Other publisher or distribution of the same software.
    VendorDiffers,
    /// A pre-release against a release.
    Prerelease,
    /// The managed service emulates the API (DocumentDB, Cosmos DB).
    EmulatedApi,
}

impl Flag {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DevFloats => "dev-floats",
            Self::ProdFloats => "prod-floats",
            Self::BelowSeries => "below-series",
            Self::SameDigest => "same-digest",
            Self::DigestDiffers => "digest-differs",
            Self::Mapped => "mapped",
            Self::GuessedKind => "guessed-kind",
            Self::ExtensionDiffers => "extension-differs",
            Self::ExtensionVersion => "extension-version",
            Self::VendorDiffers => "vendor-differs",
            Self::Prerelease => "prerelease",
            Self::EmulatedApi => "emulated-api",
        }
    }
}

/// The software of a service, as one side states it. Made by [`Software::of_image`], [`Software::managed`] and
/// [`Software::of_kind`] in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Software {
    /// As written (after interpolation): `postgres:15-alpine`, `16.3`.
    pub text: String,
    /// The image, where it is one.
    pub image: Option<ImageRef>,
    /// The managed engine, where it is one: `rds:postgres`, `elasticache:redis`, `heroku:heroku-postgresql`.
    pub engine: Option<String>,
    /// The catalogue kind, where it is known.
    pub kind: Option<&'static Kind>,
    /// How sure the kind is.
    pub confidence: Confidence,
    /// The version of the kind's own software (PostgreSQL of a PostGIS image), translated where a table says so.
    pub version: Version,
    /// The extension that the image carries: `postgis`, `pgvector`.
    pub extension: Option<String>,
    /// What its own image is built from in this repository, where that says its kind.
    pub built_from: Option<String>,
    /// The version that its registry says it has today, where its own text states none and `--online` asked.
    pub today: Option<String>,
    /// What is known from the statement itself ([`Flag::Mapped`], [`Flag::EmulatedApi`]).
    pub flags: Vec<Flag>,
}

impl Software {
    /// Does its tag move: `latest`, `alpine`, none?
    #[must_use]
    pub fn floats(&self) -> bool {
        let digest = self.image.as_ref().is_some_and(|i| i.digest.is_some());
        !digest && (self.today.is_some() || self.version.state == super::version::State::Floating)
    }
}
