/* SPDX-License-Identifier: MIT */
/* base64.c - see base64.h. */
#include "lab/text/base64.h"

#include <stdint.h>

void lab_append_base64(lab_text *out, const void *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *b = bytes;
    for (size_t i = 0; i < size; i += 3) {
        const uint32_t bits =
            (uint32_t)b[i] << 16 | (i + 1 < size ? (uint32_t)b[i + 1] << 8 : 0) | (i + 2 < size ? b[i + 2] : 0);
        const char four[] = {digits[bits >> 18], digits[bits >> 12 & 63], i + 1 < size ? digits[bits >> 6 & 63] : '=',
                             i + 2 < size ? digits[bits & 63] : '='};
        lab_append_bytes(out, four, 4);
    }
}
