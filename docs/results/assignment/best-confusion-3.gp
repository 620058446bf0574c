# Draws best-confusion-3.png and best-confusion-3.pdf from best-confusion-3.tsv: run `gnuplot best-confusion-3.gp` in this folder.
set encoding utf8
set datafile separator tab
set datafile columnheaders
set datafile commentschars ''
set pointintervalbox 0
table = 'best-confusion-3.tsv'
do for [format in 'png pdf'] {
    if (format eq 'png') { set terminal pngcairo noenhanced size 1400,712 font 'sans,9' fontscale 2 linewidth 2 pointscale 2 }
    if (format eq 'pdf') { set terminal pdfcairo noenhanced size 7.2917in,3.7083in font 'sans,9' linewidth 1 }
    set output 'best-confusion-3.'.format
    set multiplot layout 1, 2
    set title "Predicted class in % of the true class"
    set xlabel "Columns: predicted class\073 rows: true class"
    set ylabel "True class"
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
    set xrange [-0.5:9.5]
    set yrange [9.5:-0.5]
    most = 100.0
    share(n) = sqrt(n / most)
    blend(a, b, s) = int(a + (b - a) * s + 0.5)
    shade(n) = 65536 * blend(250, 0, share(n)) + 256 * blend(251, 76, share(n)) + blend(252, 138, share(n))
    unset grid
    set border 0
    set tics scale 0
    set ytics  ("airplane" 0, "automobile" 1, "bird" 2, "cat" 3, "deer" 4, "dog" 5, "frog" 6, "horse" 7, "ship" 8, "truck" 9)
    set xtics rotate by 40 right ("airplane" 0, "automobile" 1, "bird" 2, "cat" 3, "deer" 4, "dog" 5, "frog" 6, "horse" 7, "ship" 8, "truck" 9)
    plot table using ($1 == 0 ? $4 : NaN):5:(0.48):(0.48):(0 ? 0xD9D9D9 : shade($7)) with boxxyerror fs solid 1 noborder lc rgb variable, \
        table using ($1 == 0 ? $4 : NaN):5:($7 < 0.05 ? '' : sprintf('%.1f', $7)):(share($7) > 0.7 ? 0xFFFFFF : 0x1A1A1A) with labels font ',7' tc rgb variable
    set title "Errors: number of images"
    set xlabel "Columns: predicted class\073 rows: true class"
    set ylabel "True class"
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
    set xrange [-0.5:9.5]
    set yrange [9.5:-0.5]
    most = 866.0
    share(n) = sqrt(n / most)
    blend(a, b, s) = int(a + (b - a) * s + 0.5)
    shade(n) = 65536 * blend(250, 0, share(n)) + 256 * blend(251, 76, share(n)) + blend(252, 138, share(n))
    unset grid
    set border 0
    set tics scale 0
    set ytics  ("airplane" 0, "automobile" 1, "bird" 2, "cat" 3, "deer" 4, "dog" 5, "frog" 6, "horse" 7, "ship" 8, "truck" 9)
    set xtics rotate by 40 right ("airplane" 0, "automobile" 1, "bird" 2, "cat" 3, "deer" 4, "dog" 5, "frog" 6, "horse" 7, "ship" 8, "truck" 9)
    plot table using ($1 == 1 ? $4 : NaN):5:(0.48):(0.48):($4 == $5 ? 0xD9D9D9 : shade($6)) with boxxyerror fs solid 1 noborder lc rgb variable, \
        table using ($1 == 1 ? $4 : NaN):5:($4 == $5 || $6 == 0 ? '' : sprintf('%.0f', $6)):(share($6) > 0.7 ? 0xFFFFFF : 0x1A1A1A) with labels font ',7' tc rgb variable
    unset multiplot
    unset output
}
