//! clap types → options; no other file knows clap.
