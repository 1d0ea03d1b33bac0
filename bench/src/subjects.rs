//! What is measured: every function, and the peers of one of them.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::AnyError;
use crate::lambda::RuntimeApi;
use crate::paths::Paths;
use crate::recording::Recording;
use crate::table::{CannedAnswer, CannedTable};

/// The function that the peers implement too.
pub const COMPARED: &str = "clients-infos";

/// A program, and how it is started as a Lambda function.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Name in tables: of a function, or of a peer with the word "peer" before it.
    pub name: String,
    /// Event of every invocation.
    pub event: String,
    /// Answers of the table.
    pub answers: Vec<CannedAnswer>,
    /// Files of its deployment package.
    pub package: Vec<PathBuf>,
    /// Whether callgrind can count its requests one by one in bearable time.
    pub is_native: bool,
    program: PathBuf,
    arguments: Vec<OsString>,
    folder: Option<PathBuf>,
    environment: Vec<(OsString, OsString)>,
}

impl Subject {
    /// Returns the command that starts it.
    #[must_use]
    pub fn command(&self, api: &RuntimeApi) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .env("AWS_LAMBDA_RUNTIME_API", api.address())
            .stdout(Stdio::null());
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command
    }

    /// Sets a variable of its environment.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.push((name.into(), value.into()));
    }

    /// Returns its name as part of a file name.
    #[must_use]
    pub fn file_name(&self) -> String {
        self.name.replace(' ', "-")
    }

    /// Returns `true` if it is a function of this repository.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        !self.name.starts_with("peer")
    }
}

/// Returns the functions whose names are in `names`; all of them, if it is empty.
///
/// # Errors
/// Returns an error if there is no recording for a function.
pub fn functions(paths: &Paths, table: &CannedTable, names: &[String]) -> Result<Vec<Subject>, AnyError> {
    let mut all: Vec<String> = fs::read_dir(paths.root.join("functions/src/bin"))?
        .map(|file| Ok(file?.path().file_stem().unwrap_or_default().to_string_lossy().into_owned()))
        .collect::<Result<_, AnyError>>()?;
    all.sort();
    if let Some(unknown) = names.iter().find(|name| !all.contains(name)) {
        return Err(format!("{unknown} is not a function").into());
    }
    let chosen = all.into_iter().filter(|name| names.is_empty() || names.contains(name));
    chosen.map(|name| function(paths, table, name)).collect()
}

fn function(paths: &Paths, table: &CannedTable, name: String) -> Result<Subject, AnyError> {
    let program = paths.functions.join(&name).join("bootstrap");
    let Recording { event, answers } = Recording::of(paths, &name)?;
    Ok(Subject {
        name,
        event,
        answers,
        package: vec![program.clone()],
        is_native: true,
        program,
        arguments: Vec::new(),
        folder: None,
        environment: environment(table),
    })
}

/// Returns the peers that were built, with the event and the answers of the function that they implement.
///
/// # Errors
/// Returns an error if a folder cannot be read.
pub fn peers(paths: &Paths, table: &CannedTable, compared: &Subject) -> Result<Vec<Subject>, AnyError> {
    let peer = |name: &str, program: PathBuf, arguments: &[&str], folder: Option<PathBuf>, package| Subject {
        name: format!("peer {name}"),
        package,
        is_native: folder.is_none(),
        program,
        arguments: arguments.iter().map(OsString::from).collect(),
        folder,
        ..compared.clone()
    };
    let mut peers = Vec::new();
    for name in ["limit", "samples-without-jitter", "samples"] {
        let program = paths.peers.join(name).join("bootstrap");
        if program.is_file() {
            let mut rust = peer(name, program.clone(), &[], None, vec![program]);
            // The SDK's default trust store reads this file instead of the system's roots.
            rust.environment.push(("SSL_CERT_FILE".into(), system_roots(paths, table)?.into()));
            peers.push(rust);
        }
    }
    let node = paths.peers.join("node");
    if node.is_dir() {
        let package = files(&node)?;
        let mut node = peer("node", "node".into(), &["bootstrap.mjs"], Some(node), package);
        node.environment.push(("NODE_EXTRA_CA_CERTS".into(), table.roots().into()));
        node.environment.push(("NODE_NO_WARNINGS".into(), "1".into()));
        peers.push(node);
    }
    if paths.python.is_file() {
        let program = paths.root.join("bench/peers/fastapi");
        let mut package = files(&paths.peers.join("venv/lib"))?;
        package.retain(|file| {
            !file.components().any(|part| part.as_os_str() == "pip" || part.as_os_str() == "setuptools")
        });
        let python = paths.python.clone();
        peers.push(peer("fastapi", python, &["-m", "awslambdaric", "app.handler"], Some(program), package));
    }
    Ok(peers)
}

/// The environment of Lambda and of the template.
fn environment(table: &CannedTable) -> Vec<(OsString, OsString)> {
    let mut environment: Vec<(OsString, OsString)> = [
        ("AWS_ACCESS_KEY_ID", "ASIAEXAMPLEEXAMPLE00".to_owned()),
        ("AWS_ENDPOINT_URL_DYNAMODB", table.url()),
        ("AWS_DEFAULT_REGION", "eu-west-3".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256".to_owned()),
        ("AWS_LAMBDA_FUNCTION_NAME", "parc-dev-Function".to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "parc-dev".to_owned()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/28/parc-dev-Function[1]0123456789abcdef".to_owned()),
        ("AWS_REGION", "eu-west-3".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "e".repeat(40)),
        // About as long as Lambda's.
        ("AWS_SESSION_TOKEN", "e".repeat(1000)),
        ("PARC_CURSOR_KEY", "arn:aws:cloudformation:eu-west-3:123456789012:stack/parc-dev/example".to_owned()),
        ("PARC_STACK", "parc-dev".to_owned()),
        ("PARC_TABLE", "parc".to_owned()),
    ]
    .map(|(name, value)| (name.into(), value.into()))
    .into();
    environment.push(("AWS_CA_BUNDLE".into(), table.roots().into()));
    environment.push(("PATH".into(), std::env::var_os("PATH").unwrap_or_default()));
    environment
}

/// Writes the system's root certificates and the table's to one file.
fn system_roots(paths: &Paths, table: &CannedTable) -> Result<PathBuf, AnyError> {
    let system = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];
    let system = system.iter().find_map(|file| fs::read(file).ok()).unwrap_or_default();
    let file = paths.scratch.join("system-roots.pem");
    fs::write(&file, [system, fs::read(table.roots())?].concat())?;
    Ok(file)
}

/// Returns every file below a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>, AnyError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { files.extend(self::files(&path)?) } else { files.push(path) }
    }
    Ok(files)
}
