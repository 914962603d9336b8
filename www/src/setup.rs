//! What the three commands need and a machine may lack: found if present, else installed, else named in a sentence.
//!
//! Nothing here costs more than a look at the disk once a tool is there. Tools that cargo installs
//! go where cargo puts them; if another version of one is already there it is left alone, and ours goes to
//! `target/tools`. What the tools are used for is left to [`crate::pkg`] and [`crate::verify`].

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// The `<arch>-<vendor>-<os>` that the card is built for.
pub const WASM: &str = "wasm32-unknown-unknown";

/// The folder of the whole project.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Where everything that is built goes.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The first file of that name in a folder of `PATH`, or in cargo's own.
pub fn find(name: &str) -> Option<PathBuf> {
    let name = format!("{name}{}", env::consts::EXE_SUFFIX);
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).chain(cargo_bin()).map(|dir| dir.join(&name)).find(|file| file.is_file())
}

fn cargo_bin() -> Option<PathBuf> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")))?;
    Some(home.join("bin"))
}

/// `PATH` with these folders before it, for a program that looks for others by name.
///
/// # Errors
/// If one of them has a character that `PATH` cannot hold.
pub fn path_with(folders: &[&Path]) -> Result<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = folders.iter().map(|dir| dir.to_path_buf());
    Ok(env::join_paths(folders.chain(env::split_paths(&path)).chain(cargo_bin()))?)
}

/// What a program prints, trimmed; an error if it cannot run or fails.
///
/// # Errors
/// With the program's own words.
pub fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {name}"))?;
    ensure!(output.status.success(), "{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a program to its end with its output shown (all of it on standard error, which is for progress).
///
/// # Errors
/// If it cannot run or fails.
pub fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .with_context(|| format!("cannot run {name}"))?;
    ensure!(status.success(), "{name} failed ({status})");
    Ok(())
}

fn sysroot() -> Result<PathBuf> {
    Ok(output(Command::new("rustc").args(["--print", "sysroot"]).current_dir(root()))?.into())
}

/// The standard library for wasm.
///
/// # Errors
/// If it is absent and rustup is too, or cannot fetch it.
pub fn wasm_target() -> Result<()> {
    let rustlib = sysroot()?.join("lib/rustlib");
    if rustlib.join(WASM).is_dir() {
        return Ok(());
    }
    eprintln!("setup: adding the Rust target {WASM}");
    ensure!(
        find("rustup").is_some(),
        "this Rust toolchain has no standard library for {WASM}, and no rustup to add it: \
         install Rust by rustup, or your system's package of it (libstd-rust-dev-wasm32 on Debian)"
    );
    run(Command::new("rustup").args(["target", "add", WASM]).current_dir(root()))
        .with_context(|| format!("the Rust target {WASM} is missing; `rustup target add {WASM}` must succeed first"))
}

/// Whether the source of the standard library can be had, for the released file to be built with it.
///
/// # Errors
/// If the toolchain cannot be asked.
pub fn rust_src() -> Result<bool> {
    let source = sysroot()?.join("lib/rustlib/src/rust/library/Cargo.lock");
    if source.is_file() {
        return Ok(true);
    }
    if find("rustup").is_none() {
        return Ok(false);
    }
    eprintln!("setup: adding the standard library's source (rustup component rust-src)");
    let added = run(Command::new("rustup").args(["component", "add", "rust-src"]).current_dir(root()));
    Ok(added.is_ok() && source.is_file())
}

/// A component of the toolchain that runs as `cargo NAME`: `clippy` or `fmt`.
///
/// # Errors
/// If it is absent and rustup cannot add it.
pub fn component(subcommand: &str) -> Result<()> {
    if output(Command::new("cargo").args([subcommand, "--version"])).is_ok() {
        return Ok(());
    }
    let component = if subcommand == "fmt" { "rustfmt" } else { subcommand };
    eprintln!("setup: adding the Rust component {component}");
    run(Command::new("rustup").args(["component", "add", component]).current_dir(root())).with_context(|| {
        format!("`cargo {subcommand}` is missing; `rustup component add {component}` must succeed first")
    })
}

/// The folder of `wasm-bindgen` and `wasm-bindgen-test-runner`, of the very version the card is compiled against.
///
/// # Errors
/// If it is absent and cannot be installed.
pub fn wasm_bindgen() -> Result<PathBuf> {
    let lock = fs::read_to_string(root().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    let version = locked(&lock, "wasm-bindgen").context("Cargo.lock names no version of wasm-bindgen")?;
    cargo_tool("wasm-bindgen-cli", "wasm-bindgen", Some(version))
}

/// The folder of `wasm-pack`.
///
/// # Errors
/// If it is absent and cannot be installed.
pub fn wasm_pack() -> Result<PathBuf> {
    cargo_tool("wasm-pack", "wasm-pack", None)
}

/// The folder of `geckodriver`.
///
/// # Errors
/// If it is absent and cannot be installed.
pub fn geckodriver() -> Result<PathBuf> {
    cargo_tool("geckodriver", "geckodriver", None)
}

/// Where the weaknesses that are known of crates are listed.
const ADVISORIES: &str = "https://github.com/rustsec/advisory-db";

/// `cargo audit`, with the list it goes by: fetched where that can be reached, else the copy of an earlier time; none
/// where there is neither.
///
/// # Errors
/// If the list can be had, and the tool is absent and cannot be installed.
pub fn audit() -> Result<Option<Command>> {
    let mut ask = Command::new("git");
    // Neither a question nor a network that hangs may hold anybody up.
    ask.args(["ls-remote", "--exit-code", ADVISORIES, "HEAD"]).env("GIT_TERMINAL_PROMPT", "0");
    let fetched = output(ask.envs([("GIT_HTTP_LOW_SPEED_LIMIT", "1"), ("GIT_HTTP_LOW_SPEED_TIME", "5")])).is_ok();
    let copied = cargo_bin().is_some_and(|bin| bin.with_file_name("advisory-db").is_dir());
    if !fetched && !copied {
        return Ok(None);
    }
    let tool = cargo_tool("cargo-audit", "cargo-audit", None)?.join("cargo-audit");
    let mut audit = Command::new(tool);
    audit.arg("audit").args((!fetched).then_some(["--no-fetch", "--stale"]).into_iter().flatten()).current_dir(root());
    Ok(Some(audit))
}

fn locked<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    rest.split('"').next()
}

fn cargo_tool(package: &str, program: &str, version: Option<&str>) -> Result<PathBuf> {
    let fits = |file: &Path| {
        let printed = output(Command::new(file).arg("--version")).unwrap_or_default();
        version.is_none_or(|version| printed.split_whitespace().any(|word| word == version))
    };
    let own = target().join("tools").join(package);
    let found = find(program);
    let mine = own.join("bin").join(format!("{program}{}", env::consts::EXE_SUFFIX));
    for file in found.iter().chain([&mine]) {
        if file.is_file() && fits(file) {
            return Ok(file.parent().unwrap_or(Path::new(".")).to_owned());
        }
    }
    let spec = version.map_or_else(|| package.to_owned(), |version| format!("{package}@{version}"));
    eprintln!("setup: installing {spec} with cargo; a few minutes, once");
    let install = |locked: bool| {
        let mut cargo = Command::new("cargo");
        cargo.arg("install").args(locked.then_some("--locked"));
        if found.is_some() {
            cargo.arg("--root").arg(&own);
        }
        // Cargo's settings for this project must not bend the build of a tool.
        run(cargo.arg(&spec).current_dir(env::temp_dir()).env_remove("CARGO_TARGET_DIR"))
    };
    // The versions a tool was released with are not all served for ever; newer ones are.
    install(true)
        .or_else(|_| install(false))
        .with_context(|| format!("{program} is missing; `cargo install {spec}` must succeed first"))?;
    if found.is_some() { Ok(own.join("bin")) } else { cargo_bin().context("cargo has no home folder") }
}

/// The folder of `wasm-opt`, `esbuild` and `terser`, of the versions in `www/tools/package-lock.json`.
///
/// # Errors
/// If they are absent and Node.js is too, or npm cannot fetch them.
pub fn npm_tools() -> Result<PathBuf> {
    npm("tools", "wasm-opt, esbuild and terser", &target().join("tools/npm")).map(|modules| modules.join(".bin"))
}

/// The `node_modules` of what the card is measured against, of the versions in `www/bench/package-lock.json`.
///
/// # Errors
/// If they are absent and Node.js is too, or npm cannot fetch them.
pub fn npm_peers() -> Result<PathBuf> {
    npm("bench", "the libraries to compare with", &target().join("bench/npm"))
}

/// A site with the bundlers, frameworks and compilers of the versions in `www/adopters/package-lock.json`.
///
/// # Errors
/// If they are absent and Node.js is too, or npm cannot fetch them.
pub fn npm_adopters() -> Result<PathBuf> {
    let site = target().join("tools/adopters");
    npm("adopters", "bundlers and frameworks", &site)?;
    Ok(site)
}

/// Installs what `www/{folder}` names.
fn npm(folder: &str, what: &str, installed: &Path) -> Result<PathBuf> {
    let source = root().join("www").join(folder);
    let modules = installed.join("node_modules");
    let lock = source.join("package-lock.json");
    let lock = fs::read(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    // The copy of the lock file is written last: if it is there and equal, the install was finished.
    let copy = installed.join("package-lock.installed");
    if fs::read(&copy).is_ok_and(|copy| copy == lock) {
        return Ok(modules);
    }
    debian(&[("node", "nodejs"), ("npm", "npm")])?;
    eprintln!("setup: installing {what} with npm");
    fs::create_dir_all(installed)?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(source.join(file), installed.join(file))
            .with_context(|| format!("cannot copy www/{folder}/{file}"))?;
    }
    // None needs its install script, and npm asks before it runs one.
    run(Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(installed))
        .with_context(|| {
            format!("{what} are missing and npm cannot fetch them; `npm ci` in www/{folder} must succeed first")
        })?;
    fs::write(copy, lock)?;
    Ok(modules)
}

/// `PATH` with a Node.js that today's bundlers run on: the system's, or else one that npm installs in `target/tools`.
///
/// # Errors
/// If neither can be had.
pub fn node() -> Result<OsString> {
    debian(&[("node", "nodejs"), ("npm", "npm")])?;
    if recent(&output(Command::new("node").arg("--version"))?) {
        return path_with(&[]);
    }
    let own = target().join("tools/node");
    let programs = own.join("node_modules/node/bin");
    if !programs.join("node").is_file() {
        eprintln!("setup: the system's Node.js is too old for today's bundlers; installing one of their age with npm");
        fs::create_dir_all(&own)?;
        let mut npm = Command::new("npm");
        // Its script fetches the program for this machine.
        npm.args(["install", "--no-save", "--no-audit", "--no-fund", "--foreground-scripts", "node@22.23.3"]);
        run(npm.arg("--prefix").arg(&own).current_dir(&own))
            .context("today's bundlers need Node.js 20.19 or later; install it, then run this again")?;
    }
    path_with(&[&programs])
}

/// Whether a version as `node --version` prints it is 20.19 or later.
fn recent(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.').map_while(|number| number.parse::<u32>().ok());
    (numbers.next(), numbers.next()) >= (Some(20), Some(19))
}

/// Programs that come as packages of the system (`(program, Debian package)`): installed as root on Debian.
///
/// # Errors
/// With what to install, where that is left to the reader.
pub fn debian(programs: &[(&str, &str)]) -> Result<()> {
    install(programs, |program| find(program).is_some())
}

/// The fonts that the pictures on record are set in.
///
/// # Errors
/// With what to install, where that is left to the reader.
pub fn fonts() -> Result<()> {
    debian(&[("fc-list", "fontconfig")])?;
    install(
        &[
            ("Noto Sans Arabic", "fonts-noto-core"),
            ("Noto Serif Devanagari", "fonts-noto-core"),
            ("Noto Serif CJK JP", "fonts-noto-cjk"),
            ("Nimbus Sans", "fonts-urw-base35"),
            ("DejaVu Sans Mono", "fonts-dejavu-core"),
        ],
        |family| output(Command::new("fc-list").arg(family)).is_ok_and(|found| !found.is_empty()),
    )
}

fn install(wanted: &[(&str, &str)], is_there: impl Fn(&str) -> bool) -> Result<()> {
    let missing: Vec<_> = wanted.iter().filter(|(name, _)| !is_there(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let mut packages: Vec<_> = missing.iter().map(|(_, package)| *package).collect();
    packages.dedup();
    let list = packages.join(" ");
    if find("apt-get").is_none() {
        bail!(
            "not found here: {names}. Install them with your system's packages (Debian calls them {list}), then run this again"
        );
    }
    if output(Command::new("id").arg("-u")).ok().as_deref() != Some("0") {
        bail!("not found here: {names}. Run `sudo apt-get install {list}`, then this again");
    }
    eprintln!("setup: installing {list} with apt-get");
    let apt = |args: &[&str]| run(Command::new("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive"));
    apt(&["update", "-q"])?;
    let mut install = vec!["install", "-q", "-y", "--no-install-recommends"];
    install.extend(&packages);
    apt(&install).with_context(|| format!("not found: {names}; `apt-get install {list}` must succeed first"))?;
    for (name, package) in missing {
        ensure!(is_there(name), "the package {package} is installed, but {name} is still not found");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locked_version_is_found_by_its_whole_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";
        assert_eq!(locked(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked(lock, "bindgen"), None);
    }

    #[test]
    fn todays_bundlers_need_a_node_of_their_age() {
        for (version, fits) in
            [("v18.20.4", false), ("v20.18.1", false), ("v20.19.0", true), ("v22.1.0", true), ("", false)]
        {
            assert_eq!(recent(version), fits, "{version}");
        }
    }
}
