//! Searches by name: few found, many found, and what moves or changes meanwhile.

use futures_util::{StreamExt, stream};
use shared::models::{Client, ClientRegister, ClientUpdate, Code, Filter, Folded, Pagination, SiteRegister, Status};

use testkit::inputs::move_to;

use crate::support::{Table, all, equipement_at, fresh, nom, register, site_of};

fn named(text: &str) -> Filter {
    Filter { status: None, nom: Some(Folded::of(text)) }
}

async fn add(table: &Table, text: &str, code: i64) -> Client {
    let asked = ClientRegister { nom: nom(text), code: Code::from(code) };
    fresh(table.store().register_client(asked)).await
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
async fn a_renamed_client_is_found_by_its_new_name_only() {
    let table = Table::new().await;
    let client = add(&table, "Boulangerie", 1).await;
    for (code, old, new) in [(1, "Boulangerie", "Café"), (2, "Café", "Dépôt")] {
        let asked = ClientUpdate { client_id: client.client_id, nom: nom(new), code: Code::from(code) };
        let renamed = fresh(table.store().update_client(&asked)).await;
        assert_eq!(found(&table, &named(old)).await, []);
        assert_eq!(found(&table, &named(new)).await, [renamed]);
    }
}

#[tokio::test]
async fn names_may_be_accents_only_or_very_long() {
    let table = Table::new().await;
    let bare = add(&table, "\u{301}", 1).await;
    // Each of its characters is eighteen when it is folded.
    let long = add(&table, &"\u{fdfa}".repeat(256), 2).await;
    let longer = add(&table, &format!("{}x", "\u{fdfa}".repeat(255)), 3).await;
    assert_eq!(found(&table, &named("\u{fdfa}")).await, [long.clone(), longer]);
    assert_eq!(found(&table, &named(&"\u{fdfa}".repeat(256))).await, [long]);
    assert_eq!(found(&table, &Filter::ALL).await[0], bare);
}

#[tokio::test]
async fn the_children_of_one_parent_are_found_by_name() {
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
async fn a_search_costs_by_its_matches() {
    let table = Table::new().await;
    for code in 0..200 {
        add(&table, &format!("Boulangerie {code}"), code).await;
    }
    for code in 200..210 {
        add(&table, &format!("Café {code}"), code).await;
    }
    let store = table.store();
    let list = store.clients(&named("cafe"), Pagination::ALL).await.expect("a list");
    assert_eq!(all(list).await.len(), 10);
    // Half a unit for the keys and for each client.
    assert!((store.usage().units() - 5.5).abs() < f64::EPSILON, "{}", store.usage().units());
}

#[tokio::test]
async fn a_large_search_returns_every_match_once() {
    let table = Table::new().await;
    // More matches than are sorted.
    let codes: Vec<i64> = (0..5200).collect();
    let add = |code| {
        let table = &table;
        async move { add(table, if code % 100 == 0 { "Café" } else { "Boulangerie" }, code).await }
    };
    stream::iter(codes).map(add).buffer_unordered(16).for_each(|_| async {}).await;
    let everyone = found(&table, &Filter::ALL).await;
    let bakers: Vec<_> =
        everyone.iter().filter(|client| client.nom == nom("Boulangerie")).map(|client| client.rank).collect();
    assert_eq!(bakers.len(), 5148);
    for limit in [7, 1000] {
        let (mut given, mut after) = (Vec::new(), None);
        while given.len() < 40 * usize::from(limit).min(100) {
            let page = Pagination { after, limit: Some(limit) };
            let store = table.store();
            let mut list = store.clients(&named("boul"), page).await.expect("a list");
            for _ in 0..limit {
                let Some(client) = list.next().await.expect("a page") else { break };
                given.push(client.rank);
            }
            assert!(store.usage().units() < 150.0, "{} units for {limit}", store.usage().units());
            after = given.last().copied();
        }
        assert!(given.iter().eq(&bakers[..given.len()]), "{limit}");
    }
}

#[tokio::test]
async fn a_list_over_budget_returns_where_to_resume() {
    let table = Table::new().await;
    let (mut expected, mut all) = (Vec::new(), Vec::new());
    for code in 0..600 {
        let client = add(&table, "Boulangerie", code).await;
        all.push(client.rank);
        if code % 150 == 149 {
            fresh(table.store().set_client_status(client.client_id, Status::Inactif)).await;
            expected.push(client.rank);
        }
    }
    let (mut given, mut after, mut answers) = (Vec::new(), None, 0);
    loop {
        let page = Pagination { after, limit: Some(5) };
        let list = table.store().clients(&Filter::of_status(Status::Inactif), page).await.expect("a list");
        let mut list = list.with_budget(1);
        while let Some(client) = list.next().await.expect("a page") {
            given.push(client.rank);
        }
        answers += 1;
        assert!(list.resume_after().is_none_or(|place| Some(place) > after && all.contains(&place)));
        after = list.resume_after();
        if after.is_none() {
            break;
        }
    }
    assert_eq!(given, expected);
    assert!(answers > 10, "{answers}");
}

#[tokio::test]
async fn an_equipement_that_moves_while_it_is_searched_is_found() {
    let table = Table::new().await;
    let client = fresh(table.store().register_client(register(1))).await;
    let mut sites = Vec::new();
    for _ in 0..2 {
        sites.push(fresh(table.store().register_site(site_of(&client))).await);
    }
    let equipement = fresh(table.store().register_equipement(equipement_at(&sites[0]))).await;
    // The entities that a search found are read when they are asked for.
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
