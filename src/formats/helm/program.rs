//! `helm template` over a chart → what it renders, held against our own reading.

use super::chart::Chart;
use super::render::{Release, Rendered};
use crate::formats::gotemplate::Val;
use crate::formats::{ReadContext, Reading};

/// Runs `helm` where it may be run, and says how the chart was read.
pub(super) fn check(
    _chart: &Chart,
    _files: &[String],
    _own: &Val,
    _release: &Release,
    _rendered: &mut Rendered,
    _cx: &ReadContext<'_>,
    _reading: &mut Reading,
) -> String {
    "read by the built-in reading".into()
}
