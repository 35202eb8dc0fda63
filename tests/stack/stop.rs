//! The stack stops quickly and silently.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use crate::support::{World, root};

/// A path of every route that answers to GET, and so of very many functions.
fn paths() -> Vec<String> {
    let template = std::fs::read_to_string(root().join("template.yaml")).unwrap();
    let routes = template.lines().filter(|line| line.contains("Method: GET") || line.contains("Method: POST"));
    let path = |line: &str| Some(line.split_once("Path: '")?.1.split_once('\'')?.0.to_owned());
    routes.filter_map(path).map(|path| path.replace(['{', '}'], "")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_functions_end_within_two_seconds_and_say_nothing() {
    let world = World::with(|options| options.concurrency = 100).await;
    let asked = paths().into_iter().flat_map(|path| {
        let world = &world;
        ["GET", "POST"].map(|method| {
            let path = path.clone();
            async move { world.call(method, &path, None).await.status }
        })
    });
    let statuses = join_all(asked).await;
    assert!(statuses.len() > 40 && statuses.iter().all(|status| *status < 500), "{statuses:?}");
    let said = world.logs().len();
    let (start, logs) = (Instant::now(), world.stop().await);
    let took = start.elapsed();
    assert!(took < Duration::from_secs(2), "{took:?}");
    let last: Vec<_> = logs.iter().skip(said).filter(|line| !line.contains('{')).collect();
    assert!(last.is_empty(), "{last:?}");
    assert!(!logs.iter().any(|line| line.contains("panicked")));
}
