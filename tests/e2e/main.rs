//! The card through a real page: WebDriver, the released files, and the real harness.
//!
//! `cargo test -p www --test e2e` runs all engines, with a name only the tests whose names hold it
//! (`-- webkit`, `-- chromium::loader`). An engine's driver starts with its first test.

mod adopters;
mod bench;
mod card;
mod costs;
mod delta;
mod engines;
mod faults;
mod harness;
mod hostile;
mod keep;
mod loader;
mod look;
mod media;
mod pages;
mod poll;
mod recipes;
mod site;
mod start;
mod swap;
mod tabs;

use std::future::Future;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use tokio::runtime::Runtime;
use www::browser::Engine;
use www::{child, pkg};

use bench::Bench;

type Test = for<'a> fn(&'a Bench) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

macro_rules! tests {
    ($($module:ident: $($name:ident)*;)*) => {
        &[$($((concat!(stringify!($module), "::", stringify!($name)), |bench| Box::pin($module::$name(bench)))),*),*]
    };
}

/// What every engine is put to.
const TESTS: &[(&str, Test)] = tests! {
    loader:
        a_tag_with_data_places_a_card
        every_attribute_may_stand_on_the_tag
        a_module_may_be_imported
        strict_policies_are_enough
        any_content_type_will_do
        the_children_stay_when_the_module_cannot_start
        a_second_script_is_harmless
        a_second_version_is_not_used
        the_name_may_be_taken
        the_page_is_left_as_it_was;
    card:
        the_children_stand_until_the_first_load
        the_children_stay_when_the_feed_is_down
        a_new_version_is_swapped_in
        an_equal_answer_touches_nothing
        the_badge_is_the_articles_time
        a_property_set_before_the_upgrade_counts
        fifty_removed_leave_none_alive;
    swap:
        what_the_reader_holds_is_kept
        a_change_of_one_word_touches_one_paragraph
        an_event_tells_of_its_own_version_however_late_it_is_read
        nothing_read_moves_when_entries_come_in_above
        a_swap_waits_for_the_reader_and_says_so
        the_page_can_hold_a_version_and_let_it_go
        corrections_never_wait_and_are_said
        a_slip_put_right_is_not_announced
        a_teaser_never_replaces_the_whole
        an_older_copy_is_refused
        what_the_site_put_between_blocks_stays_alive
        what_the_site_puts_between_blocks_later_stands_there
        the_pages_own_json_ld_is_kept_in_step
        a_fragment_opens_its_block
        a_reader_who_comes_back_is_told_what_is_new
        what_is_withdrawn_is_nowhere_any_more
        the_sites_own_markup_is_kept_in_step
        the_sites_own_live_blog_is_kept_in_step
        a_copy_as_new_as_the_feed_is_not_touched
        each_update_is_said_once
        blocks_past_the_limit_stay_while_they_are_read
        each_card_reads_its_own_entry
        dates_alone_are_nothing_to_wait_for
        a_paused_card_shows_what_it_is_asked_for
        another_article_is_not_told_as_a_change
        the_window_of_a_feed_may_be_short
        what_is_remembered_is_bounded
        the_prompt_covers_no_part_of_a_line;
    keep:
        what_plays_plays_on
        a_reader_who_listens_is_not_disturbed
        frames_in_the_body_keep_their_documents
        what_is_typed_stays_with_focus_and_caret
        focus_stays_on_a_link_of_a_block_that_moves
        a_selection_may_span_blocks
        what_was_opened_stays_open
        nothing_read_moves_wherever_the_change_is
        nothing_behind_a_card_moves
        a_swapped_card_is_a_fresh_one_and_keeps_its_nodes;
    look:
        nothing_overflows_from_240_to_1600_pixels
        text_may_be_spaced_and_doubled
        the_keyboard_reaches_every_control
        every_state_can_be_styled
        every_part_can_be_styled
        a_view_may_change_and_change_back
        every_property_is_followed
        the_sites_own_stands_in_its_slots
        what_axe_does_not_see_has_contrast
        the_playground_writes_what_it_shows
        a_stranger_themes_it_by_properties_and_moves_the_badge_by_a_part
        nothing_moves_when_a_change_is_marked
        the_prompt_covers_no_text;
    hostile:
        no_attack_in_any_field_runs
        the_sites_own_markup_takes_in_no_attack
        a_hostile_page_has_the_card_or_its_own_copy
        a_card_needs_no_storage
        storage_stays_the_sites
        memory_may_run_out
        what_is_loaded_learns_and_gains_nothing
        odd_text_disturbs_nothing_around_it
        text_is_right_in_any_encoding
        no_payload_of_the_corpora_runs
        a_document_that_breaks_the_module_is_skipped
        what_is_too_large_is_stopped;
    harness:
        the_front_page_is_live
        what_is_published_is_shown
        the_desk_publishes_and_the_card_follows_in_place
        an_update_is_added_to_the_live_blog
        a_fault_is_switched_on_and_the_card_goes_on;
    engines:
        the_readme_says_what_this_engine_has;
    start:
        the_servers_copy_is_taken_over_without_a_shift
        a_shadow_tree_of_the_servers_is_honoured
        without_src_the_page_itself_is_polled
        the_story_is_asked_for_beside_the_module
        what_goes_ahead_is_what_the_module_asks_for;
    adopters:
        vite_builds_for_every_framework
        esbuild_leaves_the_modules_address
        a_bundle_without_an_address_says_so;
    costs:
        the_bench_runs_in_the_visitors_browser
        a_poll_that_brings_nothing_costs_nothing
        what_is_known_is_not_read_again;
    pages:
        one_navigation_leads_to_every_page
        the_builder_reads_a_page_and_its_card_follows
        the_builder_says_what_it_does_not_read
        the_builders_snippet_works_as_it_is;
    recipes:
        a_release_is_deployed_under_open_pages
        a_poll_is_no_page_view_and_moves_no_meter
        a_reader_mode_sees_the_servers_copy;
    faults:
        every_answer_is_survived
        bursts_are_waited_out
        an_end_is_one_until_it_is_taken_back
        a_policy_is_told_once;
    poll:
        without_locks_each_tab_asks_for_itself
        a_page_that_is_away_is_silent_and_checks_once
        offline_is_said_and_found_out
        a_thousand_cards_are_no_burden
        the_last_word_counts
        where_a_card_goes_counts
        cards_may_come_from_anywhere
        a_page_is_polled_by_its_own_address;
    tabs:
        fifty_cards_make_one_request
        three_tabs_make_one_request
        who_follows_takes_over
        an_overtaken_answer_is_dropped;
    delta:
        an_update_costs_what_changed
        the_card_does_not_stand_in_the_way;
};

/// What is asked of Chromium alone: its own protocol tells what the others do not, or what is judged (by axe, by a picture)
/// is the same everywhere and slow.
const CHROMIUM: &[(&str, Test)] = tests! {
    swap:
        a_screen_reader_stays_where_it_was;
    keep:
        the_browser_measures_no_layout_shift;
    look:
        axe_finds_nothing_in_articles
        axe_finds_nothing_in_cards
        axe_finds_nothing_in_badges
        motion_and_paper_are_respected
        the_tree_of_names_and_roles_is_on_record
        views_are_as_on_record
        themes_are_as_on_record
        print_and_forced_colors_are_as_on_record;
    costs:
        hours_leave_nothing_behind_and_a_leak_would_be_seen;
    pages:
        axe_finds_nothing_on_any_page;
    poll:
        what_sleeps_in_a_frozen_page_is_dropped
        a_prerendered_page_asks_when_it_is_seen;
    faults:
        what_is_secure_is_not_read_in_the_clear;
};

/// One test may take so long.
const PATIENCE: Duration = Duration::from_secs(300);

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // One session an engine, so one test at a time.
    arguments.test_threads = Some(1);
    if arguments.list {
        return libtest_mimic::run(&arguments, trials(None)).exit_code();
    }
    match set_up() {
        Ok(runtime) => {
            let conclusion = libtest_mimic::run(&arguments, trials(Some(&Arc::new(runtime))));
            conclusion.exit_code()
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn set_up() -> Result<Runtime> {
    child::end_with_us()?;
    pkg::build(pkg::Options::default())?;
    www::bench::build()?;
    Runtime::new().context("the system gives no threads")
}

/// Every test in every engine, engine by engine.
fn trials(runtime: Option<&Arc<Runtime>>) -> Vec<Trial> {
    let mut trials = Vec::new();
    for engine in Engine::ALL {
        let bench = Arc::new(Mutex::new(None));
        let alone = if engine == Engine::Chromium { CHROMIUM } else { &[] };
        for &(name, test) in TESTS.iter().chain(alone) {
            let (bench, runtime) = (bench.clone(), runtime.cloned());
            trials.push(Trial::ignorable_test(format!("{}::{name}", engine.name()), move || {
                if name.ends_with("::no_payload_of_the_corpora_runs") && hostile::corpora().is_none() {
                    return Ok(Completion::ignored_with("set XSS to a folder of payloads to run them"));
                }
                let runtime = runtime.ok_or("not set up")?;
                let mut bench = bench.lock().unwrap_or_else(PoisonError::into_inner);
                runtime.block_on(run(engine, &mut bench, test)).map_err(|error| Failed::from(format!("{error:#}")))?;
                Ok(Completion::Completed)
            }));
        }
    }
    trials
}

/// Runs a test; once more in a new browser if the old one was gone at its end, as WebKit's is now and then.
async fn run(engine: Engine, bench: &mut Option<Bench>, test: Test) -> Result<()> {
    let mut again = true;
    loop {
        let running = match bench {
            Some(bench) => bench,
            None => bench.insert(Bench::start(engine).await?),
        };
        let done = tokio::time::timeout(PATIENCE, test(running)).await.context("took too long");
        let seen = running.seen().await;
        let left = running.leave().await;
        let Err(gone) = left else {
            return done.and_then(|done| done).with_context(|| format!("the page saw {seen}"));
        };
        *bench = None;
        if !again {
            return Err(gone.context("the browser is gone"));
        }
        again = false;
    }
}
