//! What each route of parc does. A binary under `src/bin` serves one of them.

pub mod clients;
mod route;

pub use route::Route;

/// Every route: the name of its binary, its method, its path and its handler.
#[must_use]
pub fn routes() -> Vec<Route> {
    vec![
        Route::new("clients-all", "GET", "/clients/all", clients::all::handle),
        Route::new("clients-register", "POST", "/clients/register", clients::register::handle),
        Route::new("clients-update", "PUT", "/clients/update", clients::update::handle),
        Route::new("clients-infos", "GET", "/clients/{client_id}/infos", clients::infos::handle),
        Route::new("clients-deactivate", "DELETE", "/clients/{client_id}", clients::deactivate::handle),
        Route::new("clients-reactivate", "POST", "/clients/{client_id}/reactivate", clients::reactivate::handle),
    ]
}
