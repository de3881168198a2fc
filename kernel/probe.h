/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_PROBE_H
#define CGSPAN_PROBE_H

#include <linux/types.h>

struct tracepoint;

/**
 * struct cgspan_probe - a function of ours at a tracepoint of the kernel
 * @name: the tracepoint's
 * @fn: the function; its type is for the caller to check
 * @tp: what cgspan_probe_find() found
 * @on: it is attached
 */
struct cgspan_probe {
	const char *name;
	void *fn;
	struct tracepoint *tp;
	bool on;
};

int cgspan_probe_find(struct cgspan_probe *probes, unsigned int n);
int cgspan_probe_attach(struct cgspan_probe *probes, unsigned int n);
void cgspan_probe_detach(struct cgspan_probe *probes, unsigned int n);

#endif /* CGSPAN_PROBE_H */
