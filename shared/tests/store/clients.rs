//! Clients in the table.

use shared::models::{Client, ClientId, ClientUpdate, Code, EntityId, Filter, Kind, Pagination, Status};
use shared::store::StoreError;

use crate::support::{Table, all, equipement_at, fresh, nom, recode, register, site_of};

#[tokio::test]
async fn a_registered_client_is_listed() {
    let table = Table::new().await;
    let client = fresh(table.store().register_client(register(12))).await;
    assert_eq!(all(table.store().clients(&Filter::ALL, Pagination::ALL).await.expect("a list")).await, [client]);
}

#[tokio::test]
async fn a_taken_code_is_refused_and_writes_nothing() {
    let table = Table::new().await;
    let client = fresh(table.store().register_client(register(12))).await;
    let refused = table.store().register_client(register(12)).await;
    assert!(matches!(refused, Err(StoreError::CodeTaken(code)) if code == Code::from(12)), "{refused:?}");
    assert_eq!(all(table.store().clients(&Filter::ALL, Pagination::ALL).await.expect("a list")).await, [client]);
}

#[tokio::test]
async fn each_change_increments_the_version() {
    let table = Table::new().await;
    let client = fresh(table.store().register_client(register(12))).await;
    let update = ClientUpdate { client_id: client.client_id, nom: nom("Café du Port"), code: Code::from(12) };
    let renamed = fresh(table.store().update_client(&update)).await;
    assert_eq!(renamed, Client { nom: nom("Café du Port"), version: 2, ..client.clone() });
    let recoded = fresh(table.store().update_client(&recode(&renamed, 13))).await;
    assert_eq!(recoded, Client { code: Code::from(13), version: 3, ..renamed });
    let inactive = fresh(table.store().set_client_status(client.client_id, Status::Inactif)).await;
    assert_eq!(inactive, Client { status: Status::Inactif, version: 4, ..recoded });
    let again = fresh(table.store().set_client_status(client.client_id, Status::Inactif)).await;
    assert_eq!(again, inactive, "an update without changes has a version");
    assert_eq!(all(table.store().clients(&Filter::ALL, Pagination::ALL).await.expect("a list")).await, [inactive]);
}

#[tokio::test]
async fn counters_do_not_change_the_version() {
    let table = Table::new().await;
    let client = fresh(table.store().register_client(register(12))).await;
    let site = fresh(table.store().register_site(site_of(&client))).await;
    fresh(table.store().register_equipement(equipement_at(&site))).await;
    let client = all(table.store().clients(&Filter::ALL, Pagination::ALL).await.expect("a list")).await.remove(0);
    assert_eq!((client.version, client.sites, client.equipements), (1, 1, 1));
    let site = table.store().site(site.site_id).await.expect("a site");
    assert_eq!((site.version, site.equipements), (1, 1));
}

#[tokio::test]
async fn an_update_that_changes_nothing_writes_nothing() {
    let table = Table::new().await;
    let client = fresh(table.store().register_client(register(12))).await;
    let store = table.store();
    assert_eq!(fresh(store.update_client(&recode(&client, 12))).await, client);
    assert!((store.usage().units() - 1.0).abs() < f64::EPSILON, "{}", store.usage().units());
}

#[tokio::test]
async fn a_change_of_code_frees_the_old_code() {
    let table = Table::new().await;
    let client = fresh(table.store().register_client(register(12))).await;
    fresh(table.store().update_client(&recode(&client, 13))).await;
    let other = fresh(table.store().register_client(register(12))).await;
    let refused = table.store().update_client(&recode(&other, 13)).await;
    assert!(matches!(refused, Err(StoreError::CodeTaken(_))), "{refused:?}");
}

#[tokio::test]
async fn an_unknown_client_is_reported() {
    let table = Table::new().await;
    let id = ClientId::parse_lenient("019a5a1e-3c08-7000-8000-000000000001").expect("an identifier");
    let update = ClientUpdate { client_id: id, nom: nom("x"), code: Code::from(1) };
    let unknown = [
        table.store().update_client(&update).await.err(),
        table.store().client_with_sites(id, &Filter::ALL, Pagination::ALL).await.err(),
        table.store().set_client_status(id, Status::Actif).await.err(),
    ];
    for error in unknown {
        assert!(matches!(error, Some(StoreError::Unknown(Kind::Client))), "{error:?}");
    }
    // An update of an unknown client creates none.
    assert_eq!(all(table.store().clients(&Filter::ALL, Pagination::ALL).await.expect("a list")).await, []);
}

#[tokio::test]
async fn a_list_resumes_after_any_client() {
    let table = Table::new().await;
    let mut clients = Vec::new();
    for code in 0..50 {
        clients.push(fresh(table.store().register_client(register(code))).await);
    }
    assert_eq!(all(table.store().clients(&Filter::ALL, Pagination::ALL).await.expect("a list")).await, clients);
    for (index, client) in clients.iter().enumerate() {
        assert_eq!(
            all(table
                .store()
                .clients(&Filter::ALL, Pagination { after: Some(client.rank), limit: None })
                .await
                .expect("a list"))
            .await,
            clients[index + 1..]
        );
    }
}

#[tokio::test]
async fn a_list_of_one_status_excludes_the_other() {
    let table = Table::new().await;
    let mut clients = Vec::new();
    for code in 0..10 {
        clients.push(fresh(table.store().register_client(register(code))).await);
    }
    let client_id = clients.remove(3).client_id;
    let inactive = fresh(table.store().set_client_status(client_id, Status::Inactif)).await;
    assert_eq!(
        all(table.store().clients(&Filter::of_status(Status::Actif), Pagination::ALL).await.expect("a list")).await,
        clients
    );
    assert_eq!(
        all(table.store().clients(&Filter::of_status(Status::Inactif), Pagination::ALL).await.expect("a list")).await,
        [inactive]
    );
}

#[tokio::test]
async fn a_limit_does_not_end_a_list() {
    let table = Table::new().await;
    for code in 0..60 {
        fresh(table.store().register_client(register(code))).await;
    }
    for limit in [1, 7, 59, 60, 1000] {
        // A caller reads one entity more than the limit to know whether there is a next page.
        let clients = all(table
            .store()
            .clients(&Filter::ALL, Pagination { after: None, limit: Some(limit) })
            .await
            .expect("a list"))
        .await;
        assert_eq!(clients.len(), 60, "{limit}");
    }
}

#[tokio::test]
async fn a_search_by_code_returns_its_client_only() {
    let table = Table::new().await;
    let client = fresh(table.store().register_client(register(12))).await;
    fresh(table.store().register_client(register(13))).await;
    let of_code = async |code, status: Filter, after| {
        let page = Pagination { after, limit: None };
        all(table.store().clients_with_code(Code::from(code), &status, page).await.expect("a list")).await
    };
    assert_eq!(of_code(12, Filter::ALL, None).await, std::slice::from_ref(&client));
    assert_eq!(of_code(12, Filter::of_status(Status::Actif), None).await, std::slice::from_ref(&client));
    assert_eq!(of_code(12, Filter::of_status(Status::Inactif), None).await, []);
    assert_eq!(of_code(12, Filter::ALL, Some(client.rank)).await, []);
    assert_eq!(of_code(14, Filter::ALL, None).await, []);
    fresh(table.store().update_client(&recode(&client, 14))).await;
    assert_eq!(of_code(12, Filter::ALL, None).await, []);
}
