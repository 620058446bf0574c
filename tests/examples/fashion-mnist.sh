# SPDX-License-Identifier: MIT
#
# fashion-mnist.sh - read by tests that train on Fashion-MNIST: ends the test as skipped where the data is not. Data that is here and does not
# load is no reason to skip.
# shellcheck shell=sh
if "$LENET" data check fashion-mnist 2>&1 | grep -q ': not found: '; then
    echo 'skipped: Fashion-MNIST is not on this machine (Debian: dataset-fashion-mnist; or: lenet data get fashion-mnist)'
    exit 77
fi
