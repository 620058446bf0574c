# Draws noise-against.svg, .png and .pdf from noise-against.tsv: run `gnuplot noise-against.gp` in this folder.
set encoding utf8
set datafile separator tab
set datafile columnheaders
set datafile commentschars ''
set pointintervalbox 0
table = 'noise-against.tsv'
do for [format in 'svg png pdf'] {
    if (format eq 'svg') { set terminal svg noenhanced size 920,418 fixed font 'sans-serif,13' linewidth 1 }
    if (format eq 'png') { set terminal pngcairo noenhanced size 1840,836 font 'sans,13' fontscale 2 linewidth 2 pointscale 2 }
    if (format eq 'pdf') { set terminal pdfcairo noenhanced size 9.5833in,4.3542in font 'sans,10' linewidth 1 }
    set output 'noise-against.'.format
    set multiplot layout 1, 2
    set title "Final test accuracy"
    set xlabel "Label noise ε"
    set ylabel "Test accuracy (%)"
    set border 3 lw 0.8 lc rgb 'black'
    set tics nomirror out scale 0.6 textcolor rgb 'black'
    set grid xtics ytics lt 1 lw 0.6 lc rgb '#C8C8C8'
    unset logscale
    set xtics auto
    set ytics auto
    unset arrow
    set xrange [*:*] noextend
    set offsets 0, 0, 0, 0
    set yrange [0<*:*<100]
    set key on below center horizontal maxcols 1 samplen 3 spacing 1.15 height 0.7 Left reverse noopaque
    set offsets graph 0.03, graph 0.03, 0, 0
    set xtics ('0' 0, '0.2' 0.2, '0.4' 0.4, '0.6' 0.6, '0.8' 0.8)
    plot table using ($1 == 0 ? $4 + (-0.0024) : NaN):5:6:7 with yerrorbars lw 1.2 dt 1 ps 0.7 pt 7 lc rgb '#0072B2' notitle, \
        table using ($1 == 0 ? $4 + (-0.0024) : NaN):5 with linespoints lw 1.8 dt 1 ps 0.7 pt 7 pi 1 lc rgb '#0072B2' title "runs that learned", \
        table using ($1 == 1 ? $4 + (0) : NaN):5 with points ps 0.8 pt 7 lc rgb '#0072B2' title "collapsed runs"
    set title "Best test accuracy of all epochs"
    set xlabel "Label noise ε"
    set ylabel "Test accuracy (%)"
    set border 3 lw 0.8 lc rgb 'black'
    set tics nomirror out scale 0.6 textcolor rgb 'black'
    set grid xtics ytics lt 1 lw 0.6 lc rgb '#C8C8C8'
    unset logscale
    set xtics auto
    set ytics auto
    unset arrow
    set xrange [*:*] noextend
    set offsets 0, 0, 0, 0
    set yrange [0<*:*<100]
    set key on below center horizontal maxcols 1 samplen 3 spacing 1.15 height 0.7 Left reverse noopaque
    set offsets graph 0.03, graph 0.03, 0, 0
    set xtics ('0' 0, '0.2' 0.2, '0.4' 0.4, '0.6' 0.6, '0.8' 0.8)
    plot table using ($1 == 2 ? $4 + (-0.0024) : NaN):5:6:7 with yerrorbars lw 1.2 dt 1 ps 0.7 pt 7 lc rgb '#0072B2' notitle, \
        table using ($1 == 2 ? $4 + (-0.0024) : NaN):5 with linespoints lw 1.8 dt 1 ps 0.7 pt 7 pi 1 lc rgb '#0072B2' title "runs that learned", \
        table using ($1 == 3 ? $4 + (0) : NaN):5 with points ps 0.8 pt 7 lc rgb '#0072B2' title "collapsed runs"
    unset multiplot
    unset output
}
