//! The handlers of parc's Lambda functions. Each binary under `src/bin` serves one of them.

pub mod batch;
pub mod clients;
pub mod docs;
pub mod equipements;
mod history;
mod operation;
mod route;
pub mod sites;

use docs::Access;
pub use operation::{Operation, Schema};
pub use route::Route;

/// A function that something other than a request triggers, such as a schedule or a stream. Its binary calls
/// [`shared::runtime::serve_events`].
#[derive(Debug, Clone, Copy)]
pub struct EventFunction {
    /// Name of its Lambda binary and of its event.
    pub name: &'static str,
    /// Type of its event source in the template, such as `ScheduleV2` or `DynamoDB`.
    pub source: &'static str,
}

/// Every function that something other than a request triggers.
pub const EVENT_FUNCTIONS: &[EventFunction] = &[];

macro_rules! routes {
    ($($name:literal $method:ident $path:literal => $group:ident::$action:ident,)+) => {
        [$(Route::new(
            [$name, stringify!($method), $path],
            $group::$action::handle,
            $group::$action::operation,
        )),+]
    };
}

/// Returns every route: the name of its binary, its method, its path and its module.
///
/// The OpenAPI document describes tokens if `access` requires one.
#[must_use]
pub fn routes(access: Access) -> Vec<Route> {
    let openapi = match access {
        Access::Token => docs::openapi::handle,
        Access::Open => docs::openapi::handle_open,
    };
    let documentation = [
        Route::serving_static(["openapi", "GET", "/openapi.json"], openapi),
        Route::serving_static(["docs", "GET", "/docs"], docs::page::handle),
        Route::serving_static(["docs", "GET", "/docs/{asset}"], docs::page::handle),
        Route::serving_static(["docs", "GET", "/"], docs::page::handle),
    ];
    let mut routes = Vec::from(routes![
        "clients-all" GET "/clients/all" => clients::all,
        "clients-register" POST "/clients/register" => clients::register,
        "clients-update" PUT "/clients/update" => clients::update,
        "clients-history" GET "/clients/{client_id}/historique" => clients::history,
        "clients-infos" GET "/clients/{client_id}/infos" => clients::infos,
        "clients-deactivate" DELETE "/clients/{client_id}" => clients::deactivate,
        "clients-reactivate" POST "/clients/{client_id}/reactivate" => clients::reactivate,
        "sites-all" GET "/sites/all" => sites::all,
        "sites-register" POST "/sites/register" => sites::register,
        "sites-update" PUT "/sites/update" => sites::update,
        "sites-history" GET "/sites/{site_id}/historique" => sites::history,
        "sites-infos" GET "/sites/{site_id}/infos" => sites::infos,
        "sites-deactivate" DELETE "/sites/{site_id}" => sites::deactivate,
        "sites-reactivate" POST "/sites/{site_id}/reactivate" => sites::reactivate,
        "equipements-all" GET "/equipements/all" => equipements::all,
        "equipements-register" POST "/equipements/register" => equipements::register,
        "equipements-update" PUT "/equipements/update" => equipements::update,
        "equipements-history" GET "/equipements/{equipement_id}/historique" => equipements::history,
        "equipements-infos" GET "/equipements/{equipement_id}/infos" => equipements::infos,
        "equipements-deactivate" DELETE "/equipements/{equipement_id}" => equipements::deactivate,
        "equipements-reactivate" POST "/equipements/{equipement_id}/reactivate" => equipements::reactivate,
        "batch-run" POST "/lot" => batch::run,
    ]);
    routes.extend(documentation);
    routes
}
