//! Ignores, baseline, new against existing; counts what it hides.
