//! Connections to the table.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use shared::models::{EntityId, EquipementId};
use shared::store::{Database, RequestContext, Settings, StoreError};
use testkit::AMPLE_TIME;
use tokio::net::TcpListener;
use uuid::Uuid;

#[tokio::test]
async fn a_stalled_tls_handshake_is_given_up_and_retried() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("https://{}", listener.local_addr().expect("an address"));
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            open.push(connection);
        }
    });
    let settings = Settings::for_endpoint("parc", url).with_attempt_time_limit(AMPLE_TIME);
    let database = Database::connect(settings).expect("a connection");
    // Ends although nothing answers.
    database.open_connection().await;
    let store = database.for_request(RequestContext::anonymous(Duration::from_millis(2500), database.random()));
    let read = store.equipement(EquipementId::from_uuid(Uuid::nil())).await;
    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    assert!(connections.load(Ordering::SeqCst) >= 3, "{connections:?}");
}
