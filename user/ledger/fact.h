/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_LEDGER_FACT_H
#define CGSPAN_LEDGER_FACT_H

#include <stdbool.h>
#include <stdint.h>

/* One resource of one group, as the kernel has it now. */
struct ledger_fact {
	const char *path;
	uint32_t res;			/* enum cgspan_resource */
	uint64_t lease;
	uint64_t used;			/* charged or reserved, subtree */
	uint64_t refusals;		/* counter: refusals by this lease */
	uint64_t forks;			/* tasks: counter of admissions, subtree */
	uint64_t waiting;		/* the sum of the queued admissions */
	uint64_t asked;			/* largest refused since the lease was set */
	uint32_t members;		/* in the subtree; without members: no floor */
	uint64_t limit;			/* the cluster's, as the kernel was told */
	uint8_t on_expiry;		/* enum cgspan_on_expiry, likewise */
	bool refused;			/* by a "credit" event, or overdrawn */
};

#endif /* CGSPAN_LEDGER_FACT_H */
