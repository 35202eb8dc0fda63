//! Which files of a crate use which, read from its source: the paths that a file writes are followed through `mod`, `use` and
//! `pub use` to the file that defines what they name.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use regex::Regex;

/// A module: the root of the crate is named by an empty list.
type Name = Vec<String>;

/// What a module's file says.
#[derive(Debug, Default)]
struct Module {
    /// The file, below the folder of the crate's source.
    file: PathBuf,
    /// The names that it imports, and what each stands for.
    imports: BTreeMap<String, Name>,
    /// The modules whose every name it imports.
    globs: Vec<Name>,
    /// Every path that it writes, imports included.
    paths: BTreeSet<Name>,
}

/// The modules of a crate.
#[derive(Debug, Default)]
pub(super) struct Crate {
    modules: BTreeMap<Name, Module>,
}

impl Crate {
    /// Reads a crate from the file of its root module. Modules that only tests have are left out.
    pub(super) fn read(root: &Path) -> Self {
        let mut found = Self::default();
        found.add(Vec::new(), root, root.parent().unwrap());
        found
    }

    fn add(&mut self, name: Name, path: &Path, source: &Path) {
        let text = without_tests(&fs::read_to_string(path).unwrap());
        let declared = Regex::new(r#"(?:#\[path = "([^"]+)"\][ \n]*)?(?:pub )?(?-u:\b)mod ([a-z0-9_]+);"#).unwrap();
        for found in declared.captures_iter(&text) {
            let child = found[2].to_owned();
            // `a/mod.rs` and the root have their modules beside them, `a.rs` below `a/`.
            let stem = path.file_stem().unwrap().to_str().unwrap();
            let beside = name.is_empty() || stem == "mod";
            let folder = if beside { path.parent().unwrap().to_owned() } else { path.with_extension("") };
            let places = match found.get(1) {
                Some(place) => vec![path.parent().unwrap().join(place.as_str())],
                None => vec![folder.join(format!("{child}.rs")), folder.join(&child).join("mod.rs")],
            };
            let place =
                places.into_iter().find(|place| place.exists()).unwrap_or_else(|| panic!("{child} of {path:?}"));
            let child = [name.as_slice(), &[child]].concat();
            self.add(child, &place, source);
        }
        let file = path.strip_prefix(source).unwrap().to_owned();
        let mut module = Module { file, ..Module::default() };
        let import = Regex::new(r"(?m)^ *(?:pub )?use ([^;]+);").unwrap();
        for found in import.captures_iter(&text) {
            for (path, name) in flattened(&found[1]) {
                if name == "*" {
                    module.globs.push(path.clone());
                } else {
                    module.imports.insert(name, path.clone());
                }
                module.paths.insert(path);
            }
        }
        let inline = Regex::new(r"(?-u:\b)(?:crate|self|super|[a-z][a-z0-9_]*)(?:::[A-Za-z_][A-Za-z0-9_]*)+").unwrap();
        let rest = import.replace_all(&text, "");
        // A macro is named by the crate, wherever it is defined.
        let found = inline.find_iter(&rest).filter(|found| !rest[found.end()..].starts_with('!'));
        module.paths.extend(found.map(|found| split(found.as_str())));
        self.modules.insert(name, module);
    }

    /// Each file, with the files that it uses.
    pub(super) fn uses(&self) -> BTreeMap<PathBuf, BTreeSet<PathBuf>> {
        let mut uses: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
        for (name, module) in &self.modules {
            let used = uses.entry(module.file.clone()).or_default();
            for path in &module.paths {
                if let Some(found) = self.definer(name, path, 0)
                    && found != name
                {
                    used.insert(self.modules[found].file.clone());
                }
            }
        }
        uses
    }

    /// The module that defines what `path` names, as `module` writes it; `None` for what is not of this crate.
    fn definer(&self, module: &Name, path: &[String], depth: usize) -> Option<&Name> {
        assert!(depth < 50, "{path:?} in {module:?} leads nowhere");
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.below(&Vec::new(), rest, depth),
            "self" => self.below(module, rest, depth),
            "super" => self.below(&module[..module.len().saturating_sub(1)].to_vec(), rest, depth),
            _ => self.known(module, first).then(|| self.below(module, path, depth))?,
        }
    }

    /// Whether a module has that name in scope, by a declaration or an import.
    fn known(&self, module: &Name, name: &str) -> bool {
        let child = [module.as_slice(), &[name.to_owned()]].concat();
        self.modules.contains_key(&child) || self.modules[module].imports.contains_key(name)
    }

    fn below(&self, module: &Name, path: &[String], depth: usize) -> Option<&Name> {
        let (name, known) = self.modules.get_key_value(module)?;
        let Some((first, rest)) = path.split_first() else { return Some(name) };
        if first == "super" {
            return self.below(&module[..module.len().saturating_sub(1)].to_vec(), rest, depth + 1);
        }
        let child = [module.as_slice(), std::slice::from_ref(first)].concat();
        if self.modules.contains_key(&child) {
            return self.below(&child, rest, depth + 1);
        }
        if let Some(import) = known.imports.get(first) {
            let target = self.definer(module, import, depth + 1)?;
            // What follows an imported module is looked for there; what follows a type is the type's.
            let is_module = self.is_module(module, import);
            return if is_module && !rest.is_empty() { self.below(target, rest, depth + 1) } else { Some(target) };
        }
        let defines = |glob: &Name| self.definer(module, glob, depth + 1).filter(|found| *found != name);
        let items = |found: &&Name| self.defines(found, first);
        known.globs.iter().filter_map(defines).find(items).or(Some(name))
    }

    fn is_module(&self, module: &Name, path: &[String]) -> bool {
        let last = path.last().unwrap();
        self.definer(module, path, 0).is_some_and(|found| found.last() == Some(last))
    }

    fn defines(&self, module: &Name, name: &str) -> bool {
        self.known(module, name)
    }
}

/// A file's text without comments, texts, visibilities and what only tests have.
fn without_tests(text: &str) -> String {
    let comments = Regex::new(r"(?m)//.*$").unwrap();
    let text = comments.replace_all(text, "");
    let literals = Regex::new(r##"r#"(?s:.*?)"#|"(?:[^"\\]|\\(?s:.))*"|'[{}()]'"##).unwrap();
    // A path attribute names a file.
    let text =
        literals.replace_all(
            &text,
            |found: &regex::Captures<'_>| {
                if found[0].ends_with(".rs\"") { found[0].to_owned() } else { "\"\"".to_owned() }
            },
        );
    let visibilities = Regex::new(r"pub\((?:in )?[a-z_:]+\)").unwrap();
    let text = visibilities.replace_all(&text, "pub");
    let mut kept = String::new();
    let mut parts = text.split("#[cfg(test)]");
    kept.push_str(parts.next().unwrap());
    parts.for_each(|part| kept.push_str(&part[end_of_item(part)..]));
    kept
}

/// Where the item ends that a text begins with.
fn end_of_item(text: &str) -> usize {
    let mut depth = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' | '(' | '[' => depth += 1,
            ';' | ',' if depth == 0 => return at + 1,
            '}' | ')' | ']' => {
                depth -= 1;
                if depth < 0 {
                    return at;
                }
                if depth == 0 && letter == '}' {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

fn split(path: &str) -> Name {
    path.split("::").map(str::to_owned).collect()
}

/// The paths of a `use`, each with the name that it brings into scope.
fn flattened(tree: &str) -> Vec<(Name, String)> {
    let tree = tree.trim();
    let Some((stem, list)) = tree.split_once('{') else {
        let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias)));
        let mut path = split(path.trim());
        let name = alias.map_or_else(|| path.last().unwrap().clone(), str::to_owned);
        if name == "*" || name == "self" {
            path.pop();
        }
        let name = if name == "self" { path.last().unwrap().clone() } else { name };
        return vec![(path, name)];
    };
    let list = list.strip_suffix('}').unwrap();
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&list[start..]);
    let parts = parts.into_iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(|part| flattened(&format!("{stem}{}", part.trim()))).collect()
}
