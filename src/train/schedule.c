/* SPDX-License-Identifier: MIT */
/*
 * schedule.c - the table of schedules: Keras's and PyTorch's definitions, made of exact operations in double.
 * A new one is a function and a row. docs/recipe.md has the formulas with their sources.
 */
#include "train/schedule.h"

#include "settings/names.h"
#include "util/error.h"
#include "util/function.h"

#include <math.h>

/* What a row is beside its function. */
enum {
    DECAYS = 1 /* uses settings.decay */,
    WARMS = 2 /* accepts warmup */,
    OBSERVES = 4 /* the validation loss */,
    CYCLES = 8 /* the momentum */
};

struct ln_schedule_row {
    const char *name, *help;
    const ln_choice_number *numbers;
    int traits;
    double (*rate)(const ln_schedule *s, double step);
};

static double epoch_of(const ln_schedule *s, double step) { return floor(step / s->epoch_steps); }

/* The share of the steps between the end of the warmup and the end of the run that are done. */
static double progress(const ln_schedule *s, double step)
{
    const double share = (step - s->warmup) / (s->steps - s->warmup);
    return share < 0 ? 0 : share > 1 ? 1 : share;
}

static double times(double rate, double factor, double count)
{
    for (double i = 0; i < count && factor != 1; i++)
        rate *= factor;
    return rate;
}

static double constant(const ln_schedule *s, double step) { return (void)step, s->rate; }

static double exponential(const ln_schedule *s, double step) { return times(s->rate, s->decay, epoch_of(s, step)); }

static double exponential_step(const ln_schedule *s, double step)
{
    return s->rate * ln_exp(step / (s->number[0] > 0 ? s->number[0] : s->epoch_steps) * ln_log(s->decay));
}

static double inverse_time(const ln_schedule *s, double step) { return s->rate / (1 + s->number[0] * step); }

static double staircase(const ln_schedule *s, double step)
{
    return times(s->rate, s->number[1], floor(epoch_of(s, step) / s->number[0]));
}

static double polynomial(const ln_schedule *s, double step)
{
    return (s->rate - s->number[1]) * ln_power(1 - progress(s, step), s->number[0]) + s->number[1];
}

static double cosine(const ln_schedule *s, double step)
{
    return s->rate * ((1 - s->number[0]) * (0.5 * (1 + ln_cos_pi(progress(s, step)))) + s->number[0]);
}

/* Half a cosine from `from` to `to`. */
static double anneal(double from, double to, double share)
{
    return to + (from - to) / 2 * (1 + ln_cos_pi(share < 0 ? 0 : share > 1 ? 1 : share));
}

/*
 * From `ends` up to `top` over the first `number[0]` of all steps, then down to `last`; all inclusive, as in
 * PyTorch.
 */
static double cycle(const ln_schedule *s, double step, double ends, double top, double last)
{
    const double turn = s->number[0] * s->steps - 1, end = s->steps - 1;
    if (step < turn)
        return anneal(ends, top, step / turn);
    return anneal(top, last, (step - turn) / (end - turn));
}

static double one_cycle(const ln_schedule *s, double step)
{
    const double begin = s->rate / s->number[1];
    return cycle(s, step, begin, s->rate, begin / s->number[2]);
}

static double plateau(const ln_schedule *s, double step) { return (void)step, s->lowered; }

#define END           \
    {                 \
        NULL, 0, 0, 0 \
    }
#define CYCLE \
    {"start", 0, 0.999, 0.3}, {"div", 1, 1e9, 25}, { "final-div", 1, 1e12, 1e4 }
static const ln_choice_number none[] = {END}, steps[] = {{"steps", 0, 1e15, 0}, END},
                              decay[] = {{"decay", 0, 1e9, NAN}, END},
                              stairs[] = {{"every", 1, 1e6, NAN}, {"factor", 1e-9, 1e9, 0.1}, END},
                              powers[] = {{"power", 0, 100, 1}, {"end", 0, 1e9, 1e-4}, END},
                              floors[] = {{"alpha", 0, 1, 0}, END}, cycles[] = {CYCLE, END},
                              swings[] = {CYCLE, {"low", 0, 0.999, 0.85}, {"high", 0, 0.999, 0.95}, END},
                              plateaus[] = {{"factor", 0, 0.999999, 0.1}, {"patience", 1, 1e6, 10},
                                            {"min-delta", 0, 1e9, 1e-4},  {"cooldown", 0, 1e6, 0},
                                            {"min-lr", 0, 1e9, 0},        END};
enum { FACTOR, PATIENCE, MIN_DELTA, COOLDOWN, MIN_RATE, LOW = 3, HIGH };

/* S is the number of steps of an epoch, N that of the run; t the step from 0, e the epoch from 0. */
#define ROWS(ROW)                                                                                                      \
    ROW("exponential", none, DECAYS | WARMS, exponential,                                                              \
        "lr decay^e by --decay, which is 1 if not given: then lr is constant")                                         \
    ROW("constant", none, WARMS, constant, "lr")                                                                       \
    ROW("exponential-step", steps, DECAYS | WARMS, exponential_step,                                                   \
        "exponential-step[:steps=S]  lr decay^(t/steps) by --decay (Keras's ExponentialDecay); S: the steps of an "    \
        "epoch")                                                                                                       \
    ROW("inverse-time", decay, WARMS, inverse_time,                                                                    \
        "inverse-time:decay  lr / (1 + decay t), the decay= of Keras before version 3")                                \
    ROW("step", stairs, WARMS, staircase, "step:every[:factor=0.1]  lr factor^floor(e/every) (PyTorch's StepLR)")      \
    ROW("polynomial", powers, WARMS, polynomial,                                                                       \
        "polynomial[:power=1][:end=0.0001]  (lr - end) (1 - t/N)^power + end (Keras's PolynomialDecay); N: all steps") \
    ROW("cosine", floors, WARMS, cosine,                                                                               \
        "cosine[:alpha=0]  lr ((1 - alpha) (1 + cos(pi t/N)) / 2 + alpha) (Keras's CosineDecay)")                      \
    ROW("one-cycle", cycles, 0, one_cycle,                                                                             \
        "one-cycle[:start=0.3][:div=25][:final-div=10000]  by half cosines up from lr/div to lr in the share start "   \
        "of all steps, "                                                                                               \
        "then down to lr/div/final-div (PyTorch's OneCycleLR)")                                                        \
    ROW("one-cycle-momentum", swings, CYCLES, one_cycle,                                                               \
        "one-cycle-momentum[:start=0.3][:div=25][:final-div=10000][:low=0.85][:high=0.95]  the same, with the "        \
        "momentum (Adam's beta1) "                                                                                     \
        "from high to low and back")                                                                                   \
    ROW("plateau", plateaus, WARMS | OBSERVES, plateau,                                                                \
        "plateau[:factor=0.1][:patience=10][:min-delta=0.0001][:cooldown=0][:min-lr=0]  times factor when the "        \
        "validation loss "                                                                                             \
        "was not better for patience epochs (Keras's ReduceLROnPlateau)")

static const ln_schedule_row table[] = {
#define ROW(name, numbers, traits, rate, help) {name, help, numbers, traits, rate},
    ROWS(ROW)
#undef ROW
};

const char *const ln_schedule_names[] = {
#define ROW(name, ...) name,
    ROWS(ROW)
#undef ROW
        NULL};

static const ln_schedule_row *find(const char *text)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (text && ln_choice_is(text, table[i].name))
            return &table[i];
    return NULL;
}

const char *ln_schedule_help(const char *name)
{
    const ln_schedule_row *row = find(name);
    return row ? row->help : NULL;
}

lenet_status ln_schedule_check(const lenet_settings *s, lenet_error *error)
{
    double number[LN_CHOICE_NUMBERS];
    char why[160];
    const ln_schedule_row *row = find(s->schedule);
    if (!ln_choice_read(s->schedule, row->numbers, number, why))
        return ln_fail(error, LENET_USAGE, "schedule %s: %s", s->schedule, why);
    if (s->decay != 1 && !(row->traits & DECAYS))
        return ln_fail(error, LENET_USAGE,
                       "decay %g: the schedule %s does not use it; exponential and exponential-step do", s->decay,
                       row->name);
    if (s->decay == 1 && row->rate == exponential_step)
        return ln_fail(error, LENET_USAGE, "schedule exponential-step: by what is said by decay, and none is given");
    if (s->warmup > 0 && !(row->traits & WARMS))
        return ln_fail(error, LENET_USAGE, "warmup %g: the schedule %s rises by itself (its number start)", s->warmup,
                       row->name);
    if (s->warmup >= s->epochs)
        return ln_fail(error, LENET_USAGE, "warmup %g: the run ends before, after %d epoch%s", s->warmup, s->epochs,
                       s->epochs == 1 ? "" : "s");
    if (row->traits & OBSERVES && s->validation_split == 0 && !s->folds)
        return ln_fail(error, LENET_USAGE,
                       "schedule %s: it goes by the validation loss, and nothing is held out (val-split)", row->name);
    if (row->rate == polynomial && number[1] > s->learning_rate)
        return ln_fail(error, LENET_USAGE, "schedule polynomial: the learning rate %g would rise to end, %g",
                       s->learning_rate, number[1]);
    if (row->traits & CYCLES && !ln_optimizer_has_momentum(s->optimizer))
        return ln_fail(error, LENET_USAGE,
                       "schedule %s: the optimizer %s has no momentum that it could set; one-cycle leaves it alone",
                       row->name, s->optimizer);
    return LENET_OK;
}

void ln_schedule_open(ln_schedule *schedule, const lenet_settings *settings, uint64_t epoch_steps)
{
    char why[160];
    *schedule = (ln_schedule){.row = find(settings->schedule),
                              .rate = settings->learning_rate,
                              .decay = settings->decay,
                              .steps = (double)settings->epochs * (double)epoch_steps,
                              .epoch_steps = (double)epoch_steps,
                              .warmup = floor(settings->warmup * (double)epoch_steps + 0.5),
                              .lowered = settings->learning_rate,
                              .patience = {.best = INFINITY}};
    ln_choice_read(settings->schedule, schedule->row->numbers, schedule->number, why);
}

ln_pace ln_schedule_at(const ln_schedule *s, uint64_t step)
{
    const double t = (double)step, rate = s->row->rate(s, t);
    const double momentum =
        s->row->traits & CYCLES ? cycle(s, t, s->number[HIGH], s->number[LOW], s->number[HIGH]) : NAN;
    return (ln_pace){step, t < s->warmup ? rate * (t / s->warmup) : rate, momentum};
}

/* As Keras's ReduceLROnPlateau: an epoch that ends the cooling down is judged again. */
void ln_schedule_update(ln_schedule *s, double loss)
{
    if (!(s->row->traits & OBSERVES))
        return;
    if (s->cooldown)
        s->cooldown--;
    ln_patience_update(&s->patience, loss, s->number[MIN_DELTA]);
    if (s->cooldown)
        s->patience.wait = 0;
    if (s->patience.wait < s->number[PATIENCE] || s->lowered <= s->number[MIN_RATE])
        return;
    const double lower = s->lowered * s->number[FACTOR];
    s->lowered = lower > s->number[MIN_RATE] ? lower : s->number[MIN_RATE];
    s->cooldown = (int)s->number[COOLDOWN];
    s->patience.wait = 0;
}

void ln_schedule_add_state(ln_schedule *s, ln_state *state)
{
    ln_state_add(state, "schedule.lowered", &s->lowered, 1);
    ln_state_add(state, "schedule.best", &s->patience.best, 1);
    ln_state_add(state, "schedule.wait", &s->patience.wait, 1);
    ln_state_add(state, "schedule.cooldown", &s->cooldown, 1);
}
