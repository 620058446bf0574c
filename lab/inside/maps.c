/* SPDX-License-Identifier: MIT */
/* maps.c - see maps.h. */
#include "lab/inside/maps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t lab_size_of(lenet_shape s) { return (size_t)s.channels * (size_t)s.height * (size_t)s.width; }

lenet_layer lab_layer_of(lab_pool *pool, const lenet_model *model, size_t index)
{
    lenet_layer layer;
    lab_check(pool, lenet_model_layer(model, index, &layer, &pool->error));
    return layer;
}

size_t lab_find_layer(lab_pool *pool, const lenet_model *model, const char *name)
{
    const size_t count = lenet_model_layer_count(model);
    char *end, names[400] = "";
    const unsigned long number = strtoul(name, &end, 10);
    if (!*end && number >= 1 && number <= count)
        return number - 1;
    for (size_t i = 0; i < count; i++) {
        const lenet_layer layer = lab_layer_of(pool, model, i);
        if (!strcmp(layer.name, name) && layer.parameters)
            return i;
        if (layer.parameters && strlen(names) + strlen(layer.name) + 3 < sizeof names)
            strcat(strcat(names, *names ? ", " : ""), layer.name);
    }
    lab_fail(pool, LENET_USAGE, "layer '%s': the model has none of this name; it has %s, or 1 to %zu by number", name,
             names, count);
}

/* ---------------------------------------------------------------------------------------------------- one image */

static size_t last_layer(const lenet_model *model) { return lenet_model_layer_count(model) - 1; }

void lab_saliency(lab_pool *pool, lenet_session *session, const lenet_model *model, const float *image, int label,
                  float *gradient)
{
    const lenet_objective logit = {.layer = last_layer(model), .unit = (size_t)label};
    lab_check(pool, lenet_session_gradient(session, &(lenet_images){1, NULL, image}, &logit, 0, NULL, gradient,
                                           &pool->error));
}

void lab_strongest_channel(lenet_shape shape, const float *values, float *map)
{
    const size_t plane = (size_t)shape.height * (size_t)shape.width;
    for (size_t i = 0; i < plane; i++) {
        map[i] = 0;
        for (size_t c = 0; c < (size_t)shape.channels; c++)
            map[i] = fmaxf(map[i], fabsf(values[c * plane + i]));
    }
}

size_t lab_cam_layer(lab_pool *pool, const lenet_model *model)
{
    const char *const *activations = lenet_option_names(LENET_ACTIVATIONS);
    for (size_t i = lenet_model_layer_count(model); i > 0; i--) {
        if (strcmp(lab_layer_of(pool, model, i - 1).kind, "conv") != 0)
            continue;
        const char *next = i < lenet_model_layer_count(model) ? lab_layer_of(pool, model, i).kind : "";
        for (const char *const *name = activations; *name; name++)
            if (!strcmp(*name, next))
                return i;
        return i - 1;
    }
    lab_fail(pool, LENET_USAGE, "grad-cam: the model has no convolution");
}

void lab_grad_cam(lab_pool *pool, lenet_session *session, const lenet_model *model, const float *image, int label,
                  size_t layer, float *map)
{
    const lenet_shape shape = lab_layer_of(pool, model, layer).out;
    const size_t size = lab_size_of(shape), plane = size / (size_t)shape.channels;
    float *values = lab_alloc(pool, size, sizeof *values), *gradient = lab_alloc(pool, size, sizeof *gradient);
    double *sum = lab_alloc(pool, plane, sizeof *sum);
    const lenet_images one = {1, NULL, image};
    const lenet_objective logit = {.layer = last_layer(model), .unit = (size_t)label};
    lab_check(pool, lenet_session_outputs(session, &one, layer, values, &pool->error));
    lab_check(pool, lenet_session_gradient(session, &one, &logit, layer + 1, NULL, gradient, &pool->error));
    for (size_t first = 0; first < size; first += plane) {
        double weight = 0;
        for (size_t i = 0; i < plane; i++)
            weight += (double)gradient[first + i] / (double)plane;
        for (size_t i = 0; i < plane; i++)
            sum[i] += weight * (double)values[first + i];
    }
    for (size_t i = 0; i < plane; i++)
        map[i] = (float)fmax(sum[i], 0);
}

static float clamped(const float *map, int height, int width, int row, int column)
{
    row = row < 0 ? 0 : row >= height ? height - 1 : row;
    column = column < 0 ? 0 : column >= width ? width - 1 : column;
    return map[row * width + column];
}

void lab_enlarge(const float *map, int height, int width, int to_height, int to_width, float *to)
{
    for (int y = 0; y < to_height; y++)
        for (int x = 0; x < to_width; x++) {
            const float row = ((float)y + 0.5f) * (float)height / (float)to_height - 0.5f;
            const float column = ((float)x + 0.5f) * (float)width / (float)to_width - 0.5f;
            const int top = (int)floorf(row), left = (int)floorf(column);
            const float down = row - (float)top, right = column - (float)left;
            const float upper = (1 - right) * clamped(map, height, width, top, left) +
                                right * clamped(map, height, width, top, left + 1);
            const float lower = (1 - right) * clamped(map, height, width, top + 1, left) +
                                right * clamped(map, height, width, top + 1, left + 1);
            to[y * to_width + x] = (1 - down) * upper + down * lower;
        }
}

/* ------------------------------------------------------------------------------------------------------ maximising */

/* Each pixel becomes partly the mean of itself and its four neighbours. */
static void smooth(lenet_shape s, float share, const float *from, float *to)
{
    for (int c = 0; c < s.channels; c++, from += s.height * s.width, to += s.height * s.width)
        for (int y = 0; y < s.height; y++)
            for (int x = 0; x < s.width; x++) {
                const float own = from[y * s.width + x];
                const float around =
                    clamped(from, s.height, s.width, y - 1, x) + clamped(from, s.height, s.width, y + 1, x) +
                    clamped(from, s.height, s.width, y, x - 1) + clamped(from, s.height, s.width, y, x + 1);
                to[y * s.width + x] = (1 - share) * own + share * (own + around) / 5;
            }
}

static double norm_of(const float *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)values[i] * (double)values[i];
    return sqrt(sum);
}

/* A step of `length` pixels' ranges in the mean square, within 0..1. */
static void ascend(const float *gradient, size_t count, double length, float *image)
{
    const double norm = norm_of(gradient, count), rate = norm > 0 ? length * sqrt((double)count) / norm : 0;
    for (size_t i = 0; i < count; i++)
        image[i] = (float)fmin(fmax((double)image[i] + rate * (double)gradient[i], 0), 1);
}

void lab_maximise(lab_pool *pool, lenet_session *session, const lenet_model *model, size_t layer, size_t unit,
                  float *image, float *reached)
{
    enum { STEPS = 200 };
    const lenet_shape shape = lenet_model_shape(model);
    const size_t count = lab_size_of(shape);
    const lenet_objective objective = {.layer = layer, .unit = unit};
    const lenet_images one = {1, NULL, image};
    float *gradient = lab_alloc(pool, count, sizeof *gradient), *other = lab_alloc(pool, count, sizeof *other);
    for (size_t i = 0; i < count; i++)
        image[i] = 0.5f;
    for (int step = 0; step < STEPS; step++) {
        lab_check(pool, lenet_session_gradient(session, &one, &objective, 0, NULL, gradient, &pool->error));
        ascend(gradient, count, 0.02, image);
        smooth(shape, 0.1f, image, other);
        memcpy(image, other, count * sizeof *image);
    }
    lab_check(pool, lenet_session_gradient(session, &one, &objective, 0, reached, NULL, &pool->error));
}
