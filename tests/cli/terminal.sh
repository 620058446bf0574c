#!/bin/bash
# SPDX-License-Identifier: MIT
#
# terminal.sh - on a terminal there is a bar, in the width that there is and at most 6 times a second; colour goes with NO_COLOR.
#
# ctest: single timeout=600
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data fashion-mnist mnist

# The states of the bar, one a line, without what moves the cursor.
bars() { tr '\r' '\n' <"$out" | sed 's/\x1b\[K//g' | grep -E '^epoch [0-9]+/[0-9]+ .* left '; }
widest() { bars | awk '{ if (length($0) > w) w = length($0) } END { print w + 0 }'; }
has_colour() { grep -q $'\033\\[[0-9]' "$out"; }
has_no_colour() { ! has_colour; }

# So many steps that there is something to update on a machine of any speed.
options=(--data "$data" --arch lenet5 --epochs 2 --batch 16 --train-limit 20000)
start=$(date +%s%N)
on_terminal 100 train "${options[@]}"
elapsed=$(($(date +%s%N) - start))
expect_code 0
judge 'a bar' [ "$(bars | grep -c '\[#*\.*\] [0-9,]* images/s  loss [0-9.]*  accuracy [0-9.]* %  left')" -ge 1 ]
judge 'at most 6 updates a second' [ "$(bars | wc -l)" -le $((elapsed * 6 / 1000000000 + 1)) ]
judge 'within the width' [ "$(widest)" -le 99 ]
judge 'colour' has_colour
expect_out 'epoch 2/2 .*validation'

on_terminal 40 train "${options[@]}" --epochs 1
expect_code 0
judge 'within a narrow width' [ "$(widest)" -le 39 ]

NO_COLOR=1 on_terminal 100 train "${options[@]}" --epochs 1
expect_code 0
judge 'no colour under NO_COLOR' has_no_colour

on_terminal 100 train "${options[@]}" --epochs 1 --quiet
judge 'no bar when quiet' [ "$(bars | wc -l)" -eq 0 ]

finish
