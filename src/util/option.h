/* SPDX-License-Identifier: MIT */
/*
 * option.h - one row of a table of options: what an option is called, what it takes, and where its value
 * lies.
 *
 * The settings of a run (settings/setting.h) and what a subcommand of the program takes besides are rows of
 * this type. Whoever reads, writes or compares a value does it by the functions below, so a kind of value is
 * known here alone. Nothing depends on the locale.
 */
#ifndef LENET_UTIL_OPTION_H
#define LENET_UTIL_OPTION_H

#include "lenet/lenet.h"

/* What an option holds, which is the type of its field. */
typedef enum ln_option_kind {
    LN_OPTION_BOOL,   /* bool */
    LN_OPTION_FLAG,   /* int: 0 or 1 */
    LN_OPTION_INT,    /* int, not below 0 */
    LN_OPTION_SIZE,   /* size_t */
    LN_OPTION_U64,    /* uint64_t */
    LN_OPTION_REAL,   /* double, finite */
    LN_OPTION_ENUM,   /* int: a place in `names` */
    LN_OPTION_CHOICE, /* const char *: one of `names`, which some may follow by their numbers: "gce:0.7" */
    LN_OPTION_TEXT,   /* const char *: any text that is not empty; NULL if not given */
} ln_option_kind;

typedef struct ln_option {
    const char *name;    /* "val-split"; NULL ends a table. In files _ is as good as - */
    const char *metavar; /* the value's name in a help text: "X"; NULL for a flag */
    ln_option_kind kind;
    void *value;              /* of an option of the program: its field */
    const char *help;         /* one line, no full stop */
    size_t offset;            /* of a setting: its field in lenet_settings */
    double low, high;         /* bounds of a number; both 0: all that the type holds */
    int open_low, open_high;  /* non-zero: the bound itself is excluded */
    const char *const *names; /* of ENUM and CHOICE, ended by NULL; of TEXT those that the help names */
    const char *fallback;     /* the default in words, where its value does not say it: "all" */
    const char *group;        /* its heading; NULL: none, of a setting that of the row before it */
    const char *
        file_after; /* what goes before the path of a file by whose content the value counts: "", "matrix:"; NULL: no file */
    const char *const *not_files; /* with file_after, values that are no path, ended by NULL; may be NULL */
    lenet_status (*check)(const char *text, lenet_error *error); /* of TEXT, refuses texts; may be NULL */
    /* of CHOICE: why a name is not among `names` on this machine; may be and give NULL */
    const char *(*refusal)(const char *name);
    int is_observational; /* of a setting: the weights do not depend on it */
    int is_required;
    int is_of_the_call; /* what becomes of the results of this call: not taken from the record of another */
} ln_option;

/* The row called `name` in a table; NULL: there is none. */
const ln_option *ln_option_find(const ln_option *table, const char *name);

/* The name in a table that a slip of the fingers turns into `name`; NULL: there is none. */
const char *ln_option_nearest(const ln_option *table, const char *name);

/* "val_split": the name as files spell it, and `more` after it. Returns `key`. */
enum { LN_OPTION_KEY = 64 };
const char *ln_option_key(const ln_option *option, const char *more, char key[LN_OPTION_KEY]);

int ln_option_is_flag(const ln_option *option);  /* BOOL or FLAG: it takes no value on a command line */
int ln_option_is_whole(const ln_option *option); /* INT, SIZE or U64 */

/*
 * Reads `text` to its last character into `field`; flags are "true" or "false", names may be in capitals. Of
 * a text and a choice with numbers the text itself is kept, and must outlive the field. LENET_USAGE: the
 * error is "NAME TEXT: why", with the nearest name.
 */
lenet_status ln_option_parse(const ln_option *option, const char *text, void *field, lenet_error *error);

/*
 * The value as a text that ln_option_parse reads; NULL: a text that is not given. `text` has room for a
 * number; what is returned is it, or belongs to the field or the row.
 */
enum { LN_OPTION_LENGTH = 32 };
const char *ln_option_format(const ln_option *option, const void *field, char text[LN_OPTION_LENGTH]);

/* Non-zero: both fields have the same value. */
int ln_option_is_equal(const ln_option *option, const void *a, const void *b);

/* Non-zero: the field stands for the default in words: it is 0, or NaN where 0 is a value, or NULL. */
int ln_option_is_default(const ln_option *option, const void *field);

/* LENET_USAGE: the row does not allow the value that the field has. */
lenet_status ln_option_check(const ln_option *option, const void *field, lenet_error *error);

/* Of INT, SIZE and U64, the value. */
uint64_t ln_option_whole(const ln_option *option, const void *field);

/* The path in the value of a text by whose content it counts: FILE of "matrix:FILE"; NULL: none. */
const char *ln_option_file(const ln_option *option, const char *value);

/* "N >= 1", "0 <= X < 1", "1..256"; "" if it has no bounds. Returns `text`. */
const char *ln_option_range(const ln_option *option, char *text, size_t capacity);

#endif
