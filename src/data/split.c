/* SPDX-License-Identifier: MIT */
/*
 * split.c - see split.h. Each class is shuffled by a stream of its own, so that classes do not disturb one
 * another.
 */
#include "data/split.h"

#include "lenet/tools.h"
#include "util/error.h"
#include "util/memory.h"
#include "util/random.h"

#include <string.h>

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
        mark[scratch[i]] = LENET_USE_TRAIN;
}

/* The images of a class among those that are used, in the order of the draw of this epoch. */
static size_t draw_class(const lenet_dataset *dataset, const uint8_t *mark, uint32_t *members, int label, uint64_t seed,
                         int epoch)
{
    const uint8_t *labels = lenet_dataset_labels(dataset);
    size_t count = 0;
    for (size_t i = 0; i < lenet_dataset_count(dataset); i++)
        if (mark[i] != LENET_USE_NONE && labels[i] == label)
            members[count++] = (uint32_t)i;
    ln_random random = ln_random_open(seed, LN_FOR_SPLIT, (uint32_t)epoch, (uint32_t)label);
    ln_random_shuffle(&random, count, members);
    return count;
}

/*
 * One image of each of the largest classes, `wanted` in all; of equal classes the lower one first. The only
 * image of a class is not taken.
 */
static void take_from_largest(const size_t *members, int classes, size_t wanted, size_t *out)
{
    for (; wanted; wanted--) {
        int largest = -1;
        for (int k = 0; k < classes; k++)
            if (!out[k] && members[k] > 1 && (largest < 0 || members[k] > members[largest]))
                largest = k;
        if (largest < 0)
            return;
        out[largest] = 1;
    }
}

/* How many images of each class are held out: see split.h. */
static void share_out(const lenet_dataset *dataset, const uint8_t *mark, double share, size_t out[LENET_MAX_CLASSES])
{
    const uint8_t *labels = lenet_dataset_labels(dataset);
    const int classes = lenet_dataset_classes(dataset);
    size_t members[LENET_MAX_CLASSES] = {0}, used = 0, held_out = 0;
    for (size_t i = 0; i < lenet_dataset_count(dataset); i++)
        if (mark[i] != LENET_USE_NONE)
            members[labels[i]]++, used++;
    for (int k = 0; k < classes; k++)
        held_out += out[k] = (size_t)(share * (double)members[k] + 0.5);
    if (!held_out)
        take_from_largest(members, classes, (size_t)(share * (double)used + 0.5), out);
}

static void hold_out_of_classes(const lenet_dataset *dataset, uint8_t *mark, uint32_t *scratch, const lenet_settings *s,
                                int epoch)
{
    /* the parts of a k-fold are dealt like cards, from class to class */
    size_t out[LENET_MAX_CLASSES], dealt = 0;
    share_out(dataset, mark, s->validation_split, out);
    for (int label = 0; label < lenet_dataset_classes(dataset); label++) {
        const size_t members = draw_class(dataset, mark, scratch, label, s->seed, epoch);
        for (size_t i = 0; i < members; i++)
            if (s->folds ? (dealt + i) % (size_t)s->folds == (size_t)s->fold : i < out[label])
                mark[scratch[i]] = LENET_USE_HOLD_OUT;
        dealt += members;
    }
}

static void hold_out_last(uint8_t *mark, size_t count, double share)
{
    size_t used = 0, seen = 0;
    for (size_t i = 0; i < count; i++)
        used += mark[i] != LENET_USE_NONE;
    const size_t first = (size_t)((double)used * (1 - share));
    for (size_t i = 0; i < count; i++)
        if (mark[i] != LENET_USE_NONE && seen++ >= first)
            mark[i] = LENET_USE_HOLD_OUT;
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
    const size_t count = lenet_dataset_count(dataset), own = lenet_dataset_validation(dataset), rest = count - own;
    memset(split->mark, LENET_USE_NONE, count);
    mark_limit(split->mark, split->train, rest, s->train_limit, s->seed);
    if (own)
        memset(split->mark + rest, LENET_USE_HOLD_OUT, own);
    else if (s->validation_kind == LENET_VALIDATION_LAST && !s->folds)
        hold_out_last(split->mark, count, s->validation_split);
    else
        hold_out_of_classes(dataset, split->mark, split->train, s, epoch);
    split->train_count = collect(split->mark, count, LENET_USE_TRAIN, split->train);
    split->held_out_count = collect(split->mark, count, LENET_USE_HOLD_OUT, split->held_out);
}

/*
 * A data set with a validation set of its own, and a wish for another. No share is fine, and the default is
 * no wish.
 */
static lenet_status check_wishes(const lenet_dataset *dataset, const lenet_settings *s, lenet_error *error)
{
    lenet_settings defaults;
    lenet_settings_default(&defaults);
    const char *wish = s->folds                                                                       ? "folds"
                       : s->validation_resample                                                       ? "val-resample"
                       : s->validation_kind != defaults.validation_kind                               ? "val-kind"
                       : s->validation_split != 0 && s->validation_split != defaults.validation_split ? "val-split"
                                                                                                      : NULL;
    if (!wish || !lenet_dataset_validation(dataset))
        return LENET_OK;
    return ln_fail(
        error, LENET_USAGE,
        "%s: %.200s has a validation set of its own (%zu images), and only that is held out; remove this option", wish,
        lenet_dataset_name(dataset), lenet_dataset_validation(dataset));
}

lenet_status ln_split_open(ln_split *out, const lenet_dataset *dataset, const lenet_settings *settings,
                           lenet_error *error)
{
    const size_t count = lenet_dataset_count(dataset);
    ln_split split = {.train = ln_alloc(count, sizeof(uint32_t)),
                      .held_out = ln_alloc(count, sizeof(uint32_t)),
                      .mark = ln_alloc(count, 1)};
    lenet_status status = check_wishes(dataset, settings, error);
    if (!status && (!split.train || !split.held_out || !split.mark)) {
        status = ln_fail_memory(error, "the split of the training images", count * sizeof(uint32_t));
    } else if (!status) {
        draw(&split, dataset, settings, 0);
        if (!split.train_count)
            status = ln_fail(error, LENET_USAGE, "validation split: no image of %zu is left to train on",
                             split.held_out_count);
        else if (settings->folds && !split.held_out_count)
            status = ln_fail(error, LENET_USAGE, "folds: %zu images are too few for %d folds", split.train_count,
                             settings->folds);
        else if (settings->validation_split > 0 && !split.held_out_count)
            status = ln_fail(error, LENET_USAGE,
                             "val-split %g: not one of %zu training images would be held out; give a larger share, or "
                             "0 to hold out none",
                             settings->validation_split, split.train_count);
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
