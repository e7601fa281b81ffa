//! Every test of the program as a whole: one binary, so that it links once.

mod cases;
mod corpus;
mod deployments;
mod docs;
mod fix;
mod forms;
mod generated;
mod github;
mod gitops;
mod hostile;
mod laws;
mod links;
mod newcomer;
mod online;
mod new_findings;
mod paths;
mod publish;
mod refusals;
mod renderers;
mod repository;
mod revisions;
mod rules;
mod sample;
mod time;
