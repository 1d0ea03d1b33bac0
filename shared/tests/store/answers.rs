//! Pages of lists that end before their limit.

use std::time::Duration;

use lambda_http::http::header::LINK;
use shared::http::{self, Request};
use shared::models::{ClientRegister, Code, Filter, Pagination, Status};
use shared::store::RequestContext;
use shared::validation::{ClientFilter, CursorKey};
use testkit::AMPLE_TIME;
use tokio::time;

use crate::support::{Table, fresh, nom};

/// Returns a table with 60 clients, the last of them inactive.
async fn table_of_60_clients() -> Table {
    let table = Table::new().await;
    for code in 0..60 {
        let client = ClientRegister { nom: nom("Boulangerie"), code: Code::from(code) };
        let client = fresh(table.store().register_client(client)).await;
        if code == 59 {
            fresh(table.store().set_client_status(client.client_id, Status::Inactif)).await;
        }
    }
    table
}

#[tokio::test]
async fn a_partial_page_links_to_the_next_one() {
    let table = table_of_60_clients().await;
    let (mut query, mut answers, mut clients) = ("status=inactif&limit=4".to_owned(), 0, String::new());
    loop {
        let event = lambda_http::http::Request::get(format!("http://parc/clients/all?{query}"));
        let request = Request::new(event.body(().into()).expect("a request"), CursorKey::new("key of a test"), None);
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
    let table = table_of_60_clients().await;
    let page = Pagination { after: None, limit: Some(4) };
    for (passed, found) in [(Duration::ZERO, true), (AMPLE_TIME / 2 + Duration::from_secs(1), false)] {
        let request = RequestContext::anonymous(AMPLE_TIME, table.database.random());
        let store = table.database.for_request(request);
        let list = store.clients(&Filter::of_status(Status::Inactif), page).await.expect("a list");
        // Nothing is under way: only the clock moves.
        time::pause();
        time::advance(passed).await;
        time::resume();
        let mut list = list.with_budget(32);
        let client = list.next().await.expect("a page");
        // The first round is always read, to have a rank to resume after.
        assert_eq!((client.is_some(), list.resume_after().is_some()), (found, !found), "after {passed:?}");
    }
}
