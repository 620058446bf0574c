/* SPDX-License-Identifier: MIT */
/*
 * verdict.c - rules on the claims of a study; see show.h and verdict.h. docs/statistics.md has the formulas.
 *
 * No verdict is written by hand. Each test gives comparisons whose effect is positive if it goes the way of
 * the claim. The claim is supported if all do and the p of the weakest is small; contradicted if one goes the
 * other way with a small p; undecided otherwise. An undecided verdict says what it could have found. The
 * p-values of all verdicts of a report are corrected together, so the words come last (lab_settle_verdicts).
 */
#include "lab/report/verdict.h"

#include "lab/report/markup.h"
#include "lab/text/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double level = 0.05, wanted_power = 0.8;

/* A verdict that waits for the others. */
typedef struct waiting {
    lab_verdict *verdict;
    json_t *value;  /* in the document */
    double p, sign; /* before correction; NaN: no test could be made */
    const char *test;
    lab_power_basis power; /* of the comparison with the largest p */
} waiting;

struct lab_ruling_list {
    size_t count, room;
    waiting *all;
};

/* ----------------------------------------------------------------------------------------------------------- ruling */

/*
 * The comparison that decides, in one line: its words as far as the p, which a page folds; where there are
 * several, with their number.
 */
static const char *estimate_of(lab_pool *pool, const lab_evidence *e)
{
    const lab_comparison *weakest = &e->all[0];
    for (size_t i = 1; i < e->count; i++)
        if (isnan(e->all[i].p) || e->all[i].p > weakest->p)
            weakest = &e->all[i];
    const char *words = lab_capital(pool, weakest->words), *end = words;
    while (*end && strncmp(end, ", p = ", 6) != 0 && strncmp(end, ", p < ", 6) != 0 && strncmp(end, "; p = ", 6) != 0 &&
           strncmp(end, "; p < ", 6) != 0)
        end++;
    if (isnan(weakest->p))
        return "There are not enough runs for a test.";
    words = *end ? lab_format(pool, "%.*s.", (int)(end - words), words) : words;
    return e->count > 1 ? lab_format(pool, "The weakest of %zu comparisons: %s", e->count, words) : words;
}

/*
 * All must hold: the weakest decides (docs/statistics.md). One that goes the other way is looked for among
 * all, so its p counts their number.
 */
static void decide(const lab_evidence *e, waiting *w)
{
    double weakest = 0, against = NAN;
    w->sign = 1;
    for (size_t i = 0; i < e->count; i++) {
        if (isnan(e->all[i].p) || isnan(e->all[i].effect)) {
            w->p = NAN;
            return;
        }
        if (!i || e->all[i].p > weakest)
            w->power = e->all[i].power;
        weakest = fmax(weakest, e->all[i].p);
        if (e->all[i].effect <= 0)
            against = fmin(against, fmin(1, e->all[i].p * (double)e->count));
    }
    w->p = isnan(against) ? weakest : against;
    w->sign = isnan(against) ? 1 : -1;
}

static waiting *add_waiting(lab_pool *pool, struct lab_ruling_list *list)
{
    if (list->count == list->room) {
        waiting *larger = lab_alloc(pool, 2 * list->room + 16, sizeof *larger);
        if (list->count)
            memcpy(larger, list->all, list->count * sizeof *larger);
        list->all = larger;
        list->room = 2 * list->room + 16;
    }
    return &list->all[list->count++];
}

struct lab_ruling_list *lab_rulings_create(lab_pool *pool)
{
    return lab_alloc(pool, 1, sizeof(struct lab_ruling_list));
}

void lab_show_verdict(const lab_scene *scene)
{
    lab_pool *pool = scene->pool;
    lab_need_key(scene, "claim");
    const char *claim = lab_printable(pool, lab_option_text(scene, scene->item, "claim", NULL));
    const lab_verdict_test *test = lab_find_test(scene);
    const lab_evidence e = test->collect(scene, test);
    if (!e.count)
        lab_refuse(scene, scene->item, "a and b are the same point");
    lab_text words = {.pool = pool};
    json_t *comparisons = json_array();
    for (size_t i = 0; i < e.count; i++) {
        lab_append(&words, "%s%s", i ? "\n\n" : "", lab_capital(pool, e.all[i].words));
        json_array_append_new(comparisons, e.all[i].value);
    }
    json_t *value =
        json_pack("{s:o, s:s, s:o}", "claim", value_of_text(claim), "test", test->name, "comparisons", comparisons);
    lab_add_result(scene->document, scene->kind, value);
    const lab_verdict verdict = {claim, LAB_UNDECIDED, estimate_of(pool, &e), words.data, test->words};
    waiting *w = add_waiting(pool, scene->rulings);
    *w = (waiting){.verdict = lab_add_verdict(scene->document, &verdict), .value = value, .test = test->words};
    decide(&e, w);
    if (e.count > 1)
        w->test = lab_format(pool, "%s; all %s must hold, so the weakest decides", w->test,
                             e.count == 2 ? "two comparisons" : lab_format(pool, "%zu comparisons", e.count));
}

/* --------------------------------------------------------------------------------------------------------- power */

static lab_power power_of(const lab_power_basis *b, double at_level)
{
    switch (b->kind) {
    case POWER_PAIRED: return lab_power_paired(b->a.mean, b->a.sd, b->a.count, at_level, wanted_power);
    case POWER_WELCH: return lab_power_welch(&b->a, &b->b, at_level, wanted_power);
    case POWER_SPREAD: return lab_power_spread(b->a.sd / b->b.sd, b->a.count, b->b.count, at_level, wanted_power);
    case POWER_SHARES: return lab_power_shares(b->ka, b->a.count, b->kb, b->b.count, at_level, wanted_power);
    case POWER_UNKNOWN: break;
    }
    return (lab_power){NAN, 0};
}

/* The difference that was seen. */
static double seen_difference(const lab_power_basis *b)
{
    switch (b->kind) {
    case POWER_PAIRED: return fabs(b->a.mean);
    case POWER_WELCH: return fabs(b->a.mean - b->b.mean);
    case POWER_SPREAD: return fmax(b->a.sd / b->b.sd, b->b.sd / b->a.sd);
    case POWER_SHARES: return fabs((double)b->ka / (double)b->a.count - (double)b->kb / (double)b->b.count);
    case POWER_UNKNOWN: break;
    }
    return NAN;
}

static const char *size_words(lab_pool *pool, const lab_power_basis *b, double size)
{
    const char *number = lab_number(pool, b->scale * size, 2);
    return lab_format(pool, "%s%s%s", number, *b->unit ? " " : "", b->unit);
}

/* What an undecided verdict could have found: "" if it is not known. */
static const char *power_words(lab_pool *pool, const lab_power_basis *b, double at_level, json_t *value)
{
    const lab_power power = power_of(b, at_level);
    const char *what = b->kind == POWER_SPREAD ? "ratio of the standard deviations" : "difference";
    const char *whose = b->kind == POWER_PAIRED ? "pairs" : "runs of each group";
    const size_t n = b->kind == POWER_PAIRED || b->a.count < b->b.count ? b->a.count : b->b.count;
    const double seen = seen_difference(b);
    json_object_set_new(value, "least_with_power_80", value_of_number(power.least));
    json_object_set_new(value, "needed_for_seen", power.needed ? json_integer((json_int_t)power.needed) : json_null());
    if (isnan(seen))
        return "";
    lab_text out = {.pool = pool};
    if (isnan(power.least))
        lab_append(&out, " With these %zu %s no %s would be found with a power of 80 %%.", n, whose, what);
    else
        lab_append(&out, " With these %zu %s a %s of %s would be found with a power of 80 %%.", n, whose, what,
                   size_words(pool, b, power.least));
    if (power.needed)
        lab_append(&out, " The one seen, %s, would need %zu.", size_words(pool, b, seen), power.needed);
    else
        lab_append(&out, " The one seen, %s, would need more than %d.", size_words(pool, b, seen),
                   b->kind == POWER_SHARES ? LAB_MOST_NEEDED_SHARES : LAB_MOST_NEEDED);
    return out.data;
}

/* -------------------------------------------------------------------------------------------------------- settling */

/* All of them in one table. */
static void add_table(const lab_scene *scene, const double *corrected)
{
    const lab_column columns[] = {{"claim", true}, {"verdict", true}, {"p", false}, {"corrected p", false}};
    lab_add_section(scene->document, scene->is_in_section ? 3 : 2, "The verdicts at a glance");
    lab_table *table =
        lab_add_table(scene->document, columns, 4, "Every claim that was put to the test, in the order above.");
    lab_set_detail(table, 2);
    lab_set_detail(table, 3);
    size_t counts[LAB_UNDECIDED + 1] = {0};
    for (size_t i = 0; i < scene->rulings->count; i++)
        counts[scene->rulings->all[i].verdict->ruling]++;
    lab_set_finding(scene->document, LAB_RANK_ASIDE,
                    lab_format(scene->pool, "%zu supported, %zu contradicted, %zu undecided.", counts[LAB_SUPPORTED],
                               counts[LAB_CONTRADICTED], counts[LAB_UNDECIDED]));
    lab_add_rule(scene->document, "*Verdicts.* All comparisons of a claim must hold, so the weakest decides; its p is "
                                  "corrected for the number of claims (Holm), at the "
                                  "level 0.05. An undecided verdict says what it could have found.");
    for (size_t i = 0; i < scene->rulings->count; i++) {
        const waiting *w = &scene->rulings->all[i];
        lab_cell(table, "%s", w->verdict->claim);
        lab_cell(table, "%s", lab_ruling_name(w->verdict->ruling));
        lab_cell(table, "%s", lab_p(scene->pool, w->p));
        lab_cell(table, "%s", lab_p(scene->pool, corrected[i]));
    }
}

void lab_settle_verdicts(const lab_scene *scene)
{
    lab_pool *pool = scene->pool;
    const struct lab_ruling_list *list = scene->rulings;
    double *p = lab_alloc(pool, list->count, sizeof *p);
    size_t tests_made = 0;
    for (size_t i = 0; i < list->count; i++) {
        p[i] = list->all[i].p;
        tests_made += isnan(p[i]) ? 0 : 1;
    }
    lab_holm(p, list->count);
    for (size_t i = 0; i < list->count; i++) {
        const waiting *w = &list->all[i];
        const bool is_decided = !isnan(p[i]) && p[i] < level;
        w->verdict->ruling = !is_decided ? LAB_UNDECIDED : w->sign > 0 ? LAB_SUPPORTED : LAB_CONTRADICTED;
        if (isnan(p[i]))
            w->verdict->test =
                lab_format(pool, "%s: there are not enough runs for it, or what it measures was not there.",
                           lab_capital(pool, w->test));
        else
            w->verdict->test = lab_format(
                pool, "%s: %s, corrected for the number of verdicts of this report, %zu (Holm), %s; level %g.%s",
                lab_capital(pool, w->test), lab_p_is(pool, w->p), tests_made, lab_p(pool, p[i]), level,
                is_decided ? "" : power_words(pool, &w->power, level / (double)tests_made, w->value));
        json_object_set_new(w->value, "p", value_of_number(w->p));
        json_object_set_new(w->value, "p_holm", value_of_number(p[i]));
        json_object_set_new(w->value, "ruling", json_string(lab_ruling_name(w->verdict->ruling)));
    }
    if (list->count && scene->has_data)
        add_table(scene, p);
}
