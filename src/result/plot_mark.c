// SPDX-License-Identifier: GPL-2.0-or-later
/* See plot_mark.h. */
#include "result/plot_mark.h"

#include <stdlib.h>
#include <string.h>

#define COMMENT "<!-- diowait plot -->\n"
#define TEXT_MAX (1 << 18) /* no plot has as much: LINES_MAX of figure_layout.c */

/* Of a png: the signature and the header chunk, which comes first and is so long. */
#define PNG_HEAD 33
static const char png_signature[] = "\x89PNG\r\n\x1a\n";

/* The chunk "Software: diowait plot": length, type, data, checksum of type and data. */
static const char png_mark[] = "\0\0\0\x15"
			       "tEXt"
			       "Software\0diowait plot"
			       "\x92\xa5\x3f\x67";

static bool svg_found(const char *text)
{
	const char *second = strchr(text, '\n');

	return !strncmp(text, "<?xml", 5) && second &&
	       !strncmp(second + 1, COMMENT, strlen(COMMENT));
}

static bool png_found(const char *data, size_t len)
{
	return len >= PNG_HEAD + sizeof(png_mark) - 1 &&
	       !memcmp(data, png_signature, sizeof(png_signature) - 1) &&
	       !memcmp(data + PNG_HEAD, png_mark, sizeof(png_mark) - 1);
}

/* A mail with a plot in it is none: the frame is in the second line of one. */
static bool text_found(const char *text)
{
	const char *second = strchr(text, '\n'), *at = NULL, *s;

	if (!second || !strstr(second, "\n\n"))
		return false;
	second++;
	s = second + strcspn(second, "\n");
	if (second + strcspn(second, "+\n") > s - 4 || memcmp(s - 2, "-+", 2))
		return false;
	/* The caption is the last paragraph. */
	for (s = second; (s = strstr(s, "\n\n")); s++)
		at = s;
	/* Lines are folded at any of the blanks. */
	while (at && (at = strstr(at + 1, "diowait"))) {
		int end = 0;

		(void)sscanf(at, "diowait %*[^ ,\n], %*4u-%*2u-%*2u%n", &end);
		if (end)
			return true;
	}
	return false;
}

bool plot_mark_found(FILE *in, enum figure_format format)
{
	char *data = malloc(TEXT_MAX + 1);
	bool found = false;
	size_t len;

	if (!data)
		return false;
	len = fread(data, 1, TEXT_MAX, in);
	data[len] = '\0';
	if (ferror(in))
		found = false;
	else if (!len)
		found = true;
	else if (format == FIGURE_SVG)
		found = svg_found(data);
	else if (format == FIGURE_PNG)
		found = png_found(data, len);
	else
		found = len < TEXT_MAX && strlen(data) == len && text_found(data);
	free(data);
	return found;
}

static void copy_text(FILE *from, FILE *to)
{
	bool begun = false;
	char line[4096];
	size_t len;

	while (fgets(line, sizeof(line), from)) {
		const char *s = line + strspn(line, "\f");

		len = strlen(s);
		while (len && strchr(" \n\f", s[len - 1]))
			len--;
		begun = begun || len;
		if (begun)
			fprintf(to, "%.*s\n", (int)len, s);
	}
}

void plot_mark_copy(FILE *from, FILE *to, enum figure_format format)
{
	char part[4096] = "";
	size_t len = 0;

	if (format == FIGURE_TXT) {
		copy_text(from, to);
		return;
	}
	if (format == FIGURE_SVG && fgets(part, sizeof(part), from))
		len = strlen(part);
	else if (format == FIGURE_PNG)
		len = fread(part, 1, PNG_HEAD, from);
	fwrite(part, 1, len, to);
	if (format == FIGURE_SVG)
		fwrite(COMMENT, 1, strlen(COMMENT), to);
	else
		fwrite(png_mark, 1, sizeof(png_mark) - 1, to);
	while ((len = fread(part, 1, sizeof(part), from)) > 0)
		fwrite(part, 1, len, to);
}
