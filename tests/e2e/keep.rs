//! What a reader holds goes on through a swap: each test goes red where the node that holds it is built anew.

use anyhow::{Result, ensure};
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::media::{tone, video};
use crate::site::Answer;
use crate::swap::{AUTO, blog, open, put, refresh, rich};

const MORNING: &str = "2016-07-27T10:00:00Z";
const NOON: &str = "2016-07-27T12:00:00Z";

/// A card that swaps at once, with these attributes and children.
fn card(attributes: &str, children: &str) -> String {
    format!(
        "<script async src=\"/pkg/embed.js\"></script>\
         <live-article updates=\"auto\" src=\"/story.jsonld\" {attributes}>{children}</live-article>"
    )
}

async fn swap(bench: &Bench, next: &Value) -> Result<()> {
    let shown = bench.eval("return card().article.modified").await?;
    put(bench, next);
    refresh(bench).await?;
    bench.until(&format!("card().article.modified !== {shown}")).await
}

pub(crate) async fn what_plays_plays_on(bench: &Bench) -> Result<()> {
    bench.site.put("/horn.wav", Answer::new("audio/wav", tone(60)));
    bench.site.put("/drift.webm", Answer::new("video/webm", video(60)));
    let audio = |caption: &str| {
        format!("<figure><audio loop muted src=\"/horn.wav\"></audio><figcaption>{caption}</figcaption></figure>")
    };
    let video = "<video loop muted playsinline width=16 height=16 src=\"/drift.webm\"></video>";
    let (one, two, three) = ("<p>The first ferry.</p>", "<p>A second boat.</p>", "<p>Three of them now.</p>");
    put(bench, &rich(MORNING, &format!("{one}{}{two}{video}{three}", audio("The horn"))));
    open(bench, &card("", "")).await?;
    bench
        .eval(
            "window.media = [...part('body').querySelectorAll('audio, video')]; window.upset = [];
             const silent = one => one.error?.message.startsWith('OnMediaSinkAudioError');
             window.playing = () => media.filter(one => !silent(one));
             for (const one of media) {
               for (const name of ['emptied', 'abort', 'pause', 'error']) one.addEventListener(name, () => silent(one) || upset.push([one.localName, name, one.error?.message ?? ''].join(' ')));
             }
             addEventListener('keydown', () => { for (const one of media) one.play().catch(error => silent(one) || upset.push(String(error))); });",
        )
        .await?;
    // Firefox plays no sound on a machine that has no device for it: the element is kept all the same.
    // Nothing may play before a reader has pressed a key.
    bench.press(Key::Enter).await?;
    bench.until("playing().length && playing().every(one => one.currentTime > 0) || upset.length").await?;
    bench.expect("upset", json!([])).await?;
    // What plays moves on its own line, its caption is edited, and all around it moves.
    swap(bench, &rich(NOON, &format!("<p>New.</p>{three}{video}{one}{}{two}", audio("The horn at dawn")))).await?;
    bench.eval("window.then = media.map(one => one.currentTime)").await?;
    bench.until("playing().every(one => one.currentTime !== then[media.indexOf(one)])").await?;
    bench.expect("upset", json!([])).await?;
    bench.expect("playing().every(one => !one.paused)", json!(true)).await?;
    bench
        .expect("media.map(one => [one.isConnected, one.localName])", json!([[true, "audio"], [true, "video"]]))
        .await?;
    bench
        .expect("[...part('body').querySelectorAll('audio, video')].every(one => media.includes(one))", json!(true))
        .await?;
    bench
        .expect(
            "[...part('body').children].map(({ localName, textContent }) => localName === 'video' ? 'video' : textContent)",
            json!(["New.", "Three of them now.", "video", "The first ferry.", "The horn at dawn", "A second boat."]),
        )
        .await?;
    bench.quiet(0).await
}

pub(crate) async fn a_reader_who_listens_is_not_disturbed(bench: &Bench) -> Result<()> {
    bench.site.put("/horn.wav", Answer::new("audio/wav", tone(60)));
    let body = |word: &str| format!("<p>The ferry {word}.</p><audio loop muted src=\"/horn.wav\"></audio>");
    put(bench, &rich(MORNING, &body("came")));
    open(bench, &card("", "").replace("auto", "quiet")).await?;
    bench.eval("addEventListener('keydown', () => part('body').querySelector('audio').play().catch(() => {}))").await?;
    bench.press(Key::Enter).await?;
    bench.until("!part('body').querySelector('audio').paused").await?;
    put(bench, &rich(NOON, &body("sailed away")));
    refresh(bench).await?;
    bench.until("card().pending").await?;
    bench.expect("part('body').textContent", json!("The ferry came.")).await?;
    bench.eval("part('body').querySelector('audio').pause()").await?;
    bench.until("part('body').textContent === 'The ferry sailed away.'").await?;
    bench.expect("card().pending", json!(null)).await?;
    bench.quiet(0).await
}

pub(crate) async fn frames_in_the_body_keep_their_documents(bench: &Bench) -> Result<()> {
    let frame =
        |name: &str| format!("<iframe title=\"{name}\" width=300 height=40 src=\"/frame.html?{name}\"></iframe>");
    bench.site.put(
        "/frame.html",
        Answer::new(
            "text/html",
            "<!doctype html><title>Chart</title><script>
               const me = [location.search, Math.random()];
               parent.postMessage(['loaded', ...me], '*');
               addEventListener('message', () => parent.postMessage(['alive', ...me], '*'));
             </script>",
        ),
    );
    bench.site.put(
        "/frames.js",
        Answer::new(
            "text/javascript",
            "var told = []; addEventListener('message', ({ data }) => Array.isArray(data) && told.push(data));",
        ),
    );
    let words = ["The first ferry.", "A second boat.", "Three of them now.", "Four at last."];
    let p = |at: usize| format!("<p>{}</p>", words[at]);
    put(bench, &rich(MORNING, &format!("{}{}{}{}{}{}", p(0), frame("one"), p(1), p(2), frame("two"), p(3))));
    open(bench, &format!("<script src=\"/frames.js\"></script>{}", card("embeds=\"127.0.0.1\"", ""))).await?;
    bench.until("told.filter(([what]) => what === 'loaded').length === 2").await?;
    bench.eval("window.frames_ = [...part('body').querySelectorAll('iframe')]; window.first = told.splice(0)").await?;
    // Both have other neighbours afterwards; the second is in front where an engine can move it alive.
    let body = if bench.eval("return !!Element.prototype.moveBefore").await? == json!(true) {
        format!("<p>New.</p>{}{}{}{}{}{}", frame("two"), p(3), p(1), p(0), frame("one"), p(2))
    } else {
        format!("<p>New.</p>{}{}{}{}{}{}", p(3), frame("one"), p(1), p(0), frame("two"), p(2))
    };
    swap(bench, &rich(NOON, &body)).await?;
    bench.expect("frames_.every(frame => frame.isConnected)", json!(true)).await?;
    bench.eval("for (const frame of frames_) frame.contentWindow.postMessage('well?', '*')").await?;
    bench.until("told.filter(([what]) => what === 'alive').length === 2").await?;
    bench
        .expect(
            "told.every(([what, name, number]) => what === 'alive' && first.some(other => other[1] === name && other[2] === number))",
            json!(true),
        )
        .await?;
    bench
        .expect(
            "[...part('body').querySelectorAll('p')].map(({ textContent }) => textContent).slice(0, 2)",
            json!(["New.", words[3]]),
        )
        .await?;
    bench.quiet(0).await
}

pub(crate) async fn what_is_typed_stays_with_focus_and_caret(bench: &Bench) -> Result<()> {
    let body = |new: &str| format!("{new}<p>The first ferry.</p><p>A second boat.</p><p>Three of them now.</p>");
    put(bench, &rich(MORNING, &body("")));
    open(bench, &card("", "<form slot=\"after-1\"><input name=mail><textarea></textarea></form>")).await?;
    let hold = "const input = document.querySelector('input'); input.value = 'ada@paper.example'; input.focus(); input.setSelectionRange(3, 7);
         document.querySelector('textarea').value = 'A longer text';
         window.slot_ = document.querySelector('form').assignedSlot;";
    let held = "(({ value, selectionStart, selectionEnd }) => [value, selectionStart, selectionEnd, document.activeElement.name, document.querySelector('textarea').value])(document.querySelector('input'))";
    bench.eval(hold).await?;
    swap(bench, &rich(NOON, &body("<p>New.</p>"))).await?;
    bench.expect(held, json!(["ada@paper.example", 3, 7, "mail", "A longer text"])).await?;
    // The very slot, now behind the new first paragraph.
    bench.expect("slot_.isConnected && document.querySelector('form').assignedSlot === slot_", json!(true)).await?;
    bench.expect("slot_.previousElementSibling.textContent", json!("New.")).await?;
    bench.quiet(0).await?;

    // The site's own form between the paragraphs of its own markup.
    put(bench, &rich(MORNING, &body("")));
    open(
        bench,
        &card(
            "adopt",
            "<div itemprop=\"articleBody\"><p>The first ferry.</p><form><input name=mail><textarea></textarea></form>\
             <p>A second boat.</p><p>Three of them now.</p></div>",
        ),
    )
    .await?;
    bench.eval(hold).await?;
    bench.eval("window.nodes = [...card().querySelectorAll('*')]").await?;
    swap(bench, &rich(NOON, &body("<p>New.</p>").replace("now", "today"))).await?;
    bench.expect(held, json!(["ada@paper.example", 3, 7, "mail", "A longer text"])).await?;
    bench.expect("nodes.every(node => node.isConnected)", json!(true)).await?;
    bench
        .expect(
            "[...card().querySelector('div').children].map(({ localName, textContent }) => localName === 'p' ? textContent : localName)",
            json!(["New.", "The first ferry.", "form", "A second boat.", "Three of them today."]),
        )
        .await?;
    bench.quiet(0).await
}

pub(crate) async fn focus_stays_on_a_link_of_a_block_that_moves(bench: &Bench) -> Result<()> {
    let (one, two) = ("<p>The first <a href='/one'>ferry</a>.</p>", "<p>A second boat, of another kind.</p>");
    put(bench, &rich(MORNING, &format!("{one}{two}<p>Three of them now.</p>")));
    open(bench, &card("", "")).await?;
    bench.eval("window.link = part('body').querySelector('a'); link.focus()").await?;
    swap(bench, &rich(NOON, &format!("<p>Three of them now.</p><p>New.</p>{two}{one}"))).await?;
    bench.expect("link.isConnected && card().shadowRoot.activeElement === link", json!(true)).await?;
    bench.expect("part('body').lastElementChild.contains(link)", json!(true)).await?;
    bench.quiet(0).await
}

pub(crate) async fn a_selection_may_span_blocks(bench: &Bench) -> Result<()> {
    put(
        bench,
        &rich(
            MORNING,
            "<p>The first ferry.</p><p>A second boat came.</p><p>Three of them now.</p><p>Four at last.</p>",
        ),
    );
    open(bench, &card("", "")).await?;
    bench
        .eval(
            "const [one, two, three, four] = [...part('body').querySelectorAll('p')].map(p => p.firstChild);
             window.ends = [two, four];
             (card().shadowRoot.getSelection?.() ?? getSelection()).setBaseAndExtent(two, 2, four, 4);
             window.spanned = () => {
               const selection = card().shadowRoot.getSelection?.() ?? getSelection();
               const range = selection.getComposedRanges?.({ shadowRoots: [card().shadowRoot] })[0]
                 ?? { startContainer: selection.anchorNode, startOffset: selection.anchorOffset, endContainer: selection.focusNode, endOffset: selection.focusOffset };
               return [range.startContainer === ends[0], range.startOffset, range.endContainer === ends[1], range.endOffset];
             }",
        )
        .await?;
    bench.expect("spanned()", json!([true, 2, true, 4])).await?;
    // Between its ends a block comes, one goes and one is edited; behind its ends so much is edited as well.
    swap(
        bench,
        &rich(NOON, "<p>The very first ferry.</p><p>A second boat went.</p><p>New.</p><p>Four at long last.</p>"),
    )
    .await?;
    bench.expect("spanned()", json!([true, 2, true, 4])).await?;
    bench.expect("ends.map(end => end.data)", json!(["A second boat went.", "Four at long last."])).await?;
    bench.quiet(0).await
}

pub(crate) async fn what_was_opened_stays_open(bench: &Bench) -> Result<()> {
    let body = |new: &str, word: &str| {
        format!(
            "{new}<p>The first ferry {word}.</p><details><summary>More</summary><p>A second boat {word}.</p></details>"
        )
    };
    put(bench, &rich("2016-07-27T09:00:00Z", &body("", "came")));
    open(bench, &card("", "")).await?;
    swap(bench, &rich(MORNING, &body("", "went"))).await?;
    // One in the body, and the card's own.
    bench
        .eval(
            "window.folds = [part('body').querySelector('details'), part('changes')];
             for (const fold of folds) fold.open = true;",
        )
        .await?;
    swap(bench, &rich(NOON, &body("<p>New.</p>", "sailed"))).await?;
    bench.expect("folds.every(fold => fold.isConnected && fold.open)", json!(true)).await?;
    bench
        .expect("part('body').querySelector('details') === folds[0] && part('changes') === folds[1]", json!(true))
        .await?;
    bench.expect("folds[0].textContent.includes('A second boat sailed.')", json!(true)).await?;
    bench.quiet(0).await
}

/// Reads on at an entry in the middle, in the window or in a box that scrolls; `settled` is what became of it, after two
/// frames: an engine that anchors by itself has had its say by then.
const READ_ON: &str = "
window.box_ = document.querySelector('.box') ?? document.scrollingElement;
window.read = card().shadowRoot.getElementById('entry-20').querySelector('p');
read.scrollIntoView(); box_.scrollBy(0, 20);
window.top0 = read.getBoundingClientRect().top;
window.settled = async () => {
  await card().refresh();
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  return [card().article.blocks.length, Math.trunc(read.getBoundingClientRect().top - top0)];
};";

const BOX: &str = "<style>.box { height: 400px; overflow: auto }</style><div class=box>";

const LONG: &str = "Much longer than it was before, by some lines of text at the least, whatever the width may be. ";

pub(crate) async fn nothing_read_moves_wherever_the_change_is(bench: &Bench) -> Result<()> {
    for scroller in ["", BOX] {
        put(bench, &blog(40, |_| ""));
        let around = |card: &str| {
            format!("{scroller}<p style='height: 30px'>Before</p>{card}<p style='height: 3000px'>Behind</p>")
        };
        open(bench, &around(AUTO)).await?;
        bench.eval(READ_ON).await?;
        bench.expect("box_.scrollTop > 500", json!(true)).await?;
        let edits: [fn(u32) -> &'static str; 5] = [
            // One comes above, and one above grows.
            |entry| if entry == 30 { LONG } else { "" },
            // In the entry that is read, above the paragraph that is read.
            |entry| if entry == 20 { "A new paragraph.\n\n" } else { "" },
            // Below, in and out of sight.
            |entry| if entry == 19 || entry == 5 { LONG } else { "" },
            // Above, where one shrinks again and one grows.
            |entry| if entry == 21 { LONG } else { "" },
            // What is read.
            |entry| if entry == 20 { LONG } else { "" },
        ];
        for (number, edit) in (41..).zip(edits) {
            put(bench, &blog(number, edit));
            let settled = bench.eval_async("settled()").await?;
            ensure!(settled == json!([number, 0]), "{scroller:?} {number}: {settled}");
        }
        bench.quiet(0).await?;
    }
    Ok(())
}

pub(crate) async fn nothing_behind_a_card_moves(bench: &Bench) -> Result<()> {
    put(bench, &blog(5, |_| ""));
    open(bench, &format!("{AUTO}<p id=behind style='height: 3000px'>Behind</p>")).await?;
    bench
        .eval(&READ_ON.replace(
            "card().shadowRoot.getElementById('entry-20').querySelector('p')",
            "document.getElementById('behind')",
        ))
        .await?;
    put(bench, &blog(6, |entry| if entry == 3 { LONG } else { "" }));
    let settled = bench.eval_async("settled()").await?;
    ensure!(settled == json!([6, 0]), "{settled}");
    bench.quiet(0).await
}

pub(crate) async fn the_browser_measures_no_layout_shift(bench: &Bench) -> Result<()> {
    put(bench, &blog(100, |_| ""));
    open(bench, AUTO).await?;
    bench
        .eval(
            "window.shift = 0;
             new PerformanceObserver(list => { for (const entry of list.getEntries()) shift += entry.value; }).observe({ type: 'layout-shift' });",
        )
        .await?;
    bench.eval(&READ_ON.replace("entry-20", "entry-50")).await?;
    for number in 101..=120 {
        let edit = |entry| match entry {
            _ if entry + 50 == number => LONG,
            60 if number % 2 == 0 => LONG,
            50 if number % 3 == 0 => "Very ",
            _ => "",
        };
        put(bench, &blog(number, edit));
        let settled = bench.eval_async("settled()").await?;
        ensure!(settled == json!([number, 0]), "{settled}");
    }
    let shift = bench.eval("return shift").await?;
    ensure!(shift.as_f64().is_some_and(|shift| shift < 0.01), "twenty swaps shift the layout by {shift}");
    bench.quiet(0).await
}

/// What a page of random articles is made of, the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % sides) as usize
    }

    fn words(&mut self) -> String {
        const WORDS: [&str; 8] =
            ["ferry", "harbour", "twelve", "the mayor", "on Monday", "was seen", "came in", "late"];
        (0..6).map(|_| WORDS[self.roll(8)]).collect::<Vec<_>>().join(" ")
    }

    /// A top-level element of a body.
    fn element(&mut self) -> String {
        let (one, other) = (self.words(), self.words());
        match self.roll(6) {
            0 => format!("<ul><li>{one}</li><li>{other}</li></ul>"),
            1 => format!("<p>{one} <a href=\"/{}\">{other}</a></p>", self.roll(3)),
            2 => format!("<blockquote><p>{one} <em>{other}</em></p></blockquote>"),
            3 => format!(
                "<figure><img src=\"/{}.png\" alt=\"{other}\"><figcaption>{one}</figcaption></figure>",
                self.roll(3)
            ),
            _ => format!("<p>{one} {other}</p>"),
        }
    }
}

pub(crate) async fn a_swapped_card_is_a_fresh_one_and_keeps_its_nodes(bench: &Bench) -> Result<()> {
    let mut dice = Dice(11);
    put(bench, &rich(MORNING, "<p>To begin with.</p>"));
    open(bench, AUTO).await?;
    // A second card, which has shown nothing before, is what the first must look like.
    bench
        .eval(
            r"
            window.look = of => of.shadowRoot.querySelector('article').outerHTML
              .replace(/<div class=.(ask|line|foot)[^]*?<\/div>/g, '').replace(/ (id|data-mark)=.[^\x22]*\x22| changed(?=\x22)/g, '');
            window.known = new Map();
            window.checked = async () => {
              await card().refresh();
              const nodes = new Map([...card().shadowRoot.querySelectorAll('[part~=block]')].map(node => [node.id, node]));
              const lost = [...nodes].filter(([id, node]) => known.has(id) && known.get(id) !== node && known.get(id).localName === node.localName).map(([id]) => id);
              known = nodes;
              const fresh = document.createElement('live-article');
              fresh.src = card().src;
              const shown = new Promise(done => fresh.addEventListener('live-article-load', done));
              document.body.append(fresh);
              await shown;
              const [is, want] = [look(card()), look(fresh)];
              fresh.remove();
              return [lost, is === want ? '' : is + '\n' + want];
            };",
        )
        .await?;
    let mut blocks: Vec<(usize, String)> = Vec::new();
    let mut last = 0;
    for round in 0..150 {
        let live = round >= 75;
        if round == 75 {
            blocks.clear();
        }
        let mut same = 0;
        while same < blocks.len() {
            match dice.roll(6) {
                0 if blocks.len() > 6 => drop(blocks.remove(same)),
                1 => {
                    let place = dice.roll(blocks.len() as u64);
                    blocks.swap(same, place);
                }
                2 => blocks[same].1 = dice.element(),
                3 => blocks[same].1 = blocks[same].1.replacen("came in", "went", 1),
                _ => {}
            }
            same += 1;
        }
        while blocks.len() < 6 || (blocks.len() < 9 && dice.roll(2) == 0) {
            last += 1;
            let place = dice.roll(blocks.len() as u64 + 1);
            blocks.insert(place, (last, dice.element()));
        }
        let modified = format!("2026-07-27T{:02}:{:02}:00Z", 10 + round / 60, round % 60);
        put(
            bench,
            &if live {
                let updates = blocks.iter().map(|(number, body)| {
                    json!({"@type": "BlogPosting", "@id": format!("entry-{number}"), "datePublished": "2026-07-27T09:00:00Z",
                        "articleBody": format!("{body}<p>Entry {number}</p>")})
                });
                json!({"@type": "LiveBlogPosting", "headline": dice.words(), "dateModified": modified,
                    "liveBlogUpdate": updates.collect::<Vec<_>>()})
            } else {
                rich(&modified, &blocks.iter().map(|(_, body)| body.as_str()).collect::<String>())
            },
        );
        let checked = bench.eval_async("checked()").await?;
        ensure!(checked == json!([[], ""]), "round {round}: {checked}");
        bench.expect("card().article.modified", json!(modified)).await?;
    }
    bench.expect("seen.events.filter(({ event }) => event === 'update').length", json!(150)).await?;
    bench.quiet(0).await
}
