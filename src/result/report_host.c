// SPDX-License-Identifier: GPL-2.0-or-later
/* The first lines of the report: where it was measured. */
#include "result/report.h"

#include <inttypes.h>
#include <string.h>

#include "result/format.h"

#define HANG 9

static const char *text_of(const struct result *r, const char *path)
{
	return facts_get_text(&r->host, path);
}

/* A number, or -1 when there is none. */
static int64_t number_of(const struct result *r, const char *path)
{
	const struct fact *f = facts_get(&r->host, path);

	return f && f->type == FACT_INT ? f->number : -1;
}

/* yes, no, or what an unknown is to be called. */
static const char *bool_of(const struct result *r, const char *path, const char *yes,
			   const char *no, const char *unknown)
{
	const struct fact *f = facts_get(&r->host, path);

	if (!f || f->type != FACT_BOOL)
		return unknown;
	return f->yes ? yes : no;
}

static void add_text(struct pieces *p, const struct result *r, const char *label,
		     const char *path)
{
	const char *text = text_of(r, path);

	if (text)
		pieces_add(p, "%s%s", label, text);
}

static void put_pieces(struct lines *l, const char *label, struct pieces *p)
{
	if (p->text)
		lines_put(l, HANG, "%-8s %s", label, p->text);
	pieces_clear(p);
}

/* The processor's signature as it is, but KVM's, which says its name thrice. */
static void add_hypervisor(struct pieces *p, const struct result *r)
{
	static const char kvm[] = "KVMKVMKVM";
	const char *text = text_of(r, "hypervisor");
	size_t len = text ? strcspn(text, " ") : 0;

	if (len == strlen(kvm) && !memcmp(text, kvm, len))
		pieces_add(p, "hypervisor KVM%s", text + len);
	else
		add_text(p, r, "hypervisor ", "hypervisor");
}

static void put_machine(const struct result *r, struct lines *l)
{
	struct pieces p = { .l = l };

	add_text(&p, r, "", "kernel");
	add_text(&p, r, "preempt ", "preempt");
	if (number_of(r, "hz") > 0)
		pieces_add(&p, "%" PRId64 " Hz", number_of(r, "hz"));
	put_pieces(l, "kernel", &p);

	if (number_of(r, "cpus") > 0)
		pieces_add(&p, "%" PRId64 " CPU%s", number_of(r, "cpus"),
			   number_of(r, "cpus") == 1 ? "" : "s");
	add_text(&p, r, "", "cpu");
	add_hypervisor(&p, r);
	add_text(&p, r, "governor ", "governor");
	put_pieces(l, "machine", &p);
}

static void put_file_system(const struct result *r, struct lines *l)
{
	const char *type = text_of(r, "filesystem.type"), *journal;
	const char *source = text_of(r, "filesystem.source");
	struct pieces p = { .l = l };
	char bytes[FORMAT_MAX];

	if (!type)
		return;
	pieces_add(&p, "%s on %s", type, source ? source : "?");
	journal = bool_of(r, "filesystem.journal", NULL, "no journal", NULL);
	if (journal)
		pieces_add(&p, "%s", journal);
	if (number_of(r, "filesystem.block_size") > 0)
		pieces_add(&p, "block %s",
			   format_bytes(bytes,
					(uint64_t)number_of(r, "filesystem.block_size")));
	if (number_of(r, "filesystem.log_size_bytes") > 0)
		pieces_add(&p, "log %s",
			   format_bytes(bytes, (uint64_t)number_of(
						       r, "filesystem.log_size_bytes")));
	if (number_of(r, "filesystem.free_bytes") >= 0)
		pieces_add(&p, "free %s",
			   format_bytes(bytes,
					(uint64_t)number_of(r, "filesystem.free_bytes")));
	put_pieces(l, "fs", &p);
	add_text(&p, r, "", "filesystem.mount_options");
	put_pieces(l, "mount", &p);
}

/* Everything that decides what a flush or a forced wait costs. */
static void put_device(const struct result *r, struct lines *l)
{
	const char *cache;
	struct pieces p = { .l = l };
	char text[FORMAT_MAX];

	add_text(&p, r, "", "block.name");
	add_text(&p, r, "scheduler ", "block.scheduler");
	cache = text_of(r, "block.write_cache");
	if (cache)
		pieces_add(&p, "cache %s", cache);
	pieces_add(&p, "%s", bool_of(r, "block.fua", "FUA", "no FUA", "FUA unknown"));
	if (number_of(r, "block.wbt") > 0)
		pieces_add(&p, "wbt %s",
			   format_ns(text, 1e3 * (double)number_of(r, "block.wbt")));
	if (text_of(r, "block.name"))
		put_pieces(l, "device", &p);
	pieces_clear(&p);

	if (!text_of(r, "loop.backing_file"))
		return;
	pieces_add(&p, "dio %s", bool_of(r, "loop.dio", "on", "off", "unknown"));
	if (number_of(r, "loop.offset") > 0)
		pieces_add(&p, "offset %" PRId64, number_of(r, "loop.offset"));
	add_text(&p, r, "backed by ", "loop.backing_fs");
	add_text(&p, r, "", "loop.backing_file");
	put_pieces(l, "loop", &p);
}

void report_host(const struct result *r, struct lines *l)
{
	put_machine(r, l);
	put_file_system(r, l);
	put_device(r, l);
}
