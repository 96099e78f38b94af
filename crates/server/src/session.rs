//! Sessions of browsers: a cookie that stands for the local owner, or for exactly one key.
//!
//! Invariants:
//! - A session's token is kept as a digest, in memory; a restart ends every session.
//! - A session never holds rights: what its holder may do is asked anew with each request.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};
use executor_core::{Digest, ErrorCode, Failure, Principal};

/// How long a session lives.
const LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How many sessions live at once; one more ends the one that would have ended first.
const MOST_SESSIONS: usize = 1_000;

/// For whom a session stands.
#[derive(Debug, Clone)]
pub(crate) enum Holder {
    /// The person at this machine, with the right to decide.
    LocalOwner,
    /// Whoever carries a key, by what they could do when they signed in.
    Key(Principal),
}

struct Session {
    holder: Holder,
    ends: Instant,
}

/// The sessions that live.
pub(crate) struct Sessions {
    /// Names the port: a browser sends cookies to all ports of a host.
    cookie: String,
    is_secure: bool,
    live: Mutex<HashMap<Digest, Session>>,
}

impl Sessions {
    /// Those of the server at `port`; cookies are `is_secure` where it is reached over TLS only.
    pub(crate) fn new(port: u16, is_secure: bool) -> Self {
        Self { cookie: format!("executor_session_{port}"), is_secure, live: Mutex::default() }
    }

    /// Begins a session. Gives the value of `Set-Cookie`.
    pub(crate) fn begin(&self, holder: Holder) -> Result<String, Failure> {
        let token = executor_vault::random_token("exs_")
            .map_err(|error| Failure::new(ErrorCode::Internal, error.to_string()))?;
        let now = Instant::now();
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.retain(|_, session| session.ends > now);
        if live.len() >= MOST_SESSIONS
            && let Some(first) =
                live.iter().min_by_key(|(_, session)| session.ends).map(|(digest, _)| *digest)
        {
            live.remove(&first);
        }
        live.insert(Digest::of(token.as_bytes()), Session { holder, ends: now + LIFETIME });
        Ok(self.set_cookie(&token, LIFETIME))
    }

    /// Who sent these headers, if a live session did.
    pub(crate) fn holder(&self, headers: &HeaderMap) -> Option<Holder> {
        let digest = Digest::of(self.token(headers)?.as_bytes());
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.get(&digest)
            .filter(|session| session.ends > Instant::now())
            .map(|session| session.holder.clone())
    }

    /// Ends the session that these headers name. Gives the value of `Set-Cookie`.
    pub(crate) fn end(&self, headers: &HeaderMap) -> String {
        if let Some(token) = self.token(headers) {
            self.live.lock().unwrap_or_else(PoisonError::into_inner).remove(&Digest::of(token.as_bytes()));
        }
        self.set_cookie("", Duration::ZERO)
    }

    fn token<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        cookies
            .flat_map(|value| value.split(';'))
            .find_map(|pair| pair.trim().strip_prefix(self.cookie.as_str())?.strip_prefix('='))
    }

    fn set_cookie(&self, token: &str, lifetime: Duration) -> String {
        let secure = if self.is_secure { "; Secure" } else { "" };
        format!(
            "{}={token}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{secure}",
            self.cookie,
            lifetime.as_secs()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(set_cookie: &str) -> HeaderMap {
        let pair = set_cookie.split(';').next().unwrap();
        [(header::COOKIE, format!("other=1; {pair}").parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn a_session_lives_from_its_begin_to_its_end() {
        let sessions = Sessions::new(4788, false);
        let cookie = sessions.begin(Holder::LocalOwner).unwrap();
        assert!(cookie.ends_with("; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict"), "{cookie}");
        assert!(sessions.holder(&sent(&cookie)).is_some());
        assert!(Sessions::new(4788, false).holder(&sent(&cookie)).is_none(), "another process");
        assert!(Sessions::new(4789, false).holder(&sent(&cookie)).is_none(), "another server");
        assert!(sessions.end(&sent(&cookie)).contains("Max-Age=0"));
        assert!(sessions.holder(&sent(&cookie)).is_none());
    }

    #[test]
    fn a_cookie_is_secure_where_the_server_is() {
        let cookie = Sessions::new(443, true).begin(Holder::LocalOwner).unwrap();
        assert!(cookie.ends_with("; Secure"), "{cookie}");
    }
}
