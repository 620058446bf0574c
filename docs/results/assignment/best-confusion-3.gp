# Draws best-confusion-3.svg, .png and .pdf from best-confusion-3.tsv: run `gnuplot best-confusion-3.gp` in this folder.
set encoding utf8
set datafile separator tab
set datafile columnheaders
set datafile commentschars ''
set pointintervalbox 0
table = 'best-confusion-3.tsv'
do for [format in 'svg png pdf'] {
    if (format eq 'svg') { set terminal svg noenhanced size 650,450 fixed font 'sans-serif,13' linewidth 1 }
    if (format eq 'png') { set terminal pngcairo noenhanced size 1300,900 font 'sans,13' fontscale 2 linewidth 2 pointscale 2 }
    if (format eq 'pdf') { set terminal pdfcairo noenhanced size 6.7708in,4.6875in font 'sans,10' linewidth 1 }
    set output 'best-confusion-3.'.format
    set multiplot layout 1, 1
    set title ""
    set xlabel "Predicted class"
    set ylabel "True class"
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
    most = 866.0
    share(n) = sqrt(n / most)
    blend(a, b, s) = int(a + (b - a) * s + 0.5)
    shade(n) = 65536 * blend(250, 0, share(n)) + 256 * blend(251, 76, share(n)) + blend(252, 138, share(n))
    set key off
    unset grid
    set border 0
    set tics scale 0
    set xrange [-0.5:9.5]
    set yrange [9.5:-0.5]
    set ytics  ("airplane" 0, "automobile" 1, "bird" 2, "cat" 3, "deer" 4, "dog" 5, "frog" 6, "horse" 7, "ship" 8, "truck" 9)
    set xtics rotate by 40 right ("airplane" 0, "automobile" 1, "bird" 2, "cat" 3, "deer" 4, "dog" 5, "frog" 6, "horse" 7, "ship" 8, "truck" 9)
    plot table using ($1 == 0 ? $4 : NaN):5:(0.48):(0.48):($4 == $5 ? 0xD9D9D9 : shade($6)) with boxxyerror fs solid 1 noborder lc rgb variable, \
        table using ($1 == 0 ? $4 : NaN):5:($4 == $5 || $6 == 0 ? '' : strcol(6)):(share($6) > 0.55 ? 0xFFFFFF : 0x1A1A1A) with labels font ',11' tc rgb variable
    unset multiplot
    unset output
}
