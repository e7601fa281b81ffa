//! What two environments run → when its release lines end, as endoflife.date says it today.

use jiff::civil::Date;
use reqwest::Url;
use serde::Deserialize;

use super::http::{Client, Get, HttpError};
use crate::catalogue::eol::{self, End};
use crate::inventory::{Inventory, Service, Software};
use crate::report::{Problem, summary::first_few};

/// Where it is, unless another is named.
pub(super) const ADDRESS: &str = "https://endoflife.date/api/v1";
/// Most bytes of an answer.
const BYTES: usize = 1024 * 1024;

/// What is known of a product: the day of the answer, its cycles and their ends.
pub(super) type Answer = (Date, Vec<(String, End)>);

#[derive(Deserialize)]
struct Page {
    generated_at: String,
    result: Product,
}

#[derive(Deserialize)]
struct Product {
    releases: Vec<Release>,
}

#[derive(Deserialize)]
struct Release {
    name: String,
    #[serde(rename = "isEol", default)]
    is_eol: bool,
    #[serde(rename = "eolFrom", default)]
    eol_from: Option<String>,
}

/// The products of what is run on either side, each once. Those whose cycles endoflife.date counts in other numbers than
/// their own versions (SQL Server) stay with the table, which `scripts/refresh-eol` translates.
pub(super) fn products(sides: [&Inventory; 2]) -> Vec<&'static str> {
    let of_service = |s: &Service| {
        let base = s.build.as_ref().and_then(|b| b.base.as_ref());
        s.software.iter().chain(base).filter_map(|f| f.value.known().cloned()).collect::<Vec<Software>>()
    };
    let services = sides.iter().flat_map(|i| &i.services).flat_map(|s| std::iter::once(s).chain(&s.also)).flat_map(of_service);
    let runtimes = sides.iter().flat_map(|i| &i.runtimes).filter_map(|r| r.software.value.known().cloned());
    let mut out: Vec<&'static str> = services.chain(runtimes).filter_map(|s| Some(eol::product(&s)?.0)).collect();
    out.retain(|p| *p != "mssqlserver");
    out.sort_unstable();
    out.dedup();
    out
}

/// What is said of a product.
pub(super) async fn ask(client: &Client, address: &str, product: &str) -> Result<Answer, HttpError> {
    let base = Url::parse(address).ok().filter(|u| matches!(u.scheme(), "https" | "http") && u.host_str().is_some());
    let base = base.ok_or_else(|| HttpError::new("its address (`PARITY_ENDOFLIFE_URL`) is no URL"))?;
    let url = Url::parse(&format!("{}/products/{product}/", base.as_str().trim_end_matches('/')));
    let url = url.map_err(|_| HttpError::new("the name makes no URL"))?;
    let get = Get { url, named: &base, accept: "application/json", headers: &[], authorization: None, through: None, limit: BYTES };
    let answer = client.get(&get).await?;
    if answer.status != 200 {
        return Err(HttpError::new(format!("it answers with status {}", answer.status)));
    }
    read(&answer.body).ok_or_else(|| HttpError::new("its answer is not what it documents"))
}

fn read(body: &[u8]) -> Option<Answer> {
    let page: Page = serde_json::from_slice(body).ok()?;
    let day: Date = page.generated_at.get(..10)?.parse().ok()?;
    let one = |r: Release| {
        let end = match r.eol_from {
            Some(day) => End::On(day.parse().ok()?),
            None if r.is_eol => End::Past,
            None => End::Open,
        };
        Some((r.name, end))
    };
    let cycles = page.result.releases.into_iter().map(one).collect::<Option<Vec<_>>>()?;
    (!cycles.is_empty()).then_some((day, cycles))
}

/// One problem for one reason.
pub(super) fn unanswered(why: &str, products: &[&str]) -> Problem {
    let (names, day) = (first_few(products, 3, |p| format!("`{p}`")), eol::SNAPSHOT);
    let message = format!("endoflife.date does not say when {names} ends, so the dates of {day} are used: {why}");
    Problem::of_run(message).warning().help("see that it can be reached (`https_proxy`)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_or_refused() {
        let page = |releases: &str| {
            format!(
                r#"{{"schema_version": "1.2.0", "generated_at": "2026-11-20T01:02:03+00:00", "result": {{"name": "x", "releases": [{releases}]}}}}"#
            )
        };
        let (day, cycles) = read(page(r#"{"name": "16", "isEol": false, "eolFrom": "2028-11-09"}, {"name": "9.6", "isEol": true, "eolFrom": null}, {"name": "18", "isEol": false}"#).as_bytes()).expect("an answer");
        assert_eq!(day, Date::constant(2026, 11, 20));
        let ends: Vec<(&str, End)> = cycles.iter().map(|(c, e)| (c.as_str(), *e)).collect();
        assert_eq!(ends, [("16", End::On(Date::constant(2028, 11, 9))), ("9.6", End::Past), ("18", End::Open)]);
        for body in ["", "[]", "{}", &page(""), &page(r#"{"name": "16", "eolFrom": "soon"}"#), &page(r#"{"isEol": true}"#)] {
            assert!(read(body.as_bytes()).is_none(), "{body}");
        }
    }
}
