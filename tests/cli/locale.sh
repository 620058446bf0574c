#!/bin/bash
# SPDX-License-Identifier: MIT
#
# locale.sh - a decimal comma in the user's language changes neither what is read nor what is written.
#
# ctest: single timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data fashion-mnist mnist

# A German locale: the system's, or one made here.
if locale -a 2>/dev/null | grep -qi '^de_DE\.utf-\?8$'; then
    { export LC_ALL=de_DE.UTF-8; } 2>/dev/null # the shell itself may have no use for it
elif mkdir "$work/locales" && localedef -i de_DE -f UTF-8 "$work/locales/de_DE.UTF-8" 2>/dev/null; then
    export LOCPATH=$work/locales
    export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 # glibc's newlocale loses a few bytes where LOCPATH is set
    { export LC_ALL=de_DE.UTF-8; } 2>/dev/null # the shell itself may have no use for it
else
    skip "there is no German locale, and none can be made (Debian: locales)"
fi
expect_equal 'the locale is in force' "$(locale decimal_point)" ,

run train --data "$data" --train-limit 320 --epochs 1 --lr 0.0015 --json --quiet --out "$work/a"
expect_code 0
expect_equal 'learning rate' "$(json "$out" "d['epochs'][0]['learning_rate']")" 0.0015
expect_equal 'columns of a row' "$(sed -n 2p "$work/a/history.csv" | tr -cd , | wc -c)" 13
expect_equal 'options in the model' "$(grep -ac '\\"lr\\":0.0015' "$work/a/model.safetensors")" 1
refused 2 '--lr 0,0015: not a number' train --data "$data" --lr 0,0015
run eval "$work/a/model.safetensors"
expect_code 0
expect_out '^accuracy  [0-9]+\.[0-9]+ %'

finish
