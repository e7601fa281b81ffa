//! What the user said: options and `parity.yml`, as written, turned into what is meant.
