/* SPDX-License-Identifier: MIT */
/* fuzz_tiff.c - any bytes into the reader of TIFF files (libFuzzer's entry point), if the build has one. */
#include "fuzz/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
#if LENET_TIFF
    return fuzz_picture(lab_tiff_decode, data, size);
#else
    (void)data;
    (void)size;
    return 0;
#endif
}
