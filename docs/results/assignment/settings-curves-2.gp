# Draws settings-curves-2.png and settings-curves-2.pdf from settings-curves-2.tsv: run `gnuplot settings-curves-2.gp` in this folder.
set encoding utf8
set datafile separator tab
set datafile columnheaders
set datafile commentschars ''
set pointintervalbox 0
table = 'settings-curves-2.tsv'
do for [format in 'png pdf'] {
    if (format eq 'png') { set terminal pngcairo noenhanced size 1360,560 font 'sans,9' fontscale 2 linewidth 2 pointscale 2 }
    if (format eq 'pdf') { set terminal pdfcairo noenhanced size 7.0833in,2.9167in font 'sans,9' linewidth 1 }
    set output 'settings-curves-2.'.format
    set multiplot layout 1, 1
    set title ""
    set xlabel "Epoch"
    set ylabel "Accuracy (%)"
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
    set xrange [1:10]
    set yrange [93.9200925925926:99.71138888888889]
    set rmargin at screen 0.7794
    set label "training accuracy" at graph 1.015, graph 0.9436 left tc rgb '#00609A'
    set label "test accuracy" at graph 1.015, graph 0.8426 left tc rgb '#A84800'
    set xtics ('1' 1, '2' 2, '3' 3, '4' 4, '5' 5, '6' 6, '7' 7, '8' 8, '9' 9, '10' 10)
    plot table using ($1 == 0 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#0072B2', \
        table using ($1 == 0 ? $4 : NaN):8 with lines lw 0.5 dt 1 lc rgb '#0072B2', \
        table using ($1 == 0 ? $4 : NaN):9 with lines lw 0.5 dt 1 lc rgb '#0072B2', \
        table using ($1 == 0 ? $4 : NaN):10 with lines lw 0.5 dt 1 lc rgb '#0072B2', \
        table using ($1 == 0 ? $4 : NaN):11 with lines lw 0.5 dt 1 lc rgb '#0072B2', \
        table using ($1 == 0 ? $4 : NaN):12 with lines lw 0.5 dt 1 lc rgb '#0072B2', \
        table using ($1 == 1 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#D55E00', \
        table using ($1 == 1 ? $4 : NaN):8 with lines lw 0.5 dt 1 lc rgb '#D55E00', \
        table using ($1 == 1 ? $4 : NaN):9 with lines lw 0.5 dt 1 lc rgb '#D55E00', \
        table using ($1 == 1 ? $4 : NaN):10 with lines lw 0.5 dt 1 lc rgb '#D55E00', \
        table using ($1 == 1 ? $4 : NaN):11 with lines lw 0.5 dt 1 lc rgb '#D55E00', \
        table using ($1 == 1 ? $4 : NaN):12 with lines lw 0.5 dt 1 lc rgb '#D55E00', \
        table using ($1 == 0 ? $4 : NaN):5 with linespoints lw 1.8 dt 1 ps 0.7 pt 7 pi 1 lc rgb '#0072B2' title "training accuracy", \
        table using ($1 == 1 ? $4 : NaN):5 with linespoints lw 1.8 dt (9,4) ps 0.7 pt 9 pi 1 lc rgb '#D55E00' title "test accuracy"
    unset multiplot
    unset output
}
