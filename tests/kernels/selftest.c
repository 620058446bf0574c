/* SPDX-License-Identifier: MIT */
/*
 * selftest.c - shows that this program can fail. Each mutant is the reference with one entry a little wrong, as a kernel
 * might be; each fault is a single bit of one buffer of one entry turned over behind the kernel's back. All must be
 * found.
 */
#include "kernels/check.h"
#include "kernels/reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const ln_kernels *const right = &ln_kernels_reference;

/* ------------------------------------------------------------------------------------------------------ mutants */

static void spoils_padding(int channels, int height, int width, int pad, const uint8_t *images, const uint32_t *index, int count,
                           const float *scale, const float *offset, float *x)
{
    right->gather(channels, height, width, pad, images, index, count, scale, offset, x);
    if (pad)
        x[0] = 0;
}

static void reads_past_count(int channels, int height, int width, int pad, const uint8_t *images, const uint32_t *index, int count,
                             const float *scale, const float *offset, float *x)
{
    uint32_t more[LN_BLOCK];
    for (int i = 0; i < LN_BLOCK; i++)
        more[i] = index[i < count ? i : 0];
    right->gather(channels, height, width, pad, images, more, LN_BLOCK, scale, offset, x);
}

/* The first maximum of a window is replaced by the last equal one. */
static void last_maximum(const ln_pool *p, const float *x, float *y, uint8_t *argmax)
{
    right->max_pool_forward(p, x, y, argmax);
    for (int i = 0; i < p->channels * p->out_height * p->out_width * LN_BLOCK; i++) {
        const int lane = i % LN_BLOCK, feature = i / LN_BLOCK, column = feature % p->out_width;
        const int row = feature / p->out_width % p->out_height, c = feature / p->out_width / p->out_height;
        for (int k = 0; k < p->rows * p->columns; k++) {
            const int at_row = row * p->stride + k / p->columns, at_column = column * p->stride + k % p->columns;
            if (x[((c * p->in_height + at_row) * p->in_width + at_column) * LN_BLOCK + lane] == y[i])
                argmax[i] = (uint8_t)k;
        }
    }
}

static void does_nothing(const ln_pool *p, const float *x, float *y)
{
    (void)p, (void)x, (void)y;
}

static void forgets_unchosen(const ln_conv *c, const float *dy, const uint8_t *argmax, float *dilated)
{
    const float before = dilated[0];
    right->conv_dilate(c, dy, argmax, dilated);
    if (c->pool && argmax[0] != 0)
        dilated[0] = before;
}

/* The lanes of the bias gradient in a row instead of by the tree. */
static void lanes_in_a_row(const ln_conv *c, const float *x, const float *dilated, float *dw, float *db)
{
    right->conv_backward_weights(c, x, dilated, dw, db);
    const int columns = ln_dilated_columns(c), rows = ln_dilated_rows(c);
    for (int out = 0; out < c->out_channels; out++) {
        db[out] = 0;
        for (int lane = 0; lane < LN_BLOCK; lane++) {
            float sum = 0;
            for (int row = 0; row < rows; row++)
                for (int column = 0; column < columns; column++)
                    sum += dilated[((out * rows + row) * columns + column) * LN_BLOCK + lane];
            db[out] += sum;
        }
    }
}

/* The first two nonzeros of the last sample in the wrong order. */
static void swaps_nonzeros(const ln_conv *c, const float *dy, const uint8_t *argmax, float *scratch, const ln_nonzeros *nonzeros)
{
    right->conv_list_nonzeros(c, dy, argmax, scratch, nonzeros);
    if (nonzeros->first[LN_BLOCK * (c->out_channels + 1) - 1] < 2)
        return;
    float *d = nonzeros->d + (LN_BLOCK - 1) * ln_max_nonzeros(c), first = d[0];
    d[0] = d[1];
    d[1] = first;
}

/* Windows that begin in an odd place are taken to begin in the one before. */
static void confuses_halves(const ln_conv *c, const ln_nonzeros *nonzeros, const float *weights, float *scratch, float *dx)
{
    const ptrdiff_t places = LN_BLOCK * ln_max_nonzeros(c);
    int32_t *at = malloc((size_t)places * sizeof *at);
    for (ptrdiff_t i = 0; at && i < places; i++)
        at[i] = nonzeros->at[i] & ~1;
    const ln_nonzeros wrong = {nonzeros->first, nonzeros->d, at ? at : nonzeros->at};
    right->conv_sparse_data(c, &wrong, weights, scratch, dx);
    free(at);
}

/* y = bias + x w: inputs from `from` in steps of `by`, the multiply-add fused or not. */
static void dense(int inputs, int outputs, int blocks, const float *x, const float *weights, const float *bias, float *y, int descending,
                  int fused)
{
    for (int i = 0; i < blocks * outputs * LN_BLOCK; i++) {
        const int lane = i % LN_BLOCK, out = i / LN_BLOCK % outputs, block = i / LN_BLOCK / outputs;
        y[i] = bias[out];
        for (int k = 0; k < inputs; k++) {
            const int in = descending ? inputs - 1 - k : k;
            const float a = x[(block * inputs + in) * LN_BLOCK + lane], b = weights[out * inputs + in];
            y[i] = fused ? fmaf(a, b, y[i]) : y[i] + a * b;
        }
    }
}

static void sums_backwards(int inputs, int outputs, int blocks, const float *x, const float *weights, const float *bias, float *y)
{
    dense(inputs, outputs, blocks, x, weights, bias, y, 1, 1);
}

static void rounds_twice(int inputs, int outputs, int blocks, const float *x, const float *weights, const float *bias, float *y)
{
    dense(inputs, outputs, blocks, x, weights, bias, y, 0, 0);
}

static void writes_all_rows(int inputs, int outputs, int first, int last, int blocks, const float *rows, const float *dy, const float *next,
                            float *dw, float *db)
{
    (void)first, (void)last;
    right->dense_backward_weights(inputs, outputs, 0, outputs, blocks, rows, dy, next, dw, db);
}

static void spoils_input(int inputs, const float *x, float *rows)
{
    right->transpose(inputs, x, rows);
    union { const float *given; float *taken; } door = {.given = x};
    door.taken[0] += 1;
}

/* As a processor does that flushes subnormals to zero. */
static void flushes(size_t size, float rate, const float *g, float *w)
{
    right->sgd(size, rate, g, w);
    for (size_t i = 0; i < size; i++)
        w[i] = fpclassify(w[i]) == FP_SUBNORMAL ? 0 : w[i];
}

/* 2^-100 itself becomes 0 too. */
static void keeps_the_limit(size_t size, float rate, float rest1, float rest2, float epsilon, const float *g, float *m, float *v,
                            float *w)
{
    for (size_t i = 0; i < size; i++) {
        const int at_limit = fabsf(m[i]) == 0x1p-100f && g[i] == m[i];
        right->adam(1, rate, rest1, rest2, epsilon, g + i, m + i, v + i, w + i);
        m[i] = at_limit ? g[i] : m[i];
    }
}

static void is_inexact(size_t size, const float *x, float *y)
{
    right->exp(size, x, y);
    for (size_t i = 0; i < size; i++)
        for (int ulp = 0; ulp < 3; ulp++)
            y[i] = nextafterf(y[i], INFINITY);
}

/* A difference that only another table can show: the sign of a zero. */
static void turns_zeros(ln_activation kind, float slope, size_t size, const float *x, float *y)
{
    right->activation_forward(kind, slope, size, x, y);
    for (size_t i = 0; i < size * LN_BLOCK; i++)
        y[i] = y[i] == 0 ? -y[i] : y[i];
}

static void hides_nan(const ln_loss *loss, int classes, const float *logits, const uint8_t *label, int count, float scale, float *dlogits,
                      float *losses, uint8_t *predicted)
{
    right->loss(loss, classes, logits, label, count, scale, dlogits, losses, predicted);
    for (int i = 0; i < LN_BLOCK; i++)
        losses[i] = isnan(losses[i]) ? 1 : losses[i];
}

/* Every kind but one is right. */
static void drops_the_power(const ln_loss *loss, int classes, const float *logits, const uint8_t *label, int count, float scale,
                            float *dlogits, float *losses, uint8_t *predicted)
{
    ln_loss other = *loss;
    if (other.kind == LN_GCE)
        other.numbers[0] *= 1.001f;
    right->loss(&other, classes, logits, label, count, scale, dlogits, losses, predicted);
}

/* ------------------------------------------------------------------------------------------------------- hunting */

static const entry *find(const char *name)
{
    for (const entry *const *stage = stages; *stage; stage++)
        for (const entry *e = *stage; e->name; e++)
            if (!strcmp(e->name, name))
                return e;
    return NULL;
}

/* Whether `wrong` differs from the reference for one of `rounds` seeds. */
static int is_found(const char *name, const ln_kernels *wrong, int bits, uint64_t seed, int rounds)
{
    const entry *e = find(name);
    char why[512];
    for (int i = 0; i < rounds; i++) {
        trial truth = {.shape = -1}, t = {.shape = -1};
        trial_open(&truth, e, right, seed + (uint64_t)i);
        trial_open(&t, e, wrong, seed + (uint64_t)i);
        trial_judge(&truth, NO_FAULT, 0, why, sizeof why);
        const int same = trial_judge(&t, NO_FAULT, 0, why, sizeof why) && trial_compare(&truth, &t, bits, why, sizeof why);
        trial_close(&truth);
        trial_close(&t);
        if (!same)
            return 1;
    }
    return 0;
}

/* Whether a fault of each kind in each buffer of an entry is found, and no fault is not. Returns how often that was not so. */
static int miss_faults(const entry *e, uint64_t seed)
{
    int missed = 0;
    for (int kind = NO_FAULT; kind <= FAULT_AFTER; kind++)
        for (int victim = 0, buffers = 1; victim < buffers; victim++) {
            char why[512];
            trial truth = {.shape = -1}, t = {.shape = -1};
            trial_open(&truth, e, right, seed);
            trial_open(&t, e, right, seed);
            buffers = kind == NO_FAULT ? 1 : t.buffer_count;
            const int counts = t.buffers[victim].count && t.buffers[victim].role != SCRATCH;
            const int can_fail = kind != NO_FAULT && (kind != FAULT_VALUE || counts);
            trial_judge(&truth, NO_FAULT, 0, why, sizeof why);
            const int same = trial_judge(&t, (fault_kind)kind, victim, why, sizeof why) && trial_compare(&truth, &t, 0, why, sizeof why);
            if (same == can_fail) {
                printf("FAIL self-test: %s: fault %d in buffer %d was %s\n", e->name, kind, victim, same ? "not found" : why);
                missed++;
            }
            trial_close(&truth);
            trial_close(&t);
        }
    return missed;
}

#define MUTANT(entry_name, wrong, bits)                                                                                \
    do {                                                                                                               \
        ln_kernels mutant = ln_kernels_reference;                                                                      \
        mutant.entry_name = (wrong);                                                                                   \
        if (!is_found(#entry_name, &mutant, (bits), seed, rounds)) {                                                   \
            printf("FAIL self-test: a wrong %s, %s, was not found in %d rounds\n", #entry_name, #wrong, rounds);       \
            missed++;                                                                                                  \
        }                                                                                                              \
        hunted++;                                                                                                      \
    } while (0)

int self_test(uint64_t seed, int rounds)
{
    int missed = 0, hunted = 0;
    MUTANT(gather, spoils_padding, 0);
    MUTANT(gather, reads_past_count, 0);
    MUTANT(max_pool_forward, last_maximum, 0);
    MUTANT(average_pool_forward, does_nothing, 0);
    MUTANT(conv_dilate, forgets_unchosen, 0);
    MUTANT(conv_backward_weights, lanes_in_a_row, 0);
    MUTANT(conv_list_nonzeros, swaps_nonzeros, 0);
    MUTANT(conv_sparse_data, confuses_halves, 0);
    MUTANT(dense_forward, sums_backwards, 0);
    MUTANT(dense_forward, rounds_twice, 0);
    MUTANT(dense_backward_weights, writes_all_rows, 0);
    MUTANT(transpose, spoils_input, 0);
    MUTANT(sgd, flushes, 0);
    MUTANT(adam, keeps_the_limit, 0);
    MUTANT(exp, is_inexact, 0);
    MUTANT(activation_forward, turns_zeros, 1);
    MUTANT(loss, hides_nan, 0);
    MUTANT(loss, drops_the_power, 0);
    for (const entry *const *stage = stages; *stage; stage++)
        for (const entry *e = *stage; e->name; e++, hunted++)
            missed += miss_faults(e, seed);
    printf("%s self-test: %d of %d wrong kernels and damaged entries found\n", missed ? "FAIL" : "ok  ", hunted - missed, hunted);
    return missed;
}
