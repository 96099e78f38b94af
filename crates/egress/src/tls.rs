//! The TLS configuration: rustls with the ring provider, passed explicitly so that no process-wide default is needed.
//!
//! Trust comes from the machine's own store (`SSL_CERT_FILE` and `SSL_CERT_DIR` included), because that is where an
//! operator puts a company's authority. A machine without one, such as an empty container image, gets the compiled-in
//! Mozilla list.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

use crate::error::{Error, Kind};

/// Builds the configuration, trusting `extra_roots` besides the machine's store.
pub(crate) fn configuration(extra_roots: Vec<CertificateDer<'static>>) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut configuration = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Kind::Setup { detail: error.to_string() })?
        .with_root_certificates(trusted(extra_roots))
        .with_no_client_auth();
    configuration.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(configuration)
}

fn trusted(extra: Vec<CertificateDer<'static>>) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let (added, ignored) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if added == 0 {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots.add_parsable_certificates(extra);
    tracing::debug!(added, ignored, "trusted certificate authorities");
    roots
}
