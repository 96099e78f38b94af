//! The values in effect, for people to see.

use std::fmt;

use crate::sources::Origin;
use crate::variable::Variable;

/// What a variable comes down to.
#[derive(Debug, Clone)]
pub struct Effective {
    /// The variable.
    pub variable: &'static Variable,
    /// The value; masked where it is a secret, `None` where there is none.
    pub value: Option<String>,
    /// Where the value came from.
    pub origin: Origin,
}

impl Effective {
    pub(crate) fn new(variable: &'static Variable, text: Option<&str>, origin: Origin) -> Self {
        let shown = |text: &str| if variable.secret { "********".to_owned() } else { text.to_owned() };
        Self { variable, value: text.map(shown), origin }
    }
}

impl fmt::Display for Effective {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value.as_deref().unwrap_or("(not set)");
        write!(formatter, "{} = {value} [{}]", self.variable.name, self.origin)
    }
}
