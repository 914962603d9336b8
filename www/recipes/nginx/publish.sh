#!/bin/sh
# publish.sh FOLDER STORY FILE: makes FILE the newest version of /stories/STORY.jsonld in the folder that nginx serves.
#
# The last eight versions are kept in FOLDER/versions, and the difference from each to the newest, itself included, in
# FOLDER/differences; both are there before the story is, and all of them at once. WWW names the program that makes
# them, `cargo run --release -p www --` in a checkout. Not for two publications of one story in the same second.
set -eu
folder=$1 story=$2 file=$3
www=${WWW:-www}

versions=$folder/versions/$story
stories=$folder/stories
differences=$folder/differences/stories
mkdir -p "$versions" "$stories" "$differences"

newest=$versions/$(date +%s%N).jsonld
cp "$file" "$newest"
# The shell sorts names, so the oldest come first.
set -- "$versions"/*
while [ $# -gt 8 ]; do
    rm "$1"
    shift
done

next=$(mktemp -d "$differences/.$story.XXXXXX")
chmod 755 "$next"
for old; do
    $www delta "$old" "$newest" -o "$next"
done
last=$(readlink "$differences/$story.jsonld" || true)
ln -s "$(basename "$next")" "$next.link"
mv -T "$next.link" "$differences/$story.jsonld"
cp "$file" "$stories/.$story.part"
mv "$stories/.$story.part" "$stories/$story.jsonld"
if [ -n "$last" ]; then
    rm -r "${differences:?}/$last"
fi
