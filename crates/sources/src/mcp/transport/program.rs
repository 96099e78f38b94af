//! A program of this machine: a message is a line of its standard input or output.

use std::io;

use executor_egress::process::{Ended, Input, Program};
use rmcp::RoleClient;
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::Transport;

use crate::mcp::session::End;

/// The most bytes that a program may say without answering anything.
const MAX_UNASKED: usize = 64 * 1024 * 1024;

/// A program that is spoken with.
pub(in crate::mcp) struct Pipes {
    program: Option<Program>,
    input: Input,
    unasked: usize,
    end: End,
}

impl Pipes {
    /// Says at `end` how the program ended, once it has.
    pub(in crate::mcp) fn new(program: Program, end: End) -> Self {
        Self { input: program.input(), program: Some(program), unasked: 0, end }
    }
}

impl Transport<RoleClient> for Pipes {
    type Error = io::Error;

    fn send(
        &mut self,
        message: ClientJsonRpcMessage,
    ) -> impl Future<Output = Result<(), io::Error>> + Send + 'static {
        let input = self.input.clone();
        async move {
            let line = serde_json::to_string(&message)?;
            if let Err(error) = input.write(&line).await {
                // A program that takes nothing any more is about to end, and its end says why.
                tracing::debug!(%error, "a program does not take a message");
            }
            Ok(())
        }
    }

    async fn receive(&mut self) -> Option<ServerJsonRpcMessage> {
        loop {
            let line = self.program.as_mut()?.line().await;
            let line = line.and_then(|line| {
                self.unasked += line.len();
                let most = MAX_UNASKED / 1024 / 1024;
                let flood = || Ended::new(format!("it wrote more than {most} MiB without an answer"));
                if self.unasked > MAX_UNASKED { Err(flood()) } else { Ok(line) }
            });
            match line.map(|line| serde_json::from_str(&line)) {
                Ok(Ok(message)) => {
                    if matches!(message, ServerJsonRpcMessage::Response(_) | ServerJsonRpcMessage::Error(_)) {
                        self.unasked = 0;
                    }
                    return Some(message);
                }
                // What is no message is talk: many a program greets on its standard output.
                Ok(Err(error)) => tracing::debug!(%error, "a program wrote a line that is no message"),
                Err(ended) => {
                    self.end.send_replace(Some(ended));
                    return None;
                }
            }
        }
    }

    async fn close(&mut self) -> Result<(), io::Error> {
        self.program = None;
        Ok(())
    }
}
