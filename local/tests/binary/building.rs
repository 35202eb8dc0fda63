//! While it builds, and while it serves what is built already.

use std::{os::unix::fs::PermissionsExt as _, process::Command};

use rustix::process::Signal;

use crate::{
    program::{children, end, folder, follow, program, stop},
    running::{Running, bash, functions, root},
};

#[test]
fn a_signal_while_it_builds_leaves_nothing_behind() {
    let folder = folder("building");
    // What stands for cargo, and for the compiler that it has started.
    let cargo = folder.join("cargo");
    std::fs::write(&cargo, "#!/bin/sh\nsh -c 'echo compiling; exec sleep 600' &\necho $! > compiler\nwait\n").unwrap();
    std::fs::set_permissions(&cargo, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::create_dir(folder.join("local")).unwrap();
    std::fs::copy(root().join("template.yaml"), folder.join("template.yaml")).unwrap();
    for signal in [Signal::TERM, Signal::INT] {
        let mut command = program();
        let mut child = command
            .arg("--ephemeral")
            .env("CARGO", &cargo)
            .env("CARGO_MANIFEST_DIR", folder.join("local"))
            .spawn()
            .unwrap();
        let [lines, errors] = follow(&mut child);
        while lines.recv().unwrap() != "compiling" {}
        let started = children(child.id());
        let mut all: Vec<u32> = started.iter().flat_map(|process| children(*process)).collect();
        all.extend(started);
        assert!(all.len() >= 2, "{all:?}");
        stop(child, signal);
        end(&all);
        assert_eq!(errors.iter().collect::<Vec<_>>(), [""; 0]);
        assert!(lines.try_recv().is_err());
    }
}

#[test]
fn a_request_waits_for_a_function_that_is_still_being_built() {
    functions();
    let folder = folder("behind");
    // What stands for cargo ends when it is told how.
    let (cargo, ends) = (folder.join("cargo"), folder.join("ends"));
    assert!(Command::new("mkfifo").arg(&ends).status().unwrap().success());
    let script = format!("#!/bin/sh\necho \"$@\" > {0}/asked\nread -r code < {0}/ends\nexit $code\n", folder.display());
    std::fs::write(&cargo, script).unwrap();
    std::fs::set_permissions(&cargo, std::fs::Permissions::from_mode(0o755)).unwrap();
    let first: Vec<_> = start::FIRST.iter().map(|name| (*name).to_owned()).collect();
    for (code, status) in [("0", 401), ("1", 502)] {
        let stack = Running::new(&first, &folder.join("data"), |command| {
            command.env("CARGO", &cargo);
        });
        let rest = format!("Cargo builds what has changed of the other {} functions", functions().len() - first.len());
        assert!(stack.introduction.iter().any(|line| line.starts_with(&rest)), "{:?}", stack.introduction);
        let url = format!("{}/api/webhooks/v4/webhooks", stack.gateway());
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let asked = runtime.spawn(async move { local::client().unwrap().get(url).send().await.unwrap().status() });
        // What is built already answers meanwhile, and shows that the stack serves.
        let (shown, _) = bash(&stack.block());
        assert!(shown.contains("Flipism"), "{shown}");
        assert!(!asked.is_finished());
        std::fs::write(&ends, format!("{code}\n")).unwrap();
        assert_eq!(runtime.block_on(asked).unwrap(), status);
        if code == "0" {
            assert_eq!(stack.lines.recv().unwrap(), "All functions are built.");
        }
        let log = stack.stop(Signal::INT);
        assert!(log.contains("FlipListWebhooks: it is still being built"), "{log}");
        assert_eq!(log.contains("cargo has said above what is wrong"), code == "1", "{log}");
        let asked = std::fs::read_to_string(folder.join("asked")).unwrap();
        assert!(asked.contains("--bin flip-list-webhooks") && !asked.contains("--bin delivery-drain"), "{asked}");
    }
}
