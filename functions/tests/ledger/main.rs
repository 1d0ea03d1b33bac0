//! The ledger `docs/answers-and-logs.md`: bytes of the answer and of the log line of every route.
//!
//! `PARC_WRITE_LEDGER=1 cargo test -p functions --test ledger` updates the file.

#![allow(clippy::expect_used, clippy::panic, reason = "a panic fails the test")]

mod cases;
mod fixture;
mod row;
mod writer;

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

use functions::docs::Access;

use fixture::Fixture;

const HEADER: &str = "\
# Answers and log lines

The bytes of the answer and of the log line of every route, at typical sizes. Noms are about 20 characters long.
*Body* is the body for a caller without gzip. *gzip* is the body for a caller with gzip, rounded up to hundreds; it is
empty if the response is not compressed, and for a batch that writes, whose identifiers differ each time. *Headers*
are those of the function, as HTTP/1.1 writes them; API Gateway adds about 100 bytes. *Log* is the line that the
function writes, as CloudWatch counts it without the 26 bytes per event that it adds: for a request that took 12.345
ms in a warm process, with a request identifier of 16 characters and `parc` as the stack's name. A request that is
answered 5xx writes a second line. Units are the capacity units of the request, reads and writes together.

`PARC_WRITE_LEDGER=1 cargo test -p functions --test ledger` measures them in process, on the embedded emulator, and
writes this file; without the variable the test fails if the file differs.

| route | case | status | units | body | gzip | headers | log |
|---|---|---|---|---|---|---|---|
";

#[tokio::test]
async fn the_ledger_equals_the_measured_bytes() {
    let mut fixture = Fixture::new().await;
    cases::clients(&mut fixture).await;
    cases::sites(&mut fixture).await;
    cases::equipements(&mut fixture).await;
    cases::batches(&mut fixture).await;
    cases::failures(&mut fixture).await;
    cases::documentation(&mut fixture).await;

    let measured: BTreeSet<_> = fixture.rows.iter().map(|row| row.route.clone()).collect();
    let routes = functions::routes(Access::Token).iter().map(functions::Route::key).collect();
    assert_eq!(measured, routes, "every route needs a case in functions/tests/ledger/cases.rs");

    let rows: String = fixture.rows.iter().map(ToString::to_string).collect();
    let ledger = format!("{HEADER}{rows}");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/answers-and-logs.md");
    if env::var_os("PARC_WRITE_LEDGER").is_some() {
        fs::write(&file, &ledger).expect("a file");
    }
    let written = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        ledger == written,
        "docs/answers-and-logs.md differs from the measurement; PARC_WRITE_LEDGER=1 updates it:\n{ledger}"
    );
}
