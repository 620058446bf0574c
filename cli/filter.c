/* SPDX-License-Identifier: MIT */
/* filter.c - see filter.h. The SQL is run on a database that is open only for reading. */
#include "cli/filter.h"

#include "lab/runs/store.h"
#include "lenet/lenet.h"
#include "settings/setting.h"
#include "util/nearest.h"
#include "util/number.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { LONGEST_WORD = 400 };

static const char *const columns[] = {
    "id",         "identity",      "data",      "arch",    "state",       "seed",      "epochs",
    "best_epoch", "test_accuracy", "test_loss", "seconds", "train_count", "val_count", "test_count",
    "version",    "machine",       "isa",       "threads", "claimed",     "ended",     NULL};

/* The expression of a column or a setting; false: there is none of this name. */
static bool key_sql(const char *key, char *sql, size_t capacity)
{
    char name[64];
    if (ln_is_name(key, columns))
        return snprintf(sql, capacity, "%s", key) < (int)capacity;
    if (strlen(key) >= sizeof name)
        return false;
    strcpy(name, key);
    for (char *at = name; *at; at++)
        *at = *at == '_' ? '-' : *at;
    if (!ln_setting_find(name))
        return false;
    for (char *at = name; *at; at++)
        *at = *at == '-' ? '_' : *at;
    return snprintf(sql, capacity, "recipe ->> '$.%s'", name) < (int)capacity;
}

/* A word in quotes, as SQL writes it. */
static void quote(const char *word, char *sql, size_t capacity)
{
    size_t used = 0;
    sql[used++] = '\'';
    for (; *word && used + 4 < capacity; word++) {
        if (*word == '\'')
            sql[used++] = '\'';
        sql[used++] = *word;
    }
    strcpy(sql + used, "'");
}

/*
 * The beginning of an architecture of this name for images of that size, up to the number of classes. False:
 * no name.
 */
static bool begin_of(const char *name, int side, char *text, size_t capacity)
{
    lenet_model *model = NULL;
    if (!ln_is_name(name, lenet_option_names(LENET_ARCHITECTURES)) ||
        lenet_model_create(&model, name, (lenet_shape){1, side, side}, 10, NULL))
        return false;
    snprintf(text, capacity, "%s", lenet_model_architecture(model));
    lenet_model_close(&model);
    char *last = strrchr(text, ':');
    if (last)
        last[1] = '\0';
    return last;
}

/*
 * One comparison. An architecture may be a name; a number is compared as one, "true" and "false" as JSON has
 * them.
 */
static bool comparison_sql(const char *key, const char *comparison, const char *word, char *sql, size_t capacity)
{
    char left[128], right[2 * LONGEST_WORD], small[512], other[512];
    double number;
    if (!key_sql(key, left, sizeof left))
        return false;
    if (!strcmp(key, "arch") && begin_of(word, 28, small, sizeof small) && begin_of(word, 32, other, sizeof other))
        return snprintf(sql, capacity,
                        "%s iif(" LAB_RUN_IS_28 ", substr(arch, 1, %zu) = '%s', substr(arch, 1, %zu) = '%s')",
                        *comparison == '!' ? "NOT" : "", strlen(small), small, strlen(other), other) < (int)capacity;
    if (!strcmp(word, "true") || !strcmp(word, "false"))
        snprintf(right, sizeof right, "%d", *word == 't');
    else if (ln_read_real(word, &number) == LN_READ)
        snprintf(right, sizeof right, "%s", word);
    else
        quote(word, right, sizeof right);
    return snprintf(sql, capacity, "%s %s %s", left, comparison, right) < (int)capacity;
}

/* Takes the quotes off 'a word'. False: it is not one word. */
static bool unquote(char **word)
{
    const size_t length = strlen(*word);
    if (length > 2 && **word == '\'' && (*word)[length - 1] == '\'') {
        (*word)[length - 1] = '\0';
        ++*word;
        return !strpbrk(*word, "'\"");
    }
    return length && !strpbrk(*word, " '\"()=<>|;");
}

/* "KEY OPERATOR WORD", blanks between them or not. */
static bool condition_sql(const char *text, size_t length, char *sql, size_t capacity)
{
    static const char *const operators[] = {"!=", "<=", ">=", "=", "<", ">"};
    char copy[LONGEST_WORD], key[64];
    if (length >= sizeof copy)
        return false;
    snprintf(copy, sizeof copy, "%.*s", (int)length, text);
    const char *begin = copy + strspn(copy, " ");
    const size_t key_length = strspn(begin, "abcdefghijklmnopqrstuvwxyz_-0123456789");
    if (!key_length || key_length >= sizeof key)
        return false;
    snprintf(key, sizeof key, "%.*s", (int)key_length, begin);
    begin += key_length;
    begin += strspn(begin, " ");
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (strncmp(begin, operators[i], strlen(operators[i])) != 0)
            continue;
        char *word = copy + (begin - copy) + strlen(operators[i]);
        word += strspn(word, " ");
        for (size_t end = strlen(word); end && word[end - 1] == ' '; end--)
            word[end - 1] = '\0';
        return unquote(&word) && comparison_sql(key, operators[i], word, sql, capacity);
    }
    return false;
}

/* Where the next "and" between blanks begins, or the end. */
static const char *find_and(const char *text)
{
    for (; *text; text++)
        if (!strncasecmp(text, " and ", 5))
            break;
    return text;
}

bool filter_sql(const char *where, char *sql, size_t capacity)
{
    char made[4096] = "";
    size_t used = 0;
    bool is_simple = where;
    for (const char *at = where; is_simple; at += 5) {
        const char *end = find_and(at);
        char part[2048];
        is_simple = condition_sql(at, (size_t)(end - at), part, sizeof part) && used + strlen(part) + 8 < sizeof made;
        if (is_simple)
            used += (size_t)snprintf(made + used, sizeof made - used, "%s(%s)", used ? " AND " : "", part);
        at = end;
        if (!*end)
            break;
    }
    return snprintf(sql, capacity, "%s", is_simple ? made : where ? where : "1") < (int)capacity;
}

int sort_sql(const command_line *line, const char *key, char *sql, size_t capacity)
{
    char expression[128];
    const bool is_falling = key && *key == '-';
    if (!key) {
        snprintf(sql, capacity, "id");
        return PARSED;
    }
    key += is_falling;
    if (!key_sql(key, expression, sizeof expression)) {
        const char *near = ln_nearest_name(key, columns);
        return usage_error(line, "--sort %s: neither a column of the list nor a setting%s%s%s", key,
                           near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    }
    snprintf(sql, capacity, "%s%s NULLS LAST, id", expression, is_falling ? " DESC" : "");
    return PARSED;
}
