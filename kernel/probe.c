// SPDX-License-Identifier: GPL-2.0
/*
 * Tracepoints by name: the kernel exports few of them. Their probes are registered
 * as void pointers; the file that has a probe checks its type at compile time, with
 * check_trace_callback_type_*().
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "probe.h"

#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

struct search {
	struct cgspan_probe *probes;
	unsigned int n;
};

static void note_tracepoint(struct tracepoint *tp, void *data)
{
	struct search *search = data;
	unsigned int i;

	for (i = 0; i < search->n; i++)
		if (!strcmp(tp->name, search->probes[i].name))
			search->probes[i].tp = tp;
}

/* Return: 0, or -ENOENT: the kernel lacks a tracepoint, whose name is logged. */
int cgspan_probe_find(struct cgspan_probe *probes, unsigned int n)
{
	struct search search = { .probes = probes, .n = n };
	unsigned int i;

	for_each_kernel_tracepoint(note_tracepoint, &search);
	for (i = 0; i < n; i++)
		if (!probes[i].tp) {
			pr_err("this kernel has no tracepoint %s\n",
			       probes[i].name);
			return -ENOENT;
		}
	return 0;
}

/* Return: 0, or an error: then some probes may be attached. */
int cgspan_probe_attach(struct cgspan_probe *probes, unsigned int n)
{
	struct cgspan_probe *p;
	int ret;

	for (p = probes; p < probes + n; p++) {
		ret = tracepoint_probe_register(p->tp, p->fn, NULL);
		if (ret)
			return ret;
		p->on = true;
	}
	return 0;
}

/* The probes may still run until tracepoint_synchronize_unregister() returns. */
void cgspan_probe_detach(struct cgspan_probe *probes, unsigned int n)
{
	struct cgspan_probe *p;

	for (p = probes; p < probes + n; p++) {
		if (p->on)
			tracepoint_probe_unregister(p->tp, p->fn, NULL);
		p->on = false;
	}
}
