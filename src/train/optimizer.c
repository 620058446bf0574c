/* SPDX-License-Identifier: MIT */
/*
 * optimizer.c - the table of optimisers: Keras's definitions under the plain names, PyTorch's, where they
 * differ, under names that end in -pytorch. A new one is two short functions and a row of the table; its
 * arithmetic is a kernel. docs/recipe.md has the formulas with their sources.
 *
 * State is up to two numbers for each weight, in arenas laid out like the weights, and products of the betas.
 */
#include "train/optimizer.h"

#include "settings/names.h"
#include "util/error.h"
#include "util/function.h"
#include "util/memory.h"
#include "util/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_SLOTS = 2 };

/* What a row is beside its functions. */
enum {
    USES_MOMENTUM = 1,
    /* settings.momentum */ PYTORCH = 2,
    NESTEROV = 4,
    MOVES_MOMENTUM = 8 /* a schedule may set its momentum */
};

typedef struct rule {
    const char *name, *help;
    double default_rate, default_decay;
    int slots, traits;
    const ln_choice_number *numbers;
    void (*begin)(ln_optimizer *o, const ln_pace *pace);
    void (*apply)(const ln_optimizer *o, size_t first, size_t count);
} rule;

struct ln_optimizer {
    const rule *rule;
    const ln_kernels *kernels;
    double momentum, number[LN_CHOICE_NUMBERS]; /* in the order of the rule's numbers */
    float *weights;
    const float *gradient;
    float *slot[MAX_SLOTS];
    /* Of this step, corrections included: */
    double beta1; /* or the momentum */
    float rate, epsilon, ahead, now;
    /* Over all steps so far, products: */
    double power1, power2, product; /* of beta1, of beta2, of Nadam's momenta */
};

/* The places of an optimiser's numbers. */
enum { BETA1, BETA2, EPSILON, MOMENTUM_DECAY, RHO = 0, RMS_MOMENTUM = 2, INITIAL = 0, OTHER_EPSILON = 1 };

#define BETAS \
    {"beta1", 0, 0.999999, 0.9}, { "beta2", 0, 0.999999, 0.999 }
#define EPSILON(fallback)             \
    {                                 \
        "epsilon", 1e-30, 1, fallback \
    }
#define END           \
    {                 \
        NULL, 0, 0, 0 \
    }
static const ln_choice_number none[] = {END}, adam[] = {BETAS, EPSILON(1e-7), END},
                              adam_pytorch[] = {BETAS, EPSILON(1e-8), END},
                              nadam[] = {BETAS, EPSILON(1e-7), {"momentum-decay", 0, 100, 1}, END},
                              nadam_pytorch[] = {BETAS, EPSILON(1e-8), {"momentum-decay", 0, 100, 0.004}, END},
                              rmsprop[] = {{"rho", 0, 0.999999, 0.9}, EPSILON(1e-7), {"momentum", 0, 0.999999, 0}, END},
                              rmsprop_pytorch[] = {{"rho", 0, 0.999999, 0.99},
                                                   EPSILON(1e-8),
                                                   {"momentum", 0, 0.999999, 0},
                                                   END},
                              adagrad[] = {{"initial", 0, 1e6, 0.1}, EPSILON(1e-7), END},
                              adagrad_pytorch[] = {{"initial", 0, 1e6, 0}, EPSILON(1e-10), END};

static int is_pytorch(const ln_optimizer *o) { return o->rule->traits & PYTORCH; }

static void begin_plain(ln_optimizer *o, const ln_pace *pace) { o->rate = (float)pace->rate; }

/*
 * The moments start at zero and are too small at first: Kingma and Ba's correction, folded into the rate.
 * PyTorch adds its epsilon to the corrected root, Keras to the root that is not corrected: the same thing
 * with another epsilon. Where a schedule moves beta1, PyTorch takes beta1^t of the step's beta1; here, where
 * Keras has no such schedule, the product of all steps', which is exact.
 */
static void begin_adam(ln_optimizer *o, const ln_pace *pace)
{
    o->power1 *= o->beta1;
    o->power2 *= o->number[BETA2];
    const double power1 =
        is_pytorch(o) && !isnan(pace->momentum) ? ln_power(o->beta1, (double)pace->step + 1) : o->power1;
    o->rate = (float)(pace->rate * sqrt(1 - o->power2) / (1 - power1));
    o->epsilon = (float)(is_pytorch(o) ? o->number[EPSILON] * sqrt(1 - o->power2) : o->number[EPSILON]);
}

/* Dozat's momentum of step `t`. */
static double nadam_momentum(const ln_optimizer *o, double t)
{
    return o->beta1 * (1 - 0.5 * ln_power(0.96, t * o->number[MOMENTUM_DECAY]));
}

static void begin_nadam(ln_optimizer *o, const ln_pace *pace)
{
    const double t = (double)pace->step + 1, now = nadam_momentum(o, t), next = nadam_momentum(o, t + 1);
    o->product *= now;
    o->power2 *= o->number[BETA2];
    o->rate = (float)(pace->rate * sqrt(1 - o->power2));
    o->epsilon = (float)(o->number[EPSILON] * sqrt(1 - o->power2));
    o->ahead = (float)(next / (1 - o->product * next));
    o->now = (float)((1 - now) / (1 - o->product));
}

static void apply_sgd(const ln_optimizer *o, size_t first, size_t count)
{
    o->kernels->sgd(count, o->rate, o->gradient + first, o->weights + first);
}

static void apply_momentum(const ln_optimizer *o, size_t first, size_t count)
{
    void (*step)(size_t, float, float, const float *, float *, float *) =
        o->rule->traits & NESTEROV ? o->kernels->nesterov : o->kernels->momentum;
    step(count, o->rate, (float)o->beta1, o->gradient + first, o->slot[0] + first, o->weights + first);
}

static void apply_velocity(const ln_optimizer *o, size_t first, size_t count)
{
    const int nesterov = o->rule->traits & NESTEROV;
    o->kernels->velocity(count, o->rate, (float)o->beta1, nesterov ? (float)o->beta1 : 1, nesterov ? 1 : 0,
                         o->gradient + first, o->slot[0] + first, o->weights + first);
}

static void apply_adam(const ln_optimizer *o, size_t first, size_t count)
{
    o->kernels->adam(count, o->rate, (float)(1 - o->beta1), (float)(1 - o->number[BETA2]), o->epsilon,
                     o->gradient + first, o->slot[0] + first, o->slot[1] + first, o->weights + first);
}

static void apply_nadam(const ln_optimizer *o, size_t first, size_t count)
{
    o->kernels->nadam(count, o->rate, (float)(1 - o->beta1), (float)(1 - o->number[BETA2]), o->epsilon, o->ahead,
                      o->now, o->gradient + first, o->slot[0] + first, o->slot[1] + first, o->weights + first);
}

static void apply_rmsprop(const ln_optimizer *o, size_t first, size_t count)
{
    const float epsilon = (float)o->number[OTHER_EPSILON];
    const int pytorch = is_pytorch(o); /* PyTorch multiplies by the rate outside of the momentum */
    o->kernels->rmsprop(count, pytorch ? 1 : o->rate, pytorch ? o->rate : 1, (float)(1 - o->number[RHO]),
                        (float)o->number[RMS_MOMENTUM], pytorch ? 0 : epsilon, pytorch ? epsilon : 0,
                        o->gradient + first, o->slot[0] + first, o->slot[1] + first, o->weights + first);
}

static void apply_adagrad(const ln_optimizer *o, size_t first, size_t count)
{
    const float epsilon = (float)o->number[OTHER_EPSILON];
    o->kernels->adagrad(count, o->rate, is_pytorch(o) ? 0 : epsilon, is_pytorch(o) ? epsilon : 0, o->gradient + first,
                        o->slot[0] + first, o->weights + first);
}

#define ADAM_HELP "[:beta1=0.9][:beta2=0.999]"
/* Columns: name, learning rate, weight decay, slots, traits, numbers, functions, help. */
#define ROWS(ROW)                                                                                                     \
    ROW("adam", 0.001, 0, 2, MOVES_MOMENTUM, adam, begin_adam, apply_adam,                                            \
        "adam" ADAM_HELP                                                                                              \
        "[:epsilon=1e-7]  m += (1-b1)(g-m); v += (1-b2)(g^2-v); w -= lr sqrt(1-b2^t)/(1-b1^t) m/(sqrt(v)+epsilon) "   \
        "(Keras)")                                                                                                    \
    ROW("adam-pytorch", 0.001, 0, 2, MOVES_MOMENTUM | PYTORCH, adam_pytorch, begin_adam, apply_adam,                  \
        "adam-pytorch" ADAM_HELP                                                                                      \
        "[:epsilon=1e-8]  adam with epsilon added to the corrected root: sqrt(v/(1-b2^t)) + epsilon")                 \
    ROW("adamw", 0.001, 0.004, 2, MOVES_MOMENTUM, adam, begin_adam, apply_adam,                                       \
        "adamw" ADAM_HELP "[:epsilon=1e-7]  adam with decoupled weight decay, 0.004 without --weight-decay (Keras)")  \
    ROW("adamw-pytorch", 0.001, 0.01, 2, MOVES_MOMENTUM | PYTORCH, adam_pytorch, begin_adam, apply_adam,              \
        "adamw-pytorch" ADAM_HELP "[:epsilon=1e-8]  the same of adam-pytorch, weight decay 0.01")                     \
    ROW("nadam", 0.001, 0, 2, 0, nadam, begin_nadam, apply_nadam,                                                     \
        "nadam" ADAM_HELP "[:epsilon=1e-7][:momentum-decay=1]  Adam with Nesterov momentum: "                         \
        "u(t) = b1 (1 - 0.96^(t momentum-decay) / 2) (Dozat, Keras)")                                                 \
    ROW("nadam-pytorch", 0.002, 0, 2, PYTORCH, nadam_pytorch, begin_nadam, apply_nadam,                               \
        "nadam-pytorch" ADAM_HELP "[:epsilon=1e-8][:momentum-decay=0.004]  the same with PyTorch's numbers")          \
    ROW("momentum", 0.01, 0, 1, USES_MOMENTUM | MOVES_MOMENTUM, none, begin_plain, apply_momentum,                    \
        "m = momentum m - lr g; w += m (Keras)")                                                                      \
    ROW("momentum-pytorch", 0.01, 0, 1, USES_MOMENTUM | MOVES_MOMENTUM | PYTORCH, none, begin_plain, apply_velocity,  \
        "m = momentum m + g; w -= lr m: another course where the rate changes")                                       \
    ROW("nesterov", 0.01, 0, 1, USES_MOMENTUM | MOVES_MOMENTUM | NESTEROV, none, begin_plain, apply_momentum,         \
        "m = momentum m - lr g; w += momentum m - lr g (Keras)")                                                      \
    ROW("nesterov-pytorch", 0.01, 0, 1, USES_MOMENTUM | MOVES_MOMENTUM | NESTEROV | PYTORCH, none, begin_plain,       \
        apply_velocity, "m = momentum m + g; w -= lr (momentum m + g)")                                               \
    ROW("rmsprop", 0.001, 0, 2, 0, rmsprop, begin_plain, apply_rmsprop,                                               \
        "rmsprop[:rho=0.9][:epsilon=1e-7][:momentum=0]  v += (1-rho)(g^2-v); m = momentum m + lr g/sqrt(v+epsilon); " \
        "w -= m (Keras)")                                                                                             \
    ROW("rmsprop-pytorch", 0.01, 0, 2, PYTORCH, rmsprop_pytorch, begin_plain, apply_rmsprop,                          \
        "rmsprop-pytorch[:rho=0.99][:epsilon=1e-8][:momentum=0]  m = momentum m + g/(sqrt(v)+epsilon); w -= lr m")    \
    ROW("adagrad", 0.001, 0, 1, 0, adagrad, begin_plain, apply_adagrad,                                               \
        "adagrad[:initial=0.1][:epsilon=1e-7]  v begins at initial; v += g^2; w -= lr g/sqrt(v+epsilon) (Keras)")     \
    ROW("adagrad-pytorch", 0.01, 0, 1, PYTORCH, adagrad_pytorch, begin_plain, apply_adagrad,                          \
        "adagrad-pytorch[:initial=0][:epsilon=1e-10]  epsilon outside of the root")                                   \
    ROW("sgd", 0.01, 0, 0, 0, none, begin_plain, apply_sgd, "w -= lr g")

static const rule table[] = {
#define ROW(name, rate, decay, slots, traits, numbers, begin, apply, help) \
    {name, help, rate, decay, slots, traits, numbers, begin, apply},
    ROWS(ROW)
#undef ROW
};

const char *const ln_optimizer_names[] = {
#define ROW(name, ...) name,
    ROWS(ROW)
#undef ROW
        NULL};

static const rule *find(const char *text)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (text && ln_choice_is(text, table[i].name))
            return &table[i];
    return NULL;
}

const char *ln_optimizer_help(const char *name)
{
    const rule *row = find(name);
    return row ? row->help : NULL;
}

double ln_optimizer_default_rate(const char *name)
{
    const rule *row = find(name);
    return row ? row->default_rate : 0;
}

double ln_optimizer_default_decay(const char *name)
{
    const rule *row = find(name);
    return row ? row->default_decay : 0;
}

int ln_optimizer_has_momentum(const char *name)
{
    const rule *row = find(name);
    return row && row->traits & MOVES_MOMENTUM;
}

lenet_status ln_optimizer_check(const lenet_settings *settings, lenet_error *error)
{
    double numbers[LN_CHOICE_NUMBERS];
    char why[160];
    const rule *row = find(settings->optimizer);
    lenet_settings defaults;
    lenet_settings_default(&defaults);
    if (!row)
        return ln_fail(error, LENET_USAGE, "optimizer: '%s' is unknown (lenet_option_names lists them)",
                       settings->optimizer);
    if (!ln_choice_read(settings->optimizer, row->numbers, numbers, why))
        return ln_fail(error, LENET_USAGE, "optimizer %s: %s", settings->optimizer, why);
    if (!(row->traits & USES_MOMENTUM) && settings->momentum != defaults.momentum)
        return ln_fail(error, LENET_USAGE,
                       "momentum %g: only the optimizers momentum and nesterov use it, not %s; others have their own "
                       "number: adam:beta1=X, "
                       "rmsprop:momentum=X",
                       settings->momentum, row->name);
    return LENET_OK;
}

static lenet_status open_slots(ln_optimizer *o, size_t count, lenet_error *error)
{
    for (int i = 0; i < o->rule->slots; i++)
        if (!(o->slot[i] = ln_alloc(count, sizeof(float))))
            return ln_fail_memory(error, "the optimizer's state", count * sizeof(float));
    if (o->rule->apply == apply_adagrad)
        for (size_t i = 0; i < count; i++)
            o->slot[0][i] = (float)o->number[INITIAL];
    return LENET_OK;
}

lenet_status ln_optimizer_open(ln_optimizer **out, const lenet_settings *settings, lenet_model *model,
                               const ln_kernels *kernels, lenet_error *error)
{
    char why[160];
    ln_optimizer *o = ln_alloc(1, sizeof *o);
    if (!o)
        return ln_fail_memory(error, "the optimizer", sizeof *o);
    *o = (ln_optimizer){.rule = find(settings->optimizer),
                        .kernels = kernels,
                        .weights = model->weights,
                        .power1 = 1,
                        .power2 = 1,
                        .product = 1};
    ln_choice_read(settings->optimizer, o->rule->numbers, o->number, why);
    o->momentum = o->rule->numbers == none ? settings->momentum : o->number[BETA1];
    const lenet_status status = open_slots(o, model->weight_count, error);
    if (status)
        ln_optimizer_close(&o);
    *out = o;
    return status;
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
    ln_state_add(state, "optimizer.product", &o->product, 1);
}

void ln_optimizer_begin(ln_optimizer *o, const ln_pace *pace, const float *gradient)
{
    o->gradient = gradient;
    o->beta1 = isnan(pace->momentum) ? o->momentum : pace->momentum;
    o->rule->begin(o, pace);
}

void ln_optimizer_apply(const ln_optimizer *o, size_t first, size_t count) { o->rule->apply(o, first, count); }
