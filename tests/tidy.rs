//! The rules of the house: what every file begins with, what may stand where, and that the lists which say the same
//! thing in several places do say the same.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file below some folders with one of these endings, by its path from the root.
fn files(folders: &[&str], endings: &[&str]) -> Vec<String> {
    let mut folders: Vec<PathBuf> = folders.iter().map(|folder| Path::new(ROOT).join(folder)).collect();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() && name != "node_modules" {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let path = path.strip_prefix(ROOT).unwrap_or(&path);
                found.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

/// The description of the element that ships, which editors read.
fn manifest() -> Value {
    let manifest: Value = serde_json::from_str(&read("www/pkg/custom-elements.json")).unwrap();
    manifest["modules"][0]["declarations"][0].clone()
}

fn names(list: &Value) -> BTreeSet<String> {
    let names: Vec<_> = list.as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect();
    let set: BTreeSet<_> = names.iter().cloned().collect();
    assert_eq!(names.len(), set.len(), "a name stands twice in {names:?}");
    set
}

/// The words of a text that begin so, up to a character that no name has.
fn words(text: &str, start: &str) -> BTreeSet<String> {
    let part = |(at, _): (usize, &str)| {
        let rest = &text[at..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(rest.len());
        rest[..end].to_owned()
    };
    text.match_indices(start).map(part).collect()
}

#[test]
fn every_file_says_what_it_is() {
    let sources = files(&["src", "www/src", "www/examples", "www/tests", "tests"], &[".rs"]);
    assert!(sources.len() > 20);
    for path in sources {
        assert!(read(&path).starts_with("//!"), "{path} does not begin with `//!`");
    }
    for path in files(&["src"], &[".js"]) {
        assert!(read(&path).starts_with("//"), "{path} does not begin with a comment");
    }
}

#[test]
fn only_what_belongs_there_stands_at_the_top() {
    let allowed = [
        "Cargo.toml",
        "Cargo.lock",
        "src",
        "www",
        "tests",
        "README.md",
        "CHANGELOG.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        // Made by cargo, `cargo pkg` and npm; never committed.
        "target",
        "pkg",
    ];
    for entry in fs::read_dir(ROOT).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(name.starts_with('.') || allowed.contains(&name.as_str()), "{name} does not belong at the top");
    }
}

#[test]
fn what_ships_depends_on_little() {
    let allowed =
        ["serde", "wasm-bindgen", "wasm-bindgen-futures", "js-sys", "web-sys", "gloo", "serde-wasm-bindgen", "talc"];
    let mut ships = false;
    for line in read("Cargo.toml").lines() {
        if let Some(section) = line.strip_prefix('[') {
            ships = section.contains("dependencies")
                && !section.contains("dev-dependencies")
                && !section.contains("not(target_arch = \"wasm32\")");
            if let Some((_, name)) = section.trim_end_matches(']').rsplit_once("dependencies.") {
                assert!(!ships || allowed.contains(&name), "{name} is not among what may ship");
                ships = false;
            }
        } else if ships && let Some((name, _)) = line.split_once(['=', '.']) {
            let name = name.trim();
            assert!(name.starts_with('#') || allowed.contains(&name), "{name} is not among what may ship");
        }
    }
}

#[test]
fn nothing_is_left_for_later_or_names_a_machine() {
    // Put together here, so that this file does not hold them.
    let marks = [["TO", "DO"], ["FIX", "ME"], ["X", "XX"], ["/ro", "ot/"], ["/ho", "me/"]].map(|parts| parts.concat());
    for path in files(
        &["src", "www", "tests", ".ci", ".cargo"],
        &[".rs", ".js", ".ts", ".css", ".html", ".md", ".toml", ".json", "run"],
    ) {
        let text = read(&path);
        for mark in &marks {
            assert!(!text.contains(mark.as_str()), "{path} holds {mark}");
        }
    }
}

#[test]
fn the_attributes_are_the_same_everywhere() {
    let manifest = manifest();
    let described = names(&manifest["attributes"]);
    let script = read("src/element.js");
    let table = script.split_once("ATTRIBUTES = [").and_then(|(_, rest)| rest.split_once("\n];")).unwrap().0;
    let mut coded: BTreeSet<String> =
        table.split('[').skip(1).map(|row| row.split('"').nth(1).unwrap().to_owned()).collect();
    coded.insert("lang".to_owned());
    assert_eq!(described, coded, "custom-elements.json and element.js");
    let types = read("www/pkg/index.d.ts");
    for attribute in manifest["attributes"].as_array().unwrap() {
        let (field, of) = (attribute["fieldName"].as_str().unwrap(), attribute["type"]["text"].as_str().unwrap());
        assert!(types.contains(&format!("\n  {field}: {of};")), "index.d.ts has no `{field}: {of}`");
        let name = attribute["name"].as_str().unwrap();
        let default = attribute["default"].as_str().filter(|text| text.parse::<f64>().is_ok() || text.starts_with('"'));
        if let Some(default) = default {
            assert!(table.contains(&format!("[\"{name}\", {default}]")), "element.js has not {default} for {name}");
        }
    }
}

#[test]
fn every_language_file_is_asked_for() {
    let there: BTreeSet<String> = files(&["src/badge/lang"], &[".txt"])
        .iter()
        .filter_map(|path| Some(path.strip_prefix("src/badge/lang/")?.strip_suffix(".txt")?.to_owned()))
        // Built in.
        .filter(|tag| tag != "en")
        .collect();
    let script = read("src/element.js");
    let list = script.split_once("LANGUAGES = [").and_then(|(_, rest)| rest.split_once(']')).unwrap().0;
    let asked: BTreeSet<String> = list.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    assert_eq!(asked, there);
}

#[test]
fn the_readme_lists_what_there_is() {
    let readme = read("README.md");
    let manifest = manifest();
    let (_, table) = readme.split_once("\n### Attributes\n").unwrap();
    let (table, _) = table.split_once("\n### ").unwrap();
    let first_cells = table.lines().filter_map(|row| row.strip_prefix("| `")?.split(" | ").next());
    let listed: BTreeSet<String> = first_cells
        .flat_map(|cell| cell.split(['`', ',', ' ']).filter(|name| !name.is_empty()))
        .map(str::to_owned)
        .collect();
    assert_eq!(names(&manifest["attributes"]), listed, "custom-elements.json and README.md");
    // Every word that stands between backticks.
    let told: BTreeSet<&str> = readme.split('`').skip(1).step_by(2).flat_map(str::split_whitespace).collect();
    for kind in ["events", "cssStates", "cssParts", "cssProperties"] {
        for name in names(&manifest[kind]) {
            let short = name.strip_prefix("--live-article-").unwrap_or(&name);
            assert!(told.contains(short), "README.md does not tell of {name} of {kind}");
        }
    }
}

#[test]
fn snippets_use_attributes_that_there_are() {
    let attributes = names(&manifest()["attributes"]);
    let mut seen = 0;
    for path in ["README.md", "www/pkg/README.md", "www/recipes/migrate.md"] {
        let text = read(path);
        for (start, prefix) in [("<live-article ", ""), ("embed.js\" ", "data-")] {
            for tag in text.split(start).skip(1).filter_map(|rest| rest.split('>').next()) {
                let written = tag.split_whitespace().filter_map(|word| word.split('=').next()?.strip_prefix(prefix));
                for name in written.filter(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')) {
                    assert!(attributes.contains(name), "{path} writes {name} on a tag, which is no attribute");
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 10, "only {seen} attributes are written in snippets");
}

#[test]
fn the_programs_that_are_type_checked_use_all_there_is() {
    let manifest = manifest();
    let program = read("www/adopters/types/all.ts");
    let jsx = read("www/adopters/types/react.tsx");
    for name in names(&manifest["attributes"]) {
        assert!(program.contains(&format!("\"{name}\"")), "all.ts sets no attribute {name}");
        assert!(jsx.contains(&format!(" {name}=")) || jsx.contains(&format!(" {name}\n")), "react.tsx has no {name}");
    }
    for name in names(&manifest["members"]) {
        assert!(program.contains(&format!("card.{name}")), "all.ts does not touch {name}");
    }
    for name in names(&manifest["events"]) {
        assert!(program.contains(&format!("card.addEventListener(\"{name}\"")), "all.ts does not listen to {name}");
        assert!(jsx.contains(&format!(" on{name}=")), "react.tsx does not listen to {name}");
    }
}

#[test]
fn every_language_is_told_to_bundlers() {
    let entry = read("src/index.js");
    let files = files(&["src/badge/lang"], &[".txt"]);
    let named = |name: &str| format!("\"lang/{name}\": new URL(\"./lang/{name}?no-inline\", import.meta.url),");
    // English is in the module.
    for name in files.iter().filter_map(|path| path.rsplit('/').next()).filter(|name| *name != "en.txt") {
        assert!(entry.contains(&named(name)), "index.js has no `{}`", named(name));
    }
    assert_eq!(entry.matches("?no-inline").count(), files.len() - 1, "index.js names a language that is none");
}

#[test]
fn events_states_parts_and_properties_are_those_of_the_code() {
    let manifest = manifest();
    let types = read("www/pkg/index.d.ts");
    let code: String = files(&["src"], &[".rs", ".js", ".css"]).iter().map(|path| read(path)).collect();
    for event in names(&manifest["events"]) {
        assert!(types.contains(&format!("\"{event}\": CustomEvent<")), "index.d.ts has no {event}");
        let short = event.trim_start_matches("live-article-");
        assert!(
            code.contains(&format!("\"{event}\"")) || code.contains(&format!("\"{short}\"")),
            "no code sends {event}"
        );
    }
    for kind in ["cssStates", "cssParts"] {
        for name in names(&manifest[kind]) {
            let quoted = [format!("\"{name}\""), format!("part~={name}]"), format!("\"{name} "), format!(" {name}\"")];
            assert!(quoted.iter().any(|quoted| code.contains(quoted.as_str())), "no code has {name} of {kind}");
        }
    }
    let css = read("src/view/card.css");
    // And the reverse: what the card writes and dresses is told of.
    let written = |text: &str, before: &str, after: char| -> BTreeSet<String> {
        let values = text.split(before).skip(1).filter_map(|rest| rest.split(after).next());
        let words = values.flat_map(str::split_whitespace).map(str::to_owned);
        words.filter(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-')).collect()
    };
    let parts: BTreeSet<_> = written(&code, "PART, \"", '"').into_iter().chain(written(&css, "[part~=", ']')).collect();
    assert!(parts.len() > 20, "the code writes the parts {parts:?} alone");
    let told = names(&manifest["cssParts"]);
    assert!(parts.is_subset(&told), "custom-elements.json does not tell of {:?}", parts.difference(&told));
    let (slots, told) = (written(&code, "attr(NAME, \"", '"'), names(&manifest["slots"]));
    assert!(!slots.is_empty() && slots.is_subset(&told), "custom-elements.json does not tell of all of {slots:?}");
    let (states, told) = (written(&css, ":state(", ')'), names(&manifest["cssStates"]));
    assert!(!states.is_empty() && states.is_subset(&told), "custom-elements.json does not tell of all of {states:?}");
    let methods = manifest["members"].as_array().unwrap().iter().filter(|member| member["kind"] == "method");
    for method in methods.map(|method| method["name"].as_str().unwrap()) {
        assert!(types.contains(&format!("\n  {method}(): ")), "index.d.ts has no {method}()");
        assert!(code.contains(&format!("{method}()")), "no code has {method}()");
    }
    assert_eq!(names(&manifest["cssProperties"]), words(&css, "--live-article-"), "custom-elements.json and card.css");
}
