# Draws choices-sensitivity-4.svg, .png and .pdf from choices-sensitivity-4.tsv: run `gnuplot choices-sensitivity-4.gp` in this folder.
set encoding utf8
set datafile separator tab
set datafile columnheaders
set datafile commentschars ''
set pointintervalbox 0
table = 'choices-sensitivity-4.tsv'
do for [format in 'svg png pdf'] {
    if (format eq 'svg') { set terminal svg noenhanced size 776,324 fixed font 'sans-serif,13' linewidth 1 }
    if (format eq 'png') { set terminal pngcairo noenhanced size 1552,648 font 'sans,13' fontscale 2 linewidth 2 pointscale 2 }
    if (format eq 'pdf') { set terminal pdfcairo noenhanced size 8.0833in,3.3750in font 'sans,10' linewidth 1 }
    set output 'choices-sensitivity-4.'.format
    set multiplot layout 1, 1
    set title ""
    set xlabel "Difference (percentage points)"
    set ylabel ""
    set border 3 lw 0.8 lc rgb 'black'
    set tics nomirror out scale 0.6 textcolor rgb 'black'
    set grid xtics ytics lt 1 lw 0.6 lc rgb '#C8C8C8'
    unset logscale
    set xtics auto
    set ytics auto
    unset arrow
    set xrange [*:*] noextend
    set offsets 0, 0, 0, 0
    set yrange [*:*]
    set key off
    set arrow from 0, graph 0 to 0, graph 1 nohead lw 1 dt (4,3) lc rgb 'black'
    set grid xtics noytics lt 1 lw 0.6 lc rgb '#C8C8C8'
    set border 1
    set offsets graph 0.04, graph 0.04, 0, 0
    set yrange [8.6:-0.6]
    set ytics scale 0 ("(a), SGD" 0, "(a), momentum" 1, "(a), batch 32" 2, "(a), batch 128" 3, "(a), padding" 4, "(a), decay each step" 5, "(a), inverse time" 6, "(a), best epoch by the test set" 7, "(a), best epoch by held-out images" 8)
    plot table using ($1 == 0 ? $4 : NaN):5:6:7 with xerrorbars lw 1.6 ps 0.9 pt 7 lc rgb '#0072B2' title "Difference (percentage points)"
    unset multiplot
    unset output
}
