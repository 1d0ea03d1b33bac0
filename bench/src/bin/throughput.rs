//! Compares `cargo run` with a FastAPI service under uvicorn, both in memory: `bench/throughput` builds them and starts
//! it.

#![allow(clippy::print_stdout, reason = "a command")]

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::thread::sleep;
use std::time::Duration;

use bench::load::{Request, body_of, run};
use bench::process::Process;
use bench::{AnyError, exit_code};
use clap::Parser;
use serde_json::Value;
use tokio::runtime::Runtime;

/// Measures requests per second of servers, at 1, 16 and 256 connections.
#[derive(Debug, Parser)]
struct Arguments {
    /// Seconds of each measurement
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Servers as NAME=COMMAND; the command listens on the port of its variable PORT
    servers: Vec<String>,
}

const CONNECTIONS: [usize; 3] = [1, 16, 256];

fn main() -> ExitCode {
    exit_code(measure(&Arguments::parse()))
}

fn measure(arguments: &Arguments) -> Result<(), AnyError> {
    // One thread for all connections: the server has the other CPU of two.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    println!("| server | request | connections | requests per second | p50 ms | p99 ms |\n|---|---|---|---|---|---|");
    for server in &arguments.servers {
        let (name, command) = server.split_once('=').ok_or("expected NAME=COMMAND")?;
        let address = free_address()?;
        let _server = start(command, address)?;
        let client = first_client(&runtime, address)?;
        let requests = [
            ("GET /clients/{client_id}/infos", Request::get(format!("/clients/{client}/infos"))),
            ("GET /clients/all?limit=50", Request::get("/clients/all?limit=50".to_owned())),
            ("POST /clients/register", Request::register()),
        ];
        for (title, request) in requests {
            for connections in CONNECTIONS {
                let time = Duration::from_secs(arguments.seconds);
                let result = runtime.block_on(run(address, &request, connections, time))?;
                let [rate, p50, p99] = [result.per_second, result.p50, result.p99];
                println!("| {name} | `{title}` | {connections} | {rate:.0} | {p50:.2} | {p99:.2} |");
            }
        }
    }
    Ok(())
}

fn free_address() -> Result<SocketAddr, AnyError> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

fn start(command: &str, address: SocketAddr) -> Result<Process, AnyError> {
    let port: OsString = address.port().to_string().into();
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec {command}")]).env("PORT", port).current_dir(root.parent().ok_or("no repository")?);
    let server = Process(shell.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
    for _ in 0..300 {
        if std::net::TcpStream::connect(address).is_ok() {
            return Ok(server);
        }
        sleep(Duration::from_millis(100));
    }
    Err(format!("{command} does not listen on {address}").into())
}

/// Registers 60 clients, and returns the identifier of the first.
fn first_client(runtime: &Runtime, address: SocketAddr) -> Result<String, AnyError> {
    let mut first = None;
    for _ in 0..60 {
        let body: Value = serde_json::from_slice(&runtime.block_on(body_of(address, &Request::register()))?)?;
        let id = body["client_id"].as_str().ok_or_else(|| format!("the server answered {body}"))?;
        first.get_or_insert_with(|| id.to_owned());
    }
    first.ok_or_else(|| "no client".into())
}
