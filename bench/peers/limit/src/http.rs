//! HTTP/1.1 over a connection that stays open.

use std::io::{self, Read, Write};

/// A connection to a server.
pub(crate) struct Connection<S> {
    stream: S,
    /// Bytes that are received and not consumed yet.
    received: Vec<u8>,
}

/// A response with its whole body.
pub(crate) struct Response {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// Returns the value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(':'));
        headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

impl<S: Read + Write> Connection<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self { stream, received: Vec::new() }
    }

    /// Sends a request, and waits for its response.
    pub(crate) fn exchange(&mut self, head: &str, body: &str) -> io::Result<Response> {
        // One write, so that a small request is one packet.
        self.stream.write_all([head, body].concat().as_bytes())?;
        self.stream.flush()?;
        let head = self.take_until("\r\n\r\n")?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| invalid("a response without a status"))?;
        let mut response = Response { status, head, body: Vec::new() };
        if let Some(length) = response.header("content-length") {
            let length = length.parse().map_err(|_| invalid("a content-length that is not a number"))?;
            response.body = self.take(length)?;
        } else if response.header("transfer-encoding").is_some() {
            response.body = self.take_chunks()?;
        }
        Ok(response)
    }

    fn take_chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let size = self.take_until("\r\n")?;
            let size = usize::from_str_radix(&size, 16).map_err(|_| invalid("a chunk without a size"))?;
            body.extend(self.take(size)?);
            self.take_until("\r\n")?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    /// Takes the text before `end`, and removes `end`.
    fn take_until(&mut self, end: &str) -> io::Result<String> {
        loop {
            if let Some(at) = self.received.windows(end.len()).position(|bytes| bytes == end.as_bytes()) {
                let mut taken = self.take(at + end.len())?;
                taken.truncate(at);
                return String::from_utf8(taken).map_err(|_| invalid("a head that is not text"));
            }
            self.receive()?;
        }
    }

    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.received.len() < length {
            self.receive()?;
        }
        let rest = self.received.split_off(length);
        Ok(std::mem::replace(&mut self.received, rest))
    }

    fn receive(&mut self) -> io::Result<()> {
        let mut bytes = [0; 16 * 1024];
        match self.stream.read(&mut bytes)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            length => {
                self.received.extend_from_slice(&bytes[..length]);
                Ok(())
            }
        }
    }
}

fn invalid(problem: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}
