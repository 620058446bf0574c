/* SPDX-License-Identifier: MIT */
/*
 * options.h - the one parser of command lines, driven by a table that also makes the help.
 *
 * A row says what an option is called, what it takes, and where its value goes. What lies there before parsing is the
 * default, and the help prints it from there, so help and program cannot disagree. Accepted are `--name VALUE`,
 * `--name=VALUE`, flags without a value, `--` (all that follows are arguments), and arguments between options. Every
 * value is read to its last character and held against the row's range; infinity and "not a number" are never
 * accepted. `--name=false` takes a flag back that a recipe (recipe.h) sets. Nothing here depends on the locale.
 */
#ifndef LENET_CLI_OPTIONS_H
#define LENET_CLI_OPTIONS_H

#include "cli/names.h"
#include "lenet/lenet.h"

#include <stdbool.h>

typedef enum option_kind {
    OPTION_FLAG,   /* bool: true if given */
    OPTION_SWITCH, /* int: 1 if given */
    OPTION_INT,    /* int */
    OPTION_SIZE,   /* size_t */
    OPTION_U64,    /* uint64_t */
    OPTION_DOUBLE, /* double */
    OPTION_CHOICE, /* const char *: a name of `choices`, which some may follow by their numbers */
    OPTION_ENUM,   /* int: a place in `choices` */
    OPTION_STRING, /* const char *: points into argv; never empty */
} option_kind;

/* low <= value <= high; an open end excludes the bound itself. Left out (both 0): all that the type holds. */
typedef struct range {
    double low, high;
    bool open_low, open_high;
} range;

typedef struct option_row {
    const char *name;    /* without the dashes; NULL ends a table */
    const char *metavar; /* "N"; NULL for a flag */
    option_kind kind;
    void *value;          /* where it goes, of the type that `kind` says */
    range range;          /* of numbers */
    const char *const *choices; /* of OPTION_CHOICE and OPTION_ENUM, ended by NULL; named in the help of an OPTION_STRING too */
    const char *(*refusal)(const char *name); /* why a name is not among them; may be NULL, and give NULL: unknown */
    lenet_status (*check)(const char *text, lenet_error *error); /* of OPTION_STRING, refuses texts; may be NULL */
    const char *fallback; /* in words, where what lies in *value does not say it: "all of them" */
    const char *help;     /* one line, no full stop */
    const char *group;    /* its heading in the help; NULL: none */
    bool is_required;
    bool is_of_the_call; /* what becomes of the results of this call: not taken from the record of another */
} option_row;

typedef struct command_line {
    const char *command;       /* "train" */
    const char *arguments;     /* how the usage line goes on: "MODEL --data NAME [options]" */
    const char *summary;       /* one or two sentences */
    const char *examples;      /* lines, each ended by a newline */
    const char *notes;         /* printed at the end of the help; may be NULL */
    void (*print_notes)(void); /* prints more of them; may be NULL */
    const option_row *options;
    const char *const *basic;  /* the options that --help shows, ended by NULL; --help-all shows all; NULL: both do */
    int fewest, most; /* arguments that are no options; most < 0: any number */
    const char **config;     /* the value of the option that names a recipe, read before what the line itself says is
                                complete; NULL: the command takes none */
    struct lab_yaml **recipe; /* its tree: values point into it */
    /* Called when the line is read, with the rows it gave; may name a recipe. PARSED, or the exit code. May be NULL. */
    int (*find_config)(const struct command_line *line, const bool *given);
    void *context;
} command_line;

enum { PARSED = -1 };

/*
 * While a visitor is set, parse_command_line reads nothing: it hands its table to the visitor and returns LENET_OK.
 * NULL: no visitor.
 */
typedef void table_visitor(const command_line *line);
void set_table_visitor(table_visitor *visit);
bool has_table_visitor(void);

/*
 * Reads argv[1..]: stores the values of options and moves the arguments that are none to argv[0..], their number to
 * *count. PARSED: go on. Otherwise the exit code: 0 after --help (printed to stdout), LENET_USAGE after a mistake
 * (named on stderr).
 */
int parse_command_line(const command_line *line, int argc, char **argv, int *count);

/* The row called by the first `length` characters of `name`; NULL: none. And the one that a slip turns into `name`. */
const option_row *find_option(const command_line *line, const char *name, size_t length);
const char *nearest_option(const command_line *line, const char *name);

/* Reads the text of a value; flags are "true" or "false". LENET_USAGE: "NAME TEXT: why". */
lenet_status read_option_value(const option_row *option, const char *text, lenet_error *error);

/* The row of a setting whose field is in `settings`. */
option_row option_of_setting(const lenet_setting *setting, lenet_settings *settings);

/* Complains about a mistake that the table cannot see, with a pointer to the help; returns LENET_USAGE. */
int usage_error(const command_line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Complains about --arch, or what varies it, with what the library says of it; returns the exit code. */
int refuse_architecture(const char *architecture, const lenet_error *error);

#endif
