//! What is stored with a tool, so that a call of it can be planned without the document.

use executor_core::tool::Placement;
use serde::{Deserialize, Serialize};

/// One operation: how its arguments become a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Operation {
    /// The method in upper case.
    pub(crate) method: String,
    /// The path as the document writes it.
    pub(crate) path: String,
    /// Where this operation alone is, if it is elsewhere than the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) server: Option<String>,
    /// The media types that are asked for.
    pub(crate) accept: String,
    /// What goes into path, query, headers and cookies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) parameters: Vec<Parameter>,
    /// The header, in lower case, with whose key the API does a repeated request only once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) idempotency_header: Option<String>,
    /// What goes into the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<RequestBody>,
    /// What the body may be instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) choice: Option<Choice>,
    /// Whether what it answers with is a file, whatever its media type.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) answer_is_file: bool,
    /// The credentials: any one of these sets, as in a plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) credentials: Vec<Vec<(String, Placement)>>,
}

/// An argument that goes into path, query, headers or cookies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Parameter {
    /// What the argument is called.
    pub(crate) argument: String,
    /// What the API calls it.
    pub(crate) name: String,
    /// Where it goes.
    pub(crate) place: Place,
    /// How it is written.
    pub(crate) style: Style,
    /// Whether each part of it is written by itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) explode: bool,
    /// Whether characters that mean something in a URL may stay as they are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) allow_reserved: bool,
}

/// A place of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Place {
    Path,
    Query,
    Header,
    Cookie,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Style {
    Simple,
    Label,
    Matrix,
    /// As `simple`, and slashes stay.
    Reserved,
    Form,
    SpaceDelimited,
    TabDelimited,
    PipeDelimited,
    DeepObject,
    Json,
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestBody {
    /// Its media type.
    pub(crate) content_type: String,
    /// How it is written.
    pub(crate) format: Format,
    /// Whether a request without one is refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) required: bool,
    /// Which arguments go into it.
    pub(crate) shape: Shape,
    /// Whether the file that it is goes as base64.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) base64: bool,
    /// How its members are written, those of which that is not the usual way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) members: Vec<Member>,
}

impl RequestBody {
    /// What the arguments are called that go into it.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &str> {
        let (whole, fields) = match &self.shape {
            Shape::Whole(argument) => (Some(argument.as_str()), &[][..]),
            Shape::Fields(fields) => (None, fields.as_slice()),
        };
        whole.into_iter().chain(fields.iter().map(|field| field.argument.as_str()))
    }
}

/// Other bodies that a call may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Choice {
    /// The argument that names the media type.
    pub(crate) argument: String,
    /// The bodies besides the preferred one.
    pub(crate) bodies: Vec<RequestBody>,
}

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Format {
    Json,
    Form,
    Multipart,
    Text,
    Binary,
}

/// Which arguments go into a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Shape {
    /// One argument is all of it.
    Whole(String),
    /// Each of these arguments is a member of it.
    Fields(Vec<Field>),
}

/// An argument that is a member of the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Field {
    /// What the argument is called.
    pub(crate) argument: String,
    /// What the API calls it.
    pub(crate) name: String,
    /// Whether a body does not go without it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) required: bool,
}

/// How a member of a form, or of a body of parts, is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Member {
    /// What the API calls it.
    pub(crate) name: String,
    /// `deepObject`, or what joins the items of a list; none if each is written by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) style: Option<Style>,
    /// The media types of its part, as a list with commas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    /// Whether it is a file, or several.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) file: bool,
    /// Whether such a file goes as base64.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) base64: bool,
}
