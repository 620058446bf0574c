/* SPDX-License-Identifier: MIT */
/* gather.c - tests of what fills a block: images by index, and one block's planes into larger ones. The padding must stay as it was. */
#include "kernels/check.h"

typedef struct planes {
    int channels, height, width, pad;
    size_t size, padded; /* of one sample */
} planes;

static planes draw_planes(trial *t, const planes *shapes)
{
    planes p = {.channels = trial_between(t, 1, 4), .height = trial_between(t, 1, 17), .width = trial_between(t, 1, 17)};
    p.pad = trial_between(t, 0, 3);
    if (t->shape >= 0)
        p = shapes[t->shape];
    p.size = (size_t)p.channels * (size_t)p.height * (size_t)p.width;
    p.padded = (size_t)p.channels * (size_t)(p.height + 2 * p.pad) * (size_t)(p.width + 2 * p.pad);
    trial_describe(t, "%dx%dx%d pad %d", p.channels, p.height, p.width, p.pad);
    return p;
}

static void gather(trial *t)
{
    static const planes shapes[] = {{1, 28, 28, 2, 0, 0}, {3, 32, 32, 0, 0, 0}};
    const planes p = draw_planes(t, shapes);
    const int images = t->shape >= 0 ? 1000 : trial_between(t, 1, 30);
    const int count = t->shape >= 0 ? LN_BLOCK : trial_between(t, 1, LN_BLOCK);
    const int is_plain = trial_between(t, 0, 1);
    float scale[4], offset[4];
    for (int c = 0; c < 4; c++) {
        scale[c] = is_plain ? 1.0f / 255 : trial_uniform(t, -1, 1);
        offset[c] = is_plain ? 0 : trial_uniform(t, -3, 3);
    }
    const uint8_t *pixels = trial_bytes(t, "images", INPUT, (size_t)images * p.size);
    uint32_t *index = trial_words(t, "index", INPUT, (size_t)count);
    for (int i = 0; i < count; i++)
        index[i] = (uint32_t)trial_between(t, 0, images - 1);
    float *x = trial_lanes(t, "x", CHANGED, 1, p.padded);
    trial_describe(t, "%dx%dx%d pad %d, %d samples", p.channels, p.height, p.width, p.pad, count);
    TRIAL_RUN(t, 0, t->kernels->gather(p.channels, p.height, p.width, p.pad, pixels, index, count, scale, offset, x));
}

/* Black borders of any size, of numbers of both signs. */
static void find_box(trial *t)
{
    static const planes shapes[] = {{1, 28, 28, 2, 0, 0}, {3, 32, 32, 0, 0, 0}};
    const planes p = draw_planes(t, shapes);
    const int rows = p.height + 2 * p.pad, columns = p.width + 2 * p.pad, border = t->shape >= 0 ? 0 : trial_between(t, 0, 9);
    float *x = trial_lanes(t, "x", INPUT, 1, p.padded);
    for (int i = 0; i < (int)p.padded * LN_BLOCK; i++) {
        const int row = i / LN_BLOCK / columns % rows, column = i / LN_BLOCK % columns;
        if (row < border || row >= rows - trial_between(t, border / 2, border) || column < border / 2 || column >= columns - border)
            x[i] = trial_between(t, 0, 1) ? 0.0f : -0.0f;
    }
    uint32_t *box = trial_words(t, "box", OUTPUT, 4);
    TRIAL_RUN(t, 0, t->kernels->find_box(p.channels, rows, columns, x, (ln_box *)box));
}

static void pad(trial *t)
{
    static const planes shapes[] = {{6, 14, 14, 2, 0, 0}};
    const planes p = draw_planes(t, shapes);
    const float *x = trial_lanes(t, "x", INPUT, 1, p.size);
    float *padded = trial_lanes(t, "padded", CHANGED, 1, p.padded);
    TRIAL_RUN(t, 0, t->kernels->pad(p.channels, p.height, p.width, p.pad, x, padded));
}

const entry gather_entries[] = {
    {"gather", gather, {"mnist 1x28x28 pad 2", "cifar10 3x32x32"}},
    {"find_box", find_box, {"mnist 1x28x28 pad 2", "cifar10 3x32x32"}},
    {"pad", pad, {"6x14x14 pad 2"}},
    {NULL, NULL, {NULL}},
};
