#!/bin/bash
# SPDX-License-Identifier: MIT
#
# help.sh - what the program says of itself: help with the examples first, the defaults that are in use, the version, and a manual page that
# has the options of the program.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"

line_of() { grep -nE -m 1 -- "$1" "$out" | cut -d: -f1; }
comes_before() { [ -n "$(line_of "$1")" ] && [ -n "$(line_of "$2")" ] && [ "$(line_of "$1")" -lt "$(line_of "$2")" ]; }
is_narrow() { ! grep -vE '^  lenet ' "$out" | grep -qE '^.{121}'; }

run --help
expect_code 0
expect_no_err
expect_out '^usage: lenet COMMAND'
judge "examples before commands" comes_before '^examples' '^commands'
for command in data train eval show predict study runs bench info; do
    expect_out "^  $command +[a-z]"
done
expect_plain

run -h
expect_code 0

run data --help
expect_code 0
expect_plain
for command in 'data list' 'data get' 'data check' 'study run' 'study plan' 'study list' 'runs list' 'runs show' 'runs diff' \
    'runs export' 'runs gc' train eval show predict bench info; do
    # shellcheck disable=SC2086 # two words
    run $command --help
    expect_code 0
    expect_no_err
    expect_plain
    expect_out "^usage: lenet $command "
    expect_out "^  lenet $command"
    judge "$command: examples before options" comes_before '^examples' '^options'
    judge "$command: lines fit" is_narrow
    cp "$out" "$work/help"
    # shellcheck disable=SC2086
    run help $command
    judge "lenet help $command: as --help" cmp -s "$out" "$work/help"
done

# The manual page has the options as the help has them, each once, and no others.
judge 'docs/lenet.1 should have the options of the program (tools/manual)' "$root/tools/manual" --check
for option in train:--epochs bench:--quick 'runs gc:--days' 'data get:--stall'; do
    page=$(sed -n "/^\.\\\\\" options of ${option%:*}\$/,/^\.\\\" end$/p" "$root/docs/lenet.1")
    judge "lenet.1 should have ${option#*:} under ${option%:*}" grep -qF "Fl ${option#*:-}" <<<"$page"
done
sed 's/^passes over the training images.*/another text/' "$root/docs/lenet.1" >"$work/lenet.1"
mkdir "$work/docs" && mv "$work/lenet.1" "$work/docs"
judge 'tools/manual should refuse a page with another text' eval '! (cd "$work" && "$root/tools/manual" --check)' >"$out" 2>&1
rm -r "$work/docs"

# Each name that a setting takes is explained in docs/recipe.md.
run train --help-all
for name in $(sed -n '/^optimizers$/,$p' "$out" | grep -oE '^  [a-z][a-z0-9-]+' | sort -u); do
    judge "docs/recipe.md should have the name $name" grep -qF "\`$name\`" "$root/docs/recipe.md"
done

# The help wins over mistakes beside it, and an argument after -- is not an option.
run train --batch 0 --help
expect_code 0
run eval -- --help
expect_code 3

# `train --help` has what most people need, and says where the rest is.
run train --help
expect_equal 'options of the short help' "$(grep -cE '^  --' "$out")" 17 # fifteen, --help and --help-all
expect_out "lenet train --help-all' has all"
judge 'the short help has no section of names' eval '! grep -q ^optimizers "$out"'
cp "$out" "$work/help"
run help
expect_code 0
expect_out '^usage: lenet COMMAND'
run help trian
expect_code 2
expect_err "did you mean 'lenet train'"

# Defaults are those of the library. Options stand under headings, each option once.
run train --help-all
expect_code 0
judge 'the long help has each option of the short one' eval \
    '! grep -oE "^  --[a-z-]+" "$work/help" | grep -vxF -f <(grep -oE "^  --[a-z-]+" "$out")'
for heading in data network training validation output 'recipe and repeats' machine; do
    expect_out "^options: $heading\$"
done
expect_equal 'headings' "$(grep -c '^options: ' "$out")" "$(grep '^options: ' "$out" | sort -u | wc -l)"
expect_equal 'options' "$(grep -oE '^  --[a-z-]+' "$out" | sort | uniq -d)" ''
for default in '--epochs N .*\(1..1000000; default' '--batch N .*default 32\)' '--seed N .*default 1\)' '--momentum X .*0 <= X < 1; default 0.9\)'; do
    expect_out "$default"
done
expect_out '^  lenet5-valid +[a-z]'
expect_out '^  momentum +'
expect_out '^  glorot-uniform +'

run --version
expect_code 0
expect_no_err
version=$(sed -n 's/^#define LENET_VERSION "\(.*\)"/\1/p' "$root/include/lenet/lenet.h")
expect_equal 'first line' "$(head -n 1 "$out")" "lenet $version"
expect_out '^compiler +(gcc|clang) [0-9]'
expect_out '^instructions +(scalar|avx2|avx512|neon)'
expect_out 'jansson [0-9]'
expect_out 'libdeflate [0-9]'

cp "$out" "$work/version"
run version
expect_code 0
judge 'lenet version: as --version' cmp -s "$out" "$work/version"

run info
expect_code 0
expect_out '^processors +[1-9]'
expect_out '^instructions +[a-z0-9]+ \(used\)'
expect_out 'fashion-mnist'
expect_out '^images +PNG, JPEG, BMP'
expect_plain

finish
