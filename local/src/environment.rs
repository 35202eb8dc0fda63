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
    sync::watch,
    task::JoinHandle,
};

use crate::{
    account::lock,
    failure::InvocationFailure,
    functions::{Functions, Log},
    template::Function,
};

/// How long a process may take until it asks for its first invocation. Lambda allows 10 s; a debug build on a busy machine
/// deserves more.
const INIT: Duration = Duration::from_secs(30);

/// How many of its last lines on standard error a process that ended is described with.
const LAST_LINES: usize = 10;

/// What a process gets of the environment in which the stack itself was started. Nothing of AWS and no proxy.
const INHERITED: [&str; 7] =
    ["PATH", "HOME", "SSL_CERT_FILE", "SSL_CERT_DIR", "RUST_LOG", "RUST_BACKTRACE", "LLVM_PROFILE_FILE"];

/// A running process.
#[derive(Clone)]
pub(crate) struct Process {
    /// Its number on this machine.
    pub(crate) id: u32,
    kill: watch::Sender<bool>,
    gone: watch::Receiver<bool>,
}

impl Process {
    /// One that is none, and gone as soon as it is killed.
    #[cfg(test)]
    pub(crate) fn fake() -> Self {
        let (kill, gone) = watch::channel(false);
        Self { id: 0, kill, gone }
    }

    /// Has it killed.
    pub(crate) fn kill(&self) {
        self.kill.send_replace(true);
    }

    /// Waits until it is gone.
    pub(crate) async fn gone(mut self) {
        // An error means that whoever watches the process is gone, and the process with it.
        let _ = self.gone.wait_for(|gone| *gone).await;
    }
}

/// Starts a process for the function.
pub(crate) fn start(
    functions: &Functions,
    function: &Arc<Function>,
    number: u64,
) -> Result<Process, InvocationFailure> {
    let settings = functions.settings();
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
    let last = Arc::new(Mutex::new(VecDeque::new()));
    let outputs = [
        follow(&function.id, &settings.log, None, child.stdout.take()),
        follow(&function.id, &settings.log, Some(Arc::clone(&last)), child.stderr.take()),
    ];
    let (kill, killed) = watch::channel(false);
    let (going, gone) = watch::channel(false);
    let id = child.id().unwrap_or_default();
    let (functions, function) = (functions.clone(), Arc::clone(function));
    tokio::spawn(async move {
        let end = wait(&mut child, killed, &functions, number).await;
        going.send_replace(true);
        functions.gone(number);
        // What it said last is still on its way; a grandchild may hold the pipe open forever.
        for output in outputs.into_iter().flatten() {
            let _ = tokio::time::timeout(Duration::from_millis(300), output).await;
        }
        functions.ended(&function.id, number, |init_error| {
            describe(&function.id, &end, init_error, &lock(&last).make_contiguous().join("\n  "))
        });
    });
    Ok(Process { id, kill, gone })
}

/// How a process ended.
enum End {
    ByItself(ExitStatus),
    NeverReady,
    Killed,
    Unknown(std::io::Error),
}

async fn wait(child: &mut Child, mut killed: watch::Receiver<bool>, functions: &Functions, number: u64) -> End {
    let end = tokio::select! {
        status = child.wait() => return status.map_or_else(End::Unknown, End::ByItself),
        _ = killed.wait_for(|killed| *killed) => End::Killed,
        () = never_ready(functions, number) => End::NeverReady,
    };
    match child.kill().await {
        Ok(()) => end,
        Err(error) => End::Unknown(error),
    }
}

/// Completes when the environment is late with its first request.
async fn never_ready(functions: &Functions, number: u64) {
    tokio::time::sleep(INIT).await;
    if functions.account().is_ready(number) {
        std::future::pending::<()>().await;
    }
}

fn describe(function: &str, end: &End, init_error: Option<&str>, last_lines: &str) -> String {
    let end = match end {
        End::ByItself(status) => format!("its process ended: {status}"),
        End::NeverReady => format!("it did not ask for an invocation within {} s", INIT.as_secs()),
        End::Killed => "its process was killed".to_owned(),
        End::Unknown(error) => format!("its process is lost: {error}"),
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
