//! The paths that appear in source code.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, ItemMod, ItemUse, Macro, Meta, UseTree};

/// The names of a path, in order: `crate::users::User` is `["crate", "users", "User"]`.
pub(crate) type Names = Vec<String>;

/// A name that a `use` brings in: `use crate::users::User as Person` brings in `Person`.
pub(crate) struct Import {
    pub(crate) name: String,
    pub(crate) path: Names,
}

/// The paths and imports in code, without test-only code and without nested modules.
#[derive(Default)]
pub(crate) struct Mentions {
    pub(crate) imports: Vec<Import>,
    pub(crate) paths: Vec<Names>,
}

/// Whether this is compiled for tests only.
pub(crate) fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    })
}

impl Visit<'_> for Mentions {
    fn visit_item(&mut self, item: &Item) {
        let for_tests = match item {
            Item::Fn(function) => is_for_tests(&function.attrs),
            Item::Impl(block) => is_for_tests(&block.attrs),
            Item::Use(import) => is_for_tests(&import.attrs),
            _ => false,
        };
        if !for_tests {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &ImplItem) {
        if !matches!(item, ImplItem::Fn(function) if is_for_tests(&function.attrs)) {
            visit::visit_impl_item(self, item);
        }
    }

    /// Modules are read separately.
    fn visit_item_mod(&mut self, _: &ItemMod) {}

    fn visit_item_use(&mut self, import: &ItemUse) {
        self.add_imports(Vec::new(), &import.tree);
    }

    fn visit_path(&mut self, path: &syn::Path) {
        self.paths.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &Macro) {
        self.visit_path(&call.path);
        self.add_tokens(call.tokens.clone());
    }

    /// Attributes can also name functions in strings: `#[serde(with = "crate::times")]`.
    fn visit_attribute(&mut self, attribute: &Attribute) {
        match &attribute.meta {
            Meta::List(list) => self.add_tokens(list.tokens.clone()),
            Meta::Path(_) | Meta::NameValue(_) => {}
        }
    }
}

impl Mentions {
    fn add_imports(&mut self, mut path: Names, tree: &UseTree) {
        match tree {
            UseTree::Path(step) => {
                path.push(step.ident.to_string());
                self.add_imports(path, &step.tree);
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_imports(path.clone(), tree)),
            UseTree::Name(last) if last.ident == "self" => self.add_import(path.last().cloned(), &path),
            UseTree::Name(last) => {
                path.push(last.ident.to_string());
                self.add_import(path.last().cloned(), &path);
            }
            UseTree::Rename(last) => {
                path.push(last.ident.to_string());
                self.add_import(Some(last.rename.to_string()), &path);
            }
            UseTree::Glob(_) => self.add_import(Some("*".to_owned()), &path),
        }
    }

    fn add_import(&mut self, name: Option<String>, path: &Names) {
        self.imports.extend(name.map(|name| Import { name, path: path.clone() }));
    }

    /// Tokens are not parsed: every run of names with `::` between them counts as a path.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut path = Names::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.paths.push(std::mem::take(&mut path));
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                other => {
                    self.paths.push(std::mem::take(&mut path));
                    colons = 0;
                    self.add_token(other);
                }
            }
        }
        self.paths.push(path);
    }

    fn add_token(&mut self, token: TokenTree) {
        match token {
            TokenTree::Group(group) => self.add_tokens(group.stream()),
            TokenTree::Literal(literal) => {
                let parsed = syn::parse_str::<syn::LitStr>(&literal.to_string());
                if let Ok(path) = parsed.and_then(|text| text.parse::<syn::Path>()) {
                    self.visit_path(&path);
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
    }
}
