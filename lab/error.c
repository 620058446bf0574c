/* SPDX-License-Identifier: MIT */
/* error.c - puts an error's line together, as the library does it for itself. */
#include "lab/error.h"

#include <stdarg.h>
#include <stdio.h>

lenet_status lab_fail(lenet_error *error, lenet_status status, const char *format, ...)
{
    if (!error)
        return status;
    char text[sizeof error->text]; /* an argument may be the text of this very error */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (size_t i = 0; i < sizeof text; i++) {
        const unsigned char c = (unsigned char)text[i];
        error->text[i] = c && (c < 0x20 || c == 0x7f) ? ' ' : text[i];
        if (!c)
            break;
    }
    error->status = status;
    return status;
}
