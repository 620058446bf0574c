/* SPDX-License-Identifier: MIT */
/* page-summary.c - what came out, on the first screen; see page-parts.h. */
#include "lab/report/document.h"
#include "lab/report/markup.h"
#include "lab/report/page-parts.h"
#include "lab/report/svg.h"

#include <string.h>

static void write_card(lab_text *out, const lab_card *card)
{
    lab_append(out, "<li><a class=\"card\" href=\"#%s\"><b>", card->anchor);
    lab_append_html(out, card->title);
    lab_append(out, "</b><span class=\"mean\">%s</span> <span class=\"spread\">", card->mean);
    lab_append_html(out, card->spread);
    lab_append(out, "</span>");
    lab_write_sparkline(out, card->curve, card->count, "Accuracy by epoch");
    lab_append(out, "<span class=\"about\">");
    lab_append_html(out, card->about);
    lab_append(out, "</span></a></li>\n");
}

static void write_chip(lab_text *out, const lab_part *part)
{
    const char *name = lab_ruling_name(part->verdict->ruling);
    lab_append(out, "<li><a class=\"chip %s\" href=\"#%s\"><span class=\"ruling\">%s:</span> ", name, part->id, name);
    lab_append_html(out, part->verdict->claim);
    lab_append(out, "</a></li>\n");
}

/* Of a study without claims: what each section found. */
static void write_finding(lab_text *out, const lab_part *part)
{
    lab_append(out, "<li><a class=\"chip\" href=\"#%s\"><b>", part->id);
    lab_append_html(out, part->text + strcspn(part->text, " ") + 1); /* without its number */
    lab_append(out, ".</b> ");
    lab_append_html_prose(out, part->finding);
    lab_append(out, "</a></li>\n");
}

static bool is_chip(const lab_part *part, bool has_claims)
{
    if (has_claims)
        return part->kind == LAB_PART_VERDICT;
    return part->kind == LAB_PART_HEADING && part->level == 2 && part->finding && part->rank != LAB_RANK_ASIDE;
}

static void write_chips(lab_text *out, const lab_document *document)
{
    const bool has_claims = lab_document_verdict(document, 0) != NULL;
    bool has_any = false;
    for (size_t i = 0; i < document->count; i++) {
        const lab_part *part = &document->parts[i];
        if (!is_chip(part, has_claims))
            continue;
        lab_append(out, has_any ? "" : "<ul class=\"chips\" aria-label=\"What was found\">\n");
        (has_claims ? write_chip : write_finding)(out, part);
        has_any = true;
    }
    lab_append(out, has_any ? "</ul>\n" : "");
}

void lab_write_summary(lab_text *out, const lab_document *document)
{
    if (document->headline) {
        lab_append(out, "<p class=\"headline\">");
        lab_append_html_prose(out, document->headline);
        lab_append(out, "</p>\n");
    }
    if (document->card_count)
        lab_append(out, "<ul class=\"cards\" aria-label=\"Accuracy on each data set\">\n");
    for (size_t i = 0; i < document->card_count; i++)
        write_card(out, &document->cards[i]);
    lab_append(out, document->card_count ? "</ul>\n" : "");
    write_chips(out, document);
}
