/* SPDX-License-Identifier: MIT */
/* yaml.c - libyaml's events become a tree; what is not wanted is refused where it is met. */
#include "lab/text/yaml.h"

#include "util/error.h"
#include "util/file.h"
#include "util/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { MOST_LEVELS = 64, MOST_BYTES = 1 << 26 };

typedef struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the one at hand; owned */
    const char *name;   /* of the file */
    lenet_error *error;
} reader;

static lenet_status refuse(const reader *r, int line, const char *why)
{
    return ln_fail(r->error, LENET_INPUT, "%s:%d: %s", r->name, line, why);
}

static lenet_status no_memory(const reader *r)
{
    return ln_fail(r->error, LENET_FAILURE, "%s: out of memory", r->name);
}

static int line_of(const reader *r) { return (int)r->event.start_mark.line + 1; }

static lenet_status refuse_syntax(const reader *r)
{
    const yaml_parser_t *p = &r->parser;
    char why[256];
    if (p->error == YAML_MEMORY_ERROR)
        return no_memory(r);
    snprintf(why, sizeof why, "%s%s%s", p->context ? p->context : "", p->context ? ": " : "",
             p->problem ? p->problem : "not YAML");
    return refuse(r, (int)(p->error == YAML_READER_ERROR ? p->mark.line : p->problem_mark.line) + 1, why);
}

static lenet_status next(reader *r)
{
    yaml_event_delete(&r->event);
    return yaml_parser_parse(&r->parser, &r->event) ? LENET_OK : refuse_syntax(r);
}

/* The scalar at hand as a string of ours. */
static lenet_status take_text(const reader *r, char **text)
{
    const char *value = (const char *)r->event.data.scalar.value;
    const size_t length = r->event.data.scalar.length;
    if (memchr(value, '\0', length))
        return refuse(r, line_of(r), "a NUL character in a text");
    *text = malloc(length + 1);
    if (!*text)
        return no_memory(r);
    memcpy(*text, value, length);
    (*text)[length] = '\0';
    return LENET_OK;
}

static bool means_null(const yaml_event_t *event)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    for (size_t i = 0; event->data.scalar.plain_implicit && i < sizeof words / sizeof words[0]; i++)
        if (!strcmp((const char *)event->data.scalar.value, words[i]))
            return true;
    return false;
}

static lab_yaml *add_item(lab_yaml *node)
{
    if (!(node->count & (node->count - 1))) { /* a power of two or 0: full */
        lab_yaml *items = realloc(node->items, (node->count ? 2 * node->count : 1) * sizeof *items);
        if (!items)
            return NULL;
        node->items = items;
    }
    lab_yaml *item = &node->items[node->count++];
    *item = (lab_yaml){.kind = LAB_YAML_SCALAR};
    return item;
}

static lenet_status read_node(reader *r, lab_yaml *node, int level);

/* The key at hand and its value. */
static lenet_status read_pair(reader *r, lab_yaml *map, int level)
{
    char *key = NULL, why[160];
    const int line = line_of(r);
    if (r->event.type != YAML_SCALAR_EVENT)
        return refuse(r, line, "a key must be a word");
    lenet_status status = take_text(r, &key);
    if (status)
        return status;
    const lab_yaml *before = lab_yaml_find(map, key);
    if (before) {
        snprintf(why, sizeof why, "'%.60s' is here twice, first in line %d", key, before->line);
        free(key);
        return refuse(r, line, why);
    }
    lab_yaml *item = add_item(map);
    if (!item) {
        free(key);
        return no_memory(r);
    }
    item->key = key;
    status = next(r);
    if (!status)
        status = read_node(r, item, level);
    item->line = line;
    return status;
}

static lenet_status read_items(reader *r, lab_yaml *node, int level)
{
    const yaml_event_type_t end = node->kind == LAB_YAML_MAP ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
    if (level > MOST_LEVELS)
        return refuse(r, line_of(r), "more than 64 levels");
    for (;;) {
        lenet_status status = next(r);
        if (status || r->event.type == end)
            return status;
        if (node->kind == LAB_YAML_MAP) {
            status = read_pair(r, node, level);
        } else {
            lab_yaml *item = add_item(node);
            status = item ? read_node(r, item, level) : no_memory(r);
        }
        if (status)
            return status;
    }
}

static bool has_anchor(const yaml_event_t *e)
{
    return e->type == YAML_ALIAS_EVENT || (e->type == YAML_SCALAR_EVENT && e->data.scalar.anchor) ||
           (e->type == YAML_SEQUENCE_START_EVENT && e->data.sequence_start.anchor) ||
           (e->type == YAML_MAPPING_START_EVENT && e->data.mapping_start.anchor);
}

/* The node that the event at hand begins; leaves its last event at hand. Levels end at MOST_LEVELS. */
static lenet_status read_node(reader *r, lab_yaml *node, int level)
{
    node->line = line_of(r);
    if (has_anchor(&r->event))
        return refuse(r, node->line,
                      "anchors (&) and aliases (*) are not read; write the value out, or put it in quotes");
    if (r->event.type == YAML_SCALAR_EVENT) {
        node->is_null = means_null(&r->event);
        return take_text(r, &node->text);
    }
    node->kind = r->event.type == YAML_MAPPING_START_EVENT ? LAB_YAML_MAP : LAB_YAML_LIST;
    return read_items(r, node, level + 1);
}

/* From the start of the stream to its end. A file without a document is a null. */
static lenet_status read_stream(reader *r, lab_yaml *root)
{
    lenet_status status = next(r);
    if (!status)
        status = next(r);
    if (status)
        return status;
    if (r->event.type == YAML_STREAM_END_EVENT) {
        *root = (lab_yaml){.line = 1, .is_null = true, .text = calloc(1, 1)};
        return root->text ? LENET_OK : no_memory(r);
    }
    status = next(r);
    if (!status)
        status = read_node(r, root, 0);
    if (!status)
        status = next(r); /* the end of the document */
    if (!status)
        status = next(r);
    if (!status && r->event.type != YAML_STREAM_END_EVENT)
        status = refuse(r, line_of(r), "a second document; one file is one document");
    return status;
}

lenet_status lab_yaml_parse(lab_yaml **out, const char *name, const char *text, size_t size, lenet_error *error)
{
    reader r = {.name = name, .error = error};
    lab_yaml *root = calloc(1, sizeof *root);
    if (!root || !yaml_parser_initialize(&r.parser)) {
        free(root);
        return no_memory(&r);
    }
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, size);
    const lenet_status status = read_stream(&r, root);
    yaml_event_delete(&r.event);
    yaml_parser_delete(&r.parser);
    if (status)
        lab_yaml_close(&root);
    else
        *out = root;
    return status;
}

lenet_status lab_yaml_read(lab_yaml **root, const char *path, lenet_error *error)
{
    unsigned char *text = NULL;
    size_t size = 0;
    lenet_status status = ln_read_file(path, MOST_BYTES, &text, &size, error);
    if (!status)
        status = lab_yaml_parse(root, path, (const char *)text, size, error);
    ln_free(text);
    return status;
}

static void free_items(lab_yaml *node)
{
    for (size_t i = 0; i < node->count; i++)
        free_items(&node->items[i]);
    free(node->items);
    free(node->key);
    free(node->text);
}

void lab_yaml_close(lab_yaml **root)
{
    if (*root)
        free_items(*root);
    free(*root);
    *root = NULL;
}

const lab_yaml *lab_yaml_find(const lab_yaml *map, const char *key)
{
    for (size_t i = 0; map && map->kind == LAB_YAML_MAP && i < map->count; i++)
        if (!strcmp(map->items[i].key, key))
            return &map->items[i];
    return NULL;
}
