/* SPDX-License-Identifier: MIT */
/* terminal.c - complaints, colours, widths, and the line that is rewritten in place. */
#include "cli/terminal.h"
#include "util/clock.h"
#include "util/printable.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

void print_notice(const char *format, ...)
{
    char line[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    const style look = style_of(stderr);
    fprintf(stderr, "%slenet:%s %s\n", look.red, look.reset, make_printable(line));
}

char *make_printable(char *text) { return ln_make_printable(text, ""); }

const char *shown(const char *text)
{
    static char copies[4][PATH_MAX];
    static unsigned next;
    char *copy = copies[next++ % 4];
    snprintf(copy, PATH_MAX, "%s", text);
    return make_printable(copy);
}

/* Where memory is lacking it may be found so in several places: the first line reports it. */
static bool said_no_memory;

int report_error(const lenet_error *error)
{
    const bool is_memory = error->status == LENET_FAILURE && strstr(error->text, "out of memory");
    if (!is_memory || !said_no_memory)
        print_notice("%s", error->text);
    said_no_memory |= is_memory;
    return (int)error->status;
}

int report_no_memory(void)
{
    const lenet_error error = {LENET_FAILURE, "out of memory"};
    return report_error(&error);
}

bool is_terminal(FILE *stream)
{
    const int fd = fileno(stream);
    return fd >= 0 && isatty(fd);
}

style style_of(FILE *stream)
{
    static const style plain = {"", "", "", "", "", "", ""};
    static const style colours = {"\033[1m", "\033[2m", "\033[31m", "\033[32m", "\033[33m", "\033[34m", "\033[0m"};
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    const bool unwanted = (no_color && *no_color) || !term || !strcmp(term, "dumb");
    return !unwanted && is_terminal(stream) ? colours : plain;
}

int terminal_width(FILE *stream)
{
    struct winsize size;
    const int fd = fileno(stream);
    return fd >= 0 && !ioctl(fd, TIOCGWINSZ, &size) && size.ws_col > 0 ? size.ws_col : 80;
}

/* Bytes of a sequence that changes colours, which takes no column; 0: there is none here. */
static size_t escape_length(const char *text) { return *text == '\033' ? strcspn(text, "m") + 1 : 0; }

/* Of so many bytes. */
static int width_of(const char *text, size_t length)
{
    int width = 0;
    for (size_t at = 0; at < length;) {
        const size_t escape = escape_length(text + at);
        width += !escape && ((unsigned char)text[at] & 0xc0) != 0x80;
        at += escape ? escape : 1;
    }
    return width;
}

int text_width(const char *text) { return width_of(text, strlen(text)); }

char *shorten(char *text, size_t capacity, int most)
{
    static const char ellipsis[] = "\u2026";
    size_t end = 0;
    if (text_width(text) <= most)
        return text;
    for (int width = 0; text[end]; end++)
        if (((unsigned char)text[end] & 0xc0) != 0x80 && ++width >= most)
            break;
    if (end + sizeof ellipsis <= capacity)
        strcpy(text + end, ellipsis);
    else
        text[end] = '\0';
    return text;
}

void print_wrapped(FILE *to, const char *text, int from)
{
    int at = from;
    while (*text) {
        const int length = (int)strcspn(text, " \n"), width = width_of(text, (size_t)length);
        if (at > from && at + 1 + width >= LINE_WIDTH) {
            fprintf(to, "\n%*s", from, "");
            at = from;
        } else if (at > from) {
            fputc(' ', to);
            at++;
        }
        fprintf(to, "%.*s", length, text);
        at += width;
        text += length + (text[length] != '\0');
    }
    fputc('\n', to);
}

void print_item(const char *name, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    printf("%-15s", name);
    print_wrapped(stdout, text, 15);
}

void flow_add(flow *line, const char *format, ...)
{
    char part[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(part, sizeof part, format, arguments);
    va_end(arguments);
    const int width = text_width(part);
    if (line->column && line->column + 2 + width > LINE_WIDTH) {
        fprintf(line->to, "\n%*s", line->indent, "");
        line->column = line->indent;
    } else if (line->column) {
        fputs("  ", line->to);
        line->column += 2;
    }
    fputs(part, line->to);
    line->column += width;
}

void flow_end(flow *line)
{
    fputc('\n', line->to);
    line->column = 0;
}

char *format_duration(double seconds, char *text, size_t capacity)
{
    if (!(seconds >= 0 && seconds < 1e7)) {
        snprintf(text, capacity, "-:--");
        return text;
    }
    const long total = lround(seconds), hours = total / 3600, minutes = total / 60 % 60;
    if (hours)
        snprintf(text, capacity, "%ld:%02ld:%02ld", hours, minutes, total % 60);
    else
        snprintf(text, capacity, "%ld:%02ld", minutes, total % 60);
    return text;
}

char *format_count(double count, char *text, size_t capacity)
{
    char digits[64];
    if (!(count >= 0 && count < 1e18)) {
        snprintf(text, capacity, "-");
        return text;
    }
    const int length = snprintf(digits, sizeof digits, "%.0f", count);
    size_t used = 0;
    for (int i = 0; i < length && used + 2 < capacity; i++) {
        if (i && (length - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = digits[i];
    }
    text[used] = '\0';
    return text;
}

static const double update_seconds = 1.0 / 6.0;

void live_open(live *line, bool quiet)
{
    const char *term = getenv("TERM");
    *line = (live){.is_on = !quiet && is_terminal(stderr) && term && strcmp(term, "dumb"), .shown_at = -1e9};
}

bool live_is_due(const live *line) { return line->is_on && ln_seconds() - line->shown_at >= update_seconds; }

/* Bytes of the line that fill at most `columns`: a UTF-8 sequence counts as one column, and none is cut. */
static int bytes_within(const char *text, int columns)
{
    int bytes = 0;
    for (int used = 0; text[bytes] && text[bytes] != '\n'; bytes++)
        if (((unsigned char)text[bytes] & 0xc0) != 0x80 && ++used > columns)
            break;
    return bytes;
}

/* To the beginning of what is shown. */
static void go_back(const live *line)
{
    fputc('\r', stderr);
    if (line->is_shown && line->lines > 1)
        fprintf(stderr, "\033[%dA", line->lines - 1);
}

void live_show(live *line, const char *text)
{
    if (!line->is_on)
        return;
    const int before = line->is_shown ? line->lines : 1;
    go_back(line);
    for (line->lines = 1;; line->lines++) {
        /* One column stays free: a terminal may wrap when the last one is filled. */
        fprintf(stderr, "%.*s\033[K", bytes_within(text, terminal_width(stderr) - 1), text);
        text = strchr(text, '\n');
        if (!text)
            break;
        fputc('\n', stderr);
        text++;
    }
    if (line->lines < before)
        fputs("\033[J", stderr);
    fflush(stderr);
    line->is_shown = true;
    line->shown_at = ln_seconds();
}

void live_clear(live *line)
{
    if (line->is_on && line->is_shown) {
        go_back(line);
        fputs(line->lines > 1 ? "\033[J" : "\033[K", stderr);
    }
    line->is_shown = false;
}

char *format_bar(double share, int width, char *text)
{
    const int filled = share >= 1 ? width : share > 0 ? (int)(share * width) : 0;
    for (int i = 0; i < width; i++)
        text[i] = i < filled ? '#' : '.';
    text[width > 0 ? width : 0] = '\0';
    return text;
}
