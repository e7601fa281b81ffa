//! Edits that bring development to production and keep the file's formatting.
