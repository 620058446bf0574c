/* SPDX-License-Identifier: MIT */
/* proof.c - see proof.h. */
#include "lab/runs/proof.h"

#include "util/sha256.h"

#include <string.h>

/* What is hashed of run ?1, in this order. Columns that come later are NULL in old rows, and change no hash. */
static const char *const parts[] = {
    "SELECT * FROM run WHERE id = ?1",
    "SELECT * FROM epoch WHERE run = ?1 ORDER BY epoch",
    "SELECT * FROM layer WHERE run = ?1 ORDER BY epoch, place",
    "SELECT * FROM confusion WHERE run = ?1 ORDER BY truth, predicted",
    "SELECT * FROM noise WHERE run = ?1 ORDER BY truth, label",
};
enum { PARTS = sizeof parts / sizeof *parts };

/* The number of a run is another in another database; the rest is no result. */
static int is_left_out(const char *column)
{
    static const char *const names[] = {"id", "run", "owner", "message", "proof"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(column, names[i]))
            return 1;
    return 0;
}

/* The statements of `parts`, prepared once, and small pieces that are hashed together. */
typedef struct prover {
    sqlite3_stmt *rows[PARTS];
    uint64_t hashed[PARTS]; /* bit i: of column i */
    ln_sha256 *hash;
    size_t used;
    unsigned char pieces[4096];
} prover;

static int open_prover(prover *p, sqlite3 *database)
{
    int code = SQLITE_OK;
    *p = (prover){.hash = NULL};
    for (size_t i = 0; i < PARTS && !code; i++)
        code = sqlite3_prepare_v2(database, parts[i], -1, &p->rows[i], NULL);
    for (size_t i = 0; i < PARTS && !code; i++)
        for (int k = 0; k < sqlite3_column_count(p->rows[i]) && k < 64 && !code; k++) {
            const char *name = sqlite3_column_name(p->rows[i], k);
            code = name ? SQLITE_OK : SQLITE_NOMEM;
            p->hashed[i] |= (uint64_t)(name && !is_left_out(name)) << k;
        }
    return code;
}

static void close_prover(prover *p)
{
    for (size_t i = 0; i < PARTS; i++)
        sqlite3_finalize(p->rows[i]);
}

static void flush(prover *p)
{
    ln_sha256_add(p->hash, p->pieces, p->used);
    p->used = 0;
}

static void add_bytes(prover *p, const void *bytes, size_t size)
{
    if (size > sizeof p->pieces - p->used)
        flush(p);
    if (size > sizeof p->pieces) {
        ln_sha256_add(p->hash, bytes, size);
    } else if (size) {
        memcpy(p->pieces + p->used, bytes, size);
        p->used += size;
    }
}

/* Eight bytes, the lowest first. */
static void add_bits(prover *p, uint64_t bits)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(bits >> 8 * i);
    add_bytes(p, bytes, sizeof bytes);
}

/* The name of the column with its zero byte, and the value: a number as eight bytes, else its length and its bytes. */
static void add_value(prover *p, sqlite3_stmt *row, int column)
{
    const char *name = sqlite3_column_name(row, column);
    const int type = sqlite3_column_type(row, column);
    if (!name || type == SQLITE_NULL)
        return;
    add_bytes(p, name, strlen(name) + 1);
    if (type == SQLITE_INTEGER) {
        add_bits(p, (uint64_t)sqlite3_column_int64(row, column));
    } else if (type == SQLITE_FLOAT) {
        const double value = sqlite3_column_double(row, column);
        uint64_t bits;
        memcpy(&bits, &value, sizeof bits);
        add_bits(p, bits);
    } else {
        const void *bytes = sqlite3_column_blob(row, column);
        const int size = sqlite3_column_bytes(row, column);
        add_bits(p, (uint64_t)size);
        if (bytes)
            add_bytes(p, bytes, (size_t)size);
    }
}

static int add_part(prover *p, size_t part, int64_t run)
{
    sqlite3_stmt *rows = p->rows[part];
    int code = sqlite3_bind_int64(rows, 1, run);
    while (!code && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        code = SQLITE_OK;
        for (uint64_t left = p->hashed[part]; left; left &= left - 1)
            add_value(p, rows, __builtin_ctzll(left));
    }
    const int ended = sqlite3_reset(rows);
    return code == SQLITE_DONE ? ended : code;
}

static int hash_run(prover *p, int64_t run, char hex[LN_SHA256_HEX])
{
    p->hash = ln_sha256_open();
    int code = p->hash ? SQLITE_OK : SQLITE_NOMEM;
    for (size_t i = 0; i < PARTS && !code; i++)
        code = add_part(p, i, run);
    flush(p);
    ln_sha256_close(p->hash, hex);
    return code || *hex ? code : SQLITE_NOMEM;
}

int lab_prove_run(sqlite3 *database, int64_t run)
{
    char hex[LN_SHA256_HEX];
    sqlite3_stmt *update = NULL;
    prover p;
    int code = open_prover(&p, database);
    if (!code)
        code = hash_run(&p, run, hex);
    close_prover(&p);
    if (!code)
        code = sqlite3_prepare_v2(
            database, "UPDATE run SET proof = iif(state IN ('finished', 'diverged'), ?1, NULL) WHERE id = ?2", -1,
            &update, NULL);
    if (!code)
        code = sqlite3_bind_text(update, 1, hex, -1, SQLITE_STATIC);
    if (!code)
        code = sqlite3_bind_int64(update, 2, run);
    if (!code)
        sqlite3_step(update);
    const int ended = sqlite3_finalize(update);
    return code ? code : ended;
}

/* Compares the runs one by one. */
static int find_wrong(prover *p, sqlite3_stmt *runs, int64_t *wrong)
{
    int code = SQLITE_OK;
    while (!code && !*wrong && (code = sqlite3_step(runs)) == SQLITE_ROW) {
        char hex[LN_SHA256_HEX];
        const char *proof = (const char *)sqlite3_column_text(runs, 1);
        code = proof ? hash_run(p, sqlite3_column_int64(runs, 0), hex) : SQLITE_NOMEM;
        if (!code && strcmp(proof, hex) != 0)
            *wrong = sqlite3_column_int64(runs, 0);
    }
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

int lab_check_proofs(sqlite3 *database, int64_t *wrong)
{
    sqlite3_stmt *runs = NULL;
    prover p = {.hash = NULL};
    *wrong = 0;
    int code = sqlite3_exec(database, "BEGIN", NULL, NULL, NULL); /* one state of a database that others write */
    if (code)
        return code;
    code =
        sqlite3_prepare_v2(database, "SELECT id, proof FROM run WHERE proof IS NOT NULL ORDER BY id", -1, &runs, NULL);
    if (!code)
        code = open_prover(&p, database);
    if (!code)
        code = find_wrong(&p, runs, wrong);
    close_prover(&p);
    sqlite3_finalize(runs);
    sqlite3_exec(database, "COMMIT", NULL, NULL, NULL);
    return code;
}
