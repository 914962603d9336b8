//! A live blog of any length about an election that never was: what is measured and tested with.
//!
//! Every word, name, number and picture is drawn by a small generator with a fixed seed, so that it is the same blog
//! each time. An entry brings what a publisher's does: author, publisher, picture and about a thousand letters of text.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// The blog as it stands; entries are added at its head, as publishers do.
#[derive(Clone, Debug)]
pub struct Blog {
    entries: VecDeque<Value>,
    modified: Timestamp,
    draw: Draw,
}

impl Blog {
    /// The blog at the end of its first `entries` minutes, an entry a minute.
    pub fn new(entries: usize) -> Self {
        // 6 May 2027, 20:00 in UTC: the polls have closed.
        let modified = Timestamp::constant(1_809_633_600, 0);
        let mut blog = Self { entries: VecDeque::new(), modified, draw: Draw(11) };
        for _ in 0..entries {
            blog.add();
        }
        blog
    }

    /// A minute later, with one entry more.
    pub fn add(&mut self) {
        self.pass();
        let entry = self.draw.entry(self.modified);
        self.entries.push_front(entry);
    }

    /// A minute later, with one word of one entry written anew, some way down.
    pub fn edit(&mut self) {
        self.pass();
        let at = self.draw.below(self.entries.len().min(40));
        let Some(entry) = self.entries.get_mut(at) else { return };
        entry["dateModified"] = self.modified.to_string().into();
        if let Some(text) = entry["articleBody"].as_str() {
            entry["articleBody"] = text.replacen("said", "repeated", 1).into();
        }
    }

    fn pass(&mut self) {
        self.modified += SignedDuration::from_mins(1);
    }

    /// The document that a newsroom publishes: schema.org `LiveBlogPosting` as JSON-LD, without spare white space.
    pub fn document(&self) -> String {
        json!({
            "@context": "https://schema.org",
            "@type": "LiveBlogPosting",
            "@id": "/stories/count.html",
            "url": "/stories/count.html",
            "headline": "Wendhaven counts: every ward, every table, as it comes",
            "description": "Eleven thousand ballots, nineteen wards and one night. The Courier is in the hall.",
            "author": author("Ida Lindqvist"),
            "publisher": publisher(),
            "datePublished": "2027-05-06T20:00:00Z",
            "dateModified": self.modified.to_string(),
            "coverageStartTime": "2027-05-06T20:00:00Z",
            "coverageEndTime": "2027-05-08T20:00:00Z",
            "isAccessibleForFree": true,
            "liveBlogUpdate": self.entries,
        })
        .to_string()
    }
}

fn publisher() -> Value {
    json!({
        "@type": "NewsMediaOrganization",
        "name": "The Wendhaven Courier",
        "url": "/",
        "logo": {"@type": "ImageObject", "url": "/pictures/courier.png", "width": 600, "height": 60},
    })
}

fn author(name: &str) -> Value {
    json!({"@type": "Person", "name": name, "url": format!("/people/{}", name.to_lowercase().replace(' ', "-"))})
}

fn capital(mut sentence: String) -> String {
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    sentence
}

/// Chance with a memory: the same draws from the same seed (xorshift, Marsaglia 2003).
#[derive(Clone, Debug)]
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // The high half is the better mixed.
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }

    /// A family name of two or three syllables that nobody bears.
    fn name(&mut self) -> String {
        let mut name = self.of(FIRST).to_owned();
        for _ in 0..=self.below(2) {
            name.push_str(self.of(MIDDLE));
        }
        name + self.of(LAST)
    }

    fn sentence(&mut self) -> String {
        let (who, name, place, ward) = (self.of(WHO), self.name(), self.of(PLACES), self.name());
        let (votes, of) = (40 + self.below(900), 1000 + self.below(1800));
        let (does, thing, when, how) = (self.of(DOES), self.of(THINGS), self.of(WHEN), self.of(HOW));
        match self.below(6) {
            0 => format!("{who} {does} {thing} {place} {when}, {name} said, {how}."),
            1 => format!("{ward} has {votes} of {of} ballots counted; {who} {does} {thing} {when}."),
            2 => format!("“We {does} {thing} {when},” said {name}, {how}, {place}."),
            3 => format!("{when}, {name} of {ward} {does} {thing} {place}."),
            4 => format!("With {votes} votes to {of}, {name} leads {ward}, {how}, and {who} {does} {thing}."),
            _ => format!("{who} said that {name} {does} {thing} {place}, {how}, {when}."),
        }
    }

    fn entry(&mut self, at: Timestamp) -> Value {
        let id = format!("{:012x}", self.next());
        let body: Vec<_> = (0..3)
            .map(|_| {
                let sentences: Vec<_> = (0..3 + self.below(2)).map(|_| capital(self.sentence())).collect();
                format!("<p>{}</p>", sentences.join(" "))
            })
            .collect();
        let reporter = self.of(REPORTERS);
        json!({
            "@type": "BlogPosting",
            "inLanguage": "en-GB",
            "articleSection": "Elections",
            "isPartOf": "/stories/count.html",
            "@id": format!("/stories/count.html#{id}"),
            "url": format!("/stories/count.html#{id}"),
            "headline": format!("{} {} {}", self.name(), self.of(DOES), self.of(THINGS)),
            "datePublished": at.to_string(),
            "dateModified": at.to_string(),
            "author": author(reporter),
            "publisher": publisher(),
            "image": {
                "@type": "ImageObject",
                "url": format!("/pictures/{:012x}{:012x}.jpg", self.next(), self.next()),
                "width": 1200,
                "height": 675,
                "caption": format!("{} {}", self.name(), self.of(PLACES)),
                "creditText": "Maren Tveit / Northlight Pictures",
            },
            "articleBody": body.concat(),
        })
    }
}

const REPORTERS: &[&str] = &["Ida Lindqvist", "Rafe Donnelly", "Maren Tveit", "Osric Hale", "Una Brandt"];
const FIRST: &[&str] = &[
    "Al", "Bar", "Cor", "Dun", "El", "Fair", "Gar", "Hol", "In", "Jar", "Kel", "Lin", "Mor", "Nor", "Os", "Pel",
    "Quin", "Ros", "Sand", "Tar", "Ul", "Var", "Win", "Yar",
];
const MIDDLE: &[&str] = &["a", "be", "der", "el", "in", "ke", "la", "men", "o", "ri", "sten", "ver"];
const LAST: &[&str] = &[
    "berg", "by", "combe", "dale", "fell", "gate", "ham", "holm", "kirk", "ley", "lund", "mark", "ness", "ridge",
    "stad", "thorpe", "ton", "vik", "wick", "worth",
];
const WHO: &[&str] = &[
    "the returning officer",
    "a clerk of the third table",
    "the harbour party",
    "an agent of the mayor's list",
    "the count's oldest observer",
    "the printers' ward",
    "a teacher with a torch",
    "the night porter",
    "the bridge committee",
    "a candidate in wet shoes",
    "the ferry crews",
    "the hall's caretaker",
    "the letter counters",
    "two of the scrutineers",
    "the outgoing council",
    "a student with a thermos",
];
const DOES: &[&str] = &[
    "counted",
    "signed for",
    "asked about",
    "sealed",
    "carried",
    "disputed",
    "weighed",
    "confirmed",
    "set aside",
    "read out",
    "withdrew",
    "photographed",
    "doubted",
    "found",
    "recounted",
    "sorted",
    "noticed",
    "queried",
    "praised",
    "returned",
    "stacked",
    "corrected",
    "opened",
    "checked",
];
const THINGS: &[&str] = &[
    "the postal ballots",
    "a box without a number",
    "the tally for the mole",
    "forty spoiled papers",
    "the second preference",
    "a bundle tied in green",
    "the register of absences",
    "the chalk board",
    "the late ferry's votes",
    "a seal that was broken",
    "the difference of nine",
    "the list from the Lower Town",
    "a ballot in pencil",
    "the figures of the east wards",
    "the key of the strong room",
    "an old complaint",
    "the first declared result",
    "a promise from the spring",
    "the recount's rules",
    "a page of initials",
    "the turnout of the islands",
    "the provisional total",
    "a margin under one percent",
    "the tea and the timetable",
];
const PLACES: &[&str] = &[
    "at the customs house",
    "by the north door",
    "under the gallery",
    "on Cooper Street",
    "in the sports hall",
    "behind the fish market",
    "beside the organ",
    "at table seven",
    "on the town hall steps",
    "in the old pump room",
    "across the water",
    "near the tram stop",
    "in the press pen",
    "at the lock",
    "on the quay",
    "outside the bakery",
];
const WHEN: &[&str] = &[
    "before midnight",
    "a little after one",
    "while it rained",
    "for the third time",
    "in the last ten minutes",
    "as the lights came back",
    "between two bells",
    "to some applause",
    "without a word",
    "once the boxes were in",
    "earlier than planned",
    "after a short adjournment",
    "under the eyes of both sides",
    "by hand",
    "in good order",
    "with the doors shut",
];
const HOW: &[&str] = &[
    "and smiled",
    "who has done this since 1987",
    "reading from a card",
    "not for the first time",
    "with some relief",
    "to nobody in particular",
    "leaning on a rolled umbrella",
    "who would not be drawn",
    "looking at the clock",
    "and then said it again",
    "in a borrowed coat",
    "over the noise of the fans",
    "choosing each word",
    "to laughter from the gallery",
    "with a pencil behind one ear",
    "which settles little",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_large_as_a_real_one_and_the_same_each_time() {
        let mut blog = Blog::new(400);
        let document = blog.document();
        assert!((830_000..=850_000).contains(&document.len()), "{} bytes", document.len());
        assert_eq!(Blog::new(400).document(), document);
        blog.add();
        assert!(blog.document().len() > document.len() + 1000);
        blog.edit();
        assert_eq!(blog.entries.len(), 401);
        assert!(blog.document().contains("repeated"));
    }
}
