//! A program of this machine: a message is a line of its standard input or output.

use std::io;
use std::sync::Arc;

use executor_egress::process::{Ended, Input, Program};
use rmcp::RoleClient;
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::Transport;
use tokio::sync::watch;

/// A program that is spoken with.
pub(in crate::mcp) struct Pipes {
    program: Option<Program>,
    input: Input,
    end: Arc<watch::Sender<Option<Ended>>>,
}

impl Pipes {
    /// Says at `end` how the program ended, once it has.
    pub(in crate::mcp) fn new(program: Program, end: Arc<watch::Sender<Option<Ended>>>) -> Self {
        Self { input: program.input(), program: Some(program), end }
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
            match self.program.as_mut()?.line().await {
                // What is no message is talk: many a program greets on its standard output.
                Ok(line) => match serde_json::from_str(&line) {
                    Ok(message) => return Some(message),
                    Err(error) => tracing::debug!(%error, "a program wrote a line that is no message"),
                },
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
