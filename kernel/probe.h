/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_PROBE_H
#define CGSPAN_PROBE_H

#include <linux/types.h>

struct tracepoint;

/**
 * struct cgspan_probe - a probe of a tracepoint
 * @name: of the tracepoint
 * @fn: the probe; the caller checks its type
 * @tp: the tracepoint, set by cgspan_probe_find()
 * @on: the probe is attached
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
