/* SPDX-License-Identifier: MIT */
/*
 * show-functions.c - activations and losses drawn with their gradients, by the formulas that training uses
 * (lenet_activation_curve); see show.h.
 */
#include "lab/report/markup.h"
#include "lab/report/show.h"
#include "lenet/tools.h"

#include <math.h>
#include <string.h>

enum { POINTS = 241, CLASSES = 10 };

typedef lenet_status draw_function(const char *name, const float *x, float *y, float *gradient, lenet_error *error);

static lenet_status draw_activation(const char *name, const float *x, float *y, float *gradient, lenet_error *error)
{
    return lenet_activation_curve(name, POINTS, x, y, gradient, error);
}

/* At the logit that gives the true class the probability x while the others share the rest alike. */
static lenet_status draw_loss(const char *name, const float *x, float *y, float *gradient, lenet_error *error)
{
    float logits[POINTS];
    for (size_t i = 0; i < POINTS; i++)
        logits[i] = (float)log((double)x[i] * (CLASSES - 1) / (1 - (double)x[i]));
    return lenet_loss_curve(name, CLASSES, POINTS, logits, y, gradient, error);
}

/* What is drawn: over which x, and what the two panels are. */
typedef struct subject {
    draw_function *draw;
    double low, high;
    const char *stem, *x_label, *title, *y_label, *gradient_title, *gradient_label, *caption, *rule;
} subject;

static const subject activations = {
    draw_activation,
    -4,
    4,
    "activations",
    "x",
    "Function",
    "f(x)",
    "Gradient",
    "df/dx",
    "Activations and their gradients.",
    NULL,
};
static const subject losses = {
    draw_loss,
    0.005,
    0.995,
    "losses",
    "Probability of the true class",
    "Loss",
    "Loss",
    "Gradient",
    "d loss / d logit of the true class",
    "Losses of one image against the probability of its true class, and their gradients.",
    "*Losses as functions.* One image of ten classes: the probability is what softmax gives its true class while the "
    "other classes "
    "are alike, the gradient is by the true class’s logit, which is what training goes by.",
};

static void draw_all(const lab_scene *scene, const subject *s, const char *const *names, size_t count,
                     lab_panel *panels)
{
    lab_pool *pool = scene->pool;
    float x[POINTS], y[POINTS], gradient[POINTS];
    lab_series *values = lab_panel_series(pool, &panels[0], count),
               *gradients = lab_panel_series(pool, &panels[1], count);
    for (size_t i = 0; i < POINTS; i++)
        x[i] = (float)(s->low + (s->high - s->low) * (double)i / (POINTS - 1));
    for (size_t k = 0; k < count; k++) {
        lenet_error why;
        if (s->draw(names[k], x, y, gradient, &why))
            lab_refuse(scene, scene->item, "%s", why.text);
        values[k].name = gradients[k].name = names[k];
        lab_series_points(pool, &values[k], POINTS, false, 0);
        lab_series_points(pool, &gradients[k], POINTS, false, 0);
        for (size_t i = 0; i < POINTS; i++) {
            values[k].x[i] = gradients[k].x[i] = (double)x[i];
            values[k].y[i] = (double)y[i];
            gradients[k].y[i] = (double)gradient[i];
        }
    }
}

static void add_formulas(const lab_scene *scene, lenet_option option, const char *const *names, size_t count)
{
    const lab_column columns[] = {{"name", true}, {"formula", true}};
    lab_table *table = lab_add_table(scene->document, columns, 2, "The formulas that are drawn.");
    lab_fold(scene->document, "Formulas");
    for (size_t i = 0; i < count; i++) {
        const char *colon = strchr(names[i], ':');
        const char *name =
            lab_format(scene->pool, "%.*s", (int)(colon ? colon - names[i] : (long)strlen(names[i])), names[i]);
        const char *help = lenet_option_help(option, name);
        lab_cell_code(table, names[i]);
        lab_cell(table, "%s", help ? help : "");
    }
}

static void show(const lab_scene *scene, const subject *s, lenet_option option, const char *const *names, size_t count)
{
    lab_pool *pool = scene->pool;
    const char *title = lab_option_text(scene, scene->item, "title", NULL);
    lab_figure *figure = lab_alloc(pool, 1, sizeof *figure);
    figure->name =
        lab_document_name(scene->document, lab_format(pool, "%s-%s", scene->here->experiment->name, s->stem));
    lab_panel *panels = lab_figure_panels(pool, figure, 2);
    for (int i = 0; i < 2; i++) {
        panels[i].x_label = s->x_label;
        panels[i].title = i ? s->gradient_title : s->title;
        panels[i].y_label = i ? s->gradient_label : s->y_label;
        panels[i].marks_zero = true;
    }
    draw_all(scene, s, names, count, panels);
    if (!scene->has_data)
        return;
    lab_add_figure(scene->document, figure, title ? lab_format(pool, "%s %s", title, s->caption) : s->caption,
                   s->caption);
    if (s->rule)
        lab_add_rule(scene->document, s->rule);
    add_formulas(scene, option, names, count);
}

void lab_show_functions(const lab_scene *scene)
{
    size_t of_activations = 0, of_losses = 0;
    const char **a = lab_option_texts(scene, scene->item, "activations", &of_activations),
               **l = lab_option_texts(scene, scene->item, "losses", &of_losses);
    if (!a && !l)
        lab_refuse(scene, scene->item, "activations or losses are wanted: a list of names");
    if (a)
        show(scene, &activations, LENET_ACTIVATIONS, a, of_activations);
    if (l)
        show(scene, &losses, LENET_LOSSES, l, of_losses);
}
