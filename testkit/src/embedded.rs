//! A DynamoDB engine inside this process, on a loopback port of its own.

use std::error::Error;
use std::fs::{self, File, TryLockError};
use std::net::Ipv4Addr;
use std::path::Path;

use dynoxide::Database as Engine;
use shared::store::{Database, Settings};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::template;

type AnyError = Box<dyn Error + Send + Sync>;

/// A running engine; what it holds in memory ends with it.
#[derive(Debug)]
pub struct Embedded {
    url: String,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), String>>,
    _lock: Option<File>,
}

impl Embedded {
    /// An engine that keeps its tables in memory.
    ///
    /// # Errors
    /// That no port can be had.
    pub async fn in_memory() -> Result<Self, AnyError> {
        Self::serve(Engine::memory()?, None).await
    }

    /// An engine that keeps its tables in a folder, which is made where there is none.
    ///
    /// Every write is on disk before it is answered.
    ///
    /// # Errors
    /// That the folder cannot be written, or that another process has it open.
    pub async fn in_folder(folder: &Path) -> Result<Self, AnyError> {
        let shown = folder.display();
        fs::create_dir_all(folder).map_err(|error| format!("{shown} cannot be made: {error}"))?;
        let lock = File::create(folder.join("lock")).map_err(|error| format!("{shown} cannot be written: {error}"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(format!(
                    "{shown} is in use by another parc: end it, or give --endpoint the URL that it printed"
                )
                .into());
            }
            Err(TryLockError::Error(error)) => return Err(format!("{shown} cannot be locked: {error}").into()),
        }
        let file = folder.join("table.db");
        let file = file.to_str().ok_or_else(|| format!("{shown} is no Unicode path"))?;
        Self::serve(Engine::new(file)?, Some(lock)).await
    }

    async fn serve(engine: Engine, lock: Option<File>) -> Result<Self, AnyError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (stop, stopped) = oneshot::channel();
        let stopped = async { _ = stopped.await };
        let serving = tokio::spawn(dynoxide::server::serve_with_shutdown(listener, engine, stopped));
        Ok(Self { url, stop, serving, _lock: lock })
    }

    /// The template's table in this engine, named `parc`, which is made where there is none.
    ///
    /// # Errors
    /// That the engine refuses it.
    pub async fn table(&self) -> Result<Database, AnyError> {
        let database = Database::connect(Settings::for_endpoint("parc", &self.url))?;
        database.create_table(&template::table()?).await?;
        Ok(database)
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Ends it after the calls that are under way.
    ///
    /// # Errors
    /// That it had failed before.
    pub async fn stop(self) -> Result<(), AnyError> {
        // It is gone already where the other end is; then its error is what matters.
        let _ = self.stop.send(());
        Ok(self.serving.await??)
    }
}
