/* SPDX-License-Identifier: MIT */
/*
 * pickle.h - Python's pickles as data: what lies in them, and nothing that they ask to be done.
 *
 * A pickle is a program for a stack machine that may call anything. Here it only builds values: None,
 * numbers, texts, lists, tuples, dictionaries, and NumPy's arrays of bytes as what they are made of. Every
 * other name that it asks for ends the reading. Always: the work is bounded by the length of the file, and
 * nothing is executed.
 */
#ifndef LENET_DATA_PICKLE_H
#define LENET_DATA_PICKLE_H

#include "lenet/lenet.h"

typedef enum ln_pickled {
    LN_PICKLED_OTHER,      /* None, real numbers */
    LN_PICKLED_WHOLE,      /* true and false too */
    LN_PICKLED_BYTES,      /* bytes or text */
    LN_PICKLED_LIST,       /* lists and tuples */
    LN_PICKLED_DICTIONARY, /* keys and values in turn */
    LN_PICKLED_GLOBAL,     /* a name, as bytes "module name" */
    /* what a call of a name would give: the name, the arguments, and after a BUILD the state */
    LN_PICKLED_CALL,
    LN_PICKLED_MARK, /* inside the machine alone */
} ln_pickled;

typedef struct ln_value ln_value;
typedef struct ln_item {
    const ln_value *value;
    struct ln_item *next;
} ln_item;
struct ln_value {
    ln_pickled kind;
    int64_t whole;
    const unsigned char *bytes; /* in the file */
    size_t size;                /* of the bytes; else of the items */
    ln_item *first, *last;
};

typedef struct ln_pickle {
    const ln_value *value; /* what the file holds */
    struct ln_pickle_block *blocks;
} ln_pickle;

/*
 * `data` must outlive the values. LENET_INPUT: damaged, or it asks for what is not read; the error names it.
 */
lenet_status ln_pickle_parse(ln_pickle *pickle, const char *path, const unsigned char *data, size_t size,
                             lenet_error *error);
void ln_pickle_close(ln_pickle *pickle);

/* The value of a dictionary's key; NULL: it is no dictionary or has no such key. */
const ln_value *ln_pickle_find(const ln_value *dictionary, const char *key);

/* Item `index` of a list, a tuple or a call; NULL: there is none. */
const ln_value *ln_pickle_item(const ln_value *list, size_t index);

int ln_pickle_is(const ln_value *value, const char *text);

#endif
