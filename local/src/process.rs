//! The handle on a function's process: to have it killed, and to wait until it is gone.

use tokio::sync::watch;

/// A running process. Clones are handles on the same one.
#[derive(Clone)]
pub(crate) struct Process {
    /// Its number on this machine.
    pub(crate) id: u32,
    kill: watch::Sender<bool>,
    gone: watch::Receiver<bool>,
}

/// The other end of a [`Process`], for whoever waits for its end.
pub(crate) struct Watch {
    killed: watch::Receiver<bool>,
    going: watch::Sender<bool>,
}

impl Process {
    /// The handle on the process with that number, and its other end.
    pub(crate) fn new(id: u32) -> (Self, Watch) {
        let (kill, killed) = watch::channel(false);
        let (going, gone) = watch::channel(false);
        (Self { id, kill, gone }, Watch { killed, going })
    }

    /// Has it killed.
    pub(crate) fn kill(&self) {
        self.kill.send_replace(true);
    }

    /// Waits until it is gone.
    pub(crate) async fn gone(mut self) {
        // An error means that whoever watches the process is gone, and the process with it.
        let _ = self.gone.wait_for(|gone| *gone).await;
    }
}

impl Watch {
    /// Waits until it is to be killed.
    pub(crate) async fn killed(&mut self) {
        // An error means that nobody has a handle any more, so nobody needs the process.
        let _ = self.killed.wait_for(|killed| *killed).await;
    }

    /// Tells everybody who waits that the process is gone.
    pub(crate) fn is_gone(&self) {
        self.going.send_replace(true);
    }
}
