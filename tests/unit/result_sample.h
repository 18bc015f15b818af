/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A result as a run of mixed.job on ext4 would leave it, for the tests. */
#ifndef DIOWAIT_RESULT_SAMPLE_H
#define DIOWAIT_RESULT_SAMPLE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "result/result.h"

#define SAMPLE_ROUNDS 3

struct sample_shape {
	const char *job, *kind, *engine;
	bool extending;
	double weight;
	uint64_t ops;
	uint64_t slat_ns, lat_ns; /* about their medians */
	double victim;		  /* share of lat */
	uint64_t path[RESULT_PATH_NR];
};

/* A spread of values around ns that is the same in every run. */
static inline void sample_dist(const struct result *r, struct result_dist *d, uint64_t ns,
			       uint64_t n, bool bins)
{
	struct hist *h = malloc(sizeof(*h));
	uint64_t i;

	hist_init(h);
	for (i = 0; i < n; i++) {
		uint64_t at = i * 2654435761u % 1000;

		if (!ns)
			hist_add_zeros(h, 1);
		else
			hist_add(h, ns / 2 + ns * at / 1000 +
					    (at > 988 ? ns * (at - 985) : 0));
	}
	result_dist_fill(r, d, h, bins);
	free(h);
}

static inline void sample_kind(const struct result *r, struct result_kind *k,
			       const struct sample_shape *s, uint64_t ops, double seconds,
			       bool bins)
{
	unsigned int i;

	k->job = strdup(s->job);
	k->kind = strdup(s->kind);
	k->engine = strdup(s->engine);
	k->is_write = true;
	k->is_extending = s->extending;
	k->weight = s->weight;
	k->ops = ops;
	k->bytes = ops * 4096;
	k->iops = (double)ops / seconds;
	for (i = 0; i < RESULT_PATH_NR; i++)
		k->path[i] = s->path[i] * ops / s->ops;
	k->unknown[RESULT_UNKNOWN_SLEPT_DONE] = k->path[RESULT_UNKNOWN];
	k->blocked = s->extending ? ops : ops / 1000;
	k->done_at_return = s->extending ? ops : 0;
	sample_dist(r, &k->slat, s->slat_ns, ops, bins);
	sample_dist(r, &k->clat, s->lat_ns - s->slat_ns, ops, bins);
	sample_dist(r, &k->lat, s->lat_ns, ops, bins);
	sample_dist(r, &k->victim, (uint64_t)(s->victim * (double)s->lat_ns), ops, bins);
}

static inline void sample_host(struct facts *h)
{
	facts_text(h, "kernel", "6.18.44");
	facts_text(h, "preempt", "full");
	facts_int(h, "hz", 250);
	facts_text(h, "hypervisor", "KVMKVMKVM");
	facts_text(h, "cpu", "Intel(R) Xeon(R) Processor");
	facts_int(h, "cpus", 2);
	facts_null(h, "governor");
	facts_text(h, "loop.backing_file", "/var/tmp/ext4.img");
	facts_text(h, "loop.backing_fs", "ext4");
	facts_bool(h, "loop.dio", true);
	facts_text(h, "block.name", "loop0");
	facts_text(h, "block.scheduler", "none");
	facts_int(h, "block.wbt", 2000);
	facts_text(h, "block.write_cache", "write back");
	facts_bool(h, "block.fua", false);
	facts_text(h, "filesystem.type", "ext4");
	facts_text(h, "filesystem.source", "/dev/loop0");
	facts_text(h, "filesystem.mount_options", "rw,relatime,stripe=16,data=ordered");
	facts_bool(h, "filesystem.journal", true);
	facts_int(h, "filesystem.log_size_bytes", 64 << 20);
	facts_int(h, "filesystem.block_size", 4096);
	facts_int(h, "filesystem.free_bytes", 805306368);
}

static inline void sample_round(const struct result *r, struct result_round *one,
				const struct sample_shape *shape, size_t nr,
				unsigned int i)
{
	size_t j;

	one->seconds = 1;
	one->kind = calloc(nr, sizeof(*one->kind));
	one->kind_nr = nr;
	for (j = 0; j < nr; j++) {
		struct sample_shape s = shape[j];

		s.slat_ns += s.slat_ns * i / 20;
		s.lat_ns += s.lat_ns * i / 20;
		sample_kind(r, &one->kind[j], &s, s.ops / SAMPLE_ROUNDS, 1, false);
	}
	facts_int(&one->noise, "window_ns", 1000000000);
	facts_int(&one->noise, "steal_ns", 4000000 * i);
	facts_null(&one->noise, "freq_khz");
	facts_int(&one->noise, "ctxsw", 12345);
	facts_int(&one->noise, "migrations", 2);
	facts_int(&one->noise, "psi.cpu_some_ns", 1200000);
	facts_int(&one->noise, "psi.io_some_ns", 400000000);
	facts_null(&one->noise, "psi.memory_some_ns");
	facts_int(&one->noise, "other_write_bytes", 3 << 20);
}

static inline struct result *sample_make(const struct sample_shape *shape, size_t nr)
{
	struct result *r = result_new(NULL, 0);
	struct result_variant *v = calloc(1, sizeof(*v));
	unsigned int i;
	size_t j;

	r->started.tv_sec = 1795398000;
	sample_host(&r->host);
	r->workload_name = strdup("mixed.job");
	r->workload_text = strdup("[global]\nioengine=libaio\n");
	r->workload_sha256 = strdup("0123456789abcdef0123456789abcdef"
				    "0123456789abcdef0123456789abcdef");
	r->evidence_tier = 1;
	r->blocked_ns = 123456789;
	r->unplaced = 17;
	r->growth = (struct result_growth){
		.known = true,
		.size_before = 3ull << 28,
		.size_after = (3ull << 28) + 36000ull * 4096,
		.extended_bytes = 36000ull * 4096,
		.appended_bytes = 36000ull * 4096,
		.before = { true, 3, 3ull << 28, 0, 0 },
		.after = { true, 41, (3ull << 28) + 36000ull * 4096, 1 << 20, 0 },
	};
	v->growth = r->growth;
	v->series = calloc(1, sizeof(*v->series));
	v->series_nr = 1;
	v->series->job = strdup(shape->job);
	v->series->kind = strdup(shape->kind);
	v->series->engine = strdup(shape->engine);
	v->series->point = calloc(2, sizeof(*v->series->point));
	v->series->point_nr = 2;
	v->series->point[0] =
		(struct result_point){ 1, 0, 1, 500, 1, 2, 3, 4, 5, 6, 7, 8 };
	v->series->point[1] = (struct result_point){ 2,	 1,  0.5, 250, 9,  10,
						     11, 12, 13,  14,  15, 16 };
	r->variant = v;
	r->variant_nr = 1;
	v->seconds = SAMPLE_ROUNDS;
	facts_int(&v->keys, "iodepth", 16);
	facts_text(&v->keys, "bs", "4k");
	facts_text(&v->keys, "reap", "each");
	v->kind = calloc(nr, sizeof(*v->kind));
	v->kind_nr = nr;
	for (j = 0; j < nr; j++)
		sample_kind(r, &v->kind[j], &shape[j], shape[j].ops, SAMPLE_ROUNDS, true);
	v->round = calloc(SAMPLE_ROUNDS, sizeof(*v->round));
	v->round_nr = SAMPLE_ROUNDS;
	for (i = 0; i < SAMPLE_ROUNDS; i++)
		sample_round(r, &v->round[i], shape, nr, i);
	return r;
}

static const struct sample_shape sample_mixed[] = {
	{ "mixed",
	  "overwrite",
	  "libaio",
	  false,
	  0.7,
	  84000,
	  2400,
	  252000,
	  0.34,
	  { [RESULT_QUEUED] = 83991, [RESULT_INLINE] = 9 } },
	{ "mixed",
	  "append",
	  "libaio",
	  true,
	  0.3,
	  36000,
	  143000,
	  148000,
	  0.002,
	  { [RESULT_INLINE] = 36, [RESULT_UNKNOWN] = 35964 } },
};

static inline void sample_cause(const struct result *r, struct result_cause *c,
				const char *label, const char *help, const char *stack,
				uint64_t ns, uint64_t n)
{
	c->label = strdup(label);
	c->help = strdup(help);
	c->stack = stack ? strdup(stack) : NULL;
	c->named = !stack;
	sample_dist(r, &c->sleep, ns, n, true);
}

/* What kernel events would add to kind 1, as if half of it had been punted. */
static inline void sample_why(struct result *r)
{
	static const struct result_step step[] = {
		{ RESULT_STAGE_RUNNING, false, 0, 3000, NULL, NULL, NULL },
		{ RESULT_STAGE_IOWQ, true, 3000, 97000, NULL, NULL, NULL },
		{ RESULT_STAGE_SLEEP, true, 100000, 900000, NULL, NULL, NULL },
		{ RESULT_STAGE_UNACCOUNTED, true, 1000000, 1000000, NULL, NULL, NULL },
	};
	struct result_kind *k = &r->variant->kind[1];
	struct result_worst *w;

	r->evidence_tier = 2;
	r->named_known = true;
	r->blocked_ns = 1000000;
	r->named_ns = 992000;
	k->why = true;
	k->path[RESULT_UNKNOWN] = k->unknown[RESULT_UNKNOWN_SLEPT_DONE] = 0;
	k->path[RESULT_PUNTED] = 18000;
	k->path[RESULT_FORCED_WAIT] = 17964;
	k->flagged = 36;
	k->then[RESULT_FORCED_WAIT] = 12000;
	k->then[RESULT_QUEUED] = 6000;
	k->ran_as[RESULT_RAN_INSIDE] = 6000;
	k->ran_as[RESULT_RAN_AT] = 30000;
	sample_dist(r, &k->held, 1000, 100, true);
	sample_dist(r, &k->convoy, 50000, 36000, true);
	sample_dist(r, &k->behind, 0, 36000, true);
	k->slat_stage_ns[RESULT_STAGE_RUNNING] = 25;
	k->slat_stage_ns[RESULT_STAGE_SLEEP] = 75;
	k->lat_stage_ns[RESULT_STAGE_SLEEP] = 99;
	k->lat_stage_ns[RESULT_STAGE_UNACCOUNTED] = 1;
	k->cause = calloc(2, sizeof(*k->cause));
	k->cause_nr = 2;
	sample_cause(r, &k->cause[0], "FORCED_WAIT", "waited for its own I/O", NULL,
		     100000, 36000);
	sample_cause(r, &k->cause[1], "OTHER", "nobody knows",
		     "io_schedule < never_seen < ext4_file_write_iter", 1000, 2);
	k->worst = w = calloc(1, sizeof(*k->worst));
	k->worst_nr = 1;
	*w = (struct result_worst){ .round = 2,
				    .index = 77,
				    .offset = 12288,
				    .len = 4096,
				    .res = 4096,
				    .slat_ns = 3000,
				    .lat_ns = 2000000,
				    .path = RESULT_PUNTED,
				    .then = RESULT_FORCED_WAIT };
	w->step = calloc(4, sizeof(*w->step));
	w->step_nr = 4;
	memcpy(w->step, step, sizeof(step));
	w->step[2].cause = strdup("I_RWSEM_W");
	w->step[2].stack = strdup("rwsem_down_write_slowpath < ext4_file_write_iter");
	w->step[2].by = strdup("the write at 4096");
}

static inline struct result *sample_result(void)
{
	return sample_make(sample_mixed, 2);
}

/* What diowait stress adds, one of each. */
static inline void sample_stress(struct result *r)
{
	struct result_stress *s = result_stress_new();

	assert_non_null(s);
	r->stress = s;
	s->contract = calloc(1, sizeof(*s->contract));
	s->finding = calloc(1, sizeof(*s->finding));
	s->where = calloc(1, sizeof(*s->where));
	s->broken = calloc(1, sizeof(*s->broken));
	assert_true(s->contract && s->finding && s->where && s->broken);
	s->contract_nr = s->finding_nr = s->where_nr = 1;
	s->contract[0].name = strdup("lost");
	s->contract[0].promise = strdup("a promise");
	s->finding[0].contract = strdup("lost");
	s->finding[0].where = strdup("append, libaio");
	s->finding[0].text = strdup("found: zeros");
	s->finding[0].replay = strdup("diowait stress");
	s->where[0] = strdup("append, libaio");
}

/* A job that was steady in one round. */
static inline void sample_steady(struct result *r)
{
	struct result_round *one = &r->variant->round[0];

	one->steady = calloc(1, sizeof(*one->steady));
	assert_non_null(one->steady);
	one->steady_nr = 1;
	one->steady[0] = (struct result_steady){ strdup("w"), strdup("iops_slope:0.3%"),
						 true,	      7,
						 1234.5,      -0.25 };
}

#endif
