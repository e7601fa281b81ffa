//! `personnel/disjoint-teams`: do those who write the app also change how production runs it?

use crate::ask::time::teams::Changes;
use crate::finding::{Finding, Place, Which};
use crate::rules::{Answered, Comparison, Meta, Rule, Severity};

/// The rule `personnel/disjoint-teams`.
#[derive(Debug)]
pub struct DisjointTeams;

static META: Meta = Meta {
    id: "personnel/disjoint-teams",
    severity: Severity::Info,
    question: "Of the people who changed the app in the last year, how many also changed its production manifests?",
    why: "Who writes an app and who ships it are best the same people. Counts alone: no name, no address, nothing of one person; nothing at all below 20 changes and 4 people a side, and never a measure of anyone. Where manifests lie beside the code the answer is nearly always yes.",
    drift: "The app and its production manifests have no owners in common in CODEOWNERS, or of 30 changes to production's manifests 4 came from people who also changed the app.",
    parity: "Of 30 changes to production's manifests 27 came from people who also changed the app.",
    opt_in: true,
};

impl Rule for DisjointTeams {
    fn meta(&self) -> &'static Meta {
        &META
    }

    fn knows(&self, comparison: &Comparison<'_>) -> bool {
        let told = comparison.context.teams.as_ref().is_some_and(|teams| teams.owners.is_ok() && teams.changes.is_ok());
        told || comparison.context.history == Answered::Elsewhere
    }

    fn whole(&self, comparison: &Comparison<'_>) -> Vec<Finding> {
        let Some(teams) = &comparison.context.teams else { return Vec::new() };
        let place = comparison.to.services.first().map(|s| Place::new(Which::To, s.at.clone(), "production is declared here"));
        let say = |subject: &str, message: String| comparison.finding(&META, "", subject, message, place.clone().into_iter().collect());
        let mut out = Vec::new();
        match &teams.owners {
            Ok(Some(owners)) if owners.apart => {
                let message = format!("CODEOWNERS gives the app and its production manifests no owner in common: {}", owners.words);
                out.push(say("owners", message));
            }
            Ok(_) => {}
            Err(why) => out.push(say("owners", format!("who owns the app and its production manifests is not told: {why}"))),
        }
        match teams.changes {
            Ok(ref c) if c.by_both * 2 < c.production => out.push(say("changes", changes(c))),
            Ok(_) => {}
            Err(ref why) => out.push(say("changes", format!("who changes the app and its production manifests is not told: {why}"))),
        }
        out
    }
}

fn changes(c: &Changes) -> String {
    format!(
        "of {} changes to production's manifests in the last year {} came from people who also changed the app, and {} of {} people who changed the app changed them",
        c.production, c.by_both, c.shippers, c.writers
    )
}
