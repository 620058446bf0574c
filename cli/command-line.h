/* SPDX-License-Identifier: MIT */
/*
 * command-line.h - the command line of a subcommand: the table of its options, and the text of its help.
 * What reads command lines (options.h), recipes (recipe.h), and what prints help, manual and completion are
 * made of it.
 */
#ifndef LENET_CLI_COMMAND_LINE_H
#define LENET_CLI_COMMAND_LINE_H

#include "util/option.h"

#include <stdbool.h>

typedef struct command_line {
    const char *command;       /* "train" */
    const char *arguments;     /* how the usage line goes on: "MODEL --data NAME [options]" */
    const char *summary;       /* one or two sentences */
    const char *examples;      /* lines, each ended by a newline */
    const char *notes;         /* printed at the end of the help; may be NULL */
    void (*print_notes)(void); /* prints more of them; may be NULL */
    const ln_option *options;  /* each with its `value` */
    /* the options that --help shows, ended by NULL; --help-all shows all; NULL: both do */
    const char *const *basic;
    int fewest, most;         /* arguments that are no options; most < 0: any number */
    const char **config;      /* the value of the option that names a recipe, read before what the line itself says is
                                complete; NULL: the command takes none */
    struct lab_yaml **recipe; /* its tree: values point into it */
    /*
     * Called when the line is read, with the rows it gave; may name a recipe. PARSED, or the exit code. May
     * be NULL.
     */
    int (*find_config)(const struct command_line *line, const bool *given);
    void *context;
} command_line;

/* What reads a command line returns this to go on, or an exit code. */
enum { PARSED = -1 };

/*
 * While a visitor is set, parse_command_line reads nothing: it hands its table to the visitor and returns
 * LENET_OK. NULL: no visitor.
 */
typedef void table_visitor(const command_line *line);
void set_table_visitor(table_visitor *visit);
table_visitor *get_table_visitor(void);

/*
 * Reads the text of a value into the option's field. A name in capitals is that of `names`, unless a file or
 * folder is called so. LENET_USAGE: "NAME TEXT: why".
 */
lenet_status read_option_value(const ln_option *option, const char *text, lenet_error *error);

/* Complains about a mistake that the table cannot see, with a pointer to the help; returns LENET_USAGE. */
int usage_error(const command_line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
