//! What a command shows: a text for people, or the same as one line of JSON.

use std::{
    fmt::{self, Write as _},
    io::Write,
    sync::Arc,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use shared::{
    domain::{Clock, SystemClock},
    store::{Entropy, SystemEntropy},
};

use crate::failure::BoxError;

/// Where a command shows what it has to say, and what it gets from the system. Tests bring their own.
pub struct Terminal<'a> {
    /// Where the result goes.
    pub output: &'a mut dyn Write,
    /// Whether the result may be coloured.
    pub colour: bool,
    /// Whether long work shows on standard error how far it is.
    pub progress: bool,
    /// The present time.
    pub clock: Arc<dyn Clock>,
    /// The source of keys, secrets and ids.
    pub entropy: Arc<dyn Entropy>,
}

impl fmt::Debug for Terminal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terminal").field("colour", &self.colour).finish_non_exhaustive()
    }
}

impl<'a> Terminal<'a> {
    /// A terminal without colour and progress, with the system's clock and randomness.
    #[must_use]
    pub fn plain(output: &'a mut dyn Write) -> Self {
        let (clock, entropy) = (Arc::new(SystemClock::default()), Arc::new(SystemEntropy::default()));
        Self { output, colour: false, progress: false, clock, entropy }
    }
}

/// The result of a command under way.
pub(crate) struct Screen<'a> {
    output: &'a mut dyn Write,
    /// Whether the result is shown as JSON.
    pub(crate) json: bool,
    /// Whether it may be coloured.
    pub(crate) colour: bool,
    progress: bool,
}

impl<'a> Screen<'a> {
    pub(crate) fn new(terminal: Terminal<'a>, json: bool) -> Self {
        let Terminal { output, colour, progress, .. } = terminal;
        Self { output, json, colour, progress }
    }

    /// Shows a result: `json` as one line, or `text` for people.
    pub(crate) fn result(&mut self, json: &impl Serialize, text: impl fmt::Display) -> Result<(), BoxError> {
        if self.json { self.raw(&serde_json::to_string(json)?) } else { Ok(write!(self.output, "{text}")?) }
    }

    /// Shows a line that is JSON already.
    pub(crate) fn raw(&mut self, json: &str) -> Result<(), BoxError> {
        Ok(writeln!(self.output, "{json}")?)
    }

    /// Shows people a line before the result.
    pub(crate) fn note(&mut self, text: impl fmt::Display) -> Result<(), BoxError> {
        if !self.json {
            writeln!(self.output, "{text}")?;
        }
        Ok(())
    }

    /// Shows on standard error, if that is a terminal, how far a long work is. `length` is how much there is to do; without
    /// it, only what was done is counted.
    pub(crate) fn progress(&self, what: &'static str, length: Option<u64>) -> ProgressBar {
        if !self.progress {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr()).with_message(what);
        let template = match length {
            Some(_) => "{msg} {wide_bar} {pos}/{len} {eta}",
            None => "{spinner} {msg} {pos} {elapsed}",
        };
        match ProgressStyle::with_template(template) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        }
    }
}

/// Names and values below each other. Lines without a value are left out.
pub(crate) fn lines(pairs: &[(&str, String)]) -> String {
    let shown: Vec<_> = pairs.iter().filter(|(_, value)| !value.is_empty()).collect();
    let width = shown.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in shown {
        let _ = writeln!(text, "{name:width$}  {value}");
    }
    text
}
