/* SPDX-License-Identifier: MIT */
/*
 * page-contents.c - the list of sections of report.html, and the script that marks where the reader is; see
 * page-parts.h.
 */
#include "lab/report/markup.h"
#include "lab/report/page-parts.h"

#include <string.h>

const char lab_page_script[] =
    "(()=>{const links=[...document.querySelectorAll('.side "
    "a')],heads=links.map(a=>document.getElementById(a.hash.slice(1)));let was;"
    "const mark=()=>{let at=-1;heads.forEach((h,i)=>{if(h.getBoundingClientRect().top<innerHeight/4)at=i});"
    "if(links[at]===was)return;was&&was.removeAttribute('aria-current');was=links[at];"
    "if(was){was.setAttribute('aria-current','location');was.scrollIntoView({block:'nearest'})}};"
    "const open=()=>{const "
    "to=document.getElementById(location.hash.slice(1)),fold=to&&to.closest('details');if(fold)fold.open=true};"
    "addEventListener('scroll',mark,{passive:true});addEventListener('hashchange',open);mark();open()})();";

static bool ends_in(const lab_text *out, const char *text)
{
    const size_t length = strlen(text);
    return out->used >= length && !memcmp(out->data + out->used - length, text, length);
}

/* Sections, and in each its parts. */
static void write_list(lab_text *out, const lab_document *document)
{
    int level = 1;
    for (size_t i = 0; i < document->count; i++) {
        const lab_part *part = &document->parts[i];
        if (part->kind != LAB_PART_HEADING || part->level > 3)
            continue;
        for (; level < part->level; level++)
            lab_append(out, level + 1 < part->level ? "<ol><li>" : "<ol>");
        for (; level > part->level; level--)
            lab_append(out, "</li></ol>");
        lab_append(out, "%s<li><a href=\"#%s\">", ends_in(out, "<ol>") ? "" : "</li>\n", part->id);
        lab_append_html(out, part->text);
        lab_append(out, "</a>");
    }
    for (; level > 1; level--)
        lab_append(out, "</li></ol>");
}

void lab_write_side_contents(lab_text *out, const lab_document *document)
{
    lab_append(out, "<nav class=\"side\" tabindex=\"0\" aria-label=\"Contents\">");
    write_list(out, document);
    lab_append(out, "</nav>\n");
}

void lab_write_folded_contents(lab_text *out, const lab_document *document)
{
    lab_append(out, "<nav class=\"folded\" aria-label=\"Contents\"><details><summary>Contents</summary>");
    write_list(out, document);
    lab_append(out, "</details></nav>\n");
}
