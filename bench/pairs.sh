# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pairs_median: of the numbers on standard input, a line each: their median and the
# interval that holds the true one in at least 95 % of cases (order statistics, binomial:
# no distribution is assumed): "MEDIAN LOW HIGH".
pairs_median() {
	sort -n | awk '
		{ x[NR] = $1 }
		END {
			# The largest k with P(Binomial(n, 1/2) < k) <= 2.5 %.
			p = 0.5 ^ NR
			for (k = 0; (sum += p) <= 0.025; k++)
				p *= (NR - k) / (k + 1)
			k = k < 1 ? 1 : k
			m = NR % 2 ? x[(NR + 1) / 2] : (x[NR / 2] + x[NR / 2 + 1]) / 2
			print m, x[k], x[NR + 1 - k]
		}'
}
