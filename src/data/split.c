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

static void mark_held_out(const lenet_dataset *dataset, uint8_t *mark, uint32_t *scratch, int label, double share,
                          uint64_t seed)
{
    const uint8_t *labels = lenet_dataset_labels(dataset);
    size_t members = 0;
    for (size_t i = 0; i < lenet_dataset_count(dataset); i++)
        if (mark[i] == TRAINS && labels[i] == label)
            scratch[members++] = (uint32_t)i;
    ln_random random = ln_random_open(seed, LN_FOR_SPLIT, 0, (uint32_t)label);
    ln_random_shuffle(&random, members, scratch);
    const size_t out = (size_t)(share * (double)members + 0.5);
    for (size_t i = 0; i < out && i < members; i++)
        mark[scratch[i]] = HELD_OUT;
}

static size_t collect(const uint8_t *mark, size_t count, uint8_t wanted, uint32_t *index)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        if (mark[i] == wanted)
            index[found++] = (uint32_t)i;
    return found;
}

lenet_status ln_split_open(ln_split *out, const lenet_dataset *dataset, size_t limit, double share, uint64_t seed,
                           lenet_error *error)
{
    const size_t count = lenet_dataset_count(dataset);
    ln_split split = {.train = ln_alloc(count, sizeof(uint32_t)), .held_out = ln_alloc(count, sizeof(uint32_t))};
    uint8_t *mark = ln_alloc(count, 1);
    lenet_status status = LENET_OK;
    if (!split.train || !split.held_out || !mark) {
        status = ln_fail_memory(error, "the split of the training images", count * sizeof(uint32_t));
    } else {
        mark_limit(mark, split.train, count, limit, seed);
        for (int label = 0; label < lenet_dataset_classes(dataset); label++)
            mark_held_out(dataset, mark, split.train, label, share, seed);
        split.train_count = collect(mark, count, TRAINS, split.train);
        split.held_out_count = collect(mark, count, HELD_OUT, split.held_out);
        if (!split.train_count)
            status = ln_fail(error, LENET_USAGE, "validation split: no image of %zu is left to train on",
                             limit && limit < count ? limit : count);
    }
    ln_free(mark);
    if (status)
        ln_split_close(&split);
    else
        *out = split;
    return status;
}

void ln_split_close(ln_split *split)
{
    ln_free(split->train);
    ln_free(split->held_out);
    memset(split, 0, sizeof *split);
}
