// SPDX-License-Identifier: GPL-2.0-or-later
/* The document into a file: at every moment there is a whole one at its name. */
#include "result/probe.h"
#include "result/replace.h"
#include "result/result.h"

int result_write(const struct result *r, const char *path)
{
	struct replace file;
	int err = replace_begin(&file, path);

	return err ? err : replace_end(&file, result_dump(r, file.out), true);
}

int probe_write(const struct probe *p, const char *path)
{
	struct replace file;
	int err = replace_begin(&file, path);

	return err ? err : replace_end(&file, probe_dump(p, file.out), true);
}
