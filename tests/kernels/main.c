/* SPDX-License-Identifier: MIT */
/*
 * main.c - every kernel of every instruction set against the reference, and against each other bit for bit; with
 * --bench, how fast they are.
 *
 * A failure prints one line that repeats it. The seed is fixed unless given, so a run means the same everywhere.
 *
 * ctest: single
 */
#include "kernels/check.h"
#include "kernels/reference.h"
#include "lenet/lenet.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TABLES = 8, DEFAULT_ROUNDS = 60, SELF_TEST_ROUNDS = 40 };

typedef struct options {
    const char *isa, *entry;
    uint64_t seed;
    int rounds; /* 0: not given */
    int seeded, list, bench, exhaustive;
} options;

const entry *const stages[] = {gather_entries, conv_entries, pool_entries, activation_entries, dense_entries,
                               loss_entries, optimizer_entries, dropout_entries, norm_entries, math_entries, NULL};

static int wants(const options *o, const entry *e) { return !o->entry || !strcmp(o->entry, e->name); }

/* -------------------------------------------------------------------------------------------------- correctness */

static int fail(const entry *e, const ln_kernels *k, uint64_t seed, const trial *t, const char *why)
{
    printf("FAIL %s %s, %s: %s\n     again: test-kernels --isa %s --entry %s --seed %" PRIu64 "\n", k->isa, e->name, t->words, why, k->isa,
           e->name, seed);
    return 1;
}

/* One seed of one entry on all tables. `bad` marks the tables that have failed in this entry: one report each is enough. */
static int try_seed(const entry *e, const ln_kernels *const tables[], int count, uint64_t seed, int bad[])
{
    trial truth = {.shape = -1}, t[TABLES];
    char why[512];
    int failures = 0;
    trial_open(&truth, e, &ln_kernels_reference, seed);
    if (!trial_judge(&truth, NO_FAULT, 0, why, sizeof why))
        return fail(e, &ln_kernels_reference, seed, &truth, why);
    for (int i = 0; i < count; i++) {
        t[i] = (trial){.shape = -1};
        trial_open(&t[i], e, tables[i], seed);
        if (bad[i])
            continue;
        if (!trial_judge(&t[i], NO_FAULT, 0, why, sizeof why) || !trial_compare(&truth, &t[i], 0, why, sizeof why)) {
            bad[i] = 1;
            failures += fail(e, tables[i], seed, &t[i], why);
        } else if (!bad[0] && !trial_compare(&t[0], &t[i], 1, why, sizeof why)) {
            char both[600];
            snprintf(both, sizeof both, "not the bits of %s: %s", tables[0]->isa, why);
            bad[i] = 1;
            failures += fail(e, tables[i], seed, &t[i], both);
        }
    }
    for (int i = 0; i < count; i++)
        trial_close(&t[i]);
    trial_close(&truth);
    return failures;
}

static int try_entries(const options *o, const ln_kernels *const tables[], int count)
{
    const int rounds = o->rounds ? o->rounds : o->seeded ? 1 : DEFAULT_ROUNDS;
    int failures = 0, entries = 0;
    for (const entry *const *stage = stages; *stage; stage++)
        for (const entry *e = *stage; e->name; e++) {
            int bad[TABLES] = {0};
            for (int i = 0; wants(o, e) && i < rounds; i++)
                failures += try_seed(e, tables, count, o->seed + (uint64_t)i, bad);
            entries += wants(o, e);
        }
    printf("%s %d entries on", failures ? "FAIL" : "ok  ", entries);
    for (int i = 0; i < count; i++)
        printf(" %s", tables[i]->isa);
    printf(": %d rounds from seed %" PRIu64 ", %d failures\n", rounds, o->seed, failures);
    return failures;
}

/* --------------------------------------------------------------------------------------------------------- speed */

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void bench_shape(const entry *e, const ln_kernels *k, int shape, uint64_t seed)
{
    trial t = {.shape = shape, .timed = 1};
    trial_open(&t, e, k, seed);
    double *seconds = t.watch.seconds;
    qsort(seconds, TRIAL_SAMPLES, sizeof *seconds, by_size);
    const double least = seconds[0], median = seconds[TRIAL_SAMPLES / 2];
    printf("%-8s %-22s %-22s %10.3f %10.3f", k->isa, e->name, e->shapes[shape], 1e6 * least, 1e6 * median);
    if (t.work > 0)
        printf(" %9.1f %9.1f\n", 1e-9 * t.work / median, 1e-9 * t.work / least);
    else
        printf(" %9s %9s\n", "-", "-");
    trial_close(&t);
}

/* Times are microseconds of one call. */
static int bench(const options *o, const ln_kernels *const tables[], int count)
{
    printf("%-8s %-22s %-22s %10s %10s %9s %9s\n", "isa", "entry", "shape", "us min", "us median", "GF median", "GF best");
    for (const entry *const *stage = stages; *stage; stage++)
        for (const entry *e = *stage; e->name; e++)
            for (int shape = 0; wants(o, e) && e->shapes[shape]; shape++)
                for (int i = 0; i < count; i++)
                    bench_shape(e, tables[i], shape, o->seed);
    return 0;
}

/* ------------------------------------------------------------------------------------------------------- options */

static int usage(FILE *to)
{
    fprintf(to, "usage: test-kernels [--isa NAME] [--entry NAME] [--seed N] [--rounds N] [--list] [--bench] [--exhaustive]\n"
                "  --isa NAME     only this instruction set (and the plainest, to compare bits with)\n"
                "  --entry NAME   only this kernel\n"
                "  --seed N       first seed; alone, one round\n"
                "  --rounds N     seeds for each kernel\n"
                "  --list         names of instruction sets and kernels\n"
                "  --bench        times on the shapes of LeNet-5\n"
                "  --exhaustive   exp, log, tanh and erf of every float, or the one that --entry names (minutes)\n");
    return to == stdout ? 0 : 2;
}

static int read_number(const char *text, uint64_t most, uint64_t *number)
{
    char *end;
    errno = 0;
    const unsigned long long value = strtoull(text, &end, 10);
    if (errno || *end || end == text || text[0] == '-' || value > most) {
        fprintf(stderr, "kernels: '%s' is not a number from 0 to %" PRIu64 "\n", text, most);
        return 0;
    }
    *number = value;
    return 1;
}

static int known_entry(const char *name)
{
    for (const entry *const *stage = stages; *stage; stage++)
        for (const entry *e = *stage; e->name; e++)
            if (!strcmp(e->name, name))
                return 1;
    fprintf(stderr, "kernels: there is no entry '%s'; see --list\n", name);
    return 0;
}

static int read_options(options *o, int argc, char **argv)
{
    static const struct option names[] = {
        {"isa", 1, NULL, 'i'},  {"entry", 1, NULL, 'e'}, {"seed", 1, NULL, 's'},       {"rounds", 1, NULL, 'r'},
        {"list", 0, NULL, 'l'}, {"bench", 0, NULL, 'b'}, {"exhaustive", 0, NULL, 'x'}, {"help", 0, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    uint64_t rounds = 0;
    for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;)
        switch (option) {
        case 'i': o->isa = optarg; break;
        case 'e': o->entry = optarg; break;
        case 's': o->seeded = 1; if (!read_number(optarg, UINT64_MAX, &o->seed)) return 2; break;
        case 'r': if (!read_number(optarg, 1000000, &rounds)) return 2; break;
        case 'l': o->list = 1; break;
        case 'b': o->bench = 1; break;
        case 'x': o->exhaustive = 1; break;
        case 'h': usage(stdout); exit(0);
        default: return usage(stderr);
        }
    o->rounds = (int)rounds;
    if (optind < argc)
        return usage(stderr);
    return o->entry && !known_entry(o->entry) ? 2 : 0;
}

/* The tables to test; the first is the one whose bits the others must have: the last of the list, which every machine has. */
static int choose_tables(const options *o, const ln_kernels *tables[])
{
    const char *const *names = lenet_isa_list();
    int count = 0, known = !o->isa;
    while (names[count])
        count++;
    int chosen = 0;
    for (int i = count - 1; i >= 0 && chosen < TABLES; i--) {
        const int named = o->isa && !strcmp(o->isa, names[i]);
        if ((i == count - 1 && !o->bench) || !o->isa || named)
            tables[chosen++] = ln_kernels_find(names[i]);
        known |= named;
    }
    if (!known)
        fprintf(stderr, "kernels: this machine or build has no instruction set '%s'; see --list\n", o->isa);
    return known ? chosen : 0;
}

static int list(void)
{
    for (const char *const *name = lenet_isa_list(); *name; name++)
        printf("isa   %s\n", *name);
    for (const entry *const *stage = stages; *stage; stage++)
        for (const entry *e = *stage; e->name; e++)
            printf("entry %s\n", e->name);
    return 0;
}

int main(int argc, char **argv)
{
    options o = {.seed = 1};
    const ln_kernels *tables[TABLES];
    const int wrong = read_options(&o, argc, argv);
    if (wrong)
        return wrong;
    if (o.list)
        return list();
    const int count = choose_tables(&o, tables);
    if (!count)
        return 2;
    if (o.bench)
        return bench(&o, tables, count);
    int failures = 0;
    if (!o.entry && !o.exhaustive)
        failures += self_test(o.seed, SELF_TEST_ROUNDS);
    if (!o.exhaustive)
        failures += try_entries(&o, tables, count);
    if (!o.entry || o.exhaustive)
        failures += math_sweep(tables, count, o.exhaustive, o.entry);
    return failures ? 1 : 0;
}
