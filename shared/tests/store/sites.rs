//! Sites in the table.

use shared::models::{Filter, Pagination, Site, SiteUpdate, Status};

use crate::support::{Table, all, equipement_at, fresh, nom, register, site_of};

#[tokio::test]
async fn each_change_increments_the_version() {
    let table = Table::new().await;
    let client = fresh(table.store().register_client(register(12))).await;
    let site = fresh(table.store().register_site(site_of(&client))).await;
    let site_id = site.site_id;
    let update = SiteUpdate { site_id, nom: nom("Fournil du port") };
    let renamed = fresh(table.store().update_site(&update)).await;
    assert_eq!(renamed, Site { nom: nom("Fournil du port"), version: 2, ..site });
    let inactive = fresh(table.store().set_site_status(site_id, Status::Inactif)).await;
    assert_eq!(inactive, Site { status: Status::Inactif, version: 3, ..renamed });
    let again = fresh(table.store().set_site_status(site_id, Status::Inactif)).await;
    assert_eq!(again, inactive, "an update without changes has a version");
    assert_eq!(table.store().site(site_id).await.expect("a site"), inactive);
}

#[tokio::test]
async fn children_resume_after_a_rank() {
    let table = Table::new().await;
    let client = fresh(table.store().register_client(register(12))).await;
    let (mut sites, mut equipements) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        sites.push(fresh(table.store().register_site(site_of(&client))).await);
        equipements.push(fresh(table.store().register_equipement(equipement_at(&sites[0]))).await);
    }
    for index in 0..5 {
        let page = Pagination { after: Some(sites[index].rank), limit: None };
        let (_, rest) = table.store().client_with_sites(client.client_id, &Filter::ALL, page).await.expect("a client");
        let ids: Vec<_> = all(rest).await.into_iter().map(|site| site.site_id).collect();
        assert!(ids.iter().eq(sites[index + 1..].iter().map(|site| &site.site_id)));
        let page = Pagination { after: Some(equipements[index].rank), limit: None };
        let (_, rest) =
            table.store().site_with_equipements(sites[0].site_id, &Filter::ALL, page).await.expect("a site");
        assert_eq!(all(rest).await, equipements[index + 1..]);
    }
}
