/* SPDX-License-Identifier: MIT */
/*
 * conv.h - convolution forward and backward.
 *
 * The idea: a tile of results [channels][positions] stays in registers over the whole sum, each step loads a weight per
 * channel and a pixel vector per position and does channels x positions multiply-adds. Tiles at the end of a row
 * overlap the one before and compute some results twice, to the same bits, so there are no tails. Tile functions are
 * always inlined with constant sizes; switches choose among these.
 */

/*
 * Tile sizes: how many sums fit the registers. Channels per tile with 4 positions, with 2 positions, and kernel columns
 * x channels.
 */
enum {
    FORWARD_CHANNELS = LN_ACCUMULATORS / 4,
    POSITIONS = 4,
    SLIDES = LN_ACCUMULATORS >= 24, /* there are registers for pixels too */
    DATA_CHANNELS = LN_ACCUMULATORS / 2 < 6 ? LN_ACCUMULATORS / 2 : 6,
    WEIGHT_CHANNELS = LN_ACCUMULATORS < 6 ? LN_ACCUMULATORS : 6,
    WEIGHT_COLUMNS = LN_ACCUMULATORS < 5 ? LN_ACCUMULATORS : 5,
};

/* A case of a switch among tiles: CALL makes one, and is dropped where the tile does not fit the registers. */
#define TILE_CASE(key, fits, CALL)                                                                                     \
    case key:                                                                                                          \
        if (fits)                                                                                                      \
            CALL;                                                                                                      \
        break;

/* The next of `left` channels to take in tiles of at most `most`, as even as can be: 16 by 6 is 6, 5, 5. */
static inline int even_share(int left, int most)
{
    const int tiles = (left + most - 1) / most;
    return (left + tiles - 1) / tiles;
}

/* The sum over a block's lanes: one vector for each group, `next` floats apart. */
static inline float tree_of(const float *x, ptrdiff_t next)
{
    vf group[LN_GROUPS];
    for (int g = 0; g < LN_GROUPS; g++)
        group[g] = v_load(x + g * next);
    return v_tree(group);
}

/* Steps of `stride` from 0 on that it takes to `place`, at most `most`. */
static inline int steps_to(int place, int stride, int most)
{
    const int steps = place <= 0 ? 0 : stride == 1 ? place : (place + stride - 1) / stride;
    return steps < most ? steps : most;
}

static inline ln_box whole_box(const ln_conv *c) { return (ln_box){0, c->in_height + 2 * c->pad, 0, c->in_width + 2 * c->pad}; }

/* The same pointer, from which gcc derives no others: it would keep one for each of a tile's taps, in memory, and step them all. */
static inline const float *hide(const float *p)
{
    __asm__("" : "+r"(p));
    return p;
}

/* The same for what is written. */
static inline float *hide_output(float *p)
{
    __asm__("" : "+r"(p));
    return p;
}

/* ---------------------------------------------------------------------------------------------------- forward */

/* What a forward tile works on: one group's input and output, the padded input's strides in floats. */
typedef struct forward_walk {
    const ln_conv *conv;
    const float *x;          /* [in][rows][columns][W] of this group */
    const float *weights;    /* [out][in][kernel rows][kernel columns] */
    const float *bias;
    float *y;
    uint8_t *argmax;
    ptrdiff_t row, plane;    /* of x */
    ptrdiff_t y_plane;
    ln_box box;              /* of x */
    const float *numbers;    /* 0 to LN_CUT_OFF, and the least result with pooling: in memory, as all registers are full of sums */
} forward_walk;

/* What a kernel's row, from w to stop, adds to the sums of O channels and P positions, whose pixels are `shift` floats after x. */
LN_TILE void taps(const int O, const int P, ptrdiff_t filter, const float *x, const ptrdiff_t shift[], const float *w, const float *stop,
                  vf sum[][POSITIONS])
{
    do {
        vf weight[FORWARD_CHANNELS]; /* held, with one pixel at a time: 12 sums + 3 + 1 are 16 registers */
        LN_UNROLL for (int o = 0; o < O; o++)
            weight[o] = v_hold(v_set(w[o * filter]));
        LN_UNROLL for (int p = 0; p < P; p++) {
            const vf value = v_hold(v_load(x + shift[p]));
            LN_UNROLL for (int o = 0; o < O; o++)
                sum[o][p] = v_fma(weight[o], value, sum[o][p]);
        }
        x += LN_WIDTH;
    } while (++w != stop);
}

/* The same for R rows of C > 1 adjacent positions: all but one pixel of a row stay for the next tap. A shared core waits for loads. */
LN_TILE void sliding_taps(const int O, const int R, const int C, ptrdiff_t filter, const float *x, const ptrdiff_t shift[], const float *w,
                          const float *stop, vf sum[][POSITIONS])
{
    vf pixel[POSITIONS];
    LN_UNROLL for (int r = 0; r < R; r++)
        LN_UNROLL for (int c = 0; c < C - 1; c++)
            pixel[r * C + c] = v_hold(v_load(x + shift[r * C] + c * LN_WIDTH));
    do {
        LN_UNROLL for (int r = 0; r < R; r++)
            pixel[r * C + C - 1] = v_hold(v_load(x + shift[r * C] + (C - 1) * LN_WIDTH));
        LN_UNROLL for (int o = 0; o < O; o++) {
            const vf weight = v_hold(v_set(w[o * filter]));
            LN_UNROLL for (int p = 0; p < R * C; p++)
                sum[o][p] = v_fma(weight, pixel[p], sum[o][p]);
        }
        LN_UNROLL for (int r = 0; r < R; r++)
            LN_UNROLL for (int c = 0; c < C - 1; c++)
                pixel[r * C + c] = pixel[r * C + c + 1];
        x += LN_WIDTH;
    } while (++w != stop);
}

/*
 * sum[o][p] = bias[o] + the convolution at position p for output channels first .. first + O - 1. The positions' windows begin in rows
 * place->top to place->bottom and columns place->left to place->right; the kernel's rows and columns that lie outside the box for all of
 * them are left out. They lie in rows of C adjacent ones, or C is 1.
 */
LN_TILE void sums_of_rows(const int O, const int P, const int C, const forward_walk *walk, int first, const ln_box *place, const float *const at[],
                          vf sum[][POSITIONS])
{
    const ln_conv *c = walk->conv;
    const ptrdiff_t filter = ln_filter(c);
    const int row_low = steps_to(walk->box.top - place->bottom, 1, c->kernel_height), row_end = steps_to(walk->box.bottom - place->top, 1, c->kernel_height);
    const int low = steps_to(walk->box.left - place->right, 1, c->kernel_width), end = steps_to(walk->box.right - place->left, 1, c->kernel_width);
    LN_UNROLL for (int o = 0; o < O; o++)
        LN_UNROLL for (int p = 0; p < P; p++)
            sum[o][p] = v_set(walk->bias[first + o]);
    if (row_low >= row_end || low >= end)
        return;
    const ptrdiff_t row = walk->row, next = c->kernel_width, columns = end - low;
    ptrdiff_t shift[POSITIONS];
    LN_UNROLL for (int p = 0; p < P; p++)
        shift[p] = at[p] - at[0];
    const float *x = at[0] + row_low * row + low * LN_WIDTH;
    const float *w = walk->weights + first * filter + row_low * next + low;
    for (int i = c->in_channels; i > 0; i--) {
        const float *xr = x, *wr = w;
        for (int rows = row_end - row_low; rows > 0; rows--) {
            if (C > 1)
                sliding_taps(O, P / C, C, filter, xr, shift, wr, wr + columns, sum);
            else
                taps(O, P, filter, xr, shift, wr, wr + columns, sum);
            xr += row;
            wr += next;
        }
        x += walk->plane;
        w += c->kernel_height * next;
    }
}

/* The same for C positions `stride` apart in a row, which are adjacent if that is 1. */
LN_TILE void forward_sums(const int O, const int P, const int C, const forward_walk *walk, int first, const ln_box *place, const float *const at[],
                          vf sum[][POSITIONS])
{
    if (SLIDES && walk->conv->stride == 1)
        sums_of_rows(O, P, C, walk, first, place, at, sum);
    else
        sums_of_rows(O, P, 1, walk, first, place, at, sum);
}

/* The largest of four, NaN passing if it comes last, and which it was; numbers are 0 to 3. */
static inline vf first_maximum(const float numbers[4], const vf value[4], vf *place)
{
    vf best = value[0];
    *place = v_set(0);
    LN_UNROLL for (int i = 1; i < 4; i++) {
        *place = v_select(v_gt(value[i], best), v_set(numbers[i]), *place);
        best = v_max(best, value[i]);
    }
    return best;
}

/* One pooled position of O channels. */
LN_TILE void forward_pooled(const int O, const forward_walk *walk, int first, int row, int column)
{
    const ln_conv *c = walk->conv;
    const ptrdiff_t step = (ptrdiff_t)c->stride * LN_WIDTH, down = c->stride * walk->row, plane = walk->y_plane;
    const float *corner = walk->x + 2 * row * down + 2 * column * step;
    const float *const at[4] = {corner, corner + step, corner + down, corner + down + step};
    const int top = 2 * row * c->stride, left = 2 * column * c->stride;
    const ln_box place = {top, top + c->stride, left, left + c->stride};
    vf sum[FORWARD_CHANNELS][POSITIONS];
    forward_sums(O, 4, 2, walk, first, &place, at, sum);
    const ptrdiff_t to = first * plane + ((ptrdiff_t)row * (c->out_width / 2) + column) * LN_WIDTH;
    float *y = walk->y + to;
    uint8_t *argmax = walk->argmax + to;
    const vf least = v_set(walk->numbers[LN_CUT_OFF + 1]);
    LN_UNROLL for (int o = 0; o < O; o++, y += plane, argmax += plane) {
        vf which, best = first_maximum(walk->numbers, sum[o], &which);
        if (c->relu)
            which = v_select(v_gt(best, least), which, v_set(walk->numbers[LN_CUT_OFF]));
        v_store(y, v_max(least, best));
        v_store_u8(argmax, which);
    }
}

/* P positions of a row of O channels. */
LN_TILE void forward_plain(const int O, const int P, const forward_walk *walk, int first, int row, int column)
{
    const ln_conv *c = walk->conv;
    const ptrdiff_t step = (ptrdiff_t)c->stride * LN_WIDTH;
    const float *corner = walk->x + row * c->stride * walk->row + column * step;
    const float *at[POSITIONS];
    LN_UNROLL for (int p = 0; p < P; p++)
        at[p] = corner + p * step;
    const ln_box place = {row * c->stride, row * c->stride, column * c->stride, (column + P - 1) * c->stride};
    vf sum[FORWARD_CHANNELS][POSITIONS];
    forward_sums(O, P, P, walk, first, &place, at, sum);
    LN_UNROLL for (int o = 0; o < O; o++)
        LN_UNROLL for (int p = 0; p < P; p++)
            v_store(walk->y + (first + o) * walk->y_plane + ((ptrdiff_t)row * c->out_width + column + p) * LN_WIDTH, sum[o][p]);
}

/* One row of results of O channels. */
LN_TILE void forward_row(const int O, const forward_walk *shared, int first, int row)
{
    /* Local copies, in registers: a stored byte may alias anything, and after each of them gcc would load and compute all again. */
    const ln_conv conv = *shared->conv, *const c = &conv;
    forward_walk own = *shared, *const walk = &own;
    own.conv = c;
    if (c->pool) {
        for (int column = 0; column < c->out_width / 2; column++)
            forward_pooled(O, walk, first, row, column);
    } else if (c->out_width < 4) {
        for (int column = 0; column < c->out_width; column++)
            forward_plain(O, 1, walk, first, row, column);
    } else {
        for (int column = 0; column < c->out_width; column += 4)
            forward_plain(O, 4, walk, first, row, column + 4 <= c->out_width ? column : c->out_width - 4);
    }
}

static void forward_channels(int channels, const forward_walk *walk, int first, int row)
{
#define FORWARD_CASE(O) TILE_CASE(O, (O) <= FORWARD_CHANNELS, forward_row(O, walk, first, row))
    switch (channels) {
        FORWARD_CASE(1) FORWARD_CASE(2) FORWARD_CASE(3) FORWARD_CASE(4) FORWARD_CASE(5) FORWARD_CASE(6)
    }
#undef FORWARD_CASE
}

static void conv_forward(const ln_conv *c, const float *x, const ln_box *box, const float *weights, const float *bias, float *y, uint8_t *argmax)
{
    const int rows = c->in_height + 2 * c->pad, columns = c->in_width + 2 * c->pad;
    const int y_rows = c->pool ? c->out_height / 2 : c->out_height, y_columns = c->pool ? c->out_width / 2 : c->out_width;
    const float numbers[] = {0, 1, 2, 3, LN_CUT_OFF, c->relu ? 0 : -INFINITY};
    forward_walk walk = {.conv = c, .x = x, .weights = weights, .bias = bias, .y = y, .argmax = argmax, .numbers = numbers};
    walk.box = box ? *box : whole_box(c);
    walk.row = (ptrdiff_t)columns * LN_WIDTH;
    walk.plane = rows * walk.row;
    walk.y_plane = (ptrdiff_t)y_rows * y_columns * LN_WIDTH;
    for (int group = 0; group < LN_GROUPS; group++) {
        for (int row = 0; row < y_rows; row++)
            for (int first = 0, count; first < c->out_channels; first += count) {
                count = even_share(c->out_channels - first, FORWARD_CHANNELS);
                forward_channels(count, &walk, first, row);
            }
        walk.x += c->in_channels * walk.plane;
        walk.y += c->out_channels * walk.y_plane;
        if (argmax)
            walk.argmax += c->out_channels * walk.y_plane;
    }
}

/* ------------------------------------------------------------------------------------------------------ dilate */

/* One row of pooled gradient to the two rows of `dilated` it came from, `row` apart, neighbours `stride` apart. */
static inline void dilate_pooled_row(const ln_conv *c, int stride, const float *dy, const uint8_t *argmax, float *to, ptrdiff_t row)
{
    for (int column = 0; column < c->out_width / 2; column++, dy += LN_WIDTH, argmax += LN_WIDTH) {
        const vf d = v_load(dy), place = v_load_u8(argmax);
        float *corner = to + 2 * (ptrdiff_t)column * stride * LN_WIDTH;
        LN_UNROLL for (int i = 0; i < 4; i++)
            v_store(corner + (i / 2) * row + (i % 2) * stride * LN_WIDTH, v_keep(v_eq(place, v_set((float)i)), d));
    }
}

/* One row of a gradient that was not pooled. */
static inline void dilate_plain_row(int columns, int stride, const float *dy, float *to)
{
    for (int column = 0; column < columns; column++)
        v_store(to + (ptrdiff_t)column * stride * LN_WIDTH, v_load(dy + (ptrdiff_t)column * LN_WIDTH));
}

static void conv_dilate(const ln_conv *c, const float *dy, const uint8_t *argmax, float *dilated)
{
    const ptrdiff_t row = (ptrdiff_t)ln_dilated_columns(c) * LN_WIDTH, plane = ln_dilated_rows(c) * row;
    const int dy_rows = c->pool ? c->out_height / 2 : c->out_height, dy_columns = c->pool ? c->out_width / 2 : c->out_width;
    float *to = dilated;
    ptrdiff_t from = 0;
    for (int plane_index = 0; plane_index < LN_GROUPS * c->out_channels; plane_index++, to += plane)
        for (int r = 0; r < dy_rows; r++, from += (ptrdiff_t)dy_columns * LN_WIDTH)
            if (c->pool)
                dilate_pooled_row(c, c->stride, dy + from, argmax + from, to + 2 * r * c->stride * row, c->stride * row);
            else
                dilate_plain_row(dy_columns, c->stride, dy + from, to + r * c->stride * row);
}

/* ---------------------------------------------------------------------------------------------- backward data */

typedef struct data_walk {
    const ln_conv *conv;
    const float *dilated;     /* [out][rows][columns][W] of this group */
    const float *weights;    /* [out][in][kernel rows][kernel columns] */
    float *dx;
    ptrdiff_t row, plane;    /* of dilated */
} data_walk;

/* One kernel column's part in the sums of C input channels at the positions low..high; d is the gradient that position 0 is multiplied by. */
LN_TILE void data_tap(const int C, const int low, const int high, const float *d, const float *w, ptrdiff_t filter, vf sum[][POSITIONS])
{
    vf value[POSITIONS];
    LN_UNROLL for (int p = low; p <= high; p++)
        value[p] = v_hold(v_load(d + p * LN_WIDTH));
    LN_UNROLL for (int i = 0; i < C; i++) {
        const vf weight = v_set(w[i * filter]);
        LN_UNROLL for (int p = low; p <= high; p++)
            sum[i][p] = v_fma(weight, value[p], sum[i][p]);
    }
}

/*
 * dx of C input channels at P adjacent positions of a row, no more than the dilated gradient has columns. Position p
 * uses dilated column x + p - kx. Where some of the positions have no such column, the kernel column has a tap for the
 * others only: nothing is multiplied by padding, and the gradient needs no border of zeros.
 */
LN_TILE void data_tile(const int C, const int P, const data_walk *walk, int first, int in_row, int column)
{
    const ln_conv *c = walk->conv;
    const int y = in_row + c->pad, x = column + c->pad, last = c->kernel_width - 1;
    const int right = (c->out_width - 1) * c->stride, bottom = ln_dilated_rows(c) - 1;
    const ptrdiff_t filter = (ptrdiff_t)c->kernel_height * c->kernel_width, plane = (ptrdiff_t)c->in_height * c->in_width * LN_WIDTH;
    const int row_low = y > c->kernel_height - 1 ? y - (c->kernel_height - 1) : 0, row_high = y < bottom ? y : bottom;
    const int low = x + P - 1 > right ? x + P - 1 - right : 0, high = x < last ? x : last; /* kernel columns that all positions use */
    float *dx = walk->dx + first * plane + ((ptrdiff_t)in_row * c->in_width + column) * LN_WIDTH;
    vf sum[DATA_CHANNELS][POSITIONS];
    LN_UNROLL for (int i = 0; i < C; i++)
        LN_UNROLL for (int p = 0; p < P; p++)
            sum[i][p] = v_set(0);
    for (int o = 0; o < c->out_channels; o++)
        for (int r = row_low; r <= row_high; r++) {
            const float *d = hide(walk->dilated + o * walk->plane + r * walk->row + (ptrdiff_t)x * LN_WIDTH);
            const float *w = hide(walk->weights + (o * c->in_channels + first) * filter + (y - r) * c->kernel_width);
            if (P > 1 && x < last)
                LN_UNROLL for (int p = P - 1; p > 0; p--) /* positions p and on are right of the left border */
                    if (x + p <= last)
                        data_tap(C, p, P - 1, d - (x + p) * LN_WIDTH, w + x + p, filter, sum);
            for (int kx = high; kx >= low; kx--)
                data_tap(C, 0, P - 1, d - kx * LN_WIDTH, w + kx, filter, sum);
            if (P > 1 && low > 0)
                LN_UNROLL for (int p = P - 2; p >= 0; p--) /* positions up to p are left of the right border */
                    if (x + p - right >= 0 && x + p - right <= last)
                        data_tap(C, 0, p, d - (x + p - right) * LN_WIDTH, w + x + p - right, filter, sum);
        }
    LN_UNROLL for (int i = 0; i < C; i++)
        LN_UNROLL for (int p = 0; p < P; p++)
            v_store(dx + i * plane + p * LN_WIDTH, sum[i][p]);
}

/* All rows of P columns: neighbours in a column have the same taps, and share all but one row of gradient. */
LN_TILE void data_column(const int C, const int P, const data_walk *walk, int first, int x)
{
    for (int y = 0; y < walk->conv->in_height; y++)
        data_tile(C, P, walk, first, y, x);
}

LN_TILE void data_columns(const int C, const data_walk *walk, int first)
{
    const ln_conv *c = walk->conv;
    int x = 0;
    for (; LN_ACCUMULATORS >= 24 && x + 4 <= c->in_width && c->out_width >= 4; x += 4)
        data_column(C, 4, walk, first, x);
    for (; x + 2 <= c->in_width && c->out_width >= 2; x += 2)
        data_column(C, 2, walk, first, x);
    for (; x < c->in_width; x++)
        data_column(C, 1, walk, first, x);
}

static void data_channels(int channels, const data_walk *walk, int first)
{
#define DATA_CASE(C) TILE_CASE(C, (C) <= DATA_CHANNELS, data_columns(C, walk, first))
    switch (channels) {
        DATA_CASE(1) DATA_CASE(2) DATA_CASE(3) DATA_CASE(4) DATA_CASE(5) DATA_CASE(6)
    }
#undef DATA_CASE
}

static void conv_backward_data(const ln_conv *c, const float *dilated, const float *weights, float *dx)
{
    data_walk walk = {.conv = c, .dilated = dilated, .weights = weights, .dx = dx};
    walk.row = (ptrdiff_t)ln_dilated_columns(c) * LN_WIDTH;
    walk.plane = ln_dilated_rows(c) * walk.row;
    for (int group = 0; group < LN_GROUPS; group++) {
        for (int first = 0, count; first < c->in_channels; first += count) {
            count = even_share(c->in_channels - first, DATA_CHANNELS);
            data_channels(count, &walk, first);
        }
        walk.dilated += c->out_channels * walk.plane;
        walk.dx += (ptrdiff_t)c->in_channels * c->in_height * c->in_width * LN_WIDTH;
    }
}

/* ------------------------------------------------------------------------------------------- backward weights */

/* Which part of the sums: `rows` x `columns` outputs. */
typedef struct weight_walk {
    const ln_conv *conv;
    const float *x, *dilated; /* at the first output */
    float *dw;
    float *sums;             /* of a strip: [weights][W], to go on from and to leave the sums in; NULL: from 0 to dw */
    int rows, columns;
    ln_box box;              /* of x, seen from its first row here */
    ptrdiff_t x_row, x_plane, x_group, d_step, d_row, d_plane, d_group; /* x_row and the steps of d: from output to output */
} weight_walk;

/* What U adjacent outputs of O channels add to the sums of K adjacent kernel columns: each pixel is loaded once. With U > 1 the stride is 1. */
LN_TILE void weight_outputs(const int O, const int K, const int U, const float *x, const float *d, ptrdiff_t d_step, ptrdiff_t d_plane,
                            vf sum[][WEIGHT_COLUMNS])
{
    vf value[WEIGHT_COLUMNS + 1];
    LN_UNROLL for (int k = 0; k < K + U - 1; k++)
        value[k] = v_hold(v_load(x + k * LN_WIDTH));
    LN_UNROLL for (int u = 0; u < U; u++)
        LN_UNROLL for (int o = 0; o < O; o++) {
            const vf gradient = v_hold(v_load(d + u * d_step + o * d_plane));
            LN_UNROLL for (int k = 0; k < K; k++)
                sum[o][k] = v_fma(gradient, value[u + k], sum[o][k]);
        }
}

/* The sums of O output channels and K adjacent kernel columns over some rows and columns of outputs, U at once if the stride is 1; x and d are at the first. */
LN_TILE void weight_sums(const int O, const int K, const int U, const weight_walk *walk, int rows, int columns, const float *x, const float *d,
                         vf sum[][WEIGHT_COLUMNS])
{
    const ptrdiff_t step = (ptrdiff_t)walk->conv->stride * LN_WIDTH, d_step = walk->d_step, d_plane = walk->d_plane;
    for (; rows > 0; rows--, x += walk->x_row, d += walk->d_row) {
        const float *xp = x, *dp = d;
        int left = columns;
        if (U > 1 && step == LN_WIDTH)
            for (; left >= U; left -= U, xp = hide(xp + U * LN_WIDTH), dp += U * d_step)
                weight_outputs(O, K, U, xp, dp, d_step, d_plane, sum);
        for (; left > 0; left--, xp += step, dp += d_step)
            weight_outputs(O, K, 1, xp, dp, d_step, d_plane, sum);
    }
}

/* Where a tile begins: its first output channel, input channel, kernel row and column. */
typedef struct weight_place {
    int first, channel, ky, kx;
} weight_place;

/* Adds to the sums of O output channels and K adjacent kernel columns, [channels][columns][W], channels `next` floats apart. */
LN_TILE void weight_strip(const int O, const int K, const weight_walk *walk, int rows, int columns, const float *x, const float *d, float *sums,
                          ptrdiff_t next)
{
    vf sum[WEIGHT_CHANNELS][WEIGHT_COLUMNS];
    float *from = sums;
    LN_UNROLL for (int o = 0; o < O; o++, from = hide_output(from + next))
        LN_UNROLL for (int k = 0; k < K; k++)
            sum[o][k] = v_load(from + k * LN_WIDTH);
    weight_sums(O, K, K > 1 ? 2 : 1, walk, rows, columns, x, d, sum);
    sums = hide_output(sums);
    LN_UNROLL for (int o = 0; o < O; o++, sums = hide_output(sums + next))
        LN_UNROLL for (int k = 0; k < K; k++)
            v_store(sums + k * LN_WIDTH, sum[o][k]);
}

/* dw of O output channels and K adjacent kernel columns, channels `next` floats apart. */
LN_TILE void weight_whole(const int O, const int K, const weight_walk *walk, const float *x, const float *d, float *dw, ptrdiff_t next)
{
    vf total[WEIGHT_CHANNELS][WEIGHT_COLUMNS][LN_GROUPS];
    for (int group = 0; group < LN_GROUPS; group++, x += walk->x_group, d += walk->d_group) {
        vf sum[WEIGHT_CHANNELS][WEIGHT_COLUMNS];
        LN_UNROLL for (int o = 0; o < O; o++)
            LN_UNROLL for (int k = 0; k < K; k++)
                sum[o][k] = v_set(0);
        weight_sums(O, K, 1, walk, walk->rows, walk->columns, x, d, sum);
        LN_UNROLL for (int o = 0; o < O; o++)
            LN_UNROLL for (int k = 0; k < K; k++)
                total[o][k][group] = sum[o][k];
    }
    LN_UNROLL for (int o = 0; o < O; o++, dw += next)
        LN_UNROLL for (int k = 0; k < K; k++)
            dw[k] = v_tree(total[o][k]);
}

/* O output channels and K adjacent kernel columns, at one input channel and kernel row. */
LN_TILE void weight_tile(const int O, const int K, const weight_walk *walk, const weight_place *place)
{
    const ln_conv *c = walk->conv;
    const int stride = c->stride, ky = place->ky, kx = place->kx;
    const int low_row = steps_to(walk->box.top - ky, stride, walk->rows), rows = steps_to(walk->box.bottom - ky, stride, walk->rows) - low_row;
    const int low = steps_to(walk->box.left - kx - (K - 1), stride, walk->columns), columns = steps_to(walk->box.right - kx, stride, walk->columns) - low;
    const ptrdiff_t filter = ln_filter(c), weight = place->first * filter + ((ptrdiff_t)place->channel * c->kernel_height + ky) * c->kernel_width + kx;
    const float *x = walk->x + place->channel * walk->x_plane + ky * (walk->x_row / stride) + kx * LN_WIDTH;
    const float *d = walk->dilated + place->first * walk->d_plane;
    if (!walk->sums)
        weight_whole(O, K, walk, x, d, walk->dw + weight, filter);
    else if (rows > 0 && columns > 0)
        weight_strip(O, K, walk, rows, columns, x + low_row * walk->x_row + (ptrdiff_t)low * stride * LN_WIDTH,
                     d + low_row * walk->d_row + low * walk->d_step, walk->sums + weight * LN_WIDTH, filter * LN_WIDTH);
}

/* How many output channels go with `columns` kernel columns. */
static inline int weight_channels(int columns)
{
    const int most = LN_ACCUMULATORS / columns;
    return most > WEIGHT_CHANNELS ? WEIGHT_CHANNELS : most;
}

#define WEIGHT_CASE(O, K)                                                                                              \
    TILE_CASE(8 * (K) + (O), (O) * (K) <= LN_ACCUMULATORS && (O) <= WEIGHT_CHANNELS && (K) <= WEIGHT_COLUMNS,          \
              weight_tile(O, K, walk, place))

static void weight_columns(int channels, int columns, const weight_walk *walk, const weight_place *place)
{
    switch (8 * columns + channels) {
        WEIGHT_CASE(1, 1) WEIGHT_CASE(2, 1) WEIGHT_CASE(3, 1) WEIGHT_CASE(4, 1) WEIGHT_CASE(5, 1) WEIGHT_CASE(6, 1)
        WEIGHT_CASE(1, 2) WEIGHT_CASE(2, 2) WEIGHT_CASE(3, 2) WEIGHT_CASE(4, 2) WEIGHT_CASE(5, 2) WEIGHT_CASE(6, 2)
        WEIGHT_CASE(1, 3) WEIGHT_CASE(2, 3) WEIGHT_CASE(3, 3) WEIGHT_CASE(4, 3) WEIGHT_CASE(5, 3) WEIGHT_CASE(6, 3)
        WEIGHT_CASE(1, 4) WEIGHT_CASE(2, 4) WEIGHT_CASE(3, 4) WEIGHT_CASE(4, 4) WEIGHT_CASE(5, 4) WEIGHT_CASE(6, 4)
        WEIGHT_CASE(1, 5) WEIGHT_CASE(2, 5) WEIGHT_CASE(3, 5) WEIGHT_CASE(4, 5)
    }
}
#undef WEIGHT_CASE

/* How many of `left` output channels to take together: as many as the widest tile of kernel columns allows. */
static inline int channels_together(const ln_conv *c, int left)
{
    return even_share(left, weight_channels(even_share(c->kernel_width, WEIGHT_COLUMNS)));
}

/* All weights of `channels` output channels, which go together. */
static void weight_tiles(const weight_walk *walk, int first, int channels)
{
    const ln_conv *c = walk->conv;
    weight_place place = {.first = first};
    for (int columns; place.kx < c->kernel_width; place.kx += columns) {
        columns = even_share(c->kernel_width - place.kx, WEIGHT_COLUMNS);
        for (place.channel = 0; place.channel < c->in_channels; place.channel++)
            for (place.ky = 0; place.ky < c->kernel_height; place.ky++)
                weight_columns(channels, columns, walk, &place);
    }
}

/* `sum` and the gradients of one channel and group, for the bias. */
static inline vf bias_sum(const weight_walk *walk, int group, int channel, vf sum)
{
    const float *d = walk->dilated + group * walk->d_group + channel * walk->d_plane;
    for (int row = 0; row < walk->rows; row++, d += walk->d_row)
        for (int column = 0; column < walk->columns; column++)
            sum = v_add(sum, v_load(d + column * walk->d_step));
    return sum;
}

/* The part of a walk that every gradient of weights has. */
static weight_walk walk_of_weights(const ln_conv *c, const float *x, const float *dilated, float *dw)
{
    weight_walk walk = {.conv = c, .x = x, .dilated = dilated, .dw = dw, .rows = c->out_height, .columns = c->out_width};
    const ptrdiff_t row = (ptrdiff_t)(c->in_width + 2 * c->pad) * LN_WIDTH;
    walk.x_row = c->stride * row;
    walk.x_plane = (c->in_height + 2 * c->pad) * row;
    walk.x_group = c->in_channels * walk.x_plane;
    walk.box = whole_box(c);
    return walk;
}

static void conv_backward_weights(const ln_conv *c, const float *x, const float *dilated, float *dw, float *db)
{
    weight_walk walk = walk_of_weights(c, x, dilated, dw);
    walk.d_step = (ptrdiff_t)c->stride * LN_WIDTH;
    walk.d_row = c->stride * (ptrdiff_t)ln_dilated_columns(c) * LN_WIDTH;
    walk.d_plane = ln_dilated_rows(c) * (ptrdiff_t)ln_dilated_columns(c) * LN_WIDTH;
    walk.d_group = c->out_channels * walk.d_plane;
    for (int first = 0, channels; first < c->out_channels; first += channels) {
        channels = channels_together(c, c->out_channels - first);
        weight_tiles(&walk, first, channels);
    }
    for (int o = 0; o < c->out_channels; o++) {
        vf total[LN_GROUPS];
        for (int group = 0; group < LN_GROUPS; group++)
            total[group] = bias_sum(&walk, group, o, v_set(0));
        db[o] = v_tree(total);
    }
}

/* Spreads the walk's rows, from output row `row` on, of one group and some channels, without gaps. */
static void dilate_strip(const weight_walk *walk, int group, int row, int first, int channels, const float *dy, const uint8_t *argmax,
                         float *strip)
{
    const ln_conv *c = walk->conv;
    const int part = c->pool ? 2 : 1;
    const ptrdiff_t dy_row = (ptrdiff_t)(c->out_width / part) * LN_WIDTH, dy_plane = c->out_height / part * dy_row;
    for (int o = 0; o < channels; o++)
        for (int r = 0; r < walk->rows; r += part) {
            const ptrdiff_t from = (group * c->out_channels + first + o) * dy_plane + (row + r) / part * dy_row;
            float *to = strip + o * walk->d_plane + r * walk->d_row;
            if (c->pool)
                dilate_pooled_row(c, 1, dy + from, argmax + from, to, walk->d_row);
            else
                dilate_plain_row(c->out_width, 1, dy + from, to);
        }
}

static void conv_backward_first(const ln_conv *c, const float *x, const ln_box *box, const float *dy, const uint8_t *argmax, float *scratch,
                                float *dw, float *db)
{
    const int part = c->pool ? 2 : 1, rows = c->out_height / part * part, strip = ln_strip_rows(c);
    const ptrdiff_t weights = ln_filter(c) * c->out_channels, sums = weights + c->out_channels; /* the biases after the weights */
    float *const dilated = scratch + LN_GROUPS * sums * LN_WIDTH;
    weight_walk walk = walk_of_weights(c, x, dilated, NULL);
    const ln_box seen = box ? *box : walk.box;
    walk.columns = c->out_width / part * part;
    walk.d_step = LN_WIDTH;
    walk.d_row = (ptrdiff_t)walk.columns * LN_WIDTH;
    walk.d_plane = strip * walk.d_row;
    memset(scratch, 0, (size_t)(LN_GROUPS * sums * LN_WIDTH) * sizeof *scratch);
    for (int group = 0; group < LN_GROUPS; group++) {
        walk.sums = scratch + group * sums * LN_WIDTH;
        for (int row = 0; row < rows; row += strip) {
            walk.rows = row + strip <= rows ? strip : rows - row;
            walk.x = x + group * walk.x_group + row * walk.x_row;
            walk.box = (ln_box){seen.top - row * c->stride, seen.bottom - row * c->stride, seen.left, seen.right};
            for (int first = 0, channels; first < c->out_channels; first += channels) {
                channels = channels_together(c, c->out_channels - first);
                walk.dilated = dilated - first * walk.d_plane;
                dilate_strip(&walk, group, row, first, channels, dy, argmax, dilated);
                weight_tiles(&walk, first, channels);
                for (int o = first; o < first + channels; o++) {
                    float *bias = walk.sums + (weights + o) * LN_WIDTH;
                    v_store(bias, bias_sum(&walk, 0, o, v_load(bias)));
                }
            }
        }
    }
    for (ptrdiff_t i = 0; i < sums; i++)
        *(i < weights ? dw + i : db + (i - weights)) = tree_of(scratch + i * LN_WIDTH, sums * LN_WIDTH);
}
