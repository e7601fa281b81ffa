//! Every test of the program as a whole: one binary, so that it links once.

mod canary;
mod cases;
mod corpus;
mod deployments;
mod fix;
mod forms;
mod generated;
mod github;
mod gitops;
mod hostile;
mod laws;
mod limits;
mod newcomer;
mod no_escape;
mod online;
mod new_findings;
mod publish;
mod renderers;
mod repository;
mod revisions;
mod rules;
mod sample;
mod time;
