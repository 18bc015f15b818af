/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arithmetic in the values of numeric keys, as fio has it in parentheses and with
 * its keywords: + - * / % ^, in whole numbers, ^ before * / % before + -, powers
 * from the right, the others from the left.
 */
#ifndef DIOWAIT_ARITH_H
#define DIOWAIT_ARITH_H

#include <stdbool.h>
#include <stddef.h>

/* True for a value that has arithmetic or a keyword in it. */
bool arith_is_in(const char *value);

/*
 * True for arithmetic that fio would not do, since it is in no parentheses and has
 * no keyword: of 128*2 it reads 128.
 */
bool arith_is_bare(const char *value);

/*
 * Copies value with each part that has arithmetic in it replaced by its decimal
 * result. Parts are divided by ':', ',' and '-'; minus and modulo are operators in
 * parentheses only, since they divide ranges and mark shares elsewhere. Operands
 * are numbers with the suffixes of sizes, and $pagesize (bytes), $mb_memory (MiB)
 * and $ncpus (processors online). Into out, of size bytes. 0; -EINVAL: no such
 * expression, a division by 0, or below 0; -ERANGE: does not fit.
 */
int arith_reduce(const char *value, char *out, size_t size);

#endif
