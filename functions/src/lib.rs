//! What each route of parc does. A binary under `src/bin` serves one of them.

pub mod clients;
pub mod equipements;
mod route;
pub mod sites;

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
        Route::new("sites-all", "GET", "/sites/all", sites::all::handle),
        Route::new("sites-register", "POST", "/sites/register", sites::register::handle),
        Route::new("sites-update", "PUT", "/sites/update", sites::update::handle),
        Route::new("sites-infos", "GET", "/sites/{site_id}/infos", sites::infos::handle),
        Route::new("sites-deactivate", "DELETE", "/sites/{site_id}", sites::deactivate::handle),
        Route::new("sites-reactivate", "POST", "/sites/{site_id}/reactivate", sites::reactivate::handle),
        Route::new("equipements-all", "GET", "/equipements/all", equipements::all::handle),
        Route::new("equipements-register", "POST", "/equipements/register", equipements::register::handle),
        Route::new("equipements-update", "PUT", "/equipements/update", equipements::update::handle),
        Route::new("equipements-infos", "GET", "/equipements/{equipement_id}/infos", equipements::infos::handle),
        Route::new("equipements-deactivate", "DELETE", "/equipements/{equipement_id}", equipements::deactivate::handle),
        Route::new(
            "equipements-reactivate",
            "POST",
            "/equipements/{equipement_id}/reactivate",
            equipements::reactivate::handle,
        ),
    ]
}
