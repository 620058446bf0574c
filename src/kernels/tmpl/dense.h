/* SPDX-License-Identifier: MIT */
/*
 * dense.h - dense layers. Forward and backward data hold a tile of [units][2 vectors of samples] in registers; the
 * weight gradient holds [units][2 vectors of inputs] over all samples, which is why it needs the activations
 * transposed: with samples in lanes every weight would pay for a sum across lanes.
 */

enum {
    DENSE_UNITS = LN_ACCUMULATORS < 12 ? LN_ACCUMULATORS : 12,
    DENSE_VECTORS = 2,
    DENSE_INPUTS = LN_WIDTH < 16 ? 1 : 4, /* between two steps of pointers */
    LINE = 16,                            /* floats that the caches move together */
};

/* How many units a tile of `vectors` has. One vector needs as many sums as two have: with fewer, multiply-adds wait for each other. */
static inline int dense_units(int vectors) { return vectors == 1 ? DENSE_UNITS : LN_ACCUMULATORS / DENSE_VECTORS; }

/* What the k-th of the next inputs adds to N units for V vectors of samples. */
LN_TILE void dense_input(const int N, const int V, int k, const float *const row[], const float *x, ptrdiff_t x_next, vf sum[][DENSE_VECTORS])
{
    vf value[DENSE_VECTORS];
    LN_UNROLL for (int v = 0; v < V; v++)
        value[v] = v_load(x + v * x_next + k * LN_WIDTH);
    LN_UNROLL for (int n = 0; n < N; n++) {
        const vf weight = v_set(row[n][k]);
        LN_UNROLL for (int v = 0; v < V; v++)
            sum[n][v] = v_fma(weight, value[v], sum[n][v]);
    }
}

/*
 * y of N units for V vectors of samples. In AVX-512, whose multiply-adds broadcast weights from memory, each unit's have a pointer of their own,
 * hidden from gcc: a multiply-add whose operand is at a base and an index is two to the processor, and one vector of samples took 1.25 times as
 * long, and 1.45 times where a core is shared.
 */
LN_TILE void dense_tile(const int N, const int V, int inputs, int outputs, const float *x, const float *w, const float *bias, float *y)
{
    const ptrdiff_t x_next = (ptrdiff_t)inputs * LN_WIDTH, y_next = (ptrdiff_t)outputs * LN_WIDTH;
    vf sum[DENSE_UNITS][DENSE_VECTORS];
    const float *row[DENSE_UNITS];
    LN_UNROLL for (int n = 0; n < N; n++) {
        row[n] = w + n * (ptrdiff_t)inputs;
        LN_UNROLL for (int v = 0; v < V; v++)
            sum[n][v] = v_set(bias[n]);
    }
    int left = inputs;
    for (; left >= DENSE_INPUTS; left -= DENSE_INPUTS, x += DENSE_INPUTS * LN_WIDTH) {
        /* The next tile's weights, which another core may have changed; useless after the last tile. Smaller tiles lose by prefetching. */
        if (LN_ACCUMULATORS >= 24 && (uintptr_t)row[0] % (LINE * sizeof *w) < DENSE_INPUTS * sizeof *w)
            LN_UNROLL for (int n = 0; n < N; n++)
                __builtin_prefetch(row[n] + N * (ptrdiff_t)inputs);
        LN_UNROLL for (int k = 0; k < DENSE_INPUTS; k++)
            dense_input(N, V, k, row, x, x_next, sum);
        LN_UNROLL for (int n = 0; n < N; n++)
            row[n] = DENSE_INPUTS > 1 ? hide(row[n] + DENSE_INPUTS) : row[n] + 1;
    }
    for (; left; left--, x += LN_WIDTH) {
        dense_input(N, V, 0, row, x, x_next, sum);
        LN_UNROLL for (int n = 0; n < N; n++)
            row[n]++;
    }
    LN_UNROLL for (int n = 0; n < N; n++)
        LN_UNROLL for (int v = 0; v < V; v++)
            v_store(y + v * y_next + n * LN_WIDTH, sum[n][v]);
}

/* dx of N inputs for V vectors of samples. */
LN_TILE void dense_data_tile(const int N, const int V, int inputs, int outputs, const float *dy, const float *w, float *dx)
{
    const ptrdiff_t dx_next = (ptrdiff_t)inputs * LN_WIDTH, dy_next = (ptrdiff_t)outputs * LN_WIDTH;
    vf sum[DENSE_UNITS][DENSE_VECTORS];
    LN_UNROLL for (int n = 0; n < N; n++)
        LN_UNROLL for (int v = 0; v < V; v++)
            sum[n][v] = v_set(0);
    for (ptrdiff_t o = 0; o < outputs; o++, w += inputs) {
        vf d[DENSE_VECTORS];
        LN_UNROLL for (int v = 0; v < V; v++)
            d[v] = v_load(dy + v * dy_next + o * LN_WIDTH);
        LN_UNROLL for (int n = 0; n < N; n++) {
            const vf weight = v_set(w[n]);
            LN_UNROLL for (int v = 0; v < V; v++)
                sum[n][v] = v_fma(weight, d[v], sum[n][v]);
        }
    }
    LN_UNROLL for (int n = 0; n < N; n++)
        LN_UNROLL for (int v = 0; v < V; v++)
            v_store(dx + v * dx_next + n * LN_WIDTH, sum[n][v]);
}

/* dw of N units and V vectors of inputs, summed over all samples; of the last vector only `last` lanes are stored. */
LN_TILE void dense_weight_tile(const int N, const int V, int inputs, int outputs, int blocks, int last, const float *rows, const float *dy, float *dw)
{
    const size_t pitch = ln_pitch(inputs);
    vf sum[DENSE_UNITS][DENSE_VECTORS];
    LN_UNROLL for (int n = 0; n < N; n++)
        LN_UNROLL for (int v = 0; v < V; v++)
            sum[n][v] = v_set(0);
    for (int group = 0; group < blocks * LN_GROUPS; group++, dy += (ptrdiff_t)outputs * LN_WIDTH)
        for (int lane = 0; lane < LN_WIDTH; lane++, rows += pitch) {
            vf value[DENSE_VECTORS];
            LN_UNROLL for (int v = 0; v < V; v++)
                value[v] = v_hold(v_load(rows + v * LN_WIDTH));
            LN_UNROLL for (int n = 0; n < N; n++) {
                const vf gradient = v_set(dy[n * LN_WIDTH + lane]);
                LN_UNROLL for (int v = 0; v < V; v++)
                    sum[n][v] = v_fma(gradient, value[v], sum[n][v]);
            }
        }
    LN_UNROLL for (int v = 0; v < V; v++)
        LN_UNROLL for (int n = 0; n < N; n++) {
            float *to = dw + n * (ptrdiff_t)inputs + v * LN_WIDTH;
            if (v < V - 1 || last == LN_WIDTH)
                v_store(to, sum[n][v]);
            else
                store_rest(to, (size_t)last, sum[n][v]);
        }
}

/* Calls CALL(N, V) with the constants that equal units and vectors. */
#define DENSE_CASE(N, CALL)                                                                                            \
    TILE_CASE(2 * (N), (N) <= DENSE_UNITS, CALL(N, 1))                                                                 \
    TILE_CASE(2 * (N) + 1, 2 * (N) <= LN_ACCUMULATORS, CALL(N, 2))
#define DENSE_DISPATCH(units, vectors, CALL)                                                                           \
    switch (2 * (units) + (vectors)-1) {                                                                               \
        DENSE_CASE(1, CALL) DENSE_CASE(2, CALL) DENSE_CASE(3, CALL) DENSE_CASE(4, CALL)                                \
        DENSE_CASE(5, CALL) DENSE_CASE(6, CALL) DENSE_CASE(7, CALL) DENSE_CASE(8, CALL)                                \
        DENSE_CASE(9, CALL) DENSE_CASE(10, CALL) DENSE_CASE(11, CALL) DENSE_CASE(12, CALL)                             \
    }

static void dense_forward(int inputs, int outputs, int blocks, const float *x, const float *weights, const float *bias, float *y)
{
    const int total = blocks * LN_GROUPS;
    for (int v = 0, vectors; v < total; v += vectors, x += (ptrdiff_t)vectors * inputs * LN_WIDTH, y += (ptrdiff_t)vectors * outputs * LN_WIDTH) {
        vectors = total - v < DENSE_VECTORS ? total - v : DENSE_VECTORS;
        for (int n = 0, units; n < outputs; n += units) {
            units = even_share(outputs - n, dense_units(vectors));
#define CALL(N, V) dense_tile(N, V, inputs, outputs, x, weights + (ptrdiff_t)n * inputs, bias + n, y + n * LN_WIDTH)
            DENSE_DISPATCH(units, vectors, CALL)
#undef CALL
        }
    }
}

static void dense_backward_data(int inputs, int outputs, int blocks, const float *dy, const float *weights, float *dx)
{
    const int total = blocks * LN_GROUPS;
    for (int v = 0, vectors; v < total; v += vectors, dy += (ptrdiff_t)vectors * outputs * LN_WIDTH, dx += (ptrdiff_t)vectors * inputs * LN_WIDTH) {
        vectors = total - v < DENSE_VECTORS ? total - v : DENSE_VECTORS;
        for (int n = 0, units; n < inputs; n += units) {
            units = even_share(inputs - n, dense_units(vectors));
#define CALL(N, V) dense_data_tile(N, V, inputs, outputs, dy, weights + n, dx + n * LN_WIDTH)
            DENSE_DISPATCH(units, vectors, CALL)
#undef CALL
        }
    }
}

static void transpose(int inputs, const float *x, float *rows)
{
    const size_t pitch = ln_pitch(inputs);
    for (int group = 0; group < LN_GROUPS; group++, x += (ptrdiff_t)inputs * LN_WIDTH, rows += LN_WIDTH * pitch)
        for (int i = 0; i < (int)pitch; i += LN_WIDTH) {
            vf square[LN_WIDTH];
            for (int k = 0; k < LN_WIDTH; k++)
                square[k] = i + k < inputs ? v_load(x + (ptrdiff_t)(i + k) * LN_WIDTH) : v_set(0);
            v_transpose(square);
            for (int k = 0; k < LN_WIDTH; k++)
                v_store(rows + (size_t)k * pitch + i, square[k]);
        }
}

static void dense_backward_bias(int outputs, int first, int last, int blocks, const float *dy, float *db)
{
    const ptrdiff_t next = (ptrdiff_t)outputs * LN_WIDTH;
    for (int n = first; n < last; n++) {
        float sum = 0;
        for (int block = 0; block < blocks; block++)
            sum += tree_of(dy + block * LN_GROUPS * next + n * LN_WIDTH, next);
        db[n] = sum;
    }
}

/* Asks for what `vectors` of some rows will be written to: while a tile is computed other cores give up their copies. A call gcc would leave out. */
LN_TILE void ask_for(int rows, int vectors, int inputs, const float *next)
{
    for (; rows > 0; rows--, next += inputs)
        for (int v = 0; v < vectors; v++)
            __builtin_prefetch(next + v * LN_WIDTH, 1);
}

static void dense_backward_weights(int inputs, int outputs, int first, int last, int blocks, const float *rows, const float *dy, const float *next,
                                   float *dw, float *db)
{
    for (int i = 0, vectors; i < inputs; i += vectors * LN_WIDTH) { /* outermost: this slice of rows stays in the nearest cache */
        vectors = i + LN_WIDTH < inputs ? 2 : 1;
        const int left = inputs - i - (vectors - 1) * LN_WIDTH, lanes = left < LN_WIDTH ? left : LN_WIDTH;
        for (int n = first, units; n < last; n += units) {
            units = even_share(last - n, dense_units(vectors));
            if (next)
                ask_for(units, vectors, inputs, next + (ptrdiff_t)n * inputs + i);
#define CALL(N, V)                                                                                                     \
    dense_weight_tile(N, V, inputs, outputs, blocks, lanes, rows + i, dy + n * LN_WIDTH, dw + (ptrdiff_t)n * inputs + i)
            DENSE_DISPATCH(units, vectors, CALL)
#undef CALL
        }
    }
    dense_backward_bias(outputs, first, last, blocks, dy, db);
}
#undef DENSE_DISPATCH
#undef DENSE_CASE
