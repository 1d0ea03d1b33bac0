//! Options that choose the table, and the table that they open.

use std::path::PathBuf;

use clap::Args;
use shared::Clock;
use shared::http::AppContext;
use shared::models::{Filter, Pagination};
use shared::store::{Database, Settings, TableError};
use shared::time_limits::DEFAULT_TIME_LIMIT;
use testkit::embedded::{DATABASE_FILE, Embedded};
use testkit::template;

use crate::{AnyError, cursor_key};

/// Code of DynamoDB's error for a table that does not exist.
const TABLE_NOT_FOUND: &str = "ResourceNotFoundException";

/// Options that choose the table.
#[derive(Debug, Args)]
pub(crate) struct TableArgs {
    /// The folder that holds the table
    #[arg(long, global = true, value_name = "DIR", default_value = ".parc", conflicts_with_all = ["memory", "endpoint"])]
    data: PathBuf,
    /// Keep the table in memory; it is lost at the end
    #[arg(long, global = true, conflicts_with = "endpoint")]
    memory: bool,
    /// Use the DynamoDB at this URL instead of the embedded emulator
    #[arg(long, global = true, value_name = "URL")]
    endpoint: Option<String>,
    /// The name of the table
    #[arg(long, global = true, value_name = "NAME", default_value = "parc")]
    table: String,
}

/// A table that is ready for requests.
pub(crate) struct OpenTable {
    pub(crate) app: AppContext,
    /// Where the table is, for people. Ends with the URL of its DynamoDB.
    pub(crate) description: String,
    emulator: Option<Embedded>,
}

impl TableArgs {
    /// Opens the table, and creates it if it is missing.
    pub(crate) async fn open_or_create(&self) -> Result<OpenTable, AnyError> {
        let table = self.connect()?;
        let created = table.app.database.create_table(&template::table()?).await;
        created.map_err(|error| self.describe(&error))?;
        Ok(table)
    }

    /// Opens a table that exists, and creates nothing.
    pub(crate) async fn open_existing(&self) -> Result<OpenTable, AnyError> {
        self.refuse_memory()?;
        if self.is_missing() {
            let advice = "`cargo run` creates one; --data DIR or --endpoint URL names another place";
            return Err(format!("there is no table in {}: {advice}", self.data.display()).into());
        }
        let table = self.connect()?;
        table.app.database.check_layout().await.map_err(|error| self.describe(&error))?;
        Ok(table)
    }

    /// Opens the table that [`Self::open_to_import`] would open, and writes nothing. Returns `None` if it would be
    /// created.
    pub(crate) async fn open_to_check(&self) -> Result<Option<OpenTable>, AnyError> {
        if self.is_missing() {
            return Ok(None);
        }
        let table = self.connect()?;
        match table.app.database.has_recorded_layout().await {
            Ok(_) => Ok(Some(table)),
            Err(TableError::Refused(code, _)) if code == TABLE_NOT_FOUND && self.endpoint.is_none() => {
                table.close().await?;
                Ok(None)
            }
            Err(error) => Err(self.describe(&error).into()),
        }
    }

    /// Returns `true` if there is no embedded table, though there could be one.
    fn is_missing(&self) -> bool {
        self.endpoint.is_none() && !self.data.is_file() && !self.data.join(DATABASE_FILE).exists()
    }

    /// Opens the table that a file is imported into: one of an endpoint must exist.
    pub(crate) async fn open_to_import(&self) -> Result<OpenTable, AnyError> {
        self.refuse_memory()?;
        if self.endpoint.is_some() { self.open_existing().await } else { self.open_or_create().await }
    }

    /// Connects to a table of the endpoint that exists, and writes nothing. `option` names the table on the command
    /// line.
    pub(crate) async fn open_named(&self, name: &str, option: &str) -> Result<Database, AnyError> {
        let url = self.endpoint.as_deref().unwrap_or_default();
        let database = Database::connect(Settings::for_endpoint(name, url))?;
        match database.has_recorded_layout().await {
            Ok(_) => Ok(database),
            Err(TableError::Refused(code, _)) if code == TABLE_NOT_FOUND => {
                Err(format!("there is no table {name} at {url}; check {option}").into())
            }
            Err(error) => Err(format!("cannot use table {name} at {url}: {error}").into()),
        }
    }

    /// Refuses a table in memory, for commands that end with it.
    pub(crate) fn refuse_memory(&self) -> Result<(), AnyError> {
        if self.memory {
            let advice = "pass --data DIR or --endpoint URL instead of --memory";
            return Err(format!("a table in memory is new and empty, and lost when this command ends; {advice}").into());
        }
        Ok(())
    }

    /// Starts the emulator, unless there is an endpoint, and connects to the table.
    fn connect(&self) -> Result<OpenTable, AnyError> {
        let emulator = match (&self.endpoint, self.memory) {
            (Some(_), _) => None,
            (None, true) => Some(Embedded::in_memory()?),
            (None, false) => Some(Embedded::in_folder(&self.data)?),
        };
        let url = self.endpoint.as_deref().or(emulator.as_ref().map(Embedded::url)).unwrap_or_default();
        let cursors = if emulator.is_some() && !self.memory {
            cursor_key::of_folder(&self.data)?
        } else {
            cursor_key::temporary()
        };
        let server = if emulator.is_some() { "DynamoDB emulator" } else { "DynamoDB" };
        let description = format!("{}, {server} at {url}", self.place());
        let database = Database::connect(Settings::for_endpoint(&self.table, url))?;
        let app = AppContext { database, cursors, time_limit: DEFAULT_TIME_LIMIT, clock: Clock::system() };
        Ok(OpenTable { app, description, emulator })
    }

    /// Returns where the table is, without the URL of its DynamoDB.
    fn place(&self) -> String {
        let Self { table, data, .. } = self;
        match (&self.endpoint, self.memory) {
            (Some(_), _) => format!("table {table}"),
            (None, true) => format!("table {table} in memory, lost at the end"),
            (None, false) => format!("table {table} in {}", data.display()),
        }
    }

    /// Describes an error of the table, with the place of the table.
    fn describe(&self, error: &TableError) -> String {
        let place = match &self.endpoint {
            Some(url) => format!("table {} at {url}", self.table),
            None => self.place(),
        };
        match error {
            TableError::Refused(code, _) if code == TABLE_NOT_FOUND => {
                format!("there is no {place}; --table NAME names another one")
            }
            // It names the table, and advises about it.
            TableError::Layout { .. } | TableError::Unusable(..) => error.to_string(),
            TableError::Unreachable(_)
            | TableError::NotDynamoDb
            | TableError::Refused(..)
            | TableError::Definition(_)
            | TableError::Store(_) => format!("cannot use {place}: {error}"),
        }
    }
}

impl OpenTable {
    /// Returns `true` if the table has no client, and therefore nothing else either.
    pub(crate) async fn is_empty(&self) -> Result<bool, AnyError> {
        let first = Pagination { limit: Some(1), ..Pagination::ALL };
        Ok(self.app.database.for_command().clients(&Filter::ALL, first).await?.next().await?.is_none())
    }

    /// Stops the emulator, if one was started for the table.
    pub(crate) async fn close(self) -> Result<(), AnyError> {
        let Self { app, emulator, .. } = self;
        // Its connections would hold the emulator up.
        drop(app);
        match emulator {
            Some(emulator) => emulator.stop().await,
            None => Ok(()),
        }
    }
}
