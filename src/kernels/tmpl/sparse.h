/* SPDX-License-Identifier: MIT */
/*
 * sparse.h - backward through a convolution with max-pooling, whose gradient is mostly zeros: of the four outputs in a
 * window at most one has any, and none where a ReLU cut it off.
 *
 * The idea: with samples in lanes a zero can be skipped only where all lanes have it. So here samples are processed one by one: the
 * non-zero gradients of its outputs are listed in the order of the sums; the pixels (or their gradients) that a kernel row of such an
 * output covers are one stretch of memory, in [row][column][channel]. Stretches are cut into granules of 16 floats on every
 * instruction set. Adding zero changes no sum: for finite numbers the results are those of conv_backward_data and conv_backward_weights, but
 * for the sign of a zero.
 */

enum { GRANULE = 16, GRANULE_VECTORS = GRANULE / LN_WIDTH };

/* An integer's bits, to be moved in a vector. */
static inline float bits_of(int32_t number)
{
    float bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

/* --------------------------------------------------------------------------------------------------- listing */

/*
 * Where a channel can have non-zero gradients, in the order of the sums: for each pooled row, the upper half of its windows, then the lower.
 * Each has two outputs, of which one at most has a gradient. Filled up to whole vectors.
 */
typedef struct nonzero_places {
    int32_t *window;                   /* where the window is in a pooled channel */
    float *left_argmax, *right_argmax; /* the argmax of its two outputs; -1 after the last place */
    float *left, *right;               /* what ln_nonzeros calls `at` of the two, as bits */
    int count;
} nonzero_places;

static nonzero_places find_places(const ln_conv *c, float *scratch)
{
    const int columns = c->out_width / 2, count = c->out_height / 2 * 2 * columns, pitch = (int)ln_pitch(count);
    const nonzero_places places = {(int32_t *)(void *)scratch, scratch + pitch, scratch + 2 * pitch, scratch + 3 * pitch, scratch + 4 * pitch, count};
    for (int i = 0, row = 0, column = 0; i < pitch; i++) {
        const int32_t at = i < count ? (row * (c->in_width + 2 * c->pad) + 2 * column) * c->stride : 0;
        places.window[i] = i < count ? row / 2 * columns + column : 0;
        places.left_argmax[i] = i < count ? (float)(row % 2 * 2) : -1;
        places.right_argmax[i] = i < count ? (float)(row % 2 * 2 + 1) : -1;
        places.left[i] = bits_of(at);
        places.right[i] = bits_of(at + c->stride);
        if (++column == columns)
            column = 0, row++;
    }
    return places;
}

/* For the samples of a group, the first of which is `sample`: channel o begins where the lists end now. */
static inline void note_first(const ln_conv *c, const ln_nonzeros *nonzeros, ptrdiff_t sample, int o, const ptrdiff_t end[LN_WIDTH])
{
    for (int k = 0; k < LN_WIDTH; k++)
        nonzeros->first[(sample + k) * (c->out_channels + 1) + o] = (int32_t)(end[k] - (sample + k) * ln_max_nonzeros(c));
}

/* W places of a channel of a group, from place `i` on: the gradient there, 0 if there is none, and its `at`; one place in a vector. */
static inline void look_at_places(const nonzero_places *places, int i, const float *dy, const uint8_t *argmax,
                                  vf gradient[LN_WIDTH], vf at[LN_WIDTH])
{
    LN_UNROLL for (int k = 0; k < LN_WIDTH; k++) {
        const ptrdiff_t window = (ptrdiff_t)places->window[i + k] * LN_WIDTH;
        const vf chosen = v_load_u8(argmax + window), d = v_load(dy + window);
        const vmask is_left = v_eq(chosen, v_set(places->left_argmax[i + k])), is_right = v_eq(chosen, v_set(places->right_argmax[i + k]));
        gradient[k] = v_select(is_right, d, v_keep(is_left, d));
        at[k] = v_select(is_right, v_set(places->right[i + k]), v_set(places->left[i + k]));
    }
}

/* Appends the non-zero gradients of W places, one sample in a vector, to the samples' lists, which end at `end`. */
static inline void append_nonzeros(const ln_nonzeros *nonzeros, const vf gradient[LN_WIDTH], const vf at[LN_WIDTH], ptrdiff_t end[LN_WIDTH])
{
    LN_UNROLL for (int k = 0; k < LN_WIDTH; k++) {
        const vmask is_nonzero = v_ne(gradient[k], v_set(0));
        v_pack((float *)(void *)(nonzeros->at + end[k]), is_nonzero, at[k]);
        end[k] += v_pack(nonzeros->d + end[k], is_nonzero, gradient[k]);
    }
}

static void conv_list_nonzeros(const ln_conv *c, const float *dy, const uint8_t *argmax, float *scratch, const ln_nonzeros *nonzeros)
{
    const ptrdiff_t next = (ptrdiff_t)(c->out_height / 2) * (c->out_width / 2) * LN_WIDTH;
    const nonzero_places places = find_places(c, scratch);
    for (ptrdiff_t sample = 0; sample < LN_BLOCK; sample += LN_WIDTH) { /* the first of a group */
        ptrdiff_t end[LN_WIDTH];
        for (int k = 0; k < LN_WIDTH; k++)
            end[k] = (sample + k) * ln_max_nonzeros(c);
        for (int o = 0; o < c->out_channels; o++, dy += next, argmax += next) {
            note_first(c, nonzeros, sample, o, end);
            for (int i = 0; i < places.count; i += LN_WIDTH) {
                vf gradient[LN_WIDTH], at[LN_WIDTH];
                look_at_places(&places, i, dy, argmax, gradient, at);
                v_transpose(gradient);
                v_transpose(at);
                append_nonzeros(nonzeros, gradient, at, end);
            }
        }
        note_first(c, nonzeros, sample, c->out_channels, end);
    }
}

/* ---------------------------------------------------------------------------------------------- backward data */

/*
 * Channels are rounded up to eights here, so that an output's stretch begins in the first or the second half of a granule: `phases`
 * is how many halves occur. Weights are laid out for each, or for the first alone where they are moved in registers, as
 * [phase][out][kernel rows][stretch] with zeros around.
 */
typedef struct nonzero_layout {
    ptrdiff_t eights, phases, stretch, filter; /* floats of a pixel; halves; floats of a stretch, and of all kernel rows */
    ptrdiff_t row;                             /* of pixels' gradients, in floats */
    int passes, rows[8];                       /* where weights stay in registers: how often, and of how many kernel rows; 0: nowhere */
} nonzero_layout;

#if LN_WIDTH == 16 /* 32 registers, and two phases */
enum { HELD = 16 }; /* registers for weights: the rest are for one gradient */

/*
 * What the non-zero gradients of one channel and sample add to R kernel rows of G granules. Weights stay in registers: gradients are many, and
 * loads of whole lines are the bottleneck. With weights in memory LeNet-5's conv2 takes 1.1 times as long, and 1.2 times where a core is shared.
 */
LN_TILE void held_rows(const int R, const int G, const int phases, const nonzero_layout *l, const float *d, const float *end, const int32_t *place,
                       const float *w, float *pixels)
{
    const ptrdiff_t eights = l->eights, row = l->row; /* local copies: gcc must assume that stores change *l */
    vf weight[HELD];
    LN_UNROLL for (int r = 0; r < R; r++, w += l->stretch)
        LN_UNROLL for (int g = 0; g < G; g++)
            weight[r * G + g] = v_hold(v_load(w + g * GRANULE));
    for (; d < end; d++, place++) {
        const ptrdiff_t at = *place * eights;
        const v_shift shift = v_shift_by(at >> 3 & 1);
        const vf gradient = v_set(*d);
        float *to = pixels + (at & ~(ptrdiff_t)(GRANULE - 1));
        LN_UNROLL for (int r = 0; r < R; r++, to = hide_output(to + row))
            LN_UNROLL for (int g = 0; g < G; g++) {
                const vf own = weight[r * G + g], before = g ? weight[r * G + g - 1] : v_set(0);
                v_store(to + g * GRANULE, v_fma(gradient, phases > 1 ? v_shifted(shift, before, own) : own, v_load(to + g * GRANULE)));
            }
    }
}

/* Kernel rows, granules and phases for which there is such a function: 3x3 and 5x5 kernels on up to 24 channels, 7x7 on up to 8. */
#define HELD_CASES(CASE)                                                                                               \
    CASE(3, 2, 2) CASE(3, 3, 2) CASE(5, 3, 2) CASE(4, 4, 2) CASE(3, 4, 2) CASE(3, 5, 2) CASE(2, 5, 2) CASE(2, 8, 2)    \
    CASE(1, 8, 2) CASE(3, 3, 1) CASE(5, 3, 1) CASE(3, 5, 1) CASE(2, 5, 1)
#define HELD_KEY(rows, granules, phases) (1024 * (rows) + 4 * (granules) + (phases))

static int is_held(int rows, const nonzero_layout *l)
{
#define HELD_CASE(R, G, P) case HELD_KEY(R, G, P):
    switch (HELD_KEY(rows, l->stretch / GRANULE, l->phases)) { HELD_CASES(HELD_CASE) return 1; }
#undef HELD_CASE
    return 0;
}

/*
 * Cuts the kernel's rows into passes, from below: a pixel is in higher kernel rows of lower outputs. That keeps the order of the non-zero terms,
 * and that of the zeros around it if a stretch is no longer than a row of pixels. Nothing is held where a pass has no function.
 */
static void find_passes(int height, nonzero_layout *l)
{
    const int most = l->stretch > l->row ? 0 : HELD / (int)(l->stretch / GRANULE);
    for (l->passes = 0; most && height; l->passes++) {
        const int rows = even_share(height, most);
        if (l->passes == sizeof l->rows / sizeof *l->rows || !is_held(rows, l)) {
            l->passes = 0;
            return;
        }
        l->rows[l->passes] = rows;
        height -= rows;
    }
}

static void held_channel(int height, const nonzero_layout *l, const float *d, const float *end, const int32_t *place, const float *weights, float *pixels)
{
    for (int pass = 0, row = height; pass < l->passes; pass++) {
        row -= l->rows[pass];
        const float *w = weights + row * l->stretch;
        float *to = pixels + row * l->row;
#define HELD_CASE(R, G, P)                                                                                             \
    case HELD_KEY(R, G, P): {                                                                                          \
        _Static_assert((R) * (G) <= HELD, "more weights than registers");                                              \
        held_rows(R, G, P, l, d, end, place, w, to);                                                                   \
        break;                                                                                                         \
    }
        switch (HELD_KEY(l->rows[pass], l->stretch / GRANULE, l->phases)) { HELD_CASES(HELD_CASE) }
#undef HELD_CASE
    }
}
#undef HELD_CASES
#undef HELD_KEY
#endif

static nonzero_layout layout_of(const ln_conv *c)
{
    nonzero_layout l = {.eights = ln_eights(c)};
    l.phases = l.eights % GRANULE ? 2 : 1;
    l.stretch = (ptrdiff_t)ln_pitch(c->kernel_width * ln_eights(c) + (l.phases > 1 ? 8 : 0));
    l.filter = c->kernel_height * l.stretch;
    l.row = (c->in_width + 2 * c->pad) * l.eights;
#if LN_WIDTH == 16
    find_passes(c->kernel_height, &l);
#endif
    return l;
}

static void lay_out_weights(const ln_conv *c, const nonzero_layout *l, const float *weights, float *table)
{
    const ptrdiff_t columns = c->kernel_width, eights = l->eights, other = c->out_channels * l->filter + 8;
    const int twice = l->phases > 1 && !l->passes;
    memset(table, 0, (size_t)((1 + twice) * c->out_channels * l->filter) * sizeof *table);
    for (int o = 0; o < c->out_channels; o++, table += l->filter)
        for (int i = 0; i < c->in_channels; i++)
            for (int ky = 0; ky < c->kernel_height; ky++, weights += columns) {
                float *to = table + ky * l->stretch + i;
                for (ptrdiff_t kx = 0; kx < columns; kx++, to += eights) {
                    *to = weights[kx];
                    if (twice)
                        to[other] = weights[kx];
                }
            }
}

/* What one gradient adds to R kernel rows of G granules. */
LN_TILE void data_nonzero(const int R, const int G, const nonzero_layout *l, vf d, const float *w, float *to)
{
    LN_UNROLL for (int r = 0; r < R; r++, w += l->stretch, to = hide_output(to + l->row))
        LN_UNROLL for (int v = 0; v < G * GRANULE_VECTORS; v++)
            v_store(to + v * LN_WIDTH, v_fma(d, v_load(w + v * LN_WIDTH), v_load(to + v * LN_WIDTH)));
}

/* The same for any numbers. */
static inline void any_data_spike(int rows, const nonzero_layout *l, vf d, const float *w, float *to)
{
    for (int r = 0; r < rows; r++, w += l->stretch, to += l->row)
        for (ptrdiff_t v = 0; v < l->stretch; v += LN_WIDTH)
            v_store(to + v, v_fma(d, v_load(w + v), v_load(to + v)));
}

/* What the gradients of one channel and sample add to its pixels, weights in memory. R and G 0: any numbers. */
LN_TILE void channel_nonzeros(const int R, const int G, const ln_conv *c, const nonzero_layout *l, const float *d, const float *end, const int32_t *place,
                            const float *weights, float *pixels)
{
    const ptrdiff_t eights = l->eights, other = c->out_channels * l->filter;
    for (; d < end; d++, place++) {
        const ptrdiff_t at = *place * eights;
        const float *w = weights + (at & 8 ? other : 0);
        float *to = pixels + (at & ~(ptrdiff_t)(GRANULE - 1));
        if (R)
            data_nonzero(R, G, l, v_set(*d), w, to);
        else
            any_data_spike(c->kernel_height, l, v_set(*d), w, to);
    }
}

static void data_of_channel(const ln_conv *c, const nonzero_layout *l, const float *d, const float *end, const int32_t *place, const float *weights,
                            float *pixels)
{
#if LN_WIDTH == 16
    if (l->passes)
        held_channel(c->kernel_height, l, d, end, place, weights, pixels);
    else
        channel_nonzeros(0, 0, c, l, d, end, place, weights, pixels);
#else
    const ptrdiff_t granules = l->stretch / GRANULE;
#define SPIKE_CASE(R, G) TILE_CASE(8 * (R) + (G), LN_ACCUMULATORS >= 12, channel_nonzeros(R, G, c, l, d, end, place, weights, pixels))
    switch (LN_ACCUMULATORS >= 12 && granules < 8 ? 8 * c->kernel_height + granules : 0) {
        SPIKE_CASE(3, 2) SPIKE_CASE(3, 3) SPIKE_CASE(5, 3) SPIKE_CASE(5, 5) SPIKE_CASE(7, 4)
    default: channel_nonzeros(0, 0, c, l, d, end, place, weights, pixels); break;
    }
#undef SPIKE_CASE
#endif
}

/* The gradient of all samples' pixels. */
static void data_of_samples(const ln_conv *c, const nonzero_layout *l, const ln_nonzeros *nonzeros, const float *table, float *pixels, size_t pitch)
{
    for (ptrdiff_t sample = 0; sample < LN_BLOCK; sample++, pixels += pitch) {
        const int32_t *first = nonzeros->first + sample * (c->out_channels + 1), *place = nonzeros->at + sample * ln_max_nonzeros(c);
        const float *const d = nonzeros->d + sample * ln_max_nonzeros(c);
        memset(pixels, 0, pitch * sizeof *pixels);
        for (int o = 0; o < c->out_channels; o++)
            if (first[o] < first[o + 1])
                data_of_channel(c, l, d + first[o], d + first[o + 1], place + first[o], table + o * l->filter, pixels);
    }
}

/* Pixels' gradients of all samples back into blocks. */
static void collect_data(const ln_conv *c, const nonzero_layout *l, const float *pixels, size_t pitch, float *dx)
{
    const ptrdiff_t plane = (ptrdiff_t)c->in_height * c->in_width * LN_WIDTH, length = c->in_width * l->eights;
    for (int group = 0; group < LN_GROUPS; group++, dx += c->in_channels * plane, pixels += LN_WIDTH * pitch)
        for (ptrdiff_t row = 0; row < c->in_height; row++) {
            const float *from = pixels + (row + c->pad) * l->row + c->pad * l->eights;
            ptrdiff_t channel = 0, column = 0;
            for (ptrdiff_t i = 0; i < length; i += LN_WIDTH) {
                vf square[LN_WIDTH];
                LN_UNROLL for (int k = 0; k < LN_WIDTH; k++)
                    square[k] = v_load(from + (size_t)k * pitch + i);
                v_transpose(square);
                LN_UNROLL for (int k = 0; k < LN_WIDTH; k++) {
                    if (channel < c->in_channels && column < c->in_width)
                        v_store(dx + channel * plane + (row * c->in_width + column) * LN_WIDTH, square[k]);
                    if (++channel == l->eights)
                        channel = 0, column++;
                }
            }
        }
}

static void conv_sparse_data(const ln_conv *c, const ln_nonzeros *nonzeros, const float *weights, float *scratch, float *dx)
{
    const nonzero_layout l = layout_of(c);
    const size_t pitch = ln_sparse_pitch(c, ln_eights(c));
    float *const table = scratch + LN_BLOCK * pitch;
    lay_out_weights(c, &l, weights, table);
    data_of_samples(c, &l, nonzeros, table, scratch, pitch);
    collect_data(c, &l, scratch, pitch, dx);
}

/* ------------------------------------------------------------------------------------------- backward weights */

/*
 * The 16 samples' sums as a tree: the i-th to be worked on is the sample whose number has i's bits the other way round, and its sums
 * wait at the level of i's lowest 0 bit, after those that wait at the levels below were added.
 */
typedef struct nonzero_sums {
    const ln_conv *c;
    const ln_nonzeros *nonzeros;
    const float *pixels;                   /* [16 samples][rows][columns][channels] */
    ptrdiff_t pitch, row;                  /* of pixels, in floats: from sample to sample and row to row */
    ptrdiff_t stretch, filter, level;      /* of levels, in floats */
    float *levels;                         /* [5 levels][channels][kernel rows][stretch] */
    float *biases;                         /* [out_channels][16 samples] */
    int first, end;                        /* the channels */
} nonzero_sums;

/* R kernel rows and G granules of one channel and the `turn`-th sample. Returns the sum of its gradients. */
LN_TILE float weight_nonzeros(const int R, const int G, const nonzero_sums *s, const float *d_of, const int32_t *at_of, int32_t count, const float *pixels,
                            float *sums, int turn)
{
    const int V = G * GRANULE_VECTORS;
    float bias = 0;
    vf sum[LN_ACCUMULATORS];
    LN_UNROLL for (int r = 0; r < R; r++)
        LN_UNROLL for (int v = 0; v < V; v++)
            sum[r * V + v] = v_set(0);
    const ptrdiff_t channels = s->c->in_channels, row = s->row;
    for (int32_t i = 0; i < count; i++) {
        const vf d = v_set(d_of[i]);
        const float *x = pixels + at_of[i] * channels;
        bias += d_of[i];
        LN_UNROLL for (int r = 0; r < R; r++, x = hide(x + row))
            LN_UNROLL for (int v = 0; v < V; v++)
                sum[r * V + v] = v_fma(d, v_load(x + v * LN_WIDTH), sum[r * V + v]);
    }
    for (; turn & 1; turn >>= 1, sums += s->level)
        LN_UNROLL for (int r = 0; r < R; r++)
            LN_UNROLL for (int v = 0; v < V; v++)
                sum[r * V + v] = v_add(v_load(sums + r * s->stretch + v * LN_WIDTH), sum[r * V + v]);
    LN_UNROLL for (int r = 0; r < R; r++)
        LN_UNROLL for (int v = 0; v < V; v++)
            v_store(sums + r * s->stretch + v * LN_WIDTH, sum[r * V + v]);
    return bias;
}

/* The same of some channels and all samples: kernel rows from `row` on, granules from `granule` on. */
LN_TILE void spiked_weights(const int R, const int G, const nonzero_sums *s, int row, int granule)
{
    static const uint8_t sample_of[LN_BLOCK] = {0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15};
    const ptrdiff_t most = ln_max_nonzeros(s->c), from = row * s->row + granule * GRANULE, to = row * s->stretch + granule * GRANULE;
    for (int turn = 0; turn < LN_BLOCK; turn++) {
        const ptrdiff_t sample = sample_of[turn], list = sample * most;
        const int32_t *first = s->nonzeros->first + sample * (s->c->out_channels + 1);
        for (ptrdiff_t o = s->first; o < s->end; o++)
            s->biases[o * LN_BLOCK + sample] =
                weight_nonzeros(R, G, s, s->nonzeros->d + list + first[o], s->nonzeros->at + list + first[o], first[o + 1] - first[o],
                              s->pixels + sample * s->pitch + from, s->levels + (o - s->first) * s->filter + to, turn);
    }
}

/* How many granules' sums fit the registers, and of that in rows and in columns. */
enum { SPIKE_TILE = LN_ACCUMULATORS / GRANULE_VECTORS, SPIKE_ROWS = SPIKE_TILE < 5 ? SPIKE_TILE : 5, SPIKE_GRANULES = SPIKE_TILE < 4 ? SPIKE_TILE : 4 };

#define SPIKE_CASE(R, G) TILE_CASE(8 * (R) + (G), (R) * (G) <= SPIKE_TILE, spiked_weights(R, G, s, row, granule))

static void some_weights(const nonzero_sums *s, int row, int rows, int granule, int columns)
{
    switch (8 * rows + columns) {
        SPIKE_CASE(1, 1) SPIKE_CASE(2, 1) SPIKE_CASE(3, 1) SPIKE_CASE(4, 1) SPIKE_CASE(5, 1)
        SPIKE_CASE(1, 2) SPIKE_CASE(2, 2) SPIKE_CASE(3, 2) SPIKE_CASE(4, 2) SPIKE_CASE(5, 2)
        SPIKE_CASE(1, 3) SPIKE_CASE(2, 3) SPIKE_CASE(3, 3) SPIKE_CASE(4, 3) SPIKE_CASE(5, 3)
        SPIKE_CASE(1, 4) SPIKE_CASE(2, 4) SPIKE_CASE(3, 4) SPIKE_CASE(4, 4) SPIKE_CASE(5, 4)
    }
}
#undef SPIKE_CASE

static void weights_of_panel(const nonzero_sums *s)
{
    const int all = (int)(s->stretch / GRANULE);
    for (int granule = 0, columns; granule < all; granule += columns) {
        columns = even_share(all - granule, SPIKE_GRANULES);
        const int most = SPIKE_TILE / columns < SPIKE_ROWS ? SPIKE_TILE / columns : SPIKE_ROWS;
        for (int row = 0, rows; row < s->c->kernel_height; row += rows) {
            rows = even_share(s->c->kernel_height - row, most);
            some_weights(s, row, rows, granule, columns);
        }
    }
}

/* A block's input to [16 samples][rows][columns][channels], samples `pitch` floats apart. */
static void pixels_of_samples(const ln_conv *c, const float *x, size_t pitch, float *pixels)
{
    const ptrdiff_t plane = (ptrdiff_t)(c->in_height + 2 * c->pad) * (c->in_width + 2 * c->pad), length = plane * c->in_channels;
    for (int group = 0; group < LN_GROUPS; group++, x += length * LN_WIDTH, pixels += LN_WIDTH * pitch) {
        ptrdiff_t channel = 0, place = 0;
        for (ptrdiff_t i = 0; i < length; i += LN_WIDTH) {
            vf square[LN_WIDTH];
            LN_UNROLL for (int k = 0; k < LN_WIDTH; k++) {
                square[k] = place < plane ? v_load(x + (channel * plane + place) * LN_WIDTH) : v_set(0);
                if (++channel == c->in_channels)
                    channel = 0, place++;
            }
            v_transpose(square);
            LN_UNROLL for (int k = 0; k < LN_WIDTH; k++)
                v_store(pixels + (size_t)k * pitch + i, square[k]);
        }
    }
}

/* The panel's complete sums to dw [channels][in_channels][kernel rows][kernel columns]. */
static void store_weights(const nonzero_sums *s, float *dw)
{
    const ln_conv *c = s->c;
    const float *from = s->levels + 4 * s->level;
    for (int o = s->first; o < s->end; o++, from += s->filter)
        for (ptrdiff_t i = 0; i < c->in_channels; i++)
            for (ptrdiff_t ky = 0; ky < c->kernel_height; ky++)
                for (ptrdiff_t kx = 0; kx < c->kernel_width; kx++)
                    *dw++ = from[ky * s->stretch + kx * c->in_channels + i];
}

static void conv_sparse_weights(const ln_conv *c, const float *x, const ln_nonzeros *nonzeros, float *scratch, float *dw, float *db)
{
    const size_t pitch = ln_sparse_pitch(c, c->in_channels);
    const int panel = ln_sparse_panel(c);
    nonzero_sums s = {.c = c, .nonzeros = nonzeros, .pixels = scratch, .pitch = (ptrdiff_t)pitch, .levels = scratch + LN_BLOCK * pitch};
    s.row = (ptrdiff_t)(c->in_width + 2 * c->pad) * c->in_channels;
    s.stretch = (ptrdiff_t)ln_sparse_row(c);
    s.filter = c->kernel_height * s.stretch;
    s.level = panel * s.filter;
    s.biases = s.levels + 5 * s.level;
    pixels_of_samples(c, x, pitch, scratch);
    for (; s.first < c->out_channels; s.first = s.end) {
        s.end = s.first + panel < c->out_channels ? s.first + panel : c->out_channels;
        weights_of_panel(&s);
        store_weights(&s, dw + s.first * ln_filter(c));
    }
    for (int o = 0; o < c->out_channels; o++)
        db[o] = tree_of(s.biases + o * LN_BLOCK, LN_WIDTH);
}
