// SPDX-License-Identifier: GPL-2.0-or-later
#include "evidence/symbols.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUNCTION_MAX_BYTES (1u << 20) /* no function is as long */
#define LINE_MAX_BYTES 1024	      /* the kernel's longest name has 511 */
#define POOL_MAX_BYTES (1u << 28)

/* How good a name is, of several at one address; the lowest wins. */
enum rank { RANK_GLOBAL, RANK_LOCAL, RANK_WEAK, RANK_BOUNDARY };

struct symbol {
	uint64_t address;
	uint32_t name; /* offset in the pool */
	uint16_t underscores;
	uint8_t rank;
	bool cut; /* the compiler had appended to the name */
};

struct symbols {
	struct symbol *symbol; /* by address, ascending, each address once */
	size_t nr, max;
	char *pool; /* names, each with its NUL */
	size_t pool_bytes, pool_max;
};

/* Makes room for one more of size bytes; *max in elements. */
static int grow(void **array, size_t nr, size_t more, size_t *max, size_t size)
{
	size_t want = *max ? *max : 4096;
	void *bigger;

	if (nr + more <= *max)
		return 0;
	while (want < nr + more)
		want += want / 2;
	bigger = realloc(*array, want * size);
	if (!bigger)
		return -ENOMEM;
	*array = bigger;
	*max = want;
	return 0;
}

static int add_name(struct symbols *s, const char *name, size_t bytes, uint32_t *at)
{
	int ret = -EFBIG;

	if (s->pool_bytes + bytes < POOL_MAX_BYTES)
		ret = grow((void **)&s->pool, s->pool_bytes, bytes + 1, &s->pool_max, 1);
	if (ret)
		return ret;
	*at = (uint32_t)s->pool_bytes;
	memcpy(s->pool + s->pool_bytes, name, bytes);
	s->pool[s->pool_bytes + bytes] = '\0';
	s->pool_bytes += bytes + 1;
	return 0;
}

static enum rank rank_of(char type, const char *name)
{
	/* The linker's marks for an end share the address with nothing that runs. */
	if (!strncmp(name, "_etext", 6) || !strncmp(name, "_einittext", 10))
		return RANK_BOUNDARY;
	switch (type) {
	case 'T':
		return RANK_GLOBAL;
	case 't':
		return RANK_LOCAL;
	case 'W':
	case 'w':
		return RANK_WEAK;
	default:
		return RANK_BOUNDARY;
	}
}

/*
 * One line, "ffffffff81000000 T name[.suffix][\t[module]]". Sets *hidden where the
 * address of a function is zero.
 */
static int add_line(struct symbols *s, const char *line, bool *hidden)
{
	struct symbol *sym;
	size_t bytes, under;
	uint64_t address;
	enum rank rank;
	char *end;
	int ret;

	errno = 0;
	address = strtoull(line, &end, 16);
	if (errno || end == line || end[0] != ' ' || !end[1] || end[2] != ' ' || !end[3])
		return -EINVAL;
	line = end + 3;
	rank = rank_of(end[1], line);
	if (!address) {
		*hidden |= rank != RANK_BOUNDARY;
		return 0;
	}
	/* The padding before a function has a name of its own, and runs never. */
	if (!strncmp(line, "__pfx_", 6))
		return 0;
	/* A dot is in no name of C but a compiler's; in front it would be all of it. */
	bytes = strcspn(line, "\t \n");
	if (line[0] != '.')
		bytes = strcspn(line, ".\t \n");
	if (!bytes)
		return -EINVAL;
	if (s->nr == SYMBOLS_MAX)
		return -EFBIG;
	ret = grow((void **)&s->symbol, s->nr, 1, &s->max, sizeof(*s->symbol));
	if (ret)
		return ret;
	sym = &s->symbol[s->nr];
	sym->address = address;
	sym->rank = (uint8_t)rank;
	sym->name = 0;
	under = strspn(line, "_");
	sym->underscores = (uint16_t)under;
	sym->cut = line[bytes] == '.';
	if (rank != RANK_BOUNDARY) {
		ret = add_name(s, line, bytes, &sym->name);
		if (ret)
			return ret;
	}
	s->nr++;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	if (x->rank != y->rank)
		return (int)x->rank - (int)y->rank;
	if (x->underscores != y->underscores)
		return (int)x->underscores - (int)y->underscores;
	/* Names are in the pool in the order of the file. */
	return x->name < y->name ? -1 : x->name > y->name;
}

static int read_lines(struct symbols *s, FILE *f, bool *hidden)
{
	char line[LINE_MAX_BYTES];
	int ret = 0;

	while (!ret && fgets(line, sizeof(line), f)) {
		/* What is cut off would be the next line, or a name that is none. */
		if (!strchr(line, '\n') && !feof(f))
			return -EINVAL;
		ret = add_line(s, line, hidden);
	}
	if (!ret && ferror(f))
		ret = errno ? -errno : -EIO;
	return ret;
}

/* Sorts, leaves one symbol an address, and gives back what was allocated ahead. */
static int finish(struct symbols *s, bool hidden)
{
	size_t i, nr = 0, functions = 0;
	void *smaller;

	for (i = 0; i < s->nr; i++)
		functions += s->symbol[i].rank != RANK_BOUNDARY;
	if (!functions)
		return hidden ? -EPERM : -ENODATA;
	qsort(s->symbol, s->nr, sizeof(*s->symbol), compare);
	for (i = 0; i < s->nr; i++) {
		if (!nr || s->symbol[nr - 1].address != s->symbol[i].address)
			s->symbol[nr++] = s->symbol[i];
	}
	s->nr = nr;
	smaller = realloc(s->symbol, nr * sizeof(*s->symbol));
	if (smaller) {
		s->symbol = smaller;
		s->max = nr;
	}
	smaller = realloc(s->pool, s->pool_bytes);
	if (smaller) {
		s->pool = smaller;
		s->pool_max = s->pool_bytes;
	}
	return 0;
}

int symbols_load(const char *path, struct symbols **out)
{
	bool hidden = false;
	struct symbols *s;
	FILE *f;
	int ret;

	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	f = fopen(path, "re");
	if (!f) {
		ret = -errno;
		goto out;
	}
	ret = read_lines(s, f, &hidden);
	fclose(f);
	if (!ret)
		ret = finish(s, hidden);
out:
	if (ret)
		symbols_free(s);
	else
		*out = s;
	return ret;
}

void symbols_free(struct symbols *s)
{
	if (!s)
		return;
	free(s->symbol);
	free(s->pool);
	free(s);
}

const char *symbols_name(const struct symbols *s, uint64_t address)
{
	size_t low = 0, high = s->nr;

	/* The first that starts behind address: the one before it contains it. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->symbol[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	if (s->symbol[low - 1].rank == RANK_BOUNDARY ||
	    address - s->symbol[low - 1].address >= FUNCTION_MAX_BYTES)
		return NULL;
	return s->pool + s->symbol[low - 1].name;
}

uint64_t symbols_address(const struct symbols *s, const char *name)
{
	uint64_t address[2] = { 0, 0 };
	size_t nr[2] = { 0, 0 };
	size_t i;

	for (i = 0; i < s->nr; i++) {
		const struct symbol *sym = &s->symbol[i];

		if (sym->rank == RANK_BOUNDARY || strcmp(s->pool + sym->name, name))
			continue;
		address[sym->cut] = sym->address;
		nr[sym->cut]++;
	}
	if (nr[false])
		return nr[false] == 1 ? address[false] : 0;
	return nr[true] == 1 ? address[true] : 0;
}

size_t symbols_count(const struct symbols *s)
{
	return s->nr;
}

size_t symbols_bytes(const struct symbols *s)
{
	return sizeof(*s) + s->max * sizeof(*s->symbol) + s->pool_max;
}
