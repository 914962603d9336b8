#!/bin/sh
# deploy.sh PACKAGE FOLDER: puts a release where readers get it, in an order in which no page is ever without its module.
#
# What a script needs is there before the script: the module (its name holds its hash, so the old one stays beside it),
# then languages, styles and the rest, then the scripts that name them, each replaced at once. Pages that are open, and
# copies of the old scripts in caches, go on with the old module: modules older than ninety days are taken away.
# For a CDN: upload in the same order, and purge nothing.
set -eu
package=$1 folder=$2
mkdir -p "$folder"

put() {
    mkdir -p "$folder/$(dirname "$1")"
    cp "$package/$1" "$folder/$1.part"
    mv "$folder/$1.part" "$folder/$1"
}

cd "$package"
package=$PWD
cd - >/dev/null
for file in "$package"/*.wasm; do
    put "${file##*/}"
done
(cd "$package" && find . -type f ! -name '*.wasm' ! -path ./embed.js ! -path ./index.js) | while read -r file; do
    put "${file#./}"
done
put index.js
put embed.js

find "$folder" -maxdepth 1 -name 'live-article-*.wasm' -mtime +90 | while read -r old; do
    grep -qF "${old##*/}" "$folder/embed.js" "$folder/index.js" || rm "$old"
done
