// SPDX-License-Identifier: GPL-2.0-or-later
/* replay TARGET FILE...: feeds the files to a target, without libFuzzer. */
#include "targets.h"

#include <stdio.h>
#include <stdlib.h>

#define INPUT_BYTES_MAX (1u << 20)

int main(int argc, char **argv)
{
	const struct fuzz_target *target;
	size_t *size = calloc((size_t)argc, sizeof(*size));
	uint8_t **data = calloc((size_t)argc, sizeof(*data));
	int i;

	if (!size || !data)
		return 1;
	/* Paths are from here, and the target goes elsewhere. */
	for (i = 2; i < argc; i++) {
		FILE *in = fopen(argv[i], "rb");

		data[i] = malloc(INPUT_BYTES_MAX);
		if (!in || !data[i]) {
			perror(argv[i]);
			return 1;
		}
		size[i] = fread(data[i], 1, INPUT_BYTES_MAX, in);
		fclose(in);
	}
	target = fuzz_target_open(argc > 1 ? argv[1] : NULL);
	if (!target || argc < 3) {
		fputs("Usage: replay TARGET FILE...\n", stderr);
		return 1;
	}
	for (i = 2; i < argc; i++) {
		/* As large as it is, so that a sanitizer sees what is behind. */
		uint8_t *exact = realloc(data[i], size[i] ? size[i] : 1);

		target->run(exact, size[i]);
		free(exact);
	}
	printf("%s: %d inputs\n", argv[1], argc - 2);
	free(data);
	free(size);
	return 0;
}
