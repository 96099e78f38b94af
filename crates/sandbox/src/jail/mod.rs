//! What holds a worker, layer by layer.
//!
//! A layer above the floor may be missing, as where the kernel was built without it; then the report says why. The last
//! layer is the system call filter: what comes before it needs calls that the filter forbids.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod seccomp;

use serde::{Deserialize, Serialize};

/// The one variable that a worker is started with. It keeps the C library from looking for files when it wants to know
/// the time zone.
pub(crate) const TIME_ZONE: (&str, &str) = ("TZ", "UTC0");

/// What holds the workers of a sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JailReport {
    /// Every layer that there is, the floor first.
    pub layers: Vec<Layer>,
}

/// One layer of the jail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// Its name, as `seccomp`.
    pub name: String,
    /// Whether `serve` refuses to start without it.
    pub floor: bool,
    /// Whether it holds.
    #[serde(flatten)]
    pub state: LayerState,
}

/// Whether a layer holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", content = "reason", rename_all = "snake_case")]
pub enum LayerState {
    /// It holds.
    Active,
    /// It does not, and why.
    Unavailable(String),
}

/// Shuts the calling process in, for good.
#[cfg(target_os = "linux")]
#[doc(hidden)]
pub fn enter() -> JailReport {
    linux::enter()
}

/// There is no jail for this system yet, and the report says so.
#[cfg(not(target_os = "linux"))]
#[doc(hidden)]
pub fn enter() -> JailReport {
    let state = LayerState::Unavailable("not written for this operating system".to_owned());
    JailReport { layers: vec![Layer { name: "process".to_owned(), floor: true, state }] }
}

impl JailReport {
    /// Whether every layer of the floor holds.
    pub fn meets_floor(&self) -> bool {
        self.layers.iter().all(|layer| !layer.floor || layer.state == LayerState::Active)
    }

    /// Whether every layer holds.
    pub fn is_strict(&self) -> bool {
        self.layers.iter().all(|layer| layer.state == LayerState::Active)
    }

    /// The layers of the floor that do not hold, with the reasons.
    pub fn missing_floor(&self) -> String {
        Self::list(self.layers.iter().filter(|layer| layer.floor))
    }

    /// The layers that do not hold, with the reasons.
    pub fn missing(&self) -> String {
        Self::list(self.layers.iter())
    }

    fn list<'a>(layers: impl Iterator<Item = &'a Layer>) -> String {
        let missing = layers.filter_map(|layer| match &layer.state {
            LayerState::Active => None,
            LayerState::Unavailable(reason) => Some(format!("{} ({reason})", layer.name)),
        });
        missing.collect::<Vec<_>>().join(", ")
    }
}
