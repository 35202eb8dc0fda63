//! The floor without DynamoDB: a function that answers a constant. Never deployed; `cargo local bench` measures against it.

use lambda_http::{Body, Error, Request, Response, service_fn};

fn main() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(lambda_http::run(service_fn(|_: Request| async {
        Ok::<_, Error>(Response::new(Body::from(r#"{"detail": "constant"}"#)))
    })))
}
