//! Terragrunt's own functions (terragrunt.gruntwork.io/docs/reference/hcl/functions). Absolute paths start at the root of the
//! repository, which is `/`.

use std::sync::Arc;

use super::{load, resolve};
use crate::document::Node;
use crate::formats::terraform::names::World;
use crate::formats::terraform::value::{as_text, fails, text, unknown};
use crate::source::Location;
use crate::workspace::{join, parent};

/// Calls a function; `None` where it is none of Terragrunt's. `dir` is the folder of the file that calls it.
pub(in crate::formats::terraform) fn call(world: &World<'_>, name: &str, args: &[Node], dir: &str, at: &Location) -> Option<Node> {
    let word = |n: usize| args.get(n).map(as_text).transpose();
    let made = match name {
        "get_terragrunt_dir" | "get_original_terragrunt_dir" | "get_working_dir" => Ok(text(format!("/{}", world.root), at)),
        "get_repo_root" | "get_path_to_repo_root" => Ok(text("/", at)),
        "find_in_parent_folders" => word(0).and_then(|file| {
            let file = file.unwrap_or_else(|| "terragrunt.hcl".into());
            let fallback = word(1)?;
            Ok(above(world, &file).or(fallback).map_or_else(|| fails(format!("no folder above has a file `{file}`"), at), |p| text(p, at)))
        }),
        "get_parent_terragrunt_dir" => word(0).map(|label| text(format!("/{}", from(world, label.as_deref())), at)),
        "path_relative_to_include" => word(0).map(|label| text(below(&world.root, &from(world, label.as_deref())), at)),
        "read_terragrunt_config" => word(0).map(|path| {
            let found = path.and_then(|p| resolve(&p, dir)).filter(|p| world.workspace.is_file(p));
            match found {
                Some(path) => config(world, &path, at),
                None => args.get(1).cloned().unwrap_or_else(|| fails("the file is not in the repository", at)),
            }
        }),
        "get_env" => Err("a variable of the machine is not read".into()),
        "run_cmd" => Err("no program is run".into()),
        "get_aws_account_id" | "get_aws_account_alias" | "get_aws_caller_identity_arn" | "get_aws_caller_identity_user_id" => {
            Err("the account is asked for when it is run".into())
        }
        "sops_decrypt_file" => Err("an encrypted file is not read".into()),
        _ => return None,
    };
    Some(made.unwrap_or_else(|why: Arc<str>| unknown(why, at)))
}

/// The first file of a name in the folders above the unit.
fn above(world: &World<'_>, file: &str) -> Option<String> {
    let mut dir = world.root.as_str();
    while !dir.is_empty() {
        dir = parent(dir);
        if let Some(path) = join(dir, file).filter(|p| world.workspace.is_file(p)) {
            return Some(format!("/{path}"));
        }
    }
    None
}

/// The folder of the file that the unit includes, by its label; its own where it includes none.
fn from(world: &World<'_>, label: Option<&str>) -> String {
    let includes = world.includes.borrow();
    let named = includes.iter().find(|(name, _)| label.is_none_or(|l| l == name));
    named.map_or_else(|| world.root.clone(), |(_, dir)| dir.clone())
}

/// A folder as seen from one above it.
fn below(dir: &str, from: &str) -> String {
    let rest = dir.strip_prefix(from).map_or(dir, |r| r.trim_start_matches('/'));
    if rest.is_empty() { ".".to_owned() } else { rest.to_owned() }
}

/// The locals and inputs of a file, read once.
fn config(world: &World<'_>, path: &str, at: &Location) -> Node {
    match world.configs.borrow().get(path) {
        Some(Some(known)) => return known.clone(),
        Some(None) => return unknown(format!("`{path}` reads itself"), at),
        None => {}
    }
    world.configs.borrow_mut().insert(path.to_owned(), None);
    let node = world.deeper(at, || load(path, world).map_or_else(|| unknown(format!("`{path}` is not read"), at), |f| f.exposed(world)));
    world.configs.borrow_mut().insert(path.to_owned(), Some(node.clone()));
    node
}
