/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "workload/jobfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workload/error.h"
#include "workload/option.h"

/* A stretch of text, not terminated. */
struct span {
	const char *p;
	size_t len;
};

static int read_file(struct jobfile_reader *r, const char *path, const char *name,
		     const struct workload_where *from);

/* The carriage return of a DOS file is a blank at the end of its line. */
static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static struct span span_strip(struct span s)
{
	while (s.len && is_blank(*s.p)) {
		s.p++;
		s.len--;
	}
	while (s.len && is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

/* The precision for %.*s: a message must stay readable. */
static int quote_len(struct span s)
{
	return s.len < ERROR_QUOTE_MAX ? (int)s.len : ERROR_QUOTE_MAX;
}

size_t jobfile_utf8_len(const char *s, size_t len)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t n, i;

	if (!len)
		return 0;
	if (u[0] < 0x80)
		return 1;
	/* 0x80..0xbf continue, 0xc0 and 0xc1 would be overlong ASCII. */
	if (u[0] < 0xc2 || u[0] > 0xf4)
		return 0;
	n = u[0] < 0xe0 ? 2 : (u[0] < 0xf0 ? 3 : 4);
	if (n > len)
		return 0;
	for (i = 1; i < n; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	}
	/* Overlong forms, surrogates, and what is past U+10FFFF. */
	if ((u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] > 0x9f) ||
	    (u[0] == 0xf0 && u[1] < 0x90) || (u[0] == 0xf4 && u[1] > 0x8f))
		return 0;
	return n;
}

/* Printable UTF-8: names and values go into results, reports and file names. */
static bool is_clean(struct span s)
{
	while (s.len) {
		size_t n = jobfile_utf8_len(s.p, s.len);

		if (!n || (unsigned char)*s.p < ' ' || *s.p == 0x7f)
			return false;
		s.p += n;
		s.len -= n;
	}
	return true;
}

/* Those of fio's own variables that differ from thread to thread. */
static int check_keywords(const struct workload_where *at, const char *key,
			  const char *value, struct workload_error *err)
{
	static const char *const keyword[] = {
		"$jobnum",
		"$jobname",
		"$filenum",
		"$clientuid",
	};
	const struct option_row *o = option_find(key);
	size_t i;

	/* There they are replaced for each thread: see workload_format_filename(). */
	if (o && o->keywords)
		return 0;
	for (i = 0; i < sizeof(keyword) / sizeof(keyword[0]); i++) {
		if (strstr(value, keyword[i]))
			return error_set(err, at,
					 "%s=%.*s: the keyword %s is "
					 "not supported yet; write the value "
					 "itself",
					 key, ERROR_QUOTE_MAX, value, keyword[i]);
	}
	return 0;
}

/* What comes out of the environment or of -s must be able to be in a file. */
static int check_value(const struct workload_where *at, const char *key,
		       const char *value, struct workload_error *err)
{
	const struct span all = { value, strlen(value) };

	if (all.len > JOBFILE_VALUE_MAX)
		return error_set(err, at,
				 "%s: the value has more than %d "
				 "bytes",
				 key, JOBFILE_VALUE_MAX);
	if (!is_clean(all))
		return error_set(err, at,
				 "%s=%.*s: must be printable UTF-8 "
				 "text",
				 key, ERROR_QUOTE_MAX, value);
	if (strpbrk(value, ";#") || strstr(value, "${"))
		return error_set(err, at,
				 "%s=%.*s: a value can't contain ';', "
				 "'#' or '${'",
				 key, ERROR_QUOTE_MAX, value);
	return check_keywords(at, key, value, err);
}

/* Writes the value of the variable whose name starts at p; *end is behind }. */
static int expand_one(FILE *out, const struct workload_where *at, const char *key,
		      const char *p, const char **end, struct workload_error *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	size_t len = strspn(p, letters);
	const char *value;
	char name[256];

	/* fio takes anything up to a brace; a name that is none is a slip. */
	if (p[len] != '}')
		return error_set(err, at,
				 "%s: '${' without its '}', or more "
				 "than a variable's name between them",
				 key);
	if (!len || len >= sizeof(name))
		return error_set(err, at,
				 "%s: ${} needs a variable's name of "
				 "1..%zu bytes",
				 key, sizeof(name) - 1);
	memcpy(name, p, len);
	name[len] = '\0';
	value = getenv(name);
	if (value && strlen(value) > JOBFILE_LINE_MAX)
		return error_set(err, at,
				 "%s: the value of ${%s} has more "
				 "than %d bytes",
				 key, name, JOBFILE_LINE_MAX);
	if (value)
		fputs(value, out);
	*end = p + len + 1;
	return 0;
}

int jobfile_expand(const struct workload_where *at, const char *key, const char *raw,
		   char **value, struct workload_error *err)
{
	const char *p, *next;
	char *text = NULL;
	struct span s;
	size_t len;
	FILE *out;
	int ret = 0;

	out = open_memstream(&text, &len);
	if (!out)
		return error_set_nomem(err);
	for (p = raw; !ret && (next = strstr(p, "${"));) {
		fwrite(p, 1, (size_t)(next - p), out);
		ret = expand_one(out, at, key, next + 2, &p, err);
	}
	if (!ret)
		fputs(p, out);
	if (fclose(out) && !ret)
		ret = error_set_nomem(err);
	if (ret)
		goto out;
	/* Blanks of the variable's value count as little as those of the file. */
	s = span_strip((struct span){ text, len });
	memmove(text, s.p, s.len);
	text[s.len] = '\0';
	ret = check_value(at, key, text, err);
	/* An unset variable is the likely reason for nothing at all. */
	if (!ret && !*text && strstr(raw, "${"))
		ret = error_set(err, at,
				"%s=%.*s: is empty: the variable is "
				"not set",
				key, ERROR_QUOTE_MAX, raw);
out:
	if (ret)
		free(text);
	else
		*value = text;
	return ret;
}

/* "[name]" */
static int read_section(struct jobfile_reader *r, const struct workload_where *at,
			struct span line)
{
	const char *close = memchr(line.p, ']', line.len);
	char name[JOBFILE_NAME_MAX + 1];
	struct span s;

	if (r->depth)
		return error_set(r->err, at,
				 "an included file can't have "
				 "sections ('%.*s')",
				 quote_len(line), line.p);
	if (!close)
		return error_set(r->err, at,
				 "'%.*s': a section must be "
				 "[NAME]",
				 quote_len(line), line.p);
	/* fio would make "a] x" the name. */
	if (close != line.p + line.len - 1)
		return error_set(r->err, at, "'%.*s': text behind the ']'",
				 quote_len(line), line.p);
	s.p = line.p + 1;
	s.len = (size_t)(close - s.p);
	s = span_strip(s);
	if (!s.len || s.len > JOBFILE_NAME_MAX)
		return error_set(r->err, at,
				 "the section's name must have "
				 "1..%d bytes",
				 JOBFILE_NAME_MAX);
	if (!is_clean(s))
		return error_set(r->err, at,
				 "[%.*s]: must be printable UTF-8 "
				 "text",
				 quote_len(s), s.p);
	memcpy(name, s.p, s.len);
	name[s.len] = '\0';
	r->in_section = true;
	return r->sink.section(r->sink.ctx, at, name);
}

/* "include FILE", relative to the file that says so. */
static int read_include(struct jobfile_reader *r, const struct workload_where *at,
			struct span file)
{
	const char *slash = strrchr(at->file, '/');
	char *path;
	int n, ret;

	if (!file.len || *file.p == '=')
		return error_set(r->err, at,
				 "include takes a file's name, "
				 "without '='");
	if (r->depth == JOBFILE_INCLUDE_MAX)
		return error_set(r->err, at,
				 "includes are nested deeper than "
				 "%d",
				 JOBFILE_INCLUDE_MAX);
	if (*file.p == '/' || !slash)
		n = asprintf(&path, "%.*s", (int)file.len, file.p);
	else
		n = asprintf(&path, "%.*s%.*s", (int)(slash - at->file + 1), at->file,
			     (int)file.len, file.p);
	if (n < 0)
		return error_set_nomem(r->err);
	/* The text must be readable as a job file: the line itself goes. */
	r->depth++;
	fprintf(r->text, "# include %.*s\n", (int)file.len, file.p);
	ret = read_file(r, path, path, at);
	fprintf(r->text, "# end of %.*s\n", (int)file.len, file.p);
	r->depth--;
	free(path);
	return ret;
}

/* "key=value" or a bare "key" */
static int read_option(struct jobfile_reader *r, const struct workload_where *at,
		       struct span line)
{
	const char *eq = memchr(line.p, '=', line.len);
	char *key = NULL, *raw = NULL, *value = NULL;
	struct span k = line;
	int ret;

	if (eq)
		k.len = (size_t)(eq - line.p);
	k = span_strip(k);
	if (!k.len)
		return error_set(r->err, at, "no option before the '='");
	key = strndup(k.p, k.len);
	if (eq)
		raw = strndup(eq + 1, line.len - (size_t)(eq + 1 - line.p));
	if (!key || (eq && !raw)) {
		ret = error_set_nomem(r->err);
		goto out;
	}
	ret = raw ? jobfile_expand(at, key, raw, &value, r->err) : 0;
	if (!ret)
		ret = r->sink.option(r->sink.ctx, at, key, value);
out:
	free(value);
	free(raw);
	free(key);
	return ret;
}

/* fio takes every line that starts so; "includes=x" is no include, though. */
static bool is_include(struct span line)
{
	return line.len >= 7 && !memcmp(line.p, "include", 7) &&
	       (line.len == 7 || is_blank(line.p[7]) || line.p[7] == '=');
}

/* One line as it stands in the file, without its newline. */
static int read_line(struct jobfile_reader *r, const struct workload_where *at,
		     struct span line)
{
	size_t i;

	if (line.len > JOBFILE_LINE_MAX)
		return error_set(r->err, at, "the line has more than %d bytes",
				 JOBFILE_LINE_MAX);
	if (memchr(line.p, '\0', line.len))
		return error_set(r->err, at, "a NUL byte: this is no text");
	/* Anywhere, as in fio: no quotes protect them. */
	for (i = 0; i < line.len; i++) {
		if (line.p[i] == ';' || line.p[i] == '#')
			break;
	}
	line.len = i;
	line = span_strip(line);
	if (!line.len)
		return 0;
	if (*line.p == '[')
		return read_section(r, at, line);
	if (!r->in_section)
		return error_set(r->err, at,
				 "'%.*s' stands before the first "
				 "[section]",
				 quote_len(line), line.p);
	if (is_include(line)) {
		struct span file = { line.p + 7, line.len - 7 };

		return read_include(r, at, span_strip(file));
	}
	return read_option(r, at, line);
}

/* All lines of one file, each copied to r->text on the way. */
static int read_lines(struct jobfile_reader *r, const char *name, struct span text)
{
	struct workload_where at = { .file = name };
	const char *end = text.p + text.len;
	const char *p = text.p;
	int ret = 0;

	/* Some editors begin a file with U+FEFF. */
	if (text.len >= 3 && !memcmp(p, "\xef\xbb\xbf", 3))
		p += 3;
	while (!ret && p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		struct span line = { p, (size_t)((nl ? nl : end) - p) };
		struct span body = span_strip(line);

		at.line++;
		/* What an include holds comes in its place; its line goes. */
		if (!is_include(body)) {
			fwrite(line.p, 1, line.len, r->text);
			fputc('\n', r->text);
		}
		ret = read_line(r, &at, line);
		p += line.len + 1;
	}
	return ret;
}

int jobfile_read_text(struct jobfile_reader *r, const char *name, const char *text,
		      size_t len)
{
	struct workload_where at = { .file = name };

	if (len > JOBFILE_BYTES_MAX)
		return error_set(r->err, &at, "larger than %u bytes", JOBFILE_BYTES_MAX);
	r->total_bytes += len;
	if (r->total_bytes > JOBFILE_TOTAL_MAX)
		return error_set(r->err, &at,
				 "more than %u bytes with all "
				 "includes",
				 JOBFILE_TOTAL_MAX);
	if (!r->depth)
		r->in_section = false;
	return read_lines(r, name, (struct span){ text, len });
}

/* Reads all of fd, one byte more than is allowed at most. */
static int read_all(int fd, char *buf, size_t *len)
{
	*len = 0;
	while (*len <= JOBFILE_BYTES_MAX) {
		ssize_t n = read(fd, buf + *len, JOBFILE_BYTES_MAX + 1 - *len);

		if (!n)
			break;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		*len += (size_t)n;
	}
	return 0;
}

/* from: the line that includes path, or NULL. */
static int read_file(struct jobfile_reader *r, const char *path, const char *name,
		     const struct workload_where *from)
{
	char *buf;
	size_t len = 0;
	int fd = STDIN_FILENO, ret = 0;

	/* A file may grow or be a pipe: its size is what was read, not stat's. */
	buf = malloc(JOBFILE_BYTES_MAX + 1);
	if (!buf)
		return error_set_nomem(r->err);
	if (path)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		ret = -errno;
	else
		ret = read_all(fd, buf, &len);
	if (path && fd >= 0)
		close(fd);
	if (ret)
		(void)error_set(r->err, from, "can't read %s: %s", name, strerror(-ret));
	else
		ret = jobfile_read_text(r, name, buf, len);
	free(buf);
	return ret;
}

int jobfile_read(struct jobfile_reader *r, const char *path)
{
	if (!strcmp(path, "-"))
		return read_file(r, NULL, "stdin", NULL);
	return read_file(r, path, path, NULL);
}
