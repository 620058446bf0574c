/* SPDX-License-Identifier: MIT */
/*
 * page-style.c - the style sheet of report.html; see page-parts.h. One column holds text, tables and figures;
 * from 1100 px the contents stand beside it; below 640 px a row of a table becomes a list. In pieces, as a
 * compiler need not take longer texts.
 */
#include "lab/report/page-parts.h"

static const char colours[] =
    ":root{--paper:#fff;--ink:#1b1d20;--soft:#545b63;--line:#d9dde2;--tint:#f4f6f8;--link:#0a5a9c;--good:#00684c;--bad:"
    "#a33b00;"
    "--open:#545b63;--best:#e8f3ee;color-scheme:light dark}\n"
    "@media screen and "
    "(prefers-color-scheme:dark){:root{--paper:#14171a;--ink:#e4e6e9;--soft:#a3abb4;--line:#343a41;--tint:#1c2024;"
    "--link:#84bdec;--good:#4cc9a0;--bad:#f5a06c;--open:#a3abb4;--best:#1b2e28}}\n";

static const char text[] =
    "*{box-sizing:border-box}\n"
    "html{scroll-behavior:smooth;scroll-padding-top:1rem;-webkit-text-size-adjust:100%}\n"
    "@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}\n"
    "body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,'Segoe "
    "UI',Roboto,'Liberation "
    "Sans',Arial,sans-serif}\n"
    "a{color:var(--link);text-underline-offset:.15em}\n"
    ":focus-visible{outline:2px solid var(--link);outline-offset:2px}\n"
    ".skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.3rem "
    ".6rem;z-index:2}\n"
    ".column{max-width:48rem;margin:0 auto;padding:0 1.25rem}\n"
    "h1{text-wrap:balance;font-size:1.8rem;line-height:1.2;margin:1.6rem 0 .4rem;letter-spacing:-.01em}\n"
    "h2{font-size:1.4rem;line-height:1.25;margin:3.5rem 0 .8rem;padding-top:.9rem;border-top:2px solid var(--ink)}\n"
    "h3{font-size:1.15rem;line-height:1.3;margin:2.6rem 0 .6rem}\n"
    "h4{font-size:1rem;margin:2rem 0 .5rem}\n"
    "h1,h2,h3,h4{overflow-wrap:anywhere}\n"
    "p,.chip,figcaption{overflow-wrap:anywhere}p{margin:0 0 .9rem}\n"
    ".headline{color:var(--soft);margin-bottom:1rem}\n"
    ".finding{margin:0 0 1rem;padding:.1rem 0 .1rem .8rem;border-left:3px solid var(--link);font-weight:500}.finding "
    "p{margin:.2rem 0}\n"
    "code{font:.86em/1.5 ui-monospace,'SFMono-Regular',Menlo,Consolas,'Liberation "
    "Mono',monospace;overflow-wrap:anywhere}\n"
    "pre{margin:0 0 1.4rem;padding:.7rem .9rem;white-space:pre-wrap;background:var(--tint);border:1px solid "
    "var(--line);border-radius:4px}\n"
    ".note{margin:0 0 1.2rem;padding:.5rem .9rem;border-left:4px solid "
    "#e69f00;background:var(--tint);font-size:.88rem}\n"
    ".note p:last-child{margin:0}\n"
    "details{margin:0 0 1.2rem}\n"
    "summary{cursor:pointer;color:var(--link);font-size:.88rem;padding:.15rem 0;width:fit-content}\n"
    "footer{margin:3.5rem 0 2.5rem;padding-top:.9rem;border-top:1px solid "
    "var(--line);font-size:.82rem;color:var(--soft)}\n";

static const char summary[] =
    ".cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(12.5rem,1fr));gap:.75rem;margin:0 0 "
    "1rem;padding:0;list-style:none}\n"
    ".card{display:block;height:100%;padding:.7rem .9rem;border:1px solid "
    "var(--line);border-radius:8px;background:var(--tint);"
    "color:inherit;text-decoration:none}\n"
    ".card:hover,.chip:hover{border-color:var(--link)}\n"
    ".card b{display:block;font-size:.9rem}\n"
    ".card "
    ".mean{font-size:1.9rem;line-height:1.2;font-weight:650;letter-spacing:-.02em;font-variant-numeric:tabular-nums}\n"
    ".card .spread{color:var(--soft);font-size:.95rem;white-space:nowrap}\n"
    ".card .spark{display:block;width:100%;height:2rem;margin:.2rem 0}\n"
    ".card .about{display:block;font-size:.8rem;line-height:1.4;color:var(--soft);overflow-wrap:anywhere}\n"
    ".chips{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:.4rem;margin:0 0 "
    "1.2rem;padding:0;list-style:none}\n"
    ".chip{display:block;height:100%;padding:.35rem .6rem;border:1px solid var(--line);border-left:4px solid "
    "var(--open);border-radius:5px;"
    "font-size:.8rem;line-height:1.35;color:inherit;text-decoration:none}\n"
    ".ruling{font-weight:700;color:var(--open)}\n"
    ".supported{border-left-color:var(--good)}.supported .ruling{color:var(--good)}\n"
    ".contradicted{border-left-color:var(--bad);border-left-style:double}.contradicted .ruling{color:var(--bad)}\n"
    ".undecided{border-left-style:dashed}\n"
    ".verdict{margin:1.1rem 0 1.4rem;padding:.7rem 1rem;border:1px solid var(--line);border-left:5px solid "
    "var(--open);border-radius:5px;"
    "background:var(--tint)}\n"
    ".verdict p{margin:.3rem 0 0}.verdict .claim{font-weight:600}.verdict details{margin:.3rem 0 0}.verdict "
    ".test{font-size:.88rem}\n"
    ".verdict.supported{border-left-color:var(--good)}.verdict.contradicted{border-left:5px double var(--bad)}"
    ".verdict.undecided{border-left-style:dashed}\n";

static const char figures[] =
    "figure{margin:1.4rem 0 1.8rem}\n"
    ".fig svg{display:block;width:100%;height:auto}\n"
    ".fig.two{display:grid;grid-template-columns:1fr "
    "1fr;gap:1.25rem}.fig.small{max-width:26rem}.fig.slim{display:none}\n"
    "figcaption,.caption{font-size:.86rem;line-height:1.45;color:var(--soft);text-align:left}\n"
    "figcaption{margin-top:.4rem}.caption{margin:0 0 .4rem}\n"
    "figcaption b,.caption b{color:var(--ink)}\n"
    ".files{white-space:nowrap}.files a{margin-right:.45rem}\n"
    ".pictures{display:flex;flex-wrap:wrap;gap:.4rem}\n"
    ".pictures img{display:block;image-rendering:pixelated;border:1px solid var(--line);max-width:100%}\n";

static const char tables[] =
    ".table{margin:1.4rem 0 1.8rem}\n"
    ".scroll{overflow-x:auto}\n"
    "table{border-collapse:collapse;width:100%;font-size:.85rem;line-height:1.4;font-variant-numeric:tabular-nums}\n"
    "th,td{padding:.3rem 0 .3rem .8rem;text-align:right;vertical-align:top;border-bottom:1px solid var(--line)}\n"
    "tr>:first-child{padding-left:.3rem}\n"
    "thead>tr>*{border-bottom:1.5px solid var(--ink);vertical-align:bottom;font-weight:600}\n"
    "tbody tr:last-child>*{border-bottom:1.5px solid var(--ink)}\n"
    ".t{text-align:left;overflow-wrap:anywhere}tbody th{font-weight:500;overflow-wrap:anywhere}\n"
    "td:not(.t),.one{white-space:nowrap}\n"
    ".best{background:var(--best)}.best>*{font-weight:650}\n"
    ".tag{margin-left:.4rem;padding:0 .35rem;border:1px solid "
    "currentColor;border-radius:3px;font-size:.72rem;color:var(--good);white-space:nowrap}\n"
    ".w{display:inline-block;max-width:100%}.many th,.many td{padding-left:.4rem;font-size:.78rem}\n"
    ".commands dt{font-size:.86rem;font-weight:600;overflow-wrap:anywhere}.commands dd{margin:0 0 .7rem}\n";

static const char contents[] =
    "nav{font-size:.86rem;line-height:1.4}\n"
    "nav ol{list-style:none;margin:0;padding:0}nav ol ol{padding-left:.9rem}\n"
    "nav a{display:block;padding:.14rem .4rem;border-left:3px solid "
    "transparent;text-decoration:none;overflow-wrap:anywhere}\n"
    "nav a:hover{text-decoration:underline}\n"
    "nav a[aria-current]{border-left-color:var(--link);background:var(--tint);font-weight:600}\n"
    ".side{display:none}\n"
    "@media screen and (min-width:1100px){body{display:grid;grid-template-columns:17.5rem minmax(0,1fr)}"
    ".side{display:block;position:sticky;top:0;height:100vh;overflow-y:auto;padding:1.6rem .6rem 2rem "
    "1rem;border-right:1px solid var(--line);"
    "font-size:.8rem}.folded{display:none}}\n"
    "@media screen and "
    "(max-width:640px){.chips{grid-template-columns:minmax(0,1fr)}.fig.two{grid-template-columns:1fr}.fig.wide{display:"
    "none}.fig."
    "slim{display:block}"
    ".files{white-space:normal}"
    ".stack thead{position:absolute;left:-99rem}.stack,.stack tbody,.stack tr,.stack th,.stack "
    "td{display:block;text-align:left;white-space:normal;border:0;padding:0}"
    ".stack tr{padding:.5rem .3rem;border-bottom:1px solid var(--line)}.stack td:not(.t){white-space:nowrap}.stack "
    "td::before{white-space:normal}.stack td{display:flex;justify-content:space-between;gap:1rem}"
    ".stack td::before{content:attr(data-label);color:var(--soft);text-align:left}.stack td:empty{display:none}.stack "
    "tbody th{font-weight:650}"
    ".stack tbody tr:last-child>*{border:0}}\n";

static const char print[] =
    "@media print{:root{--paper:#fff;--ink:#000;--soft:#444;--line:#bbb;--tint:#f6f6f6;--link:#000;color-scheme:light}"
    "@page{margin:17mm "
    "15mm}body{display:block;font-size:10pt}.column{max-width:none;padding:0}nav,.skip,.files,.folded{display:none}"
    "h2,h3,h4,.finding,.caption{break-after:avoid}figure,.verdict,.card,.chip,tr{break-inside:avoid}.scroll{overflow:"
    "visible}"
    "a{text-decoration:none;color:inherit}details::details-content{content-visibility:visible;block-size:auto}summary{"
    "color:inherit;list-style:none}"
    ".fig.two{grid-template-columns:1fr 1fr}}\n";

const char *const lab_page_style[] = {colours, text, summary, figures, tables, contents, print, NULL};
