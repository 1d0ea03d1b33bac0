//! The monthly bill of parc and of its alternatives, in US dollars.
//!
//! It is calculated from `bench/prices.json`, `bench/workload.json`, the capacity units in `docs/access-patterns.md`,
//! and `template.yaml`. `docs/costs.md` shows it.

mod compute;
mod ledger;
mod logs;
mod prices;
mod render;
mod template;
mod text;
mod total;
mod workload;

use std::fs;
use std::path::Path;

pub use ledger::{AverageRequest, Ledger};
pub use prices::{Price, Prices, Tier};
pub use render::render;
pub use template::Template;
pub use total::{Alternative, Bill, Item, bill};
pub use workload::{Assumption, Load, Workload};

/// Bytes of a GB, as AWS counts them.
pub const GB: f64 = 1_073_741_824.0;

/// Why the bill cannot be calculated.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file is missing or unreadable.
    #[error("cannot read {0}: {1}")]
    Unreadable(String, std::io::Error),
    /// A JSON file lacks a value or has an unknown one.
    #[error("{0}: {1}")]
    Json(&'static str, serde_json::Error),
    /// `template.yaml` is not YAML.
    #[error("template.yaml: {0}")]
    Yaml(#[from] serde_saphyr::Error),
    /// `template.yaml` lacks a value that the bill depends on.
    #[error("template.yaml has no {0}")]
    NotInTemplate(&'static str),
    /// The mix names an access pattern that `docs/access-patterns.md` does not list.
    #[error("docs/access-patterns.md has no row \"{0}\", which the mix in bench/workload.json names")]
    UnknownPattern(String),
    /// A row of `docs/access-patterns.md` has another form.
    #[error("docs/access-patterns.md: cannot read the row \"{0}\"")]
    MalformedRow(String),
    /// The shares of the mix do not add up.
    #[error("bench/workload.json: the shares of the mix add up to {0} instead of 1")]
    Shares(f64),
    /// The access log has a variable without an assumed value.
    #[error("bench/workload.json: access_log_values lacks a variable of {0}")]
    UnknownVariable(String),
}

/// Everything that the bill depends on.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// List prices.
    pub prices: Prices,
    /// Assumptions about requests.
    pub workload: Workload,
    /// Consumption of the average request.
    pub request: AverageRequest,
    /// What the template deploys.
    pub template: Template,
    /// Bytes of a line of the access log.
    pub access_line_bytes: f64,
}

impl Inputs {
    /// Reads the files of the repository.
    ///
    /// # Errors
    /// Returns an error if a file cannot be read, or if the files do not fit together.
    pub fn read(root: &Path) -> Result<Self, Error> {
        let read = |file: &str| fs::read_to_string(root.join(file)).map_err(|e| Error::Unreadable(file.to_owned(), e));
        let prices =
            serde_json::from_str(&read("bench/prices.json")?).map_err(|e| Error::Json("bench/prices.json", e))?;
        let workload: Workload =
            serde_json::from_str(&read("bench/workload.json")?).map_err(|e| Error::Json("bench/workload.json", e))?;
        let template = Template::parse(&read("template.yaml")?)?;
        let request = Ledger::parse(&read("docs/access-patterns.md")?)?.average(&workload.mix)?;
        let access_line_bytes = workload.access_line_bytes(&template.access_log_format)?;
        Ok(Self { prices, workload, request, template, access_line_bytes })
    }
}
