/* SPDX-License-Identifier: MIT */
/*
 * state.h - what a run needs to be resumed, as a list of named pieces of memory that others own. Code that
 * keeps data from one step or epoch to the next adds it here once, when it is opened; a checkpoint writes the
 * pieces and fills them again. Random numbers need no piece: they are functions of seed and place (random.h).
 *
 * Always: a piece is numbers of one type, so that a file of them means the same on every machine and to other
 * tools.
 */
#ifndef LENET_UTIL_STATE_H
#define LENET_UTIL_STATE_H

#include "lenet/lenet.h"

typedef enum ln_type { LN_U8, LN_I32, LN_U32, LN_I64, LN_U64, LN_F32, LN_F64, LN_TYPES } ln_type;

typedef struct ln_piece {
    char name[80]; /* "adam.m.conv1.weight" */
    ln_type type;
    int rank;
    size_t shape[4];
    void *memory;
    size_t bytes;
} ln_piece;

/* Zero-initialised: empty. */
typedef struct ln_state {
    ln_piece *pieces;
    size_t count, capacity;
    int lacks_memory;
} ln_state;

/*
 * Adds `count` numbers at `memory`, whose C type says what they are (a struct is refused by the compiler: add
 * its members). The memory must stay where it is. Names are unique. Lack of memory is kept for
 * ln_state_check.
 */
#define ln_state_add(state, name, memory, count) ln_state_add_row(state, name, LN_TYPE_OF(memory), memory, count)
#define LN_TYPE_OF(memory) \
    _Generic((memory),              \
        uint8_t *: LN_U8,           \
        int *: LN_I32,              \
        uint32_t *: LN_U32,         \
        int64_t *: LN_I64,          \
        uint64_t *: LN_U64,         \
        float *: LN_F32,            \
        double *: LN_F64)

void ln_state_add_row(ln_state *state, const char *name, ln_type type, void *memory, size_t count);

/* Adds a tensor: numbers in row-major order. */
void ln_state_add_tensor(ln_state *state, const char *name, ln_type type, void *memory, int rank, const int *shape);

/* LENET_FAILURE if a piece could not be added. */
lenet_status ln_state_check(const ln_state *state, lenet_error *error);

/* Forgets all but the first `count` pieces: those added for one writing or reading alone. */
void ln_state_cut(ln_state *state, size_t count);

void ln_state_close(ln_state *state);

/* Bytes of one number; its name in safetensors files: "F32". */
size_t ln_type_size(ln_type type);
const char *ln_type_name(ln_type type);

#endif
