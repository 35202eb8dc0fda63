//! `POST /console/webhooks/{id}/pause`, `/unpause` and `/unsuspend`: changes whether a webhook's events are delivered.

use shared::{
    app::App,
    domain::WebhookKey,
    http::{Reply, Request},
};

use super::done;
use crate::{failure::Failure, view::Notice, visit::Visit};

/// A change of a webhook's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StateChange {
    /// Stop delivery.
    Pause,
    /// Go on after a pause.
    Unpause,
    /// Go on after a suspension.
    Unsuspend,
}

/// Changes the state, and goes back to where the button was.
pub(crate) async fn change(
    app: &App,
    request: &Request,
    key: &WebhookKey,
    change: StateChange,
) -> Result<Reply, Failure> {
    let (Visit { caller, frame, .. }, fields) = Visit::to_change(app, request, None).await?;
    let now = app.store.clock().now();
    let changed = app.change_state(&caller.organization.id, key, |webhook| match change {
        StateChange::Pause => {
            webhook.pause(now);
            Ok(())
        }
        StateChange::Unpause => webhook.unpause(now),
        StateChange::Unsuspend => {
            webhook.unsuspend();
            Ok(())
        }
    });
    changed.await?;
    let notice = match change {
        StateChange::Pause => Notice::Paused,
        StateChange::Unpause => Notice::Unpaused,
        StateChange::Unsuspend => Notice::Unsuspended,
    };
    let back = if fields.text("from") == "list" { "/webhooks".to_owned() } else { format!("/webhooks/{key}") };
    Ok(done(&frame, &back, notice))
}
