//! Requests and replies as the API modules see them, and the loop that serves them on Lambda.

mod app;
mod gateway;
mod reply;
mod request;

pub use app::{App, Error, Handle, Pending, run};
pub use reply::Reply;
pub use request::Request;

/// Makes the `main` of a function that answers HTTP requests with `$handler`, an
/// `async fn(&App, &Request) -> Result<Reply, F>` where `F` becomes a [`Reply`].
#[macro_export]
macro_rules! serve {
    ($handler:path) => {
        fn main() -> Result<(), $crate::http::Error> {
            $crate::http::run(|app, request| {
                Box::pin(async move { $handler(app, request).await.unwrap_or_else($crate::http::Reply::from) })
            })
        }
    };
}
