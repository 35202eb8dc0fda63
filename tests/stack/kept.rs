//! What a user of the stack is told to paste works at every start.

use std::process::Command;

use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_lines_work_at_every_start() {
    let data = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("kept-lines");
    let _ = std::fs::remove_dir_all(&data);
    for webhook in 1..=2 {
        let world = World::with(|options| options.data = Some(data.clone())).await;
        let lines = local::introduction::lines(world.stack.ready());
        assert!(lines.iter().all(|line| !line.contains('\n')), "each is whole on its line");
        // As pasted into a shell: an error of one line does not stop the next.
        let mut bash = Command::new("bash");
        bash.arg("-c").arg(lines.join("\necho\n"));
        let done = tokio::task::spawn_blocking(move || bash.output()).await.unwrap().unwrap();
        let shown = String::from_utf8(done.stdout).unwrap();
        assert!(shown.contains(&format!("webhook {webhook}\n")), "{shown}");
        assert!(shown.contains(r#""event_source":"CreatedProjectActivity""#), "{shown}");
        assert!(shown.contains(r#""name":"CreatedProjectActivity""#), "{shown}");
        assert!(!shown.contains("detail"), "{shown}");
        let message = world.accepted("XXXXXXXXXXXXXXXXXXXXXXXX", 1).await;
        assert!(message[0].contains("Flipism"), "{message:?}");
        world.stop().await;
    }
}
