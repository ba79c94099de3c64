//! The modules of a crate and the names in them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::Visit as _;
use syn::{Expr, ExprLit, Item, ItemMod, Lit, Meta};

use crate::graph::Dependencies;
use crate::mentions::{Mentions, Names, is_for_tests};

/// The path of a module from the root of the crate. The root is the empty path.
type ModuleId = Names;

/// What a path refers to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Module(ModuleId),
    /// An item, or something below it such as a variant, by the file that defines the item.
    Item(PathBuf),
}

/// A module: a file, or a block inside one.
struct Module {
    file: PathBuf,
    items: BTreeSet<String>,
    mentions: Mentions,
}

impl Module {
    /// Whether it takes `name` from elsewhere, perhaps from another crate.
    fn imports(&self, name: &str) -> bool {
        self.mentions.imports.iter().any(|import| import.name == name)
    }
}

/// All modules of one crate that are not compiled for tests only.
#[derive(Default)]
pub(crate) struct Modules(BTreeMap<ModuleId, Module>);

impl Modules {
    /// Reads the crate whose root is the file `root`.
    pub(crate) fn read(root: &Path) -> Self {
        let mut modules = Self::default();
        modules.read_file(Vec::new(), root, root.parent().unwrap());
        modules
    }

    /// Reads the module `id` from `file`; `folder` is where the files of its submodules are.
    fn read_file(&mut self, id: ModuleId, file: &Path, folder: &Path) {
        let source = syn::parse_file(&fs::read_to_string(file).unwrap());
        let source = source.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.read_items(id, &source.items, file, folder);
    }

    fn read_items(&mut self, id: ModuleId, items: &[Item], file: &Path, folder: &Path) {
        let mut module =
            Module { file: file.to_owned(), items: BTreeSet::new(), mentions: Mentions::default() };
        for item in items {
            if let Item::Mod(child) = item {
                self.read_child(&id, child, file, folder);
            } else {
                module.items.extend(name_of(item));
                module.mentions.visit_item(item);
            }
        }
        self.0.insert(id, module);
    }

    fn read_child(&mut self, parent: &ModuleId, child: &ItemMod, file: &Path, folder: &Path) {
        if is_for_tests(&child.attrs) {
            return;
        }
        let name = child.ident.to_string();
        let folder_of_child = folder.join(&name);
        let id = [parent.as_slice(), std::slice::from_ref(&name)].concat();
        if let Some((_, items)) = &child.content {
            return self.read_items(id, items, file, &folder_of_child);
        }
        if let Some(path) = path_attribute(child) {
            let file_of_child = file.parent().unwrap().join(path);
            return self.read_file(id, &file_of_child, file_of_child.parent().unwrap());
        }
        let candidates = [folder.join(format!("{name}.rs")), folder_of_child.join("mod.rs")];
        let file_of_child = candidates.iter().find(|path| path.exists());
        let file_of_child = file_of_child.unwrap_or_else(|| panic!("no file of module {id:?}"));
        self.read_file(id, file_of_child, &folder_of_child);
    }

    /// The dependencies between files: each has the name that causes it.
    pub(crate) fn dependencies(&self) -> Dependencies {
        let mut dependencies = Dependencies::new();
        for (id, module) in &self.0 {
            let imports = module.mentions.imports.iter().map(|import| (&import.path, import.name == "*"));
            let paths = module.mentions.paths.iter().map(|path| (path, false));
            for (path, is_glob) in imports.chain(paths) {
                let targets = self.resolve(id, path, &mut BTreeSet::new());
                let files = targets.into_iter().filter_map(|target| self.defining_file(target, is_glob));
                for file in files.filter(|file| *file != module.file) {
                    dependencies
                        .entry(module.file.clone())
                        .or_default()
                        .entry(file)
                        .or_insert_with(|| path.join("::"));
                }
            }
        }
        dependencies
    }

    /// A module in the middle of a path does not count. A glob names everything in a module.
    fn defining_file(&self, target: Target, is_glob: bool) -> Option<PathBuf> {
        match target {
            Target::Item(file) => Some(file),
            Target::Module(id) => is_glob.then(|| self.0[&id].file.clone()),
        }
    }

    /// What `path`, written in the module `id`, refers to in this crate. Re-exports are followed. One name can refer to
    /// several items, because types, values and macros have separate namespaces. `visited` prevents endless recursion.
    fn resolve(
        &self,
        id: &ModuleId,
        path: &[String],
        visited: &mut BTreeSet<(ModuleId, String)>,
    ) -> BTreeSet<Target> {
        let Some((first, rest)) = path.split_first() else { return BTreeSet::new() };
        let start = match first.as_str() {
            "crate" => BTreeSet::from([Target::Module(Vec::new())]),
            "self" => BTreeSet::from([Target::Module(id.clone())]),
            "super" => {
                id.split_last().map(|(_, parent)| Target::Module(parent.to_vec())).into_iter().collect()
            }
            name => self.look_up(id, name, visited),
        };
        rest.iter().fold(start, |targets, name| {
            targets.into_iter().flat_map(|target| self.step(target, name, visited)).collect()
        })
    }

    fn step(
        &self,
        target: Target,
        name: &str,
        visited: &mut BTreeSet<(ModuleId, String)>,
    ) -> BTreeSet<Target> {
        match target {
            Target::Module(id) if name == "super" => self.resolve(&id, &[name.to_owned()], visited),
            Target::Module(id) => {
                let found = self.look_up(&id, name, visited);
                let is_from_a_macro = found.is_empty() && !self.0[&id].imports(name);
                if is_from_a_macro { [Target::Item(self.0[&id].file.clone())].into() } else { found }
            }
            item @ Target::Item(_) => BTreeSet::from([item]),
        }
    }

    fn look_up(
        &self,
        id: &ModuleId,
        name: &str,
        visited: &mut BTreeSet<(ModuleId, String)>,
    ) -> BTreeSet<Target> {
        let mut targets = BTreeSet::new();
        if !visited.insert((id.clone(), name.to_owned())) {
            return targets;
        }
        let module = &self.0[id];
        let child = [id.as_slice(), &[name.to_owned()]].concat();
        if self.0.contains_key(&child) {
            targets.insert(Target::Module(child));
        }
        if module.items.contains(name) {
            targets.insert(Target::Item(module.file.clone()));
        }
        for import in module.mentions.imports.iter().filter(|import| import.name == name) {
            targets.extend(self.resolve(id, &import.path, visited));
        }
        visited.remove(&(id.clone(), name.to_owned()));
        targets
    }
}

fn name_of(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

/// The path in `#[path = "…"]`.
fn path_attribute(module: &ItemMod) -> Option<String> {
    module.attrs.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(path), .. }) => Some(path.value()),
            _ => None,
        },
        _ => None,
    })
}
