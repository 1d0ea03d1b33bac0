use chrono::{DateTime, TimeDelta, Utc};
use shared::models::{Client, ClientUpdate, Equipement, EquipementRegister, EquipementUpdate, Site, SiteUpdate};
use shared::store::{Caller, Database, Random, RequestContext, Store};
use testkit::inputs::{self, move_to, nom, optional_text};
use testkit::{AMPLE_TIME, fresh};

/// A request identifier as API Gateway makes them.
pub(crate) const REQUEST_ID: &str = "JKJaXmPLvHcESHA=";

/// Writes to a table with the same identifiers and timestamps each time.
pub(crate) struct Writer<'a> {
    database: &'a Database,
    random: Random,
    now: DateTime<Utc>,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(database: &'a Database) -> Self {
        let now = DateTime::from_timestamp_millis(1_762_448_101_544).expect("a time");
        Self { database, random: Random::seeded(1), now }
    }

    /// Returns the store for the next request of a caller, a second after the last one.
    pub(crate) fn store(&mut self) -> Store {
        self.now += TimeDelta::seconds(1);
        let caller = Caller {
            issuer: "https://cognito-idp.eu-west-3.amazonaws.com/eu-west-3_parcExmpl".to_owned(),
            claim: "sub",
            name: "5f3c2a10-7d44-4b5c-9a57-0c4b8f6d1e20".to_owned(),
        };
        self.database.for_request(RequestContext {
            now: self.now,
            request_id: REQUEST_ID.to_owned(),
            caller: Some(caller),
            ..RequestContext::anonymous(AMPLE_TIME, self.random.clone())
        })
    }

    /// Gives each entity the nom of a version.
    pub(crate) async fn rename(&mut self, version: u8, client: &Client, site: &Site, equipement: &Equipement) {
        let nom_of = |what: &str| nom(&format!("{what} {version}"));
        let Client { client_id, code, .. } = *client;
        let update = ClientUpdate { client_id, nom: nom_of("Boulangerie Morin"), code };
        fresh(self.store().update_client(&update)).await;
        let update = SiteUpdate { site_id: site.site_id, nom: nom_of("Fournil de la gare") };
        fresh(self.store().update_site(&update)).await;
        let update = EquipementUpdate { nom: nom_of("Four à sole"), ..move_to(equipement, site.site_id) };
        fresh(self.store().update_equipement(&update)).await;
    }
}

/// Returns the registration of an équipement with a type and a serial number.
pub(crate) fn equipement_at(site: &Site) -> EquipementRegister {
    EquipementRegister {
        r#type: optional_text("four"),
        numero_serie: optional_text("FS-2041"),
        ..inputs::equipement(site.site_id, "Four à sole")
    }
}
