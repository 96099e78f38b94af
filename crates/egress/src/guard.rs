//! What may be dialled: the judgement over URLs and addresses, without any I/O.

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

use crate::address;
use crate::error::{Error, Kind};

/// The operator's decision about where requests may go.
///
/// The default lets them go to public addresses only.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    /// Lets every address be dialled, private ones too.
    pub allow_local_network: bool,
    /// Address blocks that may be dialled although they are not public.
    pub allow: Vec<IpNet>,
}

/// A destination that must not be dialled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{host} is not on the public internet ({address}: {reason})")]
pub struct Blocked {
    /// The host as the URL names it.
    pub host: String,
    /// The address that was refused.
    pub address: IpAddr,
    /// What kind of address it is.
    pub reason: &'static str,
}

impl Guard {
    /// Parses a URL of foreign origin and judges it as far as that can be done without resolving its name.
    ///
    /// The URL standard's own parser turns every spelling of an address (`0x7f.1`, `2130706433`,
    /// `[::ffff:127.0.0.1]`) into the address, so that one check covers them all.
    pub fn parse(&self, text: &str) -> Result<Url, Error> {
        let url = Url::parse(text).map_err(|error| Kind::InvalidUrl { reason: error.to_string() })?;
        self.check_url(&url)?;
        Ok(url)
    }

    /// Judges a URL: its scheme, the absence of credentials in it, and its host where that is an address.
    pub fn check_url(&self, url: &Url) -> Result<(), Error> {
        let invalid = |reason: &str| Kind::InvalidUrl { reason: reason.to_owned() };
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid("only http and https are supported").into());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid("credentials do not belong in a URL").into());
        }
        let address = match url.host() {
            None => return Err(invalid("it names no host").into()),
            Some(Host::Domain(_)) => return Ok(()),
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
        };
        self.check_address(url.host_str().unwrap_or_default(), address)
            .map_err(|blocked| Kind::Blocked(blocked).into())
    }

    /// Judges one address of `host`.
    pub fn check_address(&self, host: &str, address: IpAddr) -> Result<(), Blocked> {
        match address::classify(address) {
            Some(reason) if !self.allows(address) => Err(Blocked { host: host.to_owned(), address, reason }),
            _ => Ok(()),
        }
    }

    /// Keeps the addresses of `host` that may be dialled; refuses the host when there were addresses but none is left.
    pub fn filter(&self, host: &str, addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>, Blocked> {
        let mut refused = None;
        let mut kept = Vec::with_capacity(addresses.len());
        for address in addresses {
            match self.check_address(host, address) {
                Ok(()) => kept.push(address),
                Err(blocked) => refused = refused.or(Some(blocked)),
            }
        }
        match refused {
            Some(blocked) if kept.is_empty() => Err(blocked),
            _ => Ok(kept),
        }
    }

    fn allows(&self, address: IpAddr) -> bool {
        let canonical = address.to_canonical();
        self.allow_local_network || self.allow.iter().any(|block| block.contains(&canonical))
    }
}
