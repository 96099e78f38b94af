//! A server that answers anything with `{}` and hands on what has arrived.

#![expect(clippy::disallowed_types, reason = "it is the server that is dialled")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// The longest that a request that was sent may take to be read.
const PATIENCE: Duration = Duration::from_secs(5);

/// A request as it came over the wire.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// By name in lower case, in their order.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// The running server. It ends with the process.
#[derive(Debug)]
pub(crate) struct Mock {
    address: SocketAddr,
    arrived: Receiver<Arrived>,
}

impl Mock {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let (sender, arrived) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().filter_map(Result::ok) {
                let sender = sender.clone();
                // A connection that breaks concerns nobody else.
                std::thread::spawn(move || serve(stream, &sender).ok());
            }
        });
        Ok(Self { address, arrived })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The next request, if there is one.
    pub(crate) fn take(&self) -> Option<Arrived> {
        self.arrived.recv_timeout(PATIENCE).ok()
    }

    /// Forgets what has arrived.
    pub(crate) fn forget(&self) {
        while self.arrived.try_recv().is_ok() {}
    }
}

fn serve(mut stream: TcpStream, sender: &Sender<Arrived>) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut read = Vec::with_capacity(4096);
    loop {
        let end = loop {
            if let Some(place) = read.windows(4).position(|window| window == b"\r\n\r\n") {
                break place + 4;
            }
            if !more(&mut stream, &mut read)? {
                return Ok(());
            }
        };
        let mut arrived = head(std::str::from_utf8(&read[..end])?);
        let length = arrived.headers.iter().find(|(name, _)| name == "content-length");
        let length: usize = length.map_or(Ok(0), |(_, value)| value.parse())?;
        while read.len() < end + length && more(&mut stream, &mut read)? {}
        arrived.body = read.drain(..(end + length).min(read.len())).skip(end).collect();
        let answer: &[u8] = match arrived.method.as_str() {
            "HEAD" => b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n",
            _ => b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
        };
        sender.send(arrived)?;
        stream.write_all(answer)?;
    }
}

fn more(stream: &mut TcpStream, read: &mut Vec<u8>) -> anyhow::Result<bool> {
    let mut part = [0; 16 * 1024];
    let length = stream.read(&mut part)?;
    read.extend_from_slice(&part[..length]);
    Ok(length > 0)
}

fn head(text: &str) -> Arrived {
    let mut lines = text.lines();
    let mut words = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
    let header = |line: &str| {
        line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    Arrived {
        method: words.next().unwrap_or_default(),
        target: words.next().unwrap_or_default(),
        headers: lines.filter_map(header).collect(),
        body: Vec::new(),
    }
}
