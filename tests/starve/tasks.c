// SPDX-License-Identifier: GPL-2.0
/*
 * The tasks of a kernel in a file (kernel.h).
 *
 * tasks FILE		print how many tasks live
 * tasks FILE COUNT	try once to start COUNT more
 * tasks FILE none	end all of them
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"

int main(int argc, char **argv)
{
	struct cgspan *c;

	if (argc < 2)
		return 2;
	c = kernel_open(argv[1]);
	if (argc == 2) {
		printf("%" PRIu64 "\n", c->kernel->used);
	} else if (!strcmp(argv[2], "none")) {
		kernel_want(c, 0);
	} else {
		kernel_want(c, c->kernel->used + strtoull(argv[2], NULL, 10));
		kernel_want(c, c->kernel->used);
	}
	return 0;
}
