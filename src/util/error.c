/* SPDX-License-Identifier: MIT */
/* error.c - status messages, and the one place where an error's line is put together. */
#include "util/error.h"

#include "util/printable.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *lenet_version(void) { return LENET_VERSION; }

const char *lenet_status_message(lenet_status status)
{
    switch (status) {
#define CASE(name, value, message) \
    case LENET_##name: return message;
        LENET_STATUS_LIST(CASE)
#undef CASE
    }
    return "unknown status";
}

lenet_status ln_fail(lenet_error *error, lenet_status status, const char *format, ...)
{
    if (!error)
        return status;
    char text[sizeof error->text]; /* an argument may be the text of this very error */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    strcpy(error->text, ln_make_printable(text, "")); /* a file name may hold anything, a line may not */
    error->status = status;
    return status;
}

lenet_status ln_fail_memory(lenet_error *error, const char *what, size_t bytes)
{
    return ln_fail(error, LENET_FAILURE, "out of memory: %zu bytes for %s", bytes, what);
}
