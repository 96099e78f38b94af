//! A request made of arguments that nobody has checked: whatever they are, it goes where the operation says.

use std::sync::{Arc, LazyLock};

use executor_core::tool::{SourceKind, Tool};
use executor_core::{ToolError, ToolPath};
use executor_sources::{Call, Document, ImportOptions, Kind};
use serde_json::{Map, Value};

use crate::kinds::KINDS;
use crate::{Target, nested};

pub(super) const TARGET: Target = Target { name: "plan", run, deep: || nested::seeds(nested::json()) };

const BASE: &str = "https://api.test/v1/";
/// One operation for each way of writing an argument into a request.
const DOCUMENT: &[u8] = include_bytes!("plan.json");

struct Api {
    kind: Arc<dyn Kind>,
    tools: Vec<(ToolPath, Tool)>,
}

static API: LazyLock<Api> = LazyLock::new(|| {
    let kind = KINDS.get(SourceKind::Openapi).expect("the kind is built").clone();
    let document = Document::read(DOCUMENT).expect("a document");
    let options = ImportOptions { base_url: Some(BASE), ..ImportOptions::new(&|_, _| ()) };
    let import = kind.import(&document, &options).expect("an import");
    assert!(import.skipped.is_empty(), "{:?}", import.skipped);
    let tools = import.tools.into_iter().map(|tool| {
        let path = ToolPath::new("api", &tool.name).expect("an imported tool has a path");
        (path, tool)
    });
    Api { kind, tools: tools.collect() }
});

fn run(bytes: &[u8]) {
    let Ok(arguments) = serde_json::from_slice::<Map<String, Value>>(bytes) else { return };
    for (path, tool) in &API.tools {
        let operation = &tool.operation;
        let call =
            Call { path, operation, base_url: BASE, context: None, arguments: &arguments, cursor: None };
        let plan = || API.kind.plan(&call);
        let Ok::<_, ToolError>(plan) = plan().inspect(|first| assert_eq!(Some(first), plan().ok().as_ref()))
        else {
            continue;
        };
        assert_eq!(plan.origin(), "https://api.test");
        let wanted = plan.route.split('/').count();
        let path = plan.url.path();
        assert!(path.starts_with("/v1/"), "{path}");
        // The route has its method before the first slash; the URL has the base's own segment.
        assert_eq!(path.split('/').count(), wanted + 1, "{} as {path}", plan.route);
        assert!(
            plan.headers.iter().all(|(name, value)| !name.is_empty() && !value.contains(['\r', '\n', '\0']))
        );
        assert_eq!(plan.digest(), plan.clone().digest());
    }
}
