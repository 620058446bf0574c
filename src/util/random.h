/* SPDX-License-Identifier: MIT */
/*
 * random.h - counter-based random numbers: every number is a function of (seed, purpose, epoch, stream,
 * index) and of nothing else, so no use of randomness disturbs another, the order of computation does not
 * matter, and a run can be resumed at any step.
 *
 * The generator is Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3",
 * SC 2011). All that is made of its bits uses integers and IEEE arithmetic only, never libm, so it is the
 * same on every machine.
 */
#ifndef LENET_UTIL_RANDOM_H
#define LENET_UTIL_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* What numbers are drawn for. The values are part of the numerics: never change one, only add. */
typedef enum ln_purpose {
    LN_FOR_WEIGHTS = 1, /* stream: tensor */
    LN_FOR_SHUFFLE = 2, /* epoch */
    LN_FOR_SPLIT = 3,   /* stream: class */
    LN_FOR_LIMIT = 4,
    LN_FOR_NOISE = 16,     /* epoch 0: every image in its order; 1: stream: class */
    LN_FOR_AUGMENT = 17,   /* epoch, stream: place in the epoch's order */
    LN_FOR_BALANCE = 18,   /* epoch, stream: class */
    LN_FOR_TRANSFORM = 19, /* epoch, stream: the image's place, its upper and its lower 20 bits */
    /* stream: layer; running number: four features at once, and above 2^32 the image's place in the epoch */
    LN_FOR_DROPOUT = 32,
} ln_purpose;

/* A sequence of numbers; copy it to fork it. */
typedef struct ln_random {
    uint32_t key[2], counter[4];
    uint32_t word[4];
    int used; /* words of `word` handed out */
} ln_random;

/* The sequence of (seed, purpose, epoch, stream) at its start. epoch and stream below 2^24 and 2^24. */
ln_random ln_random_open(uint64_t seed, ln_purpose purpose, uint32_t epoch, uint32_t stream);

uint32_t ln_random_word(ln_random *random);

/* Uniform in 0..bound-1 without bias; 1 <= bound. */
uint32_t ln_random_below(ln_random *random, uint32_t bound);

/* Uniform in (0, 1): (k + 1/2) / 2^32. */
double ln_random_unit(ln_random *random);

/* Standard normal, from one ln_random_unit by the inverse of its distribution. */
double ln_random_normal(ln_random *random);

/* Standard normal conditioned on |x| < limit, limit > 0. */
double ln_random_truncated_normal(ln_random *random, double limit);

/* Puts `count` numbers in random order (Fisher-Yates from the end). */
void ln_random_shuffle(ln_random *random, size_t count, uint32_t *numbers);

/*
 * Four words from key and counter: the generator itself, public so that a test can compare it with published
 * vectors.
 */
void ln_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t word[4]);

/* The inverse of the standard normal distribution function, 0 < p < 1. */
double ln_normal_quantile(double p);

#endif
