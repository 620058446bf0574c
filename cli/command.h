/* SPDX-License-Identifier: MIT */
/*
 * command.h - what a subcommand of the program is: a name, a line about it, and a function that runs it and returns
 * the exit code, which is a value of lenet_status. Results go to stdout and everything else to stderr; main.c flushes
 * stdout and turns a failure there into an exit code, so a subcommand just prints.
 */
#ifndef LENET_CLI_COMMAND_H
#define LENET_CLI_COMMAND_H

struct command_line;

typedef struct command {
    const char *name;
    const char *summary; /* NULL: for the making of the project alone, not shown */
    int (*run)(int argc, char **argv); /* argv[0] is the subcommand's name */
} command;

/* A subcommand that has parts, ended by a NULL name: runs the one that argv[1] names. `print_usage` answers --help. */
int run_part(const char *name, const command *parts, int (*print_usage)(void), int argc, char **argv);

/* The subcommands of the program, ended by a NULL name. */
extern const command commands[];

/* Hands the table of each subcommand, in that order, to `visit`; of one that has parts, those of its parts. */
void visit_tables(void (*visit)(const struct command_line *line));

/* `lenet completion SHELL`; `lenet manual`, the lists of options in the manual page. */
int run_completion(int argc, char **argv);
int run_manual(int argc, char **argv);
int run_data(int argc, char **argv);
int run_train(int argc, char **argv);
int run_report(int argc, char **argv);
int run_eval(int argc, char **argv);
int run_show_model(int argc, char **argv);
int run_predict(int argc, char **argv);
int run_bench(int argc, char **argv);
int run_study(int argc, char **argv);
int run_runs(int argc, char **argv);
int run_info(int argc, char **argv);

/*
 * The last words of a program that a signal ends: flushes stdout and dies of that signal, so that the caller sees (as
 * 130 for Ctrl-C) what happened. Does not return.
 */
void end_by_signal(int signal_number);

#endif
