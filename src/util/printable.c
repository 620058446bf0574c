/* SPDX-License-Identifier: MIT */
/* printable.c - see printable.h. */
#include "util/printable.h"

#include <string.h>

/* The code of a sound UTF-8 sequence of `length` bytes; UINT32_MAX: it is none. */
static uint32_t decode(const unsigned char *bytes, size_t length)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t code = bytes[0] & (0xffU >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80) /* the end of the text too */
            return UINT32_MAX;
        code = code << 6 | (bytes[i] & 0x3f);
    }
    return code < least[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? UINT32_MAX : code;
}

static int is_hidden(uint32_t code)
{
    static const uint32_t ranges[][2] = {{0, 0x1f},        {0x7f, 0x9f},     {0x61c, 0x61c},          {0x200e, 0x200f},
                                         {0x2028, 0x202e}, {0x2066, 0x2069}, {UINT32_MAX, UINT32_MAX}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (code >= ranges[i][0] && code <= ranges[i][1])
            return 1;
    return 0;
}

size_t ln_character(const char *text, uint32_t *hidden)
{
    const unsigned char *bytes = (const unsigned char *)text;
    const size_t length = bytes[0] < 0x80   ? 1
                          : bytes[0] < 0xc2 ? 0
                          : bytes[0] < 0xe0 ? 2
                          : bytes[0] < 0xf0 ? 3
                          : bytes[0] < 0xf5 ? 4
                                            : 0;
    const uint32_t code = length == 1 ? bytes[0] : length ? decode(bytes, length) : UINT32_MAX;
    *hidden = is_hidden(code) ? code : 0;
    return code == UINT32_MAX ? 1 : length;
}

char *ln_make_printable(char *text, const char *keep)
{
    char *to = text;
    for (const char *from = text; *from;) {
        uint32_t hidden;
        const size_t length = ln_character(from, &hidden);
        if (!hidden || (length == 1 && strchr(keep, *from))) {
            memmove(to, from, length);
            to += length;
        } else {
            *to++ = strchr("\t\n\v\f\r", *from) ? ' ' : '?';
        }
        from += length;
    }
    *to = '\0';
    return text;
}

int ln_is_formula(const char *text) { return *text && strchr("=+-@\t\r", *text); }
