# Draws noise-against.png and noise-against.pdf from noise-against.tsv: run `gnuplot noise-against.gp` in this folder.
set encoding utf8
set datafile separator tab
set datafile columnheaders
set datafile commentschars ''
set pointintervalbox 0
table = 'noise-against.tsv'
do for [format in 'png pdf'] {
    if (format eq 'png') { set terminal pngcairo noenhanced size 1360,560 font 'sans,9' fontscale 2 linewidth 2 pointscale 2 }
    if (format eq 'pdf') { set terminal pdfcairo noenhanced size 7.0833in,2.9167in font 'sans,9' linewidth 1 }
    set output 'noise-against.'.format
    set multiplot layout 1, 1
    set title ""
    set xlabel "Label noise ε"
    set ylabel "Test accuracy (%)"
    set border 3 lw 0.8 lc rgb 'black'
    set tics nomirror out scale 0.6 textcolor rgb 'black'
    set grid xtics ytics lt 1 lw 0.6 lc rgb '#C8C8C8'
    set key off
    set rmargin
    unset logscale
    unset label
    unset arrow
    set xtics auto
    set ytics auto
    set xrange [-0.024:0.8240000000000001]
    set yrange [92.28442467743544:99.2490313066069]
    set xtics ('0' 0, '0.2' 0.2, '0.4' 0.4, '0.6' 0.6, '0.8' 0.8)
    plot table using ($1 == 0 ? $4 : NaN):5:6:7 with yerrorbars lw 1.2 dt 1 ps 0.7 pt 7 lc rgb '#0072B2', \
        table using ($1 == 0 ? $4 : NaN):5 with linespoints lw 1.8 dt 1 ps 0.7 pt 7 pi 1 lc rgb '#0072B2' title "all"
    unset multiplot
    unset output
}
