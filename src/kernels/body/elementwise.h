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

static void sgd(size_t size, float rate, const float *g, float *w)
{
    const vf step = v_set(-rate);
    FOR_EACH_VECTOR(size, i)
        v_store(w + i, v_fma(step, v_load(g + i), v_load(w + i)));
    const size_t done = size / LN_WIDTH * LN_WIDTH, rest = size - done;
    store_rest(w + done, rest, v_fma(step, load_rest(g + done, rest), load_rest(w + done, rest)));
}

static void momentum(size_t size, float rate, float keep, const float *g, float *m, float *w)
{
    const vf step = v_set(-rate), mu = v_set(keep);
    FOR_EACH_VECTOR(size, i) {
        const vf speed = v_fma(mu, v_load(m + i), v_mul(step, v_load(g + i)));
        v_store(m + i, speed);
        v_store(w + i, v_add(v_load(w + i), speed));
    }
    const size_t done = size / LN_WIDTH * LN_WIDTH, rest = size - done;
    const vf speed = v_fma(mu, load_rest(m + done, rest), v_mul(step, load_rest(g + done, rest)));
    store_rest(m + done, rest, speed);
    store_rest(w + done, rest, v_add(load_rest(w + done, rest), speed));
}

typedef struct adam_numbers { vf rate, rest1, rest2, epsilon, tiny; } adam_numbers;

/* One vector of Adam: moments in place, the new weight returned. */
static inline vf adam_step(const adam_numbers *a, vf g, vf *m, vf *v, vf w)
{
    *m = v_fma(a->rest1, v_sub(g, *m), *m);
    *m = v_keep(v_gt(v_abs(*m), a->tiny), *m); /* a dead unit's moment would crawl through the subnormals, 100 times slower */
    *v = v_fma(a->rest2, v_fma(g, g, v_sub(v_set(0), *v)), *v);
    return v_fma(a->rate, v_div(*m, v_add(v_sqrt(*v), a->epsilon)), w);
}

static void adam(size_t size, float rate, float rest1, float rest2, float epsilon, const float *g, float *m, float *v, float *w)
{
    const adam_numbers a = {v_set(-rate), v_set(rest1), v_set(rest2), v_set(epsilon), v_set(0x1p-100f)};
    FOR_EACH_VECTOR(size, i) {
        vf first = v_load(m + i), second = v_load(v + i);
        v_store(w + i, adam_step(&a, v_load(g + i), &first, &second, v_load(w + i)));
        v_store(m + i, first);
        v_store(v + i, second);
    }
    const size_t done = size / LN_WIDTH * LN_WIDTH, rest = size - done;
    vf first = load_rest(m + done, rest), second = load_rest(v + done, rest);
    store_rest(w + done, rest, adam_step(&a, load_rest(g + done, rest), &first, &second, load_rest(w + done, rest)));
    store_rest(m + done, rest, first);
    store_rest(v + done, rest, second);
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
