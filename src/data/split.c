/* SPDX-License-Identifier: MIT */
/* split.c - see split.h. Each class is shuffled by a stream of its own, so that classes do not disturb one another. */
#include "data/split.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"

#include <string.h>

/* Marks of an image. */
enum { UNUSED, TRAINS, HELD_OUT };

static void mark_limit(uint8_t *mark, uint32_t *scratch, size_t count, size_t limit, uint64_t seed)
{
    for (size_t i = 0; i < count; i++)
        scratch[i] = (uint32_t)i;
    if (limit && limit < count) {
        ln_random random = ln_random_open(seed, LN_FOR_LIMIT, 0, 0);
        ln_random_shuffle(&random, count, scratch);
    } else {
        limit = count;
    }
    for (size_t i = 0; i < limit; i++)
        mark[scratch[i]] = TRAINS;
}

/* The images of a class among those that are used, in the order of the draw of this epoch. */
static size_t draw_class(const lenet_dataset *dataset, const uint8_t *mark, uint32_t *members, int label, uint64_t seed, int epoch)
{
    const uint8_t *labels = lenet_dataset_labels(dataset);
    size_t count = 0;
    for (size_t i = 0; i < lenet_dataset_count(dataset); i++)
        if (mark[i] != UNUSED && labels[i] == label)
            members[count++] = (uint32_t)i;
    ln_random random = ln_random_open(seed, LN_FOR_SPLIT, (uint32_t)epoch, (uint32_t)label);
    ln_random_shuffle(&random, count, members);
    return count;
}

static void hold_out_of_classes(const lenet_dataset *dataset, uint8_t *mark, uint32_t *scratch, const lenet_settings *s, int epoch)
{
    size_t dealt = 0; /* the parts of a k-fold are dealt like cards, from class to class */
    for (int label = 0; label < lenet_dataset_classes(dataset); label++) {
        const size_t members = draw_class(dataset, mark, scratch, label, s->seed, epoch);
        const size_t out = (size_t)(s->validation_split * (double)members + 0.5);
        for (size_t i = 0; i < members; i++)
            if (s->folds ? (dealt + i) % (size_t)s->folds == (size_t)s->fold : i < out)
                mark[scratch[i]] = HELD_OUT;
        dealt += members;
    }
}

static void hold_out_last(uint8_t *mark, size_t count, double share)
{
    size_t used = 0, seen = 0;
    for (size_t i = 0; i < count; i++)
        used += mark[i] != UNUSED;
    const size_t first = (size_t)((double)used * (1 - share));
    for (size_t i = 0; i < count; i++)
        if (mark[i] != UNUSED && seen++ >= first)
            mark[i] = HELD_OUT;
}

static size_t collect(const uint8_t *mark, size_t count, uint8_t wanted, uint32_t *index)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        if (mark[i] == wanted)
            index[found++] = (uint32_t)i;
    return found;
}

static void draw(ln_split *split, const lenet_dataset *dataset, const lenet_settings *s, int epoch)
{
    const size_t count = lenet_dataset_count(dataset);
    memset(split->mark, UNUSED, count);
    mark_limit(split->mark, split->train, count, s->train_limit, s->seed);
    if (s->validation_kind == LENET_VALIDATION_LAST && !s->folds)
        hold_out_last(split->mark, count, s->validation_split);
    else
        hold_out_of_classes(dataset, split->mark, split->train, s, epoch);
    split->train_count = collect(split->mark, count, TRAINS, split->train);
    split->held_out_count = collect(split->mark, count, HELD_OUT, split->held_out);
}

lenet_status ln_split_open(ln_split *out, const lenet_dataset *dataset, const lenet_settings *settings, lenet_error *error)
{
    const size_t count = lenet_dataset_count(dataset);
    ln_split split = {
        .train = ln_alloc(count, sizeof(uint32_t)), .held_out = ln_alloc(count, sizeof(uint32_t)), .mark = ln_alloc(count, 1)};
    lenet_status status = LENET_OK;
    if (!split.train || !split.held_out || !split.mark) {
        status = ln_fail_memory(error, "the split of the training images", count * sizeof(uint32_t));
    } else {
        draw(&split, dataset, settings, 0);
        if (!split.train_count)
            status = ln_fail(error, LENET_USAGE, "validation split: no image of %zu is left to train on", split.held_out_count);
        else if (settings->folds && !split.held_out_count)
            status = ln_fail(error, LENET_USAGE, "folds: %zu images are too few for %d folds", split.train_count, settings->folds);
    }
    if (status)
        ln_split_close(&split);
    else
        *out = split;
    return status;
}

void ln_split_redraw(ln_split *split, const lenet_dataset *dataset, const lenet_settings *settings, int epoch)
{
    draw(split, dataset, settings, epoch);
}

void ln_split_close(ln_split *split)
{
    ln_free(split->mark);
    ln_free(split->train);
    ln_free(split->held_out);
    memset(split, 0, sizeof *split);
}
