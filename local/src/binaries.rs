//! The functions' binaries. Those for a first message are built before the stack starts, the others while it runs.

use std::path::{Path, PathBuf};

use start::BUILT;
use tokio::sync::watch;

use crate::{
    cargo::{BuildError, Manner, build, folder},
    later::{Later, Progress},
    stack::Options,
    template::{Template, TemplateError},
};

/// Why there are no binaries to run.
#[derive(Debug, thiserror::Error)]
pub enum BinariesError {
    /// The template that names them cannot be used.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// They were not built.
    #[error(transparent)]
    Build(#[from] BuildError),
}

/// The functions that are still to be built, while the stack runs.
#[derive(Debug)]
pub struct Rest {
    root: PathBuf,
    names: Vec<String>,
    progress: watch::Sender<Progress>,
}

/// Builds the functions of the template in `root`, and returns the options of a stack that runs them. If the environment
/// variable [`BUILT`] names functions that have just been built, this builds none and also returns those that are left.
/// A build for release is always complete.
///
/// # Errors
///
/// When the template cannot be read or cargo refuses.
pub async fn functions(
    root: &Path,
    release: bool,
    tell: &mut (dyn FnMut(&str) + Send),
) -> Result<(Options, Option<Rest>), BinariesError> {
    let template = root.join("template.yaml");
    let all: Vec<_> = Template::read(&template)?.functions.into_iter().map(|function| function.binary).collect();
    let before: Vec<String> = std::env::var(BUILT).unwrap_or_default().split(',').map(str::to_owned).collect();
    if release || !all.iter().any(|name| before.contains(name)) {
        tell("Building the functions ...");
        let profile = if release { "release" } else { "dev" };
        return Ok((Options::new(template, build(root, profile, Manner::Awaited, &all).await?), None));
    }
    let names: Vec<_> = all.iter().filter(|name| !before.contains(name)).cloned().collect();
    if names.is_empty() {
        return Ok((Options::new(template, folder(root, "dev")), None));
    }
    let (progress, later) = Later::all_but(before);
    let mut options = Options::new(template, folder(root, "dev"));
    options.later = Some(later);
    Ok((options, Some(Rest { root: root.to_owned(), names, progress })))
}

impl Rest {
    /// The number of functions.
    #[must_use]
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// Builds them. Then the stack can start them.
    ///
    /// # Errors
    ///
    /// When cargo cannot be run, or fails. Invocations of these functions then fail too.
    pub async fn build(self) -> Result<(), BuildError> {
        let built = build(&self.root, "dev", Manner::Behind, &self.names).await.map(|_| ());
        self.progress.send_replace(if built.is_ok() { Progress::Built } else { Progress::Failed });
        built
    }
}
