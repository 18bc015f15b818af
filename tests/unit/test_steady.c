// SPDX-License-Identifier: GPL-2.0-or-later
/* Steady states: distances and slopes that are known, and threads that come in turns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "load/steady_job.h"
#include "parse_helper.h"

#define S_NS UINT64_C(1000000000)

static void near(double is, double want)
{
	assert_true(fabs(is - want) <= 1e-9 * fabs(want));
}

static void test_judge(void **state)
{
	static const double rises[] = { 100, 104, 102, 110, 114 };
	static const double zeros[] = { 0, 0, 0 };
	struct steady_verdict s;

	(void)state;
	s = steady_judge(rises, 5, false, false);
	near(s.mean, 106);
	near(s.value, 8);
	near(steady_judge(rises, 5, false, true).value, 100 * 8 / 106.0);
	/* (-2 * -6 + -1 * -2 + 0 + 1 * 4 + 2 * 8) / 10 */
	near(steady_judge(rises, 5, true, false).value, 3.4);
	near(steady_judge(rises, 5, true, true).value, 340 / 106.0);
	assert_false(isfinite(steady_judge(zeros, 3, true, true).value));
	assert_true(steady_judge(zeros, 3, true, false).value == 0);
}

/* A job with these keys. */
static struct steady_job *job(struct workload **w, const char *keys)
{
	char text[300];
	struct steady_job *s;

	snprintf(text, sizeof(text), PLAIN "numjobs=2\n%s", keys);
	*w = parse_ok(text, NULL, 0);
	s = steady_job_new(&(*w)->job[0]);
	assert_non_null(s);
	return s;
}

/* What two threads did until their next second. */
static struct steady_sum sum[2], told[2];

static bool tell(struct steady_job *s, unsigned int thread, double seconds, uint64_t ops)
{
	sum[thread].ops += ops;
	sum[thread].bytes += 4096 * ops;
	sum[thread].lat_ns += 50000 * ops;
	return steady_job_tell(s, thread, (uint64_t)(seconds * 1e9), &sum[thread],
			       &told[thread]);
}

static void forget(void)
{
	memset(sum, 0, sizeof(sum));
	memset(told, 0, sizeof(told));
}

/* The second of both counts when the later one has told of it. */
static void test_threads(void **state)
{
	struct workload *w;
	struct steady_job *s = job(&w, "ss=iops:5%\nss_dur=3s\nss_ramp=1s\n");
	struct steady_verdict v;
	unsigned int i;
	double after_s;

	(void)state;
	forget();
	/* The first second is of the ramp. */
	for (i = 0; i < 4; i++)
		assert_false(tell(s, 0, 1, 1000));
	for (i = 0; i < 3; i++)
		assert_false(tell(s, 1, 1, 1000));
	assert_false(tell(s, 1, 1, 700));
	v = steady_job_verdict(s, &after_s);
	near(after_s, 4);
	near(v.mean, 1900);
	near(v.value, 100 * 200 / 1900.0);
	for (i = 0; i < 2; i++) {
		assert_false(tell(s, 0, 1, 1000));
		assert_false(tell(s, 1, 1, 1000));
	}
	assert_false(steady_job_attained(s));
	assert_false(tell(s, 0, 1, 1040));
	assert_true(tell(s, 1, 1, 1000));
	assert_true(steady_job_attained(s));
	/* Whoever comes later is told, too. */
	assert_true(tell(s, 0, 1, 1));
	v = steady_job_verdict(s, &after_s);
	near(after_s, 7);
	near(v.mean, 6040 / 3.0);
	steady_job_free(s);
	workload_free(w);
}

/* Parts of a second add up; a tick is not exact; who was stuck did nothing meanwhile. */
static void test_times(void **state)
{
	struct workload *w;
	struct steady_job *s = job(&w, "ss=bw:1m\nss_dur=4s\nss_interval=2s\n");
	struct steady_verdict v;
	unsigned int i;
	double after_s;

	(void)state;
	forget();
	steady_job_leave(s, 1);
	assert_false(tell(s, 0, 0.4, 400));
	assert_false(tell(s, 0, 0.6, 600));
	assert_false(tell(s, 0, 0.99, 990));
	(void)steady_job_verdict(s, &after_s);
	assert_true(after_s == 0);
	assert_true(tell(s, 0, 2.004, 2004));
	v = steady_job_verdict(s, &after_s);
	near(after_s, 4);
	near(v.mean, 4096000);
	steady_job_free(s);
	workload_free(w);

	forget();
	s = job(&w, "ss=iops:100\nss_dur=2s\n");
	steady_job_leave(s, 1);
	assert_false(tell(s, 0, 2, 2000));
	v = steady_job_verdict(s, &after_s);
	near(after_s, 2);
	near(v.mean, 1000);
	near(v.value, 1000);
	steady_job_free(s);
	workload_free(w);

	/* An interval is not over before its last second; parts of segments are not lost. */
	forget();
	s = job(&w, "ss=iops:100\nss_dur=8s\nss_interval=4s\n");
	steady_job_leave(s, 1);
	for (i = 0; i < 8; i++) {
		(void)steady_job_verdict(s, &after_s);
		assert_true(after_s == 0);
		assert_false(tell(s, 0, 0.5, 500));
		assert_int_equal(tell(s, 0, 0.5, 500), i == 7);
	}
	v = steady_job_verdict(s, &after_s);
	near(after_s, 8);
	near(v.mean, 1000);
	steady_job_free(s);
	workload_free(w);

	forget();
	s = job(&w, "ss=iops:100\nss_dur=3s\n");
	steady_job_leave(s, 1);
	assert_false(tell(s, 0, 1, 1000));
	assert_false(tell(s, 0, 0.5, 500));
	assert_false(tell(s, 0, 1, 1000));
	assert_true(tell(s, 0, 0.5, 500));
	steady_job_free(s);
	workload_free(w);

	/* The mean lat of what there was. */
	forget();
	s = job(&w, "ss=lat_slope:1us\nss_dur=2s\n");
	assert_false(tell(s, 0, 1, 10));
	assert_false(tell(s, 1, 1, 1000));
	assert_false(tell(s, 0, 1, 1000));
	assert_true(tell(s, 1, 1, 10));
	v = steady_job_verdict(s, &after_s);
	near(v.mean, 50000);
	steady_job_free(s);
	workload_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_times),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
