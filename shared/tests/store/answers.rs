//! Lists as they are answered.

use std::time::Duration;

use lambda_http::http::header::LINK;
use shared::http::{self, Request};
use shared::models::{ClientRegister, Code, Filter, Pagination, Status};
use shared::store::RequestContext;
use shared::validation::{ClientFilter, CursorKey};
use tokio::time::sleep;

use crate::support::{Table, fresh, nom};

/// 60 clients, of which the last is inactive.
async fn sixty() -> Table {
    let table = Table::new().await;
    for code in 0..60 {
        let asked = ClientRegister { nom: nom("Boulangerie"), code: Code::from(code) };
        let client = fresh(table.store().register_client(asked)).await;
        if code == 59 {
            fresh(table.store().set_client_status(client.client_id, Status::Inactif)).await;
        }
    }
    table
}

#[tokio::test]
async fn a_partial_page_links_to_the_next() {
    let table = sixty().await;
    let (mut query, mut answers, mut clients) = ("status=inactif&limit=4".to_owned(), 0, String::new());
    loop {
        let event = lambda_http::http::Request::get(format!("http://parc/clients/all?{query}"));
        let request = Request::new(event.body(().into()).expect("a request"), CursorKey::new("a test's own"), None);
        let request = request.expect("a request");
        let (filter, page) = request.list::<ClientFilter>().expect("a list");
        let list = table.store().clients(&filter.entities, page.pagination).await.expect("a list").with_budget(1);
        let answer = http::list(&page, list).await.expect("an answer");
        answers += 1;
        clients.push_str(std::str::from_utf8(answer.body()).expect("text"));
        let Some(link) = answer.headers().get(LINK) else { break };
        let link = link.to_str().expect("text");
        query = link.split_once('?').and_then(|(_, rest)| rest.split_once('>')).expect("a link").0.to_owned();
    }
    assert!(answers > 1, "{answers}");
    assert_eq!(clients.matches("client_id").count(), 1, "{clients}");
}

#[tokio::test]
async fn a_list_stops_reading_after_half_its_time() {
    let table = sixty().await;
    let page = Pagination { after: None, limit: Some(4) };
    let read = async |wait| {
        let store =
            table.database.for_request(RequestContext::anonymous(Duration::from_secs(4), table.database.random()));
        let list = store.clients(&Filter::of_status(Status::Inactif), page).await.expect("a list");
        sleep(Duration::from_millis(wait)).await;
        let mut list = list.with_budget(32);
        (list.next().await.expect("a page").is_some(), list.resume_after().is_some())
    };
    assert_eq!(read(0).await, (true, false));
    // What has begun is read once, to have a place to go on from.
    assert_eq!(read(2_100).await, (false, true));
}
