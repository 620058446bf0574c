/* SPDX-License-Identifier: MIT */
/*
 * base.h - what every public header of liblenet needs: errors, and what to compute with. Included
 * by lenet.h.
 */
#ifndef LENET_BASE_H
#define LENET_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__) && !defined(LENET_API)
#define LENET_API __attribute__((visibility("default")))
#elif !defined(LENET_API)
#define LENET_API
#endif

/*
 * X(name, value, message): every status, once. The values are also the exit codes of the program.
 */
#define LENET_STATUS_LIST(X)                                                     \
    X(OK, 0, "success")                                                          \
    X(FAILURE, 1, "out of memory, or a thread could not be started")             \
    X(USAGE, 2, "an argument or a setting is wrong")                             \
    X(INPUT, 3, "an input is missing, damaged, or not what its name says")       \
    X(DIVERGED, 4, "training diverged: a value became infinite or not a number") \
    X(IO, 5, "reading or writing failed")                                        \
    X(STOPPED, 6, "stopped by the caller's callback")

typedef enum lenet_status {
#define LENET_STATUS_ENUM(name, value, message) LENET_##name = value,
    LENET_STATUS_LIST(LENET_STATUS_ENUM)
#undef LENET_STATUS_ENUM
} lenet_status;

/* What went wrong, for people: one line without a newline, always terminated. */
typedef struct lenet_error {
    lenet_status status;
    char text[508];
} lenet_error;

/* The message of LENET_STATUS_LIST; "unknown status" for any other value. */
LENET_API const char *lenet_status_message(lenet_status status);

/* What to compute with. Zero-initialised: the best of both. */
typedef struct lenet_compute {
    int threads;     /* 1..256; 0: lenet_processor_count() */
    const char *isa; /* a name of lenet_isa_list(); NULL: the first. Another name is LENET_USAGE. */
} lenet_compute;

#ifdef __cplusplus
}
#endif
#endif
