//! The options of an import, which are parameters of the query.

use crate::extract::{FromParams, ParamReader, Parameter};
use crate::rules::{FromRaw, RawError};
use roster_domain::RoleName;
use roster_service::{
    FieldMapping, FileFormat, ImportMode, ImportOptions, OldIds, PasswordTexts, RoleMapping, ValueMapping,
    WeakHashes,
};
use serde_json::{Value, json};
use std::fmt::Display;
use std::str::FromStr;

/// How to import a file.
pub(crate) struct ImportRequest {
    pub(crate) options: ImportOptions,
    pub(crate) mode: ImportMode,
}

static PARAMETERS: [Parameter; 9] = [
    Parameter {
        name: "dry_run",
        description: "`true` writes nothing; the report says what would happen.",
        schema: flag,
    },
    Parameter {
        name: "format",
        description: "The format of the file. Without it, the content decides.",
        schema: || json!({ "type": "string", "enum": FileFormat::ALL.map(FileFormat::name) }),
    },
    Parameter {
        name: "map",
        description: "`FIELD=COLUMN` reads a field from a column, such as `username=user_code`. May be repeated.",
        schema: text,
    },
    Parameter {
        name: "map_value",
        description: "`FIELD:VALUE=MEANING` gives a value a meaning, such as `status:2=disabled`. May be repeated.",
        schema: text,
    },
    Parameter {
        name: "map_role",
        description: "`NAME=ROLE` grants a role to everybody with the role, group or flag NAME in the file. You must hold \
            all of its permissions. May be repeated.",
        schema: text,
    },
    Parameter {
        name: "default_role",
        description: "The role of people whose records name none, instead of `user`.",
        schema: RoleName::schema,
    },
    Parameter { name: "keep_ids", description: "`true` keeps an id that is an unused UUID.", schema: flag },
    Parameter {
        name: "allow_weak_hashes",
        description: "`true` accepts hashes that are a single round of a fast digest; they are replaced at the next login.",
        schema: flag,
    },
    Parameter {
        name: "plain_text_passwords",
        description: "`true` accepts passwords in plain text.",
        schema: flag,
    },
];

fn text() -> Value {
    json!({ "type": "string", "minLength": 1 })
}

fn flag() -> Value {
    json!({ "type": "boolean" })
}

/// Whether a flag is set.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flag {
    Unset,
    Set,
}

impl Flag {
    fn read(reader: &mut ParamReader, name: &str) -> Self {
        let flag = reader.parsed(name, |text| match text.as_str() {
            "true" => Ok(Self::Set),
            "false" => Ok(Self::Unset),
            _ => Err(RawError::new("flag_invalid", "expected true or false")),
        });
        flag.unwrap_or(Self::Unset)
    }

    fn choose<T>(self, unset: T, set: T) -> T {
        match self {
            Self::Unset => unset,
            Self::Set => set,
        }
    }
}

fn mapping<T: FromStr<Err: Display>>(text: &str) -> Result<T, RawError> {
    text.parse()
        .map_err(|error: T::Err| RawError { code: "mapping_invalid", message: error.to_string().into() })
}

impl FromParams for ImportRequest {
    fn known() -> impl Iterator<Item = &'static Parameter> {
        PARAMETERS.iter()
    }

    fn from_params(reader: &mut ParamReader) -> Self {
        let mode = Flag::read(reader, "dry_run").choose(ImportMode::Write, ImportMode::DryRun);
        let format = reader.parsed("format", |name| {
            let unknown = |error: roster_service::UnknownFormat| error.to_string().into();
            name.parse().map_err(|error| RawError { code: "format_invalid", message: unknown(error) })
        });
        let options = ImportOptions {
            format,
            texts: Flag::read(reader, "plain_text_passwords")
                .choose(PasswordTexts::Refuse, PasswordTexts::Accept),
            weak_hashes: Flag::read(reader, "allow_weak_hashes")
                .choose(WeakHashes::Refuse, WeakHashes::Accept),
            ids: Flag::read(reader, "keep_ids").choose(OldIds::BecomeExternal, OldIds::KeepUuids),
            field_mappings: reader.each("map", mapping::<FieldMapping>),
            value_mappings: reader.each("map_value", mapping::<ValueMapping>),
            default_role: reader.value("default_role"),
            role_mappings: reader.each("map_role", mapping::<RoleMapping>),
            // The others are parts of the form.
            ..ImportOptions::default()
        };
        Self { options, mode }
    }
}
