/* SPDX-License-Identifier: MIT */
/* duplicates.c - see duplicates.h. */
#include "cli/duplicates.h"

#include "cli/terminal.h"
#include "lab/data/duplicates.h"
#include "lab/text/json.h"

#include <stdio.h>

static const struct {
    const char *words, *key;
} kinds[LAB_DUPLICATE_KINDS] = {
    [LAB_TWICE_IN_TRAINING] = {"training images that repeat another", "twice_in_training"},
    [LAB_IN_TRAINING_AND_TEST] = {"test images that are training images", "in_training_and_test"},
    [LAB_TWICE_IN_TEST] = {"test images that repeat another", "twice_in_test"},
    [LAB_WITH_TWO_LABELS] = {"of these, with another label", "with_two_labels"},
};

/* Images of which so many are of this kind. */
static size_t all_of(const lab_duplicates *found, lab_duplicate_kind kind)
{
    switch (kind) {
    case LAB_TWICE_IN_TRAINING: return found->train_count;
    case LAB_IN_TRAINING_AND_TEST:
    case LAB_TWICE_IN_TEST: return found->test_count;
    default: break;
    }
    return found->count[LAB_TWICE_IN_TRAINING] + found->count[LAB_IN_TRAINING_AND_TEST] +
           found->count[LAB_TWICE_IN_TEST];
}

int warn_of_duplicates(const char *data, const lenet_dataset *train, const lenet_dataset *test)
{
    lab_duplicates found;
    lenet_error error;
    char text[512] = "";
    size_t used = 0;
    if (lab_duplicates_find(&found, train, test, &error))
        return report_error(&error);
    for (int kind = 0; kind < LAB_DUPLICATE_KINDS; kind++)
        if (found.count[kind])
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s: %zu of %zu", used ? "; " : "",
                                     kinds[kind].words, found.count[kind], all_of(&found, (lab_duplicate_kind)kind));
    if (used)
        print_notice("%s: %s ('lenet data check %s' names them)", data, text, data);
    return LENET_OK;
}

/* ---------------------------------------------------------------------------------------------------- data check */

/* What the names of images are made from. */
typedef struct naming {
    const lenet_dataset *parts[2]; /* [LENET_TRAIN], [LENET_TEST] */
    const image_list *list;
} naming;

enum { NAME = 4352 };

/* "above/3.png", or "test image 5 (Shirt)". */
static char *name_image(const naming *n, size_t image, char text[NAME])
{
    const size_t trained = lenet_dataset_count(n->parts[LENET_TRAIN]);
    const lenet_split split = image < trained ? LENET_TRAIN : LENET_TEST;
    const size_t at = split == LENET_TRAIN ? image : image - trained;
    const lenet_dataset *part = n->parts[split];
    if (at < n->list->count[split])
        snprintf(text, NAME, "%s", n->list->path[split][at]);
    else
        snprintf(text, NAME, "%s image %zu (%s)", split == LENET_TRAIN ? "training" : "test", at,
                 lenet_dataset_class_name(part, lenet_dataset_labels(part)[at]));
    return text;
}

static void print_kind(const naming *n, const lab_duplicates *found, lab_duplicate_kind kind)
{
    char first[NAME], again[NAME], count[32], all[32];
    if (!found->count[kind])
        return;
    printf("  %-38s %s of %s\n", kinds[kind].words, format_count((double)found->count[kind], count, sizeof count),
           format_count((double)all_of(found, kind), all, sizeof all));
    for (size_t i = 0; i < found->count[kind] && i < LAB_DUPLICATE_EXAMPLES; i++) {
        name_image(n, found->examples[kind][i].again, again);
        name_image(n, found->examples[kind][i].first, first);
        printf("      %s = %s\n", make_printable(again), make_printable(first));
    }
    if (found->count[kind] > LAB_DUPLICATE_EXAMPLES)
        puts("      ...");
}

static json_t *value_of_examples(const naming *n, const lab_duplicates *found)
{
    char first[NAME], again[NAME];
    json_t *examples = json_array();
    for (int kind = 0; kind < LAB_DUPLICATE_KINDS; kind++)
        for (size_t i = 0; i < found->count[kind] && i < LAB_DUPLICATE_EXAMPLES; i++) {
            const lab_duplicate *pair = &found->examples[kind][i];
            json_t *example = json_pack("{s:s, s:o, s:o}", "kind", kinds[kind].key, "image",
                                        value_of_text(name_image(n, pair->again, again)), "repeats",
                                        value_of_text(name_image(n, pair->first, first)));
            add_to_list(&examples, example);
        }
    return examples;
}

static json_t *value_of_duplicates(const naming *n, const lab_duplicates *found)
{
    json_t *value = json_pack("{s:I, s:I, s:o}", "train_count", (json_int_t)found->train_count, "test_count",
                              (json_int_t)found->test_count, "examples", value_of_examples(n, found));
    for (int kind = 0; kind < LAB_DUPLICATE_KINDS; kind++)
        add_to_object(&value, kinds[kind].key, json_integer((json_int_t)found->count[kind]));
    return value;
}

int show_duplicates(const lenet_dataset *train, const lenet_dataset *test, const image_list *list, json_t **json)
{
    const naming n = {{[LENET_TRAIN] = train, [LENET_TEST] = test}, list};
    lab_duplicates found;
    lenet_error error;
    if (lab_duplicates_find(&found, train, test, &error))
        return report_error(&error);
    if (json)
        return (*json = value_of_duplicates(&n, &found)) ? LENET_OK : report_no_memory();
    if (!all_of(&found, LAB_WITH_TWO_LABELS))
        puts("  no duplicate pictures");
    for (int kind = 0; kind < LAB_DUPLICATE_KINDS; kind++)
        print_kind(&n, &found, (lab_duplicate_kind)kind);
    return LENET_OK;
}
