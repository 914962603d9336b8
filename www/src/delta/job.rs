//! `www delta`: a difference as a file, for servers that know files and no dictionaries.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::dcz;

/// Which difference, and where to.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// The document that the reader has.
    pub old: PathBuf,
    /// The document that it is to have.
    pub new: PathBuf,
    /// The file to write; a directory gets one by the name under which `www/recipes/nginx` looks for it.
    #[arg(short, value_name = "FILE")]
    pub output: PathBuf,
}

/// Writes it, and says for whom it is and what it costs.
///
/// # Errors
/// If a file cannot be read or written, or is larger than [`dcz::LARGEST`].
pub fn job(options: &Options) -> Result<()> {
    let (old, new) = (read(&options.old)?, read(&options.new)?);
    let body = dcz::encode(&old, &new)?;
    ensure!(dcz::decode(&old, &body)? == new, "the difference does not lead to {}", options.new.display());
    let hash = STANDARD.encode(dcz::hash(&old));
    let mut file = options.output.clone().into_os_string();
    if options.output.is_dir() {
        // The slashes of base64, be it the first letter, make folders: so a server can look a path up as the header
        // has it. To join a path would begin at the root.
        file.push(format!("/{hash}.dcz"));
    }
    let file = PathBuf::from(file);
    write(&file, &body).with_context(|| format!("cannot write {}", file.display()))?;
    println!("{}: {} bytes of {}, for Available-Dictionary: :{hash}:", file.display(), body.len(), new.len());
    Ok(())
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

fn write(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, bytes)
}
