# SPDX-License-Identifier: GPL-2.0-or-later
# Percentiles over time: bands, the median, maxima, and where rounds begin.
bare = 1
load 'common.gp'
do for [p = 1:panels] {
	load 'panel.gp'
	if (text) {
		plot for [c = LINE_A[p]:LINE_Z[p]] 'data.dat' index block(c) \
				using 1:2 with points pt mark(LOOK[c]), \
			for [c = DOTS_A[p]:DOTS_Z[p]] 'data.dat' index block(c) \
				using 1:2 with points pt mark(LOOK[c])
	} else {
		plot for [c = LIGHT_A[p]:LIGHT_Z[p]] 'data.dat' index block(c) \
				using 1:2:3 with filledcurves \
				fc rgb colour(0) fs solid 0.15 noborder, \
			for [c = BAND_A[p]:BAND_Z[p]] 'data.dat' index block(c) \
				using 1:2:3 with filledcurves \
				fc rgb colour(0) fs solid 0.35 noborder, \
			for [c = RULE_A[p]:RULE_Z[p]] 'data.dat' index block(c) \
				using 1:(YMIN[p]):(0):(YMAX[p] - YMIN[p]) \
				with vectors nohead lw 0.7 lc rgb 0x888888, \
			for [c = LINE_A[p]:LINE_Z[p]] 'data.dat' index block(c) \
				using 1:2 with lines lw 1.8 lc rgb colour(0), \
			for [c = DOTS_A[p]:DOTS_Z[p]] 'data.dat' index block(c) \
				using 1:2 with points pt mark(LOOK[c]) ps 0.5 * size \
				lc rgb colour(LOOK[c])
	}
}
unset multiplot
unset output
