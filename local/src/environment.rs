//! One process of a function: started as Lambda would, listened to, and described when it ends.

use std::{
    collections::VecDeque,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    process::{Child, Command},
    task::JoinHandle,
};

use crate::{
    failure::InvocationFailure,
    lock::lock,
    process::{Process, Watch},
    settings::{Log, Settings},
    template::Function,
};

/// How long a process may take until it asks for its first invocation. Lambda allows 10 s; a debug build on a busy machine
/// deserves more.
const INIT: Duration = Duration::from_secs(30);

/// How many of its last lines on standard error describe a process that ended.
const LAST_LINES: usize = 10;

/// The variables that a process inherits from the stack's environment: nothing of AWS, and no proxy.
const INHERITED: [&str; 7] =
    ["PATH", "HOME", "SSL_CERT_FILE", "SSL_CERT_DIR", "RUST_LOG", "RUST_BACKTRACE", "LLVM_PROFILE_FILE"];

/// Starts a process for the function. Whoever calls it waits for the end of what is running.
pub(crate) fn start(
    settings: &Settings,
    function: &Function,
    number: u64,
) -> Result<(Process, Running), InvocationFailure> {
    let path = settings.folder.join(&function.binary);
    let mut command = Command::new(&path);
    command.env_clear();
    for name in INHERITED {
        if let Ok(value) = std::env::var(name) {
            command.env(name, value);
        }
    }
    command
        .env("AWS_REGION", "us-east-1")
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "local")
        .env("AWS_SECRET_ACCESS_KEY", "local")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("LAMBDA_TASK_ROOT", &settings.folder)
        .env("TZ", ":UTC")
        .envs(&function.environment)
        .envs(&settings.environment)
        .env("AWS_LAMBDA_RUNTIME_API", format!("{}/{}/{number}", settings.runtime_api, function.id))
        .env("AWS_LAMBDA_FUNCTION_NAME", &function.name)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory_mb.to_string())
        // Names the function in its calls to DynamoDB, so that a test can tell whose they are.
        .env("AWS_SDK_UA_APP_ID", &function.id)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Ctrl-C is for the stack, which then stops its functions in its own order.
        .process_group(0)
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| {
        InvocationFailure::Ended(format!("{}: {} cannot be started: {error}", function.id, path.display()))
    })?;
    let last = Arc::default();
    let outputs = [
        follow(&function.id, &settings.log, None, child.stdout.take()),
        follow(&function.id, &settings.log, Some(Arc::clone(&last)), child.stderr.take()),
    ];
    let (process, watch) = Process::new(child.id().unwrap_or_default());
    Ok((process, Running { child, watch, outputs: outputs.into_iter().flatten().collect(), last }))
}

/// A process under way, with what it says.
pub(crate) struct Running {
    child: Child,
    watch: Watch,
    outputs: Vec<JoinHandle<()>>,
    /// Its last lines on standard error.
    last: Arc<Mutex<VecDeque<String>>>,
}

impl Running {
    /// Waits until the process is gone: by itself, because it was to be killed, or because it was not ready in time.
    pub(crate) async fn end(&mut self, is_ready: impl Fn() -> bool) -> End {
        let end = tokio::select! {
            status = self.child.wait() => status.map_or_else(End::Unknown, End::ByItself),
            () = self.watch.killed() => kill(&mut self.child, End::Killed).await,
            () = never_ready(is_ready) => kill(&mut self.child, End::NeverReady).await,
        };
        self.watch.is_gone();
        end
    }

    /// The last lines on standard error of a process that is gone.
    pub(crate) async fn last_lines(self) -> String {
        // What it said last is still on its way; a grandchild may hold the pipe open forever.
        for output in self.outputs {
            let _ = tokio::time::timeout(Duration::from_millis(300), output).await;
        }
        lock(&self.last).make_contiguous().join("\n  ")
    }
}

/// How a process ended.
pub(crate) enum End {
    ByItself(ExitStatus),
    NeverReady,
    Killed,
    Unknown(std::io::Error),
}

impl End {
    /// The end of a function's process in a sentence, with the error that it reported and what it said last.
    pub(crate) fn describe(&self, function: &str, init_error: Option<&str>, last_lines: &str) -> String {
        let end = match self {
            Self::ByItself(status) => format!("its process ended: {status}"),
            Self::NeverReady => format!("it did not ask for an invocation within {} s", INIT.as_secs()),
            Self::Killed => "its process was killed".to_owned(),
            Self::Unknown(error) => format!("its process is lost: {error}"),
        };
        let mut text = format!("{function}: {end}");
        if let Some(error) = init_error {
            text += &format!("; it could not start: {error}");
        }
        if !last_lines.is_empty() {
            text += &format!("; it said last:\n  {last_lines}");
        }
        text
    }
}

async fn kill(child: &mut Child, end: End) -> End {
    match child.kill().await {
        Ok(()) => end,
        Err(error) => End::Unknown(error),
    }
}

/// Completes when the environment has taken too long to ask for its first invocation.
async fn never_ready(is_ready: impl Fn() -> bool) {
    tokio::time::sleep(INIT).await;
    if is_ready() {
        std::future::pending::<()>().await;
    }
}

fn follow(
    id: &str,
    log: &Log,
    last: Option<Arc<Mutex<VecDeque<String>>>>,
    output: Option<impl AsyncRead + Unpin + Send + 'static>,
) -> Option<JoinHandle<()>> {
    let (id, log) = (id.to_owned(), Arc::clone(log));
    let mut lines = BufReader::new(output?);
    Some(tokio::spawn(async move {
        let mut bytes = Vec::new();
        // By bytes, since a line that is not valid UTF-8 must not end the listening: the function would block on a full pipe.
        while lines.read_until(b'\n', &mut bytes).await.is_ok_and(|read| read > 0) {
            let line = String::from_utf8_lossy(bytes.trim_ascii_end()).into_owned();
            log(&id, &line);
            if let Some(last) = &last {
                let mut last = lock(last);
                last.push_back(line);
                if last.len() > LAST_LINES {
                    last.pop_front();
                }
            }
            bytes.clear();
        }
    }))
}
