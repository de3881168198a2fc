// SPDX-License-Identifier: GPL-2.0
#include "state.h"

#include <stdarg.h>
#include <stdio.h>

void state_breach(struct world *w, const char *fmt, ...)
{
	va_list ap;

	if (w->breach[0])
		return;
	va_start(ap, fmt);
	vsnprintf(w->breach, sizeof(w->breach), fmt, ap);
	va_end(ap);
}

bool state_on_hold(const struct world *w, const struct wnode *n,
		   const struct kgroup *g)
{
	return g->on_expiry != CGSPAN_ON_EXPIRY_CONTINUE && n->kernel_epoch &&
	       w->now > n->sent + TTL;
}
