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
    DATA_CHANNELS = 6,
    WEIGHT_CHANNELS = 6,
    WEIGHT_COLUMNS = 5,
};

/* The next of `left` channels to take in tiles of at most `most`, as even as can be: 16 by 6 is 6, 5, 5. */
static inline int even_share(int left, int most)
{
    const int tiles = (left + most - 1) / most;
    return (left + tiles - 1) / tiles;
}

/* ---------------------------------------------------------------------------------------------------- forward */

/* What a forward tile works on: one group's input and output, the padded input's strides in floats. */
typedef struct forward_walk {
    const ln_conv *conv;
    const float *x;          /* [in][rows][columns][W] of this group */
    const float *weights;    /* [out][in][kernel rows][kernel columns] */
    const float *bias;
    float *y;
    uint8_t *choice;
    ptrdiff_t row, plane;    /* of x */
    ptrdiff_t y_plane;
} forward_walk;

/* sum[o][p] = bias[o] + the convolution at position p for output channels first .. first + O - 1. */
LN_TILE void forward_sums(const int O, const int P, const forward_walk *walk, int first, const float *const at[],
                          vf sum[][POSITIONS])
{
    const ln_conv *c = walk->conv;
    const ptrdiff_t filter = ln_filter(c);
    const float *w = walk->weights + first * filter;
    LN_UNROLL for (int o = 0; o < O; o++)
        LN_UNROLL for (int p = 0; p < P; p++)
            sum[o][p] = v_set(walk->bias[first + o]);
    for (int i = 0; i < c->in_channels; i++)
        for (int ky = 0; ky < c->kernel_height; ky++) {
            const ptrdiff_t offset = i * walk->plane + ky * walk->row;
            for (int kx = 0; kx < c->kernel_width; kx++, w++) {
                vf weight[FORWARD_CHANNELS]; /* held, one pixel at a time beside them: 12 sums + 3 + 1 are just 16 registers */
                LN_UNROLL for (int o = 0; o < O; o++)
                    weight[o] = v_hold(v_set(w[o * filter]));
                LN_UNROLL for (int p = 0; p < P; p++) {
                    const vf x = v_hold(v_load(at[p] + offset + kx * LN_WIDTH));
                    LN_UNROLL for (int o = 0; o < O; o++)
                        sum[o][p] = v_fma(weight[o], x, sum[o][p]);
                }
            }
        }
}

/* The largest of four, NaN passing if it comes last, and which it was. */
static inline vf first_maximum(const vf value[4], vf *place)
{
    vf best = value[0];
    *place = v_set(0);
    LN_UNROLL for (int i = 1; i < 4; i++) {
        *place = v_select(v_gt(value[i], best), v_set((float)i), *place);
        best = v_max(best, value[i]);
    }
    return best;
}

/* One pooled position of O channels. */
LN_TILE void forward_pooled(const int O, const forward_walk *walk, int first, int row, int column)
{
    const ln_conv *c = walk->conv;
    const ptrdiff_t step = (ptrdiff_t)c->stride * LN_WIDTH, down = c->stride * walk->row;
    const float *corner = walk->x + 2 * row * down + 2 * column * step;
    const float *const at[4] = {corner, corner + step, corner + down, corner + down + step};
    vf sum[FORWARD_CHANNELS][POSITIONS];
    forward_sums(O, 4, walk, first, at, sum);
    LN_UNROLL for (int o = 0; o < O; o++) {
        const ptrdiff_t to = (first + o) * walk->y_plane + ((ptrdiff_t)row * (c->out_width / 2) + column) * LN_WIDTH;
        vf place, best = first_maximum(sum[o], &place);
        v_store(walk->y + to, c->relu ? relu(best) : best);
        v_store_u8(walk->choice + to, place);
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
    vf sum[FORWARD_CHANNELS][POSITIONS];
    forward_sums(O, P, walk, first, at, sum);
    LN_UNROLL for (int o = 0; o < O; o++)
        LN_UNROLL for (int p = 0; p < P; p++)
            v_store(walk->y + (first + o) * walk->y_plane + ((ptrdiff_t)row * c->out_width + column + p) * LN_WIDTH, sum[o][p]);
}

/* One row of results of O channels. */
LN_TILE void forward_row(const int O, const forward_walk *walk, int first, int row)
{
    const ln_conv *c = walk->conv;
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
    switch (channels) {
    case 1: forward_row(1, walk, first, row); break;
    case 2: forward_row(2, walk, first, row); break;
    case 3: forward_row(3, walk, first, row); break;
#if LN_ACCUMULATORS >= 24
    case 4: forward_row(4, walk, first, row); break;
    case 5: forward_row(5, walk, first, row); break;
    case 6: forward_row(6, walk, first, row); break;
#endif
    }
}

static void conv_forward(const ln_conv *c, const float *x, const float *weights, const float *bias, float *y, uint8_t *choice)
{
    const int rows = c->in_height + 2 * c->pad, columns = c->in_width + 2 * c->pad;
    const int y_rows = c->pool ? c->out_height / 2 : c->out_height, y_columns = c->pool ? c->out_width / 2 : c->out_width;
    forward_walk walk = {.conv = c, .x = x, .weights = weights, .bias = bias, .y = y, .choice = choice};
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
        if (choice)
            walk.choice += c->out_channels * walk.y_plane;
    }
}

/* ----------------------------------------------------------------------------------------------------- spread */

/* One row of pooled gradient to the two rows of `spread` it came from. */
static inline void spread_pooled_row(const ln_conv *c, const float *dy, const float *y, const uint8_t *choice, float *to, ptrdiff_t row)
{
    const vf zero = v_set(0);
    for (int column = 0; column < c->out_width / 2; column++, dy += LN_WIDTH, y += LN_WIDTH, choice += LN_WIDTH) {
        vf d = v_load(dy);
        if (c->relu)
            d = v_keep(v_gt(v_load(y), zero), d);
        const vf place = v_load_u8(choice);
        float *corner = to + 2 * (ptrdiff_t)column * c->stride * LN_WIDTH;
        LN_UNROLL for (int i = 0; i < 4; i++)
            v_store(corner + (i / 2) * row + (i % 2) * c->stride * LN_WIDTH, v_keep(v_eq(place, v_set((float)i)), d));
    }
}

static void conv_spread(const ln_conv *c, const float *dy, const float *y, const uint8_t *choice, float *spread)
{
    const ptrdiff_t row = (ptrdiff_t)ln_spread_columns(c) * LN_WIDTH, plane = ln_spread_rows(c) * row;
    const int dy_rows = c->pool ? c->out_height / 2 : c->out_height, dy_columns = c->pool ? c->out_width / 2 : c->out_width;
    float *to = spread + (ptrdiff_t)ln_spread_border(c) * LN_WIDTH;
    ptrdiff_t from = 0;
    for (int plane_index = 0; plane_index < LN_GROUPS * c->out_channels; plane_index++, to += plane)
        for (int r = 0; r < dy_rows; r++, from += (ptrdiff_t)dy_columns * LN_WIDTH) {
            if (c->pool) {
                spread_pooled_row(c, dy + from, y + from, choice + from, to + 2 * r * c->stride * row, c->stride * row);
                continue;
            }
            for (int column = 0; column < dy_columns; column++)
                v_store(to + r * c->stride * row + (ptrdiff_t)column * c->stride * LN_WIDTH, v_load(dy + from + column * LN_WIDTH));
        }
}

/* ---------------------------------------------------------------------------------------------- backward data */

typedef struct data_walk {
    const ln_conv *conv;
    const float *spread;     /* [out][rows][columns][W] of this group, at padded input column 0's left border */
    const float *weights;    /* [out][in][kernel rows][kernel columns] */
    float *dx;
    ptrdiff_t row, plane;    /* of spread */
} data_walk;

/*
 * dx of C input channels at P adjacent positions of a row. `low`..`high` are the spread columns, counted from the left
 * border, that can be non-zero.
 */
LN_TILE void data_tile(const int C, const int P, const data_walk *walk, int first, int y, int x)
{
    const ln_conv *c = walk->conv;
    const int padded_y = y + c->pad, padded_x = x + c->pad, last_kx = c->kernel_width - 1;
    const int rows = ln_spread_rows(c), columns = (c->out_width - 1) * c->stride + 1;
    const ptrdiff_t taps = (ptrdiff_t)c->kernel_height * c->kernel_width;
    const int row_low = padded_y - (c->kernel_height - 1) > 0 ? padded_y - (c->kernel_height - 1) : 0;
    const int row_high = padded_y < rows - 1 ? padded_y : rows - 1;
    /*
     * Position x + p meets spread column padded_x + p - kx: leave out the kernel columns where all P lie outside 0 ..
     * columns - 1.
     */
    const int kx_high = padded_x + P - 1 < last_kx ? padded_x + P - 1 : last_kx;
    const int kx_low = padded_x - (columns - 1) > 0 ? padded_x - (columns - 1) : 0;
    vf sum[DATA_CHANNELS][POSITIONS];
    LN_UNROLL for (int i = 0; i < C; i++)
        LN_UNROLL for (int p = 0; p < P; p++)
            sum[i][p] = v_set(0);
    for (int o = 0; o < c->out_channels; o++)
        for (int r = row_low; r <= row_high; r++) {
            const float *from = walk->spread + o * walk->plane + r * walk->row + (ptrdiff_t)(padded_x + last_kx) * LN_WIDTH;
            const float *w = walk->weights + (o * c->in_channels + first) * taps + (padded_y - r) * c->kernel_width;
            for (int kx = kx_high; kx >= kx_low; kx--) {
                vf d[POSITIONS];
                LN_UNROLL for (int p = 0; p < P; p++)
                    d[p] = v_hold(v_load(from + (p - kx) * LN_WIDTH));
                LN_UNROLL for (int i = 0; i < C; i++) {
                    const vf weight = v_set(w[i * taps + kx]);
                    LN_UNROLL for (int p = 0; p < P; p++)
                        sum[i][p] = v_fma(weight, d[p], sum[i][p]);
                }
            }
        }
    LN_UNROLL for (int i = 0; i < C; i++)
        LN_UNROLL for (int p = 0; p < P; p++)
            v_store(walk->dx + (((ptrdiff_t)(first + i) * c->in_height + y) * c->in_width + x + p) * LN_WIDTH, sum[i][p]);
}

LN_TILE void data_row(const int C, const data_walk *walk, int first, int y)
{
    const int width = walk->conv->in_width;
    if (width < 2) {
        data_tile(C, 1, walk, first, y, 0);
        return;
    }
    for (int x = 0; x < width; x += 2)
        data_tile(C, 2, walk, first, y, x + 2 <= width ? x : width - 2);
}

static void data_channels(int channels, const data_walk *walk, int first, int y)
{
    switch (channels) {
    case 1: data_row(1, walk, first, y); break;
    case 2: data_row(2, walk, first, y); break;
    case 3: data_row(3, walk, first, y); break;
    case 4: data_row(4, walk, first, y); break;
    case 5: data_row(5, walk, first, y); break;
    case 6: data_row(6, walk, first, y); break;
    }
}

static void conv_backward_data(const ln_conv *c, const float *spread, const float *weights, float *dx)
{
    data_walk walk = {.conv = c, .spread = spread, .weights = weights, .dx = dx};
    walk.row = (ptrdiff_t)ln_spread_columns(c) * LN_WIDTH;
    walk.plane = ln_spread_rows(c) * walk.row;
    for (int group = 0; group < LN_GROUPS; group++) {
        for (int y = 0; y < c->in_height; y++)
            for (int first = 0, count; first < c->in_channels; first += count) {
                count = even_share(c->in_channels - first, DATA_CHANNELS);
                data_channels(count, &walk, first, y);
            }
        walk.spread += c->out_channels * walk.plane;
        walk.dx += (ptrdiff_t)c->in_channels * c->in_height * c->in_width * LN_WIDTH;
    }
}

/* ------------------------------------------------------------------------------------------- backward weights */

typedef struct weight_walk {
    const ln_conv *conv;
    const float *x, *spread;
    float *dw;
    ptrdiff_t x_row, x_plane, x_group, d_row, d_plane, d_group;
} weight_walk;

/* dw of O output channels and K adjacent kernel columns, at one input channel and kernel row. */
LN_TILE void weight_tile(const int O, const int K, const weight_walk *walk, int first, int channel, int ky, int kx)
{
    const ln_conv *c = walk->conv;
    const ptrdiff_t step = (ptrdiff_t)c->stride * LN_WIDTH;
    vf total[WEIGHT_CHANNELS][WEIGHT_COLUMNS][LN_GROUPS];
    for (int group = 0; group < LN_GROUPS; group++) {
        const float *x = walk->x + group * walk->x_group + channel * walk->x_plane + ky * walk->x_row + kx * LN_WIDTH;
        const float *d = walk->spread + group * walk->d_group + first * walk->d_plane + ln_spread_border(c) * LN_WIDTH;
        vf sum[WEIGHT_CHANNELS][WEIGHT_COLUMNS];
        LN_UNROLL for (int o = 0; o < O; o++)
            LN_UNROLL for (int k = 0; k < K; k++)
                sum[o][k] = v_set(0);
        for (int row = 0; row < c->out_height; row++, x += c->stride * walk->x_row, d += c->stride * walk->d_row) {
            const float *xp = x, *dp = d;
            for (int column = 0; column < c->out_width; column++, xp += step, dp += step) {
                vf value[WEIGHT_COLUMNS];
                LN_UNROLL for (int k = 0; k < K; k++)
                    value[k] = v_hold(v_load(xp + k * LN_WIDTH));
                LN_UNROLL for (int o = 0; o < O; o++) {
                    const vf gradient = v_load(dp + o * walk->d_plane);
                    LN_UNROLL for (int k = 0; k < K; k++)
                        sum[o][k] = v_fma(gradient, value[k], sum[o][k]);
                }
            }
        }
        LN_UNROLL for (int o = 0; o < O; o++)
            LN_UNROLL for (int k = 0; k < K; k++)
                total[o][k][group] = sum[o][k];
    }
    float *dw = walk->dw + (((ptrdiff_t)first * c->in_channels + channel) * c->kernel_height + ky) * c->kernel_width + kx;
    const ptrdiff_t filter = ln_filter(c);
    LN_UNROLL for (int o = 0; o < O; o++)
        LN_UNROLL for (int k = 0; k < K; k++)
            dw[o * filter + k] = v_tree(total[o][k]);
}

/* How many output channels go with `columns` kernel columns. */
static inline int weight_channels(int columns)
{
    const int most = LN_ACCUMULATORS / columns;
    return most > WEIGHT_CHANNELS ? WEIGHT_CHANNELS : most;
}

#define WEIGHT_CASE(O, K)                                                                                              \
    case 8 * (K) + (O): weight_tile(O, K, walk, first, channel, ky, kx); break;

static void weight_columns(int channels, int columns, const weight_walk *walk, int first, int channel, int ky, int kx)
{
    switch (8 * columns + channels) {
        WEIGHT_CASE(1, 1) WEIGHT_CASE(2, 1) WEIGHT_CASE(3, 1) WEIGHT_CASE(4, 1) WEIGHT_CASE(5, 1) WEIGHT_CASE(6, 1)
        WEIGHT_CASE(1, 2) WEIGHT_CASE(2, 2) WEIGHT_CASE(3, 2) WEIGHT_CASE(4, 2) WEIGHT_CASE(5, 2) WEIGHT_CASE(6, 2)
        WEIGHT_CASE(1, 3) WEIGHT_CASE(2, 3) WEIGHT_CASE(3, 3) WEIGHT_CASE(4, 3)
        WEIGHT_CASE(1, 4) WEIGHT_CASE(2, 4) WEIGHT_CASE(3, 4)
        WEIGHT_CASE(1, 5) WEIGHT_CASE(2, 5)
#if LN_ACCUMULATORS >= 24
        WEIGHT_CASE(5, 3) WEIGHT_CASE(6, 3)
        WEIGHT_CASE(4, 4) WEIGHT_CASE(5, 4) WEIGHT_CASE(6, 4)
        WEIGHT_CASE(3, 5) WEIGHT_CASE(4, 5)
#endif
    }
}
#undef WEIGHT_CASE

static void conv_backward_bias(const weight_walk *walk, float *db)
{
    const ln_conv *c = walk->conv;
    const ptrdiff_t step = (ptrdiff_t)c->stride * LN_WIDTH;
    for (int o = 0; o < c->out_channels; o++) {
        vf total[LN_GROUPS];
        for (int group = 0; group < LN_GROUPS; group++) {
            const float *d = walk->spread + group * walk->d_group + o * walk->d_plane + ln_spread_border(c) * LN_WIDTH;
            vf sum = v_set(0);
            for (int row = 0; row < c->out_height; row++, d += c->stride * walk->d_row)
                for (int column = 0; column < c->out_width; column++)
                    sum = v_add(sum, v_load(d + column * step));
            total[group] = sum;
        }
        db[o] = v_tree(total);
    }
}

static void conv_backward_weights(const ln_conv *c, const float *x, const float *spread, float *dw, float *db)
{
    weight_walk walk = {.conv = c, .x = x, .spread = spread, .dw = dw};
    walk.x_row = (ptrdiff_t)(c->in_width + 2 * c->pad) * LN_WIDTH;
    walk.x_plane = (c->in_height + 2 * c->pad) * walk.x_row;
    walk.x_group = c->in_channels * walk.x_plane;
    walk.d_row = (ptrdiff_t)ln_spread_columns(c) * LN_WIDTH;
    walk.d_plane = ln_spread_rows(c) * walk.d_row;
    walk.d_group = c->out_channels * walk.d_plane;
    for (int kx = 0, columns; kx < c->kernel_width; kx += columns) {
        columns = even_share(c->kernel_width - kx, WEIGHT_COLUMNS);
        for (int first = 0, channels; first < c->out_channels; first += channels) {
            channels = even_share(c->out_channels - first, weight_channels(columns));
            for (int i = 0; i < c->in_channels; i++)
                for (int ky = 0; ky < c->kernel_height; ky++)
                    weight_columns(channels, columns, &walk, first, i, ky, kx);
        }
    }
    conv_backward_bias(&walk, db);
}
