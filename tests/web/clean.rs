//! The browser's own parser as a judge of the cleaner: what was cleaned and printed reads as the tree that it was.

use live_article::card;
use live_article::clean::{Rules, clean};
use live_article::tree::{Kind, NAMES, Tree};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::nearly::{Dice, nearly};

#[wasm_bindgen(inline_js = r#"
/** What a browser makes of markup: `<name attribute="value">`, text and `</>`, one after another. */
export function outline(markup) {
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    if (node.nodeType !== Node.ELEMENT_NODE) return "<!>";
    const attributes = [...node.attributes].map(({ name, value }) => ` ${name}="${value}"`).join("");
    return `<${node.localName}${attributes}>${[...node.childNodes].map(walk).join("")}</>`;
  };
  const page = new DOMParser().parseFromString(`<!doctype html><body>${markup}`, "text/html");
  return [...page.body.childNodes].map(walk).join("");
}
"#)]
extern "C" {
    fn outline(markup: &str) -> String;
}

/// The same of a tree.
fn written(tree: &Tree, from: usize, to: usize, out: &mut String) {
    let mut at = from;
    while at < to {
        let node = tree.nodes()[at];
        let name = NAMES[node.name as usize];
        match node.kind {
            Kind::Text => out.push_str(tree.value(at)),
            Kind::Element => {
                *out += &format!("<{name}");
                let mut inside = at + 1;
                while inside < tree.end(at) && tree.nodes()[inside].kind == Kind::Attr {
                    *out += &format!(" {}=\"{}\"", NAMES[tree.nodes()[inside].name as usize], tree.value(inside));
                    inside += 1;
                }
                out.push('>');
                written(tree, inside, tree.end(at), out);
                out.push_str("</>");
            }
            Kind::Attr => unreachable!("attributes come first in their element"),
        }
        at = tree.end(at);
    }
}

#[wasm_bindgen_test]
fn what_is_cleaned_is_read_by_a_browser_as_it_is() {
    let rules = Rules { base: "https://paper.example/story", page: "https://paper.example/", embeds: "video.example" };
    let (mut dice, rounds) = Dice::rounds(3_000, 3);
    for _ in 0..rounds {
        let text = nearly(&mut dice);
        let mut tree = Tree::new();
        clean(&text, &rules, &mut tree);
        let mut own = String::new();
        written(&tree, 0, tree.nodes().len(), &mut own);
        assert_eq!(outline(&card::html(&tree, &|_| String::new())), own, "{text:?}");
    }
}
