/* SPDX-License-Identifier: MIT */
/*
 * check.h - what a kernel's test is made of.
 *
 * A test is one function. It draws a shape, asks for buffers and calls the kernel inside TRIAL_RUN. The same function
 * with the same seed so serves every table: the harness runs it on the reference and on each instruction set and
 * compares the buffers, and it runs it with a shape of LeNet-5 and a clock for --bench. A test compares nothing itself.
 *
 * What always holds: every buffer has exactly the size the contract gives it, stands between canaries (poisoned for
 * AddressSanitizer, so that reading past an end is found too), and what is not to be written is compared as well.
 */
#ifndef LENET_TESTS_KERNELS_CHECK_H
#define LENET_TESTS_KERNELS_CHECK_H

#include "kernels/kernels.h"

#include <stddef.h>
#include <stdint.h>

typedef enum buffer_role {
    INPUT,   /* random; the kernel must leave it alone */
    OUTPUT,  /* junk before; compared after */
    CHANGED, /* random before; compared after */
    SCRATCH, /* random before; what is in it after means nothing */
} buffer_role;

typedef struct buffer {
    const char *name;
    buffer_role role;
    size_t element;          /* bytes of one: float or uint32_t 4, u8 1 */
    size_t blocks, features; /* [blocks][16 / W][features][W]; features 0: no lanes, `count` elements in a row */
    size_t count;
    double ulps, absolute;   /* what may be between this and the reference; both 0: nothing but the sign of a zero */
    unsigned char *memory;   /* canary, data, canary */
    void *data;
    void *given;             /* a copy of what the kernel was given */
} buffer;

enum { TRIAL_BUFFERS = 8, TRIAL_SAMPLES = 31 };

/* The stopwatch of --bench: some calls to learn how many fill a millisecond, then TRIAL_SAMPLES times as many. */
typedef struct stopwatch {
    double begun, seconds[TRIAL_SAMPLES]; /* of one call */
    long calls, batch;
    int samples;
} stopwatch;

/* One run of one kernel of one table. */
typedef struct trial {
    const ln_kernels *kernels;
    uint64_t random;
    int shape;       /* which of the entry's shapes; -1: a random one */
    int timed;       /* --bench */
    char words[160]; /* the shape, for people */
    double work;     /* floating-point operations of one call; 0: it only moves numbers */
    stopwatch watch;
    buffer buffers[TRIAL_BUFFERS];
    int buffer_count;
} trial;

/* A kernel and its test. */
typedef struct entry {
    const char *name;          /* of the member of ln_kernels */
    void (*test)(trial *t);
    const char *shapes[9];     /* names of the shapes of --bench, ended by NULL */
} entry;

/* Tests of each stage, ended by a NULL name. */
extern const entry conv_entries[], pool_entries[], dense_entries[], activation_entries[], loss_entries[], optimizer_entries[],
    dropout_entries[], norm_entries[], gather_entries[], math_entries[];

/* Random numbers of this trial. */
uint64_t trial_bits(trial *t);
int trial_between(trial *t, int low, int high); /* both included */
float trial_uniform(trial *t, float low, float high);

/* Says what is tested, in words. */
void trial_describe(trial *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Buffers. Floats are random in one of several ways (plain, with zeros of both signs, few values with many ties, wide
 * exponents, so small that products are subnormal, or subnormal themselves), bytes uniform. Until TRIAL_RUN a buffer
 * with lanes is [blocks][features][16] for every table, and the test may write into it; TRIAL_RUN lays it out for the
 * table.
 */
float *trial_floats(trial *t, const char *name, buffer_role role, size_t count);
uint8_t *trial_bytes(trial *t, const char *name, buffer_role role, size_t count);
uint32_t *trial_words(trial *t, const char *name, buffer_role role, size_t count);
float *trial_lanes(trial *t, const char *name, buffer_role role, size_t blocks, size_t features);
uint8_t *trial_lane_bytes(trial *t, const char *name, buffer_role role, size_t features);

/* The reference computes this buffer in double: it may differ by `ulps` units in its last place plus `absolute`. */
void trial_allow(trial *t, const void *data, double ulps, double absolute);

/* TRIAL_RUN(t, floating-point operations of one call, call): calls once, or as often as it takes to time it. */
#define TRIAL_RUN(t, operations, call)                                                                                 \
    for (trial_start((t), (operations)); trial_again(t);)                                                              \
    call
void trial_start(trial *t, double operations);
int trial_again(trial *t);

/* ------------------------------------------------------------------------------------------ for main and self-test */

/* Damage done on purpose after the kernel ran, to see that it is found. */
typedef enum fault_kind { NO_FAULT, FAULT_VALUE, FAULT_BEFORE, FAULT_AFTER } fault_kind;

/* Runs entry's test; t->shape and t->timed are set before. */
void trial_open(trial *t, const entry *e, const ln_kernels *kernels, uint64_t seed);

/* Looks at canaries and inputs; 1 if all was left alone, else 0 and `why`. `victim` is the buffer that a fault damages. */
int trial_judge(trial *t, fault_kind fault, int victim, char *why, size_t capacity);
void trial_close(trial *t);

/* Compares the outputs of two trials of the same seed. With `bits` every bit counts, else only what the buffer allows. */
int trial_compare(const trial *truth, const trial *t, int bits, char *why, size_t capacity);

/* The distance of `value` from `truth`, in units of the last place of a float of truth's size. */
double ulps_between(double value, double truth);

/*
 * exp, log and tanh of the tables, or the one that `only` names, against libm, over a dense sample of all floats or all of them. Returns the number
 * of failures.
 */
int math_sweep(const ln_kernels *const tables[], int count, int exhaustive, const char *only);

/* Shows that wrong kernels and damaged buffers are found. Returns the number of those that were not. */
int self_test(uint64_t seed, int rounds);

extern const entry *const stages[]; /* ended by NULL */

#endif
