//! With the feature `rust-bert`: says what to do where libtorch is missing or of another version, before a page of C++
//! errors does, and tells the program where to find it. Without the feature it does nothing.

use std::env;
use std::fs;
use std::path::Path;
use std::process;

/// The version that `tch` 0.17 is made for.
const VERSION: &str = "2.4";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=LIBTORCH");
    if env::var_os("CARGO_FEATURE_RUST_BERT").is_none() || env::var_os("LIBTORCH_USE_PYTORCH").is_some() {
        return;
    }
    let Some(folder) = env::var_os("LIBTORCH") else {
        fail("LIBTORCH is not set");
    };
    let folder = Path::new(&folder);
    let version_file = folder.join("build-version");
    println!("cargo::rerun-if-changed={}", version_file.display());
    match fs::read_to_string(&version_file) {
        Err(error) => fail(&format!("{}: {error}", version_file.display())),
        Ok(version) if !version.starts_with(VERSION) => {
            fail(&format!("{} holds version {}", folder.display(), version.trim()));
        }
        Ok(_) => println!(
            "cargo::rustc-link-arg=-Wl,-rpath,{}",
            folder.join("lib").display()
        ),
    }
}

fn fail(reason: &str) -> ! {
    println!(
        "cargo::error=the feature rust-bert needs libtorch {VERSION}: {reason}. Run scripts/libtorch.sh, or set LIBTORCH to its folder"
    );
    process::exit(1);
}
