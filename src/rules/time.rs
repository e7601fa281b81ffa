//! How far production lags.

pub mod image_age;
