/* SPDX-License-Identifier: MIT */
/*
 * pickle.c - see pickle.h. Opcodes are those of Python's pickletools, protocols 1 to 5, as far as arrays,
 * lists and texts need them.
 */
#include "data/pickle.h"

#include "util/error.h"
#include "util/memory.h"

#include <string.h>

/* CIFAR-100, the largest that is known, takes 20 MB for its values. */
enum { BLOCK = 64 * 1024, MOST_BLOCKS = 2048, MOST_BYTES = 1 << 30, MOST_MEMOS = 1 << 22, MOST_DEPTH = 1 << 22 };

struct ln_pickle_block {
    struct ln_pickle_block *next;
    size_t used;
    unsigned char room[BLOCK];
};

/* An array of values that grows. */
typedef struct values {
    ln_value **value;
    size_t count, room;
} values;

typedef struct machine {
    const char *path;
    const unsigned char *at, *end;
    ln_pickle *pickle;
    int blocks;
    values stack, memo;
    lenet_error *error;
    lenet_status status; /* of the first failure */
} machine;

/* ------------------------------------------------------------------------------------------------------- failures */

static ln_value *fail(machine *m, lenet_status status, const char *why)
{
    if (!m->status)
        m->status = ln_fail(m->error, status, "%s: %s", m->path, why);
    return NULL;
}

static ln_value *fail_damaged(machine *m) { return fail(m, LENET_INPUT, "damaged or truncated pickle"); }

static ln_value *fail_memory(machine *m) { return fail(m, LENET_FAILURE, "out of memory"); }

/* --------------------------------------------------------------------------------------------------------- memory */

static void *take_room(machine *m, size_t size)
{
    struct ln_pickle_block *block = m->pickle->blocks;
    if (!block || BLOCK - block->used < size) {
        if (m->blocks++ == MOST_BLOCKS)
            return fail(m, LENET_INPUT, "a pickle of too many values for a batch of images");
        block = ln_alloc(1, sizeof *block);
        if (!block)
            return fail_memory(m);
        block->next = m->pickle->blocks;
        m->pickle->blocks = block;
    }
    void *taken = block->room + block->used;
    block->used += (size + 15) / 16 * 16;
    block->used = block->used < BLOCK ? block->used : BLOCK;
    return taken;
}

static ln_value *make(machine *m, ln_pickled kind)
{
    ln_value *made = take_room(m, sizeof *made);
    if (made)
        made->kind = kind;
    return made;
}

static int put_value(machine *m, values *v, size_t place, size_t most, ln_value *value)
{
    if (place >= most)
        return fail_damaged(m), 0;
    if (place >= v->room) {
        const size_t room = 2 * place + 64;
        ln_value **more = ln_alloc(room, sizeof(ln_value *));
        if (!more)
            return fail_memory(m), 0;
        if (v->count)
            memcpy(more, v->value, v->count * sizeof(ln_value *));
        ln_free(v->value);
        v->value = more, v->room = room;
    }
    v->value[place] = value;
    v->count = place < v->count ? v->count : place + 1;
    return 1;
}

static void push(machine *m, ln_value *value)
{
    if (value)
        put_value(m, &m->stack, m->stack.count, MOST_DEPTH, value);
}

static ln_value *pop(machine *m) { return m->stack.count ? m->stack.value[--m->stack.count] : fail_damaged(m); }

static ln_value *top(machine *m) { return m->stack.count ? m->stack.value[m->stack.count - 1] : fail_damaged(m); }

static void append(machine *m, ln_value *list, ln_value *value)
{
    if (!list || !value)
        return;
    ln_item *item = take_room(m, sizeof *item);
    if (!item)
        return;
    *item = (ln_item){value, NULL};
    if (list->last)
        list->last->next = item;
    else
        list->first = item;
    list->last = item;
    list->size++;
}

/* ---------------------------------------------------------------------------------------------------- the opcodes */

/* `count` bytes of the file; NULL: there are fewer. */
static const unsigned char *take(machine *m, size_t count)
{
    if ((size_t)(m->end - m->at) < count) {
        fail_damaged(m);
        return NULL;
    }
    m->at += count;
    return m->at - count;
}

static uint64_t take_number(machine *m, int bytes)
{
    const unsigned char *from = take(m, (size_t)bytes);
    uint64_t number = 0;
    for (int i = bytes - 1; from && i >= 0; i--)
        number = number << 8 | from[i];
    return number;
}

static void push_whole(machine *m, int64_t whole)
{
    ln_value *made = make(m, LN_PICKLED_WHOLE);
    if (made)
        made->whole = whole;
    push(m, made);
}

/* A whole number of so many bytes, in two's complement; longer ones are no label and no length. */
static void push_long(machine *m, uint64_t bytes)
{
    if (bytes > 8) {
        fail_damaged(m);
        return;
    }
    const uint64_t number = take_number(m, (int)bytes), sign = bytes ? (uint64_t)1 << (8 * bytes - 1) : 0;
    push_whole(m, (int64_t)(bytes && bytes < 8 && number & sign ? number | ~(uint64_t)0 << 8 * bytes : number));
}

static void push_bytes(machine *m, uint64_t size)
{
    const unsigned char *bytes = size > MOST_BYTES ? fail_damaged(m), NULL : take(m, (size_t)size);
    ln_value *made = bytes ? make(m, LN_PICKLED_BYTES) : NULL;
    if (made)
        made->bytes = bytes, made->size = (size_t)size;
    push(m, made);
}

/*
 * What is above the last mark, which goes away: the number of values; they stay where they are, from *first
 * on.
 */
static size_t take_marked(machine *m, ln_value ***first)
{
    size_t at = m->stack.count;
    while (at && m->stack.value[at - 1]->kind != LN_PICKLED_MARK)
        at--;
    if (!at)
        return fail_damaged(m), 0;
    const size_t count = m->stack.count - at;
    *first = m->stack.value + at;
    m->stack.count = at - 1;
    return count;
}

static void push_items(machine *m, ln_pickled kind, ln_value **items, size_t count)
{
    ln_value *made = make(m, kind);
    for (size_t i = 0; i < count; i++)
        append(m, made, items[i]);
    push(m, made);
}

static void push_marked(machine *m, ln_pickled kind)
{
    ln_value **items = NULL;
    const size_t count = take_marked(m, &items);
    if (!m->status)
        push_items(m, kind, items, count);
}

static void push_tuple(machine *m, size_t count)
{
    if (m->stack.count < count) {
        fail_damaged(m);
        return;
    }
    m->stack.count -= count;
    push_items(m, LN_PICKLED_LIST, m->stack.value + m->stack.count, count);
}

/* Appends what is above the mark to the container below it. */
static void append_marked(machine *m, ln_pickled kind)
{
    ln_value **items = NULL;
    const size_t count = take_marked(m, &items);
    ln_value *list = m->status ? NULL : top(m);
    if (list && list->kind != kind)
        fail_damaged(m);
    for (size_t i = 0; i < count && !m->status; i++)
        append(m, list, items[i]);
}

/* The last value, or two, into the container below. */
static void append_last(machine *m, ln_pickled kind, int count)
{
    ln_value *items[2] = {NULL, NULL};
    for (int i = count - 1; i >= 0; i--)
        items[i] = pop(m);
    ln_value *list = m->status ? NULL : top(m);
    if (list && list->kind != kind)
        fail_damaged(m);
    for (int i = 0; i < count && !m->status; i++)
        append(m, list, items[i]);
}

/* What may be named: the parts of arrays. */
static void push_global(machine *m, const unsigned char *module, size_t module_size, const unsigned char *name,
                        size_t name_size)
{
    static const char *const allowed[] = {"numpy ndarray",
                                          "numpy dtype",
                                          "numpy.core.multiarray _reconstruct",
                                          "numpy._core.multiarray _reconstruct",
                                          "numpy.core.numeric _frombuffer",
                                          "numpy._core.numeric _frombuffer",
                                          NULL};
    for (const char *const *at = allowed; *at; at++) {
        const size_t length = strlen(*at), split = strcspn(*at, " ");
        if (split != module_size || length - split - 1 != name_size || memcmp(*at, module, module_size) != 0 ||
            memcmp(*at + split + 1, name, name_size) != 0)
            continue;
        ln_value *made = make(m, LN_PICKLED_GLOBAL);
        if (made)
            made->bytes = (const unsigned char *)*at, made->size = length;
        push(m, made);
        return;
    }
    if (!m->status)
        m->status =
            ln_fail(m->error, LENET_INPUT,
                    "%s: asks for '%.*s.%.*s', which is not executed; read are lists, texts and arrays of numbers",
                    m->path, (int)(module_size < 40 ? module_size : 40), (const char *)module,
                    (int)(name_size < 40 ? name_size : 40), (const char *)name);
}

/* A line without its end. */
static const unsigned char *take_line(machine *m, size_t *size)
{
    const unsigned char *begin = m->at, *end = memchr(m->at, '\n', (size_t)(m->end - m->at));
    if (!end) {
        fail_damaged(m);
        return NULL;
    }
    m->at = end + 1;
    *size = (size_t)(end - begin);
    return begin;
}

static void push_named_global(machine *m)
{
    size_t module_size = 0, name_size = 0;
    const unsigned char *module = take_line(m, &module_size), *name = module ? take_line(m, &name_size) : NULL;
    if (name)
        push_global(m, module, module_size, name, name_size);
}

static void push_stacked_global(machine *m)
{
    const ln_value *name = pop(m), *module = pop(m);
    if (!m->status && name->kind == LN_PICKLED_BYTES && module->kind == LN_PICKLED_BYTES)
        push_global(m, module->bytes, module->size, name->bytes, name->size);
    else
        fail_damaged(m);
}

static void push_call(machine *m)
{
    ln_value *arguments = pop(m), *name = pop(m);
    if (m->status || name->kind != LN_PICKLED_GLOBAL || arguments->kind != LN_PICKLED_LIST) {
        fail_damaged(m);
        return;
    }
    push_items(m, LN_PICKLED_CALL, (ln_value *[]){name, arguments}, 2);
}

static void build(machine *m)
{
    ln_value *state = pop(m), *object = m->status ? NULL : top(m);
    if (!object || object->kind != LN_PICKLED_CALL || object->size != 2)
        fail_damaged(m);
    else
        append(m, object, state);
}

static void remember(machine *m, uint64_t place)
{
    ln_value *value = top(m);
    if (value && place < MOST_MEMOS)
        put_value(m, &m->memo, (size_t)place, MOST_MEMOS, value);
    else
        fail_damaged(m);
}

static void recall(machine *m, uint64_t place)
{
    if (place < m->memo.count && m->memo.value[place])
        push(m, m->memo.value[place]);
    else
        fail_damaged(m);
}

/* Opcodes of numbers and texts. 0: it is none of them. */
static int do_scalar(machine *m, int code)
{
    switch (code) {
    case 'N': push(m, make(m, LN_PICKLED_OTHER)); return 1;
    case 0x88: push_whole(m, 1); return 1;
    case 0x89: push_whole(m, 0); return 1;
    case 'K': push_whole(m, (int64_t)take_number(m, 1)); return 1;
    case 'M': push_whole(m, (int64_t)take_number(m, 2)); return 1;
    case 'J': push_long(m, 4); return 1;
    case 0x8a: push_long(m, take_number(m, 1)); return 1;
    case 0x8b: push_long(m, take_number(m, 4)); return 1;
    case 'G': take(m, 8), push(m, make(m, LN_PICKLED_OTHER)); return 1;
    case 'U':
    case 'C':
    case 0x8c: push_bytes(m, take_number(m, 1)); return 1;
    case 'T':
    case 'B':
    case 'X': push_bytes(m, take_number(m, 4)); return 1;
    case 0x8d:
    case 0x8e:
    case 0x96: push_bytes(m, take_number(m, 8)); return 1;
    default: return 0;
    }
}

/* Opcodes of the stack, of containers and of names. 0: it is none of them. */
static int do_structure(machine *m, int code)
{
    switch (code) {
    case '(': push(m, make(m, LN_PICKLED_MARK)); return 1;
    case '0': pop(m); return 1;
    case ']':
    case ')': push(m, make(m, LN_PICKLED_LIST)); return 1;
    case '}': push(m, make(m, LN_PICKLED_DICTIONARY)); return 1;
    case 'l':
    case 't': push_marked(m, LN_PICKLED_LIST); return 1;
    case 'd': push_marked(m, LN_PICKLED_DICTIONARY); return 1;
    case 0x85:
    case 0x86:
    case 0x87: push_tuple(m, (size_t)(code - 0x84)); return 1;
    case 'a': append_last(m, LN_PICKLED_LIST, 1); return 1;
    case 's': append_last(m, LN_PICKLED_DICTIONARY, 2); return 1;
    case 'e': append_marked(m, LN_PICKLED_LIST); return 1;
    case 'u': append_marked(m, LN_PICKLED_DICTIONARY); return 1;
    case 'q': remember(m, take_number(m, 1)); return 1;
    case 'r': remember(m, take_number(m, 4)); return 1;
    case 0x94: remember(m, m->memo.count); return 1;
    case 'h': recall(m, take_number(m, 1)); return 1;
    case 'j': recall(m, take_number(m, 4)); return 1;
    case 'c': push_named_global(m); return 1;
    case 0x93: push_stacked_global(m); return 1;
    case 'R': push_call(m); return 1;
    case 'b': build(m); return 1;
    case 0x80: take(m, 1); return 1;
    case 0x95: take(m, 8); return 1;
    default: return 0;
    }
}

static void interpret(machine *m)
{
    while (!m->status) {
        const unsigned char *code = take(m, 1);
        if (!code || *code == '.')
            break;
        if (do_scalar(m, *code) || do_structure(m, *code))
            continue;
        m->status = ln_fail(m->error, LENET_INPUT,
                            "%s: no pickle of arrays, lists and texts: its opcode %02x is not read", m->path, *code);
    }
    if (!m->status && (m->stack.count != 1 || m->at != m->end))
        fail_damaged(m);
}

lenet_status ln_pickle_parse(ln_pickle *pickle, const char *path, const unsigned char *data, size_t size,
                             lenet_error *error)
{
    ln_pickle made = {NULL, NULL};
    machine m = {.path = path, .at = data, .end = data + size, .pickle = &made, .error = error};
    interpret(&m);
    if (!m.status)
        made.value = m.stack.value[0];
    ln_free(m.stack.value);
    ln_free(m.memo.value);
    if (m.status)
        ln_pickle_close(&made);
    else
        *pickle = made;
    return m.status;
}

void ln_pickle_close(ln_pickle *pickle)
{
    while (pickle->blocks) {
        struct ln_pickle_block *block = pickle->blocks;
        pickle->blocks = block->next;
        ln_free(block);
    }
    pickle->value = NULL;
}

/* --------------------------------------------------------------------------------------------------------- values */

int ln_pickle_is(const ln_value *value, const char *text)
{
    return value && (value->kind == LN_PICKLED_BYTES || value->kind == LN_PICKLED_GLOBAL) &&
           value->size == strlen(text) && !memcmp(value->bytes, text, value->size);
}

const ln_value *ln_pickle_find(const ln_value *dictionary, const char *key)
{
    if (!dictionary || dictionary->kind != LN_PICKLED_DICTIONARY)
        return NULL;
    for (const ln_item *item = dictionary->first; item && item->next; item = item->next->next)
        if (ln_pickle_is(item->value, key))
            return item->next->value;
    return NULL;
}

const ln_value *ln_pickle_item(const ln_value *list, size_t index)
{
    if (!list || (list->kind != LN_PICKLED_LIST && list->kind != LN_PICKLED_CALL))
        return NULL;
    const ln_item *item = list->first;
    for (; item && index; item = item->next)
        index--;
    return item ? item->value : NULL;
}
