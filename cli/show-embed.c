/* SPDX-License-Identifier: MIT */
/*
 * show-embed.c - `lenet show --embed`: the last hidden layer's numbers for test images, laid out in a plane; see
 * show.h.
 */
#include "cli/show.h"

#include "cli/terminal.h"
#include "lab/data/folders.h"
#include "lab/inside/embed.h"
#include "lab/inside/maps.h"
#include "lab/inside/scatter.h"
#include "util/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { LEAST = 10, PERPLEXITY = 30 };

/* What is laid out; in the pool. */
typedef struct embedding {
    size_t count, index; /* images; the layer */
    const char *data;
    uint8_t *labels, *predicted;
    const char **names, **words;
    int classes;
    float *features; /* [count][size of the layer] */
    double *pca, *tsne, share[2];
} embedding;

/* Everything that is needed of the data set, which is closed after it. */
static bool take_data(lab_pool *pool, const lenet_model *model, lenet_session *session, const lenet_dataset *test,
                      embedding *e, size_t wanted)
{
    const lenet_shape shape = lenet_dataset_shape(test), own = lenet_model_shape(model);
    const size_t count = lenet_dataset_count(test), classes = (size_t)lenet_dataset_classes(test);
    e->count = wanted < count ? wanted : count;
    const lenet_images images = {e->count, lenet_dataset_images(test), NULL};
    const size_t size = lab_size_of(lab_layer_of(pool, model, e->index).out), outs = (size_t)lenet_model_classes(model);
    float *probabilities = lab_try_alloc(pool, e->count * outs, sizeof *probabilities);
    e->features = lab_try_alloc(pool, e->count * size, sizeof *e->features);
    e->labels = lab_try_alloc(pool, e->count, 1), e->predicted = lab_try_alloc(pool, e->count, 1);
    e->names = lab_try_alloc(pool, classes, sizeof *e->names);
    if (memcmp(&shape, &own, sizeof shape) != 0 || !probabilities || !e->features || !e->labels || !e->predicted ||
        !e->names)
        return false;
    lenet_session_probabilities(session, &images, probabilities);
    if (lenet_session_outputs(session, &images, e->index, e->features, &pool->error))
        return false;
    memcpy(e->labels, lenet_dataset_labels(test), e->count);
    for (size_t i = 0; i < e->count; i++)
        for (size_t k = 1; k < outs; k++)
            if (probabilities[i * outs + k] > probabilities[i * outs + e->predicted[i]])
                e->predicted[i] = (uint8_t)k;
    e->classes = (int)classes;
    for (size_t k = 0; k < classes; k++) {
        char *copy = lab_try_alloc(pool, strlen(lenet_dataset_class_name(test, (int)k)) + 1, 1);
        e->names[k] = copy ? strcpy(copy, lenet_dataset_class_name(test, (int)k)) : "";
    }
    return true;
}

static void open_data(lab_pool *pool, const show_request *q, const lenet_model *model, lenet_session *session,
                      embedding *e)
{
    const lab_preparation intake = {lenet_model_shape(model), q->classes.count ? &q->classes : NULL, NULL};
    lenet_dataset *test = NULL;
    e->data = q->data ? q->data : lenet_model_note(model, "data");
    if (!e->data || lab_data_check(e->data, NULL))
        lab_fail(pool, LENET_USAGE, "embed: what the model was trained on is not here; name it with --data");
    lab_check(pool, lab_data_open(NULL, &test, e->data, q->folder, &intake, NULL, &pool->error));
    const bool is_taken = test && take_data(pool, model, session, test, e, q->embed);
    lenet_dataset_close(&test);
    if (!is_taken)
        lab_fail(pool, LENET_USAGE, "embed: %s has no test images of the model's shape, or there is no memory for them",
                 e->data);
    if (e->count < LEAST)
        lab_fail(pool, LENET_USAGE, "embed: %zu images are too few; at least %d are needed", e->count, LEAST);
}

static void write_table(lab_pool *pool, const embedding *e, const char *path)
{
    lab_text text = {.pool = pool};
    lab_append(&text, "index,truth,predicted,pca_x,pca_y,tsne_x,tsne_y\n");
    for (size_t i = 0; i < e->count; i++)
        lab_append(&text, "%zu,%d,%d,%.9g,%.9g,%.9g,%.9g\n", i, e->labels[i], e->predicted[i], e->pca[2 * i],
                   e->pca[2 * i + 1], e->tsne[2 * i], e->tsne[2 * i + 1]);
    lab_check(pool, ln_write_file(path, text.data, text.used, &pool->error));
}

static void write_all(lab_pool *pool, const show_request *q, const lenet_model *model, embedding *e)
{
    static const char *const titles[] = {"principal components", "t-SNE"};
    const double *const planes[] = {e->pca, e->tsne};
    const char *path = lab_format(pool, "%s/embed", q->out);
    const char *caption = lab_format(pool,
                                     "Layer %zu (%s) for the first %zu test images of %s, coloured by their class. The "
                                     "components have %.1f and %.1f "
                                     "%% of the variance; t-SNE has perplexity %d.",
                                     e->index + 1, lab_layer_of(pool, model, e->index).name, e->count, e->data,
                                     100 * e->share[0], 100 * e->share[1], PERPLEXITY);
    if (mkdir(q->out, 0777) && errno != EEXIST)
        lab_fail(pool, LENET_IO, "%s: the folder cannot be made: %s", q->out, strerror(errno));
    e->words = lab_alloc(pool, e->count, sizeof *e->words);
    for (size_t i = 0; i < e->count; i++)
        e->words[i] =
            lab_format(pool, "image %zu: %s, predicted %s", i, e->names[e->labels[i]], e->names[e->predicted[i]]);
    write_table(pool, e, lab_format(pool, "%s.csv", path));
    lab_scatter_write(pool,
                      &(lab_scatter){"The last hidden layer", caption, 2, titles, planes, e->count, e->labels, e->names,
                                     e->classes, e->words},
                      path);
    printf("%s.png, %s.svg, %s.csv\n  ", path, path, path);
    print_wrapped(stdout, caption, 2);
}

void write_embedding(lab_pool *pool, const show_request *q, const lenet_model *model, lenet_session *session)
{
    const size_t layers = lenet_model_layer_count(model);
    embedding e = {.index = layers - 2};
    if (layers < 2)
        lab_fail(pool, LENET_USAGE, "embed: the model has no hidden layer");
    open_data(pool, q, model, session, &e);
    e.pca = lab_alloc(pool, 2 * e.count, sizeof *e.pca);
    e.tsne = lab_alloc(pool, 2 * e.count, sizeof *e.tsne);
    const lab_points points = {e.count, lab_size_of(lab_layer_of(pool, model, e.index).out), e.features};
    const double most = (double)(e.count - 1) / 3;
    lab_pca(pool, &points, e.pca, e.share);
    lab_tsne(pool, &points, most < PERPLEXITY ? most : PERPLEXITY, e.pca, e.tsne);
    write_all(pool, q, model, &e);
}
