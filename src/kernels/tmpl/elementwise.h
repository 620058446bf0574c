/* SPDX-License-Identifier: MIT */
/*
 * elementwise.h - activations, sums of parts, optimisers, and the plain functions laid open for tests: one number in,
 * one number out.
 */

/* For whole vectors; the rest goes through load_rest and store_rest. */
#define FOR_EACH_VECTOR(size, i) for (size_t i = 0; i + LN_WIDTH <= (size); i += LN_WIDTH)

/* ------------------------------------------------------------------------------------------------- activations */

/* Klambauer et al., "Self-Normalizing Neural Networks" (2017): mean 0 and variance 1 are a fixed point. */
static const float selu_scale = 1.0507009873554805f, selu_alpha = 1.6732632423543772f;

/* The share of a standard normal distribution below x, and its density there. */
static inline vf normal_share(vf x) { return v_fma(v_set(0.5f), error_function(v_mul(x, v_set(0.70710678f))), v_set(0.5f)); }
static inline vf normal_density(vf x)
{
    return v_mul(v_set(0.39894228f), exponential(v_mul(v_mul(x, v_set(-0.5f)), x)));
}

/* 2 sqrt(2 / pi) (x + 0.044715 x^3): (1 + tanh(half of it)) / 2 is its logistic function, which is near normal_share. */
static inline vf gelu_argument(vf x)
{
    return v_mul(v_mul(v_set(1.59576912f), x), v_fma(v_mul(v_set(0.044715f), x), x, v_set(1)));
}

/* s + x s', where s' = s (1 - s) u' falls faster than u' = gelu_argument' rises. */
static inline vf gelu_tanh_derivative(vf x)
{
    const vf u = gelu_argument(x), one = v_set(1);
    const vf slope = v_mul(v_set(1.59576912f), v_fma(v_mul(v_set(3 * 0.044715f), x), x, one));
    const vf e = exponential(v_sub(v_set(0), v_abs(u))), bottom = v_add(one, e), bend = v_div(e, v_mul(bottom, bottom));
    return v_add(logistic(u), v_keep(v_gt(bend, v_set(0)), v_mul(v_mul(x, bend), slope)));
}

static inline vf activate(ln_activation kind, vf slope, vf x)
{
    const vf zero = v_set(0);
    switch (kind) {
    case LN_RELU: return relu(x);
    case LN_LEAKY_RELU: return v_select(v_gt(zero, x), v_mul(slope, x), x);
    case LN_ELU: return v_select(v_gt(zero, x), v_mul(slope, v_sub(exponential(x), v_set(1))), x);
    case LN_TANH: return hyperbolic_tangent(x);
    case LN_SIGMOID: return logistic(x);
    case LN_SELU:
        return v_mul(v_set(selu_scale), v_select(v_gt(zero, x), v_mul(v_set(selu_alpha), v_sub(exponential(x), v_set(1))), x));
    case LN_GELU: return v_mul(x, normal_share(x));
    case LN_GELU_TANH: return v_mul(x, logistic(gelu_argument(x)));
    }
    return x;
}

/* f'(x), written with y = f(x); y is x for the gelus. */
static inline vf derivative(ln_activation kind, vf slope, vf y)
{
    const vf zero = v_set(0), one = v_set(1);
    switch (kind) {
    case LN_RELU: return v_keep(v_gt(y, zero), one);
    case LN_LEAKY_RELU: return v_select(v_gt(y, zero), one, slope);
    case LN_ELU: return v_select(v_gt(y, zero), one, v_add(y, slope));
    case LN_TANH: return v_sub(one, v_mul(y, y));
    case LN_SIGMOID: return v_mul(y, v_sub(one, y));
    case LN_SELU: return v_select(v_gt(y, zero), v_set(selu_scale), v_add(y, v_set(selu_scale * selu_alpha)));
    case LN_GELU: return v_fma(y, normal_density(y), normal_share(y));
    case LN_GELU_TANH: return gelu_tanh_derivative(y);
    }
    return one;
}

LN_TILE void activate_all(const ln_activation kind, float slope, size_t size, const float *x, float *y)
{
    for (size_t i = 0; i < size * LN_BLOCK; i += LN_WIDTH)
        v_store(y + i, activate(kind, v_set(slope), v_load(x + i)));
}

static void activation_forward(ln_activation kind, float slope, size_t size, const float *x, float *y)
{
    switch (kind) {
    case LN_RELU: activate_all(LN_RELU, slope, size, x, y); break;
    case LN_LEAKY_RELU: activate_all(LN_LEAKY_RELU, slope, size, x, y); break;
    case LN_ELU: activate_all(LN_ELU, slope, size, x, y); break;
    case LN_TANH: activate_all(LN_TANH, slope, size, x, y); break;
    case LN_SIGMOID: activate_all(LN_SIGMOID, slope, size, x, y); break;
    case LN_SELU: activate_all(LN_SELU, slope, size, x, y); break;
    case LN_GELU: activate_all(LN_GELU, slope, size, x, y); break;
    case LN_GELU_TANH: activate_all(LN_GELU_TANH, slope, size, x, y); break;
    }
}

static void activation_backward(ln_activation kind, float slope, size_t size, const float *xy, const float *dy, float *dx)
{
    for (size_t i = 0; i < size * LN_BLOCK; i += LN_WIDTH)
        v_store(dx + i, v_mul(v_load(dy + i), derivative(kind, v_set(slope), v_load(xy + i))));
}

/* ------------------------------------------------------------------------------------------------------- sums */

static void sum_parts(size_t size, int parts, size_t stride, const float *part, float *sum)
{
    for (size_t i = 0; i < size; i++) {
        float total = part[i];
        for (int p = 1; p < parts; p++)
            total += part[(size_t)p * stride + i];
        sum[i] = total;
    }
}

/* -------------------------------------------------------------------------------------------------- optimisers */

/* The numbers of a step, each in every lane; a rule uses some. `tiny`: see keep_normal. */
typedef struct step_numbers { vf rate, momentum, rest1, rest2, inside, outside, ahead, now, tiny; } step_numbers;

/* One vector: its gradient, what is kept for it (in place), its weights; returns the new ones. */
typedef vf step_rule(const step_numbers *n, vf g, vf *first, vf *second, vf w);

/* All weights by one rule, which keeps `slots` numbers for each. */
LN_TILE void step_all(step_rule *rule, const int slots, const step_numbers *n, size_t size, const float *g, float *a, float *b, float *w)
{
    FOR_EACH_VECTOR(size, i) {
        vf first = slots > 0 ? v_load(a + i) : v_set(0), second = slots > 1 ? v_load(b + i) : v_set(0);
        v_store(w + i, rule(n, v_load(g + i), &first, &second, v_load(w + i)));
        if (slots > 0)
            v_store(a + i, first);
        if (slots > 1)
            v_store(b + i, second);
    }
    const size_t done = size / LN_WIDTH * LN_WIDTH, rest = size - done;
    vf first = slots > 0 ? load_rest(a + done, rest) : v_set(0), second = slots > 1 ? load_rest(b + done, rest) : v_set(0);
    store_rest(w + done, rest, rule(n, load_rest(g + done, rest), &first, &second, load_rest(w + done, rest)));
    if (slots > 0)
        store_rest(a + done, rest, first);
    if (slots > 1)
        store_rest(b + done, rest, second);
}

/* What no longer counts becomes 0: a dead unit's moment would crawl through the subnormals, 100 times slower. */
static inline vf keep_normal(const step_numbers *n, vf a) { return v_keep(v_gt(v_abs(a), n->tiny), a); }

static inline vf sgd_step(const step_numbers *n, vf g, vf *first, vf *second, vf w)
{
    (void)first, (void)second;
    return v_fma(n->rate, g, w);
}

static void sgd(size_t size, float rate, const float *g, float *w)
{
    const step_numbers n = {.rate = v_set(-rate)};
    step_all(sgd_step, 0, &n, size, g, NULL, NULL, w);
}

static inline vf momentum_step(const step_numbers *n, vf g, vf *m, vf *second, vf w)
{
    (void)second;
    *m = keep_normal(n, v_fma(n->momentum, *m, v_mul(n->rate, g)));
    return v_add(w, *m);
}

static void momentum(size_t size, float rate, float keep, const float *g, float *m, float *w)
{
    const step_numbers n = {.rate = v_set(-rate), .momentum = v_set(keep), .tiny = v_set(0x1p-100f)};
    step_all(momentum_step, 1, &n, size, g, m, NULL, w);
}

static inline vf nesterov_step(const step_numbers *n, vf g, vf *m, vf *second, vf w)
{
    (void)second;
    const vf step = v_mul(n->rate, g);
    *m = keep_normal(n, v_fma(n->momentum, *m, step));
    return v_add(w, v_fma(n->momentum, *m, step));
}

static void nesterov(size_t size, float rate, float keep, const float *g, float *m, float *w)
{
    const step_numbers n = {.rate = v_set(-rate), .momentum = v_set(keep), .tiny = v_set(0x1p-100f)};
    step_all(nesterov_step, 1, &n, size, g, m, NULL, w);
}

/* With ahead 1 and now 0 the step is m itself; with the momentum and 1 it is Nesterov's. */
static inline vf velocity_step(const step_numbers *n, vf g, vf *m, vf *second, vf w)
{
    (void)second;
    *m = keep_normal(n, v_fma(n->momentum, *m, g));
    return v_fma(n->rate, v_fma(n->ahead, *m, v_mul(n->now, g)), w);
}

static void velocity(size_t size, float rate, float keep, float ahead, float now, const float *g, float *m, float *w)
{
    const step_numbers n = {.rate = v_set(-rate), .momentum = v_set(keep), .ahead = v_set(ahead), .now = v_set(now), .tiny = v_set(0x1p-100f)};
    step_all(velocity_step, 1, &n, size, g, m, NULL, w);
}

static inline vf adam_step(const step_numbers *n, vf g, vf *m, vf *v, vf w)
{
    *m = keep_normal(n, v_fma(n->rest1, v_sub(g, *m), *m));
    *v = v_fma(n->rest2, v_fma(g, g, v_sub(v_set(0), *v)), *v);
    return v_fma(n->rate, v_div(*m, v_add(v_sqrt(*v), n->outside)), w);
}

static void adam(size_t size, float rate, float rest1, float rest2, float epsilon, const float *g, float *m, float *v, float *w)
{
    const step_numbers n = {.rate = v_set(-rate), .rest1 = v_set(rest1), .rest2 = v_set(rest2), .outside = v_set(epsilon),
                            .tiny = v_set(0x1p-100f)};
    step_all(adam_step, 2, &n, size, g, m, v, w);
}

static inline vf nadam_step(const step_numbers *n, vf g, vf *m, vf *v, vf w)
{
    *m = keep_normal(n, v_fma(n->rest1, v_sub(g, *m), *m));
    *v = v_fma(n->rest2, v_fma(g, g, v_sub(v_set(0), *v)), *v);
    return v_fma(n->rate, v_div(v_fma(n->ahead, *m, v_mul(n->now, g)), v_add(v_sqrt(*v), n->outside)), w);
}

static void nadam(size_t size, float rate, float rest1, float rest2, float epsilon, float ahead, float now, const float *g, float *m, float *v,
                  float *w)
{
    const step_numbers n = {.rate = v_set(-rate), .rest1 = v_set(rest1), .rest2 = v_set(rest2), .outside = v_set(epsilon),
                            .ahead = v_set(ahead), .now = v_set(now), .tiny = v_set(0x1p-100f)};
    step_all(nadam_step, 2, &n, size, g, m, v, w);
}

static inline vf rmsprop_step(const step_numbers *n, vf g, vf *v, vf *m, vf w)
{
    *v = keep_normal(n, v_fma(n->rest2, v_fma(g, g, v_sub(v_set(0), *v)), *v));
    *m = keep_normal(n, v_fma(n->momentum, *m, v_mul(n->rate, v_div(g, v_add(v_sqrt(v_add(*v, n->inside)), n->outside)))));
    return v_fma(n->now, *m, w);
}

static void rmsprop(size_t size, float rate, float now, float rest, float keep, float inside, float outside, const float *g, float *v, float *m,
                    float *w)
{
    const step_numbers n = {.rate = v_set(-rate), .now = v_set(now), .rest2 = v_set(rest), .momentum = v_set(keep), .inside = v_set(inside),
                            .outside = v_set(outside), .tiny = v_set(0x1p-100f)};
    step_all(rmsprop_step, 2, &n, size, g, v, m, w);
}

static inline vf adagrad_step(const step_numbers *n, vf g, vf *v, vf *second, vf w)
{
    (void)second;
    *v = v_fma(g, g, *v);
    return v_fma(n->rate, v_div(g, v_add(v_sqrt(v_add(*v, n->inside)), n->outside)), w);
}

static void adagrad(size_t size, float rate, float inside, float outside, const float *g, float *v, float *w)
{
    const step_numbers n = {.rate = v_set(-rate), .inside = v_set(inside), .outside = v_set(outside)};
    step_all(adagrad_step, 1, &n, size, g, v, NULL, w);
}

static inline vf approach_step(const step_numbers *n, vf g, vf *first, vf *second, vf w)
{
    (void)first, (void)second;
    return v_fma(n->rate, v_sub(g, w), w);
}

static void approach(size_t size, float share, const float *x, float *y)
{
    const step_numbers n = {.rate = v_set(share)};
    step_all(approach_step, 0, &n, size, x, NULL, NULL, y);
}

static inline vf scale_step(const step_numbers *n, vf g, vf *first, vf *second, vf w)
{
    (void)g, (void)first, (void)second;
    return v_mul(n->rate, w);
}

static void scale(size_t size, float factor, float *y)
{
    const step_numbers n = {.rate = v_set(factor)};
    step_all(scale_step, 0, &n, size, y, NULL, NULL, y);
}

/* Eight sums in double, tied to the place in the array; the compiler puts them into whatever vectors there are. */
static double sum_of_squares(size_t size, const float *x)
{
    double sum[8] = {0};
    size_t i = 0;
    for (; i + 8 <= size; i += 8)
        for (size_t k = 0; k < 8; k++)
            sum[k] += (double)x[i + k] * (double)x[i + k];
    for (size_t k = 0; i + k < size; k++)
        sum[k] += (double)x[i + k] * (double)x[i + k];
    return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

/* ----------------------------------------------------------------------------------------------------- the peak */

static float multiply_adds(long rounds)
{
    vf sum[LN_PEAK_SUMS];
    LN_UNROLL for (int i = 0; i < LN_PEAK_SUMS; i++)
        sum[i] = v_set((float)i);
    const vf factor = v_hold(v_set(0.999f)), term = v_hold(v_set(0.001f));
    for (long round = 0; round < rounds; round++)
        LN_UNROLL for (int i = 0; i < LN_PEAK_SUMS; i++)
            sum[i] = v_fma(sum[i], factor, term);
    vf total = sum[0];
    LN_UNROLL for (int i = 1; i < LN_PEAK_SUMS; i++)
        total = v_add(total, sum[i]);
    float lane[LN_WIDTH];
    v_store(lane, total);
    return lane[0];
}

/* -------------------------------------------------------------------------------------------- functions, for tests */

#define LAID_OPEN(name, function)                                                                                      \
    static void name(size_t size, const float *x, float *y)                                                            \
    {                                                                                                                  \
        FOR_EACH_VECTOR(size, i)                                                                                       \
            v_store(y + i, function(v_load(x + i)));                                                                   \
        const size_t done = size / LN_WIDTH * LN_WIDTH;                                                                \
        store_rest(y + done, size - done, function(load_rest(x + done, size - done)));                                 \
    }
LAID_OPEN(exp_all, exponential)
LAID_OPEN(log_all, logarithm)
LAID_OPEN(tanh_all, hyperbolic_tangent)
LAID_OPEN(erf_all, error_function)
#undef LAID_OPEN
