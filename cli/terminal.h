/* SPDX-License-Identifier: MIT */
/*
 * terminal.h - how the program talks to people: complaints in one line, colour where it is seen and wanted, and one
 * line on a terminal that is rewritten in place. Nothing here writes a carriage return or an escape sequence to what
 * is not a terminal.
 */
#ifndef LENET_CLI_TERMINAL_H
#define LENET_CLI_TERMINAL_H

#include "lenet/lenet.h"

#include <stdbool.h>
#include <stdio.h>

/*
 * "lenet: ..." and a newline on stderr. Control characters become '?', for names that the user did not type may hold
 * them.
 */
void print_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same done to a text that a file of others may have brought. Returns `text`. */
char *make_printable(char *text);

/* A copy of `text` as it may be shown, good until three others were made: for the arguments of one printf. */
const char *shown(const char *text);

/* Complains about an error of the library and returns the exit code: its status. */
int report_error(const lenet_error *error);

/* Complains about the lack of memory and returns the exit code. */
int report_no_memory(void);

/* Escape sequences, all empty if `stream` is no terminal, if NO_COLOR is set, or if TERM is "dumb". */
typedef struct style {
    const char *bold, *dim, *red, *green, *yellow, *blue, *reset;
} style;
style style_of(FILE *stream);

bool is_terminal(FILE *stream);
int terminal_width(FILE *stream); /* columns; 80 if unknown */

enum { LINE_WIDTH = 80 }; /* that lines of results keep to, on a terminal and elsewhere */

/* Columns that UTF-8 text takes, near enough: one for each character, none for an escape sequence of `style`. */
int text_width(const char *text);

/* At most `most` columns of it; an ellipsis marks that there were more. `capacity`: bytes of `text`. Returns `text`. */
char *shorten(char *text, size_t capacity, int most);

/* Words from column `from` on, which the cursor has reached; lines go on there. With a newline at the end. */
void print_wrapped(FILE *to, const char *text, int from);

/* An item of a summary on stdout: its name, and from column 15 on the text, wrapped. */
void print_item(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * A line of several parts, two blanks between them. A part that does not fit any more begins a new line, `indent`
 * blanks from its edge. It begins as {.to = stdout, .indent = 4}; `column` is where the cursor stands. flow_end ends
 * the line.
 */
typedef struct flow {
    FILE *to;
    int indent, column;
} flow;
void flow_add(flow *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
void flow_end(flow *line);

/* "0:09", "12:34" or "1:02:03"; "-:--" for what is not a time. Returns `text`. */
char *format_duration(double seconds, char *text, size_t capacity);

/* 12345678 as "12,345,678". Returns `text`. */
char *format_count(double count, char *text, size_t capacity);

/*
 * A line on stderr, or a few, rewritten in place, at most 6 times a second and never wider than the terminal; does
 * nothing at all where stderr is no terminal or `quiet` is asked for. Errors and lines of other code come out whole
 * if live_clear goes before them.
 */
typedef struct live {
    bool is_on;
    bool is_shown;
    int lines; /* that are shown */
    double shown_at;
} live;
void live_open(live *line, bool quiet);
bool live_is_due(const live *line);           /* worth composing a text now? */
void live_show(live *line, const char *text); /* shows it, due or not; lines are divided by newlines */
void live_clear(live *line);

/* A bar of `width` characters for a share in 0..1: "#####......". Returns `text`, which holds at least width + 1. */
char *format_bar(double share, int width, char *text);

#endif
