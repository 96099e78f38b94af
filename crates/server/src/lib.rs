//! HTTP API, live events and the status page.
