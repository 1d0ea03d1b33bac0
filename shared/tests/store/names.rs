//! Searches by nom: with few or many matches, and during moves and renames.

use shared::models::{Client, ClientRegister, ClientUpdate, Code, Filter, Folded, Pagination, SiteRegister, Status};

use testkit::inputs::move_to;
use testkit::raw::RawTable;

use crate::support::{Table, all, equipement_at, fresh, nom, register, site_of};

/// Returns the filter of a search by nom.
fn named(text: &str) -> Filter {
    Filter { status: None, nom: Some(Folded::of(text)) }
}

async fn add(table: &Table, text: &str, code: i64) -> Client {
    let client = ClientRegister { nom: nom(text), code: Code::from(code) };
    fresh(table.store().register_client(client)).await
}

/// Returns a table with this number of clients. All but the first are copies, without reservations.
async fn table_of_copies(noms: impl Fn(i64) -> &'static str, count: i64) -> Table {
    let table = Table::new().await;
    add(&table, noms(0), 0).await;
    RawTable::new(table.url()).copy_client((1..count).map(|number| Some(noms(number)))).await;
    table
}

async fn found(table: &Table, filter: &Filter) -> Vec<Client> {
    all(table.store().clients(filter, Pagination::ALL).await.expect("a list")).await
}

#[tokio::test]
async fn prefix_search_returns_matches_in_creation_order() {
    let table = Table::new().await;
    let zoe = add(&table, "Éclairs de Zoé", 1).await;
    add(&table, "Les Éclairs", 2).await;
    let anne = add(&table, "ECLAIRS d'Anne", 3).await;
    assert_eq!(found(&table, &named("éclair")).await, [zoe.clone(), anne.clone()]);
    assert_eq!(found(&table, &named("eclairs D")).await, [zoe.clone(), anne.clone()]);
    assert_eq!(found(&table, &named("Eclairs d'")).await, std::slice::from_ref(&anne));
    assert_eq!(found(&table, &named("x")).await, []);
    let page = Pagination { after: Some(zoe.rank), limit: Some(1) };
    let rest = table.store().clients(&named("e"), page).await.expect("a list");
    assert_eq!(all(rest).await, std::slice::from_ref(&anne));

    let zoe = fresh(table.store().set_client_status(zoe.client_id, Status::Inactif)).await;
    assert_eq!(found(&table, &Filter { status: Some(Status::Inactif), ..named("e") }).await, [zoe]);
    assert_eq!(found(&table, &Filter { status: Some(Status::Actif), ..named("e") }).await, [anne]);
}

#[tokio::test]
async fn a_renamed_client_is_found_by_its_new_nom_only() {
    let table = Table::new().await;
    let client = add(&table, "Boulangerie", 1).await;
    for (code, old, new) in [(1, "Boulangerie", "Café"), (2, "Café", "Dépôt")] {
        let update = ClientUpdate { client_id: client.client_id, nom: nom(new), code: Code::from(code) };
        let renamed = fresh(table.store().update_client(&update)).await;
        assert_eq!(found(&table, &named(old)).await, []);
        assert_eq!(found(&table, &named(new)).await, [renamed]);
    }
}

#[tokio::test]
async fn a_nom_of_accents_or_of_great_length_is_found() {
    let table = Table::new().await;
    let bare = add(&table, "\u{301}", 1).await;
    // Each of its characters folds to eighteen.
    let long = add(&table, &"\u{fdfa}".repeat(256), 2).await;
    let longer = add(&table, &format!("{}x", "\u{fdfa}".repeat(255)), 3).await;
    assert_eq!(found(&table, &named("\u{fdfa}")).await, [long.clone(), longer]);
    assert_eq!(found(&table, &named(&"\u{fdfa}".repeat(256))).await, [long]);
    assert_eq!(found(&table, &Filter::ALL).await[0], bare);
}

#[tokio::test]
async fn children_of_one_parent_are_found_by_nom() {
    let table = Table::new().await;
    let client = fresh(table.store().register_client(register(1))).await;
    let site = fresh(table.store().register_site(site_of(&client))).await;
    let depot = SiteRegister { client_id: client.client_id, nom: nom("Dépôt") };
    let depot = fresh(table.store().register_site(depot)).await;
    let (found, sites) =
        table.store().client_with_sites(client.client_id, &named("DEP"), Pagination::ALL).await.expect("a client");
    assert_eq!((found.client_id, all(sites).await), (client.client_id, vec![depot]));
    let equipement = fresh(table.store().register_equipement(equipement_at(&site))).await;
    for (text, expected) in [("four a", 1), ("x", 0)] {
        let (_, equipements) =
            table.store().site_with_equipements(site.site_id, &named(text), Pagination::ALL).await.expect("a site");
        assert_eq!(all(equipements).await, vec![equipement.clone(); expected]);
    }
}

#[tokio::test]
async fn a_search_costs_half_a_unit_per_match() {
    let table = table_of_copies(|number| if number < 200 { "Boulangerie" } else { "Café" }, 210).await;
    let store = table.store();
    let list = store.clients(&named("cafe"), Pagination::ALL).await.expect("a list");
    assert_eq!(all(list).await.len(), 10);
    // Ten clients, and half a unit for their keys.
    assert!((store.usage().units() - 5.5).abs() < f64::EPSILON, "{}", store.usage().units());
}

#[tokio::test]
async fn a_large_search_returns_every_match_once() {
    // More matches than are sorted.
    let table = table_of_copies(|number| if number % 100 == 0 { "Café" } else { "Boulangerie" }, 5200).await;
    let all = found(&table, &Filter::ALL).await;
    let bakers: Vec<_> =
        all.iter().filter(|client| client.nom == nom("Boulangerie")).map(|client| client.rank).collect();
    assert_eq!(bakers.len(), 5148);
    for limit in [7, 1000] {
        let (mut listed, mut after) = (Vec::new(), None);
        while listed.len() < 40 * usize::from(limit).min(100) {
            let page = Pagination { after, limit: Some(limit) };
            let store = table.store();
            let mut list = store.clients(&named("boul"), page).await.expect("a list");
            for _ in 0..limit {
                let Some(client) = list.next().await.expect("a page") else { break };
                listed.push(client.rank);
            }
            assert!(store.usage().units() < 150.0, "{} units for {limit}", store.usage().units());
            after = listed.last().copied();
        }
        assert!(listed.iter().eq(&bakers[..listed.len()]), "{limit}");
    }
}

#[tokio::test]
async fn a_list_over_budget_returns_a_rank_to_resume_after() {
    let table = table_of_copies(|_| "Boulangerie", 600).await;
    let (mut expected, mut all) = (Vec::new(), Vec::new());
    for (client, number) in found(&table, &Filter::ALL).await.into_iter().zip(1..) {
        all.push(client.rank);
        if number % 150 == 0 {
            fresh(table.store().set_client_status(client.client_id, Status::Inactif)).await;
            expected.push(client.rank);
        }
    }
    let (mut listed, mut after, mut answers) = (Vec::new(), None, 0);
    loop {
        let page = Pagination { after, limit: Some(5) };
        let list = table.store().clients(&Filter::of_status(Status::Inactif), page).await.expect("a list");
        let mut list = list.with_budget(1);
        while let Some(client) = list.next().await.expect("a page") {
            listed.push(client.rank);
        }
        answers += 1;
        assert!(list.resume_after().is_none_or(|rank| Some(rank) > after && all.contains(&rank)));
        after = list.resume_after();
        if after.is_none() {
            break;
        }
    }
    assert_eq!(listed, expected);
    assert!(answers > 10, "{answers}");
}

#[tokio::test]
async fn an_equipement_moved_during_a_search_is_found() {
    let table = Table::new().await;
    let client = fresh(table.store().register_client(register(1))).await;
    let mut sites = Vec::new();
    for _ in 0..2 {
        sites.push(fresh(table.store().register_site(site_of(&client))).await);
    }
    let equipement = fresh(table.store().register_equipement(equipement_at(&sites[0]))).await;
    // A search reads keys first, and entities on demand.
    let mut list = table.store().equipements(&named("four"), Pagination::ALL).await.expect("a list");
    let moved = fresh(table.store().update_equipement(&move_to(&equipement, sites[1].site_id))).await;
    assert_eq!(list.next().await.expect("a page"), Some(moved));
    assert_eq!(list.next().await.expect("a page"), None);
}

#[tokio::test]
async fn a_nom_with_a_separator_does_not_match_ranks() {
    let table = Table::new().await;
    let short = add(&table, "Bar", 1).await;
    let long = add(&table, "Bar#0", 2).await;
    assert_eq!(found(&table, &named("bar")).await, [short, long.clone()]);
    // The search key of "Bar" continues with "#" and a rank, which starts with 0.
    assert_eq!(found(&table, &named("bar#0")).await, [long]);
}
