# Draws noise-activations-layers-2.svg, .png and .pdf from noise-activations-layers-2.tsv: run `gnuplot noise-activations-layers-2.gp` in this folder.
set encoding utf8
set datafile separator tab
set datafile columnheaders
set datafile commentschars ''
set pointintervalbox 0
table = 'noise-activations-layers-2.tsv'
do for [format in 'svg png pdf'] {
    if (format eq 'svg') { set terminal svg noenhanced size 920,950 fixed font 'sans-serif,13' linewidth 1 }
    if (format eq 'png') { set terminal pngcairo noenhanced size 1840,1900 font 'sans,13' fontscale 2 linewidth 2 pointscale 2 }
    if (format eq 'pdf') { set terminal pdfcairo noenhanced size 9.5833in,9.8958in font 'sans,10' linewidth 1 }
    set output 'noise-activations-layers-2.'.format
    set multiplot layout 2, 2
    set title "conv1, 6 units"
    set xlabel "Epoch"
    set ylabel "Dead units"
    set border 3 lw 0.8 lc rgb 'black'
    set tics nomirror out scale 0.6 textcolor rgb 'black'
    set grid xtics ytics lt 1 lw 0.6 lc rgb '#C8C8C8'
    unset logscale
    set xtics auto
    set ytics auto
    unset arrow
    set xrange [*:*] noextend
    set offsets 0, 0, 0, 0
    set yrange [0:*]
    set key on below center horizontal maxcols 1 samplen 3 spacing 1.15 height 0.7 Left reverse noopaque
    set xtics 1
    plot table using ($1 == 0 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#0072B2' notitle, \
        table using ($1 == 1 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#D55E00' notitle, \
        table using ($1 == 2 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#009E73' notitle, \
        table using ($1 == 3 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#CC79A7' notitle, \
        table using ($1 == 4 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#E69F00' notitle, \
        table using ($1 == 4 ? $4 : NaN):8 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 4 ? $4 : NaN):9 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 4 ? $4 : NaN):10 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 4 ? $4 : NaN):11 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 4 ? $4 : NaN):12 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 4 ? $4 : NaN):13 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 4 ? $4 : NaN):14 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 4 ? $4 : NaN):15 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 4 ? $4 : NaN):16 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 4 ? $4 : NaN):17 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 4 ? $4 : NaN):18 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 4 ? $4 : NaN):19 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 4 ? $4 : NaN):20 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 4 ? $4 : NaN):21 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 4 ? $4 : NaN):22 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 4 ? $4 : NaN):23 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 4 ? $4 : NaN):24 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 4 ? $4 : NaN):25 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 4 ? $4 : NaN):26 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 4 ? $4 : NaN):27 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 0 ? $4 : NaN):5 with linespoints lw 1.8 dt 1 ps 0.7 pt 7 pi 1 lc rgb '#0072B2' title "activation leaky-relu, noise 0", \
        table using ($1 == 1 ? $4 : NaN):5 with linespoints lw 1.8 dt (9,4) ps 0.7 pt 9 pi 1 lc rgb '#D55E00' title "activation leaky-relu, noise 0.2", \
        table using ($1 == 2 ? $4 : NaN):5 with linespoints lw 1.8 dt (2,3) ps 0.7 pt 5 pi 1 lc rgb '#009E73' title "activation leaky-relu, noise 0.4", \
        table using ($1 == 3 ? $4 : NaN):5 with linespoints lw 1.8 dt (9,3,2,3) ps 0.7 pt 13 pi 1 lc rgb '#CC79A7' title "activation leaky-relu, noise 0.6", \
        table using ($1 == 4 ? $4 : NaN):5 with linespoints lw 1.8 dt (5,2) ps 0.7 pt 11 pi 1 lc rgb '#E69F00' title "activation leaky-relu, noise 0.8"
    set title "conv2, 16 units"
    set xlabel "Epoch"
    set ylabel "Dead units"
    set border 3 lw 0.8 lc rgb 'black'
    set tics nomirror out scale 0.6 textcolor rgb 'black'
    set grid xtics ytics lt 1 lw 0.6 lc rgb '#C8C8C8'
    unset logscale
    set xtics auto
    set ytics auto
    unset arrow
    set xrange [*:*] noextend
    set offsets 0, 0, 0, 0
    set yrange [0:*]
    set key on below center horizontal maxcols 1 samplen 3 spacing 1.15 height 0.7 Left reverse noopaque
    set xtics 1
    plot table using ($1 == 5 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#0072B2' notitle, \
        table using ($1 == 6 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#D55E00' notitle, \
        table using ($1 == 7 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#009E73' notitle, \
        table using ($1 == 8 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#CC79A7' notitle, \
        table using ($1 == 9 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#E69F00' notitle, \
        table using ($1 == 9 ? $4 : NaN):8 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 9 ? $4 : NaN):9 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 9 ? $4 : NaN):10 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 9 ? $4 : NaN):11 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 9 ? $4 : NaN):12 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 9 ? $4 : NaN):13 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 9 ? $4 : NaN):14 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 9 ? $4 : NaN):15 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 9 ? $4 : NaN):16 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 9 ? $4 : NaN):17 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 9 ? $4 : NaN):18 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 9 ? $4 : NaN):19 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 9 ? $4 : NaN):20 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 9 ? $4 : NaN):21 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 9 ? $4 : NaN):22 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 9 ? $4 : NaN):23 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 9 ? $4 : NaN):24 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 9 ? $4 : NaN):25 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 9 ? $4 : NaN):26 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 9 ? $4 : NaN):27 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 5 ? $4 : NaN):5 with linespoints lw 1.8 dt 1 ps 0.7 pt 7 pi 1 lc rgb '#0072B2' title "activation leaky-relu, noise 0", \
        table using ($1 == 6 ? $4 : NaN):5 with linespoints lw 1.8 dt (9,4) ps 0.7 pt 9 pi 1 lc rgb '#D55E00' title "activation leaky-relu, noise 0.2", \
        table using ($1 == 7 ? $4 : NaN):5 with linespoints lw 1.8 dt (2,3) ps 0.7 pt 5 pi 1 lc rgb '#009E73' title "activation leaky-relu, noise 0.4", \
        table using ($1 == 8 ? $4 : NaN):5 with linespoints lw 1.8 dt (9,3,2,3) ps 0.7 pt 13 pi 1 lc rgb '#CC79A7' title "activation leaky-relu, noise 0.6", \
        table using ($1 == 9 ? $4 : NaN):5 with linespoints lw 1.8 dt (5,2) ps 0.7 pt 11 pi 1 lc rgb '#E69F00' title "activation leaky-relu, noise 0.8"
    set title "fc1, 120 units"
    set xlabel "Epoch"
    set ylabel "Dead units"
    set border 3 lw 0.8 lc rgb 'black'
    set tics nomirror out scale 0.6 textcolor rgb 'black'
    set grid xtics ytics lt 1 lw 0.6 lc rgb '#C8C8C8'
    unset logscale
    set xtics auto
    set ytics auto
    unset arrow
    set xrange [*:*] noextend
    set offsets 0, 0, 0, 0
    set yrange [0:*]
    set key on below center horizontal maxcols 1 samplen 3 spacing 1.15 height 0.7 Left reverse noopaque
    set xtics 1
    plot table using ($1 == 10 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#0072B2' notitle, \
        table using ($1 == 11 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#D55E00' notitle, \
        table using ($1 == 12 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#009E73' notitle, \
        table using ($1 == 13 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#CC79A7' notitle, \
        table using ($1 == 14 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#E69F00' notitle, \
        table using ($1 == 14 ? $4 : NaN):8 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 14 ? $4 : NaN):9 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 14 ? $4 : NaN):10 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 14 ? $4 : NaN):11 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 14 ? $4 : NaN):12 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 14 ? $4 : NaN):13 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 14 ? $4 : NaN):14 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 14 ? $4 : NaN):15 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 14 ? $4 : NaN):16 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 14 ? $4 : NaN):17 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 14 ? $4 : NaN):18 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 14 ? $4 : NaN):19 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 14 ? $4 : NaN):20 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 14 ? $4 : NaN):21 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 14 ? $4 : NaN):22 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 14 ? $4 : NaN):23 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 14 ? $4 : NaN):24 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 14 ? $4 : NaN):25 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 14 ? $4 : NaN):26 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 14 ? $4 : NaN):27 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 10 ? $4 : NaN):5 with linespoints lw 1.8 dt 1 ps 0.7 pt 7 pi 1 lc rgb '#0072B2' title "activation leaky-relu, noise 0", \
        table using ($1 == 11 ? $4 : NaN):5 with linespoints lw 1.8 dt (9,4) ps 0.7 pt 9 pi 1 lc rgb '#D55E00' title "activation leaky-relu, noise 0.2", \
        table using ($1 == 12 ? $4 : NaN):5 with linespoints lw 1.8 dt (2,3) ps 0.7 pt 5 pi 1 lc rgb '#009E73' title "activation leaky-relu, noise 0.4", \
        table using ($1 == 13 ? $4 : NaN):5 with linespoints lw 1.8 dt (9,3,2,3) ps 0.7 pt 13 pi 1 lc rgb '#CC79A7' title "activation leaky-relu, noise 0.6", \
        table using ($1 == 14 ? $4 : NaN):5 with linespoints lw 1.8 dt (5,2) ps 0.7 pt 11 pi 1 lc rgb '#E69F00' title "activation leaky-relu, noise 0.8"
    set title "fc2, 84 units"
    set xlabel "Epoch"
    set ylabel "Dead units"
    set border 3 lw 0.8 lc rgb 'black'
    set tics nomirror out scale 0.6 textcolor rgb 'black'
    set grid xtics ytics lt 1 lw 0.6 lc rgb '#C8C8C8'
    unset logscale
    set xtics auto
    set ytics auto
    unset arrow
    set xrange [*:*] noextend
    set offsets 0, 0, 0, 0
    set yrange [0:*]
    set key on below center horizontal maxcols 1 samplen 3 spacing 1.15 height 0.7 Left reverse noopaque
    set xtics 1
    plot table using ($1 == 15 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#0072B2' notitle, \
        table using ($1 == 16 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#D55E00' notitle, \
        table using ($1 == 17 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#009E73' notitle, \
        table using ($1 == 18 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#CC79A7' notitle, \
        table using ($1 == 19 ? $4 : NaN):6:7 with filledcurves fs transparent solid 0.16 noborder fc rgb '#E69F00' notitle, \
        table using ($1 == 19 ? $4 : NaN):8 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 19 ? $4 : NaN):9 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 19 ? $4 : NaN):10 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 19 ? $4 : NaN):11 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 19 ? $4 : NaN):12 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 19 ? $4 : NaN):13 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 19 ? $4 : NaN):14 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 19 ? $4 : NaN):15 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 19 ? $4 : NaN):16 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 19 ? $4 : NaN):17 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 19 ? $4 : NaN):18 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 19 ? $4 : NaN):19 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 19 ? $4 : NaN):20 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 19 ? $4 : NaN):21 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 19 ? $4 : NaN):22 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 19 ? $4 : NaN):23 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 19 ? $4 : NaN):24 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 19 ? $4 : NaN):25 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 19 ? $4 : NaN):26 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 19 ? $4 : NaN):27 with lines lw 0.5 dt 1 lc rgb '#E69F00' notitle, \
        table using ($1 == 15 ? $4 : NaN):5 with linespoints lw 1.8 dt 1 ps 0.7 pt 7 pi 1 lc rgb '#0072B2' title "activation leaky-relu, noise 0", \
        table using ($1 == 16 ? $4 : NaN):5 with linespoints lw 1.8 dt (9,4) ps 0.7 pt 9 pi 1 lc rgb '#D55E00' title "activation leaky-relu, noise 0.2", \
        table using ($1 == 17 ? $4 : NaN):5 with linespoints lw 1.8 dt (2,3) ps 0.7 pt 5 pi 1 lc rgb '#009E73' title "activation leaky-relu, noise 0.4", \
        table using ($1 == 18 ? $4 : NaN):5 with linespoints lw 1.8 dt (9,3,2,3) ps 0.7 pt 13 pi 1 lc rgb '#CC79A7' title "activation leaky-relu, noise 0.6", \
        table using ($1 == 19 ? $4 : NaN):5 with linespoints lw 1.8 dt (5,2) ps 0.7 pt 11 pi 1 lc rgb '#E69F00' title "activation leaky-relu, noise 0.8"
    unset multiplot
    unset output
}
