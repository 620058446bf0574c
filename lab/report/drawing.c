/* SPDX-License-Identifier: MIT */
/* drawing.c - gnuplot as a process, and its drawings as parts of a page; see figure.h. */
#include "util/error.h"
#include "lab/report/figure.h"
#include "lab/report/markup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { AT_ONCE = 2, MOST_WORDS = 400, MOST_BYTES = 1 << 28 };

bool lab_figure_can_draw(void)
{
    const char *path = getenv("PATH");
    char *folders = strdup(path ? path : "/usr/bin:/bin"), *rest = folders, file[4096];
    bool is_here = false;
    for (char *folder; folders && !is_here && (folder = strsep(&rest, ":")) != NULL;) {
        snprintf(file, sizeof file, "%s/gnuplot", *folder ? folder : ".");
        is_here = !access(file, X_OK);
    }
    free(folders);
    return is_here;
}

/* ------------------------------------------------------------------------------------------------------- gnuplot */

typedef struct drawing {
    const char *name;
    pid_t process;
    int words; /* what it complains of, to be read */
} drawing;

/* In the child: why it could not become gnuplot, for the parent. */
static _Noreturn void give_up(int words)
{
    dprintf(words, "%s", strerror(errno));
    _exit(127);
}

/* In the child: gnuplot without the user's settings, in the folder of the script. */
static _Noreturn void become_gnuplot(const char *script, const char *folder, int words)
{
    const int nothing = open("/dev/null", O_RDWR);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(nothing, 1) < 0 || dup2(words, 2) < 0 || chdir(folder))
        give_up(words);
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("SOURCE_DATE_EPOCH", "0", 1);
    unsetenv("GNUTERM");
    execlp("gnuplot", "gnuplot", "-d", script, (char *)NULL);
    give_up(words);
}

static lenet_status begin(drawing *d, const char *name, const char *folder, lenet_error *error)
{
    int ends[2];
    char script[256];
    snprintf(script, sizeof script, "%s.gp", name);
    if (pipe(ends))
        return ln_fail(error, LENET_FAILURE, "gnuplot: no pipe: %s", strerror(errno));
    const pid_t process = fork();
    if (process == 0)
        become_gnuplot(script, folder, ends[1]);
    close(ends[1]);
    if (process < 0) {
        close(ends[0]);
        return ln_fail(error, LENET_FAILURE, "gnuplot cannot be started: %s", strerror(errno));
    }
    *d = (drawing){name, process, ends[0]};
    return LENET_OK;
}

static lenet_status end(const drawing *d, const char *folder, lenet_error *error)
{
    char words[MOST_WORDS], more[256];
    size_t used = 0;
    ssize_t got;
    while ((got = read(d->words, words + used, sizeof words - 1 - used)) > 0 || (got < 0 && errno == EINTR))
        used += got > 0 ? (size_t)got : 0;
    while (read(d->words, more, sizeof more) > 0) /* or it would wait for a reader for ever */
        ;
    words[used] = '\0';
    close(d->words);
    int how = 0;
    while (waitpid(d->process, &how, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(how) && WEXITSTATUS(how) == 0)
        return LENET_OK;
    return ln_fail(error, LENET_FAILURE, "gnuplot could not draw %s/%s.gp: %s", folder, d->name,
                    *words ? words : "it said nothing");
}

/* cairo stamps a PDF with the time: the same figure must be the same file, and what has a fixed length can be written over. */
static lenet_status clear_date(const char *name, const char *folder, lenet_error *error)
{
    static const char key[] = "/CreationDate (D:";
    char path[4096], *bytes = NULL;
    snprintf(path, sizeof path, "%s/%s.pdf", folder, name);
    FILE *file = fopen(path, "r+");
    struct stat about;
    bool is_sound = file && !fstat(fileno(file), &about) && (bytes = malloc((size_t)about.st_size + 1)) != NULL;
    if (is_sound && fread(bytes, 1, (size_t)about.st_size, file) == (size_t)about.st_size) {
        char *found = memmem(bytes, (size_t)about.st_size, key, sizeof key - 1);
        if (found && found + sizeof key + 13 < bytes + about.st_size) {
            is_sound = !fseek(file, (long)(found - bytes) + (long)sizeof key - 1, SEEK_SET) &&
                       fputs("20000101000000", file) >= 0;
        }
    }
    free(bytes);
    if (file && fclose(file))
        is_sound = false;
    return is_sound ? LENET_OK : ln_fail(error, LENET_IO, "%s: %s", path, strerror(errno));
}

lenet_status lab_figure_draw(const char *const *names, size_t count, const char *folder, lenet_error *error)
{
    drawing running[AT_ONCE];
    size_t begun = 0, ended = 0;
    lenet_status status = LENET_OK;
    while (ended < begun || (!status && begun < count)) {
        if (!status && begun < count && begun - ended < AT_ONCE) {
            status = begin(&running[begun % AT_ONCE], names[begun], folder, error);
            begun += !status;
            continue;
        }
        const drawing *d = &running[ended++ % AT_ONCE];
        const lenet_status how = end(d, folder, status ? NULL : error);
        status = status ? status : how;
        if (!status)
            status = clear_date(d->name, folder, error);
    }
    return status;
}

/* ---------------------------------------------------------------------------------------------------------- page */

/* What is replaced in a drawing, and by what; NULL is the name of the figure. */
static const struct {
    const char *from, *before, *after;
} rewrites[] = {
    {"id='", "id='", "-"},
    {"id=\"", "id=\"", "-"},
    {"xlink:href='#", "href='#", "-"},
    {"url(#", "url(#", "-"},
    {"'black'", "'currentColor'", NULL},
    {"\"black\"", "\"currentColor\"", NULL},
    {"rgb(  0,   0,   0)", "currentColor", NULL},
    {"rgb(0,0,0)", "currentColor", NULL},
    {"color=\"black\"", "", NULL},
    {"'rgb(200, 200, 200)'", "'currentColor' stroke-opacity='0.18'", NULL},
    {"\t", "", NULL},
};

/* Past a group that holds nothing, of which gnuplot writes many; else `from`. */
static const char *skip_empty(const char *from)
{
    const char *end = strncmp(from, "<g ", 3) ? NULL : strchr(from, '>');
    if (!end)
        return from;
    end += 1 + strspn(end + 1, " \t\n");
    return strncmp(end, "</g>", 4) ? from : end + 4 + strspn(end + 4, " \t\n");
}

static void rewrite(lab_text *out, const char *from, const char *end, const char *name)
{
    while (from < end) {
        const char *after = skip_empty(from);
        size_t i = 0;
        if (after != from) {
            from = after;
            continue;
        }
        const size_t rules = sizeof rewrites / sizeof *rewrites;
        while (i < rules && strncmp(from, rewrites[i].from, strlen(rewrites[i].from)))
            i++;
        if (i == rules) {
            lab_say_bytes(out, from++, 1);
            continue;
        }
        lab_say(out, "%s", rewrites[i].before);
        if (rewrites[i].after)
            lab_say(out, "%s%s", name, rewrites[i].after);
        from += strlen(rewrites[i].from);
    }
}

char *lab_figure_inline(lab_pool *pool, const char *path, const char *name, const char *label)
{
    lab_text out = {.pool = pool};
    const char *text = lab_take_file(pool, path, MOST_BYTES, NULL);
    const char *box = strstr(text, "viewBox=\""), *body = strstr(text, "<g id=");
    int width = 0, height = 0;
    if (!box || !body || sscanf(box, "viewBox=\"0 0 %d %d\"", &width, &height) != 2)
        lab_give_up(pool, LENET_FAILURE, "%s: not a drawing as gnuplot makes them", path);
    lab_say(&out, "<svg viewBox=\"0 0 %d %d\" style=\"max-width:%dpx\" role=\"img\" aria-label=\"", width, height,
            width);
    lab_say_html(&out, label);
    lab_say(&out, "\">\n");
    rewrite(&out, body, text + strlen(text), name);
    return out.data;
}
