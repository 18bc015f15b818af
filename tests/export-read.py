# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads exports with Python's own readers, and holds them against the result.

export-read.py FORMAT RESULT.json EXPORT [KIND]: every count of every bin, and every name,
has to be found again.
"""
import csv
import json
import re
import sys
import xml.etree.ElementTree as xml

FIO_LAST = 17112760320
TIMES = ("slat", "clat", "lat", "victim", "resp")


def fail(text):
    sys.exit("export-read: " + text)


def same(what, got, want):
    if got != want:
        fail("%s: %.300r, not %.300r" % (what, got, want))


def bins_of(dist):
    """Counts by lower bound; None where nothing was measured."""
    if not dist or not dist["N"]:
        return None
    return {int(low): n for low, n in dist["bins"].items()}


def items(result):
    for number, variant in enumerate(result["variants"], 1):
        for kind in variant["kinds"]:
            yield number, variant, kind


def add(into, more):
    for low, n in more.items():
        into[low] = into.get(low, 0) + n


def folded(dist):
    """As fio has them: what lies past its range is in its last bin."""
    out = {}
    for low, n in (bins_of(dist) or {}).items():
        add(out, {min(low, FIO_LAST): n})
    if dist and dist.get("saturated"):
        add(out, {FIO_LAST: dist["saturated"]})
    return out


def read_fio(result, text):
    document = json.loads(text)
    same("jobs[0] writes", document["jobs"][0]["write"]["total_ios"] > 0, True)
    found = 0
    for number, variant in enumerate(result["variants"], 1):
        names = []
        for kind in variant["kinds"]:
            if kind["job"] not in names:
                names.append(kind["job"])
        for name in names:
            jobs = [j for j in document["jobs"] if j["jobname"] == name]
            same("variants of " + name, len(jobs), len(result["variants"]))
            job = jobs[number - 1]
            for direction in ("read", "write"):
                kinds = [k for k in variant["kinds"] if k["job"] == name and
                         (k["kind"] == "read") == (direction == "read") and
                         (k["write"] or k["kind"] == "read")]
                got = job[direction]
                same("total_ios", got["total_ios"], sum(k["ops"] for k in kinds))
                same("io_bytes", got["io_bytes"], sum(k["bytes"] for k in kinds))
                for time in ("slat_ns", "clat_ns", "lat_ns"):
                    want = {}
                    for kind in kinds:
                        add(want, folded(kind[time]))
                    bins = {int(k): v for k, v in got[time].get("bins", {}).items()}
                    same("%s %s" % (direction, time), bins, want)
                    same("N", sum(bins.values()), got[time]["N"])
                    for one in got.get("kinds", []):
                        whole = [k for k in kinds if k["kind"] == one["kind"]]
                        same("bins of a kind", {int(k): v for k, v in
                             one.get(time, {}).get("bins", {}).items()},
                             folded(whole[0][time]))
                        found += 1
                    if len(kinds) == 1 and kinds[0][time] and kinds[0][time]["N"]:
                        same("percentiles", got[time]["percentile"],
                             kinds[0][time]["percentile"])
            sync = [k for k in variant["kinds"] if k["job"] == name and
                    not k["write"] and k["kind"] != "read"]
            same("sync", job["sync"]["total_ios"], sum(k["ops"] for k in sync))
    return found


def read_csv(result, path):
    got = {}
    with open(path, newline="", encoding="utf-8") as source:
        for row in csv.DictReader(source):
            same("columns", None in row or None in row.values(), False)
            key = (int(row["variant"]), row["round"], row["job"], row["kind"],
                   row["engine"], row["measure"], row["statistic"], row["at"])
            same("a value twice: %r" % (key,), key in got, False)
            got[key] = float(row["value"])
    nr = 0

    def kind_of(number, nth, kind):
        nonlocal nr
        base = (number, nth, kind["job"], kind["kind"], kind["engine"])
        same("ops", got.pop(base + ("ops", "count", "")), kind["ops"])
        for path_name, n in kind["paths"].items():
            if path_name not in ("flagged", "then"):
                same("path", got.pop(base + ("paths", "count", path_name)), n)
        for time in TIMES:
            dist = kind[time + "_ns"]
            if not dist or not dist["N"]:
                continue
            same("N", got.pop(base + (time, "N", "")), dist["N"])
            for p, ns in dist.get("percentile", {}).items():
                same("percentile", got.pop(base + (time, "percentile", p)), ns)
                nr += 1
            for low, n in dist.get("bins", {}).items():
                same("bin", got.pop(base + (time, "bin", low)), n)
                nr += 1
            for name in ("min", "max", "mean", "stddev"):
                value = got.pop(base + (time, name, ""))
                same(name, abs(value - dist[name]) <= 1e-9 * abs(value), True)
            if dist.get("saturated"):
                same("saturated", got.pop(base + (time, "saturated", "")),
                     dist["saturated"])

        for cause in kind.get("causes") or []:
            where = "completion:" if cause["in_completion"] else "sleep:"
            measure = where + cause["cause"]
            dist = cause["sleep_ns"]
            same("sleeps", got.pop(base + (measure, "N", "")), dist["N"])
            for p, ns in dist.get("percentile", {}).items():
                same("percentile", got.pop(base + (measure, "percentile", p)), ns)
            for low, n in dist.get("bins", {}).items():
                same("bin", got.pop(base + (measure, "bin", low)), n)
                nr += 1
            for name in ("min", "max", "mean", "stddev"):
                got.pop(base + (measure, name, ""))

    for number, variant, kind in items(result):
        kind_of(number, "", kind)
        for n, one in enumerate(variant["rounds"], 1):
            for k in one["kinds"]:
                if (k["job"], k["kind"]) == (kind["job"], kind["kind"]):
                    kind_of(number, str(n), k)
    same("rows that nobody asked for", {k[6] for k in got} - {"count", "sum", "mean"},
         set())
    return nr


def read_hgrm(result, text, wanted):
    dist = [k for _, _, k in items(result) if k["kind"] == wanted][0]["lat_ns"]
    so_far = 0
    counts = []
    values = []
    lines = text.rstrip("\n").split("\n")
    same("head", lines[0].split(), ["Value", "Percentile", "TotalCount",
                                    "1/(1-Percentile)"])
    for line in lines[1:]:
        if not line or line.startswith("#"):
            continue
        word = line.split()
        total = int(word[2])
        counts.append(total - so_far)
        values.append(float(word[0]))
        so_far = total
        same("percentile", abs(float(word[1]) - total / dist["N"]) < 1e-11, True)
        same("last column", len(word), 3 if total == dist["N"] else 4)
    low = sorted(int(b) for b in dist["bins"])
    want = [dist["bins"][str(b)] for b in low]
    if dist.get("saturated"):
        want.append(dist["saturated"])
    same("counts", counts, want)
    same("ascending", values, sorted(values))
    for value, bound in zip(values, low):
        same("value in its bin", bound <= value <= bound * (1 + 1 / 512) + 1, True)
    same("total", so_far, dist["N"])
    same("foot", "Total count    = %12d]" % dist["N"] in text, True)
    return len(counts)


LABEL = re.compile(r'([a-z0-9_]+)="((?:[^"\\]|\\.)*)"(,|$)')


def labels_of(text):
    out = {}
    while text:
        match = LABEL.match(text)
        if not match:
            fail("labels: " + text)
        out[match[1]] = re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), match[2])
        text = text[match.end():]
    return out


def read_prometheus(result, text):
    buckets = {}
    plain = {}
    for line in text.split("\n"):
        if not line or line.startswith("#"):
            continue
        match = re.fullmatch(r"([a-z0-9_]+)\{(.*)\} (\S+)", line, re.S)
        if not match:
            fail("line: " + line)
        labels = labels_of(match[2])
        key = (labels.get("variant", ""), labels.get("job"), labels.get("kind"))
        if match[1].endswith("_bucket"):
            buckets.setdefault((match[1][:-7],) + key, []).append(
                (labels["le"], int(match[3])))
        else:
            plain[(match[1],) + key] = float(match[3])
    nr = 0
    for number, variant, kind in items(result):
        name = [k for k in buckets if k[2:] == (kind["job"], kind["kind"])]
        variants = list(dict.fromkeys(k[1] for k in name))
        same("variants", len(variants), len(result["variants"]))
        for time in TIMES:
            dist = kind[time + "_ns"]
            bins = bins_of(dist)
            if bins is None:
                continue
            metric = "diowait_%s_seconds" % time
            matching = [k for k in name if k[0] == metric and
                        k[1] == variants[number - 1]]
            if len(matching) != 1:
                fail("%d series of %s" % (len(matching), metric))
            for bound, count in buckets[matching[0]]:
                if bound == "+Inf":
                    same("+Inf", count, dist["N"])
                    continue
                ns = round(float(bound) * 1e9)
                same("bucket", count, sum(n for b, n in bins.items() if b <= ns))
                nr += 1
            same("count", plain[(metric + "_count",) + matching[0][1:]], dist["N"])
            total = plain[(metric + "_sum",) + matching[0][1:]]
            same("sum", abs(total - dist["mean"] * dist["N"] / 1e9) <= 1e-8 +
                 1e-9 * total, True)
    return nr


def one_line(name):
    return "".join("?" if c < " " or c in "\x7f#" else c for c in name)


def read_ktap(result, text):
    lines = text.rstrip("\n").split("\n")
    same("version", lines[0], "KTAP version 1")
    # kunit's parser: a line of a test that it would not know has no match.
    test = re.compile(r"^\s*(ok|not ok) ([0-9]+) ?(- )?([^#]*)( # .*)?$")
    found = [test.match(line) for line in lines[2:] if not line.startswith("#")]
    same("lines", None in found, False)
    same("plan", lines[1], "1..%d" % len(found))
    same("numbers", [int(m[2]) for m in found], list(range(1, len(found) + 1)))
    if not result.get("stress"):
        names = [m[4] for m in found[1:]]
        for name, (_, _, kind) in zip(names, items(result)):
            want = one_line("%s %s %s" % (kind["job"], kind["kind"], kind["engine"]))
            same("name", name == want or name.startswith(want + " "), True)
        same("tests", len(names), len(list(items(result))))
        bad = [bool(set(k["errors"]) - {"ENOSPC", "EAGAIN"}) for _, _, k in items(result)]
        same("verdicts", [m[1] == "not ok" for m in found],
             [bool(result["interrupted"])] + bad)
    else:
        same("verdicts", [m[1] == "not ok" for m in found],
             [w["broken"] > 0 for w in result["stress"]["scenarios"]])
    return len(found)


# What JUnit's readers agree on: an element's attributes (those that have to be there
# first, with a bar) and children.
JUNIT = {
    "testsuites": ("|tests failures errors time", "testsuite"),
    "testsuite": ("name tests failures errors|skipped time timestamp",
                  "properties testcase"),
    "properties": ("|", "property"),
    "property": ("name value|", ""),
    "testcase": ("name classname|time", "failure system-out"),
    "failure": ("type|message", ""),
    "system-out": ("|", ""),
}


def check_junit(element):
    attributes, children = JUNIT[element.tag]
    needed, allowed = (set(part.split()) for part in attributes.split("|"))
    have = set(element.attrib)
    same("attributes of " + element.tag, needed <= have <= needed | allowed, True)
    for child in element:
        same("child of " + element.tag, child.tag in children.split(), True)
        check_junit(child)


def read_junit(result, path):
    root = xml.parse(path).getroot()
    check_junit(root)
    cases = root.findall("testsuite/testcase")
    suite = root.find("testsuite")
    same("tests", int(suite.get("tests")), len(cases))
    same("failures", int(suite.get("failures")),
         len(root.findall("testsuite/testcase/failure")))
    same("timestamp", suite.get("timestamp") + "Z", result["started"])
    same("names", len({(c.get("classname"), c.get("name")) for c in cases}), len(cases))
    if not result.get("stress"):
        for case, (_, _, kind) in zip(cases[1:], items(result)):
            name = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd",
                          kind["job"])
            same("classname", case.get("classname"), "diowait." + name)
            same("failure", case.find("failure") is not None,
                 bool(set(kind["errors"]) - {"ENOSPC", "EAGAIN"}))
        same("tests", len(cases), 1 + len(list(items(result))))
    return len(cases)


def read_gobench(result, text):
    nr = 0
    for line in text.split("\n"):
        if not line.startswith("Benchmark"):
            if line and not re.match(r"# |Unit |[a-z][^\sA-Z:]*: ", line):
                fail("neither a comment nor configuration: " + line)
            continue
        word = line.split()
        same("name", re.fullmatch(r"Benchmark[^a-z]\S*", word[0]) is not None, True)
        same("no number of processors", re.search(r"-\d+$", word[0]), None)
        same("iterations", int(word[1]) > 0, True)
        same("pairs", len(word) % 2, 0)
        for value, unit in zip(word[2::2], word[3::2]):
            float(value)
            same("unit", re.fullmatch(r"[a-z0-9./-]+", unit) is not None, True)
        nr += 1
    want = sum(1 for v in result["variants"] for r in v["rounds"] for k in r["kinds"]
               if k["lat_ns"] and k["lat_ns"]["N"])
    same("lines", nr, want)
    return nr


def main():
    form, result_path, path = sys.argv[1:4]
    with open(result_path, encoding="utf-8") as source:
        result = json.load(source)
    with open(path, encoding="utf-8", newline="") as source:
        text = source.read()
    if form == "fio-json":
        nr = read_fio(result, text)
    elif form == "csv":
        nr = read_csv(result, path)
    elif form == "hgrm":
        nr = read_hgrm(result, text, sys.argv[4])
    elif form == "prometheus":
        nr = read_prometheus(result, text)
    elif form == "ktap":
        nr = read_ktap(result, text)
    elif form == "junit":
        nr = read_junit(result, path)
    elif form == "gobench":
        nr = read_gobench(result, text)
    else:
        fail("no reader for " + form)
    same("nothing was read", nr > 0, True)
    print("%s: %d found again" % (form, nr))


main()
