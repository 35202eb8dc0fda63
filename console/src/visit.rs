//! Who visits: the session's cookie, and what guards the forms.

use shared::{
    api::operations::OperationsFailure,
    app::{App, Visiting},
    domain::{Caller, Permission, QueueState, Secret, Session, Timestamp, Webhook, WebhookKey},
    http::Request,
};

use crate::{
    failure::{Failure, Refused},
    form::Fields,
    place::Place,
    view::{Frame, Notice, Visitor},
};

/// The name of the cookie.
pub(crate) const COOKIE: &str = "outhook_session";

/// The name of the field with the form's token.
pub(crate) const TOKEN_FIELD: &str = "token";

/// A visitor with a session, and the page's frame.
#[derive(Debug)]
pub(crate) struct Visit {
    /// Who visits.
    pub(crate) caller: Caller,
    /// What is around the page.
    pub(crate) frame: Frame,
    webhook: Option<(Webhook, QueueState)>,
}

impl Visit {
    /// Finds the session of a request, and reads with it the webhook that the page is about.
    pub(crate) async fn of(app: &App, request: &Request, webhook: Option<&WebhookKey>) -> Result<Self, Failure> {
        let text = request.cookie(COOKIE).ok_or(Failure::NoSession(Refused::NotEntered))?;
        let found = app.session(request, text, webhook).await?;
        let Visiting { caller, webhook, .. } = found.ok_or(Failure::NoSession(Refused::Ended))?;
        let visitor = Visitor {
            organization: caller.organization.name.clone(),
            user: caller.token.user.clone(),
            may_change: caller.may(Permission::OperationsWrite),
            form_token: Secret::new(Session::form_token(text)),
        };
        let mut frame = frame(app, request);
        frame.visitor = Some(visitor);
        frame.entered = true;
        Ok(Self { caller, frame, webhook })
    }

    /// As [`Visit::of`], for a form: it must come from a page of this session, and the visitor must be allowed to change
    /// something. Returns its fields too.
    pub(crate) async fn to_change(
        app: &App,
        request: &Request,
        webhook: Option<&WebhookKey>,
    ) -> Result<(Self, Fields), Failure> {
        let (visit, fields) = Self::with_form(app, request, webhook).await?;
        if visit.caller.may(Permission::OperationsWrite) {
            Ok((visit, fields))
        } else {
            Err(OperationsFailure::PermissionDenied(Permission::OperationsWrite).into())
        }
    }

    /// As [`Visit::of`], for a form, which must come from a page of this session.
    pub(crate) async fn with_form(
        app: &App,
        request: &Request,
        webhook: Option<&WebhookKey>,
    ) -> Result<(Self, Fields), Failure> {
        let fields = Fields::of(request)?;
        if !Place::of(request).is_origin_of(request) {
            return Err(Failure::Forged);
        }
        let visit = Self::of(app, request, webhook).await?;
        // The token is a hash of a secret, so that comparing it step by step gives nothing away.
        if fields.text(TOKEN_FIELD) == visit.frame.form_token() { Ok((visit, fields)) } else { Err(Failure::Forged) }
    }

    /// The webhook that the page is about, with its queue.
    pub(crate) fn webhook(&self) -> Result<(&Webhook, &QueueState), Failure> {
        self.webhook.as_ref().map(|(webhook, queue)| (webhook, queue)).ok_or(Failure::NOT_FOUND)
    }
}

/// What is around a page for somebody without a session.
pub(crate) fn frame(app: &App, request: &Request) -> Frame {
    Frame {
        place: Place::of(request),
        now: app.store.clock().now(),
        visitor: None,
        entered: false,
        notice: request.parameter("done").and_then(Notice::parse),
    }
}

/// The cookie that begins a session, as the value of `Set-Cookie`.
pub(crate) fn cookie(place: &Place, text: &str, until: Timestamp, now: Timestamp) -> String {
    format!(
        "{COOKIE}={text}; Path={}; Max-Age={}; HttpOnly; Secure; SameSite=Strict",
        place.path(),
        until.since(now).as_secs()
    )
}

/// The cookie that ends a session, as the value of `Set-Cookie`.
pub(crate) fn no_cookie(place: &Place) -> String {
    format!("{COOKIE}=; Path={}; Max-Age=0; HttpOnly; Secure; SameSite=Strict", place.path())
}

/// The request without what the console itself put into its query, and without filters that were left empty: as the
/// operations API would get it.
pub(crate) fn filters(request: &Request) -> Request {
    let mut request = request.clone();
    request.query.retain(|(name, value)| !value.is_empty() && name != "done");
    request
}
