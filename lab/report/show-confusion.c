/* SPDX-License-Identifier: MIT */
/*
 * show-confusion.c - what is taken for what: the matrix as a figure and as a text file, the most confused
 * pairs, and images of them; see show.h. Pairs are directed (of a true class, taken for another), or
 * unordered (both directions together).
 *
 * Where a point has several runs the counts are their sum: one model's matrix is of one seed, and its smaller
 * cells differ from seed to seed. Runs that did not learn are left out.
 */
#include "lab/pictures/image.h"
#include "lab/report/markup.h"
#include "lab/report/show.h"
#include "lab/text/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TOP = 3, ENLARGED = 3, GAP = 4 };

typedef struct pair {
    size_t truth, predicted;
    double count;
} pair;

/* What the item is about, once there are runs. */
typedef struct matrix {
    const lab_trial *trial;
    bool is_unordered; /* pairs have both directions; truth < predicted */
    size_t size, runs;
    double images; /* of one run */
    double *cells; /* sums over the runs */
    size_t pair_count;
    pair *pairs; /* the most frequent first; ties by class */
} matrix;

static int by_count(const void *a, const void *b)
{
    const pair *x = a, *y = b;
    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return x->truth != y->truth ? (x->truth > y->truth) - (x->truth < y->truth)
                                : (x->predicted > y->predicted) - (x->predicted < y->predicted);
}

static void list_pairs(matrix *m)
{
    for (size_t i = 0; i < m->size * m->size; i++) {
        const size_t truth = i / m->size, predicted = i % m->size;
        if (truth == predicted || (m->is_unordered && truth > predicted))
            continue;
        const double back = m->is_unordered ? m->cells[predicted * m->size + truth] : 0;
        m->pairs[m->pair_count++] = (pair){truth, predicted, m->cells[i] + back};
    }
    qsort(m->pairs, m->pair_count, sizeof *m->pairs, by_count);
}

static matrix matrix_of(lab_pool *pool, const lab_trial *trial, bool is_unordered)
{
    matrix m = {.trial = trial, .is_unordered = is_unordered, .size = trial->classes};
    m.cells = lab_alloc(pool, m.size * m.size, sizeof *m.cells);
    m.pairs = lab_alloc(pool, m.size * m.size, sizeof *m.pairs);
    for (size_t r = 0; r < trial->count; r++) {
        const lab_run *run = &trial->runs[r];
        if (!run->confusion || run->classes != m.size || !lab_run_has_learned(run))
            continue;
        m.runs++;
        m.images = 0;
        for (size_t i = 0; i < m.size * m.size; i++) {
            m.cells[i] += run->confusion[i];
            m.images += run->confusion[i];
        }
    }
    list_pairs(&m);
    return m;
}

static const char *class_name(lab_pool *pool, const matrix *m, size_t class)
{
    return lab_printable(pool, m->trial->class_names[class]);
}

static const char *pair_words(lab_pool *pool, const matrix *m, const pair *p)
{
    return lab_format(pool, "%s %s %s", class_name(pool, m, p->truth), m->is_unordered ? "↔" : "→",
                      class_name(pool, m, p->predicted));
}

/* 1 for the most frequent. */
static size_t rank_of(const matrix *m, size_t truth, size_t predicted)
{
    const pair wanted =
        m->is_unordered && truth > predicted ? (pair){predicted, truth, 0} : (pair){truth, predicted, 0};
    for (size_t i = 0; i < m->pair_count; i++)
        if (m->pairs[i].truth == wanted.truth && m->pairs[i].predicted == wanted.predicted)
            return i + 1;
    return 0;
}

static lab_sample sample_of(lab_pool *pool, const matrix *m, size_t truth, size_t predicted)
{
    double *values = lab_alloc(pool, m->trial->count, sizeof *values);
    size_t count = 0;
    for (size_t r = 0; r < m->trial->count; r++)
        if (m->trial->runs[r].confusion && lab_run_has_learned(&m->trial->runs[r]))
            values[count++] = m->trial->runs[r].confusion[truth * m->size + predicted];
    return lab_describe(values, count, 0.95);
}

/* ---------------------------------------------------------------------------------------------------- matrix file */

/*
 * Nothing else of a report, of a run or of a database ends in .txt, so no such name can be that of one of
 * them.
 */
static bool is_file_name(const char *name)
{
    static const char fine[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    const size_t length = strlen(name);
    return length > 4 && length < 100 && !strchr(".-", *name) && strspn(name, fine) == length &&
           !strcmp(name + length - 4, ".txt");
}

/*
 * The file of the scaled matrix, which no other item has: as the item says, or EXPERIMENT_conf.txt,
 * EXPERIMENT_conf-2.txt...
 */
static const char *take_file(const lab_scene *scene)
{
    const char *stem = lab_format(scene->pool, "%s_conf", scene->here->experiment->name);
    const char *file = lab_option_text(scene, scene->item, "file", NULL);
    if (file && !is_file_name(file))
        lab_refuse(scene, lab_yaml_find(scene->item, "file"),
                   "file: '%.60s' is no name of letters, digits, '.', '_' and '-' that ends in .txt", file);
    if (file && !lab_document_take_name(scene->document, file))
        lab_refuse(scene, lab_yaml_find(scene->item, "file"),
                   "file: '%.60s' is the file of another item; choose another name", file);
    if (file)
        return file;
    file = lab_format(scene->pool, "%s.txt", stem);
    for (size_t next = 2; !lab_document_take_name(scene->document, file); next++)
        file = lab_format(scene->pool, "%s-%zu.txt", stem, next);
    return file;
}

static void write_matrix(const lab_scene *scene, const matrix *m, const char *name)
{
    lab_text out = {.pool = scene->pool};
    lab_append(
        &out,
        "# Rows: true class. Columns: predicted class. Each row is divided by its sum. Test images of %s, sum of "
        "%zu runs.\n# Classes:",
        lab_printable(scene->pool, m->trial->point->data), m->runs);
    for (size_t i = 0; i < m->size; i++)
        lab_append(&out, "%s %s", i ? "," : "", class_name(scene->pool, m, i));
    for (size_t row = 0; row < m->size; row++) {
        double sum = 0;
        for (size_t i = 0; i < m->size; i++)
            sum += m->cells[row * m->size + i];
        for (size_t i = 0; i < m->size; i++)
            lab_append(&out, "%s%.6f", i ? " " : "\n", sum > 0 ? m->cells[row * m->size + i] / sum : 0);
    }
    lab_append(&out, "\n");
    const char *path = lab_format(scene->pool, "%s/%s", lab_document_folder(scene->document), name);
    lab_pool_write(scene->pool, path, out.data);
}

static void add_figure(const lab_scene *scene, const matrix *m, const char *file)
{
    lab_pool *pool = scene->pool;
    const char **names = lab_alloc(pool, m->size, sizeof *names);
    for (size_t i = 0; i < m->size; i++)
        names[i] = class_name(pool, m, i);
    lab_figure *figure = lab_alloc(pool, 1, sizeof *figure);
    figure->name = lab_document_name(scene->document, lab_format(pool, "%s-confusion", scene->here->experiment->name));
    lab_panel *panels = lab_figure_panels(pool, figure, 2);
    for (int i = 0; i < 2; i++) {
        panels[i].kind = LAB_HEAT;
        panels[i].is_normalised = i == 0;
        panels[i].title = i ? "Errors: number of images" : "Predicted class in % of the true class";
        panels[i].x_label = "Columns: predicted class; rows: true class";
        panels[i].y_label = "True class";
        panels[i].size = m->size;
        panels[i].names = names;
        panels[i].cells = m->cells;
    }
    const char *title = lab_option_text(scene, scene->item, "title", NULL);
    lab_add_figure(scene->document, figure,
                   lab_format(pool,
                              "%s%sConfusion matrix of %s: normalised, and its errors; %s%s images%s. As a file: `%s`.",
                              title ? title : "", title ? " " : "", lab_trial_prose(scene, m->trial),
                              m->runs > 1 ? lab_format(pool, "sum of n = %zu runs on ", m->runs) : "n = 1 run on ",
                              lab_thousands(pool, m->images), m->runs > 1 ? " each" : "", file),
                   "Heat map of the confusion matrix");
}

/* "Most confused: “cat → dog”, 120.4 images in each run of 10,000." */
static void set_finding(const lab_scene *scene, const matrix *m)
{
    lab_pool *pool = scene->pool;
    lab_text out = {.pool = pool};
    if (!m->pair_count || !(m->pairs[0].count > 0))
        return;
    lab_append(&out, "Most confused: “");
    lab_append_prose(&out, pair_words(pool, m, &m->pairs[0]));
    lab_append(&out, "”, %s of %s test images in a run.", lab_number(pool, m->pairs[0].count / (double)m->runs, 1),
               lab_thousands(pool, m->images));
    lab_set_finding(scene->document, LAB_RANK_OTHER, out.data);
}

/* ----------------------------------------------------------------------------------------------------------- pairs */

/* Of one model's images: are the two directions as frequent? */
static double p_of_directions(const matrix *m, const pair *p)
{
    for (size_t r = 0; r < m->trial->count; r++) {
        const double *cells = m->trial->runs[r].confusion;
        if (cells && lab_run_has_learned(&m->trial->runs[r]))
            return lab_mcnemar((size_t)cells[p->truth * m->size + p->predicted],
                               (size_t)cells[p->predicted * m->size + p->truth]);
    }
    return NAN;
}

static bool is_confused(const matrix *m, size_t rank)
{
    return rank && 10 * rank <= m->pair_count + 9;
} /* among the most frequent tenth */

/* Both directions of the most confused pairs. */
static void add_unordered_pairs(const lab_scene *scene, const matrix *m)
{
    lab_pool *pool = scene->pool;
    const lab_column columns[] = {
        {"pair", true}, {"images per run", false}, {"first as second", false}, {"second as first", false}};
    lab_table *table =
        lab_add_table(scene->document, columns, 4,
                      lab_format(pool, "The most confused pairs of classes, both directions together; n = %zu run%s.",
                                 m->runs, m->runs == 1 ? "" : "s"));
    json_t *list = json_array();
    for (size_t i = 0; i < TOP && i < m->pair_count; i++) {
        const pair *p = &m->pairs[i];
        const lab_sample there = sample_of(pool, m, p->truth, p->predicted),
                         back = sample_of(pool, m, p->predicted, p->truth);
        lab_cell(table, "%s", pair_words(pool, m, p));
        lab_cell(table, "%s", lab_number(pool, there.mean + back.mean, 1));
        lab_cell(table, "%s", lab_mean_and_sd(pool, &there, 1, 1));
        lab_cell(table, "%s", lab_mean_and_sd(pool, &back, 1, 1));
        json_array_append_new(list,
                              json_pack("{s:o, s:o, s:o, s:o}", "first", value_of_text(m->trial->class_names[p->truth]),
                                        "second", value_of_text(m->trial->class_names[p->predicted]), "first_as_second",
                                        lab_value_of_sample(&there), "second_as_first", lab_value_of_sample(&back)));
    }
    lab_add_result(scene->document, scene->kind,
                   json_pack("{s:o, s:I, s:o, s:o, s:o}", "point", value_of_text(m->trial->point->label), "n",
                             (json_int_t)m->runs, "images_per_run", value_of_number(m->images), "unordered_pairs", list,
                             "command", value_of_text(lab_trial_command(pool, m->trial->point, NULL))));
}

/*
 * Each row divided by its sum: of the images of a true class the share, in %, that is predicted as each
 * class.
 */
static void add_scaled_matrix(const lab_scene *scene, const matrix *m)
{
    lab_pool *pool = scene->pool;
    lab_column *columns = lab_alloc(pool, m->size + 1, sizeof *columns);
    columns[0] = (lab_column){"true class", true};
    for (size_t i = 0; i < m->size; i++)
        columns[i + 1] = (lab_column){class_name(pool, m, i), false};
    lab_table *table = lab_add_table(
        scene->document, columns, m->size + 1,
        lab_format(pool, "Normalised confusion matrix: %% of the images of a true class (row); n = %zu run%s.", m->runs,
                   m->runs == 1 ? "" : "s"));
    lab_fold(scene->document, "The normalised matrix as a table");
    for (size_t row = 0; row < m->size; row++) {
        double sum = 0;
        for (size_t i = 0; i < m->size; i++)
            sum += m->cells[row * m->size + i];
        lab_cell(table, "%s", class_name(pool, m, row));
        for (size_t i = 0; i < m->size; i++)
            lab_cell(table, "%s", lab_number(pool, sum > 0 ? 100 * m->cells[row * m->size + i] / sum : NAN, 1));
    }
}

static void add_pairs(const lab_scene *scene, const matrix *m)
{
    lab_pool *pool = scene->pool;
    const lab_column columns[] = {{"true → predicted", true},
                                  {"images per run", false},
                                  {"of the class, %", false},
                                  {"opposite", false},
                                  {"opposite’s rank", false},
                                  {"confused too", true},
                                  {"p", false}};
    lab_table *table = lab_add_table(
        scene->document, columns, 7,
        lab_format(pool, "The most confused directed pairs; n = %zu run%s.", m->runs, m->runs == 1 ? "" : "s"));
    for (size_t c = 4; c < 7; c++)
        lab_set_detail(table, c);
    lab_add_rule(scene->document, "*Confused pairs* are directed: the true class, then what it is predicted as. The "
                                  "opposite counts as confused too if it is among "
                                  "the most frequent tenth of the pairs; p: both directions are equally frequent "
                                  "(exact, images of the first run).");
    json_t *list = json_array();
    for (size_t i = 0; i < TOP && i < m->pair_count; i++) {
        const pair *p = &m->pairs[i];
        double of_class = 0;
        for (size_t k = 0; k < m->size; k++)
            of_class += m->cells[p->truth * m->size + k];
        const size_t opposite = rank_of(m, p->predicted, p->truth);
        const lab_sample there = sample_of(pool, m, p->truth, p->predicted),
                         back = sample_of(pool, m, p->predicted, p->truth);
        const double directions = p_of_directions(m, p);
        lab_cell(table, "%s", pair_words(pool, m, p));
        lab_cell(table, "%s", lab_mean_and_sd(pool, &there, 1, 1));
        lab_cell(table, "%.2f", of_class > 0 ? 100 * p->count / of_class : 0);
        lab_cell(table, "%s", lab_mean_and_sd(pool, &back, 1, 1));
        lab_cell(table, "%zu of %zu", opposite, m->pair_count);
        lab_cell(table, "%s", is_confused(m, opposite) ? "yes" : "no");
        lab_cell(table, "%s", lab_p(pool, directions));
        json_array_append_new(list,
                              json_pack("{s:o, s:o, s:o, s:o, s:I, s:b, s:o}", "truth",
                                        value_of_text(m->trial->class_names[p->truth]), "predicted",
                                        value_of_text(m->trial->class_names[p->predicted]), "images_per_run",
                                        lab_value_of_sample(&there), "opposite_per_run", lab_value_of_sample(&back),
                                        "opposite_rank", (json_int_t)opposite, "opposite_confused",
                                        is_confused(m, opposite), "p_directions", value_of_number(directions)));
    }
    lab_add_result(scene->document, scene->kind,
                   json_pack("{s:o, s:I, s:o, s:o, s:o}", "point", value_of_text(m->trial->point->label), "n",
                             (json_int_t)m->runs, "images_per_run", value_of_number(m->images), "pairs", list,
                             "command", value_of_text(lab_trial_command(pool, m->trial->point, NULL))));
}

typedef struct published_pair {
    const char *truth, *predicted;
} published_pair;

static size_t class_called(const matrix *m, const char *name)
{
    size_t at = 0;
    while (at < m->size && strcmp(m->trial->class_names[at], name) != 0)
        at++;
    return at;
}

static void add_published(const lab_scene *scene, const matrix *m, const published_pair *pairs, size_t count)
{
    lab_pool *pool = scene->pool;
    const lab_column columns[] = {{"published pair", true}, {"our rank", false}, {"images per run", false}};
    lab_table *table =
        lab_add_table(scene->document, columns, 3,
                      lab_format(pool, "The published most confused pairs, and their ranks here; n = %zu run%s.",
                                 m->runs, m->runs == 1 ? "" : "s"));
    for (size_t i = 0; i < count; i++) {
        const size_t truth = class_called(m, pairs[i].truth), predicted = class_called(m, pairs[i].predicted);
        const bool is_known = truth < m->size && predicted < m->size && truth != predicted;
        lab_cell(table, "%s → %s", lab_printable(pool, pairs[i].truth), lab_printable(pool, pairs[i].predicted));
        lab_cell(table, "%s",
                 is_known ? lab_format(pool, "%zu of %zu", rank_of(m, truth, predicted), m->pair_count)
                          : "no such classes");
        const lab_sample s = is_known ? sample_of(pool, m, truth, predicted) : lab_describe(NULL, 0, 0.95);
        lab_cell(table, "%s", lab_mean_and_sd(pool, &s, 1, 1));
    }
}

/* --------------------------------------------------------------------------------------------------------- images */

typedef struct example {
    size_t index, runs; /* of the test set; that confuse it so */
} example;

static int by_runs(const void *a, const void *b)
{
    const example *x = a, *y = b;
    if (x->runs != y->runs)
        return x->runs < y->runs ? 1 : -1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Is an image of this class, predicted so, one of the pair? */
static bool is_of_pair(const matrix *m, const pair *p, size_t truth, size_t predicted)
{
    return (truth == p->truth && predicted == p->predicted) ||
           (m->is_unordered && truth == p->predicted && predicted == p->truth);
}

/* The images that most runs confuse in this way, at most `most` of them. */
static example *find_examples(const lab_scene *scene, const matrix *m, const lenet_dataset *test, const pair *p,
                              size_t most, size_t *count)
{
    const size_t images = lenet_dataset_count(test);
    example *all = lab_alloc(scene->pool, images, sizeof *all);
    *count = 0;
    for (size_t i = 0; i < images; i++) {
        size_t runs = 0;
        for (size_t r = 0; r < m->trial->count; r++) {
            const lab_run *run = &m->trial->runs[r];
            const uint8_t *answers = lab_run_has_learned(run) ? lab_run_answers(run, test) : NULL;
            runs += answers && is_of_pair(m, p, lenet_dataset_labels(test)[i], answers[i]);
        }
        if (runs)
            all[(*count)++] = (example){i, runs};
    }
    qsort(all, *count, sizeof *all, by_runs);
    *count = *count < most ? *count : most;
    return all;
}

/* One image beside the others, each pixel enlarged. */
static void paint(lab_image *strip, const lenet_dataset *test, size_t index, int left)
{
    const lenet_shape shape = lenet_dataset_shape(test);
    const size_t plane = (size_t)shape.height * (size_t)shape.width;
    const uint8_t *image = lenet_dataset_images(test) + index * plane * (size_t)shape.channels;
    for (int y = 0; y < shape.height * ENLARGED; y++)
        for (int x = 0; x < shape.width * ENLARGED; x++)
            for (int c = 0; c < strip->channels; c++)
                strip->pixels[((size_t)y * (size_t)strip->width + (size_t)(left + x)) * (size_t)strip->channels +
                              (size_t)c] =
                    image[(size_t)c * plane + (size_t)(y / ENLARGED) * (size_t)shape.width + (size_t)(x / ENLARGED)];
}

static const char *write_strip(const lab_scene *scene, const lenet_dataset *test, const example *examples, size_t count,
                               const char *stem)
{
    const lenet_shape shape = lenet_dataset_shape(test);
    const char *name = lab_format(scene->pool, "%s.png", lab_document_name(scene->document, stem));
    const char *path = lab_format(scene->pool, "%s/%s", lab_document_folder(scene->document), name);
    lab_image strip;
    const int step = shape.width * ENLARGED + GAP, width = (int)count * step - GAP;
    lab_check(scene->pool, lab_image_create(&strip, width, shape.height * ENLARGED, shape.channels == 3 ? 3 : 1, path,
                                            &scene->pool->error));
    memset(strip.pixels, 255, (size_t)strip.width * (size_t)strip.height * (size_t)strip.channels);
    for (size_t i = 0; i < count; i++)
        paint(&strip, test, examples[i].index, (int)i * step);
    const lenet_status status = lab_image_write(&strip, path, &scene->pool->error);
    lab_image_close(&strip);
    lab_check(scene->pool, status);
    return name;
}

static void add_examples_of(const lab_scene *scene, const matrix *m, const lenet_dataset *test, const pair *p,
                            size_t most)
{
    lab_pool *pool = scene->pool;
    size_t count = 0;
    const example *examples = find_examples(scene, m, test, p, most, &count);
    if (!count)
        return;
    lab_text numbers = {.pool = pool};
    for (size_t i = 0; i < count; i++)
        lab_append(&numbers, "%s%zu%s", i ? ", " : "", examples[i].index,
                   m->runs > 1 ? lab_format(pool, " (%zu)", examples[i].runs) : "");
    const char *words = pair_words(pool, m, p);
    lab_text caption = {.pool = pool};
    lab_append_prose(&caption, words);
    lab_append(&caption, ": test image%s %s.", count == 1 ? "" : "s", numbers.data);
    lab_add_rule(scene->document, "*Images of confused pairs* are those that most runs confuse so; their numbers in "
                                  "the test set are from 0, with the number of "
                                  "runs in parentheses.");
    const char *stem = lab_format(pool, "%s-%zu-as-%zu", scene->here->experiment->name, p->truth, p->predicted);
    const lab_picture picture = {write_strip(scene, test, examples, count, stem),
                                 lab_format(pool, "%zu test images: %s", count, words)};
    lab_add_pictures(scene->document, &picture, 1, caption.data);
}

static bool has_answers(const lab_trial *trial, const lenet_dataset *test)
{
    bool found = false;
    for (size_t i = 0; i < trial->count && !found; i++)
        found = lab_run_answers(&trial->runs[i], test);
    return found;
}

static void add_examples(const lab_scene *scene, const matrix *m, size_t most)
{
    const lenet_dataset *train = NULL, *test = NULL;
    const lab_point *point = m->trial->point;
    lenet_error why = {.text = "no data set was read"};
    if (!most)
        return;
    bool is_here =
        scene->datasets && !lab_datasets_open(scene->datasets, point->data, point->folder, &train, &test, &why);
    if (is_here && !has_answers(m->trial, test)) {
        is_here = false;
        snprintf(why.text, sizeof why.text, "the test images of %.200s are not those of the runs", point->data);
    }
    if (!is_here) {
        lab_text note = {.pool = scene->pool};
        lab_append(&note, "*Images of the confused pairs are left out, as the data set is not here:* ");
        lab_append_prose(&note, lab_printable(scene->pool, why.text));
        lab_add_prose(scene->document, note.data);
        return;
    }
    for (size_t i = 0; i < TOP && i < m->pair_count && m->pairs[i].count > 0; i++)
        add_examples_of(scene, m, test, &m->pairs[i], most);
}

/* ----------------------------------------------------------------------------------------------------------- item */

static published_pair *read_published(const lab_scene *scene, size_t *count)
{
    const lab_yaml *list = lab_yaml_find(scene->item, "published");
    *count = 0;
    if (!list)
        return NULL;
    if (list->kind != LAB_YAML_LIST)
        lab_refuse(scene, list, "published: a list of pairs is wanted, as in [[4, 9], [5, 3]]");
    published_pair *pairs = lab_alloc(scene->pool, list->count, sizeof *pairs);
    for (size_t i = 0; i < list->count; i++) {
        const lab_yaml *item = &list->items[i];
        if (item->kind != LAB_YAML_LIST || item->count != 2 || item->items[0].kind != LAB_YAML_SCALAR ||
            item->items[1].kind != LAB_YAML_SCALAR)
            lab_refuse(scene, item, "published: a pair of class names is wanted, as in [cat, dog]");
        pairs[(*count)++] = (published_pair){item->items[0].text, item->items[1].text};
    }
    return pairs;
}

void lab_show_confusion(const lab_scene *scene)
{
    size_t published = 0;
    const lab_trial *trial = lab_option_trial(scene, scene->item, "point", true);
    const char *file = take_file(scene); /* with or without runs, so that a plan finds what a report would */
    const published_pair *pairs = read_published(scene, &published);
    const double examples = lab_option_number(scene, scene->item, "examples", 8);
    const char *order = lab_option_text(scene, scene->item, "pairs", "directed");
    const bool has_scaled = lab_option_flag(scene, scene->item, "normalised", false);
    const bool is_unordered = !strcmp(order, "unordered");
    if (!is_unordered && strcmp(order, "directed") != 0)
        lab_refuse(scene, scene->item, "pairs: directed or unordered is wanted");
    if (examples < 0 || examples > 100 || examples != floor(examples))
        lab_refuse(scene, scene->item, "examples: from 0 to 100 are wanted");
    if (!trial->classes || !scene->has_data)
        return;
    const matrix m = matrix_of(scene->pool, trial, is_unordered);
    if (!m.runs)
        return;
    write_matrix(scene, &m, file);
    add_figure(scene, &m, file);
    set_finding(scene, &m);
    if (has_scaled)
        add_scaled_matrix(scene, &m);
    (is_unordered ? add_unordered_pairs : add_pairs)(scene, &m);
    if (published)
        add_published(scene, &m, pairs, published);
    add_examples(scene, &m, (size_t)examples);
}
