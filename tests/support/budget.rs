//! Counting a route's calls to DynamoDB against its budget.

use serde_json::Value;

use super::{Proxy, World};

/// A world whose calls to DynamoDB are counted by that proxy.
pub(crate) async fn counted(proxy: &Proxy) -> World {
    World::through(proxy.clone(), |_| {}).await
}

/// A route: method, path, what it is asked cold and then warm, and the two budgets.
pub(crate) type Step = (&'static str, String, [Value; 2], usize, usize);

/// Takes the steps in order and gives a line for each call: what it was answered, and what that took.
pub(crate) async fn spend(world: &World, proxy: &Proxy, steps: Vec<Step>) -> String {
    let mut table = Vec::new();
    for (method, path, bodies, cold, warm) in steps {
        // Each step starts with fresh functions, so that the first call is cold.
        world.stack.kill_functions().await;
        for (body, budget) in bodies.iter().zip([cold, warm]) {
            proxy.take();
            let reply = world.ask(&world.token, method, &path, Some(body)).await;
            assert!(reply.status < 500, "{method} {path}: {}", reply.text);
            let calls = proxy.take();
            assert!(calls.len() <= budget, "{method} {path} {body}: {calls:?} exceeds {budget}");
            table.push(format!("{method} {path} {} {calls:?}", reply.status));
        }
    }
    table.join("\n")
}
