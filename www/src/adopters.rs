//! The release package as sites adopt it: packed, installed by npm, bundled into pages, type-checked, and published dry.
//!
//! The pages and programs lie in `www/adopters`. What the pages do in a browser is left to `tests/e2e`.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::pkg::{self, Package, digest, read_all};
use crate::setup::{self, WASM, output, root, run, target};

/// The frameworks that Vite builds a page for, besides the plain page.
pub const FRAMEWORKS: [&str; 3] = ["react", "vue", "svelte"];

/// What `npm pack` says of the archive it makes.
#[derive(Deserialize)]
struct Packed {
    filename: String,
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    path: String,
}

/// Builds every page and returns the folder that holds them: `vite/NAME.html`, `esbuild/NAME.js`. At once if nothing
/// changed since they were last built.
///
/// # Errors
/// If the packages of npm cannot be had, or a bundler refuses the card.
pub fn build() -> Result<PathBuf> {
    pkg::build(pkg::Options::default())?;
    let built = target().join("adopters");
    let inputs = digest(&[pkg::folder(), root().join("www/adopters"), root().join("www/src/adopters.rs")])?;
    let made = built.join("made");
    if fs::read_to_string(&made).is_ok_and(|made| made == inputs) {
        return Ok(built);
    }
    let path = setup::node()?;
    let site = install(&path)?;
    if built.exists() {
        fs::remove_dir_all(&built)?;
    }
    eprintln!("adopters: vite and esbuild");
    let program = |name: &str| tool(&site, name, &path);
    run(program("vite").args(["build", "--emptyOutDir", "--outDir"]).arg(built.join("vite")))?;
    let esbuild = || {
        let mut esbuild = program("esbuild");
        esbuild.args(["--bundle", "--minify", "--jsx=automatic", "--log-level=warning"]);
        esbuild
    };
    let beside = built.join("esbuild");
    let mut outdir = OsString::from("--outdir=");
    outdir.push(&beside);
    run(esbuild().args(["plain.js", "react.jsx", "--format=esm"]).arg(&outdir))?;
    // What it leaves as it is, as the package's README says.
    let package = site.join("node_modules/live-article");
    for (name, bytes) in read_all(&package)?.into_iter().filter(|(name, _)| beside_the_script(name)) {
        let file = beside.join(name);
        fs::create_dir_all(file.parent().unwrap_or(&beside))?;
        fs::write(file, bytes)?;
    }
    // A bundle that is no module has no address of its own; it warns of that.
    run(esbuild()
        .args(["plain.js", "--format=iife", "--out-extension:.js=.classic.js"])
        .arg(&outdir)
        .arg("--log-override:empty-import-meta=silent"))?;
    // On a server there is no page; it must do nothing there.
    run(Command::new("node")
        .args(["--input-type=module", "--eval", "import 'live-article'"])
        .current_dir(&site)
        .env("PATH", &path))
    .context("a server cannot import the card")?;
    fs::write(made, inputs)?;
    Ok(built)
}

/// What a bundler that knows no `new URL(…, import.meta.url)` has to be helped to.
fn beside_the_script(name: &str) -> bool {
    name.starts_with("lang/") || Path::new(name).extension() == Some(OsStr::new("wasm"))
}

/// A site with the packages of `www/adopters/package-lock.json` and the packed card.
fn install(path: &OsStr) -> Result<PathBuf> {
    let site = setup::npm_adopters()?;
    let sources = root().join("www/adopters");
    for (name, bytes) in read_all(&sources)? {
        // Its own files stay: the lock file is how an install is known.
        if !name.starts_with("package") {
            let file = site.join(name);
            fs::create_dir_all(file.parent().unwrap_or(&site))?;
            fs::write(file, bytes)?;
        }
    }
    let card = site.join("node_modules/live-article");
    let digests = [digest(&[pkg::folder()])?, digest(&[card])?];
    if digests[0] == digests[1] {
        return Ok(site);
    }
    let packed = pack(path, &["--pack-destination".as_ref(), site.as_os_str()])?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-save", "--no-package-lock", "--offline", "--ignore-scripts", "--no-audit", "--no-fund"]);
    run(npm.arg(format!("./{}", packed.filename)).current_dir(&site).env("PATH", path))
        .context("npm does not install the packed card")?;
    Ok(site)
}

fn tool(site: &Path, name: &str, path: &OsStr) -> Command {
    let mut tool = Command::new(site.join("node_modules/.bin").join(name));
    tool.current_dir(site).env("PATH", path);
    tool
}

fn pack(path: &OsStr, options: &[&OsStr]) -> Result<Packed> {
    let mut npm = Command::new("npm");
    npm.args(["pack", "--json", "--ignore-scripts"]).args(options).current_dir(pkg::folder()).env("PATH", path);
    let packed: Vec<Packed> = serde_json::from_str(&output(&mut npm)?).context("npm pack says something else")?;
    packed.into_iter().next().context("npm packs nothing")
}

/// Type-checks every program of `www/adopters/types`; those lines of theirs that must not compile say so themselves.
///
/// # Errors
/// With the compiler's words.
pub fn types() -> Result<()> {
    pkg::build(pkg::Options::default())?;
    let path = setup::node()?;
    let site = install(&path)?;
    // As a bundler resolves a package, and as Node.js does.
    for modules in [["esnext", "bundler"], ["node20", "node16"]] {
        let checked = tool(&site, "tsc", &path)
            .args(["--project", "types", "--module", modules[0], "--moduleResolution", modules[1]])
            .output()
            .context("cannot run tsc")?;
        ensure!(checked.status.success(), "tsc, {}: {}", modules[1], String::from_utf8_lossy(&checked.stdout));
    }
    Ok(())
}

/// Packs for npm and for cargo as a release does, and uploads nothing: the archive of npm must hold the release package
/// and no more, the crate must build from its own.
///
/// # Errors
/// If a file is left out or too many, or what `package.json` names is not there, or the crate does not build.
pub fn publish() -> Result<()> {
    let package = pkg::build(pkg::Options::default())?;
    let packed = pack(&setup::node()?, &["--dry-run".as_ref()])?;
    let packed: BTreeSet<_> = packed.files.into_iter().map(|file| file.path).collect();
    whole(&package, &packed)?;
    let mut cargo = Command::new("cargo");
    // What is not committed yet is part of it, as in every other step. The browser's half is built too.
    run(cargo.args(["package", "--quiet", "--allow-dirty", "-p", "live-article", "--target", WASM]).current_dir(root()))
        .context("the crate cannot be packed")
}

fn whole(package: &Package, packed: &BTreeSet<String>) -> Result<()> {
    let made: BTreeSet<_> = package.files.keys().cloned().collect();
    let differ: Vec<_> = made.symmetric_difference(packed).collect();
    ensure!(differ.is_empty(), "npm's archive and pkg/ differ in {differ:?}; see `files` in www/pkg/package.json");
    let json: serde_json::Value = serde_json::from_slice(&fs::read(pkg::folder().join("package.json"))?)?;
    let mut named = Vec::new();
    strings(&json["exports"], &mut named);
    for field in ["main", "module", "types", "customElements", "jsdelivr", "unpkg"] {
        named.push(json[field].as_str().with_context(|| format!("package.json has no {field}"))?);
    }
    for name in named {
        let (before, after) = name.split_once('*').unwrap_or((name, ""));
        let before = before.trim_start_matches("./");
        if !packed.iter().any(|path| path.starts_with(before) && path.ends_with(after)) {
            bail!("package.json names {name}, which is not in the package");
        }
    }
    Ok(())
}

/// Every text in a tree of objects.
fn strings<'a>(json: &'a serde_json::Value, into: &mut Vec<&'a str>) {
    match json {
        serde_json::Value::String(text) => into.push(text),
        serde_json::Value::Object(fields) => fields.values().for_each(|value| strings(value, into)),
        _ => {}
    }
}
