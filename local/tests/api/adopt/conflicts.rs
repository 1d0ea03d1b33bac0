//! What is in conflict with the rules of parc is reported and left out.

use serde_json::{Value, json};

use super::{NEW, OLD, adopt, client, equipement, id, site};
use crate::old::OldService;
use crate::support::{Api, body};

/// Takes over clients of which one is right, and returns the reports about the others.
async fn reports(bad: &[Value]) -> Vec<String> {
    let api = Api::start().await;
    let good = client(9, "Morin", 9, OLD);
    let old = OldService::with(&[bad, std::slice::from_ref(&good)].concat(), &[], &[]).await;
    let ended = adopt(&old, api.endpoint()).await;
    let reports = ended.differences().into_iter().map(str::to_owned).collect();
    assert_eq!(body(api.get("/clients/all").await).await, json!([good]));
    assert_eq!(api.findings().await, [""; 0]);
    // The client, its code, its entry and the layout: nothing is half-written.
    assert_eq!(api.raw().items().await.len(), 4);
    reports
}

#[tokio::test]
async fn a_client_with_a_wrong_member_is_left_out() {
    let one = id(1);
    for (member, value, problem) in [
        ("nom", json!("  "), r#"nom: "  ": a blank text"#.to_owned()),
        ("nom", json!(" a"), r#"nom: parc would answer "a" instead of " a""#.to_owned()),
        ("nom", json!("x".repeat(257)), format!("nom: {:?}: a text of more than 256 characters", "x".repeat(257))),
        ("nom", json!(null), "nom: null: invalid type: null, expected a string".to_owned()),
        ("code", json!("12"), r#"code: "12": invalid type: string "12", expected i64"#.to_owned()),
        ("code", json!(12.0), "code: 12.0: invalid type: floating point `12.0`, expected i64".to_owned()),
        ("code", json!(u64::MAX), format!("code: {0}: invalid value: integer `{0}`, expected i64", u64::MAX)),
        ("status", json!("supprimé"), "status: \"supprimé\": unknown variant".to_owned()),
        ("timestamp", json!("06/11/2025 16:55"), r#"timestamp: "06/11/2025 16:55": input contains"#.to_owned()),
        (
            "timestamp",
            json!("2025-11-06T16:55:01+00:00"),
            r#"timestamp: parc would answer "2025-11-06T16:55:01.000Z" instead of "2025-11-06T16:55:01+00:00""#
                .to_owned(),
        ),
        ("timestamp", json!("1969-12-31T23:59:59.999Z"), "timestamp: it is before 1970, or too far".to_owned()),
    ] {
        let mut bad = client(1, "Petit", 1, NEW);
        bad[member] = value;
        let reports = reports(&[bad]).await;
        assert!(reports[0].starts_with(&format!("client {one}: left out: {problem}")), "{reports:?}");
        assert_eq!(reports.len(), 1);
    }
}

#[tokio::test]
async fn a_client_without_a_usable_identifier_is_left_out() {
    for (value, problem) in [
        (json!("7"), "client_id: \"7\": UUID parsing failed"),
        (json!(id(1).to_uppercase()), "client_id: parc would answer"),
        (json!("00000000-0000-0000-0000-000000000000"), "client_id: parc reserves this value"),
        (json!("70617263-0000-8000-8000-000000000003"), "client_id: parc reserves this value"),
    ] {
        let mut bad = client(1, "Petit", 1, NEW);
        bad["client_id"] = value;
        let reports = reports(&[bad]).await;
        assert!(reports[0].contains(&format!("left out: {problem}")), "{reports:?}");
    }
    let mut bad = client(1, "Petit", 1, NEW);
    bad.as_object_mut().expect("an object").remove("client_id");
    assert_eq!(
        reports(&[bad, json!(7)]).await,
        [
            "element 1 of /clients/all: left out: client_id: it is missing",
            "element 2 of /clients/all: left out: it is unreadable: invalid type: integer `7`, expected a map at line 1 column 1",
        ]
    );
}

#[tokio::test]
async fn clients_that_share_a_code_or_an_identifier_are_left_out() {
    let [one, other, repeated] = [1, 2, 3].map(id);
    let bad =
        [client(1, "Petit", 7, OLD), client(2, "Noël", 7, NEW), client(3, "Joly", 5, NEW), client(3, "Joly", 6, NEW)];
    assert_eq!(
        reports(&bad).await,
        [
            format!("client {one}: left out: client {other} has its code 7 too"),
            format!("client {other}: left out: client {one} has its code 7 too"),
            format!("client {repeated}: left out: 2 entities have its identifier"),
            format!("client {repeated}: left out: 2 entities have its identifier"),
        ]
    );
}

#[tokio::test]
async fn what_shares_an_identifier_or_a_code_with_an_unusable_client_is_left_out() {
    let [one, other, repeated] = [1, 2, 3].map(id);
    let bad = [client(1, " ", 7, OLD), client(2, "Noël", 7, NEW), client(3, "Joly", 5, NEW), client(3, " ", 6, NEW)];
    assert_eq!(
        reports(&bad).await,
        [
            format!("client {one}: left out: nom: \" \": a blank text"),
            format!("client {repeated}: left out: nom: \" \": a blank text"),
            format!("client {other}: left out: a client that is left out has its code 7 too"),
            format!("client {repeated}: left out: 2 entities have its identifier"),
        ]
    );
}

#[tokio::test]
async fn texts_of_the_old_service_do_not_control_the_terminal() {
    let mut bad = client(1, "Petit", 1, NEW);
    bad["status"] = json!("\u{1b}[31mx\ny");
    let reports = reports(&[bad]).await;
    assert!(reports.len() == 1 && !reports[0].contains('\u{1b}'), "{reports:?}");
}

#[tokio::test]
async fn a_lone_surrogate_concerns_one_client_only() {
    let api = Api::start().await;
    let old = OldService::with(&[], &[], &[]).await;
    let bad = client(1, "x", 1, OLD).to_string().replace("\"x\"", "\"\\ud800\"");
    old.answers("/clients/all", &format!("[{bad}, {}]", client(9, "Morin", 9, OLD)));
    let ended = adopt(&old, api.endpoint()).await;
    let differences = ended.differences();
    assert!(differences[0].starts_with("element 1 of /clients/all: left out: it is unreadable: "), "{differences:?}");
    assert_eq!(body(api.get("/clients/all").await).await, json!([client(9, "Morin", 9, OLD)]));
}

#[tokio::test]
async fn children_of_what_is_left_out_are_left_out() {
    let api = Api::start().await;
    let (mut blank, good) = (client(1, " ", 1, OLD), client(2, "Morin", 2, OLD));
    blank["sites"] = json!(1);
    let sites = [site(11, 1, "actif", OLD), site(12, 2, "actif", OLD), site(13, 7, "actif", OLD)];
    let equipements = [
        equipement(21, [11, 1], "actif"),
        equipement(22, [12, 1], "actif"),
        equipement(23, [17, 2], "actif"),
        equipement(24, [12, 2], "actif"),
    ];
    let old = OldService::with(&[blank, good], &sites, &equipements).await;
    let ended = adopt(&old, api.endpoint()).await;
    let [client, other] = [1, 2].map(id);
    assert_eq!(
        ended.differences(),
        [
            format!("client {client}: left out: nom: \" \": a blank text"),
            format!("site {}: left out: its client {client} is unknown or left out", id(11)),
            format!("site {}: left out: its client {} is unknown or left out", id(13), id(7)),
            format!("équipement {}: left out: its site {} is unknown or left out", id(21), id(11)),
            format!("équipement {}: left out: its client is {client}, but its site's is {other}", id(22)),
            format!("équipement {}: left out: its site {} is unknown or left out", id(23), id(17)),
            format!("client {other}: sites is 0 in the old service, 1 in parc"),
            format!("client {other}: equipements is 0 in the old service, 1 in parc"),
            format!("site {}: equipements is 0 in the old service, 1 in parc", id(12)),
        ]
    );
    assert_eq!(api.findings().await, [""; 0]);
}

#[tokio::test]
async fn what_parc_holds_already_is_not_changed() {
    let api = Api::start().await;
    let mine = api.register("Petit", 7).await;
    let old = [client(1, "Noël", 7, OLD), client(2, "Morin", 2, OLD)];
    adopt(&OldService::with(&old[1..], &[], &[]).await, api.endpoint()).await;
    let update = json!({ "client_id": id(2), "nom": "Moreau", "code": 2 });
    assert_eq!(api.send(reqwest::Method::PUT, "/clients/update", update.to_string()).await.status(), 200);
    let site = site(11, 1, "actif", OLD);
    let ended = adopt(&OldService::with(&old, &[site], &[]).await, api.endpoint()).await;
    assert_eq!(
        ended.differences(),
        [
            format!("client {}: left out: another client of parc has its code 7", id(1)),
            format!("site {}: left out: its client is not in parc", id(11)),
            format!("client {}: nom is \"Morin\" in the old service, \"Moreau\" in parc", id(2)),
            format!("client {}: is not in the old service", mine["client_id"].as_str().expect("an identifier")),
        ]
    );
    assert_eq!(api.findings().await, [""; 0]);
}

#[tokio::test]
async fn unknown_members_and_wrong_counters_are_reported() {
    let api = Api::start().await;
    let mut one = client(1, "Morin", 1, OLD);
    one["adresse"] = json!("3 rue du Port");
    one["sites"] = json!(-1);
    one.as_object_mut().expect("an object").remove("equipements");
    let ended = adopt(&OldService::with(&[one], &[], &[]).await, api.endpoint()).await;
    assert_eq!(
        ended.differences(),
        [
            "client: the member adresse of 1 entities is not taken over: parc has no such field".to_owned(),
            format!("client {}: sites is -1 in the old service, 0 in parc", id(1)),
            format!("client {}: equipements is null in the old service, 0 in parc", id(1)),
        ]
    );
}
