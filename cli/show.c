/* SPDX-License-Identifier: MIT */
/* show.c - `lenet show`: the layers of a model as a table, and what is inside of them as pictures; see show.h. */
#include "cli/show.h"

#include "cli/command.h"
#include "cli/find-run.h"
#include "cli/options.h"
#include "cli/print-json.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "lab/data/folders.h"
#include "lab/inside/maps.h"
#include "lab/text/json.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------------ the table */

/*
 * What of the image one number of a layer's output depends on, in pixels, and how far neighbours are from each
 * other.
 */
typedef struct field {
    int height, width, step;
} field;

static int smaller(int a, int b) { return a < b ? a : b; }

static field field_after(field before, const lenet_layer *l, lenet_shape image)
{
    if (!strcmp(l->kind, "dense"))
        return (field){image.height, image.width, before.step};
    if (!l->kernel_height)
        return before;
    return (field){smaller(before.height + (l->kernel_height - 1) * before.step, image.height),
                   smaller(before.width + (l->kernel_width - 1) * before.step, image.width), before.step * l->stride};
}

/* Multiplications with weights for one image. */
static double multiply_adds(const lenet_layer *l)
{
    const double out = (double)lab_size_of(l->out);
    if (!strcmp(l->kind, "conv"))
        return out * l->in.channels * l->kernel_height * l->kernel_width;
    if (!strcmp(l->kind, "dense"))
        return out * (double)lab_size_of(l->in);
    return l->parameters ? out : 0; /* a batch normalisation */
}

static json_t *value_of_shape(lenet_shape s)
{
    return s.height == 1 && s.width == 1 ? json_sprintf("%d", s.channels)
                                         : json_sprintf("%dx%dx%d", s.channels, s.height, s.width);
}

static json_t *value_of_layer(size_t index, const lenet_layer *l, field f)
{
    /* clang-format off */
    return json_pack("{s:I, s:s, s:s, s:o, s:I, s:o, s:o, s:I}",
                     "layer", (json_int_t)index + 1,
                     "name", l->name,
                     "kind", l->kind,
                     "output", value_of_shape(l->out),
                     "weights", (json_int_t)l->parameters,
                     "multiply_adds", json_integer((json_int_t)multiply_adds(l)),
                     "receptive_field", json_sprintf("%dx%d", f.height, f.width),
                     "output_bytes", (json_int_t)(lab_size_of(l->out) * sizeof(float)));
    /* clang-format on */
}

/* The layers, and what they sum to. NULL: no memory. */
static json_t *value_of_layers(lab_pool *pool, const lenet_model *model, double *sums)
{
    json_t *layers = json_array();
    field f = {1, 1, 1};
    for (size_t i = 0; i < lenet_model_layer_count(model); i++) {
        const lenet_layer l = lab_layer_of(pool, model, i);
        f = field_after(f, &l, lenet_model_shape(model));
        sums[0] += multiply_adds(&l);
        sums[1] += (double)(lab_size_of(l.out) * sizeof(float));
        if (json_array_append_new(layers, value_of_layer(i, &l, f))) {
            json_decref(layers);
            return NULL;
        }
    }
    return layers;
}

static int print_layers(lab_pool *pool, const show_request *q, const lenet_model *model)
{
    static const column columns[] = {
        {"layer", "layer", COLUMN_NUMBER, 0},
        {"name", "name", COLUMN_TEXT, 0},
        {"output", "output", COLUMN_NUMBER, 0},
        {"weights", "weights", COLUMN_NUMBER, 0},
        {"multiply_adds", "multiply-adds", COLUMN_NUMBER, 0},
        {"receptive_field", "sees", COLUMN_NUMBER, 0},
        {"output_bytes", "bytes", COLUMN_NUMBER, 0},
        {.key = NULL},
    };
    double sums[2] = {0, 0};
    char text[3][32];
    const lenet_shape shape = lenet_model_shape(model);
    json_t *layers = value_of_layers(pool, model, sums);
    if (!layers)
        return report_no_memory();
    if (q->json)
        return print_document(json_pack("{s:o, s:s, s:o, s:I, s:I, s:I, s:o}", "model", value_of_text(q->model),
                                        "architecture", lenet_model_architecture(model), "input", value_of_shape(shape),
                                        "weights", (json_int_t)lenet_model_parameters(model), "multiply_adds",
                                        (json_int_t)sums[0], "output_bytes", (json_int_t)sums[1], "layers", layers));
    print_columns(layers, columns);
    json_decref(layers);
    printf("\n%s weights (%s bytes of float32), %s multiply-adds for an image of %dx%dx%d\n",
           format_count((double)lenet_model_parameters(model), text[0], sizeof text[0]),
           format_count(4 * (double)lenet_model_parameters(model), text[1], sizeof text[1]),
           format_count(sums[0], text[2], sizeof text[2]), shape.channels, shape.height, shape.width);
    return LENET_OK;
}

/* ----------------------------------------------------------------------------------------------------- the command */

static int show(lab_pool *pool, const show_request *q, const lenet_model *model, lenet_session *session)
{
    if (!wants_maps(q))
        return print_layers(pool, q, model);
    write_maps(pool, q, model, session);
    return LENET_OK;
}

static int open_and_show(show_request *q)
{
    lab_pool pool = {.blocks = NULL};
    lenet_model *model = NULL;
    lenet_session *session = NULL;
    char path[PATH_MAX];
    const int missing = find_model(q->model, q->db, path);
    int code;
    if (missing)
        return missing;
    q->model = path;
    if (lenet_model_load(&model, path, &pool.error) || lenet_session_open(&session, model, NULL, &pool.error) ||
        lab_classes_open(&q->classes, model, &pool.error))
        code = report_error(&pool.error);
    else if (setjmp(pool.on_failure) == 0)
        code = show(&pool, q, model, session);
    else
        code = report_error(&pool.error);
    lab_pool_close(&pool);
    lab_classes_close(&q->classes);
    lenet_session_close(&session);
    lenet_model_close(&model);
    return code;
}

static const char examples[] = "  lenet show runs/mnist/model.safetensors\n"
                               "  lenet show runs/mnist/model.safetensors --filters conv1\n"
                               "  lenet show runs/mnist/model.safetensors --features 7 --grad-cam 7 --out pictures\n"
                               "  lenet show runs/mnist/model.safetensors --saliency digit.png --class 3\n"
                               "  lenet show runs/mnist/model.safetensors --maximise conv2:5\n";

static const char notes[] = "IMAGE is a number, the image at this place (from 0) of the test set, or a file,\n"
                            "which is prepared as 'lenet predict' does it. LAYER is a name of the table of\n"
                            "layers (conv1, fc2) or a number of it. Each picture is a PNG file and an SVG file,\n"
                            "which has labels and a caption.\n";

int run_show(int argc, char **argv)
{
    show_request q = {.out = "pictures"};
    const ln_option rows[] = {
        {"filters", "LAYER", LN_OPTION_TEXT, &q.filters, .fallback = "none", .help = "draw the weights of this layer"},
        {"features", "IMAGE", LN_OPTION_TEXT, &q.features, .fallback = "none",
         .help = "draw the output of each layer for this image"},
        {"saliency", "IMAGE", LN_OPTION_TEXT, &q.saliency, .fallback = "none",
         .help = "draw the pixels that the output depends on most"},
        {"grad-cam", "IMAGE", LN_OPTION_TEXT, &q.cam, .fallback = "none",
         .help = "draw the regions that increase the output of a class (Grad-CAM)"},
        {"maximise", "UNIT", LN_OPTION_TEXT, &q.maximise, .fallback = "none",
         .help =
             "draw an input that maximises the output of a class (name or number) or a unit (LAYER:NUMBER, from 0)"},
        {"embed", "N", LN_OPTION_SIZE, &q.embed, .low = 10, .high = 20000, .fallback = "none",
         .help = "draw the last hidden layer for the first N test images: principal components and t-SNE"},
        {"class", "NAME", LN_OPTION_TEXT, &q.label, .fallback = "the predicted class",
         .help = "class that --saliency and --grad-cam explain: name or number"},
        {"layer", "LAYER", LN_OPTION_TEXT, &q.layer, .fallback = "the last convolution, after its activation",
         .help = "layer for --grad-cam"},
        {"out", "DIR", LN_OPTION_TEXT, &q.out, .help = "folder for the pictures"},
        {"db", "FILE", LN_OPTION_TEXT, &q.db, .fallback = "none: MODEL is a file",
         .help = "database of runs; MODEL is then a run, named as in 'runs show'"},
        {"data", "NAME", LN_OPTION_TEXT, &q.data, .names = lenet_option_names(LENET_DATASETS), .check = lab_data_check,
         .fallback = "the data set of the model's training",
         .help = "data set in which IMAGE is a number, or a folder of images"},
        {"data-dir", "DIR", LN_OPTION_TEXT, &q.folder, .fallback = "$LENET_DATA and the default folders",
         .help = "only folder in which to search for the data"},
        {"json", NULL, LN_OPTION_BOOL, &q.json, .help = "print the table of layers as JSON"},
        {.name = NULL},
    };
    const command_line line = {
        .command = "show",
        .arguments = "MODEL [options]",
        .summary = "Shows the inside of a model: a table of its layers with their shape, weights, multiply-adds, the "
                   "part of the image that "
                   "an output depends on, and memory; or pictures of filters, features and saliency.",
        .examples = examples,
        .notes = notes,
        .options = rows,
        .fewest = 1,
        .most = 1,
    };
    int count = 0;
    const int code = parse_command_line(&line, argc, argv, &count);
    if (code != PARSED)
        return code;
    q.model = argv[0];
    return open_and_show(&q);
}
