/* SPDX-License-Identifier: MIT */
/* fuzz_png.c - any bytes into the reader of PNG files (libFuzzer's entry point). */
#include "fuzz/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_picture(lab_png_decode, data, size); }
