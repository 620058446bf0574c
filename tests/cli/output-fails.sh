#!/bin/bash
# SPDX-License-Identifier: MIT
#
# output-fails.sh - standard output that is closed, full, or no longer read; standard error that is closed. Nothing is lost silently, and a
# file never receives what was meant for a stream.
#
# ctest: timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"

full() { "$LENET" "$@" >/dev/full 2>"$err" </dev/null; code=$?; ran="$* >/dev/full"; : >"$out"; }
closed() { "$LENET" "$@" >&- 2>"$err" </dev/null; code=$?; ran="$* >&-"; : >"$out"; }

if [ -c /dev/full ]; then
    for arguments in --help --version info 'info --json' 'train --help'; do
        # shellcheck disable=SC2086 # several words
        full $arguments
        expect_code 5
        expect_err '^lenet: standard output: writing failed: No space left'
    done
fi
for arguments in --help info; do
    closed $arguments
    expect_code 5
    expect_err '^lenet: standard output: writing failed'
done

# A reader that has seen enough ends the program as it ends others, without a word.
ran='train --help | head -n 1'
"$LENET" train --help 2>"$err" | head -n 1 >"$out"
code=${PIPESTATUS[0]}
judge 'ended by SIGPIPE, or done before' [ "$code" -eq 141 -o "$code" -eq 0 ]
expect_no_err

need_data fashion-mnist mnist
options=(--data "$data" --arch "$small" --train-limit 320 --epochs 1 --quiet)

# The files of a run do not depend on whether its summary could be printed.
closed train "${options[@]}" --out "$work/a"
expect_code 5
expect_err 'standard output: writing failed'
judge 'the record is whole' [ "$(json "$work/a/run.json" "d['status']")" = finished ]
if [ -c /dev/full ]; then
    full train "${options[@]}" --out "$work/b" --json
    expect_code 5
    judge 'the same model' cmp "$work/a/model.safetensors" "$work/b/model.safetensors"
fi

# Progress that nobody can receive costs nothing.
ran='train 2>&-'
"$LENET" train --data "$data" --arch "$small" --train-limit 320 --epochs 1 --out "$work/c" >"$out" 2>&- </dev/null
code=$?
: >"$err"
expect_code 0
judge 'the same model' cmp "$work/a/model.safetensors" "$work/c/model.safetensors"
ran='train 2>&1 >... | (closed at once)'
"$LENET" train --data "$data" --arch "$small" --train-limit 320 --epochs 2 --out "$work/d" 2>&1 >"$out" | true
code=${PIPESTATUS[0]}
expect_code 0
judge 'a record' [ -s "$work/d/run.json" ]

# Every stream closed: files are still files.
"$LENET" train "${options[@]}" --out "$work/e" <&- >&- 2>&-
code=$?
ran='train <&- >&- 2>&-'
expect_code 5
judge 'the same model' cmp "$work/a/model.safetensors" "$work/e/model.safetensors"

# A file that cannot grow is an error with the file's name, and the older one stays.
if [ "$(uname)" = Linux ]; then
    sum=$(sha256sum <"$work/a/model.safetensors")
    ran='train with ulimit -f 4'
    (ulimit -f 4 && trap '' XFSZ && exec "$LENET" train "${options[@]}" --seed 9 --out "$work/a" --force) >"$out" 2>"$err" </dev/null
    code=$?
    expect_code 5
    expect_err 'checkpoint.safetensors: writing failed: File too large'
    expect_equal 'older model' "$(sha256sum <"$work/a/model.safetensors")" "$sum"
    expect_equal 'nothing half written' "$(ls -A "$work/a")" "$(printf 'history.csv\nmodel.safetensors\nrun.json')"

    ran='train with ulimit -f 4, in a new folder'
    (ulimit -f 4 && trap '' XFSZ && exec "$LENET" train "${options[@]}" --out "$work/new") >"$out" 2>"$err" </dev/null
    code=$?
    expect_code 5
    expect_err 'model.safetensors: writing failed: File too large'
    judge 'nothing half written' [ ! -e "$work/new" ]

    # The same where the model would fit and the checkpoint, which is larger, does not: a part of a run replaces no whole one.
    sum=$(sha256sum "$work/a"/*)
    ran='train with ulimit -f 12'
    (ulimit -f 12 && trap '' XFSZ && exec "$LENET" train "${options[@]}" --epochs 5 --seed 9 --out "$work/a" --force) >"$out" 2>"$err" </dev/null
    code=$?
    expect_code 5
    expect_err 'checkpoint.safetensors: writing failed: File too large'
    expect_err '/a has the results of a run that ended before, and they stay$'
    expect_equal 'older results' "$(sha256sum "$work/a"/*)" "$sum"
fi

finish
