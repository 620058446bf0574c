/* SPDX-License-Identifier: MIT */
/* names.c - lists of names behind one type, and the distance between a word and a name in slips of the fingers. */
#include "cli/names.h"

#include "lenet/lenet.h"

#include <string.h>

const char *data_name(size_t index)
{
    const lenet_source *source = lenet_source_list()[index];
    return source ? source->name : NULL;
}

const char *isa_name(size_t index) { return lenet_isa_list()[index]; }
const char *architecture_name(size_t index) { return lenet_option_names(LENET_ARCHITECTURES)[index]; }
const char *optimizer_name(size_t index) { return lenet_option_names(LENET_OPTIMIZERS)[index]; }
const char *initializer_name(size_t index) { return lenet_option_names(LENET_INITIALIZERS)[index]; }

const char *split_name(size_t index)
{
    static const char *const names[] = {"test", "train", NULL};
    return names[index];
}

const char *keep_name(size_t index)
{
    static const char *const names[] = {"val", "test", "none", NULL};
    return names[index];
}

bool is_in_list(name_list list, const char *name)
{
    for (size_t i = 0; list(i); i++)
        if (!strcmp(list(i), name))
            return true;
    return false;
}

char *join_names(name_list list, char *text, size_t capacity)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; list(i); i++) {
        const char *separator = i ? ", " : "";
        const size_t length = strlen(separator) + strlen(list(i));
        if (used + length >= capacity)
            break;
        strcpy(text + used, separator);
        strcat(text + used, list(i));
        used += length;
    }
    return text;
}

enum { LONGEST_WORD = 40 };

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/*
 * Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (Damerau and Levenshtein's
 * distance, each place edited once). Words longer than LONGEST_WORD are far from everything.
 */
static size_t distance_between(const char *a, const char *b)
{
    const size_t rows = strlen(a), columns = strlen(b);
    if (rows > LONGEST_WORD || columns > LONGEST_WORD)
        return rows + columns;
    size_t cost[LONGEST_WORD + 1][LONGEST_WORD + 1];
    for (size_t i = 0; i <= rows; i++)
        cost[i][0] = i;
    for (size_t j = 0; j <= columns; j++)
        cost[0][j] = j;
    for (size_t i = 1; i <= rows; i++)
        for (size_t j = 1; j <= columns; j++) {
            const size_t replaced = cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            cost[i][j] = least(replaced, least(cost[i - 1][j], cost[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                cost[i][j] = least(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    return cost[rows][columns];
}

void nearest_offer(nearest *search, const char *name)
{
    const size_t length = strlen(search->word);
    size_t distance = distance_between(search->word, name);
    if (length >= 2 && !strncmp(search->word, name, length)) /* the beginning of a name is a likely way to mean it */
        distance = 1;
    if (search->name && distance >= search->distance)
        return;
    search->name = name;
    search->distance = distance;
}

const char *nearest_found(const nearest *search)
{
    return search->name && search->distance <= 1 + strlen(search->name) / 4 ? search->name : NULL;
}

const char *nearest_in_list(name_list list, const char *word)
{
    nearest search = {.word = word};
    for (size_t i = 0; list(i); i++)
        nearest_offer(&search, list(i));
    return nearest_found(&search);
}
