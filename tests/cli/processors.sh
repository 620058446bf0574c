#!/bin/bash
# SPDX-License-Identifier: MIT
#
# processors.sh - no instruction that a processor lacks is ever executed: the program under an emulator of x86-64 processors with and without AVX2 and
# FMA (none that it emulates has AVX-512) shows what it can use, trains to the same weights as here, and refuses by name what it cannot. The emulator
# ends a program that executes an instruction its processor lacks, which is shown first.
#
# ctest: heavy
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"
[ "$(uname -m)" = x86_64 ] || skip 'the processors are of the kind x86-64'
command -v qemu-x86_64 >/dev/null || skip 'no qemu-x86_64 here (tools/install-packages check)'
need_data fashion-mnist mnist
place=$(json "$out" "d['data']['$data']")

# on PROCESSOR COMMAND...: the command on that processor; the emulator's own warnings, about features it leaves out, are dropped.
on()
{
    local status=0
    qemu-x86_64 -cpu "$1" "${@:2}" 2>"$work/words" || status=$?
    grep -v '^qemu-x86_64: warning' "$work/words" >&2
    return $status
}

# Programs of one instruction each.
lone_instruction()
{
    printf '#include <immintrin.h>\nint main(int n, char **v) { (void)v; %s return 0; }\n' "$2" >"$work/$1.c"
    gcc -O0 "-m$1" "$work/$1.c" -o "$work/$1"
}
lone_instruction avx2 'volatile __m256i a = _mm256_set1_epi32(n); a = _mm256_add_epi32(a, a);'
lone_instruction fma 'volatile __m128 a = _mm_set1_ps((float)n); a = _mm_fmadd_ps(a, a, a);'
for case in avx2:Nehalem avx2:max,-avx2 fma:Nehalem fma:max,-fma; do
    on "${case#*:}" "$work/${case%%:*}" >"$out" 2>"$err"
    expect_equal "${case%%:*} on ${case#*:} ends by signal 4, of illegal instructions" $? 132
done
on max "$work/avx2" && on max "$work/fma"
expect_equal 'both on a processor that has them' $? 0


"$root/tests/few-images" "$place" "$work/data/$data" 32 4 || exit 1

# hash ON...: of the weights of two small trainings by the program that the words ON start.
hash()
{
    local smooth=conv:4@5x5:stride=2,tanh,avgpool:2,dense:20,elu,dense:10
    "$@" train --data "$data" --data-dir "$work/data" --threads 2 --epochs 1 --batch 17 --quiet --json </dev/null |
        sed -n 's/.*"weights_sha256": *"\([0-9a-f]*\)".*/\1/p'
    "$@" train --data "$data" --data-dir "$work/data" --threads 2 --epochs 2 --arch "$smooth" --optimizer momentum --quiet --json </dev/null |
        sed -n 's/.*"weights_sha256": *"\([0-9a-f]*\)".*/\1/p'
}

# holds PROCESSOR LIST ISA=REASON...: what the program there says that it uses, its bits, and why it refuses each ISA.
holds()
{
    local processor=$1 list=$2 refusal
    shift 2
    on "$processor" "$LENET" info --json >"$out" 2>"$err"
    expect_equal "instruction sets on $processor" "$(json "$out" "' '.join(d['isa_list'])")" "$list"
    on "$processor" "$LENET" --version >"$out" 2>"$err"
    expect_out "^instructions +${list%% *}( |$)"
    for refusal in "$@"; do
        on "$processor" "$LENET" train --data "$data" --isa "${refusal%%=*}" >"$out" 2>"$err"
        expect_equal "exit code of --isa ${refusal%%=*} on $processor" $? 2
        expect_err "^lenet: --isa ${refusal%%=*}: this machine has no ${refusal#*=}; it can be ${list// /, } "
    done
    expect_equal "weights on $processor" "$(hash on "$processor" "$LENET")" "$truth"
}

truth=$(hash "$LENET")
judge 'two trainings give two hashes' [ ${#truth} -eq 129 ]
holds Haswell 'avx2 scalar' avx512=avx512f
holds SandyBridge scalar avx512=avx512f avx2=avx2
holds max,-fma scalar avx512=avx512f avx2=fma
holds qemu64 scalar avx2=avx2
finish
