// SPDX-License-Identifier: GPL-2.0-or-later
#include "evidence/cause_pattern.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t\n");
}

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* NAME, *NAME or NAME*. */
static int parse_name(struct cause_pattern *p, const char **at)
{
	struct cause_name *name = &p->name[p->name_nr++];
	const char *s = skip_blanks(*at);

	*name = (struct cause_name){ .any_start = *s == '*' };
	s += name->any_start;
	name->text = s;
	while (is_name_char(*s))
		s++;
	name->bytes = (uint16_t)(s - name->text);
	name->any_end = *s == '*';
	s += name->any_end;
	*at = skip_blanks(s);
	return name->bytes && !(name->any_start && name->any_end) ? 0 : -EINVAL;
}

/* $, or names with | between, or these in brackets. */
static int parse_term(struct cause_pattern *p, struct cause_term *term, const char **at)
{
	const char *s = skip_blanks(*at);
	int ret;

	term->first = (uint16_t)p->name_nr;
	term->end = *s == '$';
	if (term->end) {
		*at = skip_blanks(s + 1);
		return term->starts || term->below || term[-1].optional ? -EINVAL : 0;
	}
	term->optional = *s == '[';
	s += term->optional;
	do {
		ret = parse_name(p, &s);
		if (ret)
			return ret;
		term->nr++;
	} while (*s == '|' && s++);
	if (term->optional && *s++ != ']')
		return -EINVAL;
	*at = skip_blanks(s);
	return 0;
}

static int parse_chain(struct cause_pattern *p, const char **at)
{
	bool starts = true, below = true, solid = false;
	const char *s = *at;

	for (;;) {
		struct cause_term *term = &p->term[p->term_nr++];
		int ret;

		*term = (struct cause_term){ .starts = starts, .below = below };
		ret = parse_term(p, term, &s);
		if (ret)
			return ret;
		solid |= !term->optional && !term->end;
		if (*s != '<')
			break;
		if (term->end)
			return -EINVAL;
		starts = false;
		below = s[1] == '<';
		s += 1 + below;
	}
	*at = s;
	return solid ? 0 : -EINVAL;
}

int cause_pattern_parse(struct cause_pattern *p, const char *text)
{
	/* A separator more, at least, for each name and term but the first. */
	size_t most = 1, i;
	int ret;

	*p = (struct cause_pattern){ 0 };
	for (i = 0; text[i]; i++)
		most += strchr("|<;", text[i]) != NULL;
	if (most > UINT16_MAX || i > UINT16_MAX)
		return -EINVAL;
	p->name = calloc(most, sizeof(*p->name));
	p->term = calloc(most, sizeof(*p->term));
	if (!p->name || !p->term) {
		ret = -ENOMEM;
		goto out;
	}
	do
		ret = parse_chain(p, &text);
	while (!ret && *text == ';' && text++);
	if (!ret && *text)
		ret = -EINVAL;
out:
	if (ret)
		cause_pattern_free(p);
	return ret;
}

void cause_pattern_free(struct cause_pattern *p)
{
	free(p->name);
	free(p->term);
	*p = (struct cause_pattern){ 0 };
}

static bool name_matches(const struct cause_name *name, const char *frame)
{
	size_t bytes;

	if (!name->any_start) {
		if (strncmp(frame, name->text, name->bytes) != 0)
			return false;
		return name->any_end || !frame[name->bytes] || frame[name->bytes] == '.';
	}
	bytes = strcspn(frame, ".");
	return bytes >= name->bytes &&
	       !memcmp(frame + bytes - name->bytes, name->text, name->bytes);
}

static bool term_matches(const struct cause_pattern *p, const struct cause_term *term,
			 const char *frame)
{
	uint16_t i;

	if (!frame)
		return false;
	for (i = 0; i < term->nr; i++) {
		if (name_matches(&p->name[term->first + i], frame))
			return true;
	}
	return false;
}

/* Whether the terms t.. match from frame at on; below: or anywhere behind it. */
static bool terms_match(const struct cause_pattern *p, size_t t, bool below,
			const char *const *names, size_t at, size_t nr)
{
	const struct cause_term *term = &p->term[t], *next = term + 1;
	bool last = t + 1 == p->term_nr || next->starts;
	size_t i;

	if (term->end)
		return at == nr;
	for (i = at; i < nr && (i == at || below); i++) {
		if (!term_matches(p, term, names[i]))
			continue;
		if (last || terms_match(p, t + 1, next->below, names, i + 1, nr))
			return true;
		/* What is not found behind this frame isn't behind a later one. */
		if (next->below)
			break;
	}
	if (!term->optional)
		return false;
	return last || terms_match(p, t + 1, below || next->below, names, at, nr);
}

bool cause_pattern_match(const struct cause_pattern *p, const char *const *names,
			 size_t nr)
{
	size_t t;

	for (t = 0; t < p->term_nr; t++) {
		if (p->term[t].starts && terms_match(p, t, true, names, 0, nr))
			return true;
	}
	return false;
}
