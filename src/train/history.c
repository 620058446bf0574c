/* SPDX-License-Identifier: MIT */
/*
 * history.c - between an epoch as callers see it and its row: its number, its metrics, and what the diagnosis
 * has of each layer.
 */
#include "train/history.h"

#include "util/error.h"
#include "util/memory.h"

#include <math.h>
#include <string.h>

/* Without a diagnosis a row has no place for its metrics, which are the last. */
static size_t metric_count(const ln_history *h)
{
    size_t count = LENET_METRICS;
    while (!h->diagnosis && count && lenet_metric_list()[count - 1].when == LENET_WITH_DIAGNOSIS)
        count--;
    return count;
}

lenet_status ln_history_reserve(ln_history *h, size_t count, lenet_error *error)
{
    if (count <= h->capacity)
        return LENET_OK;
    const size_t capacity = 2 * count + 16;
    h->width = 1 + metric_count(h) + (h->diagnosis ? ln_diagnosis_width(h->diagnosis) : 0);
    double *rows = ln_alloc(capacity, h->width * sizeof *rows);
    if (!rows)
        return ln_fail_memory(error, "the history of the epochs", capacity * h->width * sizeof *rows);
    if (h->rows)
        memcpy(rows, h->rows, h->capacity * h->width * sizeof *rows);
    ln_free(h->rows);
    h->rows = rows;
    h->capacity = capacity;
    return LENET_OK;
}

void ln_history_close(ln_history *h)
{
    ln_free(h->rows);
    memset(h, 0, sizeof *h);
}

static double *row_of(const ln_history *h, int epoch) { return h->rows + (size_t)(epoch - 1) * h->width; }

void ln_history_put(ln_history *h, const lenet_epoch *epoch)
{
    const size_t count = metric_count(h);
    double *row = row_of(h, epoch->epoch);
    row[0] = epoch->epoch;
    memcpy(row + 1, epoch->values, count * sizeof *row);
    if (epoch->diagnosis)
        ln_diagnosis_put(epoch->diagnosis, row + 1 + count);
}

lenet_epoch ln_history_at(const ln_history *h, int epoch)
{
    const size_t count = metric_count(h);
    const double *row = row_of(h, epoch);
    lenet_epoch found = {.epoch = epoch};
    for (size_t i = 0; i < LENET_METRICS; i++)
        found.values[i] = i < count ? row[1 + i] : NAN;
    if (h->diagnosis)
        found.diagnosis = ln_diagnosis_get(h->diagnosis, row + 1 + count);
    return found;
}

void ln_history_add_state(ln_history *h, size_t count, ln_state *state)
{
    const int shape[] = {(int)count, (int)h->width};
    ln_state_add_tensor(state, "history", LN_F64, h->rows, 2, shape);
}
