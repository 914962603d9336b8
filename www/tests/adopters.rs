//! The release package as sites adopt it, from packing to pages; what the pages do is tested in `tests/e2e`.

use www::adopters;

#[test]
fn it_is_packed_whole_for_npm_and_for_cargo() -> anyhow::Result<()> {
    adopters::publish()
}

#[test]
fn its_types_take_all_there_is_and_refuse_what_there_is_not() -> anyhow::Result<()> {
    adopters::types()
}

#[test]
fn bundlers_build_it_and_a_server_imports_it() -> anyhow::Result<()> {
    adopters::build().map(drop)
}
