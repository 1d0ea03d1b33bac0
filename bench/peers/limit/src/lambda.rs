//! The Lambda Runtime API.

use std::io;
use std::net::TcpStream;

use crate::http::Connection;

/// The connection to the Runtime API.
pub(crate) struct Runtime {
    host: String,
    connection: Connection<TcpStream>,
}

/// An event to answer.
pub(crate) struct Event {
    pub(crate) request_id: String,
    pub(crate) payload: Vec<u8>,
}

impl Runtime {
    /// Connects to the Runtime API at `host`, in the form `HOST:PORT`.
    pub(crate) fn connect(host: String) -> io::Result<Self> {
        let stream = TcpStream::connect(&host)?;
        stream.set_nodelay(true)?;
        Ok(Self { host, connection: Connection::new(stream) })
    }

    /// Waits for the next event.
    pub(crate) fn next(&mut self) -> io::Result<Event> {
        let head = format!("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: {}\r\n\r\n", self.host);
        let response = self.connection.exchange(&head, "")?;
        match response.header("lambda-runtime-aws-request-id") {
            Some(id) if response.status == 200 => Ok(Event { request_id: id.to_owned(), payload: response.body }),
            _ => Err(io::Error::other(format!("the Runtime API answered {} without an event", response.status))),
        }
    }

    /// Sends the answer to an event.
    pub(crate) fn respond(&mut self, request_id: &str, answer: &str) -> io::Result<()> {
        let head = format!(
            "POST /2018-06-01/runtime/invocation/{request_id}/response HTTP/1.1\r\nhost: {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.host,
            answer.len()
        );
        match self.connection.exchange(&head, answer)?.status {
            202 => Ok(()),
            status => Err(io::Error::other(format!("the Runtime API refused an answer with {status}"))),
        }
    }
}
