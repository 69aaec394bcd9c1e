//! No two modules of a crate import each other, directly or through others.
//!
//! Every source file of a crate is parsed. A path in it (`use`, type or expression) leads to the file that defines the item
//! it names, through re-exports. These are the arrows of a graph, in which each circle is reported.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use syn::visit::Visit;
use syn::{Attribute, Item, UseTree, Visibility};

/// The folders of the crates, below the workspace.
const CRATES: [&str; 5] =
    ["crates/policy", "crates/testkit", "crates/cli", "kinde-perms", "kinde-perms-macros"];

/// Segments of a path, from the root of the crate.
type ModulePath = Vec<String>;

#[derive(Default)]
struct Module {
    defined: BTreeSet<String>,
    /// Names that `use` brings in, and the paths they stand for.
    imported: BTreeMap<String, ModulePath>,
    /// Modules whose names are all imported.
    globs: Vec<ModulePath>,
    /// Every path that the module names.
    named: Vec<ModulePath>,
}

type Modules = BTreeMap<ModulePath, Module>;

#[test]
fn no_modules_of_a_crate_import_each_other_in_a_circle() {
    let mut found = Vec::new();
    for folder in CRATES {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder).join("src");
        let root = ["lib.rs", "main.rs"].map(|file| source.join(file)).into_iter().find(|file| file.exists());
        let mut modules = Modules::new();
        read(&root.unwrap(), &source, &ModulePath::new(), &mut modules);
        let names = |circle: Vec<ModulePath>| circle.iter().map(|path| path.join("::")).collect::<Vec<_>>();
        found.extend(circles(&modules).into_iter().map(|circle| format!("{folder}: {:?}", names(circle))));
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_circle_through_a_re_export_is_found() {
    let modules = of(&[
        ("", "pub use self::a::A;"),
        ("a", "use crate::b::helper; mod e; pub use self::e::E; pub struct A; mod inner { use super::A; }"),
        ("b", "pub fn helper(_: crate::A) {}"),
        ("a::e", "use super::A; pub struct E;"),
        ("c", "use crate::a::A; #[cfg(test)] mod tests { use crate::d::D; }"),
        ("d", "use crate::c::C; pub struct D;"),
    ]);
    assert_eq!(circles(&modules), [[vec!["a".to_owned()], vec!["b".to_owned()]]]);
}

fn of(sources: &[(&str, &str)]) -> Modules {
    let mut modules = Modules::new();
    for (name, text) in sources {
        let path = name.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect();
        take(&syn::parse_file(text).unwrap().items, &path, &mut modules);
    }
    modules
}

/// Reads the module in `file` and its children, which stand in `folder`.
fn read(file: &Path, folder: &Path, path: &ModulePath, modules: &mut Modules) {
    for child in take(&syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap().items, path, modules) {
        let (flat, nested) = (folder.join(format!("{child}.rs")), folder.join(&child).join("mod.rs"));
        let file = if flat.exists() { flat } else { nested };
        read(&file, &folder.join(&child), &joined(path, &child), modules);
    }
}

/// Adds the items of one file to its module, and returns the names of its child files.
fn take(items: &[Item], path: &ModulePath, modules: &mut Modules) -> Vec<String> {
    let mut reader = Reader { path, module: Module::default(), children: Vec::new() };
    for item in items {
        reader.visit_item(item);
    }
    modules.insert(path.clone(), reader.module);
    reader.children
}

struct Reader<'p> {
    path: &'p ModulePath,
    module: Module,
    children: Vec<String>,
}

impl Reader<'_> {
    fn absolute(&self, segments: ModulePath) -> ModulePath {
        let mut base = self.path.clone();
        let mut rest = segments.into_iter().peekable();
        if rest.next_if(|first| first == "crate").is_some() {
            base.clear();
        }
        while let Some(up) = rest.next_if(|next| next == "super" || next == "self") {
            if up == "super" {
                base.pop();
            }
        }
        base.into_iter().chain(rest).collect()
    }

    fn import(&mut self, before: &ModulePath, tree: &UseTree) {
        match tree {
            UseTree::Path(part) => self.import(&joined(before, &part.ident.to_string()), &part.tree),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(before, tree)),
            UseTree::Glob(_) => {
                let path = self.absolute(before.clone());
                self.module.globs.push(path);
            }
            UseTree::Name(_) | UseTree::Rename(_) => {
                let (name, alias) = match tree {
                    UseTree::Rename(renamed) => (renamed.ident.to_string(), renamed.rename.to_string()),
                    UseTree::Name(name) => (name.ident.to_string(), name.ident.to_string()),
                    _ => return,
                };
                let path = self.absolute(if name == "self" { before.clone() } else { joined(before, &name) });
                let alias = if alias == "self" { path.last().cloned().unwrap_or_default() } else { alias };
                self.module.named.push(path.clone());
                self.module.imported.insert(alias, path);
            }
        }
    }
}

impl<'a> Visit<'a> for Reader<'_> {
    fn visit_item(&mut self, item: &'a Item) {
        let (attributes, name) = parts(item);
        if attributes.iter().any(is_for_tests) {
            return;
        }
        self.module.defined.extend(name.filter(|_| !matches!(item, Item::Mod(_))));
        match item {
            Item::Use(tree) if tree.leading_colon.is_none() => {
                let named = self.module.named.len();
                self.import(&ModulePath::new(), &tree.tree);
                // A re-export is the module's table of contents. Where the module uses the name, too, its path says so.
                if !matches!(tree.vis, Visibility::Inherited) {
                    self.module.named.truncate(named);
                }
            }
            Item::Mod(module) => match &module.content {
                None => self.children.push(module.ident.to_string()),
                // An inline module is part of its file, so `super` in it stays in the file.
                Some((_, items)) => items.iter().for_each(|item| syn::visit::visit_item(self, item)),
            },
            _ => syn::visit::visit_item(self, item),
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if path.leading_colon.is_none() {
            self.module.named.push(self.absolute(segments));
        }
        syn::visit::visit_path(self, path);
    }
}

fn parts(item: &Item) -> (&[Attribute], Option<String>) {
    match item {
        Item::Const(item) => (&item.attrs, Some(item.ident.to_string())),
        Item::Enum(item) => (&item.attrs, Some(item.ident.to_string())),
        Item::Fn(item) => (&item.attrs, Some(item.sig.ident.to_string())),
        Item::Mod(item) => (&item.attrs, Some(item.ident.to_string())),
        Item::Static(item) => (&item.attrs, Some(item.ident.to_string())),
        Item::Struct(item) => (&item.attrs, Some(item.ident.to_string())),
        Item::Trait(item) => (&item.attrs, Some(item.ident.to_string())),
        Item::Type(item) => (&item.attrs, Some(item.ident.to_string())),
        Item::Impl(item) => (&item.attrs, None),
        Item::Use(item) => (&item.attrs, None),
        _ => (&[], None),
    }
}

fn is_for_tests(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
}

fn joined(path: &ModulePath, name: &str) -> ModulePath {
    [path.as_slice(), &[name.to_owned()]].concat()
}

/// Returns the module that defines the item at `path`; `None` for a module, and for an item of another crate.
fn defining<'m>(modules: &'m Modules, path: &[String], depth: usize) -> Option<&'m ModulePath> {
    let depth = depth.checked_sub(1).filter(|_| !modules.contains_key(path))?;
    let at = (0..path.len()).rev().find(|&length| modules.contains_key(&path[..length]))?;
    let (module, [name, rest @ ..]) = (modules.get_key_value(&path[..at])?, &path[at..]) else { return None };
    if module.1.defined.contains(name) {
        return Some(module.0);
    }
    if let Some(target) = module.1.imported.get(name).filter(|target| target.as_slice() != path) {
        return defining(modules, &[target.as_slice(), rest].concat(), depth);
    }
    module.1.globs.iter().find_map(|glob| {
        defining(modules, &[glob.as_slice(), &path[at..]].concat(), depth).filter(|_| glob != module.0)
    })
}

/// Returns the groups of modules each of which reaches all others of its group.
fn circles(modules: &Modules) -> Vec<Vec<ModulePath>> {
    let arrows: BTreeMap<&ModulePath, BTreeSet<&ModulePath>> = modules
        .iter()
        .map(|(path, module)| {
            let targets = module.named.iter().filter_map(|named| defining(modules, named, 16));
            (path, targets.filter(|target| *target != path).collect())
        })
        .collect();
    let reached = |start: &ModulePath| {
        let (mut found, mut open) = (BTreeSet::new(), vec![start.clone()]);
        while let Some(module) = open.pop() {
            let next =
                arrows.get(&module).into_iter().flatten().filter(|next| found.insert((**next).clone()));
            open.extend(next.map(|next| (*next).clone()).collect::<Vec<_>>());
        }
        found
    };
    let all: BTreeMap<_, _> = modules.keys().map(|path| (path, reached(path))).collect();
    let mut circles = BTreeSet::new();
    for (path, targets) in all.iter().filter(|(path, targets)| targets.contains(**path)) {
        let others = targets.iter().filter(|other| all.get(other).is_some_and(|back| back.contains(*path)));
        circles.insert(others.cloned().collect::<Vec<_>>());
    }
    circles.into_iter().collect()
}
