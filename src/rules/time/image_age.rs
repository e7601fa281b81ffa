//! `time/image-age`: how old is the image that production runs?

use jiff::civil::Date;

use crate::finding::{Finding, Place, Which};
use crate::inventory::Service;
use crate::pair::Pair;
use crate::rules::{Answered, Comparison, Meta, Rule, Severity};

/// The rule `time/image-age`.
#[derive(Debug)]
pub struct ImageAge;

/// Days after which an image is old: what it is built from has had its own updates since.
const OLD: i32 = 90;
/// Days by which development's image has to be newer.
const NEWER: i32 = 30;

static META: Meta = Meta {
    id: "time/image-age",
    severity: Severity::Info,
    question: "With `--online`: was the image that prod runs built more than 90 days ago, or a month before dev's?",
    why: "The system below the software is that of the day of the build. A tag may name an old build on one side and a new one on the other.",
    drift: "`redis:7.2.4` in prod, built two years ago",
    parity: "`redis:7.2.4` on both sides, built last month",
    opt_in: false,
};

impl Rule for ImageAge {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn knows(&self, comparison: &Comparison<'_>) -> bool {
        comparison.context.registries == Answered::InFull
    }

    fn pair(&self, pair: &Pair<'_>, comparison: &Comparison<'_>) -> Vec<Finding> {
        let context = comparison.context;
        let built = |s: Option<&Service>| s.and_then(Service::image).and_then(|i| context.images.get(&i.text)?.created);
        let Some((service, day)) = pair.to.zip(built(pair.to)) else { return Vec::new() };
        let days = |from: Date, to: Date| from.until(to).map_or(0, |span| span.get_days());
        let image = |s: &Service| s.image().map_or_else(String::new, |i| i.text.clone());
        let mut message = match days(day, context.today) {
            age if age > OLD => format!("`{}` in {} was built on {day}, {age} days ago", image(service), comparison.to.environment),
            _ => String::new(),
        };
        let mut places = vec![Place::new(Which::To, service.stated_at().clone(), format!("built on {day}"))];
        if let Some((dev, theirs)) = pair.from.zip(built(pair.from))
            && days(day, theirs) > NEWER
        {
            let newer =
                format!("`{}` in {} was built {} days later, on {theirs}", image(dev), comparison.from.environment, days(day, theirs));
            message = if message.is_empty() {
                newer + &format!(", than `{}` in {}", image(service), comparison.to.environment)
            } else {
                format!("{message}; {newer}")
            };
            places.insert(0, Place::new(Which::From, dev.stated_at().clone(), format!("built on {theirs}")));
        }
        if message.is_empty() {
            return Vec::new();
        }
        let subject = service.image().map_or_else(String::new, crate::inventory::ImageRef::name);
        vec![comparison.finding(&META, &pair.name, subject, message, places)]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::ask::registry::Labels;
    use crate::inventory::{Fact, ImageRef, Inventory, Provider, Software};
    use crate::rules::Context;
    use crate::source::Source;

    /// What is said of `redis:7` in dev and `redis:7.2` in prod, built on these days.
    fn said(dev: Option<&str>, prod: Option<&str>) -> Vec<String> {
        let inventory = |image: &str| {
            let at = Source::new("compose.yaml", image).whole();
            let software = Software::of_image(&ImageRef::parse(image).expect("an image"));
            let service = Service { software: Some(Fact::known(software, at.clone())), ..Service::new("cache", at, Provider::Container) };
            Inventory { environment: image.replace(':', " "), services: vec![service], ..Inventory::default() }
        };
        let (from, to) = (inventory("redis:7"), inventory("redis:7.2"));
        let labels = |day: Option<&str>| Labels { created: day.map(|d| d.parse().expect("a day")), ..Labels::default() };
        let images = BTreeMap::from([("redis:7".to_owned(), labels(dev)), ("redis:7.2".to_owned(), labels(prod))]);
        let context = Context { today: "2026-06-01".parse().expect("a day"), images, ..Context::default() };
        let pairs = crate::pair::pair(&from, &to, &[]);
        let comparison = Comparison::new(&from, &to, &pairs, &context);
        pairs.iter().flat_map(|p| ImageAge.pair(p, &comparison)).map(|f| f.message).collect()
    }

    #[test]
    fn an_old_image_is_said_and_a_young_one_is_not() {
        assert_eq!(said(None, Some("2025-06-01")), ["`redis:7.2` in redis 7.2 was built on 2025-06-01, 365 days ago"]);
        assert_eq!(said(Some("2026-05-20"), Some("2026-05-01")), Vec::<String>::new());
        assert_eq!(said(Some("2020-01-01"), None), Vec::<String>::new());
        assert_eq!(
            said(Some("2026-05-20"), Some("2026-04-01")),
            ["`redis:7` in redis 7 was built 49 days later, on 2026-05-20, than `redis:7.2` in redis 7.2"]
        );
    }
}
