/* SPDX-License-Identifier: MIT */
/* fuzz_jpeg.c - any bytes into the reader of JPEG files (libFuzzer's entry point). */
#include "fuzz/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_picture(lab_jpeg_decode, data, size); }
