#!/bin/bash
# SPDX-License-Identifier: MIT
#
# completion.sh - the completion scripts: what bash offers for a command line, and that zsh and fish can read theirs. The scripts are
# compared with the help, so an option or a name that the program has cannot be missing.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"

# offers WORD...: what bash offers for the last word, in a sorted line
offers()
{
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    COMPREPLY=()
    _lenet
    printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' ' | sed 's/ $//'
}

# expect_offers EXPECTED WORD...: exactly these
expect_offers() { ran="${*:2}" && expect_equal "completion of '${*:2}'" "$(offers "${@:2}")" "$1"; }

for shell in bash zsh fish; do
    run completion "$shell"
    expect_code 0
    expect_no_err
    expect_plain
    cp "$out" "$work/$shell"
    command -v "$shell" >/dev/null || echo "no $shell here: its script is not read by it"
done
! command -v zsh >/dev/null || judge 'zsh should read its script' zsh -n "$work/zsh"
! command -v fish >/dev/null || judge 'fish should read its script' fish -n "$work/fish"
! command -v shellcheck >/dev/null || judge 'shellcheck of the script of bash' shellcheck -s bash --severity=warning "$work/bash"
judge 'bash should read its script' bash -n "$work/bash"
refused 2 "unknown shell 'tcsh'; it can be bash, zsh, fish" completion tcsh

# shellcheck source=/dev/null
. "$work/bash"
judge 'the script should register itself' grep -q -- '-F _lenet lenet' <<<"$(complete -p lenet)"
expect_offers 'train' lenet tr
expect_offers '--help check get list' lenet data ''
expect_offers 'diff' lenet runs d
expect_offers 'fashion-mnist' lenet data get f
expect_offers '--optimizer --out' lenet train --o
expect_offers 'adagrad adagrad-pytorch adam adam-pytorch adamw adamw-pytorch' lenet train --optimizer ad
expect_offers 'none test val' lenet train --keep-best ''
expect_offers 'none test val' lenet train --keep-best = ''
expect_offers 'test' lenet train --keep-best = te
expect_offers 'symmetric-cross-entropy' lenet train --loss sy
expect_offers '' lenet train --seed ''
expect_offers 'bash fish zsh' lenet completion ''
expect_offers 'train' lenet help tr
judge 'no command for the making of the project' eval '! offers lenet "" | grep -q manual'

# Files where a file is wanted, folders where a folder is.
mkdir -p "$work/files/folder"
touch "$work/files/file.yaml"
cd "$work/files" || exit 1
expect_offers 'file.yaml folder' lenet train --config f
expect_offers 'folder' lenet train --out f
expect_offers 'fashion-mnist folder' lenet train --data f
expect_offers 'file.yaml folder' lenet eval f
expect_offers 'assignment file.yaml folder lenet-report' lenet study run ''
expect_offers 'assignment' lenet report --study a
cd "$root" || exit 1

# Each subcommand's options are those of its help, in all three scripts.
for command in 'data list' 'data get' 'data check' 'study run' 'study plan' 'study list' 'runs list' 'runs show' 'runs diff' 'runs export' \
    'runs gc' train eval predict report bench info; do
    # shellcheck disable=SC2086 # two words
    run $command --help-all
    options=$(grep -oE '^  --[a-z-]+' "$out" | tr -d ' ' | sort | tr '\n' ' ' | sed 's/ $//')
    # shellcheck disable=SC2086
    expect_offers "$options" lenet $command --
    for option in $options; do
        [ "$option" = --help ] || [ "$option" = --help-all ] || judge "fish: $command $option" grep -q -- "in $command' -l ${option#--} " "$work/fish"
        judge "zsh: $command $option" grep -q -- "'$option\\[" "$work/zsh"
    done
done

finish
