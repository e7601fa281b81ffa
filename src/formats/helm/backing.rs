//! A chart that is not here, with the values given to it → the backing service that it installs.

use super::chart::Dependency;
use super::render::Release;
use crate::catalogue;
use crate::formats::gotemplate::{Kind, Val};
use crate::inventory::{Fact, Flag, ImageRef, Provider, Service, Software, Value};
use crate::source::Location;

/// Charts that hold definitions for others alone.
const LIBRARIES: [&str; 4] = ["common", "bjw-s-common", "library-chart", "base"];

/// Does a chart of this name install nothing by itself?
pub(super) fn library(name: &str) -> bool {
    LIBRARIES.contains(&name)
}

/// The backing service of a dependency, if its chart is known.
pub(super) fn of_chart(dependency: &Dependency, values: &Val, release: &Release) -> Option<Service> {
    let version = dependency.version.as_ref().map(|(v, at)| (v.as_str(), at));
    let mut service = service(&dependency.name, dependency.repository.as_deref(), version, values, &dependency.key, &dependency.at)?;
    service.aliases.push(format!("{}-{}", release.name, dependency.key));
    Some(service)
}

/// The backing service that a known chart installs: what the values say of its image, else what its version ships, else no version.
pub(super) fn service(
    chart: &str,
    repository: Option<&str>,
    version: Option<(&str, &Location)>,
    values: &Val,
    name: &str,
    at: &Location,
) -> Option<Service> {
    let kind = catalogue::kind_of_chart(chart, repository)?;
    let mut service = Service::new(name, at.clone(), Provider::Container);
    if chart != name {
        service.aliases.push(chart.rsplit('/').next().unwrap_or(chart).to_owned());
    }
    let by_values = values.get("image").and_then(|image| of_image(&image, Some(&kind.id)));
    let bitnami = repository.is_none_or(|r| r.contains("bitnami"));
    let by_version = || {
        let (version, at) = version?;
        let (_, series) = catalogue::chart_version(chart, version).filter(|_| bitnami)?;
        // What stands there is the chart's version; the table translates it.
        let software = Software::of_kind(&kind.id, Some(series))?;
        Some(Fact::known(Software { flags: vec![Flag::Mapped], ..software }, at.clone()))
    };
    let unversioned = || Software::of_kind(&kind.id, None).map(|s| Fact::known(s, version.map_or(at, |(_, at)| at).clone()));
    service.software = by_values.or_else(by_version).or_else(unversioned);
    Some(service)
}

/// What values say of an image: a text, or registry, repository, tag and digest. `None` where they say nothing of its version.
pub(super) fn of_image(image: &Val, kind: Option<&str>) -> Option<Fact<Software>> {
    let scalar = |v: &Val| -> Option<Result<(String, Location), (String, Location)>> {
        let at = v.place()?;
        match &v.kind {
            Kind::Str(text) if text.len() > 0 => Some(match crate::formats::gotemplate::reason_in(text.as_str(), &[]) {
                Some(_) => Err(("the value is an expression that is not resolved".into(), at)),
                None => Ok((text.as_str().to_owned(), at)),
            }),
            Kind::Float(n) => Some(Ok((crate::formats::gotemplate::shown(*n), at))),
            Kind::Unknown(why) => Some(Err((why.to_string(), at))),
            _ => None,
        }
    };
    let with_kind = |software: Software| match kind.and_then(catalogue::kind) {
        Some(kind) => Software { kind: software.kind.or(Some(kind)), ..software },
        None => software,
    };
    let parse = |text: &str, at: Location| match ImageRef::parse(text) {
        Ok(image) => Fact { value: Value::Known(with_kind(Software::of_image(&image))), at },
        Err(why) => Fact::unknown(why.to_string(), at),
    };
    if let Some(written) = scalar(image) {
        return Some(match written {
            Ok((text, at)) => parse(&text, at),
            Err((why, at)) => Fact::unknown(why, at),
        });
    }
    let part = |keys: &[&str]| keys.iter().find_map(|k| image.get(k)).as_ref().and_then(&scalar);
    let (registry, repository) = (part(&["registry"]), part(&["repository", "repo", "name"]));
    let (tag, digest) = (part(&["tag", "version"]), part(&["digest", "sha"]));
    let mut text = String::new();
    let mut at = None;
    for (piece, sign) in [(&registry, ""), (&repository, "/"), (&tag, ":"), (&digest, "@")] {
        match piece {
            Some(Err((why, at))) => return Some(Fact::unknown(why.clone(), at.clone())),
            Some(Ok((piece, place))) => {
                if !text.is_empty() {
                    text.push_str(sign);
                }
                text.push_str(piece);
                at = Some(place.clone());
            }
            None => {}
        }
    }
    let at = at?;
    match (&repository, &tag, &digest) {
        (Some(_), ..) => Some(parse(&text, at)),
        // The chart's own image, in a version of ours.
        (None, Some(Ok((tag, at))), _) => Some(Fact::known(Software::of_kind(kind?, Some(tag))?, at.clone())),
        _ => None,
    }
}
