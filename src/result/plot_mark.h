/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a plot of diowait's is known, so that nothing else is replaced by one. An svg
 * has a comment in its second line, a png a chunk behind its header, a text its
 * frame and, at the end of its caption, "diowait VERSION, YYYY-MM-DD".
 */
#ifndef DIOWAIT_PLOT_MARK_H
#define DIOWAIT_PLOT_MARK_H

#include <stdbool.h>
#include <stdio.h>

#include "result/figure.h"

/* Whether what in holds, from where it is on, has the mark, or is empty. */
bool plot_mark_found(FILE *in, enum figure_format format);

/*
 * What gnuplot drew, with the mark; a text without the blanks at the ends of its
 * lines, the empty lines before it and the form feeds of the terminal. Errors are
 * those of the streams.
 */
void plot_mark_copy(FILE *from, FILE *to, enum figure_format format);

#endif
