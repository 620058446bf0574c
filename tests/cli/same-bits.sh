#!/bin/bash
# SPDX-License-Identifier: MIT
#
# same-bits.sh - the promise of the project, on real images: two epochs end in the same weights, whatever the threads, the instruction set, the compiler
# and its optimisation, for batches of 1, 17, 32 and 100 images, with a last batch that is short. tests/golden/test_hashes.c holds the
# same for made images against hashes that never change.
#
# ctest: heavy timeout=1500
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
need_data mnist fashion-mnist

# hash PROGRAM BATCH OPTION...: of the weights after two epochs; 349 images, of which 35 are held out, leave a short batch at every size.
hash()
{
    local program=$1 batch=$2
    shift 2
    "$program" train --data "$data" --train-limit 349 --epochs 2 --batch "$batch" --quiet --json "$@" </dev/null 2>&1 |
        sed -n 's/.*"weights_sha256": *"\([0-9a-f]*\)".*/\1/p'
}

# other COMPILER FLAGS: a program built so, in $built; or a failed expectation.
other()
{
    built=$work/build/lenet
    judge "the program should build with $1 $2" build_other "$1" "$2"
}

build_other()
{
    rm -rf "$work/build"
    cmake -S "$root" -B "$work/build" -DCMAKE_C_COMPILER="$1" -DCMAKE_BUILD_TYPE=Release "-DCMAKE_C_FLAGS_RELEASE=$2" -DLENET_TESTS=OFF \
        >"$work/build.log" 2>&1 && cmake --build "$work/build" --target lenet --parallel 2 >>"$work/build.log" 2>&1
}

declare -A truth
for batch in 1 17 32 100; do
    truth[$batch]=$(hash "$LENET" "$batch" --threads 1)
    judge "batch $batch should give a hash" [ ${#truth[$batch]} -eq 64 ]
    for threads in 2 3 4; do
        expect_equal "batch $batch, $threads threads" "$(hash "$LENET" "$batch" --threads "$threads")" "${truth[$batch]}"
    done
    for isa in $("$LENET" info --json | sed -n '/"isa_list"/,/\]/s/^ *"\([a-z0-9]*\)",*$/\1/p'); do
        expect_equal "batch $batch, $isa" "$(hash "$LENET" "$batch" --isa "$isa")" "${truth[$batch]}"
    done
done
expect_equal 'another seed gives other weights' "$([ "$(hash "$LENET" 32 --seed 2)" != "${truth[32]}" ] && echo other)" other

for compiler in gcc clang; do
    command -v "$compiler" >/dev/null || { echo "note: no $compiler here"; continue; }
    for flags in -O0 -O3; do
        other "$compiler" "$flags" || continue
        expect_equal "$compiler $flags, batch 17" "$(hash "$built" 17)" "${truth[17]}"
        expect_equal "$compiler $flags, batch 100" "$(hash "$built" 100)" "${truth[100]}"
    done
done
finish
