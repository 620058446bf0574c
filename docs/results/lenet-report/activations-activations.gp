# Draws activations-activations.svg, .png and .pdf from activations-activations.tsv: run `gnuplot activations-activations.gp` in this folder.
set encoding utf8
set datafile separator tab
set datafile columnheaders
set datafile commentschars ''
set pointintervalbox 0
table = 'activations-activations.tsv'
do for [format in 'svg png pdf'] {
    if (format eq 'svg') { set terminal svg noenhanced size 920,380 fixed font 'sans-serif,13' linewidth 1 }
    if (format eq 'png') { set terminal pngcairo noenhanced size 1840,760 font 'sans,13' fontscale 2 linewidth 2 pointscale 2 }
    if (format eq 'pdf') { set terminal pdfcairo noenhanced size 9.5833in,3.9583in font 'sans,10' linewidth 1 }
    set output 'activations-activations.'.format
    set multiplot layout 1, 2
    set title "Function"
    set xlabel "x"
    set ylabel "f(x)"
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
    set key on inside left top vertical maxcols 1 samplen 3 spacing 1.15 Left reverse noopaque
    set arrow from graph 0, first 0 to graph 1, first 0 nohead lw 0.8 dt (4,3) lc rgb 'black'
    plot table using ($1 == 0 ? $4 : NaN):5 with lines lw 1.8 dt 1 lc rgb '#0072B2' title "relu", \
        table using ($1 == 1 ? $4 : NaN):5 with lines lw 1.8 dt (9,4) lc rgb '#D55E00' title "leaky-relu", \
        table using ($1 == 2 ? $4 : NaN):5 with lines lw 1.8 dt (2,3) lc rgb '#009E73' title "elu", \
        table using ($1 == 3 ? $4 : NaN):5 with lines lw 1.8 dt (9,3,2,3) lc rgb '#CC79A7' title "tanh", \
        table using ($1 == 4 ? $4 : NaN):5 with lines lw 1.8 dt (5,2) lc rgb '#E69F00' title "sigmoid"
    set title "Gradient"
    set xlabel "x"
    set ylabel "df/dx"
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
    set key on inside left top vertical maxcols 1 samplen 3 spacing 1.15 Left reverse noopaque
    set arrow from graph 0, first 0 to graph 1, first 0 nohead lw 0.8 dt (4,3) lc rgb 'black'
    plot table using ($1 == 5 ? $4 : NaN):5 with lines lw 1.8 dt 1 lc rgb '#0072B2' title "relu", \
        table using ($1 == 6 ? $4 : NaN):5 with lines lw 1.8 dt (9,4) lc rgb '#D55E00' title "leaky-relu", \
        table using ($1 == 7 ? $4 : NaN):5 with lines lw 1.8 dt (2,3) lc rgb '#009E73' title "elu", \
        table using ($1 == 8 ? $4 : NaN):5 with lines lw 1.8 dt (9,3,2,3) lc rgb '#CC79A7' title "tanh", \
        table using ($1 == 9 ? $4 : NaN):5 with lines lw 1.8 dt (5,2) lc rgb '#E69F00' title "sigmoid"
    unset multiplot
    unset output
}
