/* SPDX-License-Identifier: MIT */
/*
 * command.h - what a subcommand of the program is: a name, a line about it, and a function that runs it and
 * returns the exit code, which is a value of lenet_status. Results go to stdout and everything else to
 * stderr; main.c flushes stdout and turns a failure there into an exit code, so a subcommand just prints.
 */
#ifndef LENET_CLI_COMMAND_H
#define LENET_CLI_COMMAND_H

struct command_line;

typedef struct command {
    const char *name;
    const char *summary;               /* NULL: for the making of the project alone, not shown */
    int (*run)(int argc, char **argv); /* argv[0] is the subcommand's name */
} command;

/*
 * A subcommand that has parts, ended by a NULL name: runs the one that argv[1] names. `print_usage` answers
 * --help.
 */
int run_part(const char *name, const command *parts, int (*print_usage)(void), int argc, char **argv);

/* The subcommands of the program, ended by a NULL name. */
extern const command commands[];

/*
 * Hands the table of each subcommand, in that order, to `visit`; of one that has parts, those of its parts.
 */
void visit_tables(void (*visit)(const struct command_line *line));

/*
 * X(name, summary): the subcommands in the order of the help; run_NAME is in a file of this folder. A new one
 * is a file and a row. Without a summary it is for the making of the project alone, and not shown.
 */
#define COMMAND_LIST(X)                                                                  \
    X(data, "list, download and check the data sets")                                    \
    X(train, "train a network and keep its best weights")                                \
    X(eval, "measure a trained network: accuracy, confusion matrix, confused pairs")     \
    X(show, "show the inside of a trained network: layers, filters, features")           \
    X(predict, "classify images of your own")                                            \
    X(study, "run a study: experiments over recipes and seeds, every run in a database") \
    X(report, "make the report of a study from its database")                            \
    X(runs, "list, show, compare and export the runs of a database")                     \
    X(serve, "show the runs of a database in a browser while they train")                \
    X(export, "make a web page that classifies drawings with a model")                   \
    X(bench, "measure the machine's peak, the stages of a step and whole epochs")        \
    X(info, "show processors, instruction sets, data sets and libraries")                \
    X(completion, "print a completion script for bash, zsh or fish")                     \
    X(help, "print the help of a command")                                               \
    X(manual, NULL)

#define COMMAND_DECLARE(name, summary) int run_##name(int argc, char **argv);
COMMAND_LIST(COMMAND_DECLARE)
#undef COMMAND_DECLARE

/*
 * The last words of a program that a signal ends: flushes stdout and dies of that signal, so that the caller
 * sees (as 130 for Ctrl-C) what happened. Does not return.
 */
void end_by_signal(int signal_number);

#endif
