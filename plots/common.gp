# SPDX-License-Identifier: GPL-2.0-or-later
#
# What all plots share: reads the data files that diowait plot has written into the
# current folder, sets the terminal, and draws legend, titles and caption. Every
# text is a string of a data file, never a part of a command; enhanced text is off.
# All places come from the files, as shares of the picture.

set encoding utf8
set datafile separator "\t"
set datafile commentschars ""

# --- setup.dat: format, size, and how many lines the other files have
stats 'setup.dat' using (format = strcol(1), width = column(2), height = column(3), \
	panels_size = int(column(4)), curves_size = int(column(5)), \
	tics_size = int(column(6)), entries_size = int(column(7)), 0) nooutput
# No array may be of size 0.
size_of(lines) = lines > 0 ? lines : 1

if (format eq 'svg') {
	set terminal svg size width, height noenhanced font 'sans-serif,12' \
		background rgb 'white' dashlength 0.6
	large = ',14'
	small = ',10.5'
}
if (format eq 'png') {
	large = ',10.5'
	small = ',8'
	if (strstrt(GPVAL_TERMINALS, 'pngcairo') > 0) {
		set terminal pngcairo size 2 * width, 2 * height noenhanced \
			font 'sans,9' fontscale 2 linewidth 2 pointscale 1.4 dashlength 0.6
	} else {
		set terminal png size width, height noenhanced font 'sans,9' truecolor
	}
}
if (format eq 'txt') {
	set terminal dumb size width, height noenhanced mono
}
set termoption noenhanced
size = format eq 'svg' ? 0.7 : 1
text = format eq 'txt'
# A script may have lines without marks, and another mark for dots.
if (!exists('bare')) { bare = 0 }
if (!exists('dot')) { dot = 0 }
set output 'out'

# --- looks: Okabe and Ito's colours; dashes, marks and patterns for those who print
array COLOUR[8] = [0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0xe69f00, 0x56b4e9, \
	0x000000, 0x8c8c00]
array MARK[8] = [7, 5, 9, 11, 6, 4, 8, 13]
array DASH[5] = [1, 2, 4, 3, 5]
array PATTERN[8] = [3, 4, 1, 5, 2, 7, 6, 0]
colour(look) = COLOUR[look % 8 + 1]
mark(look) = text ? look % 26 + 1 : MARK[look % 8 + 1]
dash(look) = text ? 1 : DASH[look % 5 + 1]
# Of intervals; hollow ones are all alike.
shade(hollow, look) = hollow ? 0x666666 : colour(look)
# From the ninth on patterns are black, on more of the colour.
pattern(look) = PATTERN[(look + 3 * (look / 8)) % 8 + 1]
ink(look) = look < 8 ? colour(look) : 0x000000
tint(look) = look < 8 ? 0.3 : 0.6

# --- panels.dat: frame, ranges, scale of y, then from and to of each style
array LEFT[size_of(panels_size)]
array RIGHT[size_of(panels_size)]
array BOTTOM[size_of(panels_size)]
array TOP[size_of(panels_size)]
array XMIN[size_of(panels_size)]
array XMAX[size_of(panels_size)]
array YMIN[size_of(panels_size)]
array YMAX[size_of(panels_size)]
array YLOG[size_of(panels_size)]
array BAND_A[size_of(panels_size)]
array BAND_Z[size_of(panels_size)]
array LIGHT_A[size_of(panels_size)]
array LIGHT_Z[size_of(panels_size)]
array LINE_A[size_of(panels_size)]
array LINE_Z[size_of(panels_size)]
array POINTS_A[size_of(panels_size)]
array POINTS_Z[size_of(panels_size)]
array DOTS_A[size_of(panels_size)]
array DOTS_Z[size_of(panels_size)]
array RULE_A[size_of(panels_size)]
array RULE_Z[size_of(panels_size)]
array BOX_A[size_of(panels_size)]
array BOX_Z[size_of(panels_size)]
array INTERVAL_A[size_of(panels_size)]
array INTERVAL_Z[size_of(panels_size)]
array HOLLOW_A[size_of(panels_size)]
array HOLLOW_Z[size_of(panels_size)]
panels = 0
stats 'panels.dat' using (n = panels + 1, panels = n, \
	LEFT[n] = column(1), RIGHT[n] = column(2), BOTTOM[n] = column(3), \
	TOP[n] = column(4), XMIN[n] = column(5), XMAX[n] = column(6), \
	YMIN[n] = column(7), YMAX[n] = column(8), YLOG[n] = column(9), \
	BAND_A[n] = int(column(10)), BAND_Z[n] = int(column(11)), \
	LIGHT_A[n] = int(column(12)), LIGHT_Z[n] = int(column(13)), \
	LINE_A[n] = int(column(14)), LINE_Z[n] = int(column(15)), \
	POINTS_A[n] = int(column(16)), POINTS_Z[n] = int(column(17)), \
	DOTS_A[n] = int(column(18)), DOTS_Z[n] = int(column(19)), \
	RULE_A[n] = int(column(20)), RULE_Z[n] = int(column(21)), \
	BOX_A[n] = int(column(22)), BOX_Z[n] = int(column(23)), \
	INTERVAL_A[n] = int(column(24)), INTERVAL_Z[n] = int(column(25)), \
	HOLLOW_A[n] = int(column(26)), HOLLOW_Z[n] = int(column(27)), 0) nooutput

# --- curves.dat: the look of each curve, and how many points apart its marks are
array LOOK[size_of(curves_size)]
array EVERY[size_of(curves_size)]
curves = 0
stats 'curves.dat' using (curves = curves + 1, LOOK[curves] = int(column(1)), \
	EVERY[curves] = int(column(2)), 0) nooutput

# --- tics.dat: panel, axis (1 is y), place, 1 for a minor one, label
array TIC_PANEL[size_of(tics_size)]
array TIC_Y[size_of(tics_size)]
array TIC_AT[size_of(tics_size)]
array TIC_MINOR[size_of(tics_size)]
array TIC_LABEL[size_of(tics_size)]
tics = 0
stats 'tics.dat' using (tics = tics + 1, TIC_PANEL[tics] = int(column(1)), \
	TIC_Y[tics] = int(column(2)), TIC_AT[tics] = column(3), \
	TIC_MINOR[tics] = int(column(4)), TIC_LABEL[tics] = strcol(5), 0) nooutput

# In a text the first blocks of data.dat are the bars of each panel.
block(c) = c - 1 + (text ? panels : 0)

# --- titles, labels of x, legend and caption: one plot as large as the picture
set multiplot
unset key
set lmargin at screen 0
set rmargin at screen 1
set bmargin at screen 0
set tmargin at screen 1
set xrange [0:1]
set yrange [0:1]
unset border
unset tics

# Samples of the legend: LEGEND_STYLE counts as enum figure_style does.
entries = 0
array LEGEND_X[size_of(entries_size)]
array LEGEND_X2[size_of(entries_size)]
array LEGEND_Y[size_of(entries_size)]
array LEGEND_STYLE[size_of(entries_size)]
array LEGEND_LOOK[size_of(entries_size)]
if (!text) {
	stats 'legend.dat' using (entries = entries + 1, LEGEND_X[entries] = column(1), \
		LEGEND_X2[entries] = column(2), LEGEND_Y[entries] = column(3), \
		LEGEND_STYLE[entries] = int(column(4)), \
		LEGEND_LOOK[entries] = int(column(5)), 0) nooutput
}
do for [i = 1:entries] {
	style = LEGEND_STYLE[i]
	look = LEGEND_LOOK[i]
	half = 6. / height
	if (style == 2 || style == 3) {
		set arrow from LEGEND_X[i], LEGEND_Y[i] to LEGEND_X2[i], LEGEND_Y[i] \
			nohead lw 1.6 lc rgb colour(look) dt dash(look)
	}
	if ((style == 2 && !bare) || style == 3 || style == 4) {
		set label '' at (LEGEND_X[i] + LEGEND_X2[i]) / 2, LEGEND_Y[i] \
			point pt (style == 4 && dot ? dot : mark(look)) ps 0.7 * size \
			lc rgb (style == 4 && dot ? 0x000000 : colour(look))
	}
	if (style == 0 || style == 1) {
		set object rectangle from LEGEND_X[i], LEGEND_Y[i] - half \
			to LEGEND_X2[i], LEGEND_Y[i] + half \
			fc rgb colour(0) fs solid (style == 0 ? 0.35 : 0.15) noborder
	}
	if (style == 5) {
		set arrow from (LEGEND_X[i] + LEGEND_X2[i]) / 2, LEGEND_Y[i] - half \
			to (LEGEND_X[i] + LEGEND_X2[i]) / 2, LEGEND_Y[i] + half \
			nohead lw 1 lc rgb 0x888888
	}
	if (style == 7 || style == 8) {
		set arrow from LEGEND_X[i], LEGEND_Y[i] to LEGEND_X2[i], LEGEND_Y[i] \
			nohead lw (style == 7 ? 3 : 1) lc rgb shade(style == 8, look)
		if (style == 8) {
			set label '' at (LEGEND_X[i] + LEGEND_X2[i]) / 2, LEGEND_Y[i] \
				point pt 7 ps 0.8 * size lc rgb 0xffffff
		}
		set label '' at (LEGEND_X[i] + LEGEND_X2[i]) / 2, LEGEND_Y[i] \
			point pt (style == 7 ? mark(look) : 6) ps size \
			lc rgb shade(style == 8, look)
	}
	if (style == 6) {
		set object rectangle from LEGEND_X[i], LEGEND_Y[i] - half \
			to LEGEND_X2[i], LEGEND_Y[i] + half \
			fc rgb colour(look) fs solid tint(look) noborder
		set object rectangle from LEGEND_X[i], LEGEND_Y[i] - half \
			to LEGEND_X2[i], LEGEND_Y[i] + half \
			fc rgb ink(look) fs transparent pattern pattern(look) \
			border lc rgb 0x000000
	}
}
if (text) {
	plot 'text.dat' using 1:2:4 with labels left
} else {
	plot 'text.dat' using 1:2:(column(3) == 0 ? strcol(4) : '') with labels left \
			font large, \
		'' using 1:2:(column(3) == 1 ? strcol(4) : '') with labels left, \
		'' using 1:2:(column(3) == 2 ? strcol(4) : '') with labels left \
			font small textcolor rgb 0x444444
}
unset arrow
unset label
unset object
set border 31 lc rgb 0x000000 lw 0.7
