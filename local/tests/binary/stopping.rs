//! How it ends.

use std::os::unix::fs::MetadataExt as _;

use rustix::process::Signal;

use crate::{
    program::{children, end, folder},
    running::{Running, functions, template},
};

#[test]
fn fifty_functions_end_within_two_seconds_silently() {
    let ready = folder("fifty").join("ready.json");
    for signal in [Signal::TERM, Signal::INT] {
        let _ = std::fs::remove_file(&ready);
        let stack = Running::new(functions(), &folder("fifty-data"), |command| {
            command.args(["--concurrency", "100", "--ready-file"]).arg(&ready);
        });
        // It is written after the last line of the introduction.
        let told: local::Ready = loop {
            match std::fs::read_to_string(&ready) {
                Ok(text) => break serde_json::from_str(&text).unwrap(),
                Err(_) => std::thread::yield_now(),
            }
        };
        assert_eq!(ready.metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(told.gateway, stack.gateway());
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let client = local::client().unwrap();
            let invoked = template().into_iter().map(async |function| {
                // Whatever it makes of that, it has started.
                let url = format!("{}/2015-03-31/functions/{}/invocations", told.lambda, function.id);
                client.post(url).body("{}").send().await.unwrap().status()
            });
            let statuses = futures_util::future::join_all(invoked).await;
            assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
            let failures = client.get(format!("{}/_failures", told.lambda)).send().await.unwrap();
            assert_eq!(failures.text().await.unwrap(), "[]");
        });
        let started = children(stack.child.id());
        assert!(started.len() >= 50, "{} functions", started.len());
        let log = stack.stop(signal);
        assert!(!log.contains("panicked") && !log.contains("stopping") && !log.contains("ended"), "{log}");
        end(&started);
    }
}
