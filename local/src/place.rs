//! Where the table is.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use shared::http::AppContext;
use shared::store::{Database, Settings};
use shared::time_limits::DEFAULT_TIME_LIMIT;
use shared::validation::CursorKey;
use testkit::embedded::Embedded;
use testkit::template;
use tokio::time::timeout;
use uuid::Uuid;

use crate::AnyError;

/// How long calls that are under way may take once the engine is to end.
const GRACE: Duration = Duration::from_secs(10);

#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The folder that the table is kept in
    #[arg(long, global = true, value_name = "DIR", default_value = ".parc", conflicts_with_all = ["memory", "endpoint"])]
    data: PathBuf,
    /// Keep the table in memory and forget it at the end
    #[arg(long, global = true, conflicts_with = "endpoint")]
    pub(crate) memory: bool,
    /// Use the DynamoDB at this URL
    #[arg(long, global = true, value_name = "URL")]
    endpoint: Option<String>,
    /// The name of the table
    #[arg(long, global = true, default_value = "parc")]
    table: String,
}

/// A table that can be asked.
pub(crate) struct Open {
    pub(crate) app: AppContext,
    /// Where it is, for a person.
    pub(crate) shown: String,
    engine: Option<Embedded>,
}

impl Place {
    /// What cursors are signed with there: a folder keeps its own, so that a list goes on after a new
    /// start.
    fn cursors(&self) -> Result<CursorKey, AnyError> {
        let new = Uuid::new_v4().to_string();
        if self.memory || self.endpoint.is_some() {
            return Ok(CursorKey::new(&new));
        }
        let file = self.data.join("cursor.key");
        let kept = match fs::read_to_string(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => fs::write(&file, &new).map(|()| new),
            read => read,
        };
        Ok(CursorKey::new(&kept.map_err(|error| format!("{}: {error}", file.display()))?))
    }

    /// Starts the engine of a folder or of memory, and connects to the table.
    async fn start(&self) -> Result<Open, AnyError> {
        let (engine, place) = if self.endpoint.is_some() {
            (None, "elsewhere".to_owned())
        } else if self.memory {
            (Some(Embedded::in_memory().await?), "in memory only".to_owned())
        } else {
            (Some(Embedded::in_folder(&self.data).await?), format!("in {}", self.data.display()))
        };
        let url = self.endpoint.as_deref().or(engine.as_ref().map(Embedded::url)).unwrap_or_default();
        let shown = format!("{place}: table {} of the DynamoDB at {url}", self.table);
        let database = Database::connect(Settings::for_endpoint(&self.table, url))?;
        let app = AppContext { database, cursors: self.cursors()?, time_limit: DEFAULT_TIME_LIMIT };
        Ok(Open { app, shown, engine })
    }

    /// Opens the table, and makes it unless it exists.
    pub(crate) async fn open_or_make(&self) -> Result<Open, AnyError> {
        let open = self.start().await?;
        open.app.database.create_table(&template::table()?).await?;
        Ok(open)
    }

    /// Opens a table that exists.
    pub(crate) async fn open(&self) -> Result<Open, AnyError> {
        let open = self.start().await?;
        open.app.database.check_layout().await?;
        Ok(open)
    }
}

impl Open {
    /// Ends what was started for it.
    pub(crate) async fn close(self) -> Result<(), AnyError> {
        if let Some(engine) = self.engine {
            timeout(GRACE, engine.stop()).await.map_err(|_| "the table did not stop in time")??;
        }
        Ok(())
    }
}
