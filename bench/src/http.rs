//! A client of HTTP/1.1 that keeps its connection: as little as measuring needs, so that it costs little.

use std::net::SocketAddr;

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
#[expect(
    clippy::disallowed_types,
    reason = "measuring programs are clients of servers that they have started"
)]
use tokio::net::TcpStream;

/// An answer, read whole.
#[derive(Debug, Default)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// The session that the server opened, where it speaks MCP.
    pub session: Option<String>,
    /// What it says.
    pub body: Vec<u8>,
}

/// How an answer's body ends.
enum Length {
    Known(usize),
    Chunked,
}

/// One connection, for one request at a time.
#[derive(Debug)]
pub struct Connection {
    #[expect(clippy::disallowed_types, reason = "see above")]
    stream: TcpStream,
    host: String,
    /// What was read; before `start` it is used up.
    read: Vec<u8>,
    start: usize,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        #[expect(clippy::disallowed_types, reason = "see above")]
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host: address.to_string(), read: Vec::with_capacity(8 << 10), start: 0 })
    }

    /// Sends a request. `headers` are whole lines, each with its line end.
    pub async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &str,
        body: &[u8],
    ) -> anyhow::Result<Answer> {
        self.send_watched(method, path, headers, body, &mut |_| {}).await
    }

    /// Sends a request, and shows each part of the answer's body when it arrives.
    pub async fn send_watched(
        &mut self,
        method: &str,
        path: &str,
        headers: &str,
        body: &[u8],
        watch: &mut (dyn FnMut(&[u8]) + Send),
    ) -> anyhow::Result<Answer> {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n{headers}\r\n",
            self.host,
            body.len()
        );
        let mut request = head.into_bytes();
        request.extend_from_slice(body);
        self.stream.write_all(&request).await?;
        self.read.drain(..self.start);
        self.start = 0;
        let (mut answer, length) = self.head().await?;
        match length {
            Length::Known(length) => self.take(length, &mut answer.body, watch).await?,
            Length::Chunked => loop {
                let line = self.line().await?;
                let size = line.split(';').next().unwrap_or_default().trim();
                let size = usize::from_str_radix(size, 16).with_context(|| format!("a chunk of {line:?}"))?;
                self.take(size, &mut answer.body, watch).await?;
                self.line().await?;
                if size == 0 {
                    break;
                }
            },
        }
        Ok(answer)
    }

    async fn head(&mut self) -> anyhow::Result<(Answer, Length)> {
        let first = self.line().await?;
        let status = first.split(' ').nth(1).and_then(|status| status.parse().ok());
        let mut answer = Answer {
            status: status.with_context(|| format!("an answer of {first:?}"))?,
            ..Answer::default()
        };
        let mut length = Length::Known(0);
        loop {
            let line = self.line().await?;
            let Some((name, value)) = line.split_once(':') else {
                ensure!(line.is_empty(), "a header of {line:?}");
                return Ok((answer, length));
            };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = Length::Known(value.parse()?),
                "transfer-encoding" if value.eq_ignore_ascii_case("chunked") => length = Length::Chunked,
                "mcp-session-id" => answer.session = Some(value.to_owned()),
                _ => {}
            }
        }
    }

    async fn line(&mut self) -> anyhow::Result<String> {
        let mut searched = self.start;
        loop {
            if let Some(end) = self.read[searched..].iter().position(|byte| *byte == b'\n') {
                let line = &self.read[self.start..searched + end];
                let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned();
                self.start = searched + end + 1;
                return Ok(line);
            }
            searched = self.read.len();
            self.fill().await?;
        }
    }

    async fn take(
        &mut self,
        length: usize,
        into: &mut Vec<u8>,
        watch: &mut (dyn FnMut(&[u8]) + Send),
    ) -> anyhow::Result<()> {
        let mut missing = length;
        while missing > 0 {
            if self.start == self.read.len() {
                self.read.clear();
                self.start = 0;
                self.fill().await?;
            }
            let end = self.read.len().min(self.start + missing);
            let part = &self.read[self.start..end];
            watch(part);
            into.extend_from_slice(part);
            missing -= part.len();
            self.start = end;
        }
        Ok(())
    }

    async fn fill(&mut self) -> anyhow::Result<()> {
        if self.stream.read_buf(&mut self.read).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}
