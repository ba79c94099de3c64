//! The arguments of `roster import`.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use roster_auth::password::{Pepper, PepperId, PepperScheme, SaltedForm};
use roster_domain::RoleName;
use roster_import::{
    FieldMapping, FileFormat, FirebaseParameters, FirebaseParametersError, ImportOptions, OldIds,
    PasswordTexts, RoleMapping, ValueMapping, WeakHashes,
};
use roster_import_sources::{PRESETS, Preset, Selection, TableName, preset};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

pub(super) const IMPORT_HELP: &str = "\
Examples:
  roster import users.json --dry-run
  roster import users.csv --explain
  roster import users.csv --map username=user_code --map-value status:2=disabled --dry-run
  roster import users.ndjson --report json > report.json
  roster import users.json --map-role is_superuser=admin --keep-ids
  roster import staff.ldif customers.csv.gz
  curl https://old.example/users | roster import -
  roster import sqlite:app.db --table users --explain
  roster import postgres://roster@db.example/app --from supabase --dry-run

Users who are locked out stay locked out. Plain text passwords are accepted only with --plain-text-passwords. Only \
--map-role and a role called admin grant privileges. Importing the same file again changes nothing. The exit code is 3 if \
a record was refused; the report says why.";

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The files to import as one: JSON, NDJSON, CSV, TSV, LDIF, htpasswd, shadow or XML of an XMPP server, also compressed
    /// with gzip or Zstandard; - is stdin. Or databases, which are only read: sqlite:FILE, postgres://… or mysql://…
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) rows: Rows,
    /// Report what would happen, without writing anything
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Show what each field of each file is taken for, with masked examples, without writing anything
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) rules: ImportRules,
    /// The format of the report on stdout
    #[arg(long, value_enum, default_value_t = ReportFormat::Text, value_name = "FORMAT")]
    pub(crate) report: ReportFormat,
}

/// Which rows of a database are people.
#[derive(Debug, Default, Args)]
pub(crate) struct Rows {
    /// The table or view of a database, such as `users` or `auth.users`
    #[arg(long, value_name = "TABLE")]
    table: Option<String>,
    /// The system that a database or an export comes from, whose tables and columns, or whose files, are known
    #[arg(long, value_name = "SYSTEM", value_parser = system())]
    from: Option<&'static Preset>,
    /// Only rows of a database in which the field FIELD is VALUE, such as `realm=customers`; may be repeated
    #[arg(long, value_name = "FIELD=VALUE", value_parser = only)]
    only: Vec<(String, String)>,
}

impl Rows {
    /// Converts the arguments to a selection.
    pub(crate) fn selection(&self) -> Selection {
        Selection {
            preset: self.from,
            table: self.table.as_deref().map(TableName::new),
            only: self.only.clone(),
        }
    }

    /// The system that the people come from.
    pub(crate) const fn system(&self) -> Option<&'static Preset> {
        self.from
    }

    /// Whether there is any argument.
    pub(crate) const fn has_arguments(&self) -> bool {
        self.from.is_some() || self.are_selected()
    }

    /// Whether there is an argument that only a database has.
    pub(crate) const fn are_selected(&self) -> bool {
        self.table.is_some() || !self.only.is_empty()
    }
}

fn system() -> impl TypedValueParser<Value = &'static Preset> {
    PossibleValuesParser::new(PRESETS.iter().map(|preset| preset.name))
        .try_map(|name| preset(&name).ok_or("it is unknown"))
}

fn only(text: &str) -> Result<(String, String), &'static str> {
    let (field, value) = text.split_once('=').ok_or("expected FIELD=VALUE")?;
    Ok((field.to_owned(), value.to_owned()))
}

/// What the operator allows an import to do.
#[derive(Debug, Default, Args)]
pub(crate) struct ImportRules {
    /// The format of the file, if its content is not to tell it
    #[arg(long, value_name = "FORMAT", value_parser = file_format())]
    format: Option<FileFormat>,
    /// Accept plain text passwords: any text that is not a known hash, a mask or a placeholder, and that at most three
    /// records share
    #[arg(long)]
    plain_text_passwords: bool,
    /// Accept hashes that are a single round of a fast digest, such as {SSHA}; they are replaced at the next login
    #[arg(long)]
    allow_weak_hashes: bool,
    /// Verify digests whose salt is in another column, such as `salt`, by their function and order: `sha256:salt+password`
    #[arg(long, value_name = "FUNCTION:ORDER", requires = "allow_weak_hashes")]
    salted: Option<SaltedForm>,
    /// The parameters of a Firebase project, as its console shows them, to verify the hashes in its export
    #[arg(long, value_name = "FILE", value_parser = firebase_parameters)]
    firebase_hash_config: Option<FirebaseParameters>,
    /// The pepper of Devise, which is in the hashes; the setting `migration.devise_pepper` has to be the same
    #[arg(long, value_name = "FILE", value_parser = devise_pepper)]
    pepper_file: Option<PepperId>,
    /// The `SECURITY_PASSWORD_SALT` of Flask-Security, which is in the hashes; `migration.flask_security_salt` has to be the
    /// same
    #[arg(long, value_name = "FILE", value_parser = flask_security_salt, conflicts_with = "pepper_file")]
    flask_security_salt_file: Option<PepperId>,
    /// Keep an id that is an unused UUID, instead of storing it as the external id
    #[arg(long)]
    keep_ids: bool,
    /// Read the field FIELD from the column COLUMN, such as `username=user_code`; may be repeated
    #[arg(long = "map", value_name = "FIELD=COLUMN")]
    map_fields: Vec<FieldMapping>,
    /// Give the value VALUE of a field a meaning, such as `status:2=disabled`; may be repeated
    #[arg(long = "map-value", value_name = "FIELD:VALUE=MEANING")]
    map_values: Vec<ValueMapping>,
    /// The role of users whose records name none, instead of user
    #[arg(long, value_name = "ROLE")]
    default_role: Option<RoleName>,
    /// Grant ROLE to every user with the role, group or flag NAME in the file; may be repeated
    #[arg(long = "map-role", value_name = "NAME=ROLE")]
    map_roles: Vec<RoleMapping>,
}

impl ImportRules {
    /// Converts the arguments to import options.
    pub(crate) fn options(&self) -> ImportOptions {
        ImportOptions {
            format: self.format,
            field_mappings: self.map_fields.clone(),
            value_mappings: self.map_values.clone(),
            default_role: self.default_role.clone(),
            texts: if self.plain_text_passwords { PasswordTexts::Accept } else { PasswordTexts::Refuse },
            weak_hashes: if self.allow_weak_hashes { WeakHashes::Accept } else { WeakHashes::Refuse },
            firebase: self.firebase_hash_config.clone(),
            salted: self.salted.clone(),
            peppers: self.pepper_file.into_iter().chain(self.flask_security_salt_file).collect(),
            ids: if self.keep_ids { OldIds::KeepUuids } else { OldIds::BecomeExternal },
            role_mappings: self.map_roles.clone(),
        }
    }
}

fn file_format() -> impl TypedValueParser<Value = FileFormat> {
    PossibleValuesParser::new(FileFormat::ALL.map(FileFormat::name)).try_map(|name| name.parse())
}

/// Reads the parameters of a Firebase project from a file.
fn firebase_parameters(path: &str) -> Result<FirebaseParameters, String> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| error.to_string())?;
    text.parse().map_err(|error: FirebaseParametersError| error.to_string())
}

fn devise_pepper(path: &str) -> Result<PepperId, String> {
    pepper(PepperScheme::Devise, path)
}

fn flask_security_salt(path: &str) -> Result<PepperId, String> {
    pepper(PepperScheme::FlaskSecurity, path)
}

/// The id of the pepper in a file. Only that is sent to a running server.
fn pepper(scheme: PepperScheme, path: &str) -> Result<PepperId, String> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| error.to_string())?;
    Pepper::in_text(scheme, &text).map(|pepper| pepper.id()).ok_or_else(|| "the file is empty".to_owned())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReportFormat {
    /// Readable text
    Text,
    /// One JSON document
    Json,
}
