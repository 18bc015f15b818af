/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of the kernel's functions by address, from /proc/kallsyms.
 *
 * A symbol that is not text ends the function before it, and names nothing.
 * Of several names at one address the strong one is kept, then the global one, then
 * the one with fewer leading underscores, then the first in the file.
 */
#ifndef DIOWAIT_SYMBOLS_H
#define DIOWAIT_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

struct symbols;

/*
 * Reads the file at path, in the form of /proc/kallsyms, once. It can be thrown away
 * with symbols_free(); it is read-only after this, so threads may share it.
 * Returns 0 and sets *out, else leaves it alone:
 *	-EPERM	all addresses are zero: kernel.kptr_restrict hides them from
 *		this user (0 shows them; 1 shows them to CAP_SYSLOG)
 *	-EINVAL	a line is no "ADDRESS TYPE NAME"
 *	-ENODATA	it names no function
 *	-EFBIG	more than SYMBOLS_MAX symbols, or 256 MiB of names: no kallsyms
 *	-ENOMEM, or what opening and reading gives
 */
#define SYMBOLS_MAX (1u << 22)
int symbols_load(const char *path, struct symbols **out);

void symbols_free(struct symbols *s);

/*
 * The function that contains address, without what the compiler appended to its
 * name (.constprop.0, .isra.0, .part.0, .cold, .llvm.123). NULL when it is not known:
 * below or above the kernel's text, past its end, or more than 1 MiB into it. The
 * name is valid until symbols_free().
 *
 * In a call chain only the innermost address is that of an instruction; the others
 * are return addresses, which lie past the function's end where its last
 * instruction is a call that never returns. Ask for those minus 1.
 */
const char *symbols_name(const struct symbols *s, uint64_t address);

/*
 * Where the function of that name starts: the one to which the compiler appended
 * nothing, where there are others. 0 when none or several are so called, or when
 * another name of the address is kept. A search through all of them.
 */
uint64_t symbols_address(const struct symbols *s, const char *name);

/* Number of addresses known, and bytes that s occupies. */
size_t symbols_count(const struct symbols *s);
size_t symbols_bytes(const struct symbols *s);

#endif
