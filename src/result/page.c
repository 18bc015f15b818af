// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A trend as one HTML file: no server, no network, and without its script all but the
 * moving readout. What comes from results is text or a link, never markup or script:
 * put_text() and put_link() are the only ways in.
 */
#include "result/trend.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "result/format.h"

/* A graph, in its own units: about a pixel each. */
#define WIDTH 360.0
#define HEIGHT 150.0
#define LEFT 58.0
#define RIGHT 352.0
#define TOP 12.0
#define BOTTOM 126.0
#define POINTS_MAX 400 /* nights that are drawn; the last ones */
#define SPARK_NIGHTS 60
#define SPARK_WIDTH 96.0
#define SPARK_HEIGHT 22.0

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	"style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n"
	"<link rel=\"icon\" href=\"data:,\">\n"
	"<title>diowait: every night</title>\n<style>\n"
	":root{--bg:#fff;--fg:#1b1f24;--dim:#57606a;--line:#d0d7de;--ink:#0a58a5;"
	"--bad:#b3261e;--good:#1a6b34;--level:#8c5a00}\n"
	"@media(prefers-color-scheme:dark){:root{--bg:#14171b;--fg:#e3e7eb;"
	"--dim:#9aa4ae;--line:#363d45;--ink:#6cb2f5;--bad:#ff8a80;--good:#7bd48f;"
	"--level:#e0b050}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0 auto;padding:1rem;max-width:76rem;background:var(--bg);"
	"color:var(--fg);font:15px/1.45 system-ui,sans-serif}\n"
	"h1{font-size:1.35rem;margin:.2rem 0}h2{font-size:1.1rem;margin:2rem 0 .2rem;"
	"border-top:1px solid var(--line);padding-top:1rem;overflow-wrap:anywhere}\n"
	"h3{font-size:1rem;margin:1.2rem 0 .3rem;overflow-wrap:anywhere}\n"
	"p{margin:.3rem 0;overflow-wrap:anywhere}.dim{color:var(--dim)}\n"
	"a{color:var(--ink)}.slower{color:var(--bad);font-weight:600}"
	".faster{color:var(--good);font-weight:600}\n"
	".wide{overflow-x:auto}table{border-collapse:collapse;width:100%}\n"
	"th,td{text-align:left;padding:.3rem .7rem .3rem 0;vertical-align:top;"
	"border-bottom:1px solid var(--line);font-variant-numeric:tabular-nums}\n"
	"th{font-weight:600}td.k{overflow-wrap:anywhere;min-width:7rem}\n"
	"th.e{overflow-wrap:anywhere;padding-top:.9rem}th.e span{font-weight:400}\n"
	/* A phone shows all verdicts, and scrolls for none. */
	"@media(max-width:40rem){.o{table-layout:fixed}.o td,.o th{padding-right:.3rem}"
	".o .k{width:37%;min-width:0}}\n"
	".grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(20rem,100%),"
	"1fr));gap:1rem}\n"
	"figure{margin:0;min-width:0}figcaption{font-size:.9rem}\n"
	"svg{display:block;width:100%;height:auto;overflow:visible}\n"
	"svg.s{width:100%;max-width:96px;height:22px}\n"
	"svg text{fill:var(--dim);font:11px system-ui,sans-serif}\n"
	".f{fill:none;stroke:var(--line)}.l{fill:none;stroke:var(--ink);stroke-width:1;"
	"opacity:.55}.m{stroke:var(--level);stroke-width:1.6}\n"
	".c{stroke:var(--bad);stroke-dasharray:3 2}.c.b{stroke:var(--good)}\n"
	"circle{fill:var(--ink)}circle.o{fill:none;stroke:var(--ink)}"
	"circle.on{r:5px;stroke:var(--fg)}\n"
	"svg.g{margin:.3rem 0;overflow:hidden}svg.g:focus{outline:2px solid var(--ink)}\n"
	"output{display:block;min-height:1.5em;font-size:.85rem;color:var(--dim);"
	"overflow-wrap:anywhere}\n"
	"ul{margin:.3rem 0;padding-left:1.2rem}summary{cursor:pointer;margin:.6rem 0}\n"
	"</style></head><body>\n";

/*
 * The readout of a graph: the night under the pointer, or the one that the arrow keys
 * reached. It copies texts that stand in the page, as text.
 */
static const char script[] =
	"<script>\n'use strict';\n"
	"for(const g of document.querySelectorAll('svg.g')){\n"
	" const p=[...g.querySelectorAll('circle')],o=g.parentNode.querySelector('output');\n"
	" if(!p.length)continue;\n"
	" let at=-1;\n"
	" const show=i=>{if(at>=0)p[at].classList.remove('on');"
	"at=Math.max(0,Math.min(p.length-1,i));p[at].classList.add('on');"
	"o.textContent=p[at].querySelector('title').textContent};\n"
	" const near=e=>{const r=g.getBoundingClientRect(),"
	"x=(e.clientX-r.left)*" /* viewBox */ "360/r.width;let b=0,d=1e9;"
	"p.forEach((c,i)=>{const n=Math.abs(c.cx.baseVal.value-x);if(n<d){d=n;b=i}});"
	"show(b)};\n"
	" g.addEventListener('pointermove',near);g.addEventListener('pointerdown',near);\n"
	" g.addEventListener('focus',()=>show(at<0?p.length-1:at));\n"
	" g.addEventListener('keydown',e=>{const k={ArrowLeft:at-1,ArrowRight:at+1,Home:0,"
	"End:p.length-1}[e.key];if(k!==undefined){e.preventDefault();show(k)}});\n"
	"}\n</script>\n";

/* ---- what comes from results ---- */

static void put_text(FILE *out, const char *s)
{
	char *clean = format_utf8_clean(s);

	format_put_markup(out, clean ? clean : "?");
	free(clean);
}

/* A part of a path, for a link. "./" in front: a name never is a scheme. */
static void put_link(FILE *out, const char *s)
{
	for (; *s; s++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
			   "._-",
			   *s))
			fputc(*s, out);
		else
			fprintf(out, "%%%02X", (unsigned char)*s);
}

/* HOST/ENTRY/FILE, with another ending than .json where one is given. */
static void put_file(FILE *out, const struct trend_entry *e, const char *file,
		     const char *ending)
{
	size_t stem = strlen(file) - strlen(".json");

	fputs("./", out);
	put_link(out, e->of->host);
	fputc('/', out);
	put_link(out, e->of->name);
	fputc('/', out);
	if (!ending) {
		put_link(out, file);
		return;
	}
	for (; stem--; file++)
		put_link(out, (const char[]){ *file, '\0' });
	fputs(ending, out);
}

static void put_id(FILE *out, const struct trend_entry *e)
{
	put_text(out, e->of->host);
	fputc('/', out);
	put_text(out, e->of->name);
}

/* ---- graphs ---- */

/* What is drawn of a series: its last nights, between two values. */
struct view {
	size_t from, nr;
	double low, high;
};

static struct view view_of(const struct trend_series *s, size_t nights)
{
	struct view v = { .from = s->nr > nights ? s->nr - nights : 0 };
	size_t i;

	v.nr = s->nr - v.from;
	v.low = v.high = s->value[v.from];
	for (i = v.from; i < s->nr; i++) {
		v.low = fmin(v.low, s->value[i]);
		v.high = fmax(v.high, s->value[i]);
	}
	/* Noise of a per cent must not look like mountains. */
	if (v.high < 1.1 * v.low) {
		double middle = (v.low + v.high) / 2;

		v.low = 0.95 * middle;
		v.high = 1.05 * middle;
	}
	return v;
}

static double x_of(const struct view *v, size_t i)
{
	return v->nr < 2 ? (LEFT + RIGHT) / 2 :
			   LEFT + 4 +
				   (RIGHT - LEFT - 8) * (double)(i - v->from) /
					   (double)(v->nr - 1);
}

static double y_of(const struct view *v, double value)
{
	return BOTTOM - 4 - (BOTTOM - TOP - 8) * (value - v->low) / (v->high - v->low);
}

static void put_spark(FILE *out, const struct trend_series *s)
{
	struct view v = view_of(s, SPARK_NIGHTS);
	size_t i;

	fprintf(out,
		"<svg class=\"s\" viewBox=\"0 0 %g %g\" aria-hidden=\"true\">"
		"<polyline class=\"l\" points=\"",
		SPARK_WIDTH, SPARK_HEIGHT);
	for (i = v.from; i < s->nr; i++)
		fprintf(out, "%.1f,%.1f ",
			2 + (SPARK_WIDTH - 4) * (double)(i - v.from) /
					(double)(v.nr > 1 ? v.nr - 1 : 1),
			SPARK_HEIGHT - 2 -
				(SPARK_HEIGHT - 4) * (s->value[i] - v.low) /
					(v.high - v.low));
	fputs("\"/></svg>", out);
}

/* Levels as lines, changes as rules. */
static void put_levels(FILE *out, const struct trend_series *s, const struct view *v)
{
	size_t k;

	for (k = 0; k < s->change_nr; k++) {
		const struct change *c = &s->change[k];
		size_t end = k + 1 < s->change_nr ? s->change[k + 1].at : s->nr;
		bool worse = (c->after > c->before) == (s->measure != COMPARE_IOPS);

		if (end <= v->from)
			continue;
		if (c->at > v->from)
			fprintf(out,
				"<line class=\"c%s\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%g\" "
				"y2=\"%g\"/>",
				worse ? "" : " b", x_of(v, c->at), x_of(v, c->at), TOP,
				BOTTOM);
		fprintf(out,
			"<line class=\"m\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" "
			"y2=\"%.1f\"/>",
			x_of(v, c->at > v->from ? c->at : v->from), x_of(v, end - 1),
			y_of(v, c->after), y_of(v, c->after));
	}
}

static void put_axes(FILE *out, const struct trend_entry *e, const struct trend_series *s,
		     const struct view *v)
{
	char text[FORMAT_MAX];
	int k;

	fprintf(out, "<path class=\"f\" d=\"M%g %gV%gH%g\"/>", LEFT, TOP, BOTTOM, RIGHT);
	for (k = 0; k < 3; k++) {
		double value = v->low + (v->high - v->low) * k / 2;

		fprintf(out, "<text x=\"%g\" y=\"%.1f\" text-anchor=\"end\">", LEFT - 5,
			y_of(v, value) + 4);
		put_text(out, trend_value_text(text, s->measure, value));
		fputs("</text>", out);
	}
	fprintf(out, "<text x=\"%g\" y=\"%g\">", LEFT, HEIGHT - 8);
	put_text(out, format_day(text, &trend_run(e, s, v->from)->started));
	fprintf(out, "</text><text x=\"%g\" y=\"%g\" text-anchor=\"end\">", RIGHT,
		HEIGHT - 8);
	put_text(out, format_day(text, &trend_run(e, s, s->nr - 1)->started));
	fputs("</text>", out);
}

/* "143 us, 2026-11-26T01:30:00Z, kernel 6.18.44". */
static void put_night(FILE *out, const struct trend_entry *e,
		      const struct trend_series *s, size_t at)
{
	const struct store_run *run = trend_run(e, s, at);
	char value[FORMAT_MAX], when[FORMAT_MAX];

	put_text(out, trend_value_text(value, s->measure, s->value[at]));
	fputs(", ", out);
	put_text(out, format_time(when, &run->started));
	fputs(", kernel ", out);
	put_text(out, run->kernel);
	if (s->outlier[at])
		fputs(", stood out alone", out);
}

static void put_points(FILE *out, const struct trend_entry *e,
		       const struct trend_series *s, const struct view *v)
{
	size_t i;

	fputs("<polyline class=\"l\" points=\"", out);
	for (i = v->from; i < s->nr; i++)
		fprintf(out, "%.1f,%.1f ", x_of(v, i), y_of(v, s->value[i]));
	fputs("\"/>", out);
	for (i = v->from; i < s->nr; i++) {
		fprintf(out, "<circle%s cx=\"%.1f\" cy=\"%.1f\" r=\"2.2\"><title>",
			s->outlier[i] ? " class=\"o\"" : "", x_of(v, i),
			y_of(v, s->value[i]));
		put_night(out, e, s, i);
		fputs("</title></circle>", out);
	}
	put_levels(out, s, v);
}

static void put_changes(FILE *out, const struct trend_entry *e,
			const struct trend_series *s)
{
	char a[FORMAT_MAX], b[FORMAT_MAX], day[FORMAT_MAX];
	size_t k;

	if (!s->change_nr)
		return;
	fputs("<ul>", out);
	for (k = 0; k < s->change_nr; k++) {
		const struct change *c = &s->change[k];
		const char *old = trend_run(e, s, c->at - 1)->kernel;
		const char *new = trend_run(e, s, c->at)->kernel;
		bool worse = (c->after > c->before) == (s->measure != COMPARE_IOPS);

		fprintf(out, "<li>%s: <span class=\"%s\">%+.1f %%</span>, ",
			format_day(day, &trend_run(e, s, c->at)->started),
			worse ? "slower" : "faster", 100 * (c->after / c->before - 1));
		put_text(out, trend_value_text(a, s->measure, c->before));
		fputs(" to ", out);
		put_text(out, trend_value_text(b, s->measure, c->after));
		fputs(", kernel ", out);
		if (strcmp(old, new) != 0) {
			put_text(out, old);
			fputs(" to ", out);
		}
		put_text(out, new);
		fprintf(out, c->p < 0.0001 ? ", p &lt; 0.0001</li>" : ", p %.4f</li>",
			c->p);
	}
	fputs("</ul>", out);
}

static void put_graph(FILE *out, const struct trend_entry *e,
		      const struct trend_series *s)
{
	struct view v = view_of(s, POINTS_MAX);

	fputs("<figure><figcaption>", out);
	put_text(out, compare_measure_name(s->measure));
	fprintf(out, ": <span class=\"%s\">%s</span></figcaption>",
		trend_verdict_word(s->verdict), trend_verdict_word(s->verdict));
	fprintf(out,
		"<svg class=\"g\" viewBox=\"0 0 %g %g\" tabindex=\"0\" role=\"img\" "
		"aria-label=\"",
		WIDTH, HEIGHT);
	put_text(out, compare_measure_name(s->measure));
	fputs(" of ", out);
	put_text(out, s->row->kind);
	fprintf(out, ", %zu nights, %s; arrow keys go from night to night\">", s->nr,
		trend_verdict_word(s->verdict));
	put_axes(out, e, s, &v);
	put_points(out, e, s, &v);
	fputs("</svg><output aria-live=\"polite\">", out);
	put_night(out, e, s, s->nr - 1);
	fputs("</output>", out);
	put_changes(out, e, s);
	fputs("</figure>\n", out);
}

/* ---- the page ---- */

static void put_row_name(FILE *out, const struct store_row *row)
{
	put_text(out, row->kind);
	fputs(", ", out);
	put_text(out, row->engine);
	fputs(" <span class=\"dim\">job ", out);
	put_text(out, row->job);
	if (*row->variant) {
		fputs(", ", out);
		put_text(out, row->variant);
	}
	fputs("</span>", out);
}

static const struct trend_series *series_of(const struct trend_entry *e,
					    const struct store_row *row,
					    enum compare_measure measure)
{
	size_t i;

	for (i = 0; i < e->series_nr; i++)
		if (e->series[i].row == row && e->series[i].measure == measure)
			return &e->series[i];
	return NULL;
}

/* Calls each for each kind of an entry, once. */
static void each_row(FILE *out, const struct trend_entry *e,
		     void (*each)(FILE *out, const struct trend_entry *e,
				  const struct store_row *row))
{
	const struct store_row *row = NULL;
	size_t i;

	for (i = 0; i < e->series_nr; i++) {
		if (e->series[i].row != row)
			each(out, e, e->series[i].row);
		row = e->series[i].row;
	}
}

static void put_overview_row(FILE *out, const struct trend_entry *e,
			     const struct store_row *row)
{
	char text[FORMAT_MAX];
	int m;

	fputs("<tr><td class=\"k\">", out);
	put_row_name(out, row);
	fputs("</td>", out);
	for (m = 0; m < COMPARE_GATE_MEASURES; m++) {
		const struct trend_series *s = series_of(e, row, (enum compare_measure)m);

		fputs("<td>", out);
		if (s) {
			put_text(out,
				 trend_value_text(text, s->measure, s->value[s->nr - 1]));
			fprintf(out, " <span class=\"%s\">%s</span>",
				trend_verdict_word(s->verdict),
				trend_verdict_word(s->verdict));
			put_spark(out, s);
		} else {
			fputs("<span class=\"dim\">-</span>", out);
		}
		fputs("</td>", out);
	}
	fputs("</tr>\n", out);
}

static void put_overview(FILE *out, const struct trend *t)
{
	size_t i;

	fputs("<div class=\"wide\"><table class=\"o\"><thead><tr>"
	      "<th class=\"k\" scope=\"col\">workload, kind</th>",
	      out);
	for (i = 0; i < COMPARE_GATE_MEASURES; i++)
		fprintf(out, "<th scope=\"col\">%s</th>",
			compare_measure_name((enum compare_measure)i));
	fputs("</tr></thead>\n", out);
	for (i = 0; i < t->entry_nr; i++) {
		const struct trend_entry *e = &t->entry[i];

		fprintf(out,
			"<tbody><tr><th class=\"e\" scope=\"rowgroup\" colspan=\"%d\">"
			"<a href=\"#",
			1 + COMPARE_GATE_MEASURES);
		put_id(out, e);
		fputs("\">", out);
		put_text(out, e->of->name);
		fputs("</a> <span class=\"dim\">on ", out);
		put_text(out, e->of->host);
		fputs("</span></th></tr>\n", out);
		each_row(out, e, put_overview_row);
		fputs("</tbody>\n", out);
	}
	fputs("</table></div>\n", out);
}

static void put_graphs(FILE *out, const struct trend_entry *e,
		       const struct store_row *row)
{
	size_t i;

	fputs("<h3>", out);
	put_row_name(out, row);
	fputs("</h3><div class=\"grid\">\n", out);
	for (i = 0; i < e->series_nr; i++)
		if (e->series[i].row == row)
			put_graph(out, e, &e->series[i]);
	fputs("</div>\n", out);
}

/* A link to what lies beside a result, where it does. */
static void put_other(FILE *out, const struct trend_entry *e, const char *file,
		      const char *ending, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%.*s%s", e->of->path,
		     (int)(strlen(file) - strlen(".json")), file, ending) < 0)
		return;
	if (!access(path, R_OK)) {
		fputs(" <a href=\"", out);
		put_file(out, e, file, ending);
		fprintf(out, "\">%s</a>", name);
	}
	free(path);
}

static void put_nights(FILE *out, const struct trend_entry *e)
{
	char when[FORMAT_MAX];
	size_t i;

	fprintf(out,
		"<details><summary>All %zu nights</summary><div class=\"wide\"><table>"
		"<tr><th>began (UTC)</th><th>kernel</th><th>files</th></tr>\n",
		e->of->run_nr);
	for (i = e->of->run_nr; i--;) {
		const struct store_run *run = &e->of->run[i];

		fprintf(out, "<tr><td>%s%s</td><td>", format_time(when, &run->started),
			run->interrupted ? ", interrupted" : "");
		put_text(out, run->kernel);
		fputs("</td><td><a href=\"", out);
		put_file(out, e, run->file, NULL);
		fputs("\">result</a>", out);
		put_other(out, e, run->file, ".txt", "report");
		put_other(out, e, run->file, ".svg", "plot");
		fputs("</td></tr>\n", out);
	}
	fputs("</table></div></details>\n", out);
}

static void put_entry(FILE *out, const struct trend_entry *e)
{
	char from[FORMAT_MAX], to[FORMAT_MAX];
	const struct store_run *last = &e->of->run[e->of->run_nr - 1];

	fputs("<section><h2 id=\"", out);
	put_id(out, e);
	fputs("\">", out);
	put_text(out, e->of->name);
	fputs(" <span class=\"dim\">on ", out);
	put_text(out, e->of->host);
	fprintf(out, "</span></h2><p class=\"dim\">%zu nights, %s to %s, kernel ",
		e->of->run_nr, format_day(from, &e->of->run[0].started),
		format_day(to, &last->started));
	put_text(out, last->kernel);
	if (e->left_out)
		fprintf(out, "; %zu of another workload or machine are left out",
			e->left_out);
	if (e->interrupted)
		fprintf(out, "; %zu were interrupted", e->interrupted);
	fputs("</p>\n", out);
	each_row(out, e, put_graphs);
	put_nights(out, e);
	fputs("</section>\n", out);
}

int page_write(const struct trend *t, FILE *out)
{
	size_t i;

	fputs(head, out);
	fputs("<header><h1>diowait, every night</h1><p>", out);
	if (!t->entry_nr)
		fputs("No results yet.", out);
	else
		fprintf(out,
			"<span class=\"%s\">%zu slower</span>, "
			"<span class=\"%s\">%zu faster</span> in the last %zu nights, by "
			"slat p50, lat p50 and lat p99.",
			t->slower_nr ? "slower" : "dim", t->slower_nr,
			t->faster_nr ? "faster" : "dim", t->faster_nr,
			t->options.recent_nr);
	fputs("</p></header>\n<main>\n", out);
	if (t->entry_nr)
		put_overview(out, t);
	for (i = 0; i < t->entry_nr; i++)
		put_entry(out, &t->entry[i]);
	fputs("</main>\n<footer><p class=\"dim\">Changes are found by E-divisive means and "
	      "kept by t-tests; a night alone never is one. Bars: mean of the level since a "
	      "change. Hollow: a night that stood out alone. -: too few samples for that "
	      "quantile, or none.</p>",
	      out);
	for (i = 0; i < t->store->skipped_nr; i++) {
		fputs("<p>skipped: ", out);
		put_text(out, t->store->skipped[i]);
		fputs("</p>", out);
	}
	fputs("</footer>\n", out);
	fputs(script, out);
	fputs("</body></html>\n", out);
	return ferror(out) ? -EIO : 0;
}
