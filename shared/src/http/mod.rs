//! Requests and replies as the API modules see them, and the loop that serves them on Lambda.

mod app;
mod audit;
mod caller;
mod change;
mod event;
mod gateway;
#[cfg(test)]
mod odd_events;
mod own_hosts;
mod reply;
mod request;

pub use app::{App, Defect, Handle, ReplyFuture, run};
pub use audit::Audit;
pub use own_hosts::OwnHosts;
pub use reply::Reply;
pub use request::Request;

/// Makes the `main` of a function that answers HTTP requests with `$handler`, an
/// `async fn(&App, &Request) -> Result<Reply, F>` where `F` becomes a [`Reply`]. A second argument, a
/// `fn(&Request, Reply) -> Reply`, finishes every reply.
#[macro_export]
macro_rules! serve {
    ($handler:path) => {
        $crate::serve!($handler, |_, reply| reply);
    };
    ($handler:path, $finish:expr) => {
        fn main() -> Result<(), $crate::runtime::Error> {
            let handle: $crate::http::Handle = |app, request| {
                Box::pin(async move {
                    let finish: fn(&$crate::http::Request, $crate::http::Reply) -> $crate::http::Reply = $finish;
                    finish(request, $handler(app, request).await.unwrap_or_else($crate::http::Reply::from))
                })
            };
            $crate::http::run(handle, $crate::api::defect)
        }
    };
}
