//! Cost of lists as the register grows: `cargo bench -p functions --bench lists`.
//!
//! The deployed binary answers over the Lambda Runtime API, from an embedded table in this process. For each number
//! of clients and each request, this prints the time of the function, the capacity units, the bytes of the response
//! as Lambda counts them, and the peak memory of the process. For a whole list, the pages are added up.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a benchmark prints, and panics on errors")]

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use lambda_simulator::{InvocationBuilder, Simulator};
use serde_json::{Value, json};
use shared::models::{ClientRegister, Code, Nom};
use shared::store::Database;
use testkit::embedded::Embedded;
use testkit::fresh;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

const REQUESTS: [(&str, &str, bool); 6] = [
    ("one page of 50", "limit=50", false),
    ("the whole list", "", false),
    ("the whole list, gzip", "", true),
    ("a name that ten have", "nom=caf%C3%A9", false),
    ("50 of a name that a tenth has", "nom=garage&limit=50", false),
    ("all of a name that a tenth has", "nom=garage", false),
];

/// The function under a Runtime API, and its log.
struct Function {
    runtime_api: Simulator,
    process: Child,
    log: Lines<BufReader<ChildStdout>>,
}

/// Cost of one request.
#[derive(Default)]
struct Cost {
    answers: usize,
    ms: f64,
    units: f64,
    bytes: usize,
}

impl Function {
    async fn start(endpoint: &str) -> Self {
        let runtime_api = Simulator::builder().build().await.expect("a Runtime API");
        let mut process = Command::new(env!("CARGO_BIN_EXE_clients-all"))
            .envs(runtime_api.lambda_env_vars())
            .envs([("PARC_TABLE", "parc"), ("PARC_CURSOR_KEY", "bench"), ("AWS_REGION", "eu-west-3")])
            .envs([("AWS_ACCESS_KEY_ID", "bench"), ("AWS_SECRET_ACCESS_KEY", "bench")])
            .env("AWS_ENDPOINT_URL_DYNAMODB", endpoint)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a process");
        let log = BufReader::new(process.stdout.take().expect("its output")).lines();
        Self { runtime_api, process, log }
    }

    /// Sends the request and follows the links.
    async fn cost(&mut self, query: &str, gzip: bool) -> Cost {
        let mut cost = Cost::default();
        let mut next = Some(query.to_owned());
        while let Some(query) = next {
            let answer = self.answer(&query, gzip).await;
            assert_eq!(answer["statusCode"], 200, "{answer}");
            let line = self.log.next_line().await.expect("text").expect("a line");
            let line: Value = serde_json::from_str(&line).expect("JSON");
            cost.answers += 1;
            cost.ms += line["latency"].as_f64().expect("milliseconds");
            cost.units += line["capacity"].as_f64().expect("units");
            cost.bytes += answer.to_string().len();
            // A request with a limit is one page; a whole list has all of its pages.
            let following = answer["headers"]["link"].as_str().filter(|_| !query.contains("limit="));
            next = following.and_then(|link| Some(link.split_once('?')?.1.split_once('>')?.0.to_owned()));
        }
        cost
    }

    async fn answer(&self, query: &str, gzip: bool) -> Value {
        let event = fs::read_to_string("../events/clients-all.json").expect("an event");
        let mut event: Value = serde_json::from_str(&event).expect("JSON");
        event["rawQueryString"] = query.into();
        if gzip {
            event["headers"]["accept-encoding"] = json!("gzip");
        }
        let patience = Duration::from_mins(1);
        let invocation = InvocationBuilder::new().payload(event).timeout_ms(60_000).build().expect("an invocation");
        let id = self.runtime_api.enqueue(invocation).await;
        let state = self.runtime_api.wait_for_invocation_complete(&id, patience).await.expect("an end");
        state.response.expect("an answer").payload
    }

    /// Returns the peak memory of the process, in MB.
    fn memory(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id().expect("a process")));
        let status = status.expect("a status");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
        peak.trim().trim_end_matches(" kB").parse::<f64>().expect("kB") / 1024.0
    }
}

/// Registers clients: ten are cafés, every tenth of the others is a garage, the rest are bakeries.
async fn fill(database: &Database, from: i64, to: i64) {
    let register = async |code: i64| {
        let kind = match code {
            0..10 => "Café",
            _ if code % 10 == 0 => "Garage",
            _ => "Boulangerie",
        };
        let nom = Nom::try_from(format!("{kind} de la rue numéro {code}")).expect("a nom");
        let input = ClientRegister { nom, code: Code::from(code) };
        fresh(database.for_command().register_client(input)).await;
    };
    stream::iter(from..to).map(register).buffer_unordered(16).for_each(|()| async {}).await;
}

#[tokio::main]
async fn main() {
    let engine = Embedded::in_memory().await.expect("an engine");
    let database = engine.table().await.expect("a table");
    println!("| clients | request | answers | ms | units | MB | peak MB |\n|---|---|---|---|---|---|---|");
    let mut filled = 0;
    for clients in [1_000, 10_000, 100_000] {
        fill(&database, filled, clients).await;
        filled = clients;
        for (title, query, gzip) in REQUESTS {
            let mut function = Function::start(engine.url()).await;
            let Cost { answers, ms, units, bytes } = function.cost(query, gzip).await;
            let mb = f64::from(u32::try_from(bytes).expect("bytes")) / 1e6;
            let peak = function.memory();
            println!("| {clients} | {title} | {answers} | {ms:.1} | {units} | {mb:.3} | {peak:.1} |");
        }
    }
}
