//! A port → the kind of server that listens there, where only one family does.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{Category, Kind, kinds};

/// Kinds that keep something for an app; others share the ports of the web.
const STORES: [Category; 7] = [
    Category::Database,
    Category::Cache,
    Category::Queue,
    Category::Search,
    Category::Vector,
    Category::ObjectStore,
    Category::Coordination,
];

static BY_PORT: LazyLock<BTreeMap<u16, Option<&'static Kind>>> = LazyLock::new(|| {
    let mut out: BTreeMap<u16, Option<&'static Kind>> = BTreeMap::new();
    let stores = kinds().iter().filter(|k| STORES.contains(&k.category) && !k.dev_only);
    for (port, kind) in stores.flat_map(|k| k.ports.first().map(|p| (*p, k))) {
        out.entry(port).and_modify(|held| *held = held.filter(|h| h.family == kind.family)).or_insert(Some(kind));
    }
    // What any web server may listen on says nothing.
    for port in [80, 443, 3000, 5000, 8000, 8080, 8443, 9000] {
        out.insert(port, None);
    }
    out
});

/// The kind whose first port this is, where all that use it speak one protocol: 5432 is PostgreSQL. Weak: for use
/// together with the name of the service or the key alone.
#[must_use]
pub fn kind_of_port(port: u16) -> Option<&'static Kind> {
    BY_PORT.get(&port).copied().flatten()
}

#[cfg(test)]
mod tests {
    use super::kind_of_port;

    #[test]
    fn one_family_a_port() {
        let id = |port| kind_of_port(port).map(|k| k.id.as_str());
        assert_eq!(id(5432), Some("postgresql"));
        assert_eq!(id(3306), Some("mysql"));
        assert_eq!(id(6379), Some("redis"));
        assert_eq!(id(27017), Some("mongodb"));
        assert_eq!((id(8080), id(9000), id(5000), id(12345)), (None, None, None, None));
    }
}
