# SPDX-License-Identifier: GPL-2.0-or-later
# Points with their intervals, a row each, about a vertical line; in a text, letters.
load 'common.gp'
# What is past the frame ends there, and an arrow says so.
cut(x) = x < XMIN[p] ? XMIN[p] : x > XMAX[p] ? XMAX[p] : x
inside(x) = x < XMIN[p] || x > XMAX[p] ? NaN : x
head = 0.02
do for [p = 1:panels] {
	load 'panel.gp'
	long = head * (XMAX[p] - XMIN[p])
	if (text) {
		set ytics scale 0
		plot 'data.dat' index p - 1 using 1:2:3 with labels left
	} else {
		plot for [c = LIGHT_A[p]:LIGHT_Z[p]] 'data.dat' index block(c) \
				using 1:2:3 with filledcurves \
				fc rgb colour(0) fs solid 0.15 noborder, \
			for [c = RULE_A[p]:RULE_Z[p]] 'data.dat' index block(c) \
				using 1:(YMIN[p]):(0):(YMAX[p] - YMIN[p]) \
				with vectors nohead lw 1 lc rgb 0x444444, \
			for [c = INTERVAL_A[p]:INTERVAL_Z[p]] 'data.dat' index block(c) \
				using (cut($2)):4:(cut($3) - cut($2)):(0) \
				with vectors nohead lw 3 lc rgb shade(0, LOOK[c]), \
			for [c = HOLLOW_A[p]:HOLLOW_Z[p]] 'data.dat' index block(c) \
				using (cut($2)):4:(cut($3) - cut($2)):(0) \
				with vectors nohead lw 1 lc rgb shade(1, LOOK[c]), \
			for [c = INTERVAL_A[p]:HOLLOW_Z[p]] 'data.dat' index block(c) \
				using (XMIN[p] + long):($2 < XMIN[p] ? $4 : NaN):(-long):(0) \
				with vectors head filled size long, 15 fixed lw 1 \
				lc rgb shade(c >= HOLLOW_A[p], LOOK[c]), \
			for [c = INTERVAL_A[p]:HOLLOW_Z[p]] 'data.dat' index block(c) \
				using (XMAX[p] - long):($3 > XMAX[p] ? $4 : NaN):(long):(0) \
				with vectors head filled size long, 15 fixed lw 1 \
				lc rgb shade(c >= HOLLOW_A[p], LOOK[c]), \
			for [c = INTERVAL_A[p]:INTERVAL_Z[p]] 'data.dat' index block(c) \
				using (inside($1)):4 with points pt mark(LOOK[c]) \
				ps 1.4 * size lc rgb shade(0, LOOK[c]), \
			for [c = HOLLOW_A[p]:HOLLOW_Z[p]] 'data.dat' index block(c) \
				using (inside($1)):4 with points pt 7 ps 1 * size \
				lc rgb 0xffffff, \
			for [c = HOLLOW_A[p]:HOLLOW_Z[p]] 'data.dat' index block(c) \
				using (inside($1)):4 with points pt 6 ps 1.1 * size \
				lc rgb shade(1, LOOK[c])
	}
}
unset multiplot
unset output
