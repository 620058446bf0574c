/* SPDX-License-Identifier: MIT */
/*
 * show-maps.c - the pictures of `lenet show`: each is a sheet of maps (lab/inside/sheet.h) in a file of its
 * own; see show.h.
 */
#include "cli/show.h"

#include "cli/terminal.h"
#include "lab/data/folders.h"
#include "lab/data/prepare.h"
#include "lab/inside/maps.h"
#include "lab/inside/sheet.h"
#include "lab/pictures/decode.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_TILES = 4096, STRIP = 10 };

/* One call: what all pictures need. */
typedef struct work {
    lab_pool *pool;
    const show_request *q;
    const lenet_model *model;
    lenet_session *session;
    lenet_shape shape;
} work;

/* The image to be looked into. */
typedef struct subject {
    float *values;    /* of the model's shape, 0..1 */
    const char *name; /* "image 7 of mnist's test set (9)", or the file */
    int predicted;
    double probability;
} subject;

bool wants_maps(const show_request *q)
{
    return q->filters || q->features || q->saliency || q->cam || q->maximise || q->embed;
}

/* -------------------------------------------------------------------------------------------------------- naming */

static const char *class_name(const work *w, int label)
{
    return w->q->classes.count ? lab_printable(w->pool, w->q->classes.names[label]) : lab_format(w->pool, "%d", label);
}

/* A class by its name or its number; -1: neither. */
static int find_class(const work *w, const char *text)
{
    char *end;
    for (int k = 0; k < w->q->classes.count; k++)
        if (!strcmp(w->q->classes.names[k], text))
            return k;
    const long number = strtol(text, &end, 10);
    return *text && !*end && number >= 0 && number < lenet_model_classes(w->model) ? (int)number : -1;
}

static int need_class(const work *w, const char *text)
{
    const int label = find_class(w, text);
    if (label < 0)
        lab_fail(w->pool, LENET_USAGE,
                 "class '%s': the model has none of this name, and no such number: it has %d, from 0", text,
                 lenet_model_classes(w->model));
    return label;
}

static void write_sheet(const work *w, const char *name, const lab_sheet *sheet)
{
    const char *path = lab_format(w->pool, "%s/%s", w->q->out, name);
    if (mkdir(w->q->out, 0777) && errno != EEXIST)
        lab_fail(w->pool, LENET_IO, "%s: the folder cannot be made: %s", w->q->out, strerror(errno));
    lab_sheet_write(w->pool, sheet, path);
    printf("%s.png, %s.svg\n  ", path, path);
    print_wrapped(stdout, sheet->caption, 2);
}

/* ------------------------------------------------------------------------------------------------------- the image */

static bool is_number(const char *text) { return *text && strspn(text, "0123456789") == strlen(text); }

static void take_pixels(const work *w, subject *s, const uint8_t *pixels)
{
    const size_t size = lab_size_of(w->shape);
    s->values = lab_alloc(w->pool, size, sizeof *s->values);
    for (size_t i = 0; i < size; i++)
        s->values[i] = (float)pixels[i] / 255;
}

static void copy_indexed(const work *w, subject *s, const lenet_dataset *test, const char *data, const char *text)
{
    const lenet_shape shape = lenet_dataset_shape(test);
    const size_t index = strtoull(text, NULL, 10), count = lenet_dataset_count(test);
    if (shape.channels != w->shape.channels || shape.height != w->shape.height || shape.width != w->shape.width)
        snprintf(w->pool->error.text, sizeof w->pool->error.text,
                 "%s: its images are %dx%dx%d (channels, height, width), the model takes %dx%dx%d", data,
                 shape.channels, shape.height, shape.width, w->shape.channels, w->shape.height, w->shape.width);
    else if (strlen(text) > 9 || index >= count)
        snprintf(w->pool->error.text, sizeof w->pool->error.text, "image %s: %s has %zu test images, counted from 0",
                 text, data, count);
    else {
        take_pixels(w, s, lenet_dataset_images(test) + index * lab_size_of(shape));
        s->name = lab_format(w->pool, "test image %zu of %s (%s)", index, data,
                             lab_printable(w->pool, lenet_dataset_class_name(test, lenet_dataset_labels(test)[index])));
    }
}

static void read_indexed(const work *w, subject *s, const char *text)
{
    const char *data = w->q->data ? w->q->data : lenet_model_note(w->model, "data");
    const lab_preparation intake = {w->shape, NULL, NULL};
    lenet_dataset *test = NULL;
    if (!data || lab_data_check(data, NULL))
        lab_fail(w->pool, LENET_USAGE, "image %s: what the model was trained on is not here; name it with --data",
                 text);
    lab_check(w->pool, lab_data_open(NULL, &test, data, w->q->folder, &intake, NULL, &w->pool->error));
    if (!test)
        lab_fail(w->pool, LENET_USAGE, "image %s: %s has no test images", text, data);
    copy_indexed(w, s, test, data, text);
    lenet_dataset_close(&test);
    if (!s->values)
        lab_check(w->pool, LENET_USAGE);
}

static void read_file(const work *w, subject *s, const char *path)
{
    lab_image image = {0, 0, 0, NULL};
    lab_steps steps = {0};
    uint8_t *pixels = lab_alloc(w->pool, lab_size_of(w->shape), 1);
    lab_check(w->pool, lab_image_read(&image, path, &w->pool->error));
    const lenet_status status =
        lab_prepare(&image, lab_style_of_model(w->model), w->shape, pixels, &steps, path, &w->pool->error);
    lab_image_close(&image);
    lab_check(w->pool, status);
    take_pixels(w, s, pixels);
    s->name = lab_printable(w->pool, path);
}

static subject read_subject(const work *w, const char *text)
{
    subject s = {.values = NULL};
    float probabilities[LENET_MAX_CLASSES];
    if (is_number(text))
        read_indexed(w, &s, text);
    else
        read_file(w, &s, text);
    lenet_session_probabilities(w->session, &(lenet_images){1, NULL, s.values}, probabilities);
    for (int k = 1; k < lenet_model_classes(w->model); k++)
        s.predicted = probabilities[k] > probabilities[s.predicted] ? k : s.predicted;
    s.probability = (double)probabilities[s.predicted];
    return s;
}

static lab_tile tile_of_image(const work *w, const float *values, const char *label)
{
    const bool is_colour = w->shape.channels == 3;
    return (lab_tile){is_colour ? 3 : 1, w->shape.height, w->shape.width, values, LAB_GREY, 0, 1, label, NULL};
}

/* --------------------------------------------------------------------------------------------------------- weights */

/* The tensor of weights of a layer. */
static lenet_tensor weights_of(const work *w, const lenet_layer *layer)
{
    char name[48];
    lenet_tensor tensor;
    snprintf(name, sizeof name, "%s.weight", layer->name);
    for (size_t i = 0; i < lenet_model_tensor_count(w->model); i++) {
        lab_check(w->pool,
                  lenet_model_tensor((lenet_model *)w->model, i, &tensor, &w->pool->error)); /* which is only read */
        if (!strcmp(tensor.name, name))
            return tensor;
    }
    lab_fail(w->pool, LENET_USAGE, "filters: layer %s has no weights", layer->name);
}

static float largest_of(const float *values, size_t count)
{
    float most = 0;
    for (size_t i = 0; i < count; i++)
        most = values[i] > most ? values[i] : -values[i] > most ? -values[i] : most;
    return most;
}

/* A tile for each kernel: of each output channel a row, if there are several input channels. */
static size_t kernel_tiles(const work *w, const lenet_tensor *t, lab_tile *tiles)
{
    const int outs = t->shape[0], ins = t->shape[1];
    const size_t area = (size_t)t->shape[2] * (size_t)t->shape[3];
    const double most = (double)largest_of(t->data, t->size);
    size_t used = 0;
    for (int out = 0; out < outs; out++)
        for (int in = 0; in < ins && used < MOST_TILES; in++, used++)
            tiles[used] =
                (lab_tile){1,
                           t->shape[2],
                           t->shape[3],
                           t->data + used * area,
                           LAB_SIGNED,
                           -most,
                           most,
                           ins == 1 ? lab_format(w->pool, "%d", out) : NULL,
                           ins > 1 && !in ? lab_format(w->pool, "channel %d, from %d channels", out, ins) : NULL};
    return used;
}

static void show_filters(const work *w)
{
    const lenet_layer layer = lab_layer_of(w->pool, w->model, lab_find_layer(w->pool, w->model, w->q->filters));
    const lenet_tensor t = weights_of(w, &layer);
    lab_tile *tiles = lab_alloc(w->pool, MOST_TILES, sizeof *tiles);
    lab_sheet sheet = {
        .title = lab_format(w->pool, "Weights of %s", layer.name), .tiles = tiles, .least_side = t.rank == 4 ? 40 : 1};
    const double most = (double)largest_of(t.data, t.size);
    if (t.rank == 4) {
        sheet.count = kernel_tiles(w, &t, tiles);
    } else {
        tiles[0] = (lab_tile){1, t.shape[0], t.rank == 2 ? t.shape[1] : 1, t.data, LAB_SIGNED, -most, most, NULL, NULL};
        sheet.count = 1;
    }
    sheet.caption = lab_format(
        w->pool, "The weights of %s, %s. White is 0, red above, blue below; the darkest is %.3g.%s", layer.name,
        t.rank == 4 ? "a square for each kernel" : "a row for each unit, a column for each input", most,
        sheet.count == MOST_TILES ? lab_format(w->pool, " The first %d kernels.", MOST_TILES) : "");
    write_sheet(w, lab_format(w->pool, "filters-%s", layer.name), &sheet);
}

/* -------------------------------------------------------------------------------------------------------- features */

/* A dense layer's units as a strip that is high enough to be seen. */
static const float *strip_of(const work *w, const float *values, size_t units)
{
    float *strip = lab_alloc(w->pool, STRIP * units, sizeof *strip);
    for (size_t row = 0; row < STRIP; row++)
        memcpy(strip + row * units, values, units * sizeof *strip);
    return strip;
}

/* The tiles of a layer's output, at most `room`: one for each channel, or a strip of units. */
static size_t feature_tiles(const work *w, size_t index, const float *values, lab_tile *tiles, size_t room)
{
    const lenet_layer layer = lab_layer_of(w->pool, w->model, index);
    const lenet_shape s = layer.out;
    const size_t area = (size_t)s.height * (size_t)s.width,
                 count = (size_t)s.channels < room ? (size_t)s.channels : room;
    const char *heading =
        lab_format(w->pool, "%zu  %s, %dx%dx%d", index + 1, layer.name, s.channels, s.height, s.width);
    if (area == 1) {
        tiles[0] =
            (lab_tile){1, STRIP, s.channels, strip_of(w, values, (size_t)s.channels), LAB_GREY, 0, 0, NULL, heading};
        return 1;
    }
    for (size_t i = 0; i < count; i++)
        tiles[i] = (lab_tile){1, s.height, s.width, values + i * area, LAB_GREY, 0, 0, NULL, i ? NULL : heading};
    return count;
}

static void show_features(const work *w)
{
    const subject s = read_subject(w, w->q->features);
    lab_tile *tiles = lab_alloc(w->pool, MOST_TILES, sizeof *tiles);
    size_t used = 0;
    tiles[used++] = tile_of_image(w, s.values, NULL);
    for (size_t i = 0; i < lenet_model_layer_count(w->model) && used < MOST_TILES; i++) {
        float *values = lab_alloc(w->pool, lab_size_of(lab_layer_of(w->pool, w->model, i).out), sizeof *values);
        lab_check(w->pool,
                  lenet_session_outputs(w->session, &(lenet_images){1, NULL, s.values}, i, values, &w->pool->error));
        used += feature_tiles(w, i, values, tiles + used, MOST_TILES - used);
    }
    const lab_sheet sheet = {
        .title = "Features, layer by layer",
        .count = used,
        .tiles = tiles,
        .least_side = 48,
        .caption = lab_format(
            w->pool,
            "What each layer makes of %s, predicted as %s (%.1f %%): a map for each channel, its lowest number "
            "black and its highest white.",
            s.name, class_name(w, s.predicted), 100 * s.probability)};
    write_sheet(w, "features", &sheet);
}

/* --------------------------------------------------------------------------------------- what an answer depends on */

static int chosen_class(const work *w, const subject *s)
{
    return w->q->label ? need_class(w, w->q->label) : s->predicted;
}

/* A heat map over the grey image. */
static float *overlay(const work *w, const float *image, const float *map)
{
    const size_t plane = (size_t)w->shape.height * (size_t)w->shape.width;
    const float most = largest_of(map, plane);
    float *mixed = lab_alloc(w->pool, 3 * plane, sizeof *mixed);
    for (size_t i = 0; i < plane; i++)
        for (size_t c = 0; c < 3; c++) {
            const float under = image[(w->shape.channels == 3 ? c : 0) * plane + i],
                        heat = most > 0 ? 3 * map[i] / most - (float)c : 0;
            mixed[c * plane + i] = 0.5f * under + 0.5f * (heat < 0 ? 0 : heat > 1 ? 1 : heat);
        }
    return mixed;
}

static lab_tile heat_tile(const work *w, const float *map, const char *label)
{
    return (lab_tile){1,
                      w->shape.height,
                      w->shape.width,
                      map,
                      LAB_HEAT,
                      0,
                      (double)largest_of(map, (size_t)w->shape.height * (size_t)w->shape.width),
                      label,
                      NULL};
}

static void write_heat(const work *w, const subject *s, const float *map, const char *name, const char *title,
                       const char *caption)
{
    const lab_tile over = {3,   w->shape.height, w->shape.width, overlay(w, s->values, map), LAB_GREY, 0, 1, "both",
                           NULL};
    const lab_tile tiles[] = {tile_of_image(w, s->values, "image"), heat_tile(w, map, "map"), over};
    write_sheet(w, name, &(lab_sheet){title, caption, 3, tiles, 224});
}

static void show_saliency(const work *w)
{
    const subject s = read_subject(w, w->q->saliency);
    const int label = chosen_class(w, &s);
    float *gradient = lab_alloc(w->pool, lab_size_of(w->shape), sizeof *gradient);
    float *map = lab_alloc(w->pool, lab_size_of(w->shape), sizeof *map);
    lab_saliency(w->pool, w->session, w->model, s.values, label, gradient);
    lab_strongest_channel(w->shape, gradient, map);
    write_heat(w, &s, map, "saliency", lab_format(w->pool, "Saliency for %s", class_name(w, label)),
               lab_format(w->pool,
                          "How much the logit of %s changes with each pixel of %s, predicted as %s (%.1f %%): the "
                          "absolute gradient, black "
                          "to white; the largest is %.3g.",
                          class_name(w, label), s.name, class_name(w, s.predicted), 100 * s.probability,
                          (double)largest_of(map, lab_size_of(w->shape) / (size_t)w->shape.channels)));
}

static void show_cam(const work *w)
{
    const subject s = read_subject(w, w->q->cam);
    const int label = chosen_class(w, &s);
    const size_t index =
        w->q->layer ? lab_find_layer(w->pool, w->model, w->q->layer) : lab_cam_layer(w->pool, w->model);
    const lenet_layer layer = lab_layer_of(w->pool, w->model, index);
    float *small = lab_alloc(w->pool, lab_size_of(layer.out), sizeof *small),
          *map = lab_alloc(w->pool, lab_size_of(w->shape), sizeof *map);
    lab_grad_cam(w->pool, w->session, w->model, s.values, label, index, small);
    lab_enlarge(small, layer.out.height, layer.out.width, w->shape.height, w->shape.width, map);
    write_heat(w, &s, map, "grad-cam", lab_format(w->pool, "Grad-CAM for %s", class_name(w, label)),
               lab_format(w->pool,
                          "Where layer %zu (%s, %dx%d) speaks for %s on %s, predicted as %s (%.1f %%): its channels, "
                          "weighed by their mean "
                          "gradient of the logit, black to white.",
                          index + 1, layer.name, layer.out.height, layer.out.width, class_name(w, label), s.name,
                          class_name(w, s.predicted), 100 * s.probability));
}

/* ------------------------------------------------------------------------------------------------------ maximising */

static void show_maximum(const work *w)
{
    const char *text = w->q->maximise, *colon = strrchr(text, ':');
    size_t layer = lenet_model_layer_count(w->model) - 1, unit = 0;
    const int label = find_class(w, text);
    if (label < 0 && colon && is_number(colon + 1) && strlen(colon) < 9) {
        layer = lab_find_layer(w->pool, w->model, lab_format(w->pool, "%.*s", (int)(colon - text), text));
        unit = strtoull(colon + 1, NULL, 10);
    } else {
        unit = (size_t)need_class(w, text);
    }
    float *image = lab_alloc(w->pool, lab_size_of(w->shape), sizeof *image), reached = 0;
    lab_maximise(w->pool, w->session, w->model, layer, unit, image, &reached);
    const lenet_layer l = lab_layer_of(w->pool, w->model, layer);
    const char *what = label >= 0 ? lab_format(w->pool, "class %s", class_name(w, label))
                                  : lab_format(w->pool, "unit %zu of %s", unit, l.name);
    const lab_tile tile = tile_of_image(w, image, NULL);
    const char *name =
        label >= 0 ? lab_format(w->pool, "maximise-%d", label) : lab_format(w->pool, "maximise-%s-%zu", l.name, unit);
    const char *caption =
        lab_format(w->pool, "The image that %s answers to most, by gradient ascent from grey; %s is %.3g there.", what,
                   label >= 0 ? "the logit" : "the mean of its map", (double)reached);
    write_sheet(w, name, &(lab_sheet){lab_format(w->pool, "What %s answers to", what), caption, 1, &tile, 224});
}

void write_maps(lab_pool *pool, const show_request *q, const lenet_model *model, lenet_session *session)
{
    const work w = {pool, q, model, session, lenet_model_shape(model)};
    if (q->filters)
        show_filters(&w);
    if (q->features)
        show_features(&w);
    if (q->saliency)
        show_saliency(&w);
    if (q->cam)
        show_cam(&w);
    if (q->maximise)
        show_maximum(&w);
    if (q->embed)
        write_embedding(pool, q, model, session);
}
