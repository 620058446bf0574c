# Draws rates-curves.svg, .png and .pdf from rates-curves.tsv: run `gnuplot rates-curves.gp` in this folder.
set encoding utf8
set datafile separator tab
set datafile columnheaders
set datafile commentschars ''
set pointintervalbox 0
table = 'rates-curves.tsv'
do for [format in 'svg png pdf'] {
    if (format eq 'svg') { set terminal svg noenhanced size 640,380 fixed font 'sans-serif,13' linewidth 1 }
    if (format eq 'png') { set terminal pngcairo noenhanced size 1280,760 font 'sans,13' fontscale 2 linewidth 2 pointscale 2 }
    if (format eq 'pdf') { set terminal pdfcairo noenhanced size 6.6667in,3.9583in font 'sans,10' linewidth 1 }
    set output 'rates-curves.'.format
    set multiplot layout 1, 1
    set title ""
    set xlabel "Epoch"
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
    set key on inside right bottom vertical maxcols 1 samplen 3 spacing 1.15 Left reverse noopaque
    set xtics 1
    plot table using ($1 == 0 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#0072B2' notitle, \
        table using ($1 == 1 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#D55E00' notitle, \
        table using ($1 == 2 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#009E73' notitle, \
        table using ($1 == 3 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#CC79A7' notitle, \
        table using ($1 == 0 ? $4 : NaN):5 with linespoints lw 1.8 dt 1 ps 0.7 pt 7 pi 1 lc rgb '#0072B2' title "lr 0.001", \
        table using ($1 == 1 ? $4 : NaN):5 with linespoints lw 1.8 dt (9,4) ps 0.7 pt 9 pi 1 lc rgb '#D55E00' title "lr 0.0025", \
        table using ($1 == 2 ? $4 : NaN):5 with linespoints lw 1.8 dt (2,3) ps 0.7 pt 5 pi 1 lc rgb '#009E73' title "lr 0.005", \
        table using ($1 == 3 ? $4 : NaN):5 with linespoints lw 1.8 dt (9,3,2,3) ps 0.7 pt 13 pi 1 lc rgb '#CC79A7' title "lr 0.01"
    unset multiplot
    unset output
}
