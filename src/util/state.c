/* SPDX-License-Identifier: MIT */
/* state.c - see state.h. */
#include "util/state.h"

#include "util/error.h"
#include "util/memory.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    size_t size;
} types[] = {[LN_U8] = {"U8", 1},   [LN_I32] = {"I32", 4}, [LN_U32] = {"U32", 4}, [LN_I64] = {"I64", 8},
             [LN_U64] = {"U64", 8}, [LN_F32] = {"F32", 4}, [LN_F64] = {"F64", 8}};

size_t ln_type_size(ln_type type) { return types[type].size; }
const char *ln_type_name(ln_type type) { return types[type].name; }

static int has_room(ln_state *state)
{
    if (state->count < state->capacity)
        return 1;
    const size_t capacity = 2 * state->capacity + 32;
    ln_piece *pieces = ln_alloc(capacity, sizeof *pieces);
    if (!pieces)
        return 0;
    if (state->count)
        memcpy(pieces, state->pieces, state->count * sizeof *pieces);
    ln_free(state->pieces);
    state->pieces = pieces;
    state->capacity = capacity;
    return 1;
}

static void add(ln_state *state, const char *name, ln_piece piece)
{
    for (size_t i = 0; i < state->count; i++)
        assert(strcmp(state->pieces[i].name, name));
    assert(strlen(name) < sizeof piece.name);
    if (!has_room(state)) {
        state->lacks_memory = 1;
        return;
    }
    snprintf(piece.name, sizeof piece.name, "%s", name);
    piece.bytes = ln_type_size(piece.type);
    for (int i = 0; i < piece.rank; i++)
        piece.bytes *= piece.shape[i];
    state->pieces[state->count++] = piece;
}

void ln_state_add_row(ln_state *state, const char *name, ln_type type, void *memory, size_t count)
{
    add(state, name, (ln_piece){.type = type, .rank = 1, .shape = {count}, .memory = memory});
}

void ln_state_add_tensor(ln_state *state, const char *name, ln_type type, void *memory, int rank, const int *shape)
{
    ln_piece piece = {.type = type, .rank = rank, .memory = memory};
    for (int i = 0; i < rank; i++)
        piece.shape[i] = (size_t)shape[i];
    add(state, name, piece);
}

lenet_status ln_state_check(const ln_state *state, lenet_error *error)
{
    return state->lacks_memory
               ? ln_fail_memory(error, "the list of what a checkpoint holds", state->count * sizeof(ln_piece))
               : LENET_OK;
}

void ln_state_cut(ln_state *state, size_t count) { state->count = count; }

void ln_state_close(ln_state *state)
{
    ln_free(state->pieces);
    memset(state, 0, sizeof *state);
}
