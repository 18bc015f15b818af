#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# results/tables.sh DIR: the table of a question's result documents, DIR/FS.json. A time
# is the median over the rounds of a variant, and in parentheses the lowest and the
# highest round: of six rounds that is a 97 % interval of the median (order statistics,
# 1 - 2 / 2^6). damage: mean time of a write that others' submissions took from it:
# held (of writes whose completion was watched) + convoy where kernel events were
# watched, else victim. behind: mean time that it waited behind earlier writes of its
# call, and what its kind slept for in submissions (causes of 1 % of that time or more),
# where kernel events were watched. in flight: how many of a job's operations were, from
# the begin of their submission until they were seen, on the average of a round (Little's
# law: the sum of IOPS times mean lat). queued: the same from the end of their submission
# (clat), so without those that wait in it. Warnings of the run stand below its first
# line.
set -eu
LC_ALL=C
export LC_ALL

for fs in ext4 xfs btrfs; do
	[ -e "$1/$fs.json" ] || continue
	jq -r --arg fs "$fs" '
		def median: sort | if length % 2 == 1 then .[length / 2 | floor]
			else (.[length / 2 - 1] + .[length / 2]) / 2 end;
		def times(p): if length == 0 then "-" else map(p) |
			"\(median) \(min) \(max)" end;
		. as $r |
		"# \($fs), \(.host.kernel), \(.started[0:10]), \(.variants[0].rounds | length)" +
			" rounds; causes " + (if .evidence.tier == 2 then "watched" else "not watched" end),
		(.notes[] | select(.level == "warn") | "! " + .text),
		([.variants[].keys | keys[]] | unique | map(. as $k |
			select([$r.variants[].keys[$k]] | unique | length > 1))) as $swept |
		($swept | if index("append%") then map(select(. != "mix")) else . end) as $swept |
		.variants[] | . as $v |
		([$swept[] | "\(.)=\($v.keys[.])"] | join(" ")) as $name |
		([$v.kinds[].job] | unique) as $jobs |
		(.kinds[] | . as $k | select(.ops > 0) |
		[$v.rounds[].kinds[] | select(.job == $k.job and .kind == $k.kind and
			.engine == $k.engine and .lat_ns.N > 0)] as $rounds |
		[$name, (if ($jobs | length) > 1 then "\(.job): " else "" end)
			+ .kind, ($rounds | times(.iops)),
			($rounds | times(.slat_ns.percentile["50.000000"])),
			($rounds | times(.lat_ns.percentile["50.000000"])),
			($rounds | times(.lat_ns.percentile["99.000000"])),
			(if .held_ns then .held_ns.mean + .convoy_ns.mean
				else .victim_ns.mean end),
			(if .held_ns then .behind_ns.mean, ([.causes[] | select(.total_ns >= 0.01 *
				([$k.causes[].total_ns] | add)) | .cause] | join(", "))
				else "-", "" end)] | @tsv),
		($jobs[] | . as $job | def little(time): [$v.rounds[] | [.kinds[] |
				select(.job == $job and .lat_ns.N > 0) |
				.iops * (time.mean // 0) / 1e9] | add | select(.)] | times(.);
			[$name, "flight", $job, little(.lat_ns), little(.clat_ns)] | @tsv)' "$1/$fs.json"
done | awk -F '\t' '
	function digits(x) { return x >= 99.95 ? "%.0f" : x >= 9.995 ? "%.1f" : "%.2f" }
	function ns(x) {
		if (x == "-")
			return x
		if (x >= 999500)
			return sprintf(digits(x / 1e6) " ms", x / 1e6)
		return sprintf(digits(x / 1e3) " us", x / 1e3)
	}
	function rate(x) {
		return x >= 999.5 ? sprintf(digits(x / 1e3) " k", x / 1e3) : sprintf("%.0f", x)
	}
	function three(text, f,   part) {
		if (split(text, part, " ") < 3)
			return "-"
		if (f == "rate")
			return rate(part[1]) " (" rate(part[2]) " .. " rate(part[3]) ")"
		return ns(part[1]) " (" ns(part[2]) " .. " ns(part[3]) ")"
	}
	function plain(text,   part) {
		split(text, part, " ")
		return sprintf("%.1f (%.1f .. %.1f)", part[1], part[2], part[3])
	}
	/^!/ { print "  warning: " substr($0, 3); next }
	/^#/ { print (NR > 1 ? "\n" : "") substr($0, 3); last = ""; next }
	{
		if ($1 != last)
			print "\n  " $1
		last = $1
		if ($2 == "flight") {
			printf "    %-18s in flight %s, queued %s\n", $3, plain($4), plain($5)
			next
		}
		printf "    %-18s IOPS %s\n", $2, three($3, "rate")
		printf "      slat p50 %s\n      lat p50  %s\n      lat p99  %s\n", three($4),
			three($5), three($6)
		printf "      damage   %s\n", ns($7)
		if ($8 != "-")
			printf "      behind   %s%s\n", ns($8), $9 ? "; slept for " $9 : ""
	}'
