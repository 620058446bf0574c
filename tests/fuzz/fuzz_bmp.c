/* SPDX-License-Identifier: MIT */
/* fuzz_bmp.c - any bytes into the reader of BMP files (libFuzzer's entry point). */
#include "fuzz/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_picture(lab_bmp_decode, data, size); }
