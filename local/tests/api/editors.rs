//! Pairs of editors that update one entity with the same tag.

use futures_util::future::{join, join_all};
use reqwest::Method;
use serde_json::Value;
use testkit::Fault;

use crate::entities::{Entities, id, renamed, send, tag, version};
use crate::support::{Api, body};

/// Lets pairs of editors update an entity through `api`, each pair with the tag of one read. Returns the
/// number of editors whose update was acknowledged.
async fn edit_in_pairs(
    entities: &Entities,
    api: &Api,
    [kind, number]: [&str; 2],
    entity: &Value,
    pairs: usize,
) -> usize {
    let infos = format!("/{kind}s/{}/infos", id(kind, entity));
    let mut successes = 0;
    for pair in 0..pairs {
        let read = tag(&entities.api.get(&infos).await);
        let edit = async |editor: &str| {
            let nom = format!("{number} {pair} {editor}");
            let (path, update) = (format!("/{kind}s/update"), Some(renamed(entity, &nom)));
            let answer = send(api, Method::PUT, &path, update, &[("if-match", &read)]).await;
            (nom, answer.status().as_u16())
        };
        let outcomes = <[_; 2]>::from(join(edit("first"), edit("second")).await);
        let now = entities.api.get(&infos).await;
        let applied = version(&tag(&now)) - version(&read);
        let nom = body(now).await["nom"].clone();
        let acknowledged: Vec<_> = outcomes.iter().filter(|(_, status)| *status == 200).collect();
        assert!(applied == 1 && acknowledged.len() <= 1, "{applied} changes: {outcomes:?}");
        assert!(acknowledged.iter().all(|(written, _)| nom == **written), "{nom}: {outcomes:?}");
        assert!(outcomes.iter().all(|(_, status)| [200, 412, 503].contains(status)), "{outcomes:?}");
        let is_unavailable = outcomes.iter().any(|(_, status)| *status == 503);
        assert!(acknowledged.len() == 1 || is_unavailable, "the editor who wrote got 412: {outcomes:?}");
        successes += acknowledged.len();
    }
    successes
}

#[tokio::test]
async fn one_of_two_editors_with_one_tag_succeeds() {
    let lanes = (0..6).map(async |lane: usize| {
        let entities = Entities::new().await;
        let faults = vec![
            Fault::every(3, "TransactWriteItems").answers(Fault::CONFLICT),
            Fault::every(4, "TransactWriteItems").drops_the_answer(),
            Fault::every(7, "TransactWriteItems").answers(Fault::IN_PROGRESS),
            Fault::every(5, "GetItem").drops_the_call(),
        ];
        let (through, _proxy) = entities.api.behind(faults).await;
        let number = lane.to_string();
        let edits =
            entities.all().map(|(kind, entity)| edit_in_pairs(&entities, &through, [kind, &number], entity, 56));
        let acknowledged: usize = join_all(edits).await.into_iter().sum();
        assert_eq!(entities.api.findings().await, [""; 0]);
        acknowledged
    });
    // 1,008 pairs.
    let acknowledged: usize = join_all(lanes).await.into_iter().sum();
    assert!(acknowledged > 900, "only {acknowledged} of 1,008 pairs had an acknowledged update");
}
