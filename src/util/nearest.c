/* SPDX-License-Identifier: MIT */
/* nearest.c - the distance between a word and a name in slips of the fingers, and the nearest name of a list. */
#include "util/nearest.h"

#include <string.h>

enum { LONGEST_WORD = 40 };

int ln_is_name(const char *word, const char *const *names)
{
    while (*names && strcmp(word, *names))
        names++;
    return *names != NULL;
}

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

const char *ln_nearest_name(const char *word, const char *const *names)
{
    const char *best = NULL;
    const size_t length = strlen(word);
    size_t shortest = 0;
    for (; *names; names++) {
        size_t distance = distance_between(word, *names);
        if (length >= 2 && !strncmp(word, *names, length)) /* the beginning of a name is a likely way to mean it */
            distance = 1;
        if (best && distance >= shortest)
            continue;
        best = *names;
        shortest = distance;
    }
    return best && shortest <= 1 + strlen(best) / 4 ? best : NULL;
}
