//! Which phase runs → a line on the terminal that says so, where it takes longer than half a second.
//!
//! Standard error alone, and only where it is a terminal; the line is gone before anything else is written.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::ProgressBar;
use parity::progress::{Progress, Watch};

/// How long a phase takes before it is shown.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often the line moves.
const TICK: Duration = Duration::from_millis(100);

/// Phases that are shown; gone when it is dropped.
struct Line {
    phases: Mutex<Option<SyncSender<&'static str>>>,
    shown: Option<JoinHandle<()>>,
}

impl Watch for Line {
    fn phase(&self, words: &'static str) {
        if let Some(phases) = self.phases.lock().ok().as_ref().and_then(|p| p.as_ref()) {
            // Without a listener there is nobody to tell.
            let _told = phases.send(words);
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Ok(phases) = self.phases.get_mut() {
            *phases = None;
        }
        if let Some(shown) = self.shown.take() {
            let _ended = shown.join();
        }
    }
}

/// A line on standard error where that is a terminal; nobody watches elsewhere.
pub(super) fn progress(terminal: bool) -> Progress {
    if !terminal {
        return Progress::default();
    }
    let (phases, told) = sync_channel(16);
    let shown = std::thread::spawn(move || {
        let mut bar: Option<ProgressBar> = None;
        watch(&told, &mut |words| match words {
            Some(words) => {
                let new = ProgressBar::new_spinner().with_message(words);
                new.enable_steady_tick(TICK);
                bar = Some(new);
            }
            None => {
                if let Some(old) = bar.take() {
                    old.finish_and_clear();
                }
            }
        });
    });
    Progress::new(Arc::new(Line { phases: Mutex::new(Some(phases)), shown: Some(shown) }))
}

/// Shows every phase that outlasts the patience, until the next begins or all are over.
fn watch(phases: &Receiver<&'static str>, show: &mut dyn FnMut(Option<&'static str>)) {
    let mut next = phases.recv().ok();
    while let Some(words) = next {
        next = match phases.recv_timeout(PATIENCE) {
            Ok(words) => Some(words),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => {
                show(Some(words));
                let next = phases.recv().ok();
                show(None);
                next
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is shown of phases that take so long each.
    fn shown(phases: &[(&'static str, u64)]) -> Vec<Option<&'static str>> {
        let (send, told) = sync_channel(16);
        let phases = phases.to_vec();
        let begun = std::thread::spawn(move || {
            for (words, millis) in phases {
                send.send(words).expect("someone listens");
                std::thread::sleep(Duration::from_millis(millis));
            }
        });
        let mut out = Vec::new();
        watch(&told, &mut |words| out.push(words));
        begun.join().expect("begun");
        out
    }

    #[test]
    fn what_is_soon_over_is_not_shown() {
        assert_eq!(shown(&[("reading", 50), ("asking", 50)]), []);
        assert_eq!(shown(&[]), []);
    }

    #[test]
    fn what_takes_long_is_shown_and_cleared() {
        assert_eq!(shown(&[("reading", 20), ("asking", 1500), ("pairing", 20)]), [Some("asking"), None]);
        assert_eq!(shown(&[("reading", 1500)]), [Some("reading"), None]);
    }

    #[test]
    fn nobody_watches_without_a_terminal() {
        let progress = progress(false);
        progress.phase("reading");
        assert_eq!(format!("{progress:?}"), "Progress(..)");
    }
}
