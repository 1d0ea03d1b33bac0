//! An embedded table: dynoxide, a DynamoDB emulator over SQLite, on a loopback port of this process.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Read};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::thread;
use std::time::Duration;

use dynoxide::Database as Engine;
use shared::store::{Database, Settings};
use tokio::runtime;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::{AnyError, template};

/// Name of the SQLite database in its folder.
pub const DATABASE_FILE: &str = "table.db";

/// First bytes of every SQLite database. Source: <https://www.sqlite.org/fileformat.html>.
const SQLITE_HEADER: &[u8; 16] = b"SQLite format 3\0";

/// Advice about a damaged database.
const REPAIR: &str = "restore it from a copy, or move it away to start with an empty table";

/// Time that the emulator has to finish calls once it is stopped. Without a limit, an unused
/// connection would keep it from stopping.
const STOP_TIME_LIMIT: Duration = Duration::from_secs(2);

/// A running emulator. A table in memory is lost when it ends.
#[derive(Debug)]
pub struct Embedded {
    url: String,
    stop: oneshot::Sender<()>,
    /// The emulator's error, if any, when it has ended.
    ended: oneshot::Receiver<Result<(), String>>,
}

impl Embedded {
    /// Starts an emulator that keeps its tables in memory.
    ///
    /// # Errors
    /// Returns an error if no port is free.
    pub fn in_memory() -> Result<Self, AnyError> {
        Self::serve(Engine::memory()?, None)
    }

    /// Starts an emulator that keeps its tables in a folder, and creates the folder if it is missing.
    ///
    /// Every write is on disk before it is answered: dynoxide uses SQLite's write-ahead log with `synchronous=FULL`,
    /// SQLite's default, and each transaction ends with an fsync of the log. See "Power loss" in proof/endurance.md.
    ///
    /// # Errors
    /// Returns an error if the folder cannot be written, another process uses it, or its database is damaged.
    pub fn in_folder(folder: &Path) -> Result<Self, AnyError> {
        let path = folder.display();
        if folder.is_file() {
            return Err(format!("{path} is a file, not a folder; choose another --data").into());
        }
        create(folder).map_err(|error| format!("cannot create the folder {path}: {error}"))?;
        let lock = lock(folder)?;
        let file = folder.join(DATABASE_FILE);
        check_header(&file)?;
        let engine = Engine::new(file.to_str().ok_or_else(|| format!("the path {path} is not valid UTF-8"))?);
        let engine = engine.map_err(|error| {
            let (path, cause) = (file.display(), error.to_string());
            let cause = cause.strip_prefix("Internal error: ").unwrap_or(&cause);
            format!("cannot open the database {path}: {cause}; check that the disk has space. If the file is damaged, {REPAIR}")
        })?;
        Self::serve(engine, Some(lock))
    }

    /// Serves the engine on a thread of its own, which holds the lock of the folder until it has ended. dynoxide carries
    /// out one call at a time, behind a mutex that promises no order: on several threads, some would wait for seconds.
    fn serve(engine: Engine, lock: Option<File>) -> Result<Self, AnyError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        thread::Builder::new().name("emulator".to_owned()).spawn(move || {
            let result = runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).map_err(|error| error.to_string())?;
                dynoxide::server::serve_with_shutdown(listener, engine, async { _ = stopped.await }).await
            });
            // Its tasks use the engine.
            drop(runtime);
            drop(lock);
            // Nobody waits for the result if the emulator was dropped.
            let _ = end.send(result);
        })?;
        Ok(Self { url, stop, ended })
    }

    /// Connects to the template's table under the name `parc`, and creates it if it is missing.
    ///
    /// # Errors
    /// Returns an error if the emulator refuses the table.
    pub async fn table(&self) -> Result<Database, AnyError> {
        let database = Database::connect(Settings::for_endpoint("parc", &self.url))?;
        database.create_table(&template::table()?).await?;
        Ok(database)
    }

    /// Returns the URL that it listens on.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops it, and waits up to two seconds for the calls that are under way.
    ///
    /// # Errors
    /// Returns an error if it failed before.
    pub async fn stop(self) -> Result<(), AnyError> {
        // If it failed, the other end is gone, and its own error matters.
        let _ = self.stop.send(());
        match timeout(STOP_TIME_LIMIT, self.ended).await {
            Ok(stopped) => Ok(stopped??),
            Err(_) => Ok(()),
        }
    }
}

/// Creates a folder and those above it, and syncs the parent of each: SQLite syncs only the folder of its own files.
fn create(folder: &Path) -> io::Result<()> {
    let missing: Vec<_> =
        folder.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect();
    fs::create_dir_all(folder)?;
    for created in missing {
        let parent = created.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

/// Locks the folder, so that only one process uses it.
fn lock(folder: &Path) -> Result<File, AnyError> {
    let path = folder.display();
    let lock =
        File::create(folder.join("lock")).map_err(|error| format!("cannot write to the folder {path}: {error}"))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            let advice = "stop it, or pass the URL that it printed as --endpoint";
            Err(format!("{path} is in use by another parc: {advice}").into())
        }
        Err(TryLockError::Error(error)) => Err(format!("cannot lock the folder {path}: {error}").into()),
    }
}

/// Checks that a database that exists starts like one. An empty file becomes a new database.
fn check_header(file: &Path) -> Result<(), AnyError> {
    let mut header = Vec::new();
    let read = match File::open(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        opened => opened.and_then(|opened| opened.take(16).read_to_end(&mut header)),
    };
    let path = file.display();
    read.map_err(|error: io::Error| format!("cannot read the database {path}: {error}"))?;
    if header.is_empty() || header == SQLITE_HEADER {
        return Ok(());
    }
    Err(format!("{path} is damaged: it is not an SQLite database; {REPAIR}").into())
}
