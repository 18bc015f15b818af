/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What diowait stress found, as a part of the document. */
#ifndef DIOWAIT_RESULT_STRESS_H
#define DIOWAIT_RESULT_STRESS_H

#include "result/doc.h"
#include "result/result.h"

/* The object of s in a document. */
struct json_t *stress_object(struct doc *d, const struct result_stress *s);

/* Its inverse: 0 and *out (result_stress_free()), or -ENOMEM. */
int stress_of(const struct json_t *object, struct result_stress **out);

/* Takes NULL. */
void result_stress_free(struct result_stress *s);

#endif
