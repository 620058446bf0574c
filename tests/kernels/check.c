/* SPDX-License-Identifier: MIT */
/* check.c - buffers between canaries, random numbers, layouts of different width, and comparisons. See check.h. */
#include "kernels/check.h"

#include "util/clock.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#define POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISONS 1
#endif
#endif
#ifdef POISONS
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, size)   ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

enum { CANARY = 64 }; /* bytes before and at least as many after; a multiple of the alignment that kernels may expect */

/* ---------------------------------------------------------------------------------------------------- random */

uint64_t trial_bits(trial *t) /* SplitMix64 */
{
    uint64_t z = t->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

int trial_between(trial *t, int low, int high)
{
    return low + (int)(trial_bits(t) % (uint64_t)((int64_t)high - low + 1));
}

float trial_uniform(trial *t, float low, float high)
{
    return low + (high - low) * ((float)(trial_bits(t) >> 40) * 0x1p-24f);
}

/* The ways in which floats are random. */
typedef enum flavour { PLAIN, WITH_ZEROS, TIES, WIDE, TINY, SUBNORMAL, FLAVOURS } flavour;

static float draw(trial *t, flavour way)
{
    const float plain = trial_uniform(t, -1, 1);
    switch (way) {
    case WITH_ZEROS:
        if (trial_between(t, 0, 2) == 0)
            return trial_between(t, 0, 1) ? 0.0f : -0.0f;
        return plain;
    case TIES: return (float)trial_between(t, -2, 2) * (trial_between(t, 0, 1) ? 0.5f : -0.5f);
    case WIDE: return ldexpf(plain, trial_between(t, -30, 30));
    case TINY: return ldexpf(plain, trial_between(t, -80, -60));
    case SUBNORMAL: return ldexpf(plain, trial_between(t, -145, -120));
    default: return plain;
    }
}

/* --------------------------------------------------------------------------------------------------- buffers */

void trial_describe(trial *t, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(t->words, sizeof t->words, format, arguments);
    va_end(arguments);
}

static void *must(void *memory)
{
    if (memory)
        return memory;
    fprintf(stderr, "kernels: out of memory\n");
    exit(1);
}

/* As floats these bytes are a NaN: who reads them shows it. */
static const unsigned char canary[4] = {0x5a, 0xde, 0xc0, 0xff};

static void fill_with_canary(unsigned char *to, size_t size)
{
    for (size_t i = 0; i < size; i++)
        to[i] = canary[i % sizeof canary];
}

/* Whether `size` bytes that stand `offset` bytes after the start of a filled place are as they were. */
static int is_canary(const unsigned char *at, size_t size, size_t offset)
{
    for (size_t i = 0; i < size; i++)
        if (at[i] != canary[(offset + i) % sizeof canary])
            return 0;
    return 1;
}

static size_t bytes_of(const buffer *b) { return b->count * b->element; }
static size_t bytes_behind(const buffer *b) { return CANARY + (CANARY - bytes_of(b) % CANARY) % CANARY; }

static buffer *add_buffer(trial *t, const char *name, buffer_role role, size_t element, size_t count)
{
    buffer *b = &t->buffers[t->buffer_count++];
    *b = (buffer){.name = name, .role = role, .element = element, .count = count};
    const size_t size = CANARY + bytes_of(b) + bytes_behind(b);
    b->memory = must(aligned_alloc(CANARY, size));
    b->data = b->memory + CANARY;
    fill_with_canary(b->memory, CANARY);
    fill_with_canary(b->data, bytes_of(b) + bytes_behind(b));
    return b;
}

static buffer *add_floats(trial *t, const char *name, buffer_role role, size_t count)
{
    buffer *b = add_buffer(t, name, role, sizeof(float), count);
    const flavour way = (flavour)trial_between(t, 0, FLAVOURS - 1);
    for (size_t i = 0; role != OUTPUT && i < count; i++)
        ((float *)b->data)[i] = draw(t, t->timed ? PLAIN : way);
    return b;
}

static buffer *add_bytes(trial *t, const char *name, buffer_role role, size_t count)
{
    buffer *b = add_buffer(t, name, role, 1, count);
    for (size_t i = 0; role != OUTPUT && i < count; i++)
        ((uint8_t *)b->data)[i] = (uint8_t)trial_bits(t);
    return b;
}

float *trial_floats(trial *t, const char *name, buffer_role role, size_t count) { return add_floats(t, name, role, count)->data; }
uint8_t *trial_bytes(trial *t, const char *name, buffer_role role, size_t count) { return add_bytes(t, name, role, count)->data; }

uint32_t *trial_words(trial *t, const char *name, buffer_role role, size_t count)
{
    return add_buffer(t, name, role, sizeof(uint32_t), count)->data;
}

float *trial_lanes(trial *t, const char *name, buffer_role role, size_t blocks, size_t features)
{
    buffer *b = add_floats(t, name, role, blocks * features * LN_BLOCK);
    b->blocks = blocks;
    b->features = features;
    return b->data;
}

uint8_t *trial_lane_bytes(trial *t, const char *name, buffer_role role, size_t features)
{
    buffer *b = add_bytes(t, name, role, features * LN_BLOCK);
    b->blocks = 1;
    b->features = features;
    return b->data;
}

void trial_allow(trial *t, const void *data, double ulps, double absolute)
{
    for (int i = 0; i < t->buffer_count; i++)
        if (t->buffers[i].data == data) {
            t->buffers[i].ulps = ulps;
            t->buffers[i].absolute = absolute;
        }
}

/* [blocks][features][16] to [blocks][16 / width][features][width], or back. */
static void lay_out(const buffer *b, size_t width, int back)
{
    unsigned char *data = b->data, *old = must(malloc(bytes_of(b) + 1));
    memcpy(old, data, bytes_of(b));
    for (size_t block = 0; block < b->blocks; block++)
        for (size_t feature = 0; feature < b->features; feature++)
            for (size_t lane = 0; lane < LN_BLOCK; lane++) {
                const size_t group = block * (LN_BLOCK / width) + lane / width;
                const size_t one = ((block * b->features + feature) * LN_BLOCK + lane) * b->element;
                const size_t other = ((group * b->features + feature) * width + lane % width) * b->element;
                memcpy(data + (back ? one : other), old + (back ? other : one), b->element);
            }
    free(old);
}

/* ------------------------------------------------------------------------------------------------------- run */

void trial_start(trial *t, double operations)
{
    t->work = operations;
    for (int i = 0; i < t->buffer_count; i++) {
        buffer *b = &t->buffers[i];
        lay_out(b, (size_t)t->kernels->width, 0);
        b->given = must(malloc(bytes_of(b) + 1));
        memcpy(b->given, b->data, bytes_of(b));
        ASAN_POISON_MEMORY_REGION(b->memory, CANARY);
        ASAN_POISON_MEMORY_REGION((unsigned char *)b->data + bytes_of(b), bytes_behind(b));
    }
}

int trial_again(trial *t)
{
    stopwatch *w = &t->watch;
    if (!t->timed)
        return w->calls++ == 0;
    if (w->batch && w->calls < w->batch)
        return ++w->calls > 0;
    const double now = ln_seconds();
    if (!w->batch) { /* still learning */
        if (!w->calls)
            w->begun = now;
        if (now - w->begun < 1e-3)
            return ++w->calls > 0;
        w->batch = w->calls;
    } else {
        w->seconds[w->samples++] = (now - w->begun) / (double)w->batch;
        if (w->samples == TRIAL_SAMPLES)
            return 0;
    }
    w->begun = ln_seconds();
    w->calls = 1;
    return 1;
}

void trial_open(trial *t, const entry *e, const ln_kernels *kernels, uint64_t seed)
{
    const int shape = t->shape, timed = t->timed;
    *t = (trial){.kernels = kernels, .random = seed, .shape = shape, .timed = timed};
    e->test(t);
    for (int i = 0; i < t->buffer_count; i++) {
        const buffer *b = &t->buffers[i];
        ASAN_UNPOISON_MEMORY_REGION(b->memory, CANARY);
        ASAN_UNPOISON_MEMORY_REGION((unsigned char *)b->data + bytes_of(b), bytes_behind(b));
    }
}

void trial_close(trial *t)
{
    for (int i = 0; i < t->buffer_count; i++) {
        free(t->buffers[i].memory);
        free(t->buffers[i].given);
    }
    t->buffer_count = 0;
}

/* -------------------------------------------------------------------------------------------------- judgement */

/* Changes one element as little as the comparison must still see: its lowest bit, or, where a distance is allowed, its size. */
static void damage(trial *t, fault_kind fault, buffer *b)
{
    unsigned char *data = b->data;
    if (fault == FAULT_BEFORE)
        data[-1] ^= 1;
    if (fault == FAULT_AFTER)
        data[bytes_of(b)] ^= 1;
    if (fault != FAULT_VALUE || !b->count)
        return;
    const size_t element = trial_bits(t) % b->count * b->element;
    if (b->ulps > 0 || b->absolute > 0)
        data[element + 3] ^= 0x40;
    else
        data[element] ^= 1;
}

static int judge_buffer(const trial *t, const buffer *b, char *why, size_t capacity)
{
    if (!is_canary(b->memory, CANARY, 0)) {
        snprintf(why, capacity, "wrote before the start of %s", b->name);
        return 0;
    }
    if (!is_canary((unsigned char *)b->data + bytes_of(b), bytes_behind(b), bytes_of(b))) {
        snprintf(why, capacity, "wrote past the end of %s", b->name);
        return 0;
    }
    if (b->role == INPUT && memcmp(b->given, b->data, bytes_of(b)) != 0) {
        snprintf(why, capacity, "changed its input %s", b->name);
        return 0;
    }
    if (b->features)
        lay_out(b, (size_t)t->kernels->width, 1);
    return 1;
}

int trial_judge(trial *t, fault_kind fault, int victim, char *why, size_t capacity)
{
    if (fault != NO_FAULT)
        damage(t, fault, &t->buffers[victim]);
    for (int i = 0; i < t->buffer_count; i++)
        if (!judge_buffer(t, &t->buffers[i], why, capacity))
            return 0;
    return 1;
}

/* The distance between floats next to `truth`. */
static double unit_at(double truth)
{
    const int exponent = truth == 0 ? -126 : ilogb(truth);
    return ldexp(1, (exponent < -126 ? -126 : exponent) - 23);
}

double ulps_between(double value, double truth)
{
    if (value == truth || (isnan(value) && isnan(truth)))
        return 0;
    return isfinite(value) && isfinite(truth) ? fabs(value - truth) / unit_at(truth) : INFINITY;
}

/* Whether element i of b is what `truth` has there. */
static int same_element(const buffer *truth, const buffer *b, size_t i, int bits)
{
    const unsigned char *expected = (const unsigned char *)truth->data + i * b->element;
    const unsigned char *found = (const unsigned char *)b->data + i * b->element;
    if (!memcmp(expected, found, b->element))
        return 1;
    if (b->element == 1)
        return 0;
    float want, have;
    memcpy(&want, expected, sizeof want);
    memcpy(&have, found, sizeof have);
    if (isnan(want) || isnan(have)) /* which NaN is not promised, but it must not be what stood there before */
        return isnan(want) && isnan(have) && !is_canary(found, sizeof have, 0);
    if (bits || !isfinite(want) || !isfinite(have))
        return !bits && want == have;
    return fabs((double)have - (double)want) <= b->absolute + b->ulps * unit_at((double)want);
}

/* "y[block 0, feature 7, lane 3] is 0.5 (0x3f000000), not 0.25 (0x3e800000)" */
static void explain(const buffer *truth, const buffer *b, size_t i, size_t wrong, char *why, size_t capacity)
{
    char place[96];
    if (b->features)
        snprintf(place, sizeof place, "block %zu, feature %zu, lane %zu", i / LN_BLOCK / b->features, i / LN_BLOCK % b->features,
                 i % LN_BLOCK);
    else
        snprintf(place, sizeof place, "%zu", i);
    if (b->element == 1) {
        snprintf(why, capacity, "%s[%s] is %d, not %d; %zu of %zu are wrong", b->name, place, ((uint8_t *)b->data)[i],
                 ((uint8_t *)truth->data)[i], wrong, b->count);
        return;
    }
    const float have = ((float *)b->data)[i], want = ((float *)truth->data)[i];
    uint32_t have_bits, want_bits;
    memcpy(&have_bits, &have, sizeof have);
    memcpy(&want_bits, &want, sizeof want);
    snprintf(why, capacity, "%s[%s] is %.9g (0x%08x), not %.9g (0x%08x), %.3g ulp apart; %zu of %zu are wrong", b->name, place,
             (double)have, have_bits, (double)want, want_bits, ulps_between((double)have, (double)want), wrong, b->count);
}

int trial_compare(const trial *truth, const trial *t, int bits, char *why, size_t capacity)
{
    for (int k = 0; k < t->buffer_count; k++) {
        const buffer *expected = &truth->buffers[k], *b = &t->buffers[k];
        size_t wrong = 0, first = 0;
        for (size_t i = 0; b->role != INPUT && b->role != SCRATCH && i < b->count; i++)
            if (!same_element(expected, b, i, bits) && !wrong++)
                first = i;
        if (wrong) {
            explain(expected, b, first, wrong, why, capacity);
            return 0;
        }
    }
    return 1;
}
