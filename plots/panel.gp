# SPDX-License-Identifier: GPL-2.0-or-later
# Frame, ranges, tics and grid of panel p.
set lmargin at screen LEFT[p]
set rmargin at screen RIGHT[p]
set bmargin at screen BOTTOM[p]
set tmargin at screen TOP[p]
unset logscale
set xrange [XMIN[p]:XMAX[p]]
set yrange [YMIN[p]:YMAX[p]]
if (YLOG[p]) { set logscale y }
set xtics () noenhanced scale 0.5, 0.25 nomirror
set ytics () noenhanced scale 0.5, 0.25 nomirror
do for [t = 1:tics] {
	if (TIC_PANEL[t] == p && !(text && TIC_MINOR[t])) {
		if (TIC_Y[t]) {
			set ytics add (TIC_LABEL[t] TIC_AT[t] TIC_MINOR[t])
		} else {
			set xtics add (TIC_LABEL[t] TIC_AT[t] TIC_MINOR[t])
		}
	}
}
if (!text) { set grid xtics ytics lt 1 lc rgb 0xcccccc lw 0.6 dt solid }
