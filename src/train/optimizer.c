/* SPDX-License-Identifier: MIT */
/*
 * optimizer.c - the optimisers, by Keras's definitions. A new one is two short functions and a row of the table; its
 * arithmetic is a kernel.
 *
 * State is up to two numbers for each weight, in arenas laid out like the weights.
 */
#include "train/optimizer.h"

#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_SLOTS = 2 };

typedef struct rule {
    const char *name, *help;
    double usual_rate;
    int slots;
    void (*begin)(ln_optimizer *o, double rate);
    void (*apply)(const ln_optimizer *o, size_t first, size_t count);
} rule;

struct ln_optimizer {
    const rule *rule;
    const ln_kernels *kernels;
    ln_optimizer_settings settings;
    float *weights;
    const float *gradient;
    float *slot[MAX_SLOTS];
    float rate;            /* of this step, corrections included */
    double power1, power2; /* beta1 and beta2 to the number of steps */
};

static void begin_plain(ln_optimizer *o, double rate) { o->rate = (float)rate; }

/* The moments start at zero and are too small at first: Kingma and Ba's correction, folded into the rate. */
static void begin_adam(ln_optimizer *o, double rate)
{
    o->power1 *= o->settings.beta1;
    o->power2 *= o->settings.beta2;
    o->rate = (float)(rate * sqrt(1 - o->power2) / (1 - o->power1));
}

static void apply_sgd(const ln_optimizer *o, size_t first, size_t count)
{
    o->kernels->sgd(count, o->rate, o->gradient + first, o->weights + first);
}

static void apply_momentum(const ln_optimizer *o, size_t first, size_t count)
{
    o->kernels->momentum(count, o->rate, (float)o->settings.momentum, o->gradient + first, o->slot[0] + first,
                         o->weights + first);
}

static void apply_adam(const ln_optimizer *o, size_t first, size_t count)
{
    o->kernels->adam(count, o->rate, (float)(1 - o->settings.beta1), (float)(1 - o->settings.beta2),
                     (float)o->settings.epsilon, o->gradient + first, o->slot[0] + first, o->slot[1] + first,
                     o->weights + first);
}

#define ROWS(ROW)                                                                                                 \
    ROW("adam", 0.001, 2, begin_adam, apply_adam,                                                                 \
        "m += (1-b1)(g-m); v += (1-b2)(g^2-v); w -= lr sqrt(1-b2^t)/(1-b1^t) m/(sqrt(v)+1e-7); b1 0.9, b2 0.999 " \
        "(Keras)")                                                                                                \
    ROW("momentum", 0.01, 1, begin_plain, apply_momentum, "m = momentum m - lr g; w += m (Keras)")                \
    ROW("sgd", 0.01, 0, begin_plain, apply_sgd, "w -= lr g")

static const rule table[] = {
#define ROW(name, usual_rate, slots, begin, apply, help) {name, help, usual_rate, slots, begin, apply},
    ROWS(ROW)
#undef ROW
};

const char *const ln_optimizer_names[] = {
#define ROW(name, usual_rate, slots, begin, apply, help) name,
    ROWS(ROW)
#undef ROW
        NULL};

static const rule *find(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (name && !strcmp(name, table[i].name))
            return &table[i];
    return NULL;
}

const char *ln_optimizer_help(const char *name)
{
    const rule *row = find(name);
    return row ? row->help : NULL;
}

double ln_optimizer_usual_rate(const char *name)
{
    const rule *row = find(name);
    return row ? row->usual_rate : 0;
}

ln_optimizer_settings ln_optimizer_numbers(const lenet_settings *settings)
{
    return (ln_optimizer_settings){.momentum = settings->momentum, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-7};
}

lenet_status ln_optimizer_open(ln_optimizer **out, const char *name, const ln_optimizer_settings *settings,
                               lenet_model *model, const ln_kernels *kernels, lenet_error *error)
{
    const rule *row = find(name);
    if (!row)
        return ln_fail(error, LENET_USAGE, "optimizer: '%s' is unknown (lenet_option_names lists them)",
                       name ? name : "");
    ln_optimizer *o = ln_alloc(1, sizeof *o);
    if (!o)
        return ln_fail_memory(error, "the optimizer", sizeof *o);
    *o = (ln_optimizer){
        .rule = row, .kernels = kernels, .settings = *settings, .weights = model->weights, .power1 = 1, .power2 = 1};
    for (int i = 0; i < row->slots; i++)
        if (!(o->slot[i] = ln_alloc(model->weight_count, sizeof(float)))) {
            ln_optimizer_close(&o);
            return ln_fail_memory(error, "the optimizer's state", model->weight_count * sizeof(float));
        }
    *out = o;
    return LENET_OK;
}

void ln_optimizer_close(ln_optimizer **handle)
{
    ln_optimizer *o = *handle;
    *handle = NULL;
    for (int i = 0; o && i < MAX_SLOTS; i++)
        ln_free(o->slot[i]);
    ln_free(o);
}

void ln_optimizer_add_state(ln_optimizer *o, const lenet_model *model, ln_state *state)
{
    for (int i = 0; i < o->rule->slots; i++) {
        char prefix[32];
        snprintf(prefix, sizeof prefix, "%s.slot%d", o->rule->name, i);
        ln_model_add_state(model, state, prefix, o->slot[i]);
    }
    ln_state_add(state, "optimizer.power1", &o->power1, 1);
    ln_state_add(state, "optimizer.power2", &o->power2, 1);
}

void ln_optimizer_begin(ln_optimizer *o, double learning_rate, const float *gradient)
{
    o->gradient = gradient;
    o->rule->begin(o, learning_rate);
}

void ln_optimizer_apply(void *optimizer, size_t first, size_t count)
{
    const ln_optimizer *o = optimizer;
    o->rule->apply(o, first, count);
}
