# SPDX-License-Identifier: MIT
#
# The front door. The build itself is CMake's (CMakeLists.txt, CMakePresets.json): each target here is a command or two that you could type.
.POSIX:
.PHONY: all deps demo check check-long bench install clean help
PREFIX = /usr/local

all: ; @tools/install-packages --check build
	tools/build release

deps: ; tools/install-packages runtime

demo: ; tools/install-packages runtime && tools/build release lenet && tools/demo

check: ; tools/install-packages check && tools/check

check-long: ; tools/install-packages check && tools/check long

bench: ; tools/install-packages bench && tools/build release && bench/compare

install: all
	cmake --install build/release --prefix $(PREFIX)

clean: ; rm -rf build

help:
	@echo 'make             build build/release/lenet and the library; says what is missing, installs nothing'
	@echo 'make deps        install the packages that are missing, with apt, dnf or brew'
	@echo 'make demo        make deps, build, train LeNet-5 on Fashion-MNIST and show what it learned'
	@echo 'make check       install what the tests need, build, run every test: release, sanitizers, clang'
	@echo 'make check-long  a minute of each fuzz target, and full runs on real data'
	@echo 'make bench       lenet and its peers side by side'
	@echo 'make install     into PREFIX ($(PREFIX))'
	@echo 'make clean       remove build/'
