# SPDX-License-Identifier: GPL-2.0-or-later
# Horizontal bars of parts, each with a colour and a pattern; in a text, letters.
dot = 13
load 'common.gp'
do for [p = 1:panels] {
	load 'panel.gp'
	if (text) {
		set ytics scale 0
		plot 'data.dat' index p - 1 using 1:2:3 with labels left, \
			for [c = DOTS_A[p]:DOTS_Z[p]] 'data.dat' index block(c) \
				using 1:2 with points pt mark(LOOK[c])
	} else {
		plot for [c = BOX_A[p]:BOX_Z[p]] 'data.dat' index block(c) \
				using (($1 + $2) / 2):(($3 + $4) / 2):1:2:3:4 \
				with boxxyerror fc rgb colour(LOOK[c]) \
				fs solid tint(LOOK[c]) noborder, \
			for [c = BOX_A[p]:BOX_Z[p]] 'data.dat' index block(c) \
				using (($1 + $2) / 2):(($3 + $4) / 2):1:2:3:4 \
				with boxxyerror fc rgb ink(LOOK[c]) \
				fs transparent pattern pattern(LOOK[c]) \
				border lc rgb 0x000000, \
			for [c = DOTS_A[p]:DOTS_Z[p]] 'data.dat' index block(c) \
				using 1:2 with points pt dot ps 1 * size lc rgb 0x000000
	}
}
unset multiplot
unset output
