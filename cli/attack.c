/* SPDX-License-Identifier: MIT */
/* attack.c - see attack.h. */
#include "cli/attack.h"

#include "util/error.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 512, MOST_STEPS = 10000 }; /* images that are attacked together */

lenet_status read_attack(const char *text, attack *to, lenet_error *error)
{
    const bool is_pgd = !strncmp(text, "pgd:", 4);
    char *end = NULL;
    attack a = {.steps = is_pgd ? 10 : 1};
    if (!is_pgd && strncmp(text, "fgsm:", 5) != 0)
        return ln_fail(error, LENET_USAGE, "attack %s: it can be fgsm:EPS or pgd:EPS:STEPS", text);
    const char *number = strchr(text, ':') + 1;
    a.epsilon = strtod(number, &end);
    if (end == number || !(a.epsilon >= 0 && a.epsilon <= 1))
        return ln_fail(error, LENET_USAGE, "attack %s: EPS must be a number within 0..1, of a pixel's range", text);
    if (is_pgd && *end == ':') {
        number = end + 1;
        const double steps = strtod(number, &end);
        if (end == number || !(steps >= 1 && steps <= MOST_STEPS) || steps != floor(steps))
            return ln_fail(error, LENET_USAGE, "attack %s: STEPS must be a whole number within 1..%d", text,
                           MOST_STEPS);
        a.steps = (int)steps;
    }
    if (*end)
        return ln_fail(error, LENET_USAGE, "attack %s: '%s' is too much", text, end);
    a.step = is_pgd ? 2.5 * a.epsilon / a.steps : a.epsilon;
    if (to)
        *to = a;
    return LENET_OK;
}

lenet_status check_attack(const char *text, lenet_error *error) { return read_attack(text, NULL, error); }

static float within(float value, float low, float high) { return value < low ? low : value > high ? high : value; }

/* One step from `values`, within epsilon of `start` and within 0..1. */
static void take_step(const attack *a, size_t size, const float *start, const float *gradient, float *values)
{
    const float epsilon = (float)a->epsilon, step = (float)a->step;
    for (size_t i = 0; i < size; i++) {
        const float moved = values[i] + step * (float)((gradient[i] > 0) - (gradient[i] < 0));
        values[i] = within(within(moved, start[i] - epsilon, start[i] + epsilon), 0, 1);
    }
}

lenet_status attack_images(const attack *a, lenet_session *session, lenet_shape shape, size_t count,
                           const uint8_t *labels, float *values, lenet_error *error)
{
    const size_t pixels = (size_t)shape.channels * (size_t)shape.height * (size_t)shape.width;
    float *start = malloc(CHUNK * pixels * sizeof *start), *gradient = malloc(CHUNK * pixels * sizeof *gradient);
    lenet_status status = start && gradient ? LENET_OK : ln_fail(error, LENET_FAILURE, "out of memory for an attack");
    for (size_t first = 0; first < count && !status; first += CHUNK) {
        const size_t some = count - first < CHUNK ? count - first : CHUNK;
        float *own = values + first * pixels;
        memcpy(start, own, some * pixels * sizeof *start);
        for (int step = 0; step < a->steps && !status; step++) {
            status = lenet_session_gradient(session, &(lenet_images){some, NULL, own},
                                            &(lenet_objective){.labels = labels + first}, 0, NULL, gradient, error);
            if (!status)
                take_step(a, some * pixels, start, gradient, own);
        }
    }
    free(start);
    free(gradient);
    return status;
}
