#!/bin/bash
# SPDX-License-Identifier: MIT
#
# usage-errors.sh - every mistake on a command line is refused with exit code 2, in one line that names it, before anything is done.
# shellcheck source=tests/cli/expect.sh
. "$(dirname "$0")/expect.sh"

train() { refused 2 "$1" train --data mnist --out "$work/never" "${@:2}"; }

refused 2 'a command is missing'
refused 2 "unknown command 'trian'; did you mean 'lenet train'\?" trian
refused 2 "unknown command 'xyzzy'" xyzzy

refused 2 '--data NAME is missing' train
refused 2 '--data mnits: .*did you mean mnist\?' train --data mnits
refused 2 '--data  : neither a data set' train --data ' '
train 'unknown option --epoch; did you mean --epochs\?' --epoch 3
train 'unknown option --learning-rate' --learning-rate 3
train 'unknown option -e' -e 3
train "unexpected argument 'extra'" extra
train "unexpected argument '--epochs'" -- --epochs
train "unexpected argument 'mnist'; did you mean 'lenet train --data mnist'" mnist
refused 2 "unexpected argument 'MNIST'; did you mean 'lenet train --data mnist'" train MNIST
refused 2 "unexpected argument 'extra'" train extra
refused 2 "unexpected argument 'kmnist'; did you mean 'lenet bench --data kmnist'" bench kmnist
train '--epochs: its value N is missing' --epochs

# Capital or small letters do not matter in names: the values are taken, and the next mistake is found.
for value in MNIST Fashion-MNIST CIFAR10; do
    refused 2 '--epochs 0: out of range' train --data "$value" --epochs 0
done
train '--epochs 0: out of range' --optimizer Adam --loss Cross-Entropy --keep-best VAL --arch LeNet5 --epochs 0
refused 3 'mnist: not found' data check MNIST --data-dir "$work"
mkdir -p "$work/MNIST/one" # a folder of that name is meant as it is
cd "$work" || exit 1
refused 3 'MNIST' train --data MNIST
cd "$root" || exit 1
rm -r "$work/MNIST"
train '--epochs: its value N is missing before --batch' --epochs --batch 3
train '--quiet .*takes no value' --quiet=yes
train '--out .*must not be empty' --out=

for value in -1 0 1000001 99999999999999999999; do
    train "--epochs $value: .*1\.\.1000000" --epochs "$value"
done
for value in 1.5 1e3 0x10 ten '' ' 3' '3 ' 3x +; do
    train '--epochs .*not a whole number' --epochs "$value"
done
for value in 0 65537 -5; do
    train "--batch $value: .*1\.\.65536" "--batch=$value"
done
for value in nan NaN -nan inf -inf infinity 1e-3x 0x1p-3 '' ' 1' 1,5 . e5 1e; do
    train '--lr .*not a number' --lr "$value"
done
for value in 0 -1 -0.0; do
    train "--lr $value: out of range" --lr "$value"
done
train '--lr 1e999: more than a number can hold' --lr 1e999
train '--decay 0: out of range' --decay 0
train '--momentum 1: out of range, must be 0 <= X < 1' --momentum 1
train '--val-split 1: out of range' --val-split 1
train '--val-split -0.1: out of range' --val-split -0.1
train '--seed 18446744073709551616: out of range' --seed 18446744073709551616
train '--seed -1: out of range' --seed -1
train '--threads 0: .*1\.\.256' --threads 0
train '--threads 257: ' --threads 257
train '--train-limit 0: ' --train-limit 0
train '--isa sse9: unknown.*scalar' --isa sse9
case $(uname -m) in x86_64) foreign=neon at=aarch64 ;; *) foreign=avx2 at=x86-64 ;; esac
train "--isa $foreign: it is for $at alone; it can be .*scalar" --isa "$foreign"
train '--optimizer adma: .*did you mean adam\?' --optimizer adma
train '--init zeros: .*glorot-uniform' --init zeros
train '--loss gcd: .*did you mean gce\?' --loss gcd
train 'loss gce:2: q: 2 is not between 0.01 and 1' --loss gce:2
train 'loss forward: .*noise-matrix' --loss forward
train 'noise-matrix: only the loss forward' --noise-matrix matrix.txt
train 'noise-matrix: only the loss forward' --noise-matrix estimate
train '--keep-best best: .*val, test, none' --keep-best best

# An architecture that does not fit is refused with the layer and the shape there, and before any data are looked for.
train '--arch: .*lenet6.*did you mean lenet5\?' --arch lenet6
train '--arch: .*layer 1.*conv:8@40x40.*1x28x28' --arch conv:8@40x40,dense:10
train '--arch: .*dense' --arch conv:8@3x3,relu
train '--arch: ' --arch dense:11
train '--arch: ' --arch ,
train '--arch: .*layer 3' --arch maxpool:2,relu,maxpool:99,dense:10
train '--arch: ' --arch 'conv:99999999999999999999@3x3,dense:10'
train '--arch: .*no square.*stride' --arch maxpool:3x2,dense:10
train '--arch: .*needs its rate' --arch dropout,dense:10
train '--arch: .*batchnorm has no option .epsilon.' --arch batchnorm:epsilon=1,dense:10

# What varies an architecture must find something to vary.
train '--activation swish: .*relu, leaky-relu' --activation swish
train '--activation tanh: .*no activation' --arch dense:10 --activation tanh
train '--arch: .*alpha must be a number from 0 to 100' --activation elu:alpha=-1
train '--dropout 0.5: .*no hidden dense layer' --arch relu,dense:10 --dropout 0.5
train '--dropout 1: out of range' --dropout 1
train 'init he-normal:2: .*too many' --init he-normal:2
train 'init-bias constant:x: .*not a number' --init-bias constant:x

refused 2 'an argument is missing: lenet eval MODEL' eval
refused 3 "a: cannot be opened" eval a b
refused 2 '--split tset: .*did you mean test\?' eval model --split tset
refused 2 "unexpected argument 'x'" info x
refused 2 'unknown option --jsn; did you mean --json\?' info --jsn

# What a user typed is shown, but never sent to the terminal raw.
run train --data $'mn\033[31mist\n'
expect_code 2
judge 'no control characters in a complaint' is_plain "$err"
judge 'one line' is_one_line "$err"

finish
