# SPDX-License-Identifier: GPL-2.0-or-later
# Lines with marks, over the bands of those that have some.
load 'common.gp'
do for [p = 1:panels] {
	load 'panel.gp'
	if (text) {
		plot for [c = LINE_A[p]:LINE_Z[p]] 'data.dat' index block(c) \
				using 1:2 with points pt mark(LOOK[c]), \
			for [c = POINTS_A[p]:POINTS_Z[p]] 'data.dat' index block(c) \
				using 1:2 with linespoints lt 0 pt mark(LOOK[c]), \
			for [c = DOTS_A[p]:DOTS_Z[p]] 'data.dat' index block(c) \
				using 1:2 with points pt mark(LOOK[c])
	} else {
		plot for [c = BAND_A[p]:BAND_Z[p]] 'data.dat' index block(c) \
				using 1:2:3 with filledcurves \
				fc rgb colour(LOOK[c]) fs solid 0.18 noborder, \
			for [c = LINE_A[p]:LINE_Z[p]] 'data.dat' index block(c) \
				using 1:2 with linespoints lw 1.6 \
				lc rgb colour(LOOK[c]) dt dash(LOOK[c]) \
				pt mark(LOOK[c]) ps 0.6 * size pi EVERY[c], \
			for [c = POINTS_A[p]:POINTS_Z[p]] 'data.dat' index block(c) \
				using 1:2 with linespoints lw 1.6 \
				lc rgb colour(LOOK[c]) dt dash(LOOK[c]) \
				pt mark(LOOK[c]) ps 0.6 * size, \
			for [c = DOTS_A[p]:DOTS_Z[p]] 'data.dat' index block(c) \
				using 1:2 with points lc rgb colour(LOOK[c]) \
				pt mark(LOOK[c]) ps 0.8 * size
	}
}
unset multiplot
unset output
