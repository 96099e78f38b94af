//! What tools are called.

use serde_json::{Value, json};

use crate::support::{document, import};

/// Route, tags, operation id.
const TABLE: &[(&str, &str, &str)] = &[
    ("get /repos/{owner}/{repo}/issues", "issues", "issues/list-for-repo"),
    ("get /user", "", "get_file_contents"),
    ("get /pets", "pets", "listPets"),
    ("get /pods", "core_v1", "readCoreV1Namespaced"),
    ("get /users", "users.user", "users.user.ListUser"),
    ("get /v1/customers/{id}", "", ""),
    ("post /v1/customers", "Customer Data", ""),
    ("get /search", "", "search"),
    ("get /then", "then", "constructor"),
    ("get /9", "9 lives", "2fa"),
    ("get /odd", "日本", "日本"),
    ("get /API", "API Keys", "LIST KEYS"),
    ("get /a", "same", "get-it"),
    ("put /a", "same", "get_it"),
    ("get /b", "same", "getIt"),
    ("get /c/{x}", "same", "get it"),
    ("get /dup", "same", "GETIT"),
    ("get /", "", ""),
];

/// The same of real documents: GitHub, Stripe, Kubernetes, Slack, Spotify, Zoom, Plaid, Square, DigitalOcean, Asana, Box,
/// Docusign, Telegram, Vercel, Netlify, Notion, OpenAI, GitLab, CircleCI, SendGrid, Mailchimp, Trello, Twilio, Google.
const REAL: &[(&str, &str, &str)] = &[
    ("get /repos/{owner}/{repo}/code-scanning/alerts", "code-scanning", "code-scanning/list-alerts-for-repo"),
    ("post /repos/{owner}/{repo}/issues", "issues", "issues/create"),
    ("get /v1/setup_intents", "", "GetSetupIntents"),
    ("post /v1/customers/{customer}/sources", "", "PostCustomersCustomerSources"),
    ("put /api/v1/namespaces/{namespace}/services/{name}", "core_v1", "replaceCoreV1NamespacedService"),
    (
        "put /apis/flowcontrol.apiserver.k8s.io/v1beta3/flowschemas/{name}",
        "flowcontrolApiserver_v1beta3",
        "replaceFlowcontrolApiserverV1beta3FlowSchema",
    ),
    ("post /admin.teams.create", "admin.teams", "admin_teams_create"),
    ("get /search.messages", "search", "search_messages"),
    ("get /browse/categories/{category_id}/playlists", "Playlists", "get-a-categories-playlists"),
    (
        "put /meetings/{meetingId}/recordings/registrants/status",
        "Cloud Recording",
        "meetingRecordingRegistrantStatus",
    ),
    ("post /credit/bank_income/get", "plaid", "creditBankIncomeGet"),
    ("delete /v2/loyalty/rewards/{reward_id}", "Loyalty", "DeleteLoyaltyReward"),
    ("delete /v2/load_balancers/{lb_id}/droplets", "Load Balancers", "loadBalancers_remove_droplets"),
    ("put /projects/{project_gid}", "Projects", "updateProject"),
    (
        "put /web_links/{web_link_id}#add_shared_link",
        "Shared links (Web Links)",
        "put_web_links_id#add_shared_link",
    ),
    ("get /files/{file_id}/thumbnail.{extension}", "Files", "get_files_id_thumbnail_id"),
    (
        "delete /v2.1/accounts/{accountId}/connect/{connectId}",
        "ConnectConfigurations",
        "Connect_DeleteConnectConfig",
    ),
    ("post /getUserProfilePhotos", "", ""),
    ("post /v1/edge-config/{edgeConfigId}/token", "edge-config", "createEdgeConfigToken"),
    ("post /builds/{build_id}/log", "buildLogMsg", "updateSiteBuildLog"),
    ("get /v1/pages/{id}", "Pages", "retrieveAPage"),
    ("post /fine-tunes", "OpenAI", "createFineTune"),
    ("post /v3/projects/{id}/issues/{issue_id}/todo", "projects", "postV3ProjectsIdIssuesIssueIdTodo"),
    ("get /project/{username}/{project}/checkout-key/{fingerprint}", "", ""),
    ("patch /mail_settings/forward_spam", "Settings - Mail", "PATCH_mail_settings-forward_spam"),
    (
        "get /contactdb/recipients/billable_count",
        "Contacts API - Recipients",
        "GET_contactdb-recipients-billable_count",
    ),
    (
        "delete /ecommerce/stores/{store_id}/promo-rules/{promo_rule_id}",
        "ecommerce",
        "deleteEcommerceStoresIdPromorulesId",
    ),
    (
        "put /boards/{idBoard}/myPrefs/showSidebarBoardActions",
        "board",
        "updateBoardsMyPrefsShowSidebarBoardActionsByIdBoard",
    ),
    ("post /2010-04-01/Accounts/{AccountSid}/Messages.json", "Api20100401Message", "CreateMessage"),
    (
        "get /v1/projects/{projectsId}/locations/{locationsId}/functions",
        "projects",
        "cloudfunctions.projects.locations.functions.list",
    ),
];

#[test]
fn names_are_as_documented() {
    insta::assert_snapshot!(named(TABLE));
}

#[test]
fn names_of_real_operations_stay_what_they_are() {
    insta::assert_snapshot!(named(REAL));
}

fn named(table: &[(&str, &str, &str)]) -> String {
    let paths: Value = table.iter().fold(json!({}), |mut paths, (route, tag, id)| {
        let (method, path) = route.split_once(' ').unwrap();
        let mut operation = json!({"responses": {}, "summary": route});
        if !tag.is_empty() {
            operation["tags"] = json!([tag]);
        }
        if !id.is_empty() {
            operation["operationId"] = json!(id);
        }
        paths[path][method] = operation;
        paths
    });
    let import = import(&document(paths));
    let mut lines: Vec<_> =
        import.tools.iter().map(|tool| format!("{:39} {}", tool.summary, tool.name)).collect();
    lines.sort();
    for tool in &import.tools {
        executor_core::ToolPath::new("source", &tool.name).unwrap();
    }
    lines.join("\n")
}

#[test]
fn names_do_not_depend_on_the_order_of_the_document() {
    let operation = json!({"operationId": "same", "responses": {}});
    let name_of = |paths: Value, route: &str| {
        let import = import(&document(paths));
        import.tools.into_iter().find(|tool| tool.summary == route).unwrap().name
    };
    let forth = json!({"/a": {"get": operation, "put": operation}, "/b": {"get": operation}});
    let back = json!({"/b": {"get": operation}, "/a": {"put": operation, "get": operation}});
    for route in ["GET /a", "PUT /a", "GET /b"] {
        assert_eq!(name_of(forth.clone(), route), name_of(back.clone(), route));
    }
}

#[test]
fn a_long_name_still_makes_a_path() {
    let long = "x".repeat(400);
    let import = import(&document(json!({"/a": {
        "get": {"operationId": format!("{long}1"), "responses": {}},
        "put": {"operationId": format!("{long}2"), "responses": {}},
    }})));
    assert_ne!(import.tools[0].name, import.tools[1].name);
    for tool in &import.tools {
        executor_core::ToolPath::new("source", &tool.name).unwrap();
    }
}
