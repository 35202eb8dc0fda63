//! The macro that turns a handler into a function's binary.

/// Defines the `main` of a function that answers HTTP requests with `$handler`, an `async fn(&App, &Request) ->
/// Result<Reply, F>` whose error `F` converts to a [`Reply`](crate::http::Reply). An optional second argument, a
/// `fn(&Request, Reply) -> Reply`, is applied to every reply.
#[macro_export]
macro_rules! serve {
    ($handler:path) => {
        $crate::serve!($handler, |_, reply| reply);
    };
    ($handler:path, $finish:expr) => {
        fn main() -> Result<(), $crate::runtime::Error> {
            let handle: $crate::app::Handle = |app, request| {
                Box::pin(async move {
                    let finish: fn(&$crate::http::Request, $crate::http::Reply) -> $crate::http::Reply = $finish;
                    finish(request, $handler(app, request).await.unwrap_or_else($crate::http::Reply::from))
                })
            };
            $crate::app::run(handle, $crate::app::defect)
        }
    };
}
