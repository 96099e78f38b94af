//! The declarations. Each variable stands here once, and nowhere else.

use std::net::IpAddr;
use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

use crate::database::{self, Database};
use crate::derive;
use crate::effective::Effective;
use crate::notice::Notice;
use crate::parse::{self, LogFormat, TypeCheck, list, optional, required};
use crate::reader::Reader;
use crate::variable::Fallback::{Derived, Fixed, Unset};
use crate::variable::Variable;

/// Makes the table, the struct and the reading of it from one list. A default can be derived from what stands above it.
macro_rules! settings {
    ($($section:literal { $(
        $field:ident: $type:ty {
            $name:literal $(also $alias:literal)* $(, $secret:ident)?;
            $help:literal;
            expects $expects:literal, $parse:expr;
            default $default:expr;
            since $since:literal;
        }
    )* })*) => {
        /// Every variable that this version reads, in the order of the documentation.
        pub const VARIABLES: &[Variable] = &[$($(Variable {
            name: $name,
            aliases: &[$($alias),*],
            section: $section,
            expects: $expects,
            default: $default,
            secret: settings!(@secret $($secret)?),
            help: $help,
            since: $since,
        },)*)*];

        /// The configuration.
        #[derive(Debug, Clone)]
        pub struct Config {
            $($(#[doc = concat!("`", $name, "`: ", $help)] pub $field: $type,)*)*
            pub(crate) effective: Vec<Effective>,
            pub(crate) notices: Vec<Notice>,
        }

        impl Config {
            /// Reads every variable, also after one has failed, so that all problems are found.
            pub(crate) fn read(reader: &mut Reader<'_>, notices: Vec<Notice>) -> Option<Self> {
                let mut variables = VARIABLES.iter();
                $($(let $field = reader.read(variables.next()?, $parse);)*)*
                Some(Self { $($($field: $field?,)*)* effective: std::mem::take(&mut reader.effective), notices })
            }
        }
    };
    (@secret) => { false };
    (@secret secret) => { true };
}

settings! {
    "Server" {
        port: u16 {
            "PORT";
            "The one port of `executor serve`: dashboard, API and MCP.";
            expects "a port number", required(parse::any);
            default Fixed("4788");
            since "0.1.0";
        }
        host: IpAddr {
            "EXECUTOR_HOST";
            "The address to listen on.";
            expects "an IP address such as 127.0.0.1 or 0.0.0.0", required(parse::any);
            default Fixed("127.0.0.1");
            since "0.1.0";
        }
        data_dir: PathBuf {
            "EXECUTOR_DATA_DIR";
            "The folder of the database, of blobs and of generated keys.";
            expects "a folder", required(parse::any);
            default Derived { shown: "the platform's folder for data", derive: derive::data_dir };
            since "0.1.0";
        }
        db_path: PathBuf {
            "EXECUTOR_DB_PATH";
            "The SQLite file.";
            expects "a path", required(parse::any);
            default Derived { shown: "data.db in the data folder", derive: derive::db_path };
            since "0.1.0";
        }
        database_url: Option<Database> {
            "EXECUTOR_DATABASE_URL" also "DATABASE_URL", secret;
            "The database, where it is not the SQLite file: PostgreSQL for several replicas.";
            expects "a URL of the form postgres://… or sqlite://…", optional(database::parse);
            default Unset { shown: "the SQLite file" };
            since "0.1.0";
        }
        blob_folder: PathBuf {
            "EXECUTOR_BLOB_URL";
            "Where large results and files are kept.";
            expects "a folder (this version has no object store)", required(parse::folder);
            default Derived { shown: "blobs in the data folder", derive: derive::blob_folder };
            since "0.1.0";
        }
        web_base_url: Url {
            "EXECUTOR_WEB_BASE_URL" also "VITE_PUBLIC_SITE_URL";
            "The public origin, for absolute links, redirects and MCP metadata. Found out on Railway, Render and Fly.";
            expects "an http or https URL without a path", required(parse::origin);
            default Derived { shown: "`http://localhost:<PORT>`", derive: derive::web_base_url };
            since "0.1.0";
        }
        allow_local_network: bool {
            "EXECUTOR_ALLOW_LOCAL_NETWORK" also "ALLOW_LOCAL_NETWORK";
            "Only `true` lets outbound calls reach private, loopback, link-local and metadata addresses.";
            expects "true or false", required(parse::only_true);
            default Fixed("false");
            since "0.1.0";
        }
        max_concurrent_tasks: u32 {
            "EXECUTOR_MAX_CONCURRENT_TASKS";
            "How many tasks run at the same time; more are queued. Waiting tasks do not count.";
            expects "a number from 1 to 10000", required(parse::within(1..=10_000));
            default Fixed("64");
            since "0.1.0";
        }
        lease_ms: u32 {
            "EXECUTOR_LEASE_MS";
            "How long, in milliseconds, a process may be silent before another on the same database takes up its tasks.";
            expects "a number from 500 to 600000", required(parse::within(500..=600_000));
            default Fixed("30000");
            since "0.1.0";
        }
    }
    "Organization" {
        org_name: String {
            "EXECUTOR_ORG_NAME" also "SELF_HOSTED_ORG_NAME";
            "The name of the first organization.";
            expects "a name", required(parse::any);
            default Fixed("Default");
            since "0.1.0";
        }
        org_slug: String {
            "EXECUTOR_ORG_SLUG" also "SELF_HOSTED_ORG_SLUG";
            "The short name of the first organization.";
            expects "lower-case letters, digits and hyphens", required(parse::slug);
            default Fixed("default");
            since "0.1.0";
        }
        account_rules_loosen: bool {
            "EXECUTOR_ACCOUNT_RULES_LOOSEN";
            "`1` lets the policy rules of an account that is alone in its organization also loosen the tools' defaults.";
            expects "1 or 0", required(parse::switch);
            default Fixed("0");
            since "0.1.0";
        }
    }
    "Approvals" {
        elicited_approvals: bool {
            "EXECUTOR_ELICITED_APPROVALS";
            "`1` lets the person at this machine approve in the forms that an agent's client shows, without a pairing link.";
            expects "1 or 0", required(parse::switch);
            default Fixed("0");
            since "0.1.0";
        }
    }
    "Sources" {
        source_refresh_hours: u32 {
            "EXECUTOR_SOURCE_REFRESH_HOURS";
            "In how many hours a source's document is read again, each time, unless the source says otherwise; `0` is never.";
            expects "0 to 8760", required(parse::within(0..=8_760));
            default Fixed("24");
            since "0.2.0";
        }
    }
    "Secrets" {
        secret_key: Option<SecretString> {
            "EXECUTOR_SECRET_KEY", secret;
            "The key under which credentials are encrypted. `openssl rand -base64 32` makes one.";
            expects "32 or more characters without commas or white space", optional(parse::secret_key);
            default Unset { shown: "generated in secret.key in the data folder" };
            since "0.1.0";
        }
        secret_key_previous: Vec<SecretString> {
            "EXECUTOR_SECRET_KEY_PREVIOUS", secret;
            "Earlier values of `EXECUTOR_SECRET_KEY`, which still open what they encrypted.";
            expects "keys between commas, each of 32 or more characters", list(parse::secret_key);
            default Unset { shown: "none" };
            since "0.1.0";
        }
        api_key: Option<SecretString> {
            "EXECUTOR_API_KEY", secret;
            "Signs in until the first owner exists.";
            expects "a key", optional(parse::secret);
            default Unset { shown: "generated in api-key in the data folder when listening beyond this machine" };
            since "0.1.0";
        }
        credential_env_prefix: Option<String> {
            "EXECUTOR_CREDENTIAL_ENV_PREFIX";
            "Lets connections take credentials from environment variables whose names begin with this.";
            expects "the beginning of a name that no variable of this page has", optional(own_prefix);
            default Unset { shown: "credentials are not taken from the environment" };
            since "0.1.0";
        }
        credential_file_root: Option<PathBuf> {
            "EXECUTOR_CREDENTIAL_FILE_ROOT";
            "Lets connections take credentials from files below this folder that only their owner can read.";
            expects "a folder", optional(parse::any);
            default Unset { shown: "credentials are not taken from files" };
            since "0.1.0";
        }
    }
    "Running code" {
        task_timeout_ms: u64 {
            "EXECUTOR_TASK_TIMEOUT_MS";
            "How long a task may run, in milliseconds. Waiting for a person does not count.";
            expects "a number from 1 to 900000", required(parse::within(1..=900_000));
            default Fixed("300000");
            since "0.1.0";
        }
        type_check: TypeCheck {
            "EXECUTOR_TYPE_CHECK";
            "Whether code is checked against the tools that it uses before it runs: `warn` tells of what does not fit, `strict` refuses it. It takes the TypeScript compiler (npm `typescript`, 7 or newer), and about a tenth of a second.";
            expects "off, warn or strict", required(parse::type_check);
            default Fixed("off");
            since "0.2.0";
        }
        typescript: PathBuf {
            "EXECUTOR_TYPESCRIPT";
            "The TypeScript compiler, by its path or its name on the search path.";
            expects "a path or a name", required(parse::any);
            default Fixed("tsc");
            since "0.2.0";
        }
        sandbox_memory_mb: u32 {
            "EXECUTOR_SANDBOX_MEMORY_MB";
            "How much memory a task's code may use, in MiB.";
            expects "a number from 16 to 2048", required(parse::within(16..=2048));
            default Fixed("64");
            since "0.1.0";
        }
        sandbox_workers: Option<u16> {
            "EXECUTOR_SANDBOX_WORKERS";
            "How many worker processes are kept ready.";
            expects "a number from 1 to 1024", optional(parse::within(1..=1024));
            default Unset { shown: "by the number of processors" };
            since "0.1.0";
        }
        sandbox_strict: bool {
            "EXECUTOR_SANDBOX_STRICT";
            "`1` refuses to start unless every layer of the jail is there.";
            expects "1 or 0", required(parse::switch);
            default Fixed("0");
            since "0.1.0";
        }
        sandbox_unsafe: bool {
            "EXECUTOR_SANDBOX_UNSAFE";
            "`1` starts even where the jail lacks what it should never lack. Code may then reach the machine.";
            expects "1 or 0", required(parse::switch);
            default Fixed("0");
            since "0.1.0";
        }
    }
    "Logging" {
        log: String {
            "EXECUTOR_LOG";
            "Which log lines are written: a level, or `target=level` between commas.";
            expects "a filter such as info or executor=debug,warn", required(parse::any);
            default Fixed("info");
            since "0.1.0";
        }
        log_format: LogFormat {
            "EXECUTOR_LOG_FORMAT";
            "How log lines are written.";
            expects "human or json", required(parse::log_format);
            default Fixed("human");
            since "0.1.0";
        }
    }
}

/// A prefix under which none of our own variables can be found: a connection must not get at our secrets.
fn own_prefix(text: &str) -> Option<String> {
    let covers_ours =
        VARIABLES.iter().flat_map(|variable| variable.names()).any(|name| name.starts_with(text));
    (!covers_ours).then(|| text.to_owned())
}
