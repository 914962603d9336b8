//! The release package: `pkg/` made from the crate, and its weight.
//!
//! cargo → wasm-bindgen → wasm-opt → a name that holds the hash → esbuild → terser. The fixed files lie in `www/pkg`,
//! themes in `www/themes`, languages in `src/badge/lang`. What it needs is left to [`crate::setup`].
//!
//! The same sources give the same bytes wherever the folder lies, so that the weight on record is exact.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use live_article::card;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256, Sha384};

use crate::render;
use crate::setup::{self, WASM, npm_tools, output, root, run, target};

/// How the module is built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct Options {
    /// Build with the toolchain as it is, without the standard library built anew for size.
    #[arg(long)]
    pub stable: bool,
}

/// What [`build`] made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Package {
    /// Every file of `pkg/`, by its path in it.
    pub files: BTreeMap<String, Weight>,
    /// The module's name, which holds its hash.
    pub module: String,
    /// Subresource integrity of `embed.js`, as a tag names it.
    pub integrity: String,
    /// The sheet and the markup it dresses: see `look`.
    pub look: Weight,
    /// Whether the standard library was built anew for size.
    pub small: bool,
    /// The toolchain that made it.
    pub toolchain: String,
}

/// Bytes of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weight {
    /// As it lies on disk.
    pub raw: usize,
    /// As a server sends it, in brotli 11.
    pub brotli: usize,
}

/// What a page must download for a card, the script and the module in brotli, is to stay under this line; the record
/// says by how much it does not.
const LIMIT: usize = 42_000;
/// The same for the module as released.
const LIMIT_SMALL: usize = 38_000;
/// The same for the sheet and the markup, whatever the rest weighs.
const LIMIT_LOOK: usize = 4_000;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Where the package is put.
pub fn folder() -> PathBuf {
    root().join("pkg")
}

/// Makes the package, prints what it weighs and how to embed it, and compares the weight with the one on record.
///
/// # Errors
/// If a step fails, or the weight is not the one on record.
pub fn job(options: Options) -> Result<()> {
    let package = build(options)?;
    print!("{}", package.report());
    package.hold()
}

/// Makes the package in `pkg/`; at once if nothing changed since it was last made.
///
/// # Errors
/// If a tool is missing or fails.
pub fn build(options: Options) -> Result<Package> {
    let toolchain = output(Command::new("rustc").arg("-V").current_dir(root())).context("Rust is not installed")?;
    let inputs = inputs(&toolchain, options)?;
    let made = target().join("pkg/made.json");
    if let Ok(bytes) = fs::read(&made)
        && let Ok(Made { inputs: before, outputs, package }) = serde_json::from_slice(&bytes)
        && before == inputs
        && outputs == digest(&[folder()])?
    {
        return Ok(package);
    }
    setup::wasm_target()?;
    let small = !options.stable && setup::rust_src()?;
    if !small && !options.stable {
        eprintln!("pkg: no rust-src here, so the standard library is used as it comes: 2 to 3 kB more");
    }
    let stage = target().join("pkg/stage");
    bind(&compile(small)?, &stage)?;
    let wasm = optimize(&stage)?;
    let package = assemble(&stage, &wasm, small, toolchain)?;
    fs::write(made, serde_json::to_vec(&Made { inputs, outputs: digest(&[folder()])?, package: package.clone() })?)?;
    Ok(package)
}

#[derive(Serialize, Deserialize)]
struct Made {
    inputs: String,
    outputs: String,
    package: Package,
}

/// All that the package is made from, in one hash.
fn inputs(toolchain: &str, options: Options) -> Result<String> {
    let ours = ["Cargo.toml", "Cargo.lock", "src", "www/pkg", "www/themes"];
    let tools = ["www/tools/package-lock.json", "www/src/pkg.rs", "www/src/glue.js"];
    let paths: Vec<_> = ours.iter().chain(&tools).map(|path| root().join(path)).collect();
    Ok(format!("{toolchain} {} {}", options.stable, digest(&paths)?))
}

/// A hash of files and folders by what they hold; one that does not exist holds nothing.
pub(crate) fn digest(paths: &[PathBuf]) -> Result<String> {
    let mut hash = Sha256::new();
    for path in paths {
        for (name, bytes) in read_all(path)? {
            hash.update(name.as_bytes());
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        }
    }
    Ok(hex(&hash.finalize()))
}

/// Every file below a path, by its path from there with `/` between.
pub(crate) fn read_all(path: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    fn walk(path: &Path, name: &str, files: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
        if path.is_dir() {
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                let below = entry.file_name().to_string_lossy().into_owned();
                walk(&entry.path(), &if name.is_empty() { below } else { format!("{name}/{below}") }, files)?;
            }
        } else if path.is_file() {
            files.insert(name.to_owned(), fs::read(path)?);
        }
        Ok(())
    }
    let mut files = BTreeMap::new();
    walk(path, "", &mut files).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(files)
}

fn compile(small: bool) -> Result<PathBuf> {
    eprintln!(
        "pkg: compiling the card for {WASM}{}",
        if small { ", the standard library for size with it" } else { "" }
    );
    let built = target().join("pkg").join(if small { "cargo-small" } else { "cargo" });
    let mut flags = Vec::new();
    // Paths of this machine would stand in messages and make each folder's build another.
    let registry =
        std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]).current_dir(root()))?;
    for (from, to) in [(Some(root().to_owned()), "."), (registry, "/cargo"), (Some(sysroot.into()), "/rust")] {
        if let Some(from) = from {
            flags.push(format!("--remap-path-prefix={}={to}", from.display()));
        }
    }
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--lib", "--package", "live-article", "--target", WASM, "--target-dir"]);
    cargo.arg(&built).current_dir(root());
    if small {
        // Both switches are unstable: allowed for this one file, on which every browser test runs.
        cargo.arg("-Zbuild-std=std,panic_abort").env("RUSTC_BOOTSTRAP", "1");
        flags.extend(["-Zunstable-options".to_owned(), "-Cpanic=immediate-abort".to_owned()]);
    }
    run(cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f")))?;
    Ok(built.join(WASM).join("release/live_article.wasm"))
}

fn bind(wasm: &Path, stage: &Path) -> Result<()> {
    let bindgen = setup::wasm_bindgen()?.join("wasm-bindgen");
    if stage.exists() {
        fs::remove_dir_all(stage)?;
    }
    run(Command::new(bindgen)
        .args(["--target", "web", "--out-name", "glue", "--no-typescript", "--experimental-reset-state-function"])
        .args(["--remove-producers-section", "--out-dir"])
        .args([stage, wasm]))?;
    // The bundle must hold one `element.js`, the glue's and the loader's; the glue imports a copy.
    let glue = fs::read_to_string(stage.join("glue.js"))?;
    let mut lines: Vec<String> = glue.lines().map(str::to_owned).collect();
    let mut found = false;
    for line in lines.iter_mut().filter(|line| line.starts_with("import ")) {
        let Some((before, copy)) = line.split_once("./snippets/") else { continue };
        ensure!(copy.contains("/src/element.js"), "a second snippet is imported; pkg.rs knows of src/element.js alone");
        let before = &before[..before.len() - 1];
        *line = format!("{before}{}", serde_json::to_string(&root().join("src/element.js"))?);
        found = true;
    }
    // It names the module once for each function that needs no adapter; once is enough.
    let mut named = false;
    lines.retain(|line| {
        let again = line.trim_start().starts_with("\"./snippets/") && std::mem::replace(&mut named, true);
        !again
    });
    ensure!(found, "wasm-bindgen's glue imports no snippet; src/element.js should be one");
    fs::write(stage.join("glue.js"), short(&rest(&lines.join("\n"))?)?)?;
    Ok(())
}

/// After a trap, timers and listeners of the instance that is gone still call its closures and let go of them: neither
/// may throw into the page or reach the new instance.
fn rest(glue: &str) -> Result<String> {
    let mut glue = glue.to_owned();
    for (from, to) in [
        ("throw new Error('Cannot invoke closure from previous WASM instance')", "return"),
        ("if (--state.cnt === 0)", "if (--state.cnt === 0 && state.instance === __wbg_instance_id)"),
    ] {
        ensure!(glue.contains(from), "wasm-bindgen's glue has no `{from}`");
        glue = glue.replace(from, to);
    }
    Ok(glue)
}

/// The glue with the short functions of `glue.js` in the place of its own.
fn short(glue: &str) -> Result<String> {
    let mut glue = glue.to_owned();
    for function in include_str!("glue.js").split("\nfunction ").skip(1) {
        let (new, _) = function.split_once("\n}").context("a function of glue.js has no end")?;
        let name = new.split('(').next().unwrap_or_default();
        let start = glue.find(&format!("\nfunction {name}("));
        let end = start.and_then(|start| Some(start + glue[start..].find("\n}\n")?));
        match (start, end) {
            (Some(start), Some(end)) => glue.replace_range(start..end, &format!("\nfunction {new}")),
            _ if name == "answer" => glue.push_str(&format!("\nfunction {new}\n}}\n")),
            _ => bail!("wasm-bindgen's glue has no function `{name}`"),
        }
    }
    let mut cut = |from: &str, to: &str, instead: &str| -> Result<()> {
        let start = glue.find(from).with_context(|| format!("wasm-bindgen's glue has no `{from}`"))?;
        let length = glue[start..].find(to).with_context(|| format!("wasm-bindgen's glue has no `{to}`"))? + to.len();
        let old = glue[start..start + length].to_owned();
        glue = glue.replace(&old, instead);
        Ok(())
    };
    cut("if (!('encodeInto' in cachedTextEncoder)) {", "\n}\n", "")?;
    cut("    if (typeof numBytesDecoded !== ", "\n", "")?;
    cut("    if (typeof WASM_VECTOR_LEN !== ", "\n", "")?;
    cut("(typeof FinalizationRegistry === 'undefined')", ": new", "new")?;
    for text in ["const ptr1 = ", "var ptr1 = isLikeNone(ret) ? 0 : "] {
        cut(&format!("{text}passStringToWasm0(ret,"), " + 4 * 0, ptr1, true);", "answer(arg0, ret);")?;
    }
    Ok(glue)
}

/// Parts of the names of functions that stand in the module's table only to be described to wasm-bindgen: closures of the
/// bindings, which come in by an export of their own, and casts, which are imports.
const DESCRIBED: [&str; 3] = ["::convert::closures::", "::futures::", " -> Externref"];

/// The module's text without what nothing can reach: those functions, most of them closures for methods that the
/// card never calls and all that is called by them, and exports that the glue never names.
fn prune(text: &str, glue: &str) -> Result<String> {
    let mut out = String::with_capacity(text.len());
    let mut found = false;
    for line in text.lines() {
        let export = line.strip_prefix(" (export \"").and_then(|line| line.split('"').next());
        if export.is_some_and(|name| !glue.contains(&format!("wasm.{name}"))) {
            continue;
        }
        let table =
            line.strip_prefix(" (elem $0 (table $0) (i32.const 1) func $").and_then(|line| line.strip_suffix(')'));
        if let Some(functions) = table {
            found = true;
            for (at, name) in functions.split(" $").enumerate() {
                if !DESCRIBED.iter().any(|part| name.contains(part)) {
                    let _ = writeln!(out, " (elem (table $0) (i32.const {}) func ${name})", at + 1);
                }
            }
            continue;
        }
        out.push_str(line);
        out.push('\n');
    }
    ensure!(found, "the module has no table of functions");
    Ok(out)
}

/// Twice over, since what `--flatten` lays open is found in a second pass only. Features are those that rustc
/// enables by default: any more and a browser may refuse the module. `--traps-never-happen` would remove bounds checks.
/// Nothing lies in the lowest kilobyte of memory but the end of the stack, where it would overflow. How much to inline, and
/// that no value is kept for later that can be had again, is by trial.
/// wasm-bindgen's long names of imports and exports, with their hashes, stand in the module and in the glue: both get
/// short ones.
fn optimize(stage: &Path) -> Result<Vec<u8>> {
    let (text, after) = (stage.join("module.wat"), stage.join("module.wasm"));
    let features =
        ["bulk-memory", "multivalue", "mutable-globals", "nontrapping-float-to-int", "reference-types", "sign-ext"]
            .map(|feature| format!("--enable-{feature}"));
    let tools = npm_tools()?;
    eprintln!("pkg: wasm-opt");
    let glue = fs::read_to_string(stage.join("glue.js"))?;
    run(Command::new(tools.join("wasm-dis")).args(&features).arg("-o").args([&text, &stage.join("glue_bg.wasm")]))?;
    fs::write(&text, prune(&fs::read_to_string(&text)?, &glue)?)?;
    let names = output(
        Command::new(tools.join("wasm-opt"))
            .args(&features)
            .args(["--low-memory-unused", "--one-caller-inline-max-function-size=20", "--skip-pass=local-cse"])
            .args(["--flatten", "--rereloop", "-Oz", "-Oz", "--strip-debug", "--strip-producers"])
            .args(["--strip-target-features", "--minify-imports-and-exports-and-modules", "-o"])
            .args([&after, &text]),
    )?;
    fs::write(stage.join("glue.js"), shorten(&glue, &serde_json::from_str(&names)?)?)?;
    run(Command::new(tools.join("wasm-dis")).args(&features).arg("-o").args([&text, &after]))?;
    let order = order(&bodies(&fs::read(&after)?)?);
    fs::write(&text, arrange(&fs::read_to_string(&text)?, &order)?)?;
    run(Command::new(tools.join("wasm-as")).args(&features).arg("-o").args([&after, &text]))?;
    Ok(fs::read(after)?)
}

/// The code of a module's functions, in their order (WebAssembly, section 5.5.13).
fn bodies(module: &[u8]) -> Result<Vec<&[u8]>> {
    fn number(bytes: &mut &[u8]) -> Option<usize> {
        let (mut value, mut shift) = (0, 0);
        loop {
            let (&byte, rest) = bytes.split_first()?;
            *bytes = rest;
            value |= usize::from(byte & 127) << shift;
            shift += 7;
            if byte < 128 {
                return Some(value);
            }
        }
    }
    fn sized<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
        let length = number(bytes)?;
        let (first, rest) = bytes.split_at_checked(length)?;
        *bytes = rest;
        Some(first)
    }
    fn code(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
        loop {
            let (&section, rest) = bytes.split_first()?;
            bytes = rest;
            let mut content = sized(&mut bytes)?;
            if section == 10 {
                let count = number(&mut content)?;
                return (0..count).map(|_| sized(&mut content)).collect();
            }
        }
    }
    module.get(8..).and_then(code).context("the module has no code")
}

/// An order in which functions stand near others like them, where brotli finds what they share: after the longest
/// always the one that shares most of its length with the last eight, in runs of five bytes, rare ones counted more.
fn order(bodies: &[&[u8]]) -> Vec<usize> {
    const NEAR: usize = 8;
    let mut ids = BTreeMap::new();
    let mut count = Vec::new();
    let runs: Vec<Vec<usize>> = bodies
        .iter()
        .map(|body| {
            let mut runs: Vec<usize> = body
                .windows(5)
                .map(|run| {
                    let next = ids.len();
                    *ids.entry(run).or_insert(next)
                })
                .collect();
            runs.sort_unstable();
            runs.dedup();
            count.resize(ids.len(), 0_u32);
            for &run in &runs {
                count[run] += 1;
            }
            runs
        })
        .collect();
    // When each run was last seen.
    let mut seen: Vec<Option<usize>> = vec![None; ids.len()];
    let mut left: Vec<usize> = (0..bodies.len()).collect();
    let mut order = Vec::new();
    while !left.is_empty() {
        let likeness = |at: usize| {
            let is_near = |run: usize| seen[run].is_some_and(|seen| seen + NEAR >= order.len());
            let shared = runs[at].iter().filter(|&&run| is_near(run)).map(|&run| 1.0 / f64::from(count[run] - 1));
            (
                shared.sum::<f64>() / (bodies[at].len() as f64 + 20.0),
                if order.is_empty() { bodies[at].len() } else { 0 },
            )
        };
        let best =
            left.iter().map(|&at| (likeness(at), at)).reduce(|best, next| if next.0 > best.0 { next } else { best });
        let Some((_, best)) = best else { break };
        left.retain(|&at| at != best);
        for &run in &runs[best] {
            seen[run] = Some(order.len());
        }
        order.push(best);
    }
    order
}

/// A module's text with its functions in another order.
fn arrange(text: &str, order: &[usize]) -> Result<String> {
    let functions = "\n (func $";
    let mut parts = text.split(functions);
    let head = parts.next().unwrap_or_default();
    let mut parts: Vec<&str> = parts.collect();
    ensure!(parts.len() == order.len(), "the module's text has other functions than its code");
    let last = parts.pop().unwrap_or_default();
    let (last, end) = last.split_once("\n )\n").context("the module's text ends early")?;
    let last = format!("{last}\n )");
    parts.push(&last);
    let mut out = head.to_owned();
    for &at in order {
        out.push_str(functions);
        out.push_str(parts[at]);
    }
    out.push('\n');
    out.push_str(end);
    Ok(out)
}

/// Long and short names of a module, as wasm-opt prints them. It puts all imports into one module, `a`.
#[derive(Deserialize)]
struct Names {
    /// `(module, name, short name)`.
    imports: Vec<(String, String, String)>,
    /// `(name, short name)`.
    exports: Vec<(String, String)>,
}

/// The glue with a module's short names.
fn shorten(glue: &str, names: &Names) -> Result<String> {
    let own = "./glue_bg.js";
    let short: BTreeMap<_, _> =
        names.imports.iter().map(|(module, name, short)| ((&**module, &**name), &**short)).collect();
    let exports: BTreeMap<_, _> = names.exports.iter().map(|(name, short)| (&**name, &**short)).collect();
    let mut out = String::with_capacity(glue.len());
    let mut found = 0;
    for line in glue.lines() {
        let text = line.trim_start();
        if let Some((module, object)) = text.strip_prefix('"').and_then(|text| text.split_once("\": ")) {
            // A line of the object of imports: each module's own object.
            let object = object.trim_end_matches(',');
            if module == own {
                let _ = write!(out, "a: {{ __proto__: null, ...{object}");
                for ((module, name), short) in short.iter().filter(|((module, _), _)| *module != own) {
                    let holds = format!("\"{module}\": ");
                    let (_, rest) = glue.split_once(&holds).with_context(|| format!("the glue imports no {module}"))?;
                    let object = rest.split(',').next().unwrap_or_default();
                    let _ = write!(out, ", {short}: {object}.{name}");
                    found += 1;
                }
                out.push_str(" },\n");
            }
            continue;
        }
        if let Some((name, function)) = text.split_once(": ")
            && let Some(short) = short.get(&(own, name))
        {
            let _ = writeln!(out, "{short}: {function}");
            found += 1;
            continue;
        }
        let mut parts = line.split("wasm.");
        out.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len());
            let (name, rest) = part.split_at(end);
            let _ = write!(out, "wasm.{}{rest}", exports.get(name).unwrap_or(&name));
        }
        out.push('\n');
    }
    ensure!(found == short.len(), "{found} of the {} imports are in the glue", short.len());
    Ok(out)
}

fn assemble(stage: &Path, wasm: &[u8], small: bool, toolchain: String) -> Result<Package> {
    let pinned = Sha384::digest(wasm);
    let module = format!("live-article-{}.wasm", &hex(&pinned)[..12]);
    let mut files = read_all(&root().join("www/pkg"))?;
    for (from, to) in [("www/themes", "themes"), ("src/badge/lang", "lang")] {
        let below = read_all(&root().join(from))?;
        files.extend(below.into_iter().map(|(name, bytes)| (format!("{to}/{name}"), bytes)));
    }
    // English is in the module.
    files.remove("lang/en.txt");
    // For the server's own copies; the card brings its own.
    files.insert("card.css".to_owned(), fs::read(root().join("src/view/card.css"))?);
    for license in ["LICENSE-APACHE", "LICENSE-MIT"] {
        files.insert(
            license.to_owned(),
            fs::read(root().join(license)).with_context(|| format!("cannot read {license}"))?,
        );
    }
    if let Some(package) = files.get_mut("package.json") {
        let mut json: serde_json::Value = serde_json::from_slice(package).context("www/pkg/package.json")?;
        json["version"] = VERSION.into();
        *package = serde_json::to_vec_pretty(&json)?;
    }
    for (name, format) in [("embed.js", "iife"), ("index.js", "esm")] {
        let script = bundle(stage, name, format, &module, &STANDARD.encode(pinned))?;
        files.insert(name.to_owned(), script);
    }
    let integrity = format!("sha384-{}", STANDARD.encode(Sha384::digest(&files["embed.js"])));
    files.insert(module.clone(), wasm.to_owned());
    publish(&files, &module)?;
    let files = files.into_iter().map(|(name, bytes)| (name, weigh(&bytes))).collect();
    Ok(Package { files, module, integrity, look: look()?, small, toolchain })
}

/// Weighs how the card looks: the squeezed sheet with every tag that an article and a live blog are made of, once
/// each and without what the document puts in, as one text.
///
/// It is what the two would cost as files of their own. A module built without them differs from the whole by a
/// hundred bytes more or less from build to build, since brotli parts the rest in other blocks.
fn look() -> Result<Weight> {
    let mut tags = Vec::new();
    for story in ["report", "blog"] {
        let path = root().join("www/pages/gallery").join(story).with_extension("jsonld");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let copy = render::copy(&text, "https://courier.example/", "", "")?;
        for tag in copy.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
            let mut own = String::new();
            for (at, piece) in tag.split('"').enumerate() {
                let named = ["class=", "part=", "type=", "rel=", "role="].iter().any(|name| own.ends_with(name));
                own += if at % 2 == 0 || named { piece } else { "" };
            }
            if !tags.contains(&own) {
                tags.push(own);
            }
        }
    }
    ensure!(tags.iter().any(|tag| tag.contains("part=headline")), "the server's copy has no headline");
    Ok(weigh(format!("{}{}", card::SHEET, tags.join(">")).as_bytes()))
}

fn bundle(stage: &Path, name: &str, format: &str, module: &str, pinned: &str) -> Result<Vec<u8>> {
    let (whole, out) = (stage.join("bundle").join(name), stage.join("short").join(name));
    let mut esbuild = Command::new(npm_tools()?.join("esbuild"));
    run(esbuild
        // A page may have broken what even the first lines need.
        .args(["--banner:js=try{", "--footer:js=}catch{}"])
        .arg(root().join("src").join(name))
        .args([
            "--bundle",
            "--minify",
            "--target=es2022",
            "--charset=utf8",
            "--legal-comments=none",
            "--log-level=warning",
        ])
        // In the part of the glue that the bundle leaves out.
        .arg("--log-override:empty-import-meta=silent")
        .arg(format!("--format={format}"))
        .arg(format!("--alias:glue={}", stage.join("glue.js").display()))
        .arg(format!("--define:VERSION=\"{VERSION}\""))
        .arg(format!("--define:WASM=\"./{module}\""))
        .arg(format!("--define:INTEGRITY=\"sha384-{pinned}\""))
        .arg(format!("--outfile={}", whole.display())))?;
    fs::create_dir_all(stage.join("short"))?;
    // Names that compress, and functions as arrows and methods: nothing constructs one or asks for its length.
    run(Command::new(npm_tools()?.join("terser"))
        .arg(whole)
        .args(["--ecma=2022", "--compress=passes=3,unsafe_arrows,unsafe_methods,keep_fargs=false", "--mangle"])
        .args((format == "esm").then_some("--module"))
        .arg("--output")
        .arg(&out))?;
    Ok(fs::read(out)?)
}

/// The module first and what is no longer part of it last, so that a page loaded meanwhile finds what its script names.
fn publish(files: &BTreeMap<String, Vec<u8>>, module: &str) -> Result<()> {
    let folder = folder();
    let first = files.get_key_value(module);
    for (name, bytes) in first.into_iter().chain(files) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&folder))?;
        if !fs::read(&path).is_ok_and(|there| there == *bytes) {
            fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    for name in read_all(&folder)?.into_keys().filter(|name| !files.contains_key(name)) {
        let stray = folder.join(name);
        fs::remove_file(&stray)?;
        // Folders that are empty now; the first that is not ends it.
        for parent in stray.ancestors().skip(1).take_while(|parent| *parent != folder) {
            if fs::remove_dir(parent).is_err() {
                break;
            }
        }
    }
    Ok(())
}

/// Bytes as a good server packs them: brotli 11.
pub(crate) fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut packed, 1 << 16, 11, 22);
    writer.write_all(bytes).and_then(|()| writer.flush()).expect("a vector takes all that is written");
    drop(writer);
    packed
}

pub(crate) fn weigh(bytes: &[u8]) -> Weight {
    Weight { raw: bytes.len(), brotli: pack(bytes).len() }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

impl Package {
    /// What a page downloads for a card.
    pub fn card(&self) -> Weight {
        ["embed.js", &self.module]
            .iter()
            .filter_map(|name| self.files.get(*name))
            .fold(Weight::default(), |sum, file| Weight { raw: sum.raw + file.raw, brotli: sum.brotli + file.brotli })
    }

    /// The table of weights and the tag to paste, as `cargo pkg` prints them.
    pub fn report(&self) -> String {
        let mut out = String::new();
        let mut line = |raw: &str, brotli: &str, name: &str| {
            let _ = writeln!(out, "{raw:>9}  {brotli:>9}  {name}");
        };
        line("raw", "brotli 11", "");
        for (name, weight) in &self.files {
            line(&weight.raw.to_string(), &weight.brotli.to_string(), &format!("pkg/{name}"));
        }
        let card = self.card();
        line(
            &card.raw.to_string(),
            &card.brotli.to_string(),
            &format!("what a page downloads for a card: embed.js + {}", self.module),
        );
        line(
            &self.look.raw.to_string(),
            &self.look.brotli.to_string(),
            &format!("of it the sheet and the markup, which are to stay under {LIMIT_LOOK}"),
        );
        let how = if self.small {
            "with the standard library built for size (build-std, immediate-abort: two unstable switches of the compiler)"
        } else {
            "with the standard library as it comes"
        };
        let _ = write!(
            out,
            "\nMade {how} by {}.\n\nTo embed:\n\n  <script async src=\"embed.js\" integrity=\"{}\" crossorigin data-src=\"/story.jsonld\"></script>\n\n\
             In the page's head, so that the module is asked for beside the script and not after it:\n\n  \
             <link rel=\"preload\" as=\"fetch\" crossorigin href=\"{}\">\n\n",
            self.toolchain, self.integrity, self.module
        );
        out
    }

    /// The line of the record that this package would have.
    fn line(&self) -> String {
        format!("{}: {} bytes ({})", if self.small { "released" } else { "stable" }, self.card().brotli, self.toolchain)
    }

    /// Compares the weight with the line it is to stay under, and with the one on record, `www/weight.txt`, in both directions.
    /// Another toolchain's weight is another number, and is not compared.
    ///
    /// # Errors
    /// With the line to put on record, if this is not the one.
    pub fn hold(&self) -> Result<()> {
        let (weight, limit) = (self.card().brotli, if self.small { LIMIT_SMALL } else { LIMIT });
        if weight > limit {
            println!("The card weighs {weight} bytes in brotli: {} over its line of {limit}.\n", weight - limit);
        }
        ensure!(
            self.look.brotli <= LIMIT_LOOK,
            "the sheet and the markup weigh {} bytes in brotli, over their {LIMIT_LOOK}: see src/view/card.css",
            self.look.brotli
        );
        let record = fs::read_to_string(root().join("www/weight.txt")).context("cannot read www/weight.txt")?;
        hold(&record, &self.line())
    }
}

fn hold(record: &str, line: &str) -> Result<()> {
    let (kind, _) = line.split_once(' ').unwrap_or((line, ""));
    let (_, toolchain) = line.split_once('(').unwrap_or((line, ""));
    let on_record = record.lines().find(|line| line.starts_with(kind)).unwrap_or_default();
    if on_record == line {
        return Ok(());
    }
    if !on_record.is_empty() && !on_record.ends_with(toolchain) {
        println!("The weight on record is another toolchain's, so the two are not compared: {on_record}");
        return Ok(());
    }
    bail!(
        "the weight is not the one on record ({on_record:?}). If that is meant, put this line in www/weight.txt:\n{line}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_holds_in_both_directions() {
        let record = "released: 100 bytes (rustc 1)\nstable: 200 bytes (rustc 1)\n";
        for (line, holds) in [
            ("released: 100 bytes (rustc 1)", true),
            ("released: 101 bytes (rustc 1)", false),
            ("released: 99 bytes (rustc 1)", false),
            ("stable: 200 bytes (rustc 1)", true),
            ("stable: 100 bytes (rustc 1)", false),
            ("stable: 100 bytes (rustc 2)", true),
        ] {
            assert_eq!(hold(record, line).is_ok(), holds, "{line}");
        }
        assert!(hold("", "stable: 1 bytes (rustc 1)").is_err());
    }

    #[test]
    fn the_glue_gets_the_modules_short_names() {
        let glue = "import * as import1 from \"/element.js\"
    const import0 = {
        __wbg_new_0a: function(arg0) {
            return wasm.__wbindgen_malloc(arg0, wasm.memory);
        },
    return {
        __proto__: null,
        \"./glue_bg.js\": import0,
        \"./element.js\": import1,
    };
";
        let names = |name: &str| Names {
            imports: [("./glue_bg.js", name, "$"), ("./element.js", "define", "b")]
                .map(|(a, b, c)| (a.into(), b.into(), c.into()))
                .into(),
            exports: [("__wbindgen_malloc", "c"), ("memory", "d")].map(|(a, b)| (a.into(), b.into())).into(),
        };
        let short = "import * as import1 from \"/element.js\"
    const import0 = {
$: function(arg0) {
            return wasm.c(arg0, wasm.d);
        },
    return {
        __proto__: null,
a: { __proto__: null, ...import0, b: import1.define },
    };
";
        assert_eq!(shorten(glue, &names("__wbg_new_0a")).unwrap(), short);
        assert!(shorten(glue, &names("__wbg_old_0b")).is_err());
    }

    #[test]
    fn what_is_only_described_goes() {
        let text = "(module
 (elem $0 (table $0) (i32.const 1) func $a $\"wasm_bindgen[0]::convert::closures::_::invoke::<bool, true>\" $\"<b as c>::d\")
 (export \"memory\" (memory $0))
 (export \"__wbindgen_free\" (func $a))
)
";
        let pruned = "(module
 (elem (table $0) (i32.const 1) func $a)
 (elem (table $0) (i32.const 3) func $\"<b as c>::d\")
 (export \"memory\" (memory $0))
)
";
        assert_eq!(prune(text, "new DataView(wasm.memory.buffer)").unwrap(), pruned);
        assert!(prune("(module\n)\n", "").is_err());
    }

    #[test]
    fn functions_stand_near_their_like() {
        let module = b"\0asm\x01\0\0\0\x01\x01\x00\x0a\x1f\x04\x07abcdefg\x05vwxyz\x06abcdef\x08uvwxyz12";
        let bodies = bodies(module).unwrap();
        assert_eq!(bodies, [&b"abcdefg"[..], b"vwxyz", b"abcdef", b"uvwxyz12"]);
        let order = order(&bodies);
        assert_eq!(order, [3, 1, 0, 2]);
        let text =
            "(module\n (func $0\n  (a)\n )\n (func $1\n  (b)\n )\n (func $2\n  (c)\n )\n (func $3\n  (d)\n )\n)\n";
        let arranged =
            "(module\n (func $3\n  (d)\n )\n (func $1\n  (b)\n )\n (func $0\n  (a)\n )\n (func $2\n  (c)\n )\n)\n";
        assert_eq!(arrange(text, &order).unwrap(), arranged);
        assert!(arrange(text, &[0]).is_err());
        assert!(super::bodies(b"\0asm\x01\0\0\0").is_err());
    }

    #[test]
    fn a_digest_is_of_what_files_hold() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("a")).unwrap();
        fs::write(dir.path().join("a/b"), "c").unwrap();
        let before = digest(&[dir.path().to_owned()]).unwrap();
        fs::write(dir.path().join("a/b"), "c").unwrap();
        assert_eq!(digest(&[dir.path().to_owned()]).unwrap(), before);
        fs::write(dir.path().join("a/b"), "d").unwrap();
        assert_ne!(digest(&[dir.path().to_owned()]).unwrap(), before);
        assert_eq!(digest(&[dir.path().join("nowhere")]).unwrap(), digest(&[]).unwrap());
    }
}
