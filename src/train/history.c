/* SPDX-License-Identifier: MIT */
/* history.c - between an epoch as callers see it and its row; every number of lenet_epoch stands in the table once. */
#include "train/history.h"

#include "util/error.h"
#include "util/memory.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    size_t offset;
    int is_whole; /* an int; else a double */
} columns[] = {
    {"epoch", offsetof(lenet_epoch, epoch), 1},
    {"seconds", offsetof(lenet_epoch, seconds), 0},
    {"learning_rate", offsetof(lenet_epoch, learning_rate), 0},
    {"train_loss", offsetof(lenet_epoch, train_loss), 0},
    {"train_accuracy", offsetof(lenet_epoch, train_accuracy), 0},
    {"val_loss", offsetof(lenet_epoch, val_loss), 0},
    {"val_accuracy", offsetof(lenet_epoch, val_accuracy), 0},
    {"test_loss", offsetof(lenet_epoch, test_loss), 0},
    {"test_accuracy", offsetof(lenet_epoch, test_accuracy), 0},
    {"is_best", offsetof(lenet_epoch, is_best), 1},
    {"noisy_memorised", offsetof(lenet_epoch, noisy_memorised), 0},
    {"noisy_corrected", offsetof(lenet_epoch, noisy_corrected), 0},
    {"noisy_other", offsetof(lenet_epoch, noisy_other), 0},
    {"clean_right", offsetof(lenet_epoch, clean_right), 0},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

/* Each, and a pointer, takes 8 bytes: who adds a number to lenet_epoch is told to add its column. */
_Static_assert(sizeof(lenet_epoch) == 8 * (COLUMNS + 1), "every number of an epoch has a column");

lenet_status ln_history_reserve(ln_history *h, size_t count, lenet_error *error)
{
    if (count <= h->capacity)
        return LENET_OK;
    const size_t capacity = 2 * count + 16;
    h->width = COLUMNS + (h->diagnosis ? ln_diagnosis_width(h->diagnosis) : 0);
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
    double *row = row_of(h, epoch->epoch);
    for (int i = 0; i < COLUMNS; i++) {
        const void *field = (const char *)epoch + columns[i].offset;
        row[i] = columns[i].is_whole ? *(const int *)field : *(const double *)field;
    }
    if (epoch->diagnosis)
        ln_diagnosis_put(epoch->diagnosis, row + COLUMNS);
}

lenet_epoch ln_history_at(const ln_history *h, int epoch)
{
    const double *row = row_of(h, epoch);
    lenet_epoch found = {.epoch = epoch};
    for (int i = 0; i < COLUMNS; i++) {
        void *field = (char *)&found + columns[i].offset;
        if (columns[i].is_whole)
            *(int *)field = (int)row[i];
        else
            *(double *)field = row[i];
    }
    if (h->diagnosis)
        found.diagnosis = ln_diagnosis_get(h->diagnosis, row + COLUMNS);
    return found;
}

void ln_history_add_state(ln_history *h, size_t count, ln_state *state)
{
    const int shape[] = {(int)count, (int)h->width};
    ln_state_add_tensor(state, "history", LN_F64, h->rows, 2, shape);
}

void ln_history_columns(const ln_history *h, char *text, size_t capacity)
{
    size_t used = 0;
    for (int i = 0; i < COLUMNS && used < capacity; i++)
        used += (size_t)snprintf(text + used, capacity - used, "%s%s", i ? "," : "", columns[i].name);
    if (h->diagnosis && used < capacity)
        snprintf(text + used, capacity - used, ",loss,accuracy,classes_predicted,{dead,weight_norm,gradient_norm} of each layer");
}
