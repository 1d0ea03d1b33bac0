//! The table: one method per access pattern. The only place that names `aws_sdk_dynamodb`.
//!
//! Each module imports only modules to its left: `digest`, `request`, `rows`, `table`, `replays`, `change` and `lists`,
//! the access patterns. Every write of a request goes through `change`: read, decide, one transaction. `verify` and `copy`
//! are for commands of operators. `batch` comes last: it carries out many access patterns as one request. `adopt` takes
//! over the entities of another service.

mod adopt;
mod batch;
mod change;
mod clients;
mod copy;
mod counters;
mod digest;
mod equipements;
mod error;
mod history;
mod layout;
mod lists;
mod replays;
mod request;
mod rows;
mod sites;
mod stored;
mod table;
mod verify;

pub use adopt::{AdoptOutcome, AdoptResult, Adopted};
pub use batch::{BatchAnswer, BatchOptions, BatchOutcome, BatchResult};
pub use copy::{
    CURRENT_LAYOUT, Comparison, Contents, Copied, CopyError, CopyStep, Export, Imported, NotExportable, OtherLayout,
    Reread, Section, StoredItem, Target,
};
pub use error::StoreError;
pub use history::History;
pub use lists::List;
pub use replays::{KeptAnswer, Written};
pub use request::{Caller, Random, RequestContext, RetryKey};
pub use rows::InvalidLine;
pub use stored::{Stored, StoredEntry};
pub(crate) use table::http_client;
pub use table::{InvalidSettings, Settings, TableDefinition, TableError, Usage};
pub use verify::{Finding, Outcome, Progress};

use crate::time_limits::DEFAULT_TIME_LIMIT;
use table::{Connection, Table};

/// The table that a process works with.
#[derive(Debug, Clone)]
pub struct Database {
    connection: Connection,
    random: Random,
}

impl Database {
    /// Prepares the connection to a table. Nothing is sent yet.
    ///
    /// # Errors
    /// Returns [`InvalidSettings`] if the endpoint is not a URL or the file of root certificates
    /// cannot be used.
    pub fn connect(settings: Settings) -> Result<Self, InvalidSettings> {
        Ok(Self { connection: Connection::new(settings)?, random: Random::from_system() })
    }

    /// Returns the same table, with other random numbers. For simulations that a seed repeats.
    #[must_use]
    pub fn with_random(self, random: Random) -> Self {
        Self { random, ..self }
    }

    /// Opens the connection that the first call uses, so that a function does it during its start. Ignores errors,
    /// because the first call reports them.
    pub async fn open_connection(&self) {
        self.connection.open().await;
    }

    /// Returns the store for one request.
    #[must_use]
    pub fn for_request(&self, request: RequestContext) -> Store {
        Store { table: Table::new(self.connection.clone(), request) }
    }

    /// Returns the store for one step of a command, which has 25 seconds.
    #[must_use]
    pub fn for_command(&self) -> Store {
        self.for_request(RequestContext::anonymous(DEFAULT_TIME_LIMIT, self.random()))
    }

    /// Returns the random numbers of this process.
    #[must_use]
    pub fn random(&self) -> Random {
        self.random.clone()
    }
}

/// The table as one request sees it.
#[derive(Debug, Clone)]
pub struct Store {
    table: Table,
}

impl Store {
    /// Returns the usage of this request so far.
    #[must_use]
    pub fn usage(&self) -> &Usage {
        self.table.usage()
    }
}
